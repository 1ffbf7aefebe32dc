"""Makes a source of a platform's connectors: plans, asks every server in its own thread, says what was not seen."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial

from app.net.asking import Asker, Net
from app.net.budget import Budget, Ledger
from app.net.errors import BudgetSpentError, NetError, RateLimitedError, StoppedError
from app.problems import describe_fault
from app.sources.contract import Answer, Candidate, Connector, Gathered, Plan, Questions, Remote, SourceInfo, Status
from app.sources.plan import MAX_PAGES, Agenda, plan_agenda, plan_questions
from app.storage import utc_now
from matchers.profile import Subject

log = logging.getLogger("clonecheck.sources")

# A server that fails this often in one scan is not asked any further.
MAX_FAULTS = 3
BROKEN = "The source failed; nothing is known of what it would have found"


@dataclass
class _Visit:
    """What became of one server."""

    place: str
    answered: int = 0
    found: int = 0
    status: Status = "ok"
    notes: list[str] = field(default_factory=list)
    withheld: int = 0
    retry_at: datetime | None = None
    gone: set[str] = field(default_factory=set)

    def note(self, status: Status, detail: str | None) -> None:
        """Lower the status, never raise it, and remember why."""
        if _ORDER.index(status) > _ORDER.index(self.status):
            self.status = status
        if detail and detail not in self.notes:
            self.notes.append(detail)


_ORDER: tuple[Status, ...] = ("ok", "manual", "partial", "unknown", "rate_limited", "skipped")


# Calls that one step may come to: a name resolved first, a second address, a call repeated.
CALLS_PER_STEP = 2


class Gatherer:
    """A source over one or more servers of a platform."""

    def __init__(self, remote: Remote, net: Net) -> None:
        self._remote = remote
        self._net = net

    @property
    def info(self) -> SourceInfo:
        """Describe the source."""
        return self._remote.info

    def plan(self, subject: Subject) -> Questions:
        """Plan what is worth asking here for a subject. Takes milliseconds: not for the event loop."""
        return plan_questions(self._remote.info, subject, utc_now().year)

    def wanted_calls(self, questions: Questions) -> int:
        """Calls that these questions may need here at most, with further pages and repeated calls."""
        # Some sources ask for a batch one handle at a time; every handle counts, lest they get less than they need.
        calls = len(questions.names) * MAX_PAGES + len(questions.handles)
        return calls * CALLS_PER_STEP * len(self._remote.connectors)

    async def gather(self, plan: Plan) -> Gathered:
        """Ask all servers at once within the budget; cancelling stops them."""
        info, connectors = self._remote.info, self._remote.connectors
        if not info.ready or not connectors:
            return Gathered("skipped", detail=info.not_ready or "The source is not set up")
        ledger = plan.ledger or Ledger(plan.budget)
        questions = plan.questions
        if questions is None:
            questions = await asyncio.to_thread(self.plan, plan.subject)
        agenda = plan_agenda(
            info, questions, ledger.calls_left() // len(connectors), ledger.money_left() / len(connectors), plan.known
        )  # fmt: skip
        if not agenda.calls:
            return Gathered("skipped", detail=_why_nothing(info, agenda))
        loop = asyncio.get_running_loop()
        asked = [
            loop.run_in_executor(self._net.threads, self._visit, connector, agenda, ledger, plan.tell)
            for connector in connectors
        ]
        try:
            visits = await asyncio.gather(*asked)
        finally:
            ledger.stop()
        return _sum_up(visits, agenda, ledger)

    def try_out(self, query: str | None, handle: str | None, budget: Budget) -> list[tuple[str, Answer | NetError]]:
        """Ask every server once, for a check of the settings: by name, by handle, or both, as far as the money goes."""
        ledger = Ledger(budget)
        ask = self._net.asker(ledger)
        by_name, by_handle = self.info.money_per_search, self.info.money_per_handle
        tried: list[tuple[str, Answer | NetError]] = []
        for connector in self._remote.connectors:
            try:
                if query is not None and self.info.searches and ledger.money_left() >= by_name:
                    answer = _pay(ledger, by_name, partial(connector.search, query, ask))
                    tried.append((connector.place, answer))
                if handle is not None and self.info.looks_up and ledger.money_left() >= by_handle:
                    answer = _pay(ledger, by_handle, partial(connector.lookup, (handle,), ask))
                    tried.append((connector.place, answer))
            except NetError as error:
                tried.append((connector.place, error))
        return tried

    def _visit(
        self, connector: Connector, agenda: Agenda, ledger: Ledger, tell: Callable[[list[Candidate]], None]
    ) -> _Visit:
        """Ask one server all there is to ask. Runs in a thread; never raises."""
        visit = _Visit(connector.place)
        ask = self._net.asker(ledger)
        faults = 0
        for step in _steps(connector, agenda, ask, visit, self.info):
            try:
                ledger.check()
                answer = step()
            except (RateLimitedError, BudgetSpentError, StoppedError) as error:
                visit.note("rate_limited" if isinstance(error, RateLimitedError) else "partial", error.detail)
                visit.retry_at = getattr(error, "retry_at", None)
                break
            except NetError as error:
                visit.note("partial", error.detail)
                faults += 1
            except Exception as fault:  # noqa: BLE001  # a broken source must not break the scan
                log.error("source %s failed: %s", self.info.name, describe_fault(fault))
                visit.note("partial", BROKEN)
                faults += 1
            else:
                self._take(answer, visit, tell)
                if answer.status == "rate_limited":
                    break
            if faults >= MAX_FAULTS:
                break
        return visit

    def _take(self, answer: Answer, visit: _Visit, tell: Callable[[list[Candidate]], None]) -> None:
        now = utc_now()
        found = [
            # Who shows posts to chosen people only is compared by what everybody sees, and not kept.
            Candidate(
                one.account,
                self.info.name,
                now,
                picture=one.picture,
                may_keep=one.may_keep and one.account.protected is not True,
            )
            for one in answer.sightings
        ]
        visit.answered += 1
        visit.withheld += answer.withheld
        visit.found += len(found)
        visit.retry_at = answer.retry_at or visit.retry_at
        visit.note(answer.status, answer.detail)
        if found:
            tell(found)


def _steps(
    connector: Connector, agenda: Agenda, ask: Asker, visit: _Visit, info: SourceInfo
) -> Iterator[Callable[[], Answer]]:
    """The calls of an agenda in their order: the first page of every search, the handles, then further pages."""
    pages: dict[str, str] = {}

    def search(query: str, cursor: str | None) -> Answer:
        answer = _pay(ask.ledger, info.money_per_search, lambda: connector.search(query, ask, cursor))
        pages.pop(query, None)
        if answer.cursor and answer.cursor == cursor:
            visit.note("partial", "The platform sent the same page again and again")
        elif answer.cursor:
            pages[query] = answer.cursor
        return answer

    def look(batch: tuple[str, ...]) -> Answer:
        answer = _pay(ask.ledger, info.money_per_handle * len(batch), lambda: connector.lookup(batch, ask))
        if answer.status == "ok":
            visit.gone |= _find_gone(connector.place, agenda.known.intersection(batch), answer)
        return answer

    for query in agenda.queries:
        yield partial(search, query, None)
    for batch in agenda.batches:
        yield partial(look, batch)
    for _ in range(MAX_PAGES - 1):
        for query, cursor in list(pages.items()):
            if ask.ledger.calls_left() and ask.ledger.money_left() >= info.money_per_search:
                yield partial(search, query, cursor)
    if pages:
        visit.note("partial", "The platform has further results that were not read")


def _find_gone(place: str, known: Iterable[str], answer: Answer) -> set[str]:
    """Which of the handles seen before a server shows no more. Of accounts elsewhere it may just not have heard."""
    shown = {sighting.account.handle.casefold() for sighting in answer.sightings if sighting.account.handle}
    return {
        handle for handle in known if handle.casefold() not in shown and handle.partition("@")[2] in {"", place}
    }  # fmt: skip


def _pay(ledger: Ledger, most: float, call: Callable[[], Answer]) -> Answer:
    """Make a call that may cost money: what it costs at most is set aside before, and the rest given back."""
    if not most:
        return call()
    ledger.reserve(most)
    answer = call()
    ledger.refund(most - min(most, answer.cost))
    return answer


def _sum_up(visits: list[_Visit], agenda: Agenda, ledger: Ledger) -> Gathered:
    told = sum(visit.found for visit in visits)
    notes = [
        f"{visit.place}: {note}" if len(visits) > 1 else note for visit in visits for note in visit.notes
    ]  # fmt: skip
    status = _overall(visits)
    if agenda.dropped or agenda.unsearched:
        status = "partial" if status == "ok" else status
        notes.append(_say_left_out(agenda))
    withheld = sum(visit.withheld for visit in visits)
    if withheld:
        status = "partial" if status == "ok" else status
        notes.append(f"{withheld} accounts ask not to be shown to visitors and were left out")
    waits = [visit.retry_at for visit in visits if visit.retry_at is not None]
    return Gathered(
        status,
        detail=". ".join(notes) or None,
        cost=ledger.money,
        retry_at=min(waits, default=None),
        calls=ledger.calls,
        told=told,
        gone=frozenset().union(*(visit.gone for visit in visits)),
    )


def _overall(visits: list[_Visit]) -> Status:
    """One status for all servers: nothing heard at all is unknown, anything missing is partial."""
    if any(visit.status == "rate_limited" for visit in visits):
        return "rate_limited"
    if not any(visit.answered for visit in visits):
        return "unknown"
    if all(visit.status == "ok" for visit in visits):
        return "ok"
    if all(visit.status in {"unknown", "skipped", "manual"} for visit in visits):
        return visits[0].status
    return "partial"


def _say_left_out(agenda: Agenda) -> str:
    names, handles = agenda.unsearched, agenda.dropped
    if not handles:
        return f"{names} spellings of the name were not asked for within the budget"
    if not names:
        return f"{handles} similar user names were not asked for within the budget"
    return f"{names} spellings of the name and {handles} similar user names were not asked for within the budget"


def _why_nothing(info: SourceInfo, agenda: Agenda) -> str:
    price = info.money_per_search or info.money_per_handle
    if price and (agenda.dropped or agenda.unsearched):
        most = f"${price:.2f}"
        return f"Asking here costs up to {most} a call, and the budget does not allow it"
    if agenda.dropped or agenda.unsearched:
        return "The budget allows no calls"
    return "There is nothing to ask for here: the source needs a name or a user name"
