"""What the pages are made of: marked letters, bars, tables, languages, pictures drawn anew."""

from __future__ import annotations

import csv
import io
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from hypothesis import given
from hypothesis import strategies as st
from markupsafe import escape
from PIL import Image

from app.demo.portraits import draw_portrait, encode_jpeg
from app.photos.display import SHOWN_SIDE, redraw
from app.photos.intake import PhotoRejectedError
from app.plain_text import mark_text
from app.reports.route import Reporter
from app.reports.service import build_routes, routes_to_wire
from app.scans.export import write_csv
from app.scans.schemas import EvidenceOut, ScanOut
from app.settings import Settings
from app.web.cards import make_bars
from app.web.languages import LOCALE, choose_language
from app.web.pages import make_templates
from matchers.profile import Account, Subject
from scripts.messages import TEMPLATE, collect_messages


def test_marked_letters_are_those_of_the_spans() -> None:
    pieces = mark_text("adaezebrandvo1d", [(13, 14)])
    assert [(piece.text, piece.marked) for piece in pieces] == [("adaezebrandvo", False), ("1", True), ("d", False)]


@given(st.text(max_size=200), st.lists(st.tuples(st.integers(-5, 250), st.integers(-5, 250)), max_size=5))
def test_whatever_the_spans_nothing_is_lost_or_said_twice(text: str, spans: list[tuple[int, int]]) -> None:
    pieces = mark_text(text, spans)
    shown = "".join(piece.text for piece in pieces)
    plain_letters = [char for char in text[:120] if char.isascii() and char.isalnum()]
    spelt = "".join(char for piece in pieces for char in piece.text if "‹" not in piece.text)
    assert len(shown) >= len(plain_letters)
    assert all(char in shown for char in plain_letters)
    assert "\u202e" not in shown
    assert all(char in text or char in " …" for char in spelt)


def _evidence(signal: str, bits: float) -> EvidenceOut:
    return EvidenceOut(signal=signal, code=f"{signal}.x", bits=bits, summary=f"{signal} says", spans=[], params={})


def test_a_bar_is_as_long_as_its_bits_and_what_speaks_against_comes_last() -> None:
    bars = make_bars([_evidence("name", -6), _evidence("photo", 26), _evidence("handle", 5)])
    assert [(bar.signal, bar.share, bar.strength, bar.against) for bar in bars] == [
        ("photo", 100, "strong", False),
        ("handle", 25, "clear", False),
        ("name", 30, "clear", True),
    ]


def test_a_table_holds_no_formula() -> None:
    account = {"platform": "x", "handle": "=cmd()", "display_name": "@SUM(A1)", "profile_url": None}
    common = {"evidence": [], "sources": ["index"], "decision": None, "probability": 0.9, "bits": 1, "prior_bits": -1}
    aside = {"id": "a", "account": account, "verdict": "namesake", "reason": "+1", **common}
    now = datetime(2026, 11, 24, tzinfo=UTC)
    head = {"id": "s", "status": "completed", "created_at": now, "finished_at": now, "expires_at": now, "model": "m"}
    summary = {"name_sharers": None, "photo": None}
    body = {**head, "cost": 0, "budget": {}, "subject": summary, "coverage": [], "suspects": [], "set_aside": [aside]}
    rows = list(csv.reader(io.StringIO(write_csv(ScanOut.model_validate(body)))))
    assert rows[1][4:6] == ["'=cmd()", "'@SUM(A1)"]


def test_the_texts_for_translators_have_not_drifted() -> None:
    assert TEMPLATE.read_text(encoding="utf-8") == collect_messages(), "run `make messages`"


def test_a_translated_catalogue_is_used_and_what_it_lacks_stays_english(tmp_path: Path) -> None:
    catalog = read_po(io.BytesIO(b'msgid "There is nothing here"\nmsgstr "Hier ist nichts"\n'), locale="de")
    folder = tmp_path / "de" / "LC_MESSAGES"
    folder.mkdir(parents=True)
    with (folder / "messages.mo").open("wb") as file:
        write_mo(file, catalog)
    html = make_templates("de", tmp_path).get_template("missing.html").render()
    assert 'lang="de"' in html
    assert "Hier ist nichts" in html
    assert "This search may have expired or been erased." in html


@pytest.mark.parametrize("accepted", ["", "en-GB,en;q=0.9", "xx", "de;q=x,,;;", "*"])
def test_without_a_catalogue_the_pages_are_english(accepted: str) -> None:
    assert choose_language(accepted, ["en", "fr"]) == "en"
    assert (LOCALE / "messages.pot").is_file()
    assert choose_language("fr-CH, fr;q=0.9, en;q=0.8", ["en", "fr"]) == "fr"


def test_a_picture_is_drawn_anew_and_carries_nothing_but_pixels(tmp_path: Path) -> None:
    portrait = draw_portrait("shown")
    exif = Image.Exif()
    exif[0x010E] = "secret place"
    raw = io.BytesIO()
    portrait.save(raw, "JPEG", exif=exif, comment=b"secret comment")
    assert b"secret" in raw.getvalue()
    drawn = redraw(raw.getvalue(), Settings(data_dir=tmp_path))
    assert b"secret" not in drawn
    with Image.open(io.BytesIO(drawn)) as image:
        assert (image.format, image.size, image.mode) == ("JPEG", (SHOWN_SIDE, SHOWN_SIDE), "RGB")


@pytest.mark.parametrize(
    "data", [b"", b"<svg xmlns='http://www.w3.org/2000/svg'><script/></svg>", encode_jpeg(draw_portrait("cut"))[:200]]
)
def test_what_is_no_picture_is_not_shown(data: bytes, tmp_path: Path) -> None:
    with pytest.raises(PhotoRejectedError):
        redraw(data, Settings(data_dir=tmp_path))


def test_a_picture_on_its_side_is_turned_upright(tmp_path: Path) -> None:
    exif = Image.Exif()
    exif[0x0112] = 6
    wide = Image.new("RGB", (600, 300), "red")
    wide.paste((0, 0, 255), (0, 0, 300, 300))
    raw = io.BytesIO()
    wide.save(raw, "JPEG", exif=exif, quality=95)
    with Image.open(io.BytesIO(redraw(raw.getvalue(), Settings(data_dir=tmp_path)))) as image:
        top, bottom = image.getpixel((120, 10)), image.getpixel((120, 230))
    assert isinstance(top, tuple)
    assert isinstance(bottom, tuple)
    assert (top[2] > 200, bottom[0] > 200) == (True, True)


def test_sixteen_bits_are_shown_with_their_brightness(tmp_path: Path) -> None:
    raw = io.BytesIO()
    Image.frombytes("I;16", (64, 64), b"\x00\x80" * 64 * 64).save(raw, "PNG")
    with Image.open(io.BytesIO(redraw(raw.getvalue(), Settings(data_dir=tmp_path)))) as image:
        assert image.getpixel((10, 10)) in ((127, 127, 127), (128, 128, 128))


def test_transparency_is_shown_on_white(tmp_path: Path) -> None:
    raw = io.BytesIO()
    Image.new("RGBA", (50, 30), (255, 0, 0, 0)).save(raw, "PNG")
    with Image.open(io.BytesIO(redraw(raw.getvalue(), Settings(data_dir=tmp_path)))) as image:
        assert image.getpixel((10, 10)) == (255, 255, 255)


def test_past_its_review_a_way_shows_the_help_page_and_the_address_as_last_known() -> None:
    found = build_routes(
        Subject(names=("Jane Doe",)), Account("x", "janed0e"), "clone", [], Reporter(country="FR"),
        today=date(2099, 1, 1), with_legal=True,
    )  # fmt: skip
    body = routes_to_wire(found)
    known = {"evidence": None, "legal": body["legal"]}
    ways: Any = make_templates("en").get_template("ways.html").make_module(known)
    route = next(one for one in body["routes"] if one["form_url"])
    page = str(ways.route_body(route, 1))
    assert f'<a href="{escape(route["form_url"])}"' in page
    assert f'class="button primary" href="{escape(route["url"])}"' in page
    assert "as it was last known" in page
    assert "as it was last known" not in str(ways.route_body({**route, "overdue": False, "form_url": None}, 1))
    law = str(ways.legal_body())
    also = [one["also"] for one in body["legal"] if one["also"]]
    assert also
    assert all(f'<a href="{escape(url)}"' in law for url in also)
