"""Bluesky, through the public AppView: search by name, profiles by handle in batches of 25. No key.

Lexicons: app.bsky.actor.searchActors, searchActorsTypeahead, getProfiles, defs. Searching shows no counts. Search and
typeahead rank differently: the second knows the beginnings of names and handles, so the first page asks both.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Any

from app.net.errors import NetError
from app.net.reply import Reply
from app.settings import Settings
from app.sources.contract import Answer, Asker, Picture, Remote, Sighting, SourceInfo
from app.sources.reading import (
    MAX_BIO,
    Json,
    address_of,
    count_of,
    id_of,
    moment_of,
    object_of,
    objects_of,
    text_of,
)
from matchers.profile import Account

PAGE = 50
BATCH = 25
# An account that asks to be shown to signed-in visitors only; we are not signed in.
MEMBERS_ONLY = "!no-unauthenticated"
# What the AppView shows in place of a handle that does not resolve any more.
NO_HANDLE = "handle.invalid"


def connect(settings: Settings) -> Remote:
    """Describe Bluesky and how it is asked."""
    info = SourceInfo(
        name="bluesky",
        title="Bluesky",
        sees="Accounts found by name, and accounts with a similar user name",
        cannot_see="Accounts that only signed-in visitors may see; follower counts of accounts found by name",
        leaves_machine=True,
        verified="live_server",
        platforms=("bluesky",),
        settings=("bluesky_url",),
        terms="https://bsky.social/about/support/tos",
        lookup_size=BATCH,
        known_handle="bsky.app",
    )
    return Remote(info, (Bluesky(settings.bluesky_url),))


class Bluesky:
    """The AppView of Bluesky, or of another AT Protocol network."""

    def __init__(self, base: str) -> None:
        self._base = base.rstrip("/") + "/xrpc/"

    @property
    def place(self) -> str:
        """The network."""
        return "Bluesky"

    def search(self, name: str, ask: Asker, cursor: str | None = None) -> Answer:
        """One page of actors whose name, handle or description match; the first also has who is offered in typing."""
        params: dict[str, str | int] = {"q": name, "limit": PAGE}
        if cursor is not None:
            params["cursor"] = cursor
        reply = ask.get(self._base + "app.bsky.actor.searchActors", params)
        body = reply.expect().json_object()
        found = objects_of(body.get("actors"))
        offered, note = self._type(name, ask) if cursor is None else ([], None)
        known = {id_of(profile.get("did")) for profile in found}
        found += [profile for profile in offered if id_of(profile.get("did")) not in known]
        answer = _answer(found, text_of(body.get("cursor")))
        return replace(answer, status="partial", detail=note) if note else answer

    def _type(self, name: str, ask: Asker) -> tuple[list[dict[str, Any]], str | None]:
        """Who is offered to somebody who types this name, and what went wrong: what the search found stays."""
        params: dict[str, str | int] = {"q": name, "limit": PAGE}
        try:
            reply = ask.get(self._base + "app.bsky.actor.searchActorsTypeahead", params)
            # An AppView need not have it.
            if reply.status in {404, 501}:
                return [], None
            return objects_of(reply.expect().json_object().get("actors")), None
        except NetError as error:
            return [], error.detail

    def lookup(self, handles: Sequence[str], ask: Asker) -> Answer:
        """The profiles of those of the handles (or DIDs) that exist."""
        reply = ask.get(self._base + "app.bsky.actor.getProfiles", {"actors": list(handles)})
        if _is_absence(reply):
            return Answer()
        return _answer(objects_of(reply.expect().json_object().get("profiles")))


def _is_absence(reply: Reply) -> bool:
    """An unknown actor is a 400 with a message, not a 404."""
    if reply.status != 400:
        return False
    message = object_of(reply.json()).get("message")
    return isinstance(message, str) and "not found" in message.lower()


def _answer(profiles: Iterable[Json], cursor: str | None = None) -> Answer:
    seen = [profile for profile in profiles if id_of(profile.get("did"))]
    open_to_all = [profile for profile in seen if MEMBERS_ONLY not in _labels(profile)]
    return Answer(
        tuple(map(_sighting, open_to_all)), cursor=cursor, withheld=len(seen) - len(open_to_all)
    )  # fmt: skip


def _sighting(profile: Json) -> Sighting:
    did, handle = id_of(profile.get("did")), text_of(profile.get("handle"))
    labels = _labels(profile)
    verified, kind = _verification(profile)
    avatar = address_of(profile.get("avatar"))
    account = Account(
        platform="bluesky",
        handle=None if handle == NO_HANDLE else handle,
        account_id=did,
        display_name=text_of(profile.get("displayName")),
        bio=text_of(profile.get("description"), MAX_BIO),
        profile_url=f"https://bsky.app/profile/{did}",
        created_at=moment_of(profile.get("createdAt")),
        followers=count_of(profile.get("followersCount")),
        following=count_of(profile.get("followsCount")),
        posts=count_of(profile.get("postsCount")),
        verified=verified,
        verified_kind=kind,
        bot=True if "bot" in labels else None,
        labels=tuple(label for label in labels if not label.startswith("!")),
    )
    return Sighting(account, Picture(avatar) if avatar else None)


def _labels(profile: Json) -> tuple[str, ...]:
    """The labels in force; one that was taken back comes marked `neg`."""
    found = objects_of(profile.get("labels"))
    names = (text_of(label.get("val"), 100) for label in found if label.get("neg") is not True)
    return tuple(dict.fromkeys(name for name in names if name))[:50]


def _verification(profile: Json) -> tuple[bool | None, str | None]:
    state = object_of(profile.get("verification"))
    if state.get("trustedVerifierStatus") == "valid":
        return True, "trusted_verifier"
    status = text_of(state.get("verifiedStatus"))
    if status == "valid":
        return True, "trusted_verifier"
    return (False, None) if status in {"none", "invalid"} else (None, None)
