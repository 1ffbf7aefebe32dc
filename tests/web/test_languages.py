"""Languages of the pages: whatever a person reads comes from the catalogue, and a language is whole."""

from __future__ import annotations

import io
import re
import time
from collections.abc import Iterator, Sequence
from html.parser import HTMLParser
from pathlib import Path

import pytest
from babel.messages.catalog import Catalog
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from hypothesis import given
from hypothesis import strategies as st
from starlette.testclient import TestClient

from app.demo.portraits import draw_portrait, encode_jpeg
from app.plain_text import plain
from app.platforms.catalogue import load_catalogue
from app.settings import Settings
from app.web.languages import DOMAIN, LOCALE, NAMES, known_languages, load_messages, make_speaker
from app.web.sentences import NESTED, Speaker, Template
from matchers.model import judge
from scripts.messages import TEMPLATE, renew_catalogue
from scripts.sentences import collect_sentences
from tests.api.conftest import as_photo, connect
from tests.golden.test_verdicts import ROWS, read_row

MARKED = re.compile(r"⟦[^⟦⟧]*⟧")
PERSON = "Adaeze Brandvold"
LANGUAGES = [language for language in known_languages() if language != "en"]
SENTENCES = [message for message, _ in collect_sentences()]


def _mark(message: str) -> str:
    return f"⟦{message}⟧"


def _unmarked(text: str) -> str:
    """What stands outside all marks, which may stand one within the other."""
    while (less := MARKED.sub(" ", text)) != text:
        text = less
    return text


@pytest.fixture(scope="module")
def pseudo(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder of catalogues with one language in it, in which every text is marked."""
    folder = tmp_path_factory.mktemp("locale")
    catalog: Catalog = read_po(io.StringIO(TEMPLATE.read_text(encoding="utf-8")), locale="de")
    for message in catalog:
        if message.id and not message.context:
            message.string = (
                _mark(message.id) if isinstance(message.id, str) else tuple(_mark(one) for one in message.id)
            )
    place = folder / "de" / "LC_MESSAGES" / f"{DOMAIN}.mo"
    place.parent.mkdir(parents=True)
    with place.open("wb") as file:
        write_mo(file, catalog)
    return folder


class _Shown(HTMLParser):
    """Collects what a reader of this page's language is shown or told."""

    _VOID = frozenset({"meta", "link", "input", "br", "img"})
    _TOLD = frozenset({"alt", "aria-label", "title", "placeholder"})
    _SCRIPTS = frozenset({"data-searching", "data-failed", "data-ok", "data-kind", "data-known", "data-unknown",
                          "data-more", "data-label", "data-alt", "data-done", "data-lost", "data-pick",
                          "data-none"})  # fmt: skip

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []
        self._other: list[bool] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        told = dict(attrs)
        other = (
            bool(self._other and self._other[-1]) or (told.get("lang") or "de") != "de" or tag in {"script", "style"}
        )
        other = other or told.get("class") in {"paste", "bio", "handle"}
        if not other:
            self.found += [value or "" for name, value in attrs if name in self._TOLD | self._SCRIPTS]
        if tag not in self._VOID:
            self._other.append(other)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.handle_starttag(tag, attrs)
        if tag not in self._VOID:
            self._other.pop()

    def handle_endtag(self, tag: str) -> None:
        if tag not in self._VOID:
            self._other.pop()

    def handle_data(self, data: str) -> None:
        if not (self._other and self._other[-1]):
            self.found.append(data)


# What the person, the accounts and the platforms are called: data, the same in every language.
_NAMES = (
    "clonecheck",
    "Adaeze",
    "Brandvold",
    "adaezebrandvold",
    "adaezebrandvo1d",
    "unheard.example",
    "chloe",
    "zoe",
    "Zoe",
    *NAMES.values(),
)
_PLATFORMS = sorted({platform.name for platform in load_catalogue().platforms.values()}, key=len, reverse=True)
_DATA = re.compile(r"https?://\S+|\d{4}-\d\d-\d\d(?: \d\d:\d\d UTC)?|@\S+|\bs\b|\b(?:EU|EEA|UK|US|DE|[A-Z]{2})\b")


def _advice() -> Iterator[str]:
    """What the catalogue of platforms tells in German itself: what to expect, what to bring."""
    texts = load_catalogue().texts["de"].model_dump()
    for part in ("expect", "bring", "none_because", "notes"):
        for text in texts[part].values():
            yield re.sub(r"\\{\w+\\}", r"\\S+", re.escape(text))


_ADVICE = re.compile("|".join(_advice()))


def find_untranslated(html: str, names: Sequence[str] = ()) -> list[str]:
    """The words of a page that no catalogue holds and that are nobody's data, as `names` are."""
    reader = _Shown()
    reader.feed(html)
    left = []
    # An element inside a sentence cuts its mark in two: marks are looked for in the page as one text.
    for text in _unmarked("\n".join(reader.found)).split("\n"):
        rest = _DATA.sub(" ", _ADVICE.sub(" ", text))
        for name in sorted((*names, *_PLATFORMS, *_NAMES), key=len, reverse=True):
            rest = rest.replace(name, " ")
        if re.search(r"[A-Za-z]{2}", rest):
            left.append(text.strip())
    return left


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory, pseudo: Path) -> Iterator[TestClient]:
    photo = as_photo(encode_jpeg(draw_portrait("page subject")))
    bio = "Painter of small boats and large harbours, mother of two, always near the water"
    accounts = [
        {"platform": "x", "handle": "adaezebrandvo1d", "display_name": PERSON, "avatar": photo, "bio": bio},
        {"platform": "unheard.example", "handle": "chloe", "avatar": photo, "created_at": "2020-01-01T00:00:00Z"},
        {"platform": "instagram", "handle": "zoe", "display_name": PERSON, "created_at": "2026-11-01T00:00:00Z"},
        {"platform": "x", "handle": "adaezebrandvold", "display_name": "Adaeze Brandvold", "avatar": photo},
        {"platform": "x", "handle": "adaezebrandvold9", "display_name": f"{PERSON} (Zoe)", "labels": ["parody"]},
    ]  # fmt: skip
    with connect(Settings(data_dir=tmp_path_factory.mktemp("data"))) as client:
        client.app.state.locale = pseudo  # type: ignore[attr-defined]
        client.headers["Accept-Language"] = "de-CH"
        assert client.post("/v1/accounts", json=accounts).json()["inserted"] == len(accounts)
        yield client


@pytest.fixture(scope="module")
def scan(client: TestClient) -> str:
    """A finished scan: suspects, and accounts set aside."""
    form = {
        "name": "Adaeze Brandvold", "handle": "adaezebrandvold", "platform": "x", "own_account": "https://x.com/adaezebrandvold",
        "absent_from": "instagram", "source": ["index", "links"],
    }  # fmt: skip
    files = {"photo": ("me.jpg", encode_jpeg(draw_portrait("page subject")), "image/jpeg")}
    answer = client.post("/scan", data=form, files=files, follow_redirects=False)
    assert answer.status_code == 303
    return answer.headers["location"]


def test_every_text_of_the_forms_comes_from_the_catalogue(client: TestClient, scan: str) -> None:
    assert scan
    pages = {
        "ask": client.get("/"),
        "history": client.get("/history"),
        "erase": client.get("/history/erase"),
        "erase without the tick": client.post("/history/erase", data={}),
        "attack": client.post(
            "/attack",
            data={"handle": "adaezebrandvold", "platform": "x", "name": PERSON},
            files={"photo": ("me.jpg", encode_jpeg(draw_portrait("page subject")), "image/jpeg")},
        ),
        "attack, nothing given": client.post("/attack", files={"name": (None, "")}),
        "missing": client.get("/scan/nothing"),
        "nothing given": client.post("/scan", files={"name": (None, "")}),
        "no letters": client.post("/scan", files={"name": (None, "!!")}),
        "unknown own": client.post("/scan", files={"name": (None, "Zoe"), "own_account": (None, "nonsense")}),
        "no number": client.post("/scan", files={"name": (None, "Zoe"), "budget_seconds": (None, "many")}),
        "no picture": client.post("/scan", files={"photo": ("me.jpg", b"nothing of the kind", "image/jpeg")}),
        "attack, bad address": client.post("/attack", files={"handle": (None, "https://nowhere.example/a/b")}),
    }
    preview = client.post("/v1/subjects/preview?limit=40", json={"handle": "adaezebrandvold", "platform": "x"}).json()
    twins = sorted((twin["handle"] for twin in preview["lookalikes"]), key=len, reverse=True)
    assert {name: find_untranslated(page.text, twins) for name, page in pages.items()} == {name: [] for name in pages}


def test_every_text_of_a_finished_scan_comes_from_the_catalogue(client: TestClient, scan: str) -> None:
    page = client.get(scan)
    assert "⟦" in page.text
    assert find_untranslated(page.text) == []
    links = re.findall(rf'href="({scan}/accounts/[^"/]+)"', page.text)
    assert links
    for link in dict.fromkeys(links):
        assert find_untranslated(client.get(f"{link}?country=DE&account=no").text) == []


def test_what_the_page_is_told_at_once_is_in_its_language(client: TestClient) -> None:
    told = client.post("/preview", json={"name": "Adaeze Brandvold"}).json()
    assert _unmarked(told["name_note"]).strip(" 0123456789,") == ""
    refused = client.post("/scan", files={"name": (None, "!!")}, headers={"Accept": "application/json"}).json()
    assert refused["detail"].startswith("⟦")


@pytest.mark.parametrize("message", SENTENCES)
def test_each_sentence_is_known_again_by_its_template(message: str) -> None:
    template = Template.read(message)
    values = {name: "mirrored" if name in NESTED else f"w{place}" for place, name in enumerate(template.names)}
    made = "".join(
        piece + values.get(name, "") for piece, name in zip(template.pieces, (*template.names, ""), strict=True)
    )
    said = Speaker(_mark, ".").say(made)
    assert re.sub(r"\bw\d\b", "", _unmarked(said)).strip(" .,;:") == ""
    assert all(value in said for value in values.values())


def test_the_evidence_of_all_golden_cases_is_told_by_the_catalogue() -> None:
    speaker = Speaker(_mark, ".")
    unknown = []
    for row in ROWS:
        subject, account = read_row(row)
        comparison = judge(subject, account)
        told = [evidence.summary for evidence in comparison.evidence] + [comparison.reason or ""]
        unknown += [text for text in told if text and _unmarked(speaker.say(text)).strip(" .,;:")]
    assert unknown == []


@given(st.text(max_size=80) | st.sampled_from(SENTENCES))
def test_taking_a_sentence_apart_and_filling_it_again_loses_nothing(text: str) -> None:
    assert Speaker(lambda message: message, ",").say(text) == plain(text, 2_000)


@pytest.mark.parametrize("joints", ["a. b; c: d, ", ", b: ", "A: b (c. ", "ab, ab: ab, ab; ab: ab. "])
def test_whatever_strangers_write_is_soon_let_be(joints: str) -> None:
    text = (joints * 1_000)[:1_900] + "x"
    begun = time.perf_counter()
    assert Speaker(_mark, ".").say(text) == text
    assert time.perf_counter() - begun < 1


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_language_is_whole_and_in_order(language: str) -> None:
    path = LOCALE / language / "LC_MESSAGES" / f"{DOMAIN}.po"
    known = path.read_bytes()
    text, compiled = renew_catalogue(known, TEMPLATE.read_text(encoding="utf-8"), language)
    assert text == known, "run make messages"
    assert compiled == path.with_suffix(".mo").read_bytes(), "run make messages"
    lacking, unlike = [], []
    for message in read_po(io.BytesIO(known), locale=language):
        texts, told = _forms(message.id), _forms(message.string)
        if any(texts):
            lacking += [texts[0]] if not all(told) else []
            # A form for one thing alone may say "one" in place of the number.
            unlike += [texts[0]] if _values(told[-1]) != _values(texts[-1]) else []
    assert lacking == [], "these have no translation"
    assert unlike == [], "these have other values than the English text"


def _forms(texts: str | list[str] | tuple[str, ...] | None) -> list[str]:
    """Singular and plural of a message, or the one text there is."""
    return [texts or ""] if isinstance(texts, str | None) else list(texts)


def _values(text: str) -> set[str]:
    """The values of a message; Pydantic's own plural ending and kind of field are English words."""
    return set(re.findall(r"%\(\w+\)s|\{\w+\}", text)) - {"{expected_plural}", "{field_type}"}


def test_german_sentences_read_as_german() -> None:
    say = make_speaker(load_messages("de")).say
    assert (
        say("Same name: Ana Ruiz (about 1 in 40,000 people)")
        == "Derselbe Name: Ana Ruiz (etwa eine von 40.000 Personen)"
    )
    assert say("Handle jane_doe resembles janedoe: _ added; the account's own name explains it too") == (
        "Der Benutzername jane_doe ähnelt janedoe: _ eingefügt; auch der eigene Name des Kontos erklärt ihn"
    )
    assert say("The same photograph: 83 details agree, although it was mirrored and cropped") == (
        "Dieselbe Aufnahme: 83 Einzelheiten stimmen überein, obwohl sie gespiegelt und beschnitten wurde"
    )
    assert say("Somebody else's words") == "Somebody else's words"


def test_a_chosen_language_is_remembered_and_leads_back(client: TestClient) -> None:
    with connect(client.app.state.settings) as fresh:  # type: ignore[attr-defined]
        fresh.headers["Accept-Language"] = "fr, en;q=0.5"
        assert '<html lang="en">' in fresh.get("/history").text
        back = {"Referer": f"{fresh.base_url}/history?cursor=x"}
        answer = fresh.post("/language", data={"language": "de"}, headers=back, follow_redirects=False)
        assert (answer.status_code, answer.headers["location"]) == (303, "/history?cursor=x")
        assert re.match(r"language=de; HttpOnly; Max-Age=\d+; Path=/; SameSite=lax$", answer.headers["set-cookie"])
        page = fresh.get("/")
        assert '<html lang="de">' in page.text
        assert "Hat jemand Ihr Profil geklont?" in page.text
        fresh.post("/language", data={"language": "en"})
        assert '<html lang="en">' in fresh.get("/").text
        for bad in ("https://evil.example/a", f"{fresh.base_url}//evil.example"):
            answer = fresh.post(
                "/language", data={"language": "../x"}, headers={"Referer": bad}, follow_redirects=False
            )
            assert answer.headers["location"] in {"/", "/evil.example"}
            assert "set-cookie" not in answer.headers
