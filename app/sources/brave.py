"""Brave Search: profiles on closed platforms, found by its index, paid for by the call.

Document: api-dashboard.search.brave.com, Web Search API. The price is a setting; nothing is asked without a budget.
"""

from __future__ import annotations

from app.net.errors import BadReplyError
from app.settings import Settings
from app.sources.contract import Answer, Asker, Remote, SourceInfo
from app.sources.metasearch import CANNOT_SEE, LIMITS, PLATFORMS, SEES, read_hits, title_of, write_query
from app.sources.one_way import SearchOnly
from app.sources.reading import object_of, objects_of

SEARCH = "https://api.search.brave.com/res/v1/web/search"
PAGE = 20
# The API takes offsets of whole pages, from 0 to 9.
_LAST_PAGE = 9


def connect(settings: Settings) -> Remote:
    """Describe Brave Search; it needs a key, and a budget in money."""
    key, price = settings.brave_key, settings.brave_price_per_search
    info = SourceInfo(
        name="brave",
        title="Brave Search",
        sees=SEES,
        cannot_see=CANNOT_SEE,
        leaves_machine=True,
        needs_key=True,
        cost=f"${price:.3f} a search, paid to Brave; nothing is asked without a budget in money",
        ready=key is not None,
        not_ready=None if key is not None else "Set CLONECHECK_BRAVE_KEY to a key of the Brave Search API",
        platforms=PLATFORMS,
        settings=("brave_key", "brave_price_per_search"),
        terms="https://api-dashboard.search.brave.com/terms-of-service",
        looks_up=False,
        money_per_search=price,
    )
    if key is None:
        return Remote(info)
    return Remote(info, tuple(Brave(key.get_secret_value(), price, platform) for platform in PLATFORMS))


class Brave(SearchOnly):
    """One platform's pages, as Brave finds them."""

    def __init__(self, key: str, price: float, platform: str) -> None:
        self._headers = {"X-Subscription-Token": key}
        self._price = price
        self._platform = platform

    @property
    def place(self) -> str:
        """The platform whose pages are searched."""
        return title_of(self._platform)

    def search(self, name: str, ask: Asker, cursor: str | None = None) -> Answer:
        """One page of hits."""
        page = int(cursor) if cursor and cursor.isdecimal() else 0
        query = write_query(self._platform, name)
        params: dict[str, str | int] = {"q": query, "count": PAGE, "offset": page, "safesearch": "off"}
        body = ask.get(SEARCH, params, headers=self._headers).expect().json_object()
        # Where nothing was found there is no `web`.
        if body.get("type") != "search":
            raise BadReplyError
        found = read_hits(self._platform, objects_of(object_of(body.get("web")).get("results")), "url", "title")
        more = object_of(body.get("query")).get("more_results_available") is True and page < _LAST_PAGE
        return Answer(found, "partial", LIMITS, str(page + 1) if more else None, self._price)
