"""The ways to report a suspect that are open to this reporter, the best first."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from datetime import UTC, date, datetime
from typing import Any

from app.platforms.catalogue import Catalogue, Platform, load_catalogue
from app.platforms.identity import is_handle
from app.platforms.schemas import Channel
from app.platforms.texts import Texts
from app.reports.fields import split_fields
from app.reports.legal import in_areas, list_legal
from app.reports.links import Link, build_link, plain_link
from app.reports.route import Reporter, Route, RouteList, Statement
from app.reports.schemas import RoutesIn, SuspectIn
from app.reports.wording import Values, collect_values, fill, single_line
from app.settings import Settings
from matchers.bios import find_bio_disclosures
from matchers.context import find_labels, find_own
from matchers.model import SUSPECT_VERDICTS
from matchers.profile import Account, Subject

__all__ = ["Reporter", "Route", "RouteList", "Statement", "answer_routes", "build_routes", "routes_to_wire"]

# Parents act for their child by law, and the owner of a copied photo is usually the person or one who acts for them.
_COUNTS_AS = {
    "self": {"anyone", "self", "rights_holder"},
    "authorised_representative": {"anyone", "authorised_representative", "rights_holder"},
    "parent_or_guardian": {"anyone", "parent_or_guardian", "authorised_representative", "rights_holder"},
    "bystander": {"anyone", "bystander"},
}
_PURPOSES = ("impersonation", "privacy", "search", "illegal_content", "copyright")
_NO_ACCOUNT_FIRST = {"no": 0, "unknown": 1, "sometimes": 1, "yes": 2}
# What the law or the nature of the thing says about the time is in the text itself.
_TIMELESS = frozenset({"privacy", "illegal_content", "copyright"})
_NOTHING_DRAFTED = frozenset({"namesake", "fan_or_parody", "own_account", "unrelated"})


def _may_file(channel: Channel, reporter: Reporter) -> bool:
    return not _COUNTS_AS[reporter.role].isdisjoint(channel.who_may_file)


def _is_open(channel: Channel, reporter: Reporter, verdict: str | None) -> bool:
    # A lookalike has no copied photo, so there is no copyright to claim in it.
    if channel.purpose == "copyright" and verdict == "lookalike":
        return False
    return _may_file(channel, reporter) and (reporter.country is None or in_areas(reporter.country, channel.countries))


def _rank(channel: Channel, reporter: Reporter) -> tuple[bool, bool, int, int, bool]:
    """What cannot be used comes last; a copyright notice, with its risks, after all that asks for no oath."""
    account = _NO_ACCOUNT_FIRST[channel.needs_account] if reporter.has_account is False else 0
    notice = channel.purpose == "copyright"
    return account == 2, notice, account, _PURPOSES.index(channel.purpose), channel.channel == "api"


@dataclass(frozen=True, slots=True)
class _Case:
    """What all routes of one suspect and one reporter have in common; `link_values` may ride in a link of their own."""

    platform: Platform
    reporter: Reporter
    texts: Texts
    catalogue: Catalogue
    values: Values
    link_values: Values
    today: date | None


def _review(channel: Channel, case: _Case) -> tuple[date, date, bool]:
    """When the channel was checked, when it must be checked again, and whether that is past."""
    facts = case.platform.facts
    reviewed = channel.reviewed_at or facts.reviewed_at
    due = channel.review_after or facts.review_after
    return reviewed, due, case.today is not None and case.today > due


def _note(channel: Channel, case: _Case, reviewed: date, *, overdue: bool) -> str | None:
    notes = [fill(channel.note, case.values) if channel.note else None]
    if overdue:
        told = {**case.values, "reviewed_at": reviewed.isoformat()}
        notes.insert(0, fill(case.texts.notes["overdue"], told))
    return " ".join(note for note in notes if note) or None


def _expect(channel: Channel, case: _Case) -> str:
    """What the platform will do with the report and how long that usually takes."""
    texts, values = case.texts.expect, case.values
    if channel.purpose != "impersonation":
        told = texts[channel.purpose]
    elif channel.channel in {"api", "email"} and case.platform.facts.group == "federated":
        told = texts["server"]
    else:
        told = texts[channel.channel]
    parts = [fill(told, values)]
    if channel.usual_time:
        parts.append(fill(texts["time_known"], {"days": str(channel.usual_time.days)}))
    elif channel.purpose not in _TIMELESS:
        parts.append(texts["time_unknown"])
    return " ".join(part for part in parts if part)


def _link(channel: Channel, case: _Case, *, overdue: bool) -> Link:
    if not overdue:
        return build_link(channel, case.link_values, case.catalogue.rules, case.reporter.role)
    return Link(fill(case.platform.facts.help.url, case.link_values))


def _build_route(channel: Channel, case: _Case) -> Route:
    reviewed, due, overdue = _review(channel, case)
    link = _link(channel, case, overdue=overdue)
    copy, bring = split_fields(channel, case.values, case.reporter, case.texts)
    preselected = channel.preselects if channel.preselects and link.url == channel.preselects.url else None
    return Route(
        channel=channel.channel,
        name=channel.name,
        purpose=channel.purpose,
        url=link.url,
        prefilled=link.prefilled,
        shortened=link.shortened,
        copy=copy,
        bring=bring,
        needs_account={"yes": True, "no": False}.get(channel.needs_account),
        id_required=channel.id_required,
        who_may_file=channel.who_may_file,
        verified=channel.confidence,
        reviewed_at=reviewed,
        review_after=due,
        source=channel.source,
        expect=_expect(channel, case),
        usual_days=channel.usual_time.days if channel.usual_time else None,
        overdue=overdue,
        form_url=plain_link(channel, case.link_values) if overdue else None,
        prefill_verified=channel.prefill.confidence if channel.prefill and link.prefilled else None,
        preselects=preselected.effect if preselected else None,
        note=_note(channel, case, reviewed, overdue=overdue),
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


def _short_name(platform: Platform) -> str:
    return platform.name.partition(" (")[0]


def read_disclosure(subject: Subject, account: Account) -> str | None:
    """With what the profile itself says that it is not the person: its label, or its biography."""
    label = next(iter(find_labels(account)), None)
    return account.bio if account.bio and find_bio_disclosures(subject, account) else label


def tell_case(
    subject: Subject,
    account: Account,
    platform: Platform,
    verdict: str | None,
    evidence: Sequence[Statement | str],
    reporter: Reporter,
    texts: Texts,
    *,
    declares_parody: bool = False,
) -> dict[str, str]:
    """What the texts of a report say of this case: the same in a form and in a call."""
    disclosure = read_disclosure(subject, account)
    return collect_values(
        subject,
        account,
        platform,
        evidence,
        reporter,
        texts,
        declares_parody=declares_parody or disclosure is not None,
        disclosure=disclosure,
        photo_alone=verdict == "photo_reuse",
    )


def reported_verdict(verdict: str, decided: str | None) -> str | None:
    """The verdict that reports go by: a person's word, while it holds, before the model's.

    None, for `build_routes`, where a person has called the account a suspect.
    """
    return None if decided in SUSPECT_VERDICTS else decided or verdict


def build_routes(
    subject: Subject,
    account: Account,
    verdict: str | None,
    evidence: Sequence[Statement | str],
    reporter: Reporter,
    *,
    today: date | None = None,
    declares_parody: bool = False,
    with_legal: bool = False,
    catalogue: Catalogue | None = None,
) -> RouteList:
    """List the ways to report `account`, those this reporter can use best first; nothing is sent.

    For a namesake, a fan or parody account, an own account and an unrelated one nothing is drafted: `none_because`
    says why and what can be done instead. `verdict` None means that a person has judged; otherwise an account that the
    subject listed is an own one whatever the verdict. An account that
    `declares_parody` (told, or read from its biography and labels) gets texts that quote the disclosure and ask for a
    judgement. Past its date of review by `today` a route shows the platform's help page; None leaves that out.
    """
    catalogue = catalogue or load_catalogue()
    texts = catalogue.text(reporter.language)
    platform = catalogue.get(account.platform)
    if verdict is not None and find_own(subject, account):
        verdict = "own_account"
    if verdict in _NOTHING_DRAFTED:
        return _no_routes(texts, str(verdict), "")
    if platform is None:
        return _no_routes(texts, "unknown_platform", single_line(account.platform, 64) or "this platform")
    values = tell_case(subject, account, platform, verdict, evidence, reporter, texts, declares_parody=declares_parody)
    case = _Case(platform, reporter, texts, catalogue, values, _fit_for_links(values, platform), today)
    channels = sorted(
        (c for c in platform.channels if _is_open(c, reporter, verdict)), key=lambda c: _rank(c, reporter)
    )
    found = _explain([route for route in (_build_route(c, case) for c in channels) if not _refused(route, case)], case)
    return replace(found, legal=list_legal(catalogue, verdict, reporter, values, texts)) if with_legal else found


def _refused(route: Route, case: _Case) -> bool:
    return any(case.catalogue.is_refused(url) for url in (route.url, route.form_url) if url)


def _explain(routes: list[Route], case: _Case) -> RouteList:
    """Say plainly where nobody may file, and where every route needs an account that the reporter does not have."""
    if not routes:
        return _no_routes(case.texts, "nobody_may_file", _short_name(case.platform))
    if case.reporter.has_account is False and all(route.needs_account for route in routes):
        note = fill(case.texts.notes["all_need_account"], case.values)
        routes[0] = replace(routes[0], note=" ".join(filter(None, (routes[0].note, note))))
    return RouteList(tuple(routes))


def _to_wire(value: Any) -> dict[str, Any]:
    body = {name: list(one) if isinstance(one, tuple) else one for name, one in asdict(value).items()}
    return {name: one.isoformat() if isinstance(one, date) else one for name, one in body.items()}


def routes_to_wire(found: RouteList) -> dict[str, Any]:
    """The routes as JSON: `{"routes": […]}`, with `none_because` where there is none and `legal` where asked for."""
    body: dict[str, Any] = {"routes": [_to_wire(route) for route in found.routes]}
    if found.none_because is not None:
        body["none_because"] = found.none_because
    if found.legal is not None:
        body["legal"] = [_to_wire(option) for option in found.legal]
    return body


def answer_routes(request: RoutesIn, settings: Settings) -> dict[str, Any]:
    """Answer `POST /v1/routes`; raises `InvalidInputError` for a subject that cannot be read."""
    return find_routes(request.subject.to_subject(settings), request.suspect, request.reporter.to_reporter())


def find_routes(subject: Subject, suspect: SuspectIn, reporter: Reporter) -> dict[str, Any]:
    """The routes of today and the legal ones, as JSON."""
    found = build_routes(
        subject,
        suspect.to_account(),
        suspect.verdict,
        suspect.statements(),
        reporter,
        today=datetime.now(UTC).date(),
        declares_parody=suspect.declares_parody,
        with_legal=True,
    )
    return routes_to_wire(found)
