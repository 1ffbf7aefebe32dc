"""Reports filed over HTTP: the channels, a preview that sends nothing, and the filing itself."""

from __future__ import annotations

from typing import Annotated, cast

from fastapi import APIRouter, Depends, Request

from app.reports.filing.schemas import (
    ConfirmedFilingIn,
    FilingChannelsOut,
    FilingIn,
    FilingOut,
    FilingPreviewOut,
    channel_to_wire,
    outcome_to_wire,
    preview_to_wire,
)
from app.reports.filing.service import FilingService

router = APIRouter(prefix="/v1/reports", tags=["reports"])


def _service(request: Request) -> FilingService:
    return cast("FilingService", request.app.state.filing)


Service = Annotated[FilingService, Depends(_service)]


@router.get("/channels", operation_id="listFilingChannels")
def list_channels(service: Service) -> FilingChannelsOut:
    """List the platforms to which reports can be filed by their interface, and how to get a token."""
    return FilingChannelsOut(channels=[channel_to_wire(filer.info) for filer in service.filers.values()])


@router.post("/preview", operation_id="previewReport")
def preview_report(body: FilingIn, service: Service) -> FilingPreviewOut:
    """Show exactly what would be sent, and to whom. Nothing leaves the machine."""
    return preview_to_wire(service.preview(body.to_order()))


@router.post("/file", operation_id="fileReport")
def file_report(body: ConfirmedFilingIn, service: Service) -> FilingOut:
    """File the report that the preview showed, with your own token: one for each account and channel."""
    return outcome_to_wire(service.file(body.to_order(), body.to_credentials(), body.fingerprint, again=body.again))
