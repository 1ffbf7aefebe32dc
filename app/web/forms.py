"""What the forms of several pages share."""

from __future__ import annotations

from app.platforms.catalogue import load_catalogue

# Where most people have an account, and most clones are made; all others follow by name.
USUAL = ("instagram", "facebook", "x", "tiktok", "linkedin", "youtube", "threads", "bluesky", "mastodon", "telegram")
_NO_PEOPLE = frozenset({"google_search", "google_play", "website", "wikipedia"})


def list_platforms() -> list[tuple[str, str]]:
    """The platforms on which a person may have an account: id and name, the usual ones first."""
    known = {p.id: p.name for p in load_catalogue().platforms.values() if p.id not in _NO_PEOPLE}
    usual = [name for name in USUAL if name in known]
    rest = sorted((name for name in known if name not in usual), key=lambda name: known[name].casefold())
    return [(name, known[name]) for name in (*usual, *rest)]
