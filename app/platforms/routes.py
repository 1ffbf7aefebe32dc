"""`GET /v1/platforms`: which platforms are known, and how recently their report forms were checked."""

from __future__ import annotations

from datetime import date
from typing import Any

from fastapi import APIRouter
from pydantic import BaseModel, Field

from app.platforms.catalogue import Catalogue, Platform, load_catalogue

router = APIRouter(prefix="/v1", tags=["platforms"])


class PlatformOut(BaseModel):
    """A platform in brief. After `review_after` its addresses should be opened by hand and stamped again."""

    id: str
    name: str
    group: str
    hosts: list[str] = Field(description='Domains it owns, subdomains included; "pinterest.*" is every country\'s.')
    handle_rules: str | None
    help_url: str = Field(description="The platform's own page about reporting, or its help centre.")
    report_channels: int
    filing: str | None = Field(description="Channel by which a report can be filed, as /v1/reports/channels lists it.")
    reviewed_at: date
    review_after: date


class PlatformsOut(BaseModel):
    """All platforms, by id."""

    platforms: list[PlatformOut]


@router.get("/platforms", operation_id="listPlatforms")
def list_platforms() -> PlatformsOut:
    """List the platforms of the catalogue with their handle rules and report channels."""
    return PlatformsOut(platforms=[_brief(platform) for platform in load_catalogue().platforms.values()])


def describe_platforms(catalogue: Catalogue | None = None) -> list[dict[str, Any]]:
    """Describe the platforms as JSON, for the command line."""
    known = (catalogue or load_catalogue()).platforms.values()
    return [_brief(platform).model_dump(mode="json") for platform in known]


def _brief(platform: Platform) -> PlatformOut:
    facts = platform.facts
    return PlatformOut(
        id=facts.id,
        name=facts.name,
        group=facts.group,
        hosts=list(facts.hosts),
        handle_rules=facts.handle_rules,
        help_url=facts.help.url,
        report_channels=len(facts.channels),
        filing=next((c.api.filing for c in facts.channels if c.api is not None and c.api.filing), None),
        reviewed_at=facts.reviewed_at,
        review_after=facts.review_after,
    )
