"""PeerTube: a report ("abuse") to the moderators of the reporter's own server, and of the account's.

Documents: docs.joinpeertube.org/api-rest-reference: GET api/v1/accounts/{name}, POST api/v1/abuses. Of its reasons,
"spamOrMisleading" is the one that covers an account which passes itself off as somebody.
"""

from __future__ import annotations

from urllib.parse import quote

from app.net.reply import Reply
from app.reports.filing.contract import LOOKED_UP, Case, ChannelInfo, Credentials, Draft, Submission, Wishes
from app.reports.filing.errors import NOTHING_FILED, FilingError, Refusal, SuspectGoneError, TokenRefusedError
from app.reports.filing.fediverse import is_at_home, is_host_of, name_and_host, own_server, read_receipt
from app.reports.filing.line import Line, host_of
from app.settings import Settings

REASONS = ("spamOrMisleading",)

_REFUSALS = {
    401: Refusal("The token is not valid here or has ended; it lasts a day.", TokenRefusedError),
    403: Refusal("The account that reports may not do this, or it is blocked.", TokenRefusedError),
    404: Refusal("The server does not know this account any more.", SuspectGoneError),
}


def connect(_settings: Settings) -> PeerTube:
    """The channel; it needs no settings."""
    return PeerTube()


class PeerTube:
    """One server, in the name of one of its users."""

    info = ChannelInfo(
        name="peertube-api",
        title="PeerTube",
        platform="peertube",
        platforms=("peertube",),
        howto="An access token, which lasts a day: docs.joinpeertube.org/api/rest-getting-started shows how "
        "/api/v1/users/token of your server gives one for your user name and password.",
        scope="there are none: the token may do everything that you may",
        limit=3000,
        proof="documented",
    )

    def draft(self, case: Case, wishes: Wishes, text: str) -> Draft:
        """What would be sent."""
        base = own_server(self.info, wishes)
        _, host = name_and_host(case.account)
        recipients = f"the moderators of {host_of(base)}"
        notes = ["The moderators see which account of yours reports."]
        if not is_at_home(host, base):
            recipients += f", and by their server those of {host}"
            notes.append(f"Whoever runs {host} learns that you report. Do not file it if that may be the impostor.")
        return Draft(
            channel=self.info.name,
            server=host_of(base),
            url=f"{base}/api/v1/abuses",
            account=case.account,
            recipients=recipients,
            text=text,
            body={"reason": text, "predefinedReasons": list(REASONS), "account": {"id": LOOKED_UP}},
            identity=("account", "id"),
            notes=tuple(notes),
        )

    def prepare(self, draft: Draft, credentials: Credentials, line: Line) -> Submission:
        """Find the number under which the server knows the account; that is open to all."""
        headers = {"Authorization": f"Bearer {credentials.token}"}
        base = draft.url.partition("/api/")[0]
        name, host = name_and_host(draft.account)
        known_as = name if is_at_home(host, base) else f"{name}@{host}"
        reply = line.get(f"{base}/api/v1/accounts/{quote(known_as, safe='@')}")
        if reply.status == 404:
            raise SuspectGoneError(f"{draft.server} does not know this account (any more). {NOTHING_FILED}")
        shown = reply.expect().json_object()
        number = shown.get("id")
        same = str(shown.get("name")).lower() == name.lower() and is_host_of(shown, host)
        if not isinstance(number, int) or isinstance(number, bool) or not same:
            raise FilingError(f"{draft.server} did not say which account this is. {NOTHING_FILED}")
        return Submission(
            draft.call(number, headers), receipt=lambda reply: read_receipt(reply, "abuse", "id"), explain=_explain
        )


def _explain(reply: Reply) -> Refusal | None:
    return _REFUSALS.get(reply.status)
