"""`GET /v1/sources`: what can be asked, what it costs, and what it cannot see."""

from __future__ import annotations

from collections.abc import Mapping
from typing import cast

from fastapi import APIRouter, Request
from pydantic import BaseModel, Field

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
    ready: bool = Field(description="Whether it can be asked now; otherwise `not_ready` says what is missing.")
    platforms: list[str]
    not_ready: str | None
    settings: list[str] = Field(description="Names of the settings that matter to it, without the prefix CLONECHECK_.")
    terms: str | None = Field(description="Address of the terms of use.")
    consent: bool = Field(description="Whether its terms must be accepted in the settings before it is asked.")
    searches: bool = Field(description="Whether it can be asked for a name.")
    looks_up: bool = Field(description="Whether it can be asked for exact user names.")
    lookup_size: int = Field(description="User names in one call.")
    money_per_search: float = Field(description="The most a search costs, in US dollars.")
    money_per_handle: float = Field(description="The most a user name costs to look up, in US dollars.")


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
