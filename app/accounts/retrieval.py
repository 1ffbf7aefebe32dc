"""From a subject to the accounts worth judging: probe its keys, order by the summed rarity of what is shared."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from heapq import nlargest
from math import log2

from sqlalchemy.orm import Session

from app.accounts.models import LOCAL_TENANT
from app.accounts.probing import KeyProber, Postings, Prober
from app.accounts.rows import account_from
from app.accounts.scope import Scope
from app.storage import utc_now
from matchers.keys import subject_probes
from matchers.profile import Account, Subject

# Keys asked for at most, the heaviest first; two names, a handle and one photo make about 1,100.
MAX_PROBES = 4_000
# What an account must share to be worth judging: as much as one unique key of this weight. The lightest key that can
# alone point at a copy, a photo band with one bit off, weighs 2; first names and pieces of handles tell far less.
TELLING_WEIGHT = 1.75
# A whole name, a handle or a photo band in common is worth judging however many accounts share it.
PLAIN_WEIGHT = 4.0


@dataclass(frozen=True, slots=True)
class CommonBound:
    """What is read at most under common keys: rows in all, rows under one key, keys that are read in part.

    Each of the latter is a sub-select, and SQLite takes no more than 500 in one statement.
    """

    rows: int = 10_000
    rows_per_key: int = 1_000
    cut_keys: int = 16


@dataclass(frozen=True, slots=True)
class Candidate:
    """An account that shares keys with the subject, not yet judged."""

    row_id: int
    public_id: str
    account: Account
    source: str
    observed_at: datetime


@dataclass(frozen=True, slots=True)
class Retrieval:
    """Candidates, the most promising first.

    `total` counts the accounts that were found under the subject's keys; those that share next to nothing (a first
    name, a piece of a handle) are not candidates. `left_out` counts those that share something telling and are not
    among the candidates either: beyond the limit, or (an estimate) under keys too common to be read in full.
    """

    candidates: list[Candidate]
    total: int
    left_out: int


@dataclass(frozen=True, slots=True)
class Ranked:
    """Holders by their row ids, the most promising first; `total` and `left_out` as in `Retrieval`."""

    best: list[int]
    total: int
    left_out: int


def find_candidates(
    session: Session, subject: Subject, corpus: str, limit: int, tenant: str = LOCAL_TENANT
) -> Retrieval:
    """Retrieve at most `limit` accounts that may copy the subject.

    The key rows read are bounded, whatever the subject is called: `key_store.COMMON` for each of `MAX_PROBES` rare
    keys, and `CommonBound.rows`.
    """
    scope = Scope(corpus, tenant)
    weights = {probe.key: probe.weight for probe in subject_probes(subject, scope.key_space)[:MAX_PROBES]}
    prober = Prober(session, scope)
    size = prober.count_accounts()
    if not weights or not size:
        return Retrieval([], 0, 0)
    ranked = read_shared(prober, weights, size).rank(weights, limit)
    return Retrieval(_load(prober, ranked.best), ranked.total, ranked.left_out)


@dataclass(frozen=True, slots=True)
class SharedKeys:
    """Who holds the keys that were asked for: by key its weight, what it tells, how many hold it, and who was read."""

    size: int
    weights: Mapping[int, float]
    telling: Mapping[int, float]
    counts: Mapping[int, int]
    postings: Postings

    def rank(self, keys: Collection[int], limit: int) -> Ranked:
        """The holders that share enough of these keys to be worth judging."""
        scores: defaultdict[int, float] = defaultdict(float)
        plain: set[int] = set()
        for key in self.postings.keys() & keys:
            holders, told = self.postings[key], self.telling[key]
            for holder in holders:
                scores[holder] += told
            if self.weights[key] >= PLAIN_WEIGHT:
                plain.update(holders)
        floor = TELLING_WEIGHT * log2(1 + self.size)
        worth = [holder for holder, score in scores.items() if score >= floor or holder in plain]
        best = nlargest(limit, worth, key=lambda holder: (scores[holder], holder))
        unread = self._estimate_unread(keys, floor)
        left_out = min(len(worth) - len(best) + unread, self.size - len(best))
        return Ranked(best, len(scores), max(left_out, 0))

    def _estimate_unread(self, keys: Collection[int], floor: float) -> int:
        """How many holders may stand unread under keys that together tell as much as `floor`.

        They share all of those keys, so that there are no more of them than the fewest unread under one.
        """
        missing = {key: self.counts[key] - len(self.postings.get(key, ())) for key in self.counts.keys() & keys}
        told, fewest = 0.0, None
        for key in sorted((key for key in missing if missing[key]), key=lambda key: -self.telling[key]):
            told += self.telling[key]
            fewest = missing[key] if fewest is None else min(fewest, missing[key])
            if told >= floor:
                return fewest
        return 0


def read_shared(
    prober: KeyProber, weights: Mapping[int, float], size: int, bound: CommonBound = CommonBound()
) -> SharedKeys:
    """Read who holds the weighed keys, among `size` in the index; the rows read are bounded."""
    counts = prober.count_common(list(weights))
    rare = prober.read_postings([key for key in weights if key not in counts])
    held = counts | {key: len(holders) for key, holders in rare.items()}
    telling = {key: weights[key] * log2(1 + size / count) for key, count in held.items()}
    return SharedKeys(size, weights, telling, counts, rare | _read_common(prober, counts, telling, bound))


def load_candidates(
    session: Session, row_ids: Sequence[int], corpus: str, tenant: str = LOCAL_TENANT
) -> list[Candidate]:
    """Load accounts found in another way than by keys, in this order, as far as they are there and have not expired."""
    return _load(Prober(session, Scope(corpus, tenant)), row_ids) if row_ids else []


def _read_common(
    prober: KeyProber, counts: Mapping[int, int], telling: Mapping[int, float], bound: CommonBound
) -> Postings:
    """Read under common keys, the most telling first, as far as the bound on rows allows."""
    whole: list[int] = []
    cut: dict[int, int] = {}
    left = bound.rows
    for key in sorted(counts, key=lambda key: (-telling[key], key)):
        wanted = min(counts[key], bound.rows_per_key, left)
        if wanted == counts[key]:
            whole.append(key)
        elif wanted and len(cut) < bound.cut_keys:
            cut[key] = wanted
        else:
            continue
        left -= wanted
    return prober.read_postings(whole) | prober.read_newest(cut)


def _load(prober: Prober, ids: Sequence[int]) -> list[Candidate]:
    """Load accounts in the order of `ids`, without those that have expired."""
    found: dict[int, Candidate] = {}
    for row in prober.read_accounts(ids, utc_now()):
        found[row[0]] = Candidate(row[0], row[1], account_from(row[4:]), row[2], row[3])
    return [found[row_id] for row_id in ids if row_id in found]
