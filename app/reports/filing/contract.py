"""The contract every filing channel keeps: one file a platform, and one line in `registry.py`.

A channel drafts what would be sent, without asking anybody; prepares it with the user's token (a login, the number
under which the platform knows the account), which files nothing; and says what the platform's answer means. Sending,
remembering and refusing are done once, in `service.py`.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, Protocol
from urllib.parse import urlencode

from app.net.client import Call
from app.net.reply import Reply
from app.reports.filing.errors import Refusal
from app.reports.filing.line import MAX_REPLY, Line
from app.reports.ledger import Reported
from app.reports.route import Reporter, Statement
from matchers.profile import Account, Subject

# What a preview shows where the value is found only when the report is sent.
LOOKED_UP = "(looked up when it is sent)"
YOUR_TOKEN = "(your token)"  # noqa: S105  # stands in its place

# How the mapping was proven: on the real server, whose moderators' queue then held the report, or by documents alone.
Proof = Literal["live_server", "documented"]
Path = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Case:
    """Whom an account copies, what speaks for it, and who reports it.

    `verdict` is as `build_routes` takes it. `declares_parody`: it says somewhere that it is not the person, and copies
    the person as a whole; the text stays neutral then. `reported` is how the ledger knows the suspect; with the scan or
    the stored subject its entry is erased again.
    """

    subject: Subject
    account: Account
    verdict: str | None
    evidence: tuple[Statement | str, ...]
    reporter: Reporter
    declares_parody: bool = False
    reported: Reported | None = None
    scan_id: str | None = None
    subject_id: str | None = None


@dataclass(frozen=True, slots=True)
class Wishes:
    """What the reporter chooses: the own server, a copy to the account's own server, the server's rules (their ids)."""

    server: str | None = None
    forward: bool = False
    rules: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Credentials:
    """The user's token for one filing: never stored, in no log and no repr. `account` is for a login by password."""

    token: str = field(repr=False)
    account: str | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True)
class ChannelInfo:
    """What users are told of a channel before they use it.

    `platforms` are those whose accounts it can report; `platform` is where the reporter has the account that files.
    `howto` says how to get a token, `scope` what it must be allowed. `limit` is the longest text in characters,
    `limit_bytes` in bytes of UTF-8. `fixed_server` is asked where none is named.
    """

    name: str
    title: str
    platform: str
    platforms: tuple[str, ...]
    howto: str
    scope: str
    limit: int
    proof: Proof
    limit_bytes: int | None = None
    fixed_server: str | None = None
    forwards: bool = False
    rules: bool = False
    login: bool = False


@dataclass(frozen=True, slots=True)
class Draft:
    """What would be sent, and to whom, but for the value at `identity`, which is looked up, and the token at `secret`.

    An empty `identity`: the address names the account.
    """

    channel: str
    server: str
    url: str
    account: Account
    recipients: str
    text: str
    body: Mapping[str, Any]
    identity: Path
    secret: Path | None = None
    headers: Mapping[str, str] = field(default_factory=dict)
    is_form: bool = False
    notes: tuple[str, ...] = ()

    @property
    def fingerprint(self) -> str:
        """Names the whole of it (SHA-256): a report is sent only if its preview had the same."""
        told = [
            self.channel, self.url, self.account.platform, self.account.handle, self.account.account_id,
            dict(self.headers), self.body, self.recipients, self.notes,
        ]  # fmt: skip
        return hashlib.sha256(json.dumps(told, sort_keys=True).encode()).hexdigest()

    def call(self, identity: Any, headers: Mapping[str, str], secret: str | None = None, **changes: Any) -> Call:
        """The request with all its values; `changes` take the place of members of the body."""
        body = {**self.body, **changes}
        if self.identity:
            body = _placed(body, self.identity, identity)
        if self.secret is not None:
            body = _placed(body, self.secret, secret)
        if self.is_form:
            content, kind = urlencode(body, doseq=True).encode(), "application/x-www-form-urlencoded"
        else:
            content, kind = json.dumps(body).encode(), "application/json"
        told = {**self.headers, "Content-Type": kind, **headers}
        return Call("POST", self.url, told, content, MAX_REPLY, cached=False)


def _placed(body: Mapping[str, Any], path: Path, value: Any) -> dict[str, Any]:
    name, *rest = path
    return {**body, name: _placed(body[name], tuple(rest), value) if rest else value}


def _no_other(_reply: Reply) -> Call | None:
    return None


@dataclass(frozen=True, slots=True)
class Submission:
    """A report ready to be sent.

    `receipt` reads the number that the platform gives it; raises `BadReplyError` where the answer is none that the
    platform would give. `explain` says why a refusal happened, or None. `other` is the request to make in place of one
    that was refused for its wording alone. `farewell` ends a session that preparing began.
    """

    call: Call
    receipt: Callable[[Reply], str | None]
    explain: Callable[[Reply], Refusal | None]
    other: Callable[[Reply], Call | None] = _no_other
    farewell: Call | None = None


class Filer(Protocol):
    """How reports reach one platform's moderators."""

    @property
    def info(self) -> ChannelInfo:
        """Describe the channel."""
        ...

    def draft(self, case: Case, wishes: Wishes, text: str) -> Draft:
        """What would be sent; asks nobody. Raises `InvalidInputError` where something is missing."""
        ...

    def prepare(self, draft: Draft, credentials: Credentials, line: Line) -> Submission:
        """Find what is missing, with the user's token; files nothing.

        Raises `FilingError` and its like in one clear sentence, and the errors of `app.net.errors`.
        """
        ...
