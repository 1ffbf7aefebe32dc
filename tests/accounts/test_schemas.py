from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from app.accounts.intake import describe_faults
from app.accounts.rows import ACCOUNT_FIELDS, account_from, pack_views, unpack_views
from app.accounts.schemas import AccountIn
from app.settings import Settings
from matchers.profile import Account

Json = dict[str, Any]


@pytest.mark.parametrize(
    ("record", "reason"),
    [
        ({}, "needs a handle"),
        ({"platform": "x"}, "needs a handle"),
        ({"platform": "x", "handle": "", "display_name": " \x00 "}, "needs a handle"),
        ({"platform": "X y", "handle": "a"}, "platform"),
        ({"platform": "x" * 65, "handle": "a"}, "platform"),
        ({"platform": "x", "handle": 7}, "handle"),
        ({"platform": "x", "handle": "a" * 513}, "handle"),
        ({"platform": "x", "handle": "https://nowhere.example/jane/x"}, "give the user name alone"),
        ({"platform": "instagram", "handle": "https://x.com/jane"}, "platform says instagram"),
        ({"platform": "x", "handle": "a", "display_name": "n" * 10_001}, "display_name"),
        ({"platform": "x", "handle": "a", "bio": "b" * 1_000_000}, "bio"),
        ({"platform": "x", "handle": "a", "followers": -1}, "followers"),
        ({"platform": "x", "handle": "a", "followers": 10**30}, "followers"),
        ({"platform": "x", "handle": "a", "followers": "many"}, "followers"),
        ({"platform": "x", "handle": "a", "verified": "perhaps"}, "verified"),
        ({"platform": "x", "handle": "a", "created_at": "yesterday"}, "created_at"),
        ({"platform": "x", "handle": "a", "created_at": "0001-01-01T00:00:00+05:00"}, "calendar"),
        ({"platform": "x", "handle": "a", "labels": ["l"] * 51}, "labels"),
        ({"platform": "x", "handle": "a", "labels": "parody"}, "labels"),
        ({"platform": "x", "handle": "a", "links": [{"url": ""}]}, "links"),
        ({"platform": "x", "handle": "a", "avatar": {}}, "exactly one"),
        ({"platform": "x", "handle": "a", "avatar": {"path": "a.jpg"}}, "avatar"),
        ({"platform": "x", "handle": "a", "avatar": {"hashes": {"scheme": "zz9", "views": {}, "gate": 1}}}, "scheme"),
        ({"platform": "x", "handle": "a", "source": "Some Where"}, "source"),
    ],
)
def test_wrong_accounts_are_refused_with_a_reason(record: Json, reason: str) -> None:
    with pytest.raises(ValidationError) as caught:
        AccountIn.model_validate(record)
    assert reason in describe_faults(caught.value)
    assert "Value error" not in describe_faults(caught.value)


@pytest.mark.parametrize(
    ("record", "expected"),
    [
        ({"handle": "https://x.com/JaneDoe"}, ("x", "JaneDoe", None)),
        ({"handle": "@jane", "platform": "madeup.example"}, ("madeup.example", "jane", None)),
        ({"handle": "company/acme", "platform": "linkedin"}, ("linkedin", "company/acme", None)),
        ({"profile_url": "https://instagram.com/jane/", "display_name": "J"}, ("instagram", "jane", None)),
        ({"profile_url": "https://instagram.com/jane/", "platform": "x", "display_name": "J"}, ("x", None, None)),
        ({"account_id": 12345678901234567890, "platform": "x"}, ("x", None, "12345678901234567890")),
        ({"display_name": "Only A Name", "platform": "x"}, ("x", None, None)),
        ({"handle": "a" * 512, "display_name": "n" * 10_000, "platform": "x"}, ("x", "a" * 512, None)),
        ({"handle": "a", "platform": "x", "shoe_size": 42, "id": "theirs"}, ("x", "a", None)),
    ],
)
def test_who_is_meant(record: Json, expected: tuple[str | None, str | None, str | None]) -> None:
    account = AccountIn.model_validate(record)
    assert (account.platform, account.handle, account.account_id) == expected


def test_invisible_characters_are_kept_as_evidence_and_control_characters_dropped() -> None:
    account = AccountIn(platform="x", handle="a", display_name="Ja\u200bne\x00\x1b Doe", bio="one\ntwo\x00")
    assert account.display_name == "Ja\u200bne Doe"
    assert account.bio == "one\ntwo"


def test_a_comparison_needs_no_platform() -> None:
    assert AccountIn(handle="jane").to_account(Settings()) == Account("unknown", "jane")


def test_the_columns_read_are_in_the_order_of_an_account() -> None:
    values = [f"<{name}>" for name in ACCOUNT_FIELDS]
    values[ACCOUNT_FIELDS.index("labels")] = "l"
    values[ACCOUNT_FIELDS.index("links") :] = [None] * (len(values) - ACCOUNT_FIELDS.index("links"))  # type: ignore[list-item]
    account = account_from(values)
    for name in ACCOUNT_FIELDS[: ACCOUNT_FIELDS.index("labels")]:
        assert getattr(account, name) == f"<{name}>"
    assert (account.labels, account.links, account.avatar) == (("l",), (), None)


@given(st.dictionaries(st.sampled_from(["whole", "center", "square", "top"]), st.integers(0, 2**256 - 1)))
def test_views_survive_storage(views: dict[str, int]) -> None:
    assert unpack_views(pack_views(views)) == views


def test_lone_surrogates_never_get_in() -> None:
    with pytest.raises(ValidationError):
        AccountIn(platform="x", handle="a", display_name="Ja\ud800ne")
    with pytest.raises(ValidationError):
        AccountIn.model_validate_json('{"platform": "x", "handle": "a", "display_name": "Ja\\ud800ne"}')
