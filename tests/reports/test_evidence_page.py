"""The page of a bundle: hostile texts stay texts, differing characters are marked, nothing is loaded."""

from __future__ import annotations

import base64
import hashlib
import re
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.reports.evidence.container import COMPARISON, PAGE, unseal
from app.reports.evidence.differences import MAX_SHOWN, compare_texts, count_edits, is_hidden, nearest, show
from app.reports.evidence.making import GivenPicture
from app.settings import Settings
from tests.reports.bundles import OWN_PHOTO, make

HOSTILE = '<img src=x onerror="alert(1)"></style><script>alert(2)</script>{{ 7 * 7 }} & &amp;'


class Page(HTMLParser):
    """What a browser would make of a page: its elements, and the text of each mark."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.marks: list[str] = []
        self.text = ""
        self._open: list[str] = []
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        self._open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        while self._open and self._open.pop() != tag:
            pass

    def handle_data(self, data: str) -> None:
        if self._open[-1:] == ["mark"]:
            self.marks.append(data)
        if self._open[-1:] != ["style"]:
            self.text += data

    def named(self, tag: str) -> list[dict[str, str | None]]:
        return [attributes for name, attributes in self.tags if name == tag]


@pytest.fixture
def place(tmp_path: Path) -> Settings:
    return Settings(data_dir=tmp_path)


def page_of(place: Settings, *pictures: GivenPicture, **suspect: Any) -> tuple[Page, str]:
    html = unseal(make(place, pictures, suspect)).members[PAGE].decode()
    return Page(html), html


def test_differing_characters_are_marked_and_named(place: Settings) -> None:
    page, _ = page_of(place)
    assert page.marks == ["l", "l", "ı", "1"]
    for told in ("U+006C latin small letter l", "U+0131 latin small letter dotless i", "U+0031 digit one"):
        assert told in page.text
    assert "over 99 in 100" in page.text


def test_hostile_texts_stay_texts(place: Settings) -> None:
    page, html = page_of(place, display_name=HOSTILE, handle="a<b>\"'", bio=HOSTILE * 1_000, account_id=HOSTILE)
    allowed = {
        "html",
        "head",
        "meta",
        "title",
        "style",
        "body",
        "header",
        "div",
        "h1",
        "h2",
        "p",
        "b",
        "span",
        "section",
    }
    allowed |= {"bdi", "small", "dl", "dt", "dd", "table", "tr", "th", "td", "mark", "footer", "code"}
    assert {tag for tag, _ in page.tags} <= allowed
    assert not any(name.startswith("on") for _, attributes in page.tags for name in attributes)
    assert HOSTILE in page.text
    assert "49" not in re.sub(r"[0-9a-f]{8,}", "", page.text.replace("{{ 7 * 7 }}", ""))
    assert len(html) < 30_000
    assert f"({len(HOSTILE) * 1_000:,} characters in all)" in page.text


def test_nothing_is_loaded_or_run(place: Settings) -> None:
    page, html = page_of(place, GivenPicture("suspect", OWN_PHOTO, "https://cdn.example.org/a.jpg"))
    policy = next(meta["content"] for meta in page.named("meta") if "http-equiv" in meta) or ""
    css = html.partition("<style>")[2].partition("</style>")[0]
    digest = base64.b64encode(hashlib.sha256(css.encode()).digest()).decode()
    assert policy.startswith("default-src 'none'; ")
    assert f"style-src 'sha256-{digest}'" in policy
    assert "url(" not in css
    assert "@import" not in css
    sources = [str(attributes.get("src")) for _, attributes in page.tags if "src" in attributes]
    assert len(sources) == 1
    assert sources[0].startswith("data:image/jpeg;base64,")
    assert not page.named("a")
    assert not page.named("link")
    assert not page.named("script")


def test_what_hides_or_turns_is_shown(place: Settings) -> None:
    page, html = page_of(place, display_name="\u202eAdaeze\u200b Brand\u2066vold\U000e0041", bio="a\u202eb\u0000c")
    for code in ("U+202E", "U+200B", "U+2066", "U+E0041", "U+0000"):
        assert code in page.text
    assert not [char for char in html if is_hidden(char)]


def test_a_bundle_without_pictures_names_none(place: Settings) -> None:
    bundle = unseal(make(place))
    assert not [name for name in bundle.members if name.startswith("pictures/")]
    assert b'"pictures": []' in bundle.members[COMPARISON]
    assert "<img" not in bundle.members[PAGE].decode()


def test_an_account_that_tells_nothing_still_has_a_page(place: Settings) -> None:
    nothing = dict.fromkeys(("display_name", "account_id", "bio", "avatar", "created_at", "followers"))
    page, _ = page_of(place, handle="x", handle_key="x", links=(), **nothing)
    assert "no name given" in page.text
    assert "No picture known" in page.text


@pytest.mark.parametrize(
    ("own", "other", "marked", "edits", "seen"),
    [
        ("janedoe", "janed0e", ["0"], 1, 0),
        ("paypal", "paypaI", ["I"], 1, 0),
        ("janedoe", "JaneDoe", [], 0, 0),
        ("janedoe", "janedoe_official", ["_official"], 9, 6),
        ("janedoe", "kim.lee", [], 6, 6),
        ("Jane Doe", "Jane\u200b Doe", ["U+200B"], 1, 0),
        ("Jane Doe", "J\u0430ne Doe", ["\u0430"], 1, 0),
        ("janedoe", "jnaedoe", ["n"], 1, 1),
    ],
)
def test_texts_are_compared(own: str, other: str, marked: list[str], edits: int, seen: int) -> None:
    found = compare_texts(own, other)
    assert [piece.text for piece in found.other if piece.differs] == marked
    assert (found.edits, found.seen) == (edits, seen)
    assert count_edits(own, other) == edits


@given(own=st.text(max_size=200), other=st.text(max_size=200))
def test_any_text_can_be_shown(own: str, other: str) -> None:
    found = compare_texts(own, other)
    for pieces, text in ((found.own, own), (found.other, other)):
        assert not any(is_hidden(char) for piece in pieces for char in piece.text)
        plain = text[:MAX_SHOWN]
        if len(plain) == len(text) and not any(map(is_hidden, text)) and text.isascii():
            assert "".join(piece.text for piece in pieces) == re.sub(r"[\t\n\r]", " ", text)


def test_piled_up_marks_and_long_texts_are_bounded() -> None:
    zalgo = show("a" + "\u0301" * 50)
    assert sum(len(piece.text) for piece in zalgo if not piece.hidden) == 4
    long = compare_texts("a" * 10_000, "b" * 10_000)
    assert sum(len(piece.text) for piece in long.own) <= MAX_SHOWN + 2
    assert nearest(["kimlee", "janedoe"], "janed0e") == "janedoe"
    assert nearest([], "janed0e") is None
