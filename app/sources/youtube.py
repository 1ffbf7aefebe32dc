"""YouTube: channels by name and by handle, with an API key and a day's allowance of units.

Documents: YouTube Data API v3, search.list (100 units), channels.list (1 unit), the schemas of its discovery document.
A handle costs a hundredth of a search, so searches may use up a part of the day's units only.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta, timezone
from typing import Any

from app.net.errors import BadReplyError, RateLimitedError
from app.net.reply import Reply
from app.platforms.identity import profile_url
from app.settings import Settings
from app.sources.contract import Answer, Asker, Picture, Remote, Sighting, SourceInfo
from app.sources.reading import (
    MAX_BIO,
    MAX_COUNT,
    Json,
    address_of,
    id_of,
    moment_of,
    object_of,
    objects_of,
    text_of,
)
from app.sources.units import DailyUnits
from matchers.profile import Account

BASE = "https://youtube.googleapis.com/youtube/v3/"
PAGE = 25
SEARCH_UNITS = 100
CHANNEL_UNITS = 1
# Searches leave this much of the day to handles.
SEARCH_SHARE = 0.8
# YouTube API Services Developer Policies, III.E.4: what is stored is refreshed or deleted within 30 days.
LONGEST_DAYS = 30
# Days begin at midnight Pacific time. In summer that is an hour earlier than here: we wait too long, never too short.
_PACIFIC = timezone(timedelta(hours=-8))
# Reasons in a refusal: the day's units are gone, or there were too many calls in a minute.
_USED_UP = frozenset({"quotaExceeded", "dailyLimitExceeded"})
_TOO_FAST = frozenset({"rateLimitExceeded", "userRateLimitExceeded"})


def connect(settings: Settings) -> Remote:
    """Describe YouTube; it needs a key, and rows that do not outlive what its terms allow."""
    key, why = settings.youtube_key, None
    if key is None:
        why = "Set CLONECHECK_YOUTUBE_KEY to a key of the YouTube Data API"
    elif max(settings.scan_days, settings.account_days) > LONGEST_DAYS:
        why = "YouTube's terms allow 30 days: set CLONECHECK_SCAN_DAYS and CLONECHECK_ACCOUNT_DAYS to 30 or less"
    info = SourceInfo(
        name="youtube",
        title="YouTube",
        sees="Channels found by name, and channels with a similar handle",
        cannot_see="Accounts without a channel; verification badges; exact subscriber counts, or any that are hidden",
        leaves_machine=True,
        needs_key=True,
        cost="free within the key's daily units: 101 a search, 1 a handle, 10,000 a day unless you have more",
        ready=why is None,
        not_ready=why,
        platforms=("youtube",),
        settings=("youtube_key", "youtube_daily_units"),
        terms="https://developers.google.com/youtube/terms/api-services-terms-of-service",
        known_handle="YouTube",
    )
    if key is None or why is not None:
        return Remote(info)
    return Remote(info, (YouTube(key.get_secret_value(), DailyUnits(settings.youtube_daily_units, _PACIFIC)),))


class YouTube:
    """The YouTube Data API."""

    def __init__(self, key: str, units: DailyUnits) -> None:
        # In a header and not in the address, since addresses end up in logs on the way.
        self._headers = {"X-Goog-Api-Key": key}
        self._units = units

    @property
    def place(self) -> str:
        """The platform."""
        return "YouTube"

    def search(self, name: str, ask: Asker, cursor: str | None = None) -> Answer:
        """One page of channels that match a name, with their counts: two calls."""
        if not self._units.take(SEARCH_UNITS + CHANNEL_UNITS, SEARCH_SHARE):
            told = "The part of today's YouTube units that is meant for searches is used up"
            return Answer(status="partial", detail=told, retry_at=self._units.renewed_at())
        params: dict[str, str | int] = {"part": "snippet", "type": "channel", "q": name, "maxResults": PAGE}
        if cursor is not None:
            params["pageToken"] = cursor
        reply = ask.get(BASE + "search", params, headers=self._headers)
        if _is_used_up(reply):
            return self._wait()
        found = _listing(reply)
        ids = [one for item in objects_of(found.get("items")) if (one := _found_id(item))]
        if not ids:
            return Answer()
        answer = self._channels({"id": ",".join(ids)}, ask)
        if answer.status != "ok":
            return answer
        return Answer(answer.sightings, cursor=text_of(found.get("nextPageToken"), 512))

    def lookup(self, handles: Sequence[str], ask: Asker) -> Answer:
        """The channels that have these handles: a call and a unit each."""
        sightings: list[Sighting] = []
        for handle in handles:
            if not self._units.take(CHANNEL_UNITS):
                return self._wait(tuple(sightings))
            answer = self._channels({"forHandle": handle}, ask)
            sightings += answer.sightings
            if answer.status != "ok":
                return self._wait(tuple(sightings))
        return Answer(tuple(sightings))

    def _channels(self, which: dict[str, str], ask: Asker) -> Answer:
        reply = ask.get(BASE + "channels", {"part": "snippet,statistics", **which}, headers=self._headers)
        if _is_used_up(reply):
            return self._wait()
        if reply.status == 404:
            return Answer()
        shown = [_sighting(item) for item in objects_of(_listing(reply).get("items"))]
        return Answer(tuple(sighting for sighting in shown if sighting is not None))

    def _wait(self, sightings: tuple[Sighting, ...] = ()) -> Answer:
        self._units.exhaust()
        told = "Today's YouTube units are used up"
        return Answer(sightings, "rate_limited", told, retry_at=self._units.renewed_at())


def _is_used_up(reply: Reply) -> bool:
    """Google says so with a 403 that names the reason. Raises `RateLimitedError` where it is a matter of a minute."""
    if reply.status != 403:
        return False
    error = object_of(reply.json_object().get("error"))
    reasons = {text_of(one.get("reason")) for one in objects_of(error.get("errors"))}
    if reasons & _TOO_FAST:
        raise RateLimitedError
    return bool(reasons & _USED_UP)


def _listing(reply: Reply) -> Json:
    """A page of a list, which may leave out `items` when there are none; anything else is no answer."""
    body = reply.expect().json_object()
    if not (text_of(body.get("kind")) or "").endswith("ListResponse"):
        raise BadReplyError
    return body


def _found_id(item: Json) -> str | None:
    channel = id_of(object_of(item.get("id")).get("channelId")) or id_of(
        object_of(item.get("snippet")).get("channelId")
    )
    # The ids are joined by commas; one that is none would ask for something else.
    return channel if channel and channel.replace("-", "").replace("_", "").isalnum() else None


def _sighting(channel: Json) -> Sighting | None:
    channel_id = id_of(channel.get("id"))
    snippet, statistics = object_of(channel.get("snippet")), object_of(channel.get("statistics"))
    if channel_id is None:
        return None
    named = text_of(snippet.get("customUrl"), 512)
    # An old custom address has no @ and is no handle.
    handle = named.removeprefix("@") or None if named and named.startswith("@") else None
    hidden = statistics.get("hiddenSubscriberCount") is True
    account = Account(
        platform="youtube",
        handle=handle,
        account_id=channel_id,
        display_name=text_of(snippet.get("title")),
        bio=text_of(snippet.get("description"), MAX_BIO),
        profile_url=profile_url("youtube", handle, channel_id),
        created_at=moment_of(snippet.get("publishedAt")),
        followers=None if hidden else _number(statistics.get("subscriberCount")),
        posts=_number(statistics.get("videoCount")),
    )
    return Sighting(account, _picture(object_of(snippet.get("thumbnails"))))


def _number(value: Any) -> int | None:
    """A count that is written as text, since it may be longer than JavaScript's numbers."""
    if isinstance(value, str) and len(value) < 20 and value.isascii() and value.isdecimal():
        return min(int(value), MAX_COUNT)
    return None


def _picture(thumbnails: Json) -> Picture | None:
    """The avatar in 800 pixels, else 240 or 88."""
    for size in ("high", "medium", "default"):
        if url := address_of(object_of(thumbnails.get(size)).get("url")):
            return Picture(url)
    return None
