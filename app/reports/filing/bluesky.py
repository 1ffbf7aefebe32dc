"""Bluesky: a report to the moderation service that Bluesky runs, by way of the reporter's own server (PDS).

Documents: the lexicons com.atproto.moderation.createReport, com.atproto.server.createSession, tools.ozone.report.defs
and com.atproto.moderation.defs; atproto.com/specs/xrpc (service proxying); app.bsky.actor.getProfile.
"""

from __future__ import annotations

from dataclasses import dataclass

from app import __version__
from app.net.client import Call
from app.net.reply import Reply
from app.problems import FieldError, InvalidInputError
from app.reports.filing.contract import LOOKED_UP, Case, ChannelInfo, Credentials, Draft, Submission, Wishes
from app.reports.filing.errors import (
    NOTHING_FILED,
    FilingError,
    NotReportableError,
    Refusal,
    SuspectGoneError,
    TokenRefusedError,
)
from app.reports.filing.fediverse import own_server, read_receipt
from app.reports.filing.line import Line, code_in, host_of, object_in
from app.settings import BLUESKY_LABELER, Settings

REASON = "tools.ozone.report.defs#reasonMisleadingImpersonation"
# What moderation services know that are older than tools.ozone.report.defs.
OLD_REASON = "com.atproto.moderation.defs#reasonMisleading"
_SECOND_FACTOR = "AuthFactorTokenRequired"
_ENDED = frozenset({"ExpiredToken", "InvalidToken", "AuthMissing", "AuthenticationRequired"})
_INFO = ChannelInfo(
    name="bluesky-api",
    title="Bluesky",
    platform="bluesky",
    platforms=("bluesky",),
    howto="An app password, together with your handle: Settings > Privacy and security > App passwords. The "
    "password of the account itself is not needed and should not be given.",
    scope="an app password may report; an access token needs rpc:com.atproto.moderation.createReport",
    limit=2000,
    limit_bytes=20_000,
    proof="live_server",
    fixed_server="bsky.social",
    login=True,
)


def connect(settings: Settings) -> Bluesky:
    """The channel under the operator's settings."""
    return Bluesky(settings.bluesky_url.rstrip("/"), settings.bluesky_labeler)


@dataclass(frozen=True, slots=True)
class Bluesky:
    """`appview` is where accounts are looked up, without the token; `labeler` is the DID of the moderation service."""

    appview: str
    labeler: str
    info: ChannelInfo = _INFO

    def draft(self, case: Case, wishes: Wishes, text: str) -> Draft:
        """What would be sent."""
        base = own_server(self.info, wishes)
        if not case.account.account_id and not case.account.handle:
            raise InvalidInputError("Neither the handle nor the DID of this account is known.")
        return Draft(
            channel=self.info.name,
            server=host_of(base),
            url=f"{base}/xrpc/com.atproto.moderation.createReport",
            account=case.account,
            recipients=f"{self._name()} ({self.labeler}), by way of {host_of(base)}",
            text=text,
            body={
                "reasonType": REASON,
                "reason": text,
                "subject": {
                    "$type": "com.atproto.admin.defs#repoRef",
                    "did": case.account.account_id or LOOKED_UP,
                },
                "modTool": {"name": f"clonecheck/{__version__}"},
            },
            headers={"atproto-proxy": f"{self.labeler}#atproto_labeler"},
            identity=("subject", "did"),
            notes=(
                "The moderators see which account of yours reports.",
                f"With an app password you are signed in at {host_of(base)} for this, and out again.",
                f"If they do not know that reason yet, it is sent with {OLD_REASON} instead.",
            ),
        )

    def _name(self) -> str:
        return "Bluesky's moderators" if self.labeler == BLUESKY_LABELER else "the moderation service of the settings"

    def prepare(self, draft: Draft, credentials: Credentials, line: Line) -> Submission:
        """See whether the account is there, and log in with the app password."""
        did = self._find(draft, line)
        token, own, farewell = _log_in(draft, credentials, line)
        if own == did:
            line.leave(farewell)
            raise NotReportableError("This is the account that you report with.")
        headers = {"Authorization": f"Bearer {token}"}

        def other(reply: Reply) -> Call | None:
            refused = str(object_in(reply).get("message", "")).startswith("Invalid reason type")
            return draft.call(did, headers, reasonType=OLD_REASON) if refused else None

        return Submission(
            draft.call(did, headers),
            receipt=lambda reply: read_receipt(reply, "id"),
            explain=_explain,
            other=other,
            farewell=farewell,
        )

    def _find(self, draft: Draft, line: Line) -> str:
        named = draft.account.account_id or draft.account.handle or ""
        reply = line.get(f"{self.appview}/xrpc/app.bsky.actor.getProfile", {"actor": named.removeprefix("@")})
        if reply.status in {400, 404}:
            raise SuspectGoneError(f"Bluesky does not show this account any more. {NOTHING_FILED}")
        found = reply.expect().json_object().get("did")
        if not isinstance(found, str) or found != (draft.account.account_id or found) or not found.startswith("did:"):
            raise FilingError(f"Bluesky did not say which account this is. {NOTHING_FILED}")
        return found


def _log_in(draft: Draft, credentials: Credentials, line: Line) -> tuple[str, str | None, Call | None]:
    """The access token, the own DID, and the call that ends the session.

    An access token may be given itself, in place of handle and app password.
    """
    if credentials.account is None:
        if not credentials.token.startswith("ey"):
            raise InvalidInputError(
                "An app password needs your handle with it.", errors=[FieldError("/account", "is needed here")]
            )
        return credentials.token, None, None
    base = draft.url.partition("/xrpc/")[0]
    told = {"identifier": credentials.account.removeprefix("@"), "password": credentials.token}
    reply = line.post(f"{base}/xrpc/com.atproto.server.createSession", told)
    code = code_in(reply, "error")
    if code == _SECOND_FACTOR:
        raise TokenRefusedError(
            f"This is the password of an account with a second factor; make an app password. {NOTHING_FILED}"
        )
    if reply.status in {400, 401, 403}:
        raise TokenRefusedError(
            f"{draft.server} does not accept this handle and app password. If your account lives on another server, "
            f"name that one. {NOTHING_FILED}"
        )
    session = reply.expect().json_object()
    token, own, renewal = _token(session.get("accessJwt")), session.get("did"), _token(session.get("refreshJwt"))
    if token is None:
        raise FilingError(f"{draft.server} gave no token for the app password. {NOTHING_FILED}")
    end = f"{base}/xrpc/com.atproto.server.deleteSession"
    farewell = Call("POST", end, {"Authorization": f"Bearer {renewal}"}, None, cached=False) if renewal else None
    return token, own if isinstance(own, str) else None, farewell


def _token(value: object) -> str | None:
    """A text that may stand in a header."""
    fine = isinstance(value, str) and value.isascii() and value.isprintable() and " " not in value
    return value if fine else None  # type: ignore[return-value]  # a str, as just seen


def _explain(reply: Reply) -> Refusal | None:
    code = code_in(reply, "error")
    if code in _ENDED or reply.status == 401:
        return Refusal(
            "The token is not valid here or has ended; give your handle and an app password instead.", TokenRefusedError
        )
    if code == "ScopeMissingError":
        return Refusal(
            "The token may not do this: it lacks the scope rpc:com.atproto.moderation.createReport.", TokenRefusedError
        )
    if code == "AccountTakedown":
        return Refusal("Bluesky has taken down the account that reports, and takes no reports from it.")
    return None
