"""Tumblr: shape of /blog/{name}/info in its documents."""

from __future__ import annotations

from typing import Any

from matchers.profile import Account
from tests.sources.examples import Example, Exchange

SETTINGS: dict[str, object] = {"tumblr_key": "key-of-the-operator"}
AVATAR = "https://64.media.tumblr.com/avatar_1_512.pnj"

MARIE: dict[str, Any] = {
    "name": "marieokafor",
    "title": "Marie Okafor",
    "description": "Marine biologist,<br>Lagos",
    "url": "https://marieokafor.tumblr.com/",
    "uuid": "t:aBc123",
    "posts": 0,
    "updated": 1308953007,
    "avatar": [
        {"width": 512, "height": 512, "url": AVATAR},
        {"width": 128, "height": 128, "url": "https://64.media.tumblr.com/avatar_1_128.pnj"},
    ],
}
SEEN = Account(
    "tumblr",
    "marieokafor",
    "t:aBc123",
    "Marie Okafor",
    "Marine biologist,\nLagos",
    profile_url="https://www.tumblr.com/marieokafor",
    posts=0,
)


def info(blog: dict[str, Any], name: str = "marieokafor") -> Exchange:
    body = {"meta": {"status": 200, "msg": "OK"}, "response": {"blog": blog}}
    return Exchange(f"/v2/blog/{name}.tumblr.com/info", body, {"api_key": "key-of-the-operator"})


EXAMPLES = (
    Example("lookup", ("MarieOkafor",), (info(MARIE),), (SEEN,), pictures=(AVATAR,)),
    Example(
        "lookup",
        ("nobody",),
        (Exchange("/v2/blog/nobody.tumblr.com/info", {"meta": {"status": 404}, "response": []}, status=404),),
        (),
    ),
)
