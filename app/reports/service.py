"""The ways to report a suspect that are open to this reporter, the best first."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from datetime import UTC, date, datetime
from typing import Any

from app.platforms.catalogue import Platform, load_catalogue
from app.platforms.identity import is_handle
from app.platforms.schemas import Channel, Rules
from app.platforms.texts import Texts
from app.reports.fields import split_fields
from app.reports.links import build_link
from app.reports.route import Reporter, Route, RouteList
from app.reports.schemas import RoutesIn
from app.reports.wording import Values, collect_values, fill, single_line
from app.settings import Settings
from matchers.profile import Account, Subject

__all__ = ["Reporter", "Route", "RouteList", "answer_routes", "build_routes", "routes_to_wire"]

# Parents act for their child by law, and the owner of a copied photo is usually the person or one who acts for them.
_COUNTS_AS = {
    "self": {"anyone", "self", "rights_holder"},
    "authorised_representative": {"anyone", "authorised_representative", "rights_holder"},
    "parent_or_guardian": {"anyone", "parent_or_guardian", "authorised_representative", "rights_holder"},
    "bystander": {"anyone", "bystander"},
}
_PURPOSES = ("impersonation", "privacy", "search", "illegal_content", "copyright")
_NO_ACCOUNT_FIRST = {"no": 0, "unknown": 1, "sometimes": 1, "yes": 2}
# The member states of the European Union, and those that join them in the European Economic Area.
_EU = frozenset("AT BE BG CY CZ DE DK EE ES FI FR GR HR HU IE IT LT LU LV MT NL PL PT RO SE SI SK".split())  # noqa: SIM905
_REGIONS = {"EU": _EU, "EEA": _EU | {"IS", "LI", "NO"}}


def _may_file(channel: Channel, reporter: Reporter) -> bool:
    return not _COUNTS_AS[reporter.role].isdisjoint(channel.who_may_file)


def _in_country(channel: Channel, country: str | None) -> bool:
    if not channel.countries or country is None:
        return True
    return any(country in _REGIONS.get(area, {area}) for area in channel.countries)


def _applies(channel: Channel, verdict: str | None) -> bool:
    # A lookalike has no copied photo, so there is no copyright to claim in it.
    return not (channel.purpose == "copyright" and verdict == "lookalike")


def _rank(channel: Channel, reporter: Reporter) -> tuple[int, int, int]:
    account = _NO_ACCOUNT_FIRST[channel.needs_account] if reporter.has_account is False else 0
    return account, _PURPOSES.index(channel.purpose), channel.channel == "api"


@dataclass(frozen=True, slots=True)
class _Case:
    """What all routes of one suspect and one reporter have in common; `link_values` may ride in a link of their own."""

    platform: Platform
    reporter: Reporter
    texts: Texts
    rules: Rules
    values: Values
    link_values: Values
    today: date | None


def _note(channel: Channel, case: _Case) -> str | None:
    notes = [fill(channel.note, case.values) if channel.note else None]
    facts = case.platform.facts
    if case.today and case.today > facts.review_after:
        notes.append(fill(case.texts.notes["overdue"], {"reviewed_at": facts.reviewed_at.isoformat()}))
    return " ".join(note for note in notes if note) or None


def _build_route(channel: Channel, case: _Case) -> Route:
    link = build_link(channel, case.link_values, case.rules, case.reporter.role)
    copy, bring = split_fields(channel, case.values, case.reporter, case.texts)
    preselected = channel.preselects if channel.preselects and link.url == channel.preselects.url else None
    return Route(
        channel=channel.channel,
        name=channel.name,
        purpose=channel.purpose,
        url=link.url,
        prefilled=link.prefilled,
        copy=copy,
        bring=bring,
        needs_account={"yes": True, "no": False}.get(channel.needs_account),
        id_required=channel.id_required,
        who_may_file=channel.who_may_file,
        verified=channel.confidence,
        reviewed_at=case.platform.facts.reviewed_at,
        preselects=preselected.effect if preselected else None,
        note=_note(channel, case),
    )


def _fit_for_links(values: Values, platform: Platform) -> Values:
    """A handle of the wrong shape may be shown to the reader, but does not ride in a link of its own."""
    handle = values.get("suspect_handle")
    if handle is None or is_handle(platform, handle):
        return values
    return {name: value for name, value in values.items() if name not in {"suspect_handle", "handle"}}


def _no_routes(texts: Texts, reason: str, platform: str) -> RouteList:
    because = texts.none_because[reason]  # type: ignore[index]
    return RouteList(none_because=fill(because, {"platform": platform}))


def build_routes(
    subject: Subject,
    account: Account,
    verdict: str | None,
    evidence_sentences: Sequence[str],
    reporter: Reporter,
    *,
    today: date | None = None,
) -> RouteList:
    """List the ways to report `account`, those this reporter can use best first; nothing is sent.

    For a namesake, a fan or parody account, an own account and an unrelated one nothing is drafted: `none_because`
    says why and what can be done instead. `verdict` None means that a person has judged. `today` marks routes whose
    review is overdue; None leaves that out.
    """
    catalogue = load_catalogue()
    texts = catalogue.text(reporter.language)
    platform = catalogue.get(account.platform)
    if verdict in {"namesake", "fan_or_parody", "own_account", "unrelated"}:
        return _no_routes(texts, str(verdict), "")
    if platform is None:
        return _no_routes(texts, "unknown_platform", single_line(account.platform, 64) or "this platform")
    channels = [
        c
        for c in platform.channels
        if _may_file(c, reporter) and _in_country(c, reporter.country) and _applies(c, verdict)
    ]
    if not channels:
        return _no_routes(texts, "nobody_may_file", platform.name.partition(" (")[0])
    values = collect_values(subject, account, platform, evidence_sentences, reporter, texts)
    case = _Case(platform, reporter, texts, catalogue.rules, values, _fit_for_links(values, platform), today)
    built = (_build_route(c, case) for c in sorted(channels, key=lambda c: _rank(c, reporter)))
    routes = [route for route in built if not catalogue.is_refused(route.url or "")]
    if not routes:
        return _no_routes(texts, "nobody_may_file", platform.name.partition(" (")[0])
    if reporter.has_account is False and all(route.needs_account for route in routes):
        note = fill(texts.notes["all_need_account"], values)
        routes[0] = replace(routes[0], note=" ".join(filter(None, (routes[0].note, note))))
    return RouteList(tuple(routes))


def routes_to_wire(found: RouteList) -> dict[str, Any]:
    """The routes as JSON: `{"routes": […]}`, with `none_because` where there is none."""
    routes = [{**asdict(route), "reviewed_at": route.reviewed_at.isoformat()} for route in found.routes]
    for route in routes:
        route.update({name: list(value) for name, value in route.items() if isinstance(value, tuple)})
    return {"routes": routes} if found.none_because is None else {"routes": [], "none_because": found.none_because}


def answer_routes(request: RoutesIn, settings: Settings) -> dict[str, Any]:
    """Answer `POST /v1/routes`; raises `InvalidInputError` for a subject that cannot be read."""
    found = build_routes(
        request.subject.to_subject(settings),
        request.suspect.to_account(),
        request.suspect.verdict,
        request.suspect.sentences(),
        request.reporter.to_reporter(),
        today=datetime.now(UTC).date(),
    )
    return routes_to_wire(found)
