"""Checks: retrieve the subjects that an account may copy, judge each, tell suspects from what is set aside."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from sqlalchemy.orm import Session

from app.accounts.schemas import AccountIn
from app.accounts.scope import Scope
from app.checks.schemas import CheckIn, CheckOptions, CheckOut, ChecksOut
from app.reports.comparison import comparison_body
from app.scans.intake import fold_account
from app.scans.runner import make_world
from app.settings import Settings
from app.storage import Database
from app.subjects.retrieval import FoundSubject, find_subjects
from matchers.model import SET_ASIDE_VERDICTS, Comparison, judge
from matchers.photos import match_key, photo_usable
from matchers.profile import Account
from matchers.world import World

NOT_FETCHED = "The picture was given by its address alone, and a check fetches nothing: send it, or its hashes."

Judged = tuple[str, Comparison]


class CheckService:
    """Asks the stored subjects of one corpus."""

    def __init__(self, database: Database, settings: Settings) -> None:
        self._database = database
        self._settings = settings
        self._scope = Scope.of(settings)

    def check(self, request: CheckIn) -> CheckOut | ChecksOut:
        """Check one account or several; raises what `AccountIn.to_account` raises, for any of them."""
        if request.account is not None:
            return self._check_all([(request.account, "/account")], request)[0]
        numbered = [(given, f"/accounts/{at}") for at, given in enumerate(request.accounts or ())]
        return ChecksOut(results=self._check_all(numbered, request))

    def _check_all(self, given: Sequence[tuple[AccountIn, str]], options: CheckOptions) -> list[CheckOut]:
        # Pictures are hashed before the database is asked for anything.
        accounts = [(one, fold_account(one.to_account(self._settings, at))) for one, at in given]
        world = make_world(self._settings)
        with self._database.read() as session:
            return [self._check(session, one, account, world, options) for one, account in accounts]

    def _check(
        self, session: Session, given: AccountIn, account: Account, world: World, options: CheckOptions
    ) -> CheckOut:
        found = find_subjects(session, account, self._scope)
        judged = _judge_all(found.subjects, account, world)
        suspects = [item for item in judged if _is_suspect(item[1], options.min_probability)]
        aside = [item for item in judged if item[1].verdict in {"own_account", "fan_or_parody"}]
        return CheckOut.model_validate(
            {
                "matches": [_match_body(item) for item in suspects[: options.limit]],
                "set_aside": [_match_body(item) for item in aside[: options.limit]],
                "photo": _photo_state(given, account),
                "compared": len(judged),
                "left_out": found.left_out,
            }
        )


def _judge_all(found: Sequence[FoundSubject], account: Account, world: World) -> list[Judged]:
    """Judge the account against each subject, the likeliest first."""
    key = match_key(account.avatar) if account.avatar is not None else ()
    judged = []
    for one in found:
        told = replace(world, photo_matches={key: one.matches}) if one.matches else world
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
