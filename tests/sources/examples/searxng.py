"""SearXNG: shape of its Search API's JSON."""

from __future__ import annotations

from typing import Any

from matchers.profile import Account
from tests.sources.examples import Example, Exchange

SETTINGS: dict[str, object] = {"searxng_url": "https://searx.example"}
HITS: list[dict[str, Any]] = [
    {
        "url": "https://ng.linkedin.com/in/marie-okafor-1",
        "title": "Marie Okafor - Marine Biologist - University of Lagos | LinkedIn",
        "content": "Lagos · University of Lagos. View Marie Okafor's profile",
        "engine": "engine one",
    },
    {"url": "https://www.linkedin.com/in/marie-okafor-1/recent-activity/", "title": "Activity"},
    {"url": "https://www.linkedin.com/company/okafor", "title": "Okafor Ltd | LinkedIn"},
    {"url": "https://elsewhere.example/in/marie", "title": "Marie"},
]
SEEN = Account(
    "linkedin", "marie-okafor-1", None, "Marie Okafor", profile_url="https://www.linkedin.com/in/marie-okafor-1/"
)


def found(hits: list[dict[str, Any]], silent: list[list[str]]) -> dict[str, Any]:
    return {"query": "q", "number_of_results": 0, "results": hits, "answers": [], "unresponsive_engines": silent}


EXAMPLES = (
    Example(
        "search",
        "Marie Okafor",
        (Exchange("/search", found(HITS[:1], []), {"q": '"Marie Okafor" site:linkedin.com/in', "format": "json"}),),
        (SEEN,),
        status="partial",
        pictures=(None,),
    ),
    Example("search", "Nobody", (Exchange("/search", found([], [["engine one", "timeout"]])),), (), status="unknown"),
    Example("search", "Nobody", (Exchange("/search", found([], [])),), (), status="partial"),
)
