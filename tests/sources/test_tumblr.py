from __future__ import annotations

from typing import Any

import pytest

from app.net.budget import Budget, Ledger
from app.settings import Settings
from app.sources.contract import Answer
from app.sources.tumblr import connect
from tests.sources.examples import Replay, replay_net
from tests.sources.examples.tumblr import MARIE, SETTINGS, info


def _look(handle: str, blog: dict[str, Any]) -> Answer:
    net = replay_net(Replay((info(blog),)))
    source = connect(Settings(**SETTINGS)).connectors[0]  # type: ignore[arg-type]
    answer = source.lookup((handle,), net.asker(Ledger(Budget(50, 10.0))))
    net.close()
    return answer


@pytest.mark.parametrize("handle", ["../../user/info", "a/b", "a.b", "a?x=1", ""])
def test_what_is_no_name_of_a_blog_is_not_asked_for(handle: str) -> None:
    assert _look(handle, MARIE) == Answer()


@pytest.mark.parametrize(
    ("widths", "best"),
    [((64, 512, 128), 512), ((16, 64), 64), ((400, 512, 1024), 400), ((), None)],
)
def test_the_size_that_serves_comparing_is_taken(widths: tuple[int, ...], best: int | None) -> None:
    avatars = [{"width": width, "url": f"https://64.media.tumblr.com/{width}.png"} for width in widths]
    picture = _look("marieokafor", {**MARIE, "avatar": avatars}).sightings[0].picture
    assert (picture and picture.url) == (best and f"https://64.media.tumblr.com/{best}.png")


def test_the_drawn_picture_of_a_blog_without_one_is_none() -> None:
    drawn = [{"width": 512, "url": "https://assets.tumblr.com/images/default_avatar/cube_closed_512.png"}]
    assert _look("marieokafor", {**MARIE, "avatar": drawn}).sightings[0].picture is None
