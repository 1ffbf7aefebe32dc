"""The catalogue in brief, as `GET /v1/platforms` and `clonecheck platforms` show it."""

from __future__ import annotations

from datetime import date

from pydantic import BaseModel, Field

from app.platforms.catalogue import Catalogue, Platform


class PlatformOut(BaseModel):
    """A platform in brief. After `review_after` its addresses should be opened by hand and stamped again."""

    id: str
    name: str
    group: str
    hosts: list[str] = Field(description='Domains it owns, subdomains included; "pinterest.*" is every country\'s.')
    handle_rules: str | None
    report_channels: int
    reviewed_at: date
    review_after: date


class PlatformList(BaseModel):
    """All platforms, by id."""

    platforms: list[PlatformOut]


def _brief(platform: Platform) -> PlatformOut:
    facts = platform.facts
    return PlatformOut(
        id=facts.id,
        name=facts.name,
        group=facts.group,
        hosts=list(facts.hosts),
        handle_rules=facts.handle_rules,
        report_channels=len(facts.channels),
        reviewed_at=facts.reviewed_at,
        review_after=facts.review_after,
    )


def list_platforms(catalogue: Catalogue) -> PlatformList:
    """Describe every platform in brief."""
    return PlatformList(platforms=[_brief(platform) for platform in catalogue.platforms.values()])
