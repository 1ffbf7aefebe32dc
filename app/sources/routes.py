"""`GET /v1/sources`: what can be asked, what it costs, and what it cannot see."""

from __future__ import annotations

from collections.abc import Mapping
from typing import cast

from fastapi import APIRouter, Request
from pydantic import BaseModel

from app.sources.contract import Source, Verified

router = APIRouter(prefix="/v1", tags=["sources"])


class SourceOut(BaseModel):
    """A source, as a user needs to know it."""

    name: str
    title: str
    sees: str
    cannot_see: str
    leaves_machine: bool
    needs_key: bool
    cost: str
    verified: Verified
    ready: bool
    platforms: list[str]


class SourcesOut(BaseModel):
    """All sources."""

    sources: list[SourceOut]


@router.get("/sources", operation_id="listSources")
def list_sources(request: Request) -> SourcesOut:
    """List the sources a scan can ask."""
    return SourcesOut(sources=describe_sources(cast("Mapping[str, Source]", request.app.state.sources)))


def describe_sources(sources: Mapping[str, Source]) -> list[SourceOut]:
    """Describe sources for the wire and for the command line."""
    return [SourceOut.model_validate(source.info, from_attributes=True) for source in sources.values()]
