"""What Instagram's and Threads' interfaces (Meta's Graph API) say when they refuse.

Document: developers.facebook.com, Graph API, Handle Errors.
"""

from __future__ import annotations

from app.net.errors import RateLimitedError, StatusError
from app.net.reply import Reply
from app.sources.reading import Json, count_of, object_of

# Too many calls: of the app, of the user, of a page, of a kind.
_TOO_MANY = frozenset({4, 17, 32, 613})
# A token that has ended, and a permission that the app was not given.
_NO_ACCESS = frozenset({10, 102, 190, *range(200, 300)})
_ABSENT = frozenset({400, 404})


def read_profile(reply: Reply, absent_codes: frozenset[int]) -> Json | None:
    """The body of a reply; None where its error says that the account cannot be shown.

    Raises `RateLimitedError` and `StatusError` where nothing was looked at.
    """
    if reply.status == 200:
        return reply.json_object()
    error = object_of(reply.json_object().get("error"))
    code = count_of(error.get("code"))
    if code in _TOO_MANY:
        raise RateLimitedError
    if code in _NO_ACCESS:
        raise StatusError(reply.status, "The platform refused access: the token has ended or lacks a permission")
    if reply.status in _ABSENT and code in absent_codes:
        return None
    raise StatusError(reply.status)
