"""Platforms that nobody can ask by program: the pages on which a person searches for himself, filled in."""

from __future__ import annotations

from urllib.parse import quote

from app.platforms.catalogue import load_catalogue
from app.sources.contract import Gathered, Plan, SearchLink, SourceInfo
from matchers.profile import Subject

LINKS = "links"


class LinksSource:
    """Search pages of the catalogue's platforms. Asks nobody anything."""

    @property
    def info(self) -> SourceInfo:
        """Describe the source."""
        return SourceInfo(
            name=LINKS,
            title="Search pages to open yourself",
            sees="Nothing by itself: it gives you the platforms' own search pages, filled in with your name",
            cannot_see="What you do not look at yourself",
            leaves_machine=False,
            searches=False,
            looks_up=False,
        )

    async def gather(self, plan: Plan) -> Gathered:
        """List the search pages of all platforms that the scan's sources do not ask."""
        links = list_links(plan.subject, plan.asked)
        if not links:
            return Gathered("skipped", detail="Searching by hand needs a name or a user name")
        return Gathered("manual", detail="On these platforms you have to look for yourself", links=links)


def list_links(subject: Subject, asked: frozenset[str]) -> tuple[SearchLink, ...]:
    """The search pages of platforms that are not asked, filled in with the first name or handle."""
    queries = (*subject.names, *(handle.text for handle in subject.handles))
    if not queries:
        return ()
    query = quote(queries[0], safe="")
    found = [platform.facts for platform in load_catalogue().platforms.values() if platform.id not in asked]
    return tuple(
        SearchLink(facts.id, facts.name, facts.search.url.replace("{query}", query)) for facts in found if facts.search
    )
