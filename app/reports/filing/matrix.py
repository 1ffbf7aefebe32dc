"""Matrix: a report to the administrators of the reporter's own homeserver.

Documents: spec.matrix.org, client-server API 1.14 and later: POST users/{userId}/report (MSC4260), GET
profile/{userId}, GET account/whoami.
Synapse 1.163 takes 1,000 characters, and drops reports on users of other servers without saying so.
"""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import quote

from app.net.reply import Reply
from app.reports.filing.contract import Case, ChannelInfo, Credentials, Draft, Submission, Wishes
from app.reports.filing.errors import NOTHING_FILED, Refusal, SuspectGoneError, TokenRefusedError
from app.reports.filing.fediverse import is_at_home, name_and_host, own_server, read_receipt
from app.reports.filing.line import Line, code_in, host_of
from app.settings import Settings

_INFO = ChannelInfo(
    name="matrix-api",
    title="Matrix",
    platform="matrix",
    platforms=("matrix",),
    howto="The access token of a session: in Element, All settings > Help & About > Advanced > Access token. It may do "
    "everything that you may do there: end that session afterwards.",
    scope="there are none: the token may do everything that you may",
    limit=1000,
    proof="live_server",
)

_UNKNOWN = Refusal("The server does not know this token; its session may have ended.", TokenRefusedError)
_LOCKED = Refusal("The account that reports is locked.", TokenRefusedError)
_REFUSALS = {
    "M_UNKNOWN_TOKEN": _UNKNOWN,
    "M_MISSING_TOKEN": _UNKNOWN,
    "M_USER_LOCKED": _LOCKED,
    "M_USER_SUSPENDED": _LOCKED,
    "M_UNRECOGNIZED": Refusal(
        "The server is older than Matrix 1.14 and takes no reports on users; write to its administrators."
    ),
    "M_NOT_FOUND": Refusal("The server does not know this account.", SuspectGoneError),
}


def connect(settings: Settings) -> Matrix:
    """The channel; the homeserver of the settings is asked where none is named."""
    return Matrix(settings.matrix_url)


@dataclass(frozen=True, slots=True)
class Matrix:
    """One homeserver, in the name of one of its users."""

    homeserver: str | None = None
    info: ChannelInfo = _INFO

    def draft(self, case: Case, wishes: Wishes, text: str) -> Draft:
        """What would be sent."""
        base = own_server(self.info, wishes if wishes.server else Wishes(self.homeserver))
        name, host = name_and_host(case.account)
        user = f"@{name}:{host}"
        notes = ["The administrators of your server see which account of yours reports."]
        if not is_at_home(host, base):
            notes.append(
                f"The account belongs to {host}. If that is not your own server, its administrators are not told, and "
                "many servers (Synapse among them) drop such a report without saying so: write to the other server's "
                "administrators as well."
            )
        return Draft(
            channel=self.info.name,
            server=host_of(base),
            url=f"{base}/_matrix/client/v3/users/{quote(user, safe='')}/report",
            account=case.account,
            recipients=f"the administrators of {host_of(base)}",
            text=text,
            body={"reason": text},
            identity=(),
            notes=tuple(notes),
        )

    def prepare(self, draft: Draft, credentials: Credentials, line: Line) -> Submission:
        """See whether the token holds and the account is there."""
        headers = {"Authorization": f"Bearer {credentials.token}"}
        client, _, user = draft.url.removesuffix("/report").rpartition("/users/")
        who = line.get(f"{client}/account/whoami", headers=headers)
        if who.status in {401, 403}:
            raise (_explain(who) or _UNKNOWN).error()
        who.expect()
        profile = line.get(f"{client}/profile/{user}", headers=headers)
        # 403: the profile is kept from us, which says nothing about the account.
        if profile.status == 404:
            raise SuspectGoneError(f"{draft.server} does not find this account (any more). {NOTHING_FILED}")
        return Submission(draft.call(None, headers), receipt=read_receipt, explain=_explain)


def _explain(reply: Reply) -> Refusal | None:
    return _REFUSALS.get(code_in(reply, "errcode") or "")
