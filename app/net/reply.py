"""A reply from outside, read in full and not trusted."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from app.net.errors import BadReplyError, StatusError

_HTML = (b"<!doctype", b"<html", b"<head", b"<body")


@dataclass(frozen=True, slots=True)
class Reply:
    """Status, headers (lower-case names) and body. `url` is where it came from after redirects."""

    status: int
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)
    content: bytes = field(default=b"", repr=False)
    url: str = field(default="", repr=False)

    @property
    def text(self) -> str:
        """The body as UTF-8, what cannot be read replaced."""
        return self.content.decode("utf-8", "replace")

    def expect(self, *statuses: int) -> Reply:
        """Return the reply if it has one of these statuses (200 by default); raises `StatusError`."""
        if self.status not in (statuses or (200,)):
            raise StatusError(self.status)
        return self

    def json(self) -> Any:
        """The body as JSON; raises `BadReplyError` for anything else."""
        if self.content.lstrip()[:9].lower().startswith(_HTML):
            raise BadReplyError("The platform answered with a web page in place of data")
        try:
            return json.loads(self.content)
        except (ValueError, RecursionError) as error:
            raise BadReplyError from error

    def json_object(self) -> dict[str, Any]:
        """The body as a JSON object; raises `BadReplyError` for anything else."""
        value = self.json()
        if not isinstance(value, dict):
            raise BadReplyError
        return value

    def json_list(self, name: str | None = None) -> list[dict[str, Any]]:
        """The objects of a JSON array, the body itself or its member `name`; raises `BadReplyError` if it is none."""
        value = self.json_object().get(name) if name else self.json()
        if not isinstance(value, list):
            raise BadReplyError
        return [item for item in value if isinstance(item, dict)]
