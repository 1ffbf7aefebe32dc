"""Brave Search: shape of the Web Search API."""

from __future__ import annotations

from typing import Any

from tests.sources.examples import Example, Exchange
from tests.sources.examples.searxng import HITS, SEEN

SETTINGS: dict[str, object] = {"brave_key": "key-of-the-operator"}
PATH = "/res/v1/web/search"


def found(hits: list[dict[str, Any]], more: bool) -> dict[str, Any]:
    return {"type": "search", "query": {"more_results_available": more}, "web": {"type": "search", "results": hits}}


EXAMPLES = (
    Example(
        "search",
        "Marie Okafor",
        (Exchange(PATH, found(HITS, more=True), {"q": '"Marie Okafor" site:linkedin.com/in', "offset": "0"}),),
        (SEEN,),
        status="partial",
        cursor="1",
        pictures=(None,),
    ),
    Example("search", "Nobody", (Exchange(PATH, {"type": "search", "query": {}}),), (), status="partial"),
)
