"""Misskey and its forks: a report to the moderators of the reporter's own server.

Documents: api.json of every server (users/show, users/report-abuse), as misskey-js 2026.5.1 carries it. There is no
category: the comment says what it is about.
"""

from __future__ import annotations

from app.net.reply import Reply
from app.reports.filing.contract import LOOKED_UP, YOUR_TOKEN, Case, ChannelInfo, Credentials, Draft, Submission, Wishes
from app.reports.filing.errors import (
    NOTHING_FILED,
    FilingError,
    NotReportableError,
    Refusal,
    SuspectGoneError,
    TokenRefusedError,
)
from app.reports.filing.fediverse import FEDERATED, is_at_home, is_host_of, name_and_host, own_server, read_receipt
from app.reports.filing.line import Line, code_in, host_of, number_in
from app.settings import Settings

SCOPE = "write:report-abuse"
_UNKNOWN = Refusal("The server does not know this token, or has revoked it.", TokenRefusedError)
_REFUSALS = {
    "CREDENTIAL_REQUIRED": _UNKNOWN,
    "AUTHENTICATION_FAILED": _UNKNOWN,
    "PERMISSION_DENIED": Refusal(f"The token may not do this: it lacks the permission {SCOPE}.", TokenRefusedError),
    "YOUR_ACCOUNT_SUSPENDED": Refusal("The account that reports is suspended.", TokenRefusedError),
    "NO_SUCH_USER": Refusal("The server does not know this account any more.", SuspectGoneError),
    "CANNOT_REPORT_YOURSELF": Refusal("This is the account that you report with.", NotReportableError),
    "CANNOT_REPORT_THE_ADMIN": Refusal(
        "The account belongs to an administrator of your server; report it from another server."
    ),
}


def connect(_settings: Settings) -> Misskey:
    """The channel; it needs no settings."""
    return Misskey()


class Misskey:
    """One server, in the name of one of its users."""

    info = ChannelInfo(
        name="misskey-api",
        title="Misskey and its forks",
        platform="misskey",
        platforms=FEDERATED,
        howto="On your server: Settings > API > Generate access token, with the permission to report abuse "
        f"({SCOPE}) and no other.",
        scope=SCOPE,
        limit=2048,
        proof="documented",
    )

    def draft(self, case: Case, wishes: Wishes, text: str) -> Draft:
        """What would be sent."""
        base = own_server(self.info, wishes)
        _, host = name_and_host(case.account)
        notes = ["The moderators of your server see which account of yours reports."]
        if not is_at_home(host, base):
            notes.append(f"The account lives on {host}: your moderators decide whether they pass the report on.")
        return Draft(
            channel=self.info.name,
            server=host_of(base),
            url=f"{base}/api/users/report-abuse",
            account=case.account,
            recipients=f"the moderators of {host_of(base)}",
            text=text,
            body={"i": YOUR_TOKEN, "userId": LOOKED_UP, "comment": text},
            identity=("userId",),
            secret=("i",),
            notes=tuple(notes),
        )

    def prepare(self, draft: Draft, credentials: Credentials, line: Line) -> Submission:
        """Find the number under which the server knows the account."""
        base = draft.url.partition("/api/")[0]
        name, host = name_and_host(draft.account)
        asked = {"username": name, "host": None if is_at_home(host, base) else host}
        reply = line.post(f"{base}/api/users/show", {"i": credentials.token, **asked}, repeat=True)
        code = code_in(reply, "error", "code")
        if reply.status == 404 or code in {"NO_SUCH_USER", "FAILED_TO_RESOLVE_REMOTE_USER"}:
            raise SuspectGoneError(f"{draft.server} does not find this account (any more). {NOTHING_FILED}")
        if reply.status in {401, 403}:
            raise (_explain(reply) or _UNKNOWN).error()
        shown = reply.expect().json_object()
        number = number_in(shown.get("id"))
        same = str(shown.get("username", "")).lower() == name.lower() and is_host_of(shown, host)
        if number is None or not same:
            raise FilingError(f"{draft.server} did not say which account this is. {NOTHING_FILED}")
        return Submission(draft.call(number, {}, credentials.token), receipt=read_receipt, explain=_explain)


def _explain(reply: Reply) -> Refusal | None:
    return _REFUSALS.get(code_in(reply, "error", "code") or "")
