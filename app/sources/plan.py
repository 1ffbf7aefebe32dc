"""What to ask a source for: names to search, and the handles an impostor would most likely take there."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import zip_longest

from app.platforms.catalogue import load_catalogue, plain_key
from app.platforms.syntax import syntax_of
from app.sources.contract import Questions, SourceInfo
from matchers.handle_forms import parse_handle
from matchers.handle_sources import full_forms
from matchers.lookalikes import lookalikes
from matchers.name_parts import parse_name
from matchers.profile import Handle, Subject
from matchers.text import clean

# Each subject is asked for under this many names at most; further ones find the same accounts again.
MAX_QUERIES = 6
# As many lookalikes as good manners allow to ask one site for.
MAX_HANDLES = 40
# Pages of one search; what a platform ranks below is rarely a copy.
MAX_PAGES = 2


@dataclass(frozen=True, slots=True)
class Agenda:
    """What one server is asked: searches, the most promising first, and batches of handles.

    `dropped` counts the handles, and `unsearched` the names, that are worth asking for and not within the budget.
    `known` are the handles that were seen there before.
    """

    queries: tuple[str, ...] = ()
    batches: tuple[tuple[str, ...], ...] = ()
    dropped: int = 0
    unsearched: int = 0
    known: frozenset[str] = frozenset()

    @property
    def calls(self) -> int:
        """Calls to make at least, without further pages."""
        return len(self.queries) + len(self.batches)


def plan_questions(info: SourceInfo, subject: Subject, year: int) -> Questions:
    """Plan what is worth asking a source for. `year` is today's, for handles that carry it. Takes milliseconds."""
    names = plan_queries(subject) if info.searches else ()
    handles = plan_handles(subject, info.platforms[0] if info.platforms else None, year) if info.looks_up else ()
    return Questions(names, handles)


def plan_agenda(info: SourceInfo, questions: Questions, calls: int, money: float, known: Sequence[str] = ()) -> Agenda:
    """Take as many questions as fit into this many calls and US dollars.

    `known` are handles that were seen there before; they come first.
    """
    names = questions.names
    handles = tuple(dict.fromkeys((*known, *questions.handles))) if info.looks_up else ()
    batches = [handles[at : at + info.lookup_size] for at in range(0, len(handles), info.lookup_size)]
    asked: list[str] = []
    looked: list[tuple[str, ...]] = []
    # In turn, so that a small budget buys some of both: first the name as given, then the likeliest handles.
    for name, batch in zip_longest(names, batches):
        if name is not None and calls > 0 and money >= info.money_per_search:
            asked.append(name)
            calls, money = calls - 1, money - info.money_per_search
        if batch is not None and calls > 0 and money >= info.money_per_handle * len(batch):
            looked.append(batch)
            calls, money = calls - 1, money - info.money_per_handle * len(batch)
    return Agenda(
        tuple(asked), tuple(looked), len(handles) - sum(map(len, looked)), len(names) - len(asked), frozenset(known)
    )  # fmt: skip


def plan_queries(subject: Subject) -> tuple[str, ...]:
    """What to search by name: the names as given, without titles and middle parts, in Latin letters, the handle."""
    found: dict[str, str] = {}
    variants = [list(_name_variants(name)) for name in subject.names]
    for row in zip_longest(*variants):
        for text in filter(None, row):
            found.setdefault(text.casefold(), text)
    for handle in subject.handles:
        name = _bare_name(handle)
        found.setdefault(name.casefold(), name)
    return tuple(found.values())[:MAX_QUERIES]


def _name_variants(name: str) -> Iterator[str]:
    plain = clean(name).strip()
    if not plain:
        return
    yield plain
    parts = parse_name(name).parts
    shown = [clean(name[part.start : part.end]) for part in parts]
    if len(shown) > 1:
        yield " ".join(shown)
        yield f"{shown[0]} {shown[-1]}"
    latin = " ".join(part.text for part in parts)
    if latin and not plain.isascii():
        yield latin


def plan_handles(subject: Subject, platform: str | None, year: int, limit: int = MAX_HANDLES) -> tuple[str, ...]:
    """The handles to look up on a platform, the likeliest first: the subject's own one there, then its lookalikes.

    A handle of another platform counts as it stands: an impostor takes the same one here. Without any handle, those
    that people make of the name are taken.
    """
    syntax = syntax_of(platform, year)
    lists: list[list[str]] = []
    for text in _local_forms(subject, platform):
        texts = [text] + [item.handle for item in lookalikes(text, platform, limit, syntax, subject.names)]
        if syntax.home and not syntax.allows(text):
            texts.insert(1, text + syntax.home)
        lists.append([one for one in texts if syntax.allows(one)])
    return tuple(_take_turns(lists, syntax.key))[:limit]


def _local_forms(subject: Subject, platform: str | None) -> Iterator[str]:
    """The subject's handles as they would be written on a platform: the own ones there first.

    Where handles carry a server, the name alone counts too: it can be taken on every other server.
    """
    known = load_catalogue().get(platform) if platform else None
    for handle in sorted(_base_handles(subject), key=lambda handle: handle.platform != platform):
        text = handle.text.strip().removeprefix("@")
        name = _bare_name(handle)
        if handle.platform in (platform, None):
            yield text
        if handle.platform != platform or (known is not None and known.facts.federated):
            yield name


def _bare_name(handle: Handle) -> str:
    """The handle without the server it is on: jane of jane@mastodon.social and of jane.bsky.social."""
    parsed = parse_handle(handle.text, handle.platform)
    return parsed.local.removeprefix("@") or handle.text


def _base_handles(subject: Subject) -> list[Handle]:
    own = [Handle(ref.handle, ref.platform) for ref in subject.own_accounts if ref.handle]
    given = [handle for handle in (*subject.handles, *own) if handle.text.strip()]
    if not given:
        given = [Handle(form) for name in subject.names for form in full_forms(name)[:2]]
    once: dict[tuple[str | None, str], Handle] = {}
    for handle in given:
        once.setdefault((handle.platform, plain_key(handle.text)), handle)
    return list(once.values())


def _take_turns(lists: Sequence[Iterable[str]], key: Callable[[str], str]) -> Iterator[str]:
    """Merge lists, one from each in turn, each account once."""
    seen: set[str] = set()
    for row in zip_longest(*lists):
        for text in filter(None, row):
            if (folded := key(text)) not in seen:
                seen.add(folded)
                yield text
