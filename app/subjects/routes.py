"""`POST /v1/subjects/preview`: what can be said of a subject before any search. Nothing is stored, nothing is asked."""

from __future__ import annotations

from typing import Annotated, cast

from fastapi import APIRouter, Query, Request

from app.settings import Settings
from app.subjects.schemas import PreviewOut, SubjectIn
from app.subjects.service import preview_subject

router = APIRouter(prefix="/v1", tags=["subjects"])

MAX_LOOKALIKES = 200


@router.post("/subjects/preview", operation_id="previewSubject", summary="Preview a subject")
def preview(
    request: Request,
    body: SubjectIn,
    limit: Annotated[int, Query(ge=0, le=MAX_LOOKALIKES, description="Most lookalikes for each handle.")] = 20,
) -> PreviewOut:
    """Tell how many people share the name, whether the photo can be compared, and which handles an impostor might take.

    Nothing is searched and nothing is stored.
    """
    return preview_subject(body, cast("Settings", request.app.state.settings), limit)
