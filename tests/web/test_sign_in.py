"""Signing in to the pages with a key: what a session opens, what it does not, and how it ends."""

from __future__ import annotations

import base64
import json
import logging
import re
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from pydantic import SecretStr
from starlette.testclient import TestClient

from app.guard import OPEN_PATHS
from app.main import create_app
from app.sessions import COOKIE, FREE_MISSES, SECURE_COOKIE, SESSION_SECONDS, Misses, Sessions, takes_session
from app.settings import Settings
from app.web.sheet import EVIDENCE_PATH
from app.web.sign_in import MAX_PATH, own_path
from tests.api.conftest import Json, connect
from tests.api.description import describe
from tests.conftest import ROOT
from tests.servers.process import answers, clean_environment, free_ports, open_client, run_server

KEY, OTHER = "a-long-first-key", "a-long-second-key"
OURS = {"Origin": "http://localhost", "Sec-Fetch-Site": "same-origin", "Accept": "text/html,application/xhtml+xml"}
PAGE = {"Accept": OURS["Accept"], "Sec-Fetch-Site": "none"}
BEARER = {"Authorization": f"Bearer {KEY}"}
OUTSIDE = "192.0.2.7"


def keyed(folder: Path, *keys: str, corpus: str = "default") -> Settings:
    """Settings of an installation with keys."""
    return Settings(data_dir=folder, api_keys=tuple(SecretStr(key) for key in keys or (KEY,)), corpus=corpus)


@pytest.fixture
def client(tmp_path: Path) -> Iterator[TestClient]:
    with connect(keyed(tmp_path, KEY, OTHER), address=OUTSIDE) as client:
        client.follow_redirects = False
        yield client


def sign_in(client: TestClient, key: str = KEY, path: str = "/") -> str:
    """Sign in and give the token of the session, which the client now sends."""
    answer = client.post("/sign-in", data={"key": key, "next": path}, headers=OURS, follow_redirects=False)
    assert answer.status_code == 303, answer.text
    return str(client.cookies[COOKIE])


def scan(client: TestClient, name: str) -> str:
    """Start a scan by the form; gives its path."""
    answer = client.post("/scan", data={"name": name}, files={"photo": ("", b"")}, headers=OURS)
    assert answer.status_code == 303, answer.text
    return str(answer.headers["location"])


def test_a_person_gets_a_page_and_a_program_the_problem(client: TestClient) -> None:
    for path in ("/", "/history", "/scan/abc", "/nothing"):
        page = client.get(path, headers=PAGE)
        assert page.status_code == 401
        assert page.headers["content-type"].startswith("text/html")
        assert page.headers["www-authenticate"].startswith("Bearer")
        assert page.headers["cache-control"] == "no-store"
        assert "default-src 'none'" in page.headers["content-security-policy"]
        assert 'autocomplete="current-password"' in page.text
        assert f'name="next" value="{path}"' in page.text
        assert "<script" not in page.text
        for accept in ("*/*", "application/json"):
            told = client.get(path, headers={"Accept": accept})
            assert (told.status_code, told.headers["content-type"]) == (401, "application/problem+json")
            assert told.json() == {
                "type": "urn:clonecheck:problem:key_required",
                "title": "A valid API key is required",
                "status": 401,
                "detail": "Send one of the configured keys as `Authorization: Bearer KEY`.",
            }


def test_an_address_of_the_api_never_answers_with_a_page(client: TestClient) -> None:
    for path in ("/v1/scans", "/openapi.json", "/v1/nothing"):
        answer = client.get(path, headers=PAGE)
        assert (answer.status_code, answer.headers["content-type"]) == (401, "application/problem+json")
    wrong = client.get("/history", headers={**PAGE, "Authorization": "Bearer wrong"})
    assert (wrong.status_code, wrong.headers["content-type"]) == (401, "application/problem+json")


def test_the_cookie_opens_the_pages_and_tells_nothing(client: TestClient) -> None:
    answer = client.post("/sign-in", data={"key": f" {KEY}\n", "next": "/history?cursor=a%20b"}, headers=OURS)
    assert (answer.status_code, answer.headers["location"]) == (303, "/history?cursor=a%20b")
    cookie = answer.headers["set-cookie"]
    assert {part.strip() for part in cookie.split(";")[1:]} == {
        "HttpOnly",
        "Path=/",
        "SameSite=lax",
        f"Max-Age={SESSION_SECONDS}",
    }
    token = client.cookies[COOKIE]
    held = base64.urlsafe_b64decode(token + "=")
    for secret in (KEY.encode(), b"local", b"default"):
        assert secret not in held
        assert secret.decode() not in cookie.partition(";")[0].partition("=")[2]
    for path in ("/", "/history", "/history/erase", "/attack"):
        page = client.get(path, headers=PAGE)
        assert page.status_code == 200
        assert 'action="/sign-out" method="post"' in page.text
    assert client.get("/sign-in?next=/history", headers=PAGE).headers["location"] == "/history"


def test_over_tls_the_cookie_is_secure_and_bound_to_the_host(tmp_path: Path) -> None:
    with TestClient(create_app(keyed(tmp_path)), "https://localhost", follow_redirects=False) as client:
        cookie = client.post("/sign-in", data={"key": KEY}, headers={**OURS, "Origin": "https://localhost"})
        told = cookie.headers["set-cookie"]
        assert told.startswith(f"{SECURE_COOKIE}=")
        assert {"HttpOnly", "Secure", "Path=/"} <= {part.strip() for part in told.split(";")}
        assert "domain" not in told.lower()
        assert client.get("/history", headers=PAGE).status_code == 200
        token = str(client.cookies[SECURE_COOKIE])
        client.cookies.clear()
        # Without the prefix a neighbour of the host could have set it.
        assert client.get("/history", headers={**PAGE, "Cookie": f"{COOKIE}={token}"}).status_code == 401


@pytest.mark.slow
@pytest.mark.parametrize(("proxies", "name"), [("127.0.0.0/8", SECURE_COOKIE), ("10.0.0.0/8", COOKIE)])
def test_only_a_trusted_proxy_says_that_it_is_https(tmp_path: Path, proxies: str, name: str) -> None:
    port = free_ports(1)[0]
    url = f"http://127.0.0.1:{port}"
    environment = clean_environment(
        CLONECHECK_DATA_DIR=str(tmp_path), CLONECHECK_API_KEYS=KEY, CLONECHECK_TRUSTED_PROXIES=proxies
    )
    command: list[str | Path] = [Path(sys.executable).with_name("clonecheck"), "serve", "--port", str(port)]
    with (
        run_server(command, tmp_path / "log", answers(f"{url}/livez"), environment=environment),
        open_client(url) as web,
    ):
        headers = {"Origin": "https://clonecheck.example", "Host": "clonecheck.example", "X-Forwarded-Proto": "https"}
        answer = web.post("/sign-in", data={"key": KEY}, headers=headers)
        assert answer.status_code == 303
        assert answer.headers["set-cookie"].startswith(f"{name}=")
    assert KEY not in (tmp_path / "log").read_text(encoding="utf-8")


@pytest.mark.parametrize(
    "path",
    [
        "https://evil.example/",
        "//evil.example/",
        "/\\evil.example/",
        "\\\\evil.example",
        "/\t/evil.example",
        "/\n/evil.example",
        " //evil.example",
        "/.//evil.example",
        "javascript:alert(1)",
        "evil.example",
        "",
        "/history\r\nSet-Cookie: a=b",
        "/sign-out",
        "/sign-in?next=//evil.example",
        "/v1/scans",
        "/openapi.json",
        "/история",
        "/" + "a" * 3_000,
    ],
)
def test_only_a_page_of_ours_comes_after(client: TestClient, path: str) -> None:
    assert own_path(path) == "/"
    answer = client.post("/sign-in", data={"key": KEY, "next": path}, headers=OURS)
    assert (answer.status_code, answer.headers["location"]) == (303, "/")
    if len(path) <= MAX_PATH:
        assert client.get("/sign-in", params={"next": path}, headers=PAGE).headers["location"] == "/"


@pytest.mark.parametrize("path", ["/", "/history?cursor=abc", "/scan/a-b_c", "/scan/a/accounts/b?role=self"])
def test_a_page_that_was_asked_for_comes_after(path: str) -> None:
    assert own_path(path) == path


def test_what_was_asked_for_cannot_break_out_of_the_form(client: TestClient) -> None:
    page = client.get('/history?cursor="><script>alert(1)</script>', headers=PAGE)
    assert "<script>" not in page.text
    assert client.get("http://localhost//evil.example/x", headers=PAGE).text.count('name="next" value="/"') == 1


@pytest.mark.parametrize("host", ["[", "[::1", "a b", "", "x" * 5_000])
def test_an_odd_host_is_no_fault_of_ours(client: TestClient, host: str) -> None:
    for headers in (PAGE, {**PAGE, "Cookie": f"{COOKIE}=x; {COOKIE}"}, {**PAGE, "Cookie": '=;"; a=\\'}):
        assert client.get("/history?a=%ff", headers={**headers, "Host": host}).status_code == 401
    refused = client.post("/sign-in", data={"key": KEY}, headers={**OURS, "Host": host, "Origin": f"http://{host}"})
    assert refused.status_code in {303, 403}


@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": "https://evil.example"},
        {"Origin": "null"},
        {"Origin": "http://localhost:3000"},
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
        {"Sec-Fetch-Site": "cross-site", "Origin": "http://localhost"},
        {"Sec-Fetch-Site": "none"},
        {},
    ],
)
def test_a_session_changes_nothing_from_elsewhere(client: TestClient, headers: dict[str, str]) -> None:
    sign_in(client)
    path = scan(client, "Jane Doe")
    form = {"Accept": "text/html", **headers}
    calls: list[tuple[str, Json]] = [
        ("/scan", {"files": {"name": (None, "Eve")}}),
        (f"{path}/erase", {}),
        (f"{path}/cancel", {}),
        (f"{path}/accounts/x/decision", {"data": {"verdict": "clone"}}),
        ("/history/erase", {"data": {"sure": "yes"}}),
        ("/attack", {"files": {"handle": (None, "a")}}),
        ("/recognise", {"json": {"text": "a"}}),
        ("/preview", {"json": {"name": "Jane Doe"}}),
        ("/language", {"data": {"language": "de"}}),
        ("/sign-in", {"data": {"key": KEY}}),
        ("/sign-out", {}),
    ]
    for address, body in calls:
        answer = client.post(address, headers=form, **body)
        assert answer.status_code == 403, address
        assert answer.json()["type"] == "urn:clonecheck:problem:cross_site"
        assert "set-cookie" not in answer.headers
    assert client.get(path, headers=PAGE).status_code == 200, "nothing was erased"


def test_a_session_ends_in_time_and_cannot_be_made(tmp_path: Path) -> None:
    settings = keyed(tmp_path, KEY, OTHER)
    now = [1_900_000_000.0]
    app = create_app(settings)
    with TestClient(app):
        sessions = Sessions(app.state.db, settings, lambda: now[0])
        sessions.load()
        token = sessions.begin(KEY)
        assert token is not None
        assert sessions.begin("wrong") is None
        assert sessions.begin("\udcff") is None
        assert sessions.knows(token)
        assert token != sessions.begin(KEY)
        signed = bytearray(base64.urlsafe_b64decode(token + "="))
        for place in range(len(signed)):
            changed = bytearray(signed)
            changed[place] ^= 1
            assert not sessions.knows(base64.urlsafe_b64encode(changed).rstrip(b"=").decode()), place
        for forged in ("", "=", "ä", token[:-4], token * 2, "A" * 75, KEY):
            assert not sessions.knows(forged)
        now[0] += SESSION_SECONDS - 1
        assert sessions.knows(token)
        now[0] += 1
        assert not sessions.knows(token)


def test_a_session_ends_with_its_key_and_outlives_a_restart(tmp_path: Path) -> None:
    with connect(keyed(tmp_path, KEY, OTHER)) as client:
        first, second = sign_in(client, KEY), sign_in(client, OTHER)
    for keys, opened in (((KEY, OTHER), (200, 200)), ((OTHER,), (401, 200)), ((KEY + "x",), (401, 401))):
        with connect(keyed(tmp_path, *keys)) as client:
            for token, status in zip((first, second), opened, strict=True):
                cookie = {"Cookie": f"{COOKIE}={token}"}
                assert client.get("/history", headers={**PAGE, **cookie}).status_code == status


def test_a_session_of_another_installation_is_none(tmp_path: Path) -> None:
    with connect(keyed(tmp_path / "one")) as client:
        token = sign_in(client)
    with connect(keyed(tmp_path / "two")) as client:
        assert client.get("/history", headers={**PAGE, "Cookie": f"{COOKIE}={token}"}).status_code == 401


def test_two_corpora_of_one_database_do_not_see_each_other(tmp_path: Path) -> None:
    """All keys of a service share its searches. Another service on the same database, for another corpus, does not."""
    with connect(keyed(tmp_path, KEY, corpus="one")) as one, connect(keyed(tmp_path, OTHER, corpus="two")) as two:
        for client in (one, two):
            client.follow_redirects = False
        token = sign_in(one, KEY)
        sign_in(two, OTHER)
        path = scan(one, "Jane Doe")
        assert "Jane Doe" in one.get("/history", headers=PAGE).text
        assert "Jane Doe" not in two.get("/history", headers=PAGE).text
        for address in (path, f"{path}/part", f"{path}/accounts/x", f"{path}/export.csv", f"{path}/accounts/x/photo"):
            assert two.get(address, headers=PAGE).status_code == 404, address
        assert two.get(f"/v1/scans/{path.rpartition('/')[2]}/events", headers=PAGE).status_code == 404
        assert two.post(f"{path}/erase", headers=OURS).status_code == 404
        two.post("/history/erase", data={"sure": "yes"}, headers=OURS)
        assert one.get(path, headers=PAGE).status_code == 200
        two.cookies.clear()
        assert two.get("/history", headers={**PAGE, "Cookie": f"{COOKIE}={token}"}).status_code == 401


def test_a_key_in_the_header_decides_by_itself(client: TestClient) -> None:
    sign_in(client)
    assert client.get("/history", headers={**PAGE, "Authorization": "Bearer wrong"}).status_code == 401
    assert client.get("/v1/scans").status_code == 401, "the API wants the key"
    assert client.get("/v1/scans", headers=BEARER).status_code == 200
    assert client.post("/attack", files={"handle": (None, "a")}, headers=BEARER).status_code == 200, (
        "a program needs no origin"
    )
    # A proxy's own password is none of ours.
    assert client.get("/history", headers={**PAGE, "Authorization": "Basic eDp5"}).status_code == 200
    client.cookies.clear()
    assert client.get("/history", headers={**PAGE, "Authorization": "Basic eDp5"}).status_code == 401
    assert client.get("/history", headers={**PAGE, **BEARER}).status_code == 200


def _described() -> set[tuple[str, str]]:
    """Every call of the API: the pages are not described."""
    paths: Json = json.loads(describe())["paths"]
    return {(method.upper(), path) for path, methods in paths.items() for method in methods}


def test_of_the_api_a_session_opens_only_what_the_pages_call() -> None:
    described = _described()
    assert len(described) > 30
    opened = {(method, path) for method, path in described if takes_session(method, re.sub(r"[{}]", "", path))}
    assert opened - {("GET", path) for path in OPEN_PATHS} == {
        ("GET", "/v1/scans/{scan_id}/events"),
        ("GET", EVIDENCE_PATH),
        ("POST", EVIDENCE_PATH),
    }


def test_whatever_a_page_calls_of_the_api_is_open_to_it() -> None:
    files = [*(ROOT / "app" / "web").rglob("*.js"), *(ROOT / "app" / "web").rglob("*.html")]
    called = {path for file in files for path in re.findall(r"/v1/[^\"'`? ]*", file.read_text(encoding="utf-8"))}
    assert called == {"/v1/scans/${scan}/events"}
    for path in called:
        assert takes_session("GET", path.replace("${scan}", "a")) or takes_session("POST", path)


def test_the_calls_of_the_pages_work_by_the_cookie(client: TestClient) -> None:
    sign_in(client)
    path = scan(client, "Jane Doe")
    scan_id = path.rpartition("/")[2]
    events = client.get(f"/v1/scans/{scan_id}/events", headers={"Sec-Fetch-Site": "same-origin"})
    assert events.status_code == 200
    assert "event: finished" in events.text
    told = client.post("/preview", json={"name": "Jane Doe"}, headers={"Origin": "http://localhost"})
    assert told.status_code == 200
    assert client.get(f"{path}/export.json", headers=PAGE).json()["id"] == scan_id
    for address in (f"{path}/accounts/x/photo", f"/v1/scans/{scan_id}/suspects/x/evidence"):
        assert client.get(address).status_code == 404, "asked, and not there"
    sent = client.post(f"/v1/scans/{scan_id}/suspects/x/evidence", headers=OURS, files={"a": (None, "b")})
    assert sent.status_code in {404, 422}
    client.cookies.clear()
    for address in (path, f"/v1/scans/{scan_id}/events", f"{path}/export.json"):
        assert client.get(address).status_code == 401


def test_wrong_keys_are_slowed_down(client: TestClient, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    wrong = "not-the-right-key"
    for _ in range(FREE_MISSES):
        answer = client.post("/sign-in", data={"key": wrong, "next": "/history"}, headers=OURS)
        assert answer.status_code == 401
        assert answer.headers["www-authenticate"].startswith("Bearer")
        assert "This key is not known here" in answer.text
        assert 'value="/history"' in answer.text
        assert wrong not in answer.text + str(answer.headers)
    for key in (wrong, KEY):
        page = client.post("/sign-in", data={"key": key}, headers=OURS)
        assert page.status_code == 429
        assert 0 < int(page.headers["retry-after"]) <= 30
        assert "Too many wrong keys" in page.text
        told = client.post("/sign-in", data={"key": key}, headers={**OURS, "Accept": "application/json"})
        assert (told.status_code, told.json()["type"]) == (429, "urn:clonecheck:problem:too_many_tries")
        assert 0 < int(told.headers["retry-after"]) <= 30
    assert client.get("/v1/scans", headers=BEARER).status_code == 200, "programs with a key go on"
    log = "\n".join(record.getMessage() for record in caplog.records)
    assert "route=/sign-in status=429" in log
    assert wrong not in log
    assert KEY not in log


def test_misses_are_forgiven_one_by_one_and_counted_by_network() -> None:
    now = [0.0]
    misses = Misses(lambda: now[0])
    for last in range(FREE_MISSES):
        assert misses.wait("2001:db8::1") == 0
        misses.count(f"2001:db8::{last}")
    assert misses.wait("2001:db8::ffff") == 30
    assert misses.wait("2001:db8:0:1::1") == 0
    assert misses.wait("192.0.2.1") == 0
    now[0] = 30
    assert misses.wait("2001:db8::1") == 0
    misses.count("2001:db8::1")
    assert misses.wait("2001:db8::1") == 30
    now[0] = 10_000
    assert misses.wait("2001:db8::1") == 0
    for number in range(10_100):
        misses.count(f"10.0.{number // 256}.{number % 256}")
    assert len(misses._until) <= 10_000


def test_signing_out_ends_it_here(client: TestClient) -> None:
    sign_in(client)
    answer = client.post("/sign-out", headers=OURS)
    assert (answer.status_code, answer.headers["location"]) == (303, "/sign-in")
    assert len(answer.headers.get_list("set-cookie")) == 2
    assert answer.headers["clear-site-data"] == '"storage"'
    assert COOKIE not in client.cookies
    assert client.get("/history", headers=PAGE).status_code == 401
    assert client.get("/sign-out", headers=PAGE).status_code == 405
    assert client.post("/sign-out", headers=OURS).status_code == 303, "also where the session has ended already"


def test_a_form_sent_too_late_leads_back_to_its_page(client: TestClient) -> None:
    for came, path in (
        ("http://localhost/scan/abc?x=1", "/scan/abc?x=1"),
        ("https://evil.example/scan/abc", "/"),
        ("http://[", "/"),
        ("", "/"),
    ):
        headers = {**OURS, "Referer": came}
        page = client.post("/scan/abc/erase", headers=headers)
        assert page.status_code == 401
        assert "nothing was done" in page.text
        assert f'name="next" value="{path}"' in page.text
    scripted = client.post("/scan", headers={**OURS, "Accept": "application/json"}, data={"name": "Jane"})
    assert scripted.json()["type"] == "urn:clonecheck:problem:key_required"


def test_who_has_no_key_can_send_little(client: TestClient) -> None:
    assert client.post("/sign-in", data={"key": "k" * 20_000}, headers=OURS).status_code == 413
    chunks = (b"key=" + b"k" * 5_000 for _ in range(10))
    form = {**OURS, "Content-Type": "application/x-www-form-urlencoded"}
    assert client.post("/sign-in", content=chunks, headers=form).status_code == 413
    odd = client.post("/sign-in", files={"key": ("a.txt", b"secret-file-content")}, headers=OURS)
    assert odd.status_code == 422
    assert "secret-file-content" not in odd.text
    assert client.post("/sign-in", content=b"\xff\x00", headers=OURS).status_code == 401


def test_health_and_the_style_sheet_stay_open(client: TestClient) -> None:
    for path in ("/livez", "/readyz"):
        assert client.get(path).json() == {"status": "ok"}
    page = client.get("/history", headers=PAGE)
    assets = re.findall(r'href="(/static/[^"]*)"', page.text)
    assert len(assets) == 2
    assert {client.get(asset).status_code for asset in assets} == {200}


def test_without_keys_nothing_is_there_to_sign_in(tmp_path: Path) -> None:
    with connect(Settings(data_dir=tmp_path)) as client:
        for method in ("GET", "POST", "PUT"):
            for path in ("/sign-in", "/sign-out"):
                answer = client.request(method, path, headers=OURS)
                assert answer.status_code == 404
                assert 'name="key"' not in answer.text
        page = client.get("/", headers=PAGE)
        assert page.status_code == 200
        assert "sign-out" not in page.text
        assert "It stays on this computer." in page.text
        assert "set-cookie" not in page.headers
