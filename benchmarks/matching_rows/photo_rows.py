"""Photos by hashes alone: how many changed copies are found at a fixed false-positive rate, ours beside the rivals.

Print what each change costs with `python -m benchmarks.matching_rows.photo_rows` (about five minutes).
"""

from __future__ import annotations

import io
import time
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import imagehash
import numpy as np
import numpy.typing as npt
from PIL import Image

from app.photos.exchange import load_pdq
from app.photos.hashing import account_photo, subject_photo
from benchmarks.matching_rows.measures import FPR, threshold_at
from benchmarks.matching_rows.row import OURS, Row, say_share
from benchmarks.people import find_data, read_picture
from benchmarks.photo_pairs import Pairs, Shot, Wrong, make_pairs
from benchmarks.transforms import TRANSFORMS
from matchers.photos import photo_usable, weigh_pair

# Nothing is known: below every score that counts.
_NOTHING = -1000.0
_SIDE = 400
_REACH = {False: ".950", True: ".900"}
Score = Callable[[Shot, Shot], float]
Scores = dict[str, list[float]]


def _rivals() -> Mapping[str, Callable[[Image.Image], npt.NDArray[np.bool_]]]:
    """The bits of a picture under each rival."""
    ways: dict[str, Callable[[Image.Image], npt.NDArray[np.bool_]]] = {
        "phash 8": lambda image: imagehash.phash(image).hash.ravel(),
        "phash 16": lambda image: imagehash.phash(image, hash_size=16).hash.ravel(),
        "dhash 8": lambda image: imagehash.dhash(image).hash.ravel(),
        "dhash 16": lambda image: imagehash.dhash(image, hash_size=16).hash.ravel(),
    }
    if (pdq := load_pdq()) is not None:
        ways["PDQ"] = lambda image: pdq.compute(np.asarray(image.convert("RGB")))[0].astype(np.bool_)
    return ways


def score_ours(subject: Shot, other: Shot) -> float:
    """The likelihood ratio of the judgement in bits; a picture that is no evidence scores below all others."""
    if not (photo_usable(subject.subject)[0] and photo_usable(other.photo)[0]):
        return _NOTHING
    return weigh_pair(subject.subject, other.photo)[0]


@dataclass(frozen=True, slots=True)
class Scored:
    """Scores by scorer: of copies by change, and of the wrong pairs."""

    copies: dict[str, Scores]
    wrong: Scores


def score_pairs(pairs: Pairs) -> Scored:
    """Score everything under ours and every rival."""
    right: dict[str, Scores] = defaultdict(lambda: defaultdict(list))
    rivals = {name: Hashed(hashed) for name, hashed in _rivals().items()}
    for subject, copy in pairs.copies:
        right[OURS][copy.change].append(score_ours(subject, copy))
        for name, rival in rivals.items():
            apart = np.count_nonzero(rival.known(subject) ^ rival.hashed(copy.image))
            right[name][copy.change].append(-float(apart))
    wrong: Scores = {OURS: [score_ours(*pair) for pair in _wrong_pairs(pairs.wrong)]}
    wrong |= {name: _distances(pairs.wrong, rival) for name, rival in rivals.items()}
    return Scored({name: dict(scores) for name, scores in right.items()}, wrong)


@dataclass(frozen=True, slots=True)
class Hashed:
    """A rival's hashes; those of subjects are kept."""

    hashed: Callable[[Image.Image], npt.NDArray[np.bool_]]
    kept: dict[str, npt.NDArray[np.bool_]] = field(default_factory=dict)

    def known(self, subject: Shot) -> npt.NDArray[np.bool_]:
        """The bits of a subject."""
        if subject.person not in self.kept:
            self.kept[subject.person] = self.hashed(subject.image)
        return self.kept[subject.person]


def _wrong_pairs(wrong: Wrong) -> Iterator[tuple[Shot, Shot]]:
    for subject in wrong.subjects:
        yield from ((subject, other) for other in wrong.strangers if other.person != subject.person)


def _distances(wrong: Wrong, rival: Hashed) -> list[float]:
    others = np.array([rival.hashed(shot.image) for shot in wrong.strangers])
    people = np.array([shot.person for shot in wrong.strangers])
    found: list[float] = []
    for subject in wrong.subjects:
        apart = (others[people != subject.person] ^ rival.hashed(subject.image)).sum(axis=1)
        found.extend((-apart.astype(np.float64)).tolist())
    return found


def check_photos(data: Path, people: int | None = None, copied: int = 100) -> Iterator[Row]:
    """The rows: thresholds on development people, figures on test people; full size, then 120 x 160."""
    for reduced in (False, True):
        choose = score_pairs(make_pairs(data, "development", reduced=reduced, people=people, copied=0))
        test = score_pairs(make_pairs(data, "test", reduced=reduced, people=people, copied=copied))
        yield _make_row(choose.wrong, test, reduced=reduced)
    yield from check_photo_speed(data)


def _make_row(choose: Scores, test: Scored, *, reduced: bool) -> Row:
    told = "manipulated photos, hashes only" + (
        ", all reduced to 120 x 160, negatives of one studio" if reduced else ""
    )
    limits = {name: threshold_at(scores) for name, scores in choose.items()}
    figures, false = {}, {}
    for name, limit in limits.items():
        scores = [score for change in test.copies[name].values() for score in change]
        figures[name] = say_share(sum(score > limit for score in scores), len(scores))
        false[name] = sum(score > limit for score in test.wrong[name])
    ours = test.wrong[OURS]
    share = say_share(false[OURS], len(ours))
    best = max((name for name in limits if name != OURS), key=lambda name: figures[name])
    return Row(
        f"{told}, FPR {FPR:g}",
        f"{sum(map(len, test.copies[OURS].values())):,}",
        {OURS: f"{figures[OURS]}; best rival {best}", **{k: v for k, v in figures.items() if k != OURS}},
        f"{len(choose[OURS]):,} to choose, {len(ours):,} to test; ours false there {share}",
        f"threshold ({limits[OURS]:.1f} bits): development people; figure: test people",
        _REACH[reduced],
    )


def break_down(data: Path, *, reduced: bool, copied: int = 40) -> Iterator[str]:
    """Share found of each change on test people, one line a change, as a Markdown table."""
    choose = score_pairs(make_pairs(data, "development", reduced=reduced, copied=0))
    test = score_pairs(make_pairs(data, "test", reduced=reduced, copied=copied))
    limits = {name: threshold_at(scores) for name, scores in choose.wrong.items()}
    yield f"| family | change{', reduced' if reduced else ''} | {' | '.join(limits)} |"
    yield "|" + "---|" * (len(limits) + 2)
    for change, how in TRANSFORMS.items():
        found = [np.mean(np.array(test.copies[name][change]) > limit) for name, limit in limits.items()]
        yield f"| {how.family} | {change} | {' | '.join(f'{share:.2f}' for share in found)} |"


def check_photo_speed(data: Path, repeat: int = 30) -> Iterator[Row]:
    """What the index stores of an avatar beside the full decode of its file; all probes of a subject."""
    shot = make_pairs(data, "test", reduced=False, people=2, copied=0).wrong.subjects[0]
    out = io.BytesIO()
    shot.image.resize((_SIDE, _SIDE)).save(out, "JPEG", quality=85)
    image = read_picture(out)
    decode = _time(lambda: read_picture(out), repeat)
    stored, probes = _time(lambda: account_photo(image), repeat), _time(lambda: subject_photo(image), repeat)
    split = f"best of {repeat} runs; JPEG of {_SIDE} x {_SIDE} pixels"
    told = f"{stored:.2f} ms, {stored / decode:.1f} x the decode of {decode:.2f} ms"
    yield Row("what the index stores of an avatar", "1", {OURS: told}, split=split, reach="2 x")
    yield Row("all probes of a subject", "1", {OURS: f"{probes:.1f} ms"}, split=split, reach="8 ms")


def _time(work: Callable[[], object], repeat: int) -> float:
    """Milliseconds, the best of all runs, since what else the machine does only ever adds."""
    work()
    taken = []
    for _ in range(repeat):
        start = time.perf_counter()
        work()
        taken.append(time.perf_counter() - start)
    return min(taken) * 1000


def main() -> None:
    """Print both breakdowns."""
    for reduced in (False, True):
        for line in break_down(find_data(), reduced=reduced):
            print(line)
        print()


if __name__ == "__main__":
    main()
