"""What a person sees when something failed: a page in place of the problem document that programs get."""

from __future__ import annotations

import json

from fastapi import Request
from starlette.responses import Response

from app.web.pages import render

_API = "/v1/"
_MISSING = frozenset({404, 405})
_BUSY = 503
# Asked from elsewhere, or by another name: no page of ours leads there.
_REFUSED = frozenset({401, 403, 421})


def show_problem(request: Request, response: Response) -> Response:
    """The page that stands in for a problem document where a person's browser asked for a page; else the document.

    A form of ours may post to the API; its other answers are for programs alone.
    """
    headers = request.headers
    wanted = "text/html" in headers.get("accept", "")
    if request.url.path.startswith(_API):
        wanted = wanted and request.method == "POST" and headers.get("sec-fetch-mode") == "navigate"
    if not wanted or response.status_code in _REFUSED:
        return response
    detail = str(json.loads(bytes(response.body)).get("detail", ""))
    missing = response.status_code in _MISSING
    name = "missing.html" if missing else "problem.html"
    page = render(request, name, response.status_code, detail=detail, busy=response.status_code == _BUSY)
    for header in ("allow", "retry-after"):
        if header in response.headers:
            page.headers[header] = response.headers[header]
    return page
