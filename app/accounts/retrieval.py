"""From a subject to the accounts worth judging: probe its keys, order by the summed rarity of what is shared."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from heapq import nlargest
from itertools import chain
from math import log2

from sqlalchemy.orm import Session

from app.accounts.models import LOCAL_TENANT
from app.accounts.probing import Postings, Prober
from app.accounts.rows import account_from
from app.accounts.scope import Scope
from app.storage import utc_now
from matchers.keys import Probe, subject_probes
from matchers.profile import Account, Subject

# Keys asked for at most; a name, a handle and a photo make about 2,500, nearly all of them bands of the photo.
MAX_PROBES = 5_000
# Rows read at most under common keys that are read whole, and under each common name or handle that is not. More do
# not help: rows of the commonest keys lift more strangers than copies (docs/decisions/0014-retrieval.md).
MAX_COMMON_ROWS = 500
MAX_ROWS_PER_KEY = 1_000
MAX_CUT_KEYS = 4
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
class _Found:
    """What the index answered: accounts under rare keys, common ones and those read in part; what each key tells."""

    rare: Postings
    common: Postings
    cut: Postings
    counts: Mapping[int, int]
    telling: Mapping[int, float]
    plain: frozenset[int]
    bands: frozenset[int]
    floor: float


def find_candidates(
    session: Session, subject: Subject, corpus: str, limit: int, tenant: str = LOCAL_TENANT
) -> Retrieval:
    """Retrieve at most `limit` accounts that may copy the subject; ten times as many from more than `LARGE` accounts.

    The key rows read are bounded, whatever the subject is called: `key_store.COMMON` for each of `MAX_PROBES` rare
    keys, `MAX_COMMON_ROWS`, and `MAX_ROWS_PER_KEY` for each of `MAX_CUT_KEYS`.
    """
    scope = Scope(corpus, tenant)
    probes = subject_probes(subject, scope.key_space)[:MAX_PROBES]
    if not probes:
        return Retrieval([], 0, 0)
    prober = Prober(session, scope)
    size, counts = prober.survey([probe.key for probe in probes])
    if not size:
        return Retrieval([], 0, 0)
    limit = limit if size <= LARGE else LARGE_FACTOR * limit
    found = _probe(prober, probes, size, counts)
    scores = _sum_scores(found)
    certain = _holders(found, found.plain)
    telling = {account for account, score in scores.items() if score >= found.floor} | certain
    worth = telling | _holders(found, found.bands)
    best = nlargest(limit, worth, key=lambda account: (scores.get(account, 0.0), account))
    # Among millions chance finds thousands by one band. Those beyond the limit are no more than that.
    beyond = len(telling.difference(best))
    left_out = min(beyond + _estimate_unread(found), size - len(best))
    return Retrieval(_load(prober, best), len(scores.keys() | worth), max(left_out, 0))


def load_candidates(
    session: Session, row_ids: Sequence[int], corpus: str, tenant: str = LOCAL_TENANT
) -> list[Candidate]:
    """Load accounts found in another way than by keys, in this order, as far as they are there and have not expired."""
    return _load(Prober(session, Scope(corpus, tenant)), row_ids) if row_ids else []


def _probe(prober: Prober, probes: Sequence[Probe], size: int, counts: Mapping[int, int]) -> _Found:
    rare = prober.read_postings([probe.key for probe in probes if probe.key not in counts])
    # So many bands are asked for that finding one of them tells less.
    tries = log2(1 + sum(probe.photo for probe in probes))
    telling: dict[int, float] = {}
    for probe in probes:
        holders = counts.get(probe.key) or len(rare.get(probe.key, ()))
        if holders:
            bits = log2(1 + size / holders) - (tries if probe.photo else 0.0)
            telling[probe.key] = probe.weight * max(bits, 0.0)
    held = [probe for probe in probes if probe.key in telling]
    plain = frozenset(probe.key for probe in held if not probe.photo and probe.weight >= PLAIN_WEIGHT)
    bands = frozenset(probe.key for probe in held if probe.photo)
    whole, parts = _choose_common(counts, telling, plain)
    read = prober.read_newest([*whole, *parts], MAX_ROWS_PER_KEY)
    common, cut = ({key: read[key] for key in keys} for keys in (whole, parts))
    return _Found(rare, common, cut, counts, telling, plain, bands, TELLING_WEIGHT * log2(1 + size))


def _choose_common(
    counts: Mapping[int, int], telling: Mapping[int, float], plain: frozenset[int]
) -> tuple[list[int], list[int]]:
    """The common keys to read whole, as far as the bound on rows allows, and those to read in part: the most telling.

    What is read in part must not add to the scores: it would lift the strangers that were read above a copy that was
    not. So only what makes its holders worth judging by itself is read in part.
    """
    whole: list[int] = []
    cut: list[int] = []
    left = MAX_COMMON_ROWS
    for key in sorted(counts, key=lambda key: (-telling[key], key)):
        if counts[key] <= min(left, MAX_ROWS_PER_KEY):
            whole.append(key)
            left -= counts[key]
        elif key in plain and len(cut) < MAX_CUT_KEYS:
            cut.append(key)
    return whole, cut


def _holders(found: _Found, keys: frozenset[int]) -> set[int]:
    """The accounts that were read under any of these keys."""
    read = (postings[key] for postings in (found.rare, found.common, found.cut) for key in keys & postings.keys())
    return set(chain.from_iterable(read))


def _estimate_unread(found: _Found) -> int:
    """How many accounts may stand unread that are worth judging: under one plain key, or under keys that tell enough.

    Those of the second kind share all of several keys, so that there are no more of them than the fewest unread
    under one.
    """
    read = found.common | found.cut
    missing = {key: count - len(read.get(key, ())) for key, count in found.counts.items()}
    unread = max((missing[key] for key in found.plain & missing.keys()), default=0)
    told, fewest = 0.0, None
    for key in sorted((key for key in missing if missing[key]), key=lambda key: -found.telling[key]):
        told += found.telling[key]
        fewest = missing[key] if fewest is None else min(fewest, missing[key])
        if told >= found.floor:
            return max(unread, fewest)
    return unread


def _sum_scores(found: _Found) -> dict[int, float]:
    scores: defaultdict[int, float] = defaultdict(float)
    for postings in (found.rare, found.common):
        for key, holders in postings.items():
            weight = found.telling[key]
            for account in holders:
                scores[account] += weight
    return scores


def _load(prober: Prober, ids: Sequence[int]) -> list[Candidate]:
    """Load accounts in the order of `ids`, without those that have expired."""
    found: dict[int, Candidate] = {}
    for row in prober.read_accounts(ids, utc_now()):
        found[row[0]] = Candidate(row[0], row[1], account_from(row[4:]), row[2], row[3])
    return [found[row_id] for row_id in ids if row_id in found]
