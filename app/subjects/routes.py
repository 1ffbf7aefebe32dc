"""The protected people over HTTP: store, show, list, change, erase; and what can be said of one before any search."""

from __future__ import annotations

from typing import Annotated, Any, cast

from fastapi import APIRouter, Header, Query, Request, Response
from starlette.concurrency import run_in_threadpool

from app.accounts.intake import parse_json, read_lines
from app.forms import media_type, refuse_encoded
from app.problems import InvalidInputError, UnsupportedMediaError
from app.settings import Settings
from app.subjects.protected import ProtectedSubjects, entity_tag
from app.subjects.schemas import PreviewOut, SubjectIn
from app.subjects.service import preview_subject
from app.subjects.stored_schemas import StoredSubjectOut, SubjectImportOut, SubjectPage, SubjectPatch
from app.wire import validate

router = APIRouter(prefix="/v1", tags=["subjects"])

MAX_LOOKALIKES = 200
LINES = ("application/x-ndjson", "application/ndjson", "application/jsonl")
_SUBJECT = {"$ref": "#/components/schemas/SubjectIn"}
_BODY: dict[str, Any] = {
    "requestBody": {
        "required": True,
        "content": {
            "application/json": {"schema": {"anyOf": [_SUBJECT, {"type": "array", "minItems": 1, "items": _SUBJECT}]}},
            "application/x-ndjson": {"schema": {"type": "string", "description": "One subject a line."}},
        },
    }
}
_TAGGED: dict[int | str, dict[str, Any]] = {
    200: {"headers": {"ETag": {"description": "Names this state of the subject.", "schema": {"type": "string"}}}}
}
IfMatch = Annotated[list[str] | None, Header(description="The `ETag` of the state that shall be changed, or `*`.")]


def _subjects(request: Request) -> ProtectedSubjects:
    return cast("ProtectedSubjects", request.app.state.subjects)


@router.post(
    "/subjects",
    operation_id="addSubjects",
    openapi_extra=_BODY,
    responses={201: {"model": StoredSubjectOut, "description": "One subject was stored; `Location` says where."}},
)
async def add_subjects(request: Request, response: Response) -> StoredSubjectOut | SubjectImportOut:
    """Store people to protect: one (201, or 200 where exactly this one is stored already), an array, or one a line.

    Lines that cannot be taken in are listed with their reasons and never cost the others. Pictures are hashed and
    dropped. Checks and scans by `subject_id` know a subject at once.
    """
    kind = media_type(request)
    if kind not in (*LINES, "application/json"):
        raise UnsupportedMediaError("Send one subject as application/json, or one a line as application/x-ndjson.")
    refuse_encoded(request)
    body = await request.body()
    return await run_in_threadpool(_add, _subjects(request), kind, body, response)


def _add(
    subjects: ProtectedSubjects, kind: str, body: bytes, response: Response
) -> StoredSubjectOut | SubjectImportOut:
    if kind in LINES:
        return subjects.import_all(read_lines(body, "subject")).to_wire()
    given = parse_json(body)
    if isinstance(given, list) and given:
        return subjects.import_all(enumerate(given, start=1)).to_wire()
    if not isinstance(given, dict):
        raise InvalidInputError("Send a subject, or an array of subjects.", slug="no_subjects")
    stored, is_new = subjects.add(validate(SubjectIn, given))
    response.status_code = 201 if is_new else 200
    response.headers["Location"] = f"/v1/subjects/{stored.id}"
    return _tagged(stored, response)


def _tagged(stored: StoredSubjectOut, response: Response) -> StoredSubjectOut:
    response.headers["ETag"] = entity_tag(stored)
    return stored


@router.get("/subjects", operation_id="listSubjects")
def list_subjects(
    request: Request,
    limit: Annotated[int, Query(ge=1, le=100)] = 20,
    cursor: Annotated[str | None, Query(max_length=200)] = None,
) -> SubjectPage:
    """List the stored subjects, the newest first."""
    return _subjects(request).list(limit, cursor)


@router.get("/subjects/{id}", operation_id="readSubject", responses=_TAGGED)
def read_subject(request: Request, response: Response, id: str) -> StoredSubjectOut:  # noqa: A002 - as in the contract
    """Read a stored subject; its photos are hashes."""
    return _tagged(_subjects(request).read(id), response)


@router.patch("/subjects/{id}", operation_id="changeSubject", responses=_TAGGED)
def change_subject(
    request: Request,
    response: Response,
    id: str,  # noqa: A002 - as above
    patch: SubjectPatch,
    if_match: IfMatch = None,
) -> StoredSubjectOut:
    """Change a subject: what is absent stays, what is null is cleared. The rest of a subject must remain valid.

    With `If-Match`, the `ETag` of an earlier answer, only as long as nobody else has changed it since; 412 else.
    """
    return _tagged(_subjects(request).change(id, patch, _join(if_match)), response)


@router.delete("/subjects/{id}", operation_id="eraseSubject", status_code=204)
def erase_subject(request: Request, id: str, if_match: IfMatch = None) -> None:  # noqa: A002 - as above
    """Erase a subject: its text, its hashes, its keys, and the scans that were made by its id."""
    _subjects(request).erase(id, _join(if_match))


def _join(lines: list[str] | None) -> str | None:
    """A header that came in several lines, as one."""
    return None if lines is None else ",".join(lines)


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
