"""Pixelfed: a report to the moderators of the reporter's own server.

Documents: none are published; Pixelfed's own source (Api/V1Dot1/Reports.php, Api/V1Api/AccountsProfile.php): POST
api/v1.1/report, GET api/v1/accounts/lookup, GET api/v2/search. The message came in 2026; older servers leave it out.
"""

from __future__ import annotations

from app.net.errors import BadReplyError
from app.net.reply import Reply
from app.reports.filing.contract import LOOKED_UP, Case, ChannelInfo, Credentials, Draft, Submission, Wishes
from app.reports.filing.errors import (
    NOTHING_FILED,
    FilingError,
    NotReportableError,
    Refusal,
    SuspectGoneError,
    TokenRefusedError,
)
from app.reports.filing.fediverse import FEDERATED, is_at_home, name_and_host, own_server
from app.reports.filing.line import Line, code_in, host_of, number_in
from app.settings import Settings

_REFUSALS = {
    "ERROR_REPORT_DUPLICATE": Refusal("You have reported this account there already."),
    "ERROR_NO_SELF_REPORTS": Refusal("This is the account that you report with.", NotReportableError),
    "ERROR_INVALID_OBJECT_ID": Refusal("The server does not know this account any more.", SuspectGoneError),
    "ERROR_MESSAGE_TOO_LONG": Refusal("The server takes a shorter text only."),
    "ERROR_INVALID_PARAMS": Refusal("The server does not know this kind of report; it may be too old."),
}


def connect(_settings: Settings) -> Pixelfed:
    """The channel; it needs no settings."""
    return Pixelfed()


class Pixelfed:
    """One server, in the name of one of its users."""

    info = ChannelInfo(
        name="pixelfed-api",
        title="Pixelfed",
        platform="pixelfed",
        platforms=FEDERATED,
        howto="On your server: Settings > Applications > Personal access tokens > Create new token, with the scopes "
        "read and write.",
        scope="read and write",
        limit=255,
        limit_bytes=255,
        proof="documented",
    )

    def draft(self, case: Case, wishes: Wishes, text: str) -> Draft:
        """What would be sent."""
        base = own_server(self.info, wishes)
        _, host = name_and_host(case.account)
        notes = [
            "The moderators of your server see which account of yours reports.",
            "Servers older than 2026 pass over the text and show the kind of report alone.",
        ]
        if not is_at_home(host, base):
            notes.append(f"The account lives on {host}, whose moderators are not told.")
        return Draft(
            channel=self.info.name,
            server=host_of(base),
            url=f"{base}/api/v1.1/report",
            account=case.account,
            recipients=f"the moderators of {host_of(base)}",
            text=text,
            body={"report_type": "impersonation", "object_type": "user", "object_id": LOOKED_UP, "message": text},
            identity=("object_id",),
            notes=tuple(notes),
        )

    def prepare(self, draft: Draft, credentials: Credentials, line: Line) -> Submission:
        """Find the number under which the server knows the account."""
        headers = {"Authorization": f"Bearer {credentials.token}"}
        base = draft.url.partition("/api/")[0]
        name, host = name_and_host(draft.account)
        acct = name if is_at_home(host, base) else f"{name}@{host}"
        reply = line.get(f"{base}/api/v1/accounts/lookup", {"acct": acct}, headers)
        if reply.status in {400, 404, 422}:
            raise SuspectGoneError(f"{draft.server} does not know this account (any more). {NOTHING_FILED}")
        # A visitor who is not signed in is led to the page for that.
        if reply.status in {301, 302, 401, 403}:
            raise TokenRefusedError(
                f"{draft.server} does not accept this token, or it lacks the scope read. {NOTHING_FILED}"
            )
        shown = reply.expect().json_object()
        number = number_in(shown.get("id"))
        if number is None or str(shown.get("acct", "")).removeprefix("@").lower() not in {
            acct.lower(),
            f"{name}@{host}".lower(),
        }:
            raise FilingError(f"{draft.server} did not say which account this is. {NOTHING_FILED}")
        return Submission(draft.call(number, headers), receipt=_receipt, explain=_explain)


def _receipt(reply: Reply) -> None:
    """It gives no number; its answer repeats the code."""
    if reply.json_object().get("code") != 200:
        raise BadReplyError


def _explain(reply: Reply) -> Refusal | None:
    if reply.status in {401, 403}:
        return Refusal(
            "The token has ended, or lacks the scope write, or your e-mail address is not confirmed.", TokenRefusedError
        )
    return _REFUSALS.get(code_in(reply, "error_code") or "")
