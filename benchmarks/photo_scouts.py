"""What the short cuts of photo hashes cost, on development people: scouts and bands.

Run: python -m benchmarks.photo_scouts          about two minutes

Scouts: copies that speak for a copy when every probe is compared and no longer when scouts decide first, and the share
of strangers that no scout has in sight. Bands: copies that share a key with what an index stores of them.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from pathlib import Path

from benchmarks.people import find_data
from benchmarks.photo_pairs import Shot, make_pairs
from matchers.keys import account_keys, subject_probes
from matchers.photo_scheme import IN_SIGHT, LOWEST, SCOUTS
from matchers.photos import nearest, photo_usable, weigh_pair
from matchers.profile import Account, Subject


def count_lost(pairs: list[tuple[Shot, Shot]]) -> tuple[int, int]:
    """Copies that scouts lose, of those that all probes find."""
    found = lost = 0
    for subject, copy in pairs:
        if not photo_usable(copy.photo)[0]:
            continue
        probes = subject.subject.probes
        # A list of another length than the scheme's is compared whole.
        every = nearest((*probes, probes[0]), copy.photo)
        if weigh_pair(subject.subject, copy.photo, every)[0] > 0:
            found += 1
            lost += weigh_pair(subject.subject, copy.photo)[0] <= 0
    return lost, found


def is_in_sight(subject: Shot, other: Shot) -> bool:
    """Whether any view of the other picture has a scout in sight."""
    probes = subject.subject.probes
    return any(
        ((probes[at] ^ view) & LOWEST).bit_count() <= IN_SIGHT
        for name, view in other.photo.views.items()
        for at in SCOUTS.get(name, ())
    )


def count_met(pairs: list[tuple[Shot, Shot]]) -> int:
    """Copies of which a stored key is asked for."""
    asked = {id(subject): _asked(subject) for subject, _ in pairs}
    return sum(bool(asked[id(subject)] & account_keys(_wear(copy), "")) for subject, copy in pairs)


def _asked(subject: Shot) -> frozenset[int]:
    return frozenset(probe.key for probe in subject_probes(Subject(photos=(subject.subject,)), ""))


def _wear(shot: Shot) -> Account:
    return Account("x", avatar=shot.photo)


def write_costs(data: Path, copied: int, every: int) -> Iterator[str]:
    """The lines of both resolutions."""
    for reduced in (False, True):
        pairs = make_pairs(data, "development", reduced=reduced, copied=copied)
        copies, wrong = list(pairs.copies), pairs.wrong
        yield "## 120 x 160" if reduced else "## full size"
        lost, found = count_lost(copies)
        yield f"scouts lose {lost} of {found:,} copies that all probes find ({lost / found:.4f})"
        seen = [
            is_in_sight(subject, other)
            for subject in wrong.subjects[::every]
            for other in wrong.strangers[::every]
            if other.person != subject.person
        ]
        yield f"no scout has {1 - sum(seen) / len(seen):.3f} of {len(seen):,} strangers in sight"
        yield f"bands: {count_met(copies) / len(copies):.3f} of {len(copies):,} copies share a key with the index"


def main() -> None:
    """Print what the short cuts cost."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--copied", type=int, default=40, help="how many people are copied in every way")
    parser.add_argument("--every", type=int, default=5, help="strangers of every n-th subject, every n-th of them")
    chosen = parser.parse_args()
    for line in write_costs(find_data(), chosen.copied, chosen.every):
        print(line)


if __name__ == "__main__":
    main()
