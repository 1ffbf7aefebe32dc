"""From gathered candidates to a ranked list: judge, merge, respect what a human said, set aside, rank."""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from app.photos.matching import match_photos
from app.platforms.identity import fold_reference, parse_profile_url
from app.scans.intake import fold_account
from app.sources.contract import Candidate
from app.storage import new_id
from app.subjects.binding import AccountKey, account_key
from matchers.context import find_own
from matchers.model import SET_ASIDE_VERDICTS, SUSPECT_VERDICTS, Comparison, Verdict, judge
from matchers.profile import Account, Subject
from matchers.text import clean
from matchers.world import World

# One thief may wear a stolen photo under a few names; a picture worn under more names than this is anybody's.
MANY_WEARERS = 8

_REASONS: dict[Verdict, str] = {
    "own_account": "You said that this account is your own",
    "namesake": "You said that this is another person of that name",
    "fan_or_parody": "You said that this is a fan or parody account",
    "unrelated": "You said that this account has nothing to do with you",
}


@dataclass(frozen=True, slots=True)
class Decision:
    """What a human said of an account; `reopened` when its name or photo has changed since."""

    verdict: Verdict
    note: str | None
    decided_at: datetime
    fingerprint: str
    reopened: bool = False


@dataclass(frozen=True, slots=True)
class Inputs:
    """What the judgement of a candidate was told: by it the same judgement can be made again elsewhere."""

    subject: Subject
    world: World
    candidate: Candidate


@dataclass(frozen=True, slots=True)
class Judged:
    """A candidate with its comparison, as it will be reported."""

    id: str
    account: Account
    sources: tuple[str, ...]
    comparison: Comparison
    fingerprint: str
    decision: Decision | None = None
    row_id: int | None = None
    inputs: Inputs | None = None


@dataclass(frozen=True, slots=True)
class Ranking:
    """The answer of a scan: suspects with the strongest first, and the accounts set aside with a reason."""

    suspects: tuple[Judged, ...] = ()
    set_aside: tuple[Judged, ...] = ()


def fingerprint(account: Account) -> str:
    """Condense the account's name and photo, so that a change of either is noticed."""
    photo = format(account.avatar.mark or 0, "x") if account.avatar else ""
    text = f"{clean(account.display_name or '').casefold()}|{photo}"
    return hashlib.sha256(text.encode()).hexdigest()


def judge_candidates(
    subject: Subject,
    candidates: Iterable[Candidate],
    world: World,
    decisions: Mapping[AccountKey, Decision],
    everyone: Sequence[Candidate] | None = None,
) -> list[Judged]:
    """Judge every candidate, in the light of what all of them, or `everyone` found so far, tell together."""
    gathered = [replace(c, account=fold_account(c.account)) for c in candidates]
    told = gathered if everyone is None else everyone
    subject = _learn_from_own(subject, [c.account for c in told])
    matches = match_photos(subject, (c.account.avatar for c in gathered if c.account.avatar is not None))
    world = replace(world, photo_counts=count_wearers(subject, told), photo_matches=matches)
    return [_judge_one(subject, candidate, world, decisions) for candidate in gathered]


def _learn_from_own(subject: Subject, accounts: Sequence[Account]) -> Subject:
    """Learn from the person's own accounts, where they were found: since when there is an original, and what they link.

    Only what links from a listed account counts; what that one links to in turn proves nothing any more.
    """
    own = [account for account in accounts if find_own(subject, account)]
    dates = [account.created_at for account in own if account.created_at is not None]
    linked = (parse_profile_url(link.url) for account in own for link in account.links)
    return replace(
        subject,
        created_at=min(dates) if dates else subject.created_at,
        linked_accounts=tuple(dict.fromkeys(fold_reference(ref) for ref in linked if ref is not None)),
    )


def count_wearers(subject: Subject, candidates: Iterable[Candidate]) -> dict[int, int]:
    """How many accounts under other names than the subject's wear each picture: a picture of many is a stock one."""
    own = {clean(name).casefold() for name in subject.names}
    wearers: defaultdict[int, set[str]] = defaultdict(set)
    for candidate in candidates:
        account = candidate.account
        name = clean(account.display_name or account.handle or "").casefold()
        if account.avatar and account.avatar.mark is not None and name not in own:
            wearers[account.avatar.mark].add(name)
    return {picture: len(names) for picture, names in wearers.items() if len(names) >= MANY_WEARERS}


def _judge_one(
    subject: Subject, candidate: Candidate, world: World, decisions: Mapping[AccountKey, Decision]
) -> Judged:
    mark = fingerprint(candidate.account)
    decision = decisions.get(account_key(candidate.account))
    if decision is not None:
        decision = replace(decision, reopened=decision.fingerprint != mark)
    return Judged(
        id=new_id(),
        account=candidate.account,
        sources=(candidate.source,),
        comparison=_settle(judge(subject, candidate.account, world, candidate.pixels), decision),
        fingerprint=mark,
        decision=decision,
        row_id=candidate.row_id,
        inputs=Inputs(subject, world, candidate),
    )


def _settle(comparison: Comparison, decision: Decision | None) -> Comparison:
    """Let a human's word on an unchanged account stand above the model's verdict."""
    if decision is None or decision.reopened:
        return comparison
    return comparison._replace(verdict=decision.verdict, reason=_REASONS.get(decision.verdict), hinges_on=None)


def is_decided(item: Judged) -> bool:
    """Whether the verdict is a human's and not the model's."""
    return item.decision is not None and not item.decision.reopened


def rank(judged: Sequence[Judged], limit: int, min_probability: float) -> Ranking:
    """Order suspects by their odds and bound both lists.

    `min_probability` filters suspects only; what is set aside is always told. An account that a human called
    unrelated is set aside too; one that a human called a clone stays, whatever its odds.
    """
    ordered = sorted(judged, key=lambda item: -item.comparison.bits)
    suspects = [item for item in ordered if _is_suspect(item, min_probability)]
    aside = [item for item in ordered if _is_set_aside(item)]
    return Ranking(tuple(suspects[:limit]), tuple(aside[:limit]))


def _is_suspect(item: Judged, min_probability: float) -> bool:
    if is_decided(item):
        return item.comparison.verdict in SUSPECT_VERDICTS
    return item.comparison.verdict not in SET_ASIDE_VERDICTS and item.comparison.probability >= min_probability


def _is_set_aside(item: Judged) -> bool:
    if is_decided(item):
        return item.comparison.verdict not in SUSPECT_VERDICTS
    return item.comparison.verdict in SET_ASIDE_VERDICTS
