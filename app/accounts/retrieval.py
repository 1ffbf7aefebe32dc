"""From a subject to the accounts worth judging: probe its keys, order by the summed rarity of what is shared."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import chain
from math import log2

from sqlalchemy.orm import Session

from app.accounts.key_reading import Postings
from app.accounts.models import LOCAL_TENANT
from app.accounts.probing import KeyProber, Prober
from app.accounts.rows import account_from_stored, moment_from_stored
from app.accounts.scope import Scope
from app.storage import utc_now
from matchers.keys import SubjectProbes, account_keys, weigh_probes
from matchers.profile import Account, Subject

# Keys asked for at most; a name, a handle and a photo make about 2,500, nearly all of them bands of the photo.
MAX_PROBES = 5_000
# Up to this many accounts the caller's limit holds; beyond it the limit grows with the index, to so many times as much.
# Of the copies among ten million accounts .960 are among the first 200, and .984 among the first 2,000.
GROWS_FROM = 1_000_000
MOST_TIMES = 10
# What an account must share to be worth judging: as much as one unique key of this weight. The lightest key that can
# alone point at a copy, a photo band with one bit off, weighs 2; first names and pieces of handles tell far less.
TELLING_WEIGHT = 1.75
# What one band of a photo tells at most, in parts of that: among millions chance finds thousands by one.
LONE_BAND = 0.95
# A whole name or handle in common is worth judging however many accounts share it; so is a photo band, as long as there
# is room.
PLAIN_WEIGHT = 4.0
# Common keys that weigh less say next to nothing of who was not read: first names, initials, and runs of letters, which
# overlap, so that a dozen add up to much. With them four in five answers at 100,000 accounts were called partial.
SOLID_WEIGHT = 2.5
# Rows of keys not read before that are read to see whether anything was left out, where that is not certain.
SETTLED_ROWS = 2_000


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
    """Retrieve at most `limit` accounts that may copy the subject; up to ten times as many from a large index.

    The key rows read are bounded, whatever the subject is called: `key_store.COMMON` for each of `MAX_PROBES` rare
    keys, and what `CommonBound` allows.
    """
    prober = Prober(session, Scope(corpus, tenant))
    ranked = rank_accounts(prober, subject, limit)
    return Retrieval(_load(prober, ranked.best), ranked.total, ranked.left_out)


def rank_accounts(prober: Prober, subject: Subject, limit: int) -> Ranked:
    """The same as `find_candidates`, without loading anybody."""
    probes = weigh_probes(subject, prober.key_space)
    weights = _bound_probes(probes)
    if not weights:
        return Ranked([], 0, 0)
    (shared,) = read_shared(prober, [weights], bands=probes.bands)
    return shared.rank(weights, limit, most=grow_limit(limit, shared.size))


def grow_limit(limit: int, size: int) -> int:
    """How many candidates are wanted from an index of `size` accounts where `limit` are from one of a million."""
    return round(limit * min(max(size / GROWS_FROM, 1), MOST_TIMES))


def _bound_probes(probes: SubjectProbes) -> dict[int, float]:
    """At most `MAX_PROBES`: those of texts first, then the heaviest bands."""
    weights = probes.bands | probes.texts
    if len(weights) <= MAX_PROBES:
        return weights
    ordered = sorted(weights, key=lambda key: (key not in probes.texts, -weights[key], key))
    return {key: weights[key] for key in ordered[:MAX_PROBES]}


@dataclass(frozen=True, slots=True)
class SharedKeys:
    """Who holds the keys that were asked for: by key its weight, what it tells, how many hold it, and who was read.

    `whole` are the keys read whole, `cut` those read in part, which add nothing to the scores: they would lift the
    strangers that were read above a copy that was not. `bands` are worth a look, but only as long as there is room.
    """

    prober: KeyProber
    size: int
    weights: Mapping[int, float]
    bands: Collection[int]
    telling: Mapping[int, float]
    counts: Mapping[int, int]
    whole: Postings
    cut: Postings

    def rank(self, keys: Collection[int], limit: int, *, most: int = 0, settle: bool = True) -> Ranked:
        """The holders that share enough of these keys to be worth judging.

        `most`: up to so many where that is more than `limit`, without those that chance may have found by one band.
        `settle`: read more where that tells how many were left out, instead of estimating it.
        """
        floor = find_floor(self.size)
        scores = self._score(self.whole, keys)
        telling = self._holders(key for key in self.telling if key in keys and self._is_plain(key))
        telling.update([holder for holder, score in scores.items() if score >= floor])
        worth = telling | self._holders(key for key in self.whole if key in self.bands and key in keys)
        # Of equals the newest first.
        newest = sorted(worth, reverse=True)
        ordered = sorted(newest, key=lambda holder: scores.get(holder, 0.0), reverse=True)
        best = ordered[:limit] + [holder for holder in ordered[limit:] if holder in telling][: max(most - limit, 0)]
        # Those that chance found by one band are not said to be left out.
        left_out = len(telling.difference(best))
        unread = self._list_unread(keys)
        estimate = self._estimate_unread(unread, floor)
        if settle and estimate and not left_out and sum(unread.values()) <= SETTLED_ROWS:
            left_out = self._count_unread(unread, floor, scores, best)
        else:
            left_out = max(min(left_out + estimate, self.size - len(best)), 0)
        return Ranked(best, len(scores.keys() | worth), left_out)

    def _score(self, postings: Postings, keys: Collection[int]) -> dict[int, float]:
        scores: defaultdict[int, float] = defaultdict(float)
        for key, holders in postings.items():
            if key in keys:
                told = self.telling[key]
                for holder in holders:
                    scores[holder] += told
        return scores

    def _holders(self, keys: Iterable[int]) -> set[int]:
        return set(chain.from_iterable(self.whole[key] if key in self.whole else self.cut.get(key, ()) for key in keys))

    def _list_unread(self, keys: Collection[int]) -> dict[int, int]:
        """By key how many of its holders were not read; keys that weigh less than `SOLID_WEIGHT` do not count."""
        return {
            key: count - len(self.cut.get(key, ()))
            for key, count in self.counts.items()
            if key in keys and key not in self.whole and self.weights[key] >= SOLID_WEIGHT
        }

    def _estimate_unread(self, unread: Mapping[int, int], floor: float) -> int:
        """How many may stand unread that are worth judging: under one key that is enough, or under several together.

        Those of the second kind share all of several keys, so that there are no more of them than the fewest unread
        under one.
        """
        enough = [count for key, count in unread.items() if self._is_plain(key) or self.telling[key] >= floor]
        told, several = 0.0, []
        for key in sorted((key for key in unread if unread[key] > 0), key=lambda key: -self.telling[key]):
            told += self.telling[key]
            several.append(unread[key])
            if told >= floor:
                return max(*enough, min(several)) if enough else min(several)
        return max(enough, default=0)

    def _is_plain(self, key: int) -> bool:
        return is_plain(self.weights, self.bands, key)

    def _count_unread(
        self, unread: Mapping[int, int], floor: float, scores: Mapping[int, float], best: Collection[int]
    ) -> int:
        """How many stand unread that are worth judging, by reading them."""
        read = self.prober.read_postings(list(unread))
        told = self._score(read, read)
        worth = {holder for holder, score in told.items() if score + scores.get(holder, 0.0) >= floor}
        worth.update(*(holders for key, holders in read.items() if self._is_plain(key)))
        return len(worth.difference(best))


def is_plain(weights: Mapping[int, float], bands: Collection[int], key: int) -> bool:
    """Whether whoever holds the key is worth judging by that alone."""
    return weights[key] >= PLAIN_WEIGHT and key not in bands


def read_shared(
    prober: KeyProber,
    asked: Sequence[Mapping[int, float]],
    bound: CommonBound = CommonBound(),
    bands: Collection[int] = frozenset(),
) -> list[SharedKeys]:
    """Read who holds the weighed keys that each asks for, for all in at most two statements.

    The rows read for each are bounded, and what is found for one does not depend on the others.
    """
    survey = prober.survey(list(dict.fromkeys(chain.from_iterable(asked))))
    size, common, rare = survey.size, survey.counts, survey.rare
    counts = [{key: common[key] for key in common.keys() & weights} for weights in asked]
    telling = [tell_keys(size, held, weights, bands) for held, weights in zip(counts, asked, strict=True)]
    chosen = [
        choose_keys(held, told, weights, bands, bound)
        for held, told, weights in zip(counts, telling, asked, strict=True)
    ]
    wanted = dict.fromkeys(chain.from_iterable([*keys, *parts] for keys, parts in chosen))
    postings = rare | _read_listed(prober, list(wanted), bound)
    shared = []
    for (keys, parts), weights, held, told in zip(chosen, asked, counts, telling, strict=True):
        # In order, so that sums are the same whoever else asks.
        whole = {key: postings.get(key, []) for key in sorted({*keys, *(rare.keys() & weights)})}
        cut = {key: postings.get(key, [])[: bound.cut_rows] for key in parts}
        lengths = {key: len(holders) for key, holders in whole.items() if holders}
        tells = told | tell_keys(size, lengths, weights, bands)
        shared.append(SharedKeys(prober, size, weights, bands, tells, held, whole, cut))
    return shared


def _read_listed(prober: KeyProber, keys: Sequence[int], bound: CommonBound) -> Postings:
    """Who holds common keys, as many of each as the bound lets be read of any."""
    if not bound.cut_keys:
        return prober.read_postings(keys)
    # The lists that are read whole are no longer than the newest part of the others.
    return prober.read_newest(keys, max(bound.cut_rows, bound.rows))


def tell_keys(
    size: int, counts: Mapping[int, int], weights: Mapping[int, float], bands: Collection[int]
) -> dict[int, float]:
    """What a holder of each key has in common with who asks, by its weight and by how many of `size` hold it."""
    # So many bands are asked for that finding one of them tells less, and never enough by itself.
    tries, most = log2(1 + len(bands)), LONE_BAND * find_floor(size)
    bits = {holders: log2(1 + size / holders) for holders in set(counts.values())}
    return {
        key: min(weights[key] * max(bits[holders] - tries, 0.0), most) if key in bands else weights[key] * bits[holders]
        for key, holders in counts.items()
    }


def find_floor(size: int) -> float:
    """What an account must share to be worth judging."""
    return TELLING_WEIGHT * log2(1 + size)


def choose_keys(
    counts: Mapping[int, int],
    telling: Mapping[int, float],
    weights: Mapping[int, float],
    bands: Collection[int],
    bound: CommonBound,
) -> tuple[list[int], list[int]]:
    """The common keys to read whole (the most telling, as far as the bound allows), and those to read in part."""
    whole: list[int] = []
    cut: list[int] = []
    left = bound.rows
    for key in sorted(counts, key=lambda key: (-telling[key], key)):
        if counts[key] <= left:
            whole.append(key)
            left -= counts[key]
        elif len(cut) < bound.cut_keys and is_plain(weights, bands, key):
            cut.append(key)
    return whole, cut


def is_findable(subject: Subject, account: Account, key_space: str, size: int) -> bool:
    """Whether an account would be a candidate in an index of `size` accounts.

    It is asked of nobody: the keys that both share are taken to be held by this account alone.
    """
    probes = weigh_probes(subject, key_space)
    weights = _bound_probes(probes)
    shared = account_keys(account, key_space) & weights.keys()
    telling = tell_keys(size, dict.fromkeys(shared, 1), weights, probes.bands)
    alone = any(key in probes.bands or is_plain(weights, probes.bands, key) for key in shared)
    return alone or sum(telling.values()) >= find_floor(size)


def load_candidates(
    session: Session, row_ids: Sequence[int], corpus: str, tenant: str = LOCAL_TENANT
) -> list[Candidate]:
    """Load accounts found in another way than by keys, in this order, as far as they are there and have not expired."""
    return _load(Prober(session, Scope(corpus, tenant)), row_ids)


def _load(prober: Prober, ids: Sequence[int]) -> list[Candidate]:
    """Load accounts in the order of `ids`, without those that have expired."""
    if not ids:
        return []
    found: dict[int, Candidate] = {}
    for row_id, public_id, source, observed_at, *values in prober.read_accounts(ids, utc_now()):
        account = account_from_stored(values)
        found[row_id] = Candidate(row_id, public_id, account, source, moment_from_stored(observed_at))
    return [found[row_id] for row_id in ids if row_id in found]
