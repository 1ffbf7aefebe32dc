"""Looking the catalogue over: what a file says must hold together, and what was checked long ago must be looked at."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from app.platforms.catalogue import Catalogue, Platform
from app.platforms.identity import address_of, read_profile_url
from app.platforms.schemas import Channel
from matchers.profile import AccountRef


@dataclass(frozen=True, slots=True)
class Remark:
    """Something about a platform; `is_wrong` means that it must be mended before anyone relies on it."""

    platform: str
    told: str
    is_wrong: bool


def review_catalogue(catalogue: Catalogue, today: date) -> list[Remark]:
    """Look over every platform: examples that are misread, reviews that are past, facts from memory alone."""
    return [remark for platform in catalogue.platforms.values() for remark in _review(catalogue, platform, today)]


def _review(catalogue: Catalogue, platform: Platform, today: date) -> Iterator[Remark]:
    for told in _misread(catalogue, platform):
        yield Remark(platform.id, told, is_wrong=True)
    late = sorted({due for due in _dues(platform) if today > due})
    if late:
        yield Remark(platform.id, f"to be checked again since {late[0]}: its help page is shown first", is_wrong=True)
    unsure = [channel.name for channel in platform.channels if channel.confidence in {"memory", "unknown"}]
    if unsure:
        yield Remark(platform.id, f"known from memory only: {'; '.join(unsure)}", is_wrong=False)


def _dues(platform: Platform) -> Iterator[date]:
    return (channel.review_after or platform.facts.review_after for channel in platform.channels)


def _misread(catalogue: Catalogue, platform: Platform) -> Iterator[str]:
    for example in platform.facts.examples:
        meant = AccountRef(platform.id, example.handle, example.account_id)
        found = read_profile_url(catalogue, example.url)
        if found != meant:
            yield f"the example {example.url} is read as {_say(found)}, not as {_say(meant)}"
        address = address_of(platform, example.handle, example.account_id)
        if address is None or read_profile_url(catalogue, address) != meant:
            yield f"{_say(meant)} leads to {address or 'no address'}, which is not read as the same account"


def _say(ref: AccountRef | None) -> str:
    return f"{ref.platform} {ref.handle or ref.account_id}" if ref else "no profile"


def count_confidence(channels: list[Channel]) -> dict[str, int]:
    """How many channels are known how well, the surest first."""
    return {
        word: count
        for word in ("documented", "seen", "memory", "unknown")
        if (count := sum(channel.confidence == word for channel in channels))
    }
