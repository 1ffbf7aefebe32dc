"""Mastodon and what speaks its API: a report to the moderators of the reporter's own server.

Documents: docs.joinmastodon.org/methods/reports, /methods/accounts#lookup, /methods/search#v2, /api/oauth-scopes.
"""

from __future__ import annotations

from typing import Any

from app.net.reply import Reply
from app.problems import FieldError, InvalidInputError
from app.reports.filing.contract import LOOKED_UP, Case, ChannelInfo, Credentials, Draft, Submission, Wishes
from app.reports.filing.errors import NOTHING_FILED, Refusal, SuspectGoneError, TokenRefusedError
from app.reports.filing.fediverse import FEDERATED, is_at_home, name_and_host, own_server, read_receipt
from app.reports.filing.line import Line, host_of, number_in
from app.settings import Settings

SCOPE = "write:reports"
_UNKNOWN = "The server does not know this token, or has revoked it."
_REFUSALS = {
    401: Refusal(_UNKNOWN, TokenRefusedError),
    403: Refusal(
        f"The token may not do this: it lacks the scope {SCOPE}, or the account it belongs to is locked.",
        TokenRefusedError,
    ),
    404: Refusal("The server does not know this account any more.", SuspectGoneError),
    422: Refusal(
        "The server does not accept the report: the token belongs to an application and not to a user, or a rule that "
        "was named is none of the server's."
    ),
}


def connect(_settings: Settings) -> Mastodon:
    """The channel; it needs no settings."""
    return Mastodon()


class Mastodon:
    """One server, in the name of one of its users."""

    info = ChannelInfo(
        name="mastodon-api",
        title="Mastodon and compatible servers",
        platform="mastodon",
        platforms=FEDERATED,
        howto="On your server: Preferences > Development > New application, with the scopes write:reports and "
        "read:search; then open the application and copy the access token.",
        scope=f"{SCOPE}, and read:search where your server has not met the account yet",
        limit=1000,
        proof="documented",
        forwards=True,
        rules=True,
    )

    def draft(self, case: Case, wishes: Wishes, text: str) -> Draft:
        """What would be sent. With rules of the server the category is "violation", else "other"."""
        base = own_server(self.info, wishes)
        _, host = name_and_host(case.account)
        remote = not is_at_home(host, base)
        body: dict[str, Any] = {
            "account_id": LOOKED_UP,
            "comment": text,
            "category": "violation" if wishes.rules else "other",
            "forward": "true" if remote and wishes.forward else "false",
        }
        if wishes.rules:
            body["rule_ids[]"] = [_rule(rule) for rule in wishes.rules]
        return Draft(
            channel=self.info.name,
            server=host_of(base),
            url=f"{base}/api/v1/reports",
            account=case.account,
            recipients=_recipients(host_of(base), host, remote=remote, forward=wishes.forward),
            text=text,
            body=body,
            identity=("account_id",),
            is_form=True,
            notes=tuple(_notes(host, remote, wishes)),
        )

    def prepare(self, draft: Draft, credentials: Credentials, line: Line) -> Submission:
        """Find the number under which the server knows the account."""
        headers = {"Authorization": f"Bearer {credentials.token}"}
        base = draft.url.partition("/api/")[0]
        acct = (draft.account.handle or "").removeprefix("@")
        found = _look_up(base, acct, line) or _search(base, acct, headers, line)
        if found is None:
            raise SuspectGoneError(f"{draft.server} does not find this account (any more). {NOTHING_FILED}")
        return Submission(draft.call(found, headers), receipt=lambda reply: read_receipt(reply, "id"), explain=_explain)


def _rule(rule: str) -> str:
    if number_in(rule) is None:
        raise InvalidInputError("A rule is named by its id.", errors=[FieldError("/rules", "holds what is no id")])
    return rule


def _recipients(server: str, host: str, *, remote: bool, forward: bool) -> str:
    if remote and forward:
        return f"the moderators of {server}, and by a copy without your name those of {host}"
    return f"the moderators of {server}"


def _notes(host: str, remote: bool, wishes: Wishes) -> list[str]:
    notes = ["The moderators of your server see which account of yours reports."]
    if not wishes.rules:
        notes.append(
            "Mastodon has no category for impersonation. If a rule of your server forbids it, name the rule's id: "
            "/api/v1/instance/rules on your server lists them."
        )
    if remote and wishes.forward:
        notes.append(f"Whoever runs {host} reads the copy. Do not send it there if that may be the impostor.")
    elif remote:
        notes.append(
            f"The account lives on {host}: your moderators can hide it on their server only. A copy can go to {host} "
            "as well (forward), unless the impostor may run that server."
        )
    return notes


def _look_up(base: str, acct: str, line: Line) -> str | None:
    """The number of an account that the server has met; asked without the token, which need not be able to read."""
    reply = line.get(f"{base}/api/v1/accounts/lookup", {"acct": acct})
    return _number(reply.json_object(), acct, alone=True) if reply.status == 200 else None


def _search(base: str, acct: str, headers: dict[str, str], line: Line) -> str | None:
    """The number of an account on another server, which the own one looks up there."""
    asked = {"q": f"@{acct}", "type": "accounts", "resolve": "true", "limit": "5"}
    reply = line.get(f"{base}/api/v2/search", asked, headers)
    if reply.status == 401:
        raise _REFUSALS[401].error()
    if reply.status == 403:
        raise TokenRefusedError(
            f"Your server has not met this account, and the token may not search for it: it lacks the scope "
            f"read:search. {NOTHING_FILED}"
        )
    if reply.status in {404, 422}:
        return None
    # A search also shows accounts of the own server that have the same name and are somebody else's.
    alone = is_at_home(acct.partition("@")[2], base)
    found = (_number(shown, acct, alone=alone) for shown in reply.expect().json_list("accounts"))
    return next((number for number in found if number), None)


def _number(shown: dict[str, Any], acct: str, *, alone: bool) -> str | None:
    """The number in the server's answer, if it is about the account that was asked for.

    With `alone` the name alone will do, as a server writes its own accounts: also those under a second domain of its.
    """
    told = shown.get("acct")
    wanted = {acct.lower(), acct.lower().partition("@")[0]} if alone else {acct.lower()}
    return number_in(shown.get("id")) if isinstance(told, str) and told.lower() in wanted else None


def _explain(reply: Reply) -> Refusal | None:
    return _REFUSALS.get(reply.status)
