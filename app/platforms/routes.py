"""GET /v1/platforms: what is known about platforms, for clients that show or check it."""

from __future__ import annotations

from fastapi import APIRouter, Request

from app.platforms.catalogue import Catalogue
from app.platforms.listing import PlatformList, list_platforms

router = APIRouter(prefix="/v1", tags=["platforms"])


@router.get("/platforms")
def read_platforms(request: Request) -> PlatformList:
    """List the platforms of the catalogue with their handle rules and how recently their report forms were checked."""
    catalogue: Catalogue = request.app.state.catalogue
    return list_platforms(catalogue)
