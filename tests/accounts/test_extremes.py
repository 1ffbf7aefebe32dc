"""Text at the limits: every engine stores the same of it, or refuses the same line."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from app.accounts.schemas import AccountIn
from app.accounts.scope import Scope
from app.accounts.service import ImportResult, import_accounts, lookup
from app.settings import Settings
from app.storage import Database
from matchers.profile import AccountRef
from tests.accounts.conftest import Put, find

WIDE = "\U0001f600"


@pytest.mark.parametrize(
    "record",
    [
        {"handle": "a\x00b"},
        {"display_name": "Jane\x00Doe"},
        {"handle": "jane", "bio": "\x00"},
        {"handle": "jane", "labels": ["a\x00"]},
        {"handle": "jane", "links": [{"url": "https://a.example/\x00"}]},
        {"handle": WIDE * 500},
        {"handle": "ß" * 500},
        {"account_id": WIDE * 500},
        {"handle": "jane", "display_name": WIDE * 500, "bio": WIDE * 5_000},
        {"handle": "jane", "followers": 2**63 - 1},
        {"handle": "jane", "verified_kind": WIDE * 60},
        {"handle": "jane", "created_at": "0001-01-01T00:00:00Z"},
        {"handle": "jane", "created_at": "9999-12-31T23:59:59Z"},
    ],
)
def test_no_record_breaks_the_others(put: Put, db: Database, record: dict[str, Any]) -> None:
    try:
        AccountIn.model_validate({"platform": "x"} | record)
    except ValidationError:
        return
    result = put(record, {"handle": "good"})
    assert result.inserted + result.rejected == 2
    assert find(db, handle="good").handle == "good"


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(name=st.text(max_size=80), bio=st.text(max_size=200), label=st.text(min_size=1, max_size=20))
def test_text_comes_back_as_it_went_in(db: Database, settings: Settings, name: str, bio: str, label: str) -> None:
    try:
        seen = AccountIn(platform="x", handle="jane", display_name=name or None, bio=bio or None, labels=[label])
    except ValidationError:
        return
    result: ImportResult = import_accounts(db, settings, [(1, seen)])
    if result.rejected:
        return
    with db.read() as session:
        row = lookup(session, Scope("default"), AccountRef("x", handle="jane"))
    assert (row.display_name, row.bio, row.labels) == (seen.display_name, seen.bio, seen.labels)
