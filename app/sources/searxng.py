"""SearXNG, on a server of the operator's choice: profiles on closed platforms, found by search engines.

Document: docs.searxng.org, Search API. A server answers in JSON only where its owner has allowed that, and an engine
that did not answer leaves no trace but its name: then nothing is known, and it is said so.
"""

from __future__ import annotations

from app.net.errors import BadReplyError
from app.settings import Settings
from app.sources.contract import Answer, Asker, Remote, SourceInfo
from app.sources.metasearch import CANNOT_SEE, LIMITS, PLATFORMS, SEES, read_hits, title_of, write_query
from app.sources.one_way import SearchOnly
from app.sources.reading import objects_of

_CLOSED = "This SearXNG server gives no data to programs: its owner has to add json to search.formats"
_SILENT = "No search engine behind the SearXNG server answered"
_SOME_SILENT = "Some search engines behind the SearXNG server did not answer"


def connect(settings: Settings) -> Remote:
    """Describe SearXNG; it needs the address of a server."""
    base = settings.searxng_url
    info = SourceInfo(
        name="searxng",
        title="Search engines, through SearXNG",
        sees=SEES,
        cannot_see=CANNOT_SEE,
        leaves_machine=True,
        ready=base is not None,
        not_ready=None if base is not None else "Set CLONECHECK_SEARXNG_URL to a SearXNG server that answers in JSON",
        platforms=PLATFORMS,
        settings=("searxng_url", "net_allow_private"),
        looks_up=False,
    )
    return Remote(info, () if base is None else tuple(Searxng(base, platform) for platform in PLATFORMS))


class Searxng(SearchOnly):
    """One platform's pages, as a SearXNG server finds them."""

    def __init__(self, base: str, platform: str) -> None:
        self._url = base.rstrip("/") + "/search"
        self._platform = platform

    @property
    def place(self) -> str:
        """The platform whose pages are searched."""
        return title_of(self._platform)

    def search(self, name: str, ask: Asker, cursor: str | None = None) -> Answer:
        """The first page of hits; there is no telling whether there are more."""
        del cursor
        reply = ask.get(self._url, {"q": write_query(self._platform, name), "format": "json", "categories": "general"})
        if reply.status == 403:
            return Answer(status="unknown", detail=_CLOSED)
        body = reply.expect().json_object()
        if not isinstance(body.get("results"), list):
            raise BadReplyError
        found = read_hits(self._platform, objects_of(body["results"]), "url", "title")
        if body.get("unresponsive_engines"):
            return Answer(found, "partial", _SOME_SILENT) if body["results"] else Answer((), "unknown", _SILENT)
        return Answer(found, "partial", LIMITS)
