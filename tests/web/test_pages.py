"""The pages as a person meets them: a form, an answer, hostile profiles, nothing from outside."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from starlette.testclient import TestClient

from app.demo.portraits import draw_portrait, encode_jpeg
from app.settings import Settings
from app.web.pages import safe_link
from tests.api.conftest import as_photo, connect

HOSTILE = "<script>alert(1)</script>\u202eAdaeze Brandvold"


@pytest.fixture(scope="module")
def photo() -> bytes:
    return encode_jpeg(draw_portrait("page subject"))


@pytest.fixture
def client(tmp_path: Path, photo: bytes) -> Iterator[TestClient]:
    accounts = [
        {"platform": "x", "handle": "adaezebrandvo1d", "display_name": HOSTILE, "avatar": as_photo(photo)},
        {
            "platform": "unheard.example",
            "handle": "chloe",
            "avatar": as_photo(photo),
            "profile_url": "https://a.example/c",
        },
        {"platform": "x", "handle": "adaezebrandvold", "display_name": "Adaeze Brandvold", "avatar": as_photo(photo)},
    ]
    with connect(Settings(data_dir=tmp_path)) as client:
        assert client.post("/v1/accounts", json=accounts).json()["inserted"] == len(accounts)
        yield client


def test_the_form_needs_no_script_and_nothing_from_outside(client: TestClient) -> None:
    page = client.get("/")
    assert page.headers["content-type"].startswith("text/html")
    assert "default-src 'none'" in page.headers["content-security-policy"]
    assert "unsafe" not in page.headers["content-security-policy"]
    assert re.findall(r"<script[^>]*>", page.text) == re.findall(
        r'<script type="module" src="/static/[^"]*">', page.text
    )
    assert not re.search(r"\sstyle=|\son[a-z]+=|<style", page.text)
    addresses = set(re.findall(r'(?:src|href|action)="([^"]*)"', page.text))
    assets = {address for address in addresses if address.startswith("/static/")}
    assert addresses - assets == {"/", "#main", "/history", "/attack", "/language", "/scan"}
    kinds = {client.get(address).headers["content-type"].partition(";")[0] for address in assets}
    assert kinds == {"text/css", "text/javascript", "image/svg+xml"}
    for field in re.findall(r'<(?:input|select) id="(\w+)"', page.text):
        assert f'<label for="{field}"' in page.text


def test_only_an_address_that_changes_with_its_content_is_kept(client: TestClient) -> None:
    marked = re.findall(r'src="(/static/ask\.js[^"]*)"', client.get("/").text)[0]
    assert "immutable" in client.get(marked).headers["cache-control"]
    for unmarked in ("/static/photo.js", "/static/ask.js?of-another-version"):
        assert client.get(unmarked).headers["cache-control"] == "no-cache"


def _scan(client: TestClient, photo: bytes) -> str:
    form = {"name": "Adaeze Brandvold", "handle": "adaezebrandvold", "own_account": "https://x.com/adaezebrandvold"}
    headers = {"Origin": "http://localhost", "Sec-Fetch-Site": "same-origin"}
    page = client.post("/scan", data=form, files={"photo": ("me.jpg", photo, "image/jpeg")}, headers=headers)
    assert page.status_code == 200
    assert page.history[0].status_code == 303
    return _finished(client, page.url.path)


def _finished(client: TestClient, path: str) -> str:
    """The page of a scan once it has ended: until then it says that it searches."""
    for _ in range(200):
        page = client.get(path).text
        if 'data-running="no"' in page:
            return page
    raise AssertionError("the scan did not end")


def test_from_the_form_to_the_report(client: TestClient, photo: bytes) -> None:
    page = _scan(client, photo)
    assert "2 suspected accounts" in page
    assert "Suspected clone" in page
    assert "The account uses the same photo" in page
    assert 'href="https://x.com/adaezebrandvo1d"' in page
    sheet = client.get(re.findall(r'href="(/scan/[^"]*/accounts/[^"]*)">Report it', page)[0]).text
    assert "https://help.x.com/" in sheet
    assert "Keep a record first" in sheet
    assert "criminal" not in sheet
    assert "You listed this account as your own" in page
    assert "criminal" not in page


def test_the_sheet_depends_on_who_reports(client: TestClient, photo: bytes) -> None:
    page = _scan(client, photo)
    address = re.findall(r'href="(/scan/[^"]*/accounts/[^"]*)">Report it', page)[0]
    mine = client.get(address).text
    friends = client.get(f"{address}?role=bystander&account=no&country=DE&language=en").text
    assert '<option value="bystander" selected>' in friends
    assert '<option value="DE" selected>' in friends
    assert re.findall("<h2>Report it: ([^<]*)", mine) != re.findall("<h2>Report it: ([^<]*)", friends)
    assert client.get(f"{address}?country=%3Cscript").status_code == 422
    assert client.get("/scan/none/accounts/none").status_code == 404
    assert client.get(f"{address}x").status_code == 404


def test_the_budget_is_shown_and_set_and_told_afterwards(client: TestClient) -> None:
    form = client.get("/").text
    shown = dict(re.findall(r'name="(budget_\w+)"[^>]* value="(\d+)"', form))
    assert shown == {"budget_calls": "200", "budget_seconds": "30", "budget_money": "0"}
    assert "tested against a real server" in form
    assert "$0.010 for each account that X returns" in form
    data = {"name": "Adaeze Brandvold", "budget_calls": "7", "budget_seconds": "20", "budget_money": "0.5"}
    page = client.post("/scan", data=data, files={"photo": ("", b"")})
    assert "This scan has cost $0.00 of the $0.50 that it may spend." in _finished(client, page.url.path)
    scan = client.get(f"/v1/scans/{page.url.path.rpartition('/')[2]}").json()
    assert scan["budget"] == {"calls": 7, "seconds": 20, "money": 0.5}
    assert client.post("/scan", data={**data, "budget_money": "-1"}, files={"photo": ("", b"")}).status_code == 422


def test_a_hostile_profile_is_only_text(client: TestClient, photo: bytes) -> None:
    page = _scan(client, photo)
    assert "<script>" not in page
    assert "&lt;script&gt;" in re.sub("</?mark>", "", page)
    assert "\u202e" not in page


def test_a_bad_form_says_what_is_wrong(client: TestClient) -> None:
    for data, files in (({}, {}), ({"name": "Jane"}, {"photo": ("x.jpg", b"no picture", "image/jpeg")})):
        page = client.post("/scan", data={"name": "", **data}, files=files or {"photo": ("", b"")})
        assert page.status_code == 422
        assert 'role="alert"' in page.text
    assert client.get("/scan/none").status_code == 404


@pytest.mark.parametrize(
    ("field", "value", "told"),
    [
        ("budget_seconds", "-1", "Seconds: "),
        ("budget_calls", "x", "Calls to places asked: "),
        ("name", "J" * 400, "Name"),
    ],
)
def test_a_bad_form_says_which_field_is_wrong(client: TestClient, field: str, value: str, told: str) -> None:
    page = client.post("/scan", data={"name": "Jane", field: value}, files={"photo": ("", b"")})
    assert page.status_code == 422
    assert re.findall(r'role="alert">([^<]*)', page.text)[0].startswith(told)


def test_a_cross_site_form_is_refused(client: TestClient) -> None:
    answer = client.post(
        "/scan", data={"name": "Jane"}, files={"photo": ("", b"")}, headers={"Origin": "https://evil.example"}
    )
    assert answer.status_code == 403


@pytest.mark.parametrize(
    ("url", "linked"),
    [
        ("https://x.com/a", True),
        ("mailto:abuse@example.org", True),
        ("javascript:alert(1)", False),
        (" javascript:alert(1)", False),
        ("data:text/html,x", False),
        ("//evil.example", False),
        (None, False),
    ],
)
def test_only_web_and_mail_addresses_become_links(url: str | None, linked: bool) -> None:
    assert bool(safe_link(url)) is linked


def test_places_to_look_are_chosen_and_nothing_outside_is_asked_unless_ticked(client: TestClient) -> None:
    page = client.get("/").text
    assert re.search(r'value="index" checked', page)
    outside = re.findall(r'<input id="source_(\w+)"[^>]*>', page)
    assert {"bluesky", "mastodon"} <= set(outside)
    assert not re.search(r'value="bluesky" checked', page)
    assert "Your name and user name are sent to those you tick" in page


def test_search_pages_to_open_by_hand_are_listed(client: TestClient) -> None:
    headers = {"Origin": "http://localhost", "Sec-Fetch-Site": "same-origin"}
    form = {"name": "Adaeze Brandvold", "source": ["index", "links"]}
    page = client.post("/scan", data=form, files={"photo": ("", b"")}, headers=headers)
    assert page.status_code == 200
    done = _finished(client, page.url.path)
    assert re.search(r'<a href="https://[^"]*Adaeze%20Brandvold[^"]*" rel="noreferrer noopener"', done)


def test_a_name_of_any_length_can_be_reported(client: TestClient, photo: bytes) -> None:
    account = {"platform": "x", "handle": "lengthy", "display_name": HOSTILE * 50, "bio": "long " * 1_900}
    assert client.post("/v1/accounts", json=[{**account, "avatar": as_photo(photo)}]).json()["inserted"] == 1
    page = _scan(client, photo)
    for address in re.findall(r'href="(/scan/[^"]*/accounts/[^"]*)">Report it', page):
        sheet = client.get(address)
        assert sheet.status_code == 200
        assert "<script>" not in sheet.text
    assert "@lengthy" in page


def test_that_it_was_reported_is_written_down(client: TestClient, photo: bytes) -> None:
    page = _scan(client, photo)
    address = re.findall(r'href="(/scan/[^"]*/accounts/[^"]*)">Report it', page)[0]
    before = client.get(address).text
    assert "You have reported it" not in before
    channel = re.findall(r'name="channel" value="([^"]*)"', before)[0]
    after = client.post(f"{address}/reported", data={"channel": channel})
    assert "You have reported it" in after.text
    assert "no answer yet" in after.text
    listed = client.get("/v1/reports").json()["items"]
    assert [(item["channel"], item["status"]) for item in listed] == [(channel, "filed")]
    others = re.findall(r'href="(/scan/[^"]*/accounts/[^"]*)">Report it', page)[1]
    assert "You have reported it" not in client.get(others).text
    assert client.post(f"{address}x/reported", data={"channel": channel}).status_code == 404
    client.post("/history/erase", data={"sure": "yes"})
    assert client.get("/v1/reports").json()["items"] == []


def test_what_the_law_offers_is_shown_where_the_platform_takes_no_report(client: TestClient, photo: bytes) -> None:
    account = {"platform": "soundcloud", "handle": "adaezebrandvo1d", "display_name": "Adaeze Brandvold"}
    assert client.post("/v1/accounts", json=[{**account, "avatar": as_photo(photo)}]).json()["inserted"] == 1
    addresses = re.findall(r'href="(/scan/[^"]*/accounts/[^"]*)">Report it', _scan(client, photo))
    sheets = [client.get(f"{one}?role=bystander&country=US&language=en").text for one in addresses]
    [sheet] = [one for one in sheets if "takes these reports only from the person concerned" in one]
    assert "Report it: " not in sheet
    assert "What the law offers" in sheet
