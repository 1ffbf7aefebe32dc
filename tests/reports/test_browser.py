"""Prefilled links opened in Chromium, on pages that read them as the platform does; nothing leaves the machine."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
from playwright.sync_api import Browser, Page, Route

from app.platforms.catalogue import load_catalogue
from app.reports import route as reports
from app.reports.service import build_routes
from app.reports.wording import collect_values
from matchers.profile import Account, AccountRef, Handle, Subject
from tests.browser import run_browser

pytestmark = pytest.mark.slow

PAGES = Path(__file__).parent / "pages"
REPORTER = reports.Reporter(email="zoe@example.org", has_account=False)
PEOPLE = {
    "accents": "Zoë Müller-Ångström ÆØÅ",
    "emoji": "Jane 🌟 Doe 👩‍👩‍👧‍👦",
    "right to left": "محمد بن سلمى الحسيني",
    "mixed": "דנה Cohen & Söhne + 100 % <3 #1",
}
LONG = ["“Ø” became “0”: the letters اسم and 字 stand in other places, 100 % & more; " * 6] * 12
EVIDENCE = {"short": ["The account uses the same photo, mirrored"], "long": LONG}


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """The system's Chromium, without network."""
    with run_browser("--no-sandbox", "--disable-gpu", "--host-resolver-rules=MAP * ~NOTFOUND") as started:
        yield started


@pytest.fixture(scope="module", name="tab")
def open_tab(browser: Browser) -> Iterator[Page]:
    opened = browser.new_page()
    yield opened
    opened.close()


@pytest.fixture
def page(tab: Page) -> Iterator[Page]:
    """The one tab of all tests, with no answers left from the test before."""
    yield tab
    tab.unroute_all()


def _open(page: Page, url: str, name: str) -> dict[str, str]:
    """Open an address that our own page answers; what its form then holds."""

    def answer(route: Route) -> None:
        route.fulfill(body=(PAGES / name).read_text(encoding="utf-8"), content_type="text/html; charset=utf-8")

    page.unroute_all()
    page.route("**/*", answer)
    page.goto(url, wait_until="load")
    return _read(page)


def _read(page: Page) -> dict[str, str]:
    held: dict[str, str] = page.evaluate(
        "() => Object.fromEntries([...document.forms[0].elements].filter(c => c.name).map(c => [c.name, c.value]))"
    )
    return held


def _case(platform: str, person: str, evidence: list[str], **fields: Any) -> tuple[list[reports.Route], dict[str, str]]:
    catalogue = load_catalogue()
    subject = Subject(
        names=(person,), handles=(Handle("zoe", "x"),), own_accounts=(AccountRef("bluesky", "zoe.example"),)
    )
    account = Account(platform=platform, display_name=person, **({"handle": "zoe-m"} | fields))
    found = build_routes(subject, account, "clone", evidence, REPORTER)
    known, texts = catalogue.platforms[platform], catalogue.text(None)
    return list(found.routes), collect_values(subject, account, known, evidence, REPORTER, texts)


def _whole_or_cut(arrived: str, whole: str, *, least: int) -> bool:
    """Whether a text arrived whole, or its beginning with the mark of the cut."""
    if not arrived.endswith("…") or len(arrived) >= len(whole):
        return arrived == whole
    return whole.startswith(arrived.removesuffix("…")) and len(arrived) > least


@pytest.mark.parametrize("length", sorted(EVIDENCE))
@pytest.mark.parametrize("person", sorted(PEOPLE))
@pytest.mark.parametrize("platform", ["bluesky", "vrchat", "reddit"])
def test_a_zendesk_form_arrives_filled(page: Page, platform: str, person: str, length: str) -> None:
    fields = {"handle": "zoe-m.example"} if platform == "bluesky" else {"handle": "zoem"}
    routes, values = _case(platform, PEOPLE[person], EVIDENCE[length], **fields)
    link = next(r for r in routes if "tf_description" in (r.url or ""))
    held = _open(page, link.url or "", "zendesk.html")
    assert held["anonymous_requester_email"] == "zoe@example.org"
    wanted = {name: text.translate(str.maketrans("<>", "‹›")) for name, text in values.items()}
    assert held["subject"] == wanted["subject"]
    template = next(
        str(c.prefill.params["tf_description"])
        for c in load_catalogue().platforms[platform].channels
        if c.prefill and "tf_description" in c.prefill.params
    ).strip("{}")
    arrived = held["description"].replace("\r\n", "\n")
    assert _whole_or_cut(arrived, wanted[template], least=200)
    assert ("description" in link.shortened) is arrived.endswith("…")
    if length == "long":
        assert len(values["report_text"]) > 5000
    if platform == "bluesky":
        assert held["17205412673421"] == "zoe.example"


def test_the_page_has_the_cliff(page: Page) -> None:
    """The control: what the tests above prove could fail, since this page fills nothing from too long a link."""
    base = "https://blueskyweb.zendesk.com/hc/en-us/requests/new?tf_subject=Hello&tf_description="
    assert _open(page, base + "a" * 100, "zendesk.html")["subject"] == "Hello"
    assert _open(page, base + quote("ä" * 1000), "zendesk.html")["subject"] == ""


@pytest.mark.parametrize(
    ("platform", "fields", "start", "expected"),
    [
        ("github", {}, "https://github.com/contact", {"report": "zoe-m (user)"}),
        ("wordpress_com", {"handle": "zoeblog"}, "https://wordpress", {"report_url": "https://zoeblog.wordpress.com"}),
        ("weibo", {"handle": None, "account_id": "12345678"}, "https://service", {"rid": "12345678", "type": "3"}),
        ("youtube", {"account_id": "UC-lHJZR3Gqxm24_Vd_AJ5Yw"}, "https://www.youtube.com/reportabuse",
         {"u": "UC-lHJZR3Gqxm24_Vd_AJ5Yw"}),
        ("website", {"handle": None, "profile_url": "https://a.example/?a=1&b=ü+c"}, "https://safebrowsing",
         {"url": "https://a.example/?a=1&b=ü+c"}),
    ],
)  # fmt: skip
def test_a_query_form_arrives_filled(
    page: Page, platform: str, fields: dict[str, Any], start: str, expected: dict[str, str]
) -> None:
    routes, _ = _case(platform, PEOPLE["mixed"], EVIDENCE["short"], **fields)
    link = next(r for r in routes if (r.url or "").startswith(start) and r.prefilled)
    held = _open(page, link.url or "", "query.html")
    assert {name: held[name] for name in expected} == expected


def test_a_json_parameter_arrives(page: Page) -> None:
    routes, _ = _case("tumblr", PEOPLE["mixed"], EVIDENCE["short"], handle="zoem")
    held = _open(page, next(r.url or "" for r in routes if r.prefilled), "query.html")
    assert json.loads(base64.b64decode(held["prefill"]))["urlreporting"] == "https://www.tumblr.com/zoem"


@pytest.mark.parametrize("length", sorted(EVIDENCE))
@pytest.mark.parametrize("person", sorted(PEOPLE))
def test_a_typed_message_arrives(page: Page, person: str, length: str) -> None:
    routes, values = _case("telegram", PEOPLE[person], EVIDENCE[length], handle="zoe_m")
    link = next(r for r in routes if (r.url or "").startswith("https://t.me/notoscam?"))
    held = _open(page, link.url or "", "query.html")
    assert _whole_or_cut(held["text"], values["report_text_short"], least=200)


@pytest.mark.parametrize("length", sorted(EVIDENCE))
@pytest.mark.parametrize("person", sorted(PEOPLE))
@pytest.mark.parametrize(("platform", "to"), [("telegram", "abuse@telegram.org"), ("gitlab", "abuse@gitlab.com")])
def test_a_mail_arrives_written(page: Page, platform: str, to: str, person: str, length: str) -> None:
    routes, values = _case(platform, PEOPLE[person], EVIDENCE[length], handle="zoe_m")
    link = next(r for r in routes if (r.url or "").startswith(f"mailto:{to}"))
    _open(page, "https://mail.example/", "mail.html")
    page.evaluate("address => compose(address)", link.url)
    held = _read(page)
    assert (held["to"], held["subject"]) == (to, values["subject"])
    assert _whole_or_cut(held["body"].replace("\r\n", "\n"), values["report_text"], least=200)


@pytest.mark.parametrize("handle", ["jane\r\nX: 1", "jane&x=1", "jane#top", "javascript:alert(1)", "jane\u202edoe"])
@pytest.mark.parametrize("platform", ["github", "tumblr", "reddit", "telegram", "bluesky"])
def test_a_hostile_handle_leaves_no_link(page: Page, platform: str, handle: str) -> None:
    """In the browser's own reading: the host and the parameters stay those of the catalogue, and no script runs."""
    routes, _ = _case(platform, f"{handle}<script>alert(1)</script>", EVIDENCE["short"], handle=handle)
    page.add_init_script("window.alert = (told) => { window.alerted = told; }")
    for link in routes:
        known = [c for c in load_catalogue().platforms[platform].channels if c.name == link.name]
        if link.url is None or not link.url.startswith("https:") or known[0].prefill is None:
            continue
        held = _open(page, link.url, "query.html")
        assert held.keys() <= set(known[0].prefill.params)
        base = known[0].prefill.base if known[0].prefill.base and link.prefilled else known[0].url
        assert page.evaluate("() => location.host") == str(base).split("/")[2]
        assert page.evaluate("() => [location.hash, window.alerted ?? null]") == ["", None]
        assert all(identity != "janedoe" for name, identity in held.items() if name in {"username", "tumblelog"})
