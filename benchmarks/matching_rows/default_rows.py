"""Default avatars: how many would count as evidence, of the set that the gate was fitted on and of other generators.

Drawn pictures that thousands of accounts share say nothing about who copied whom. Real photos must keep passing.
"""

from __future__ import annotations

import io
import json
from collections.abc import Callable, Iterator, Sequence
from importlib import import_module
from pathlib import Path
from typing import Any

from PIL import Image

from app.photos.hashing import account_photo
from benchmarks.matching_rows.row import OURS, Row, say_share
from benchmarks.people import load_people
from benchmarks.photo_pairs import make_pairs
from matchers.photos import photo_usable

Picture = Image.Image
Draw = Callable[[str], Picture]
# Side in pixels and JPEG quality of what a platform would serve.
ENCODINGS = ((400, 85), (200, 75), (128, 75), (96, 60), (73, 60), (48, 75), (48, 30), (400, 30))
_SIDE = 256
_BORING = ("marble", "beam", "pixel", "sunset", "ring", "bauhaus")
# Styles of marks and shapes; those that draw a character, which a person may have chosen, are left out.
_DICEBEAR = ("identicon", "initials", "shapes", "rings", "glass", "icons", "stripes", "triangles", "waves", "weave")


def check_defaults(data: Path, each: int = 25, copied: int = 20) -> Iterator[Row]:
    """The rows: default avatars that pass the gate, then real photos that pass it."""
    fitted = [_read(path) for path in sorted((data / "avatars" / "defaults").iterdir())]
    yield _tell("default avatars counted as evidence, those fitted on", fitted[: 6 * each], "fitted on")
    for name, load in GENERATORS.items():
        told = f"default avatars counted as evidence, {name}"
        try:
            draw = load()
        except ImportError:
            yield Row(told, "0", {OURS: "not installed"}, split="never fitted on", reach="0")
            continue
        yield _tell(told, [draw(f"user {number}") for number in range(each)], "never fitted on")
    yield _tell_photos(data, copied)


def _tell(told: str, pictures: Sequence[Picture], split: str) -> Row:
    passed = [_passes(_encode(picture, *how)) for picture in pictures for how in ENCODINGS]
    figure = f"{sum(passed):,}: {say_share(sum(passed), len(passed))}"
    return Row(told, f"{len(passed):,}", {OURS: figure}, f"{len(ENCODINGS)} encodings of each", split, "0")


def _tell_photos(data: Path, copied: int) -> Row:
    people = [who for who in load_people(data) if who.half == "test"][: 3 * copied]
    plain = [_passes(_encode(_read(who.portrait), *how)) for who in people for how in ENCODINGS]
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
    with Image.open(out) as image:
        return image.convert("RGB")


def _read(path: Path) -> Picture:
    with Image.open(path) as image:
        return image.convert("RGB")


def _on_white(file: bytes) -> Picture:
    with Image.open(io.BytesIO(file)) as image:
        return Image.alpha_composite(Image.new("RGBA", image.size, "white"), image.convert("RGBA")).convert("RGB")


def _from_svg(svg: str) -> Picture:
    resvg = import_module("resvg_py")
    return _on_white(bytes(resvg.svg_to_bytes(svg_string=svg, width=_SIDE, height=_SIDE)))


def _take_turns(draw: Callable[[str, Any], Picture], ways: Sequence[Any]) -> Draw:
    return lambda seed: draw(seed, ways[sum(seed.encode()) % len(ways)])


def _load_pydenticon() -> Draw:
    package = import_module("pydenticon")
    makers = [package.Generator(side, side) for side in (5, 8)]
    return _take_turns(lambda seed, maker: _on_white(maker.generate(seed, 240, 240)), makers)


def _load_boring() -> Draw:
    package = import_module("boringavatars")
    import_module("resvg_py")

    def draw(seed: str, variant: str) -> Picture:
        return _from_svg(package.avatar(seed, variant=variant, size=_SIDE, square=True))

    return _take_turns(draw, _BORING)


def _load_blockies() -> Draw:
    package = import_module("blockies")
    return lambda seed: _on_white(package.create(seed, size=8, scale=32))


def _load_multiavatar() -> Draw:
    package = import_module("multiavatar.multiavatar")
    import_module("resvg_py")
    return lambda seed: _from_svg(package.multiavatar(seed, None, None))


def _load_dicebear() -> Draw:
    package = import_module("dicebear")
    import_module("resvg_py")
    folder = Path(next(iter(import_module("dicebear_styles").__path__)))
    files = {path.stem: path for path in folder.rglob("*.json")}
    styles = [package.Style(json.loads(files[name].read_text(encoding="utf-8"))) for name in _DICEBEAR if name in files]
    return _take_turns(lambda seed, style: _from_svg(str(package.Avatar(style, {"seed": seed}))), styles)


GENERATORS: dict[str, Callable[[], Draw]] = {
    "pydenticon": _load_pydenticon,
    "boring-avatars": _load_boring,
    "blockies": _load_blockies,
    "multiavatar": _load_multiavatar,
    "DiceBear (marks and shapes)": _load_dicebear,
}
