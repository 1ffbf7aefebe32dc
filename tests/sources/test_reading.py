"""Hostile JSON and HTML, field by field."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.sources.reading import (
    address_of,
    count_of,
    flag_of,
    html_to_text,
    id_of,
    links_in,
    moment_of,
    object_of,
    objects_of,
    text_of,
)

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
)


@given(JSON)
def test_any_value_is_read_or_left_out(value: Any) -> None:
    text, count, address = text_of(value), count_of(value), address_of(value)
    assert text is None or (text and text == text.strip())
    assert count is None or count >= 0
    assert address is None or address.startswith(("http", "HTTP"))
    assert flag_of(value) in {True, False, None}
    assert isinstance(object_of(value), dict)
    assert all(isinstance(item, dict) for item in objects_of(value))
    moment = moment_of(value)
    assert moment is None or moment.tzinfo is UTC
    assert id_of(value) != ""
    html_to_text(value)
    links_in(value)


@pytest.mark.parametrize(
    ("value", "moment"),
    [
        ("2024-03-05T10:11:12.345Z", datetime(2024, 3, 5, 10, 11, 12, 345_000, tzinfo=UTC)),
        ("2024-03-05", datetime(2024, 3, 5, tzinfo=UTC)),
        ("2024-03-05T12:00:00+02:00", datetime(2024, 3, 5, 10, tzinfo=UTC)),
        (1_709_632_800, datetime(2024, 3, 5, 10, tzinfo=UTC)),
        (1_709_632_800_000, datetime(2024, 3, 5, 10, tzinfo=UTC)),
        (0, None),
        (True, None),
        ("yesterday", None),
        (10**30, None),
    ],
)
def test_moments(value: Any, moment: datetime | None) -> None:
    assert moment_of(value) == moment


@pytest.mark.parametrize(
    ("html", "text"),
    [
        ("<p>One</p><p>Two<br>three</p>", "One\n\nTwo\nthree"),
        ("a &amp; b &lt;3", "a & b <3"),
        ('<p>see <a href="https://x.example">x.<span class="invisible">example</span></a></p>', "see x.example"),
        ("<script>alert(1)</script>plain", "plain"),
        ("<p></p>", None),
        ("<p>unclosed <b>tag", "unclosed tag"),
        ("\x00<p>\u202eturned</p>", "\u202eturned"),
    ],
)
def test_html_becomes_the_text_that_people_read(html: str, text: str | None) -> None:
    assert html_to_text(html) == text


def test_links_are_web_addresses() -> None:
    html = '<a href="https://a.example/x">a</a><a href="javascript:x">b</a><a>c</a><a href="/d">d</a>'
    assert links_in(html) == ["https://a.example/x"]
