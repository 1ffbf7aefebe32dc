"""What the sweep finds of changed copies and what it costs, by the number of lookouts; and how the lookouts are chosen.

Run: python -m benchmarks.sweep_recall            about ten minutes; chosen on development people, told of test people
     python -m benchmarks.sweep_recall --choose   the lookouts of `matchers/photo_sweep.py`
     python -m benchmarks.sweep_recall --copied 10   a look, on fewer copies

Copies: portraits changed in 55 ways, at full size and reduced to 120 x 160; and cut anywhere, mirrored or not, made
lighter or darker. Found is what speaks for a copy by the weights of the judgement. In sight: of other people's
pictures, those that are looked at more closely; they cost time.
"""

from __future__ import annotations

import argparse
import io
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
from PIL import ImageEnhance, ImageOps

from app.photos.matching import pack_hashes
from benchmarks.people import Half, find_data, load_people, read_picture
from benchmarks.photo_pairs import Shot, make_pairs
from benchmarks.picture_changes import crop
from matchers.keys import account_keys, subject_probes
from matchers.photo_scheme import BITS, REACH, VIEWS
from matchers.photo_sweep import BYTE_ORDER, IN_SIGHT
from matchers.photos import Match, photo_usable, weigh_match
from matchers.profile import Account, Photo, Subject

Table = npt.NDArray[Any]
COLUMNS = [(view, probe) for view in VIEWS for probe in range(REACH[view])]
SIZES = (16, 32, 48, 64, 80, 96, 112, 128)
# In the choice a cut copy counts as much as makes all of them this share of the whole.
CUTS_COUNT = 0.3
CUTS_EACH = 40
# The prior, and what another name and handle take: with more bits a picture alone makes a suspect.
TELLING = 19.5
_FAR = 999


@dataclass(frozen=True, slots=True)
class Copies:
    """Pairs by column of `COLUMNS`: distances of the words and of the hashes, and the bits of each pair's nearest."""

    pairs: Sequence[tuple[Photo, Photo]]
    words: Table
    hashes: Table
    bits: Table


def unpack(values: Sequence[int]) -> Table:
    """Bits as -1 and 1, the low word first."""
    laid = np.frombuffer(pack_hashes(values), np.uint8).reshape(-1, 32)
    return np.unpackbits(laid[:, list(BYTE_ORDER)], axis=1).astype(np.float32) * 2 - 1


def measure(photo: Photo, others: Sequence[Photo]) -> tuple[Table, Table]:
    """Distances of the words and of the hashes, (others, columns)."""
    probes = unpack(photo.probes)
    words = list[Table]()
    hashes = list[Table]()
    for view in VIEWS:
        views = unpack([other.views.get(view, 0) for other in others])
        lacks = np.array([view not in other.views for other in others])
        reached = probes[: REACH[view]]
        for found, bits in ((words, 64), (hashes, BITS)):
            distances = ((bits - views[:, :bits] @ reached[:, :bits].T) / 2).astype(np.int16)
            distances[lacks] = _FAR
            found.append(distances)
    return np.concatenate(words, axis=1), np.concatenate(hashes, axis=1)


def make_copies(pairs: Sequence[tuple[Photo, Photo]], *, fine: bool) -> Copies:
    """Measure pairs of a subject's photo and a copy."""
    usable = [pair for pair in pairs if photo_usable(pair[1])[0]]
    measured = [measure(photo, [copy]) for photo, copy in usable]
    words, hashes = (np.concatenate(part) for part in zip(*measured, strict=True))
    best = hashes.argmin(axis=1)
    bits = [
        weigh_match(Match(int(row[at]), COLUMNS[at][1], COLUMNS[at][0]), fine=fine)
        for row, at in zip(hashes, best, strict=True)
    ]
    return Copies(usable, words, hashes, np.array(bits))


def cut_copies(data: Path, half: Half, people: int) -> Iterator[tuple[Photo, Photo]]:
    """Portraits cut in the middle or anywhere, every other one mirrored, all lighter or darker and saved again."""
    for who in [who for who in load_people(data) if who.half == half][:people]:
        rng = np.random.default_rng(list(f"cut {who.id}".encode()))
        picture = read_picture(who.portrait)
        subject = Shot(who.id, "", picture).subject
        for number in range(CUTS_EACH):
            x, y = (0.5, 0.5) if number % 4 < 2 else rng.uniform(0, 1, 2)
            part = crop(picture, rng.uniform(0.02, 0.3), x, y).resize((400, 400))
            part = ImageOps.mirror(part) if number % 2 else part
            out = io.BytesIO()
            part = ImageEnhance.Brightness(part).enhance(rng.uniform(0.7, 1.4))
            part.save(out, "JPEG", quality=int(rng.integers(30, 80)))
            yield subject, Shot(who.id, "cut", read_picture(out)).photo


@dataclass(frozen=True, slots=True)
class Sample:
    """All of one half: copies at full size, reduced, cut; and the words of strangers at full size and reduced."""

    copies: tuple[Copies, Copies, Copies]
    strangers: tuple[Table, Table]


def make_sample(data: Path, half: Half, copied: int) -> Sample:
    """Make and measure all pairs of a half."""
    made, strange = [], []
    for reduced in (False, True):
        pairs = make_pairs(data, half, reduced=reduced, copied=copied)
        made.append(make_copies([(one.subject, copy.photo) for one, copy in pairs.copies], fine=not reduced))
        subjects, others = list(pairs.wrong.subjects)[:25], list(pairs.wrong.strangers)[::3]
        far = [measure(one.subject, [o.photo for o in others if o.person != one.person])[0] for one in subjects]
        strange.append(np.concatenate(far))
    cuts = make_copies(list(cut_copies(data, half, copied)), fine=True)
    return Sample((made[0], made[1], cuts), (strange[0], strange[1]))


def choose(sample: Sample, count: int) -> list[int]:
    """Choose columns greedily: each brings most copies in sight that are found and that none before it does."""
    hits, weights = [], []
    for copies, share in zip(sample.copies, ((1 - CUTS_COUNT) / 2, (1 - CUTS_COUNT) / 2, CUTS_COUNT), strict=True):
        found = copies.words[copies.bits > 0] <= IN_SIGHT
        hits.append(found)
        weights.append(np.full(len(found), share / len(found), np.float32))
    hit, weight = np.concatenate(hits), np.concatenate(weights)
    chosen: list[int] = []
    covered = np.zeros(len(hit), np.bool_)
    while len(chosen) < count and not covered.all():
        best = int((weight[~covered] @ hit[~covered]).argmax())
        chosen.append(best)
        covered |= hit[:, best]
    return chosen


def write_curve(sample: Sample, chosen: Sequence[int]) -> Iterator[str]:
    """The lines of the table: copies found at full size, reduced and cut; strangers in sight."""
    yield "found of all copies: full size | 120 x 160 | cut || strangers in sight: full size | 120 x 160"
    found: list[Table] = [copies.bits > 0 for copies in sample.copies]
    yield "  every probe, every view: " + _shares(found)
    two = [_within(copies, chosen=[at for at, (view, probe) in enumerate(COLUMNS) if view in {"whole", "center"}
                                   and probe < 60]) for copies in sample.copies]  # fmt: skip
    yield "  60 probes, two views: " + _shares(two)
    keys: list[Table] = [np.array([_share_key(*pair) for pair in copies.pairs]) for copies in sample.copies]
    yield "  keys alone: " + _shares([met & good for met, good in zip(keys, found, strict=True)])
    for size in SIZES:
        first = list(chosen[:size])
        square = sum(COLUMNS[at][0] in {"whole", "center", "core"} for at in first)
        seen = [(copies.words[:, first] <= IN_SIGHT).any(axis=1) for copies in sample.copies]
        far = [(words[:, first] <= IN_SIGHT).any(axis=1) for words in sample.strangers]
        both = [one & good for one, good in zip(seen, found, strict=True)]
        told = f"  {size} lookouts ({square} for a square picture): {_shares(both)} || {_shares(far)}"
        if size == 80:
            telling = [copies.bits >= TELLING for copies in sample.copies]
            united = [(one | met) & good for one, met, good in zip(seen, keys, found, strict=True)]
            told += f"\n    with the keys: {_shares(united)}"
            told += "\n    bits enough for a suspect under another name, keys alone: "
            told += _shares([met & enough for met, enough in zip(keys, telling, strict=True)])
            told += "; with the sweep: "
            told += _shares([(one | met) & enough for one, met, enough in zip(seen, keys, telling, strict=True)])
        yield told


def _within(copies: Copies, chosen: Sequence[int]) -> Table:
    """Whether these columns alone have a pair as near as speaks for a copy."""
    kept = copies.hashes[:, chosen]
    best = kept.argmin(axis=1)
    return np.array(
        [
            weigh_match(Match(int(row[at]), *reversed(COLUMNS[chosen[at]]))) > 0
            for row, at in zip(kept, best, strict=True)
        ]
    )


def _share_key(photo: Photo, copy: Photo) -> bool:
    asked = {probe.key for probe in subject_probes(Subject(photos=(photo,)), "")}
    return bool(asked & account_keys(Account("x", avatar=copy), ""))


def _shares(parts: Sequence[Any]) -> str:
    return " | ".join(f"{float(part.mean()):.4f}" for part in parts)


def main() -> None:
    """Print the curve, or the choice."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--copied", type=int, default=60, help="how many people are copied in every way")
    parser.add_argument("--choose", action="store_true", help="print the lookouts, chosen on development people")
    parser.add_argument("--lookouts", type=int, default=80, help="how many to choose")
    options = parser.parse_args()
    data = find_data()
    chosen = choose(make_sample(data, "development", options.copied), max(SIZES))
    if options.choose:
        for view in VIEWS:
            print(view, sorted(COLUMNS[at][1] for at in chosen[: options.lookouts] if COLUMNS[at][0] == view))
        return
    for line in write_curve(make_sample(data, "test", options.copied), chosen):
        print(line)


if __name__ == "__main__":
    main()
