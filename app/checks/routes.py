"""Checks over HTTP: parse, call, return."""

from __future__ import annotations

from typing import cast

from fastapi import APIRouter, Request

from app.checks.schemas import CheckIn, CheckOut, ChecksOut
from app.checks.service import CheckService

router = APIRouter(prefix="/v1", tags=["checks"])


@router.post("/checks", operation_id="checkAccounts")
def check_accounts(request: Request, body: CheckIn) -> CheckOut | ChecksOut:
    """Tell which of the stored subjects an account copies: one account, or up to 500 with `results` in their order.

    The call for a profile page that is being looked at, a sign-up, a change of an avatar. `matches` are suspects only:
    show a warning for these. `set_aside` holds what must not be warned of: `own_account` where the account is one that
    the subject lists as an own one, `fan_or_parody` where it says so openly. Who merely shares a name is in neither.

    The more people are stored, the likelier chance alone makes somebody resemble one of them: the prior odds are shared
    among them (`CLONECHECK_CHECK_PRIOR_BITS`), which `prior_bits` shows.

    Nothing is stored and nothing leaves the machine: a picture that is given by `url` is not fetched, and `photo` says
    so. Where many accounts are checked, send hashes (docs/hashes.md): decoding a picture takes longer than the check.
    """
    return cast("CheckService", request.app.state.checks).check(body)
