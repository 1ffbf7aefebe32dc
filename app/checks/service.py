"""Checks: retrieve the subjects that an account may copy, judge each, tell suspects from what is set aside."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import replace
from functools import lru_cache, partial
from itertools import chain
from math import log2
from typing import Any

from app.accounts.schemas import AccountIn
from app.accounts.scope import Scope
from app.accounts.service import batched
from app.checks.pool import WorkerPool
from app.checks.schemas import CheckIn, CheckOptions, CheckOut, ChecksOut
from app.reports.comparison import comparison_body
from app.scans.intake import fold_account
from app.scans.runner import make_world
from app.settings import Settings
from app.storage import Database
from app.subjects.retrieval import Found, FoundSubject, find_subjects
from matchers.model import SET_ASIDE_VERDICTS, Comparison, judge
from matchers.photos import match_key, photo_usable
from matchers.profile import Account
from matchers.sifting import Sieve
from matchers.world import World

NOT_FETCHED = "The picture was given by its address alone, and a check fetches nothing: send it, or its hashes."

# Accounts that share the statements of a check; more at once save nothing more.
BATCH = 32
# From so many accounts on a request is shared out among processes, of which there are no more than this unasked.
MANY = 2 * BATCH
MOST_WORKERS = 4

Judged = tuple[str, Comparison]


# As numbered in the request.
Numbered = tuple[AccountIn, str]


class CheckService:
    """Asks the stored subjects of one corpus. To be closed, where several accounts were checked at once."""

    def __init__(self, database: Database, settings: Settings) -> None:
        self._database = database
        self._settings = settings
        self._scope = Scope.of(settings)
        workers = settings.check_workers or min(os.cpu_count() or 1, MOST_WORKERS)
        self._pool = WorkerPool(workers) if workers > 1 else None

    def check(self, request: CheckIn) -> CheckOut | ChecksOut:
        """Check one account or several; raises what `AccountIn.to_account` raises, for any of them."""
        if request.account is not None:
            return self.check_all([(request.account, "/account")], request)[0]
        options = CheckOptions(min_probability=request.min_probability, limit=request.limit)
        return ChecksOut(results=self.check_many(request.accounts or (), options))

    def check_many(self, accounts: Sequence[AccountIn], options: CheckOptions) -> list[CheckOut]:
        """Check accounts, in processes of their own where there are `MANY`; raises what `check` raises."""
        numbered = [(given, f"/accounts/{at}") for at, given in enumerate(accounts)]
        if self._pool is None or len(numbered) < MANY:
            return self.check_all(numbered, options)
        check = partial(_check_apart, self._settings, options)
        return list(chain.from_iterable(self._pool.run(check, batched(numbered, BATCH))))

    def close(self) -> None:
        """End the processes that were started."""
        if self._pool is not None:
            self._pool.close()

    def check_all(self, given: Sequence[Numbered], options: CheckOptions) -> list[CheckOut]:
        """Check accounts here, each with the pointer to it in the request."""
        # Pictures are hashed before the database is asked for anything.
        accounts = [(one, fold_account(one.to_account(self._settings, at))) for one, at in given]
        world = make_world(self._settings)
        checked: list[CheckOut] = []
        for batch in batched(accounts, BATCH):
            with self._database.read() as session:
                found = find_subjects(session, [account for _, account in batch], self._scope)
            checked += [
                self._check(one, account, subjects, world, options)
                for (one, account), subjects in zip(batch, found, strict=True)
            ]
        return checked

    def _check(self, given: AccountIn, account: Account, found: Found, world: World, options: CheckOptions) -> CheckOut:
        told = replace(world, prior_bits=share_prior(self._settings, found.size))
        judged = _judge_all(found.subjects, account, told, options.min_probability)
        suspects = [item for item in judged if _is_suspect(item[1], options.min_probability)]
        aside = [item for item in judged if item[1].verdict in {"own_account", "fan_or_parody"}]
        return CheckOut.model_validate(
            {
                "matches": [_match_body(item) for item in suspects[: options.limit]],
                "set_aside": [_match_body(item) for item in aside[: options.limit]],
                "photo": _photo_state(given, account),
                "compared": len(found.subjects),
                "left_out": found.left_out,
            }
        )


def _check_apart(settings: Settings, options: CheckOptions, given: Sequence[Numbered]) -> list[CheckOut]:
    """Check accounts in a worker process."""
    return _open_here(settings).check_all(given, options)


@lru_cache(maxsize=1)
def _open_here(settings: Settings) -> CheckService:
    return CheckService(Database.of(settings), settings)


def share_prior(settings: Settings, subjects: int) -> float:
    """log2 prior odds that an account copies one certain subject out of so many."""
    return min(settings.prior_bits, settings.check_prior_bits - log2(max(subjects, 1)))


def _judge_all(found: Sequence[FoundSubject], account: Account, world: World, least: float) -> list[Judged]:
    """Judge the account against each subject of which anything can come that is answered, the likeliest first."""
    key = match_key(account.avatar) if account.avatar is not None else ()
    sieve = Sieve.of(account, world)
    judged = []
    for one in found:
        told = replace(world, photo_matches={key: one.matches}) if one.matches else world
        if sieve.passes(one.subject, told, least):
            judged.append((one.public_id, judge(one.subject, account, told)))
    return sorted(judged, key=lambda item: -item[1].bits)


def _is_suspect(comparison: Comparison, min_probability: float) -> bool:
    return comparison.verdict not in SET_ASIDE_VERDICTS and comparison.probability >= min_probability


def _match_body(item: Judged) -> dict[str, Any]:
    return {"subject_id": item[0], **comparison_body(item[1])}


def _photo_state(given: AccountIn, account: Account) -> dict[str, Any] | None:
    if given.avatar is None:
        return None
    if account.avatar is None:
        return {"usable": False, "reason": NOT_FETCHED}
    # Hashes of other systems alone are compared with those of the subjects' photos.
    usable, reason = photo_usable(account.avatar) if account.avatar.views else (True, None)
    return {"usable": usable, "reason": reason}
