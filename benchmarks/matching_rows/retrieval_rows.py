"""Retrieval: does a copy come back among the first accounts, in an index of 21,000?

Every attack stands alone in the index: its score is set against all accounts that are no attack, by the rule of
`app.accounts.retrieval` (rarity of the shared keys, floor, plain keys) without that rule's bounds on rows read, which
an index of this size does not meet.
"""

from __future__ import annotations

import random
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from math import log2
from pathlib import Path

from app.accounts.retrieval import PLAIN_WEIGHT, TELLING_WEIGHT
from app.demo.population import Registry, draw_person, make_account, make_handle
from benchmarks.attacks import HANDLE_ATTACKS, NAME_ATTACKS, attack_all
from benchmarks.matching_rows.lookalike_rows import is_lookalike
from benchmarks.matching_rows.measures import digest
from benchmarks.matching_rows.name_rows import read_legislators, read_rows
from benchmarks.matching_rows.row import OURS, Row, say_share
from matchers.keys import account_keys, subject_probes
from matchers.profile import Account, Handle, Subject

ACCOUNTS = 21_000
LIMITS = (60, 200)
# Real lookalikes asked for of each of the five names at most, by a hash of the row.
LABELS_EACH = 1_000
_CORPUS = "benchmark"


@dataclass(frozen=True, slots=True)
class Crowd:
    """The keys of all accounts that are no attack."""

    size: int
    holders: Mapping[int, list[int]]


@dataclass(frozen=True, slots=True)
class Asked:
    """What the crowd answers for one subject: what each key tells, which are plain, and the scores, best first."""

    telling: Mapping[int, float]
    plain: frozenset[int]
    floor: float
    scores: list[float]

    def rank(self, keys: Iterable[int]) -> int | None:
        """The place of an account with these keys; None when it shares too little to be a candidate."""
        shared = [key for key in keys if key in self.telling]
        score = sum(self.telling[key] for key in shared)
        if score < self.floor and self.plain.isdisjoint(shared):
            return None
        return 1 + sum(other > score for other in self.scores)


def gather(folder: Path, size: int = ACCOUNTS) -> Crowd:
    """Real legislators of the development half, and accounts of people drawn by census frequency."""
    rng, registry = random.Random("retrieval"), Registry()
    accounts = [
        Account("x", row["twitter"], display_name=row["official_full"])
        for row in read_legislators(folder, "development")
    ]
    while len(accounts) < size:
        wire = make_account(rng, draw_person(rng), registry, date(2026, 11, 1))
        accounts.append(Account(wire["platform"], wire["handle"], display_name=wire["display_name"]))
    holders: defaultdict[int, list[int]] = defaultdict(list)
    for number, account in enumerate(accounts):
        for key in account_keys(account, _CORPUS):
            holders[key].append(number)
    return Crowd(len(accounts), holders)


def ask(crowd: Crowd, subject: Subject) -> Asked:
    """Score the crowd for a subject; a key's rarity counts the attack itself."""
    probes = {probe.key: probe.weight for probe in subject_probes(subject, _CORPUS)}
    size = crowd.size + 1
    telling = {key: weight * log2(1 + size / (1 + len(crowd.holders.get(key, ())))) for key, weight in probes.items()}
    plain = frozenset(key for key, weight in probes.items() if weight >= PLAIN_WEIGHT)
    floor = TELLING_WEIGHT * log2(1 + size)
    scores: defaultdict[int, float] = defaultdict(float)
    certain: set[int] = set()
    for key, weight in telling.items():
        for number in crowd.holders.get(key, ()):
            scores[number] += weight
            if key in plain:
                certain.add(number)
    worth = [score for number, score in scores.items() if score >= floor or number in certain]
    return Asked(telling, plain, floor, sorted(worth, reverse=True))


def check_retrieval(folder: Path, size: int = ACCOUNTS, labels_each: int = LABELS_EACH) -> Iterator[Row]:
    """Recall of the first 60 and 200 candidates for real lookalikes, attacks on names and attacks on handles."""
    crowd = gather(folder, size)
    people = [row for row in read_legislators(folder, "test") if row["twitter"]]
    groups = {
        "real lookalike labels (the handle alone)": list(_real(folder, crowd, labels_each)),
        "attacks on names, unrelated handle": [rank for row in people for rank in _by_name(crowd, row)],
        "attacks on handles, unrelated name": [rank for row in people for rank in _by_handle(crowd, row)],
    }
    for told, found in groups.items():
        ranks = [rank for rank, _ in found]
        shares = " / ".join(say_share(sum(r is not None and r <= limit for r in ranks), len(ranks)) for limit in LIMITS)
        worth = sum(count for _, count in found) / len(found)
        yield Row(
            f"retrieval, {told}: first 60 / 200",
            f"{len(ranks):,}",
            {OURS: f"{shares}; {worth:.0f} candidates"},
            f"{crowd.size:,} accounts: development legislators and people drawn by census frequency",
            "no threshold; subjects: test people",
            "" if "attacks on handles" in told else ".998 at 60",
        )


Ranked = tuple[int | None, int]


def _real(folder: Path, crowd: Crowd, each: int) -> Iterator[Ranked]:
    rows = [row for row in read_rows(folder / "phish_lookalike_labels.csv") if is_lookalike(*row.values())]
    for target in dict.fromkeys(row["target"] for row in rows):
        asked = ask(crowd, Subject(handles=(Handle(target, "x"),)))
        labels = sorted((row["lookalike"] for row in rows if row["target"] == target), key=digest)
        for label in labels[:each]:
            yield asked.rank(account_keys(Account("x", label), _CORPUS)), len(asked.scores)


def _by_name(crowd: Crowd, row: Mapping[str, str]) -> Iterator[Ranked]:
    rng = random.Random(f"names:{row['bioguide']}")
    asked = ask(crowd, _subject(row))
    for _, name in attack_all(rng, row["official_full"], NAME_ATTACKS):
        handle = make_handle(rng, draw_person(rng), "x")
        yield asked.rank(account_keys(Account("x", handle, display_name=name), _CORPUS)), len(asked.scores)


def _by_handle(crowd: Crowd, row: Mapping[str, str]) -> Iterator[Ranked]:
    rng = random.Random(f"handles:{row['bioguide']}")
    asked = ask(crowd, _subject(row))
    for _, handle in attack_all(rng, row["twitter"], HANDLE_ATTACKS):
        account = Account("x", handle, display_name=draw_person(rng).full)
        yield asked.rank(account_keys(account, _CORPUS)), len(asked.scores)


def _subject(row: Mapping[str, str]) -> Subject:
    return Subject(names=(row["official_full"],), handles=(Handle(row["twitter"], "x"),))
