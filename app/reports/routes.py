"""`POST /v1/routes`: the ways to report an account. Nothing is sent anywhere."""

from __future__ import annotations

from typing import Any, cast

from fastapi import APIRouter, Request

from app.reports.schemas import RoutesIn, RoutesOut
from app.reports.service import answer_routes
from app.settings import Settings

router = APIRouter(prefix="/v1", tags=["reports"])


@router.post(
    "/routes",
    operation_id="findRoutes",
    summary="List the ways to report an account",
    response_model=RoutesOut,
    response_model_exclude_unset=True,
)
def find_routes(request: Request, body: RoutesIn) -> dict[str, Any]:
    """List the ways to report an account that are open to this reporter, the best first, with links and texts."""
    return answer_routes(body, cast("Settings", request.app.state.settings))
