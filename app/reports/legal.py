"""Ways outside the platform's own rules: notices, police and fraud services. Information, not legal advice."""

from __future__ import annotations

from app.platforms.catalogue import Catalogue
from app.platforms.schemas import Area
from app.platforms.texts import LegalRoute, Texts
from app.reports.route import CopyText, LegalOption, Reporter
from app.reports.wording import Values, fill

# The member states of the European Union, and those that join them in the European Economic Area.
_EU = frozenset("AT BE BG CY CZ DE DK EE ES FI FR GR HR HU IE IT LT LU LV MT NL PL PT RO SE SI SK".split())  # noqa: SIM905
_REGIONS = {"EU": _EU, "EEA": _EU | {"IS", "LI", "NO"}}
_KINDS = ("fraud", "police", "notice", "hash_block")


def in_areas(country: str, areas: tuple[Area, ...]) -> bool:
    """Say whether a country is one of these or lies in one of these groups; no areas means everywhere."""
    return not areas or any(country in _REGIONS.get(area, {area}) for area in areas)


def _applies(route: LegalRoute, verdict: str | None, reporter: Reporter) -> bool:
    if route.roles and reporter.role not in route.roles:
        return False
    # A lookalike has no copied photo, so there is no copyright to claim in it.
    if route.copied_photo and verdict == "lookalike":
        return False
    if reporter.country is None:
        # Whom to call depends on the country; the laws are told with where they hold.
        return route.kind == "notice" or not route.countries
    return in_areas(reporter.country, route.countries)


def _fill_option(route: LegalRoute, values: Values, texts: Texts, catalogue: Catalogue) -> LegalOption:
    copy: list[CopyText] = []
    bring: list[str] = []
    for field in route.fields:
        text = fill(field.fill, values) if isinstance(field.fill, str) else None
        if text:
            copy.append(CopyText(field.label, text))
        else:
            bring.append(field.label)
    return LegalOption(
        id=route.id,
        kind=route.kind,
        name=route.name,
        jurisdiction=route.jurisdiction,
        notice=texts.notes["legal"],
        applies_when=route.applies_when,
        in_force=route.in_force,
        url=route.url,
        also=route.also,
        phone=route.phone,
        copy=tuple(copy),
        bring=tuple(bring),
        effects=route.effects,
        where=route.where,
        disputes=route.disputes,
        warnings=route.warnings,
        note=route.note,
        verified=route.confidence,
        reviewed_at=catalogue.legal.reviewed_at,
    )


def list_legal(
    catalogue: Catalogue, verdict: str | None, reporter: Reporter, values: Values, texts: Texts
) -> tuple[LegalOption, ...]:
    """The legal routes open to this reporter: for whom money is at stake first, then police, then notices.

    Without a country only those that hold everywhere and the notices, each with the area it holds in.
    """
    found = [route for route in catalogue.legal.legal_routes if _applies(route, verdict, reporter)]
    found.sort(key=lambda route: (_KINDS.index(route.kind), not route.countries))
    return tuple(_fill_option(route, values, texts, catalogue) for route in found)
