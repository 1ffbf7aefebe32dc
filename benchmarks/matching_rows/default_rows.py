"""Default avatars: how often two different ones of a kind would speak for a copy, by generator, seen in fitting or not.

Drawn pictures that thousands of accounts share say nothing about who copied whom. Real photos must keep passing.
"""

from __future__ import annotations

import io
import json
import warnings
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from importlib import import_module
from itertools import permutations
from pathlib import Path

from PIL import Image

from app.photos.hashing import account_photo, subject_photo
from benchmarks.matching_rows.row import OURS, Row, say_share
from benchmarks.people import load_people, read_picture
from benchmarks.photo_pairs import make_pairs
from matchers.photo_findings import SAME_BITS
from matchers.photos import compare_photos, photo_usable
from matchers.profile import Account, Subject
from matchers.world import DEFAULT_WORLD

Picture = Image.Image
Draw = Callable[[str], Picture]
# Side in pixels and JPEG quality of what a platform would serve.
ENCODINGS = ((400, 85), (200, 75), (128, 75), (96, 60), (73, 60), (48, 75), (48, 30), (400, 30))
_SIDE = 256
_TOLD = "pairs of different default avatars that speak for a copy"
# The rules of matchers/photos.py were fitted on these and the drawn set.
_SEEN = frozenset({"pydenticon", "boring-avatars"})
_BORING = ("marble", "beam", "pixel", "sunset", "ring", "bauhaus")
# Styles of marks and shapes; those that draw a character, which a person may have chosen, are left out.
_DICEBEAR = ("identicon", "initials", "shapes", "rings", "glass", "icons", "stripes", "triangles", "waves", "weave")


def check_defaults(data: Path, each: int = 24, copied: int = 20) -> Iterator[Row]:
    """The rows: pairs of different default avatars that speak for a copy, then real photos that pass the gate."""
    yield _tell("the drawn set", _read_drawn(data, each), "fitted on")
    for name, load in GENERATORS.items():
        split = "fitted on" if name in _SEEN else "never fitted on"
        try:
            kinds = load()
        except ImportError:
            yield Row(f"{_TOLD}, {name}", "0", {OURS: "not installed"}, split=split, reach="0")
            continue
        pictures = [[draw(f"user {number}") for number in range(each)] for draw in kinds]
        yield _tell(name, pictures, split)
    yield _tell_photos(data, copied)


def _read_drawn(data: Path, each: int) -> list[list[Picture]]:
    """The drawn set by kind: initials, identicons, silhouettes of each shape, gradients and so on."""
    kinds: dict[str, list[Picture]] = defaultdict(list)
    for path in sorted((data / "avatars" / "defaults").iterdir()):
        kinds[path.stem.partition("-")[0].rstrip("_0123456789")].append(read_picture(path))
    return [pictures[:each] for pictures in kinds.values()]


def _tell(name: str, kinds: Sequence[Sequence[Picture]], split: str) -> Row:
    """One generator: each picture as a subject's photo, plain, against each other one of its kind as an avatar."""
    found = [bits for pictures in kinds for bits in _compare_all(pictures)]
    passed = [_passes(_encode(picture, *how)) for pictures in kinds for picture in pictures for how in ENCODINGS]
    false, same = sum(bits > 0 for bits in found), sum(bits >= SAME_BITS for bits in found)
    figure = f"{false:,}: {say_share(false, len(found))}, {same:,} called the same; "
    figure += f"{say_share(sum(passed), len(passed))} of {len(passed):,} pictures pass the gate"
    positives = f"{len(found):,} pairs"
    return Row(f"{_TOLD}, {name}", positives, {OURS: figure}, "plain and eight encodings", split, "0")


def _compare_all(pictures: Sequence[Picture]) -> Iterator[float]:
    """Bits of each pair of different pictures, no evidence counting 0."""
    subjects = [Subject(photos=(subject_photo(picture),)) for picture in pictures]
    worn = [
        [account_photo(picture), *(account_photo(_encode(picture, *how)) for how in ENCODINGS)] for picture in pictures
    ]
    for mine, theirs in permutations(range(len(pictures)), 2):
        if pictures[mine].tobytes() != pictures[theirs].tobytes():
            for avatar in worn[theirs]:
                finding = compare_photos(subjects[mine], Account("x", avatar=avatar), DEFAULT_WORLD)
                yield finding.bits if finding is not None else 0.0


def _tell_photos(data: Path, copied: int) -> Row:
    people = [who for who in load_people(data) if who.half == "test"][: 3 * copied]
    plain = [_passes(_encode(read_picture(who.portrait), *how)) for who in people for how in ENCODINGS]
    pairs = make_pairs(data, "test", reduced=False, people=len(people), copied=copied)
    changed = [photo_usable(copy.photo)[0] for _, copy in pairs.copies]
    both = say_share(sum(plain), len(plain)), say_share(sum(changed), len(changed))
    return Row(
        "real photos counted as evidence: re-encoded; manipulated",
        f"{len(plain):,}; {len(changed):,}",
        {OURS: "; ".join(both)},
        split="test people",
        reach="1.000",
    )


def _passes(picture: Picture) -> bool:
    return photo_usable(account_photo(picture))[0]


def _encode(picture: Picture, side: int, quality: int) -> Picture:
    out = io.BytesIO()
    picture.resize((side, side), Image.Resampling.LANCZOS).save(out, "JPEG", quality=quality)
    return read_picture(out)


def _on_white(file: bytes) -> Picture:
    with Image.open(io.BytesIO(file)) as image:
        return Image.alpha_composite(Image.new("RGBA", image.size, "white"), image.convert("RGBA")).convert("RGB")


def _from_svg(svg: str) -> Picture:
    resvg = import_module("resvg_py")
    return _on_white(bytes(resvg.svg_to_bytes(svg_string=svg, width=_SIDE, height=_SIDE)))


def _load_pydenticon() -> list[Draw]:
    package = import_module("pydenticon")

    def of_size(side: int) -> Draw:
        maker = package.Generator(side, side)
        return lambda seed: _on_white(maker.generate(seed, 240, 240))

    return [of_size(5), of_size(8)]


def _load_boring() -> list[Draw]:
    package = import_module("boringavatars")
    import_module("resvg_py")

    def of_variant(variant: str) -> Draw:
        return lambda seed: _from_svg(package.avatar(seed, variant=variant, size=_SIDE, square=True))

    return [of_variant(variant) for variant in _BORING]


def _load_blockies() -> list[Draw]:
    package = import_module("blockies")
    return [lambda seed: _on_white(package.create(seed, size=8, scale=32))]


def _load_multiavatar() -> list[Draw]:
    with warnings.catch_warnings():
        # Its source has an escape that today's Python warns about.
        warnings.simplefilter("ignore")
        package = import_module("multiavatar.multiavatar")
    import_module("resvg_py")
    return [lambda seed: _from_svg(package.multiavatar(seed, None, None))]


def _load_dicebear() -> list[Draw]:
    package = import_module("dicebear")
    folder = Path(next(iter(import_module("dicebear_styles").__path__)))
    files = {path.stem: path for path in folder.rglob("*.json")}

    def of_style(name: str) -> Draw:
        style = package.Style(json.loads(files[name].read_text(encoding="utf-8")))
        return lambda seed: _from_svg(str(package.Avatar(style, {"seed": seed})))

    return [of_style(name) for name in _DICEBEAR if name in files]


GENERATORS: dict[str, Callable[[], list[Draw]]] = {
    "pydenticon": _load_pydenticon,
    "boring-avatars": _load_boring,
    "blockies": _load_blockies,
    "multiavatar": _load_multiavatar,
    "DiceBear (marks and shapes)": _load_dicebear,
}
