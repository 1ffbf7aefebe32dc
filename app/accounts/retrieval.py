"""From a subject to the accounts worth judging: probe its keys, order by the summed rarity of what is shared."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from heapq import nlargest
from itertools import chain
from math import log2

from sqlalchemy.orm import Session

from app.accounts.models import LOCAL_TENANT
from app.accounts.probing import KeyProber, Postings, Prober
from app.accounts.rows import account_from
from app.accounts.scope import Scope
from app.storage import utc_now
from matchers.keys import subject_probes
from matchers.profile import Account, Subject

# Keys asked for at most; a name, a handle and a photo make about 2,500, nearly all of them bands of the photo.
MAX_PROBES = 5_000
# Up to this many accounts the caller's limit holds, beyond it ten times as many are needed for the same recall:
# research put the share found among the first 200 at .95, .89 and .69 for 10^7, 10^8 and 10^9 accounts.
LARGE = 10_000_000
LARGE_FACTOR = 10
# What an account must share to be worth judging: as much as one unique key of this weight. The lightest key that can
# alone point at a copy, a photo band with one bit off, weighs 2; first names and pieces of handles tell far less.
TELLING_WEIGHT = 1.75
# A whole name or handle in common is worth judging however many accounts share it; so is a photo band, as long as there
# is room.
PLAIN_WEIGHT = 4.0
# Common keys that weigh less say next to nothing of who was not read: first names, initials, and runs of letters, which
# overlap, so that a dozen add up to much. With them four in five answers at 100,000 accounts were called partial.
SOLID_WEIGHT = 2.5


@dataclass(frozen=True, slots=True)
class CommonBound:
    """What is read at most under common keys: `rows` of keys that are read whole, and the newest `cut_rows` of others.

    Only a whole name or handle is read in part, `cut_keys` of them. More rows do not help: those of the commonest keys
    lift more strangers than copies (docs/decisions/0014-retrieval.md).
    """

    rows: int = 500
    cut_rows: int = 1_000
    cut_keys: int = 4


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
    among the candidates either: beyond the limit, or (an estimate, of `SOLID_WEIGHT` alone) under keys too common to be
    read in full.
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
    """Retrieve at most `limit` accounts that may copy the subject; ten times as many from more than `LARGE` accounts.

    The key rows read are bounded, whatever the subject is called: `key_store.COMMON` for each of `MAX_PROBES` rare
    keys, and what `CommonBound` allows.
    """
    scope = Scope(corpus, tenant)
    probes = subject_probes(subject, scope.key_space)[:MAX_PROBES]
    if not probes:
        return Retrieval([], 0, 0)
    prober = Prober(session, scope)
    weights = {probe.key: probe.weight for probe in probes}
    shared = read_shared(prober, weights, bands=frozenset(probe.key for probe in probes if probe.photo))
    ranked = shared.rank(weights, limit if shared.size <= LARGE else LARGE_FACTOR * limit)
    return Retrieval(_load(prober, ranked.best), ranked.total, ranked.left_out)


@dataclass(frozen=True, slots=True)
class SharedKeys:
    """Who holds the keys that were asked for: by key its weight, what it tells, how many hold it, and who was read.

    `whole` are the keys read whole, `cut` those read in part, which add nothing to the scores: they would lift the
    strangers that were read above a copy that was not. `bands` are worth a look, but only as long as there is room.
    """

    size: int
    weights: Mapping[int, float]
    bands: frozenset[int]
    telling: Mapping[int, float]
    counts: Mapping[int, int]
    whole: Postings
    cut: Postings

    def rank(self, keys: Collection[int], limit: int) -> Ranked:
        """The holders that share enough of these keys to be worth judging."""
        scores: defaultdict[int, float] = defaultdict(float)
        for key in self.whole.keys() & keys:
            told = self.telling[key]
            for holder in self.whole[key]:
                scores[holder] += told
        floor = TELLING_WEIGHT * log2(1 + self.size)
        plain = {key for key in self.telling.keys() & keys if is_plain(self.weights, self.bands, key)}
        telling = {holder for holder, score in scores.items() if score >= floor} | self._holders(plain)
        worth = telling | self._holders(self.bands.intersection(keys))
        best = nlargest(limit, worth, key=lambda holder: (scores.get(holder, 0.0), holder))
        # Among millions chance finds thousands by one band. Those beyond the limit are no more than that.
        beyond = len(telling.difference(best))
        left_out = min(beyond + self._estimate_unread(keys, plain, floor), self.size - len(best))
        return Ranked(best, len(scores.keys() | worth), max(left_out, 0))

    def _holders(self, keys: Collection[int]) -> set[int]:
        read = (postings[key] for postings in (self.whole, self.cut) for key in postings.keys() & keys)
        return set(chain.from_iterable(read))

    def _estimate_unread(self, keys: Collection[int], plain: Collection[int], floor: float) -> int:
        """How many may stand unread that are worth judging: under one key that is enough, or under several together.

        Those of the second kind share all of several keys, so that there are no more of them than the fewest unread
        under one. Keys that weigh less than `SOLID_WEIGHT` do not count.
        """
        missing = {
            key: self.counts[key] - len(self.cut.get(key, ()))
            for key in self.counts.keys() & keys - self.whole.keys()
            if self.weights[key] >= SOLID_WEIGHT
        }
        enough = [count for key, count in missing.items() if key in plain or self.telling[key] >= floor]
        told, several = 0.0, []
        for key in sorted((key for key in missing if missing[key] > 0), key=lambda key: -self.telling[key]):
            told += self.telling[key]
            several.append(missing[key])
            if told >= floor:
                return max(*enough, min(several)) if enough else min(several)
        return max(enough, default=0)


def is_plain(weights: Mapping[int, float], bands: Collection[int], key: int) -> bool:
    """Whether whoever holds the key is worth judging by that alone."""
    return weights[key] >= PLAIN_WEIGHT and key not in bands


def read_shared(
    prober: KeyProber,
    weights: Mapping[int, float],
    bound: CommonBound = CommonBound(),
    bands: frozenset[int] = frozenset(),
) -> SharedKeys:
    """Read who holds the weighed keys, in at most three statements; the rows read are bounded."""
    size, counts = prober.survey(list(weights))
    telling = tell_keys(size, counts, weights, bands)
    chosen, parts = choose_keys(counts, telling, weights, bands, bound)
    whole = prober.read_postings(chosen) if size else {}
    telling |= tell_keys(size, {key: len(holders) for key, holders in whole.items()}, weights, bands)
    return SharedKeys(size, weights, bands, telling, counts, whole, prober.read_newest(parts, bound.cut_rows))


def tell_keys(
    size: int, counts: Mapping[int, int], weights: Mapping[int, float], bands: Collection[int]
) -> dict[int, float]:
    """What a holder of each key has in common with who asks, by its weight and by how many of `size` hold it."""
    # So many bands are asked for that finding one of them tells less.
    tries = log2(1 + len(bands))
    return {
        key: weights[key] * max(log2(1 + size / holders) - (tries if key in bands else 0.0), 0.0)
        for key, holders in counts.items()
    }


def choose_keys(
    counts: Mapping[int, int],
    telling: Mapping[int, float],
    weights: Mapping[int, float],
    bands: Collection[int],
    bound: CommonBound,
) -> tuple[list[int], list[int]]:
    """The keys to read whole, and those to read in part.

    `counts` are those of the common keys: the most telling are read whole, as far as the bound allows, and all others.
    """
    whole: list[int] = []
    cut: list[int] = []
    left = bound.rows
    for key in sorted(counts, key=lambda key: (-telling[key], key)):
        if counts[key] <= left:
            whole.append(key)
            left -= counts[key]
        elif len(cut) < bound.cut_keys and is_plain(weights, bands, key):
            cut.append(key)
    return [*whole, *(key for key in weights if key not in counts)], cut


def load_candidates(
    session: Session, row_ids: Sequence[int], corpus: str, tenant: str = LOCAL_TENANT
) -> list[Candidate]:
    """Load accounts found in another way than by keys, in this order, as far as they are there and have not expired."""
    return _load(Prober(session, Scope(corpus, tenant)), row_ids) if row_ids else []


def _load(prober: Prober, ids: Sequence[int]) -> list[Candidate]:
    """Load accounts in the order of `ids`, without those that have expired."""
    found: dict[int, Candidate] = {}
    for row in prober.read_accounts(ids, utc_now()):
        found[row[0]] = Candidate(row[0], row[1], account_from(row[4:]), row[2], row[3])
    return [found[row_id] for row_id in ids if row_id in found]
