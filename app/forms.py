"""Bodies that FastAPI does not read as we want them: multipart forms, and those of two content types."""

from __future__ import annotations

from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import asynccontextmanager

from fastapi import Request
from python_multipart.multipart import parse_options_header
from starlette.datastructures import FormData
from starlette.formparsers import MultiPartException, MultiPartParser

from app.problems import ProblemError, UnsupportedMediaError


def media_type(request: Request) -> str:
    """The `Content-Type` of a request without its parameters, in lower case; empty where there is none."""
    return request.headers.get("content-type", "").partition(";")[0].strip().lower()


def refuse_encoded(request: Request) -> None:
    """Refuse a compressed body, which nothing here unpacks; raises `UnsupportedMediaError`."""
    if request.headers.get("content-encoding", "identity").strip().lower() != "identity":
        raise UnsupportedMediaError(
            "A body with a Content-Encoding, such as gzip, is not read here; send it as it is.",
            headers={"Accept-Encoding": "identity"},
        )


class MalformedFormError(ProblemError):
    """400: a multipart body that is not whole, or not one at all."""

    slug = "malformed_form"
    title = "The form cannot be read"


class _MemoryParser(MultiPartParser):
    # Pictures stay in memory, where the bound on the request bounds them too: they never touch the disk.
    spool_max_size = 1 << 40


@asynccontextmanager
async def read_form(request: Request, max_fields: int) -> AsyncIterator[FormData]:
    """Read a multipart form that arrived whole; raises `MalformedFormError`.

    The parser takes a body that was cut off for one that ends early, and the last file with it is lost in silence.
    """
    body = await request.body()
    _, options = parse_options_header(request.headers.get("content-type"))
    if not body.rstrip(b"\r\n").endswith(b"--" + options.get(b"boundary", b"") + b"--"):
        raise MalformedFormError("The form ends before its closing boundary; send it again.")
    try:
        form = await _MemoryParser(request.headers, _stream(body), max_files=10, max_fields=max_fields).parse()
    except (MultiPartException, KeyError) as error:
        raise MalformedFormError("The form is not valid multipart/form-data; send it again.") from error
    try:
        yield form
    finally:
        await form.close()


async def _stream(body: bytes) -> AsyncGenerator[bytes, None]:
    yield body
