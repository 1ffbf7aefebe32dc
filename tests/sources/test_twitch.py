from __future__ import annotations

import pytest

from app.settings import Settings
from app.sources.twitch import connect
from matchers.marks import read_mark
from tests.sources.examples.twitch import SEEN, SETTINGS


@pytest.mark.parametrize("left_out", sorted(SETTINGS))
def test_it_needs_both_the_id_and_the_secret(left_out: str) -> None:
    remote = connect(Settings(**{**SETTINGS, left_out: None}))  # type: ignore[arg-type]
    assert (remote.info.ready, remote.connectors) == (False, ())
    assert remote.info.not_ready


def test_that_a_search_sees_recent_channels_only_is_told() -> None:
    assert "six months" in connect(Settings()).info.cannot_see


def test_a_partner_s_mark_clears_nobody() -> None:
    assert read_mark("twitch", SEEN.verified_kind) == "other"
