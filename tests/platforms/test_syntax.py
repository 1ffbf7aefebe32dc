from __future__ import annotations

import pytest

from app.platforms.catalogue import load_catalogue
from app.platforms.identity import is_handle
from app.platforms.syntax import HOMES, syntax_of
from matchers.lookalikes import lookalikes

YEAR = 2026
HANDLES = {"bluesky": "janedoe.bsky.social", "whatsapp": "49151234567"}


@pytest.mark.parametrize("platform", sorted(load_catalogue().platforms))
def test_every_lookalike_could_be_registered_and_is_another_account(platform: str) -> None:
    known = load_catalogue().platforms[platform]
    own = HANDLES.get(platform, "williamdoe")
    listed = [one.handle for one in lookalikes(own, platform, 200, syntax_of(platform, YEAR))]
    assert all(is_handle(known, handle) for handle in listed)
    keys = {known.handle_key(handle) for handle in listed}
    assert len(keys) == len(listed)
    assert known.handle_key(own) not in keys
    assert listed or not is_handle(known, own) or own.isdigit()


@pytest.mark.parametrize(("platform", "shown"), [("x", True), ("instagram", False), ("discord", False)])
def test_a_capital_i_is_offered_where_readers_see_it(platform: str, shown: bool) -> None:
    listed = lookalikes("williamdoe", platform, 100, syntax_of(platform, YEAR))
    assert any("I" in one.handle for one in listed) is shown


@pytest.mark.parametrize(("platform", "taken"), [("x", False), ("youtube", True), ("instagram", False)])
def test_other_alphabets_are_offered_where_they_are_taken(platform: str, taken: bool) -> None:
    listed = lookalikes("williamdoe", platform, 100, syntax_of(platform, YEAR))
    assert all(one.handle.isascii() for one in listed) is not taken


def test_dots_that_do_not_count_make_no_lookalike() -> None:
    listed = [one.handle for one in lookalikes("jane.doe", "facebook", 200, syntax_of("facebook", YEAR))]
    assert "janedoe" not in listed
    assert "j.ane.doe" not in listed


def test_a_bare_name_gets_the_host_that_everybody_can_have() -> None:
    listed = lookalikes("janedoe", "bluesky", 20, syntax_of("bluesky", YEAR))
    assert listed
    assert all(one.handle.endswith(".bsky.social") for one in listed)
    assert HOMES.keys() <= load_catalogue().platforms.keys()


@pytest.mark.parametrize("platform", [None, "orkut"])
def test_an_unknown_platform_takes_what_most_take(platform: str | None) -> None:
    syntax = syntax_of(platform, YEAR)
    assert syntax.allows("jane.doe_1")
    assert not syntax.allows("jané")
    assert syntax.key("@JaneDoe") == "janedoe"
