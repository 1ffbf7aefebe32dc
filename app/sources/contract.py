"""The contract every source keeps.

A platform is asked by one file here: a `Connector` maps one server's API to accounts, and a function
`connect(settings) -> Remote` describes the source and lists its servers. One line in `registry.py` makes it a source;
planning, budget, threads, streaming and coverage are done once, in `gathering.py`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal, Protocol

from app.net.asking import Asker
from app.net.budget import Budget, Ledger
from matchers.pixels import PixelMatch
from matchers.profile import Account, Subject

__all__ = [
    "Answer",
    "Asker",
    "Budget",
    "Candidate",
    "Connector",
    "Gathered",
    "Picture",
    "Plan",
    "Questions",
    "Remote",
    "SearchLink",
    "Sighting",
    "Source",
    "SourceInfo",
    "Status",
    "Verified",
]

Status = Literal["ok", "partial", "unknown", "rate_limited", "skipped", "manual"]
# How the mapping was proven: against the real server, on replies recorded from it, or by its documents alone.
Verified = Literal["live_server", "recorded", "documented"]


@dataclass(frozen=True, slots=True)
class Picture:
    """Where an avatar can be fetched, in the size that serves comparing (about 400 pixels where there is a choice).

    `headers` are what the platform wants with the request, such as a token; they go to that host alone.
    """

    url: str = field(repr=False)
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)


@dataclass(frozen=True, slots=True)
class Sighting:
    """One account as a platform showed it. What the platform did not tell stays None: never zero, never False.

    `may_keep` is False where the account asks not to be indexed: it is compared, and never kept in the index. For
    protected accounts that holds without it.
    """

    account: Account
    picture: Picture | None = None
    may_keep: bool = True


@dataclass(frozen=True, slots=True)
class Answer:
    """What one `search` or `lookup` brought.

    `cursor` asks for the next page; None ends. `cost` is what the call really cost in US dollars. `withheld` counts
    accounts that ask not to be shown to visitors like us and were left out. `detail` is one plain sentence on what
    could not be seen; it goes with any status but ok.
    """

    sightings: tuple[Sighting, ...] = ()
    status: Status = "ok"
    detail: str | None = None
    cursor: str | None = None
    cost: float = 0.0
    retry_at: datetime | None = None
    withheld: int = 0


class Connector(Protocol):
    """How one server of a platform is asked. Runs in a thread; keeps nothing between calls that a scan could change.

    Every request goes through `ask`, which paces, repeats, caches and counts it, and raises the `app.net.errors` of
    what goes wrong outside: let them pass, they become coverage. "No such account" is no error: it is an Answer
    without that account. Never raises anything else, whatever the reply looks like (`Reply.json_object`, `json_list`
    and `app.sources.reading` help).
    """

    @property
    def place(self) -> str:
        """The server, as users know it, such as mastodon.social."""
        ...

    def search(self, name: str, ask: Asker, cursor: str | None = None) -> Answer:
        """One page of the accounts that the platform finds for a person's name.

        Called only where `SourceInfo.searches`.
        """
        ...

    def lookup(self, handles: Sequence[str], ask: Asker) -> Answer:
        """The accounts that have exactly these handles: at most `SourceInfo.lookup_size` of them.

        With status ok, a handle without an account in the answer has none that may be shown.

        Called only where `SourceInfo.looks_up`. Handles have the platform's own syntax, without a leading @.
        """
        ...


@dataclass(frozen=True, slots=True)
class SourceInfo:
    """What a user is told about a source before choosing it.

    `ready` is False where a key or setting is missing; `not_ready` then says which, in one sentence. `settings` are
    the names of the settings that matter to it. `consent`: its terms must be accepted (CLONECHECK_TERMS_ACCEPTED)
    before it is asked; `terms` is their address. `money_per_search` and `money_per_handle` are the most a call costs
    in US dollars. `known_handle` is one that certainly exists there, for `clonecheck sources test`.
    """

    name: str
    title: str
    sees: str
    cannot_see: str
    leaves_machine: bool
    needs_key: bool = False
    cost: str = "free"
    verified: Verified = "documented"
    ready: bool = True
    platforms: tuple[str, ...] = field(default_factory=tuple)
    not_ready: str | None = None
    settings: tuple[str, ...] = ()
    terms: str | None = None
    consent: bool = False
    searches: bool = True
    looks_up: bool = True
    lookup_size: int = 1
    money_per_search: float = 0.0
    money_per_handle: float = 0.0
    known_handle: str | None = None


@dataclass(frozen=True, slots=True)
class Remote:
    """A source outside this machine: what users are told, and the servers to ask, each in a thread of its own."""

    info: SourceInfo
    connectors: tuple[Connector, ...] = ()


@dataclass(frozen=True, slots=True)
class Candidate:
    """An account that a source returned, not yet judged. `row_id` is set where it stands in the index.

    `pixels` is for the scan: what laying the account's picture over the subject's has shown.
    """

    account: Account
    source: str
    observed_at: datetime | None = None
    row_id: int | None = None
    picture: Picture | None = None
    may_keep: bool = True
    pixels: PixelMatch | None = None


def _tell_nobody(_candidates: Sequence[Candidate]) -> None:
    """Nobody follows."""


@dataclass(frozen=True, slots=True)
class Questions:
    """What is worth asking a source for, whatever the budget: names to search, handles to look up, likeliest first."""

    names: tuple[str, ...] = ()
    handles: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Plan:
    """What to look for: the subject, and how many candidates are worth judging.

    `known` are handles that were seen at this source before and are worth a look whether they still exist. `ledger` is
    this source's part of the budget. `tell` may be called from any thread with candidates that are found
    already, for a source that takes long; what was told need not be returned again. `asked` are the platforms that the
    scan's sources ask. `questions` are what the source itself has planned for the subject, where that was done before.
    """

    subject: Subject
    limit: int
    budget: Budget
    ledger: Ledger | None = None
    tell: Callable[[Sequence[Candidate]], None] = _tell_nobody
    asked: frozenset[str] = frozenset()
    known: tuple[str, ...] = ()
    questions: Questions | None = None


@dataclass(frozen=True, slots=True)
class SearchLink:
    """A page on which a person can search for himself, filled in."""

    platform: str
    title: str
    url: str


@dataclass(frozen=True, slots=True)
class Gathered:
    """What a source found and what it could not see.

    `told` counts the candidates passed to `Plan.tell` already; `links` are for status manual; `gone` are those of
    `Plan.known` that the platform does not show any more.
    """

    status: Status
    candidates: tuple[Candidate, ...] = ()
    detail: str | None = None
    cost: float = 0.0
    retry_at: datetime | None = None
    calls: int = 0
    told: int = 0
    links: tuple[SearchLink, ...] = ()
    gone: frozenset[str] = frozenset()


class Source(Protocol):
    """Something that can be asked for accounts.

    `gather` never raises for what the outside world does: it answers with a status. It may be cancelled at any time.
    """

    @property
    def info(self) -> SourceInfo:
        """Describe the source."""
        ...

    async def gather(self, plan: Plan) -> Gathered:
        """Return the accounts that may copy the subject."""
        ...
