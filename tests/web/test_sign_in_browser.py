"""Signing in with a real Chromium: by keyboard, without script, and looked over by axe."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect
from pydantic import SecretStr

from app.settings import Settings
from tests.web.browsing import DESKTOP, NAME, PHONE, Service, keep_photo, serve, shoot
from tests.web.looks import find_faults

pytestmark = pytest.mark.slow

KEY = "a-long-first-key"


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    """A service that wants a key."""
    with serve(Settings(data_dir=tmp_path_factory.mktemp("keyed"), api_keys=(SecretStr(KEY),))) as url:
        yield Service(url, {})


@pytest.fixture(autouse=True)
def _only_ours(service: Service) -> Iterator[None]:
    """No request goes elsewhere, and no address carries the key."""
    service.asked.clear()
    yield
    addresses = [request.url for request in service.asked]
    assert all(url.startswith((service.url, "blob:")) for url in addresses), addresses
    assert not [url for url in addresses if "key" in url]


def _give_key(page: Page, key: str = KEY) -> None:
    """By keyboard alone: the field has the focus."""
    expect(page.locator("#key")).to_be_focused()
    page.keyboard.type(key)
    page.keyboard.press("Enter")


def test_by_keyboard_and_without_script(service: Service, browser: Browser, tmp_path: Path) -> None:
    page = service.open(browser, "/history")
    expect(page.locator("h1")).to_have_text("Sign in")
    _give_key(page, "wrong")
    expect(page.get_by_role("alert")).to_contain_text("not known")
    _give_key(page)
    expect(page.locator("h1")).to_have_text("Past searches")
    page.context.close()
    page = service.open(browser, "/attack", java_script_enabled=False)
    page.locator("#key").press_sequentially(KEY)
    page.keyboard.press("Enter")
    expect(page.locator("h1")).to_have_text("Attack yourself")
    page.goto("/")
    page.set_input_files("#photo", keep_photo(tmp_path))
    page.fill("#name", NAME)
    page.click("[data-go]")
    page.wait_for_selector("#keep", timeout=30_000)
    address = page.url
    page.get_by_role("button", name="Sign out").press("Enter")
    expect(page.locator("h1")).to_have_text("Sign in")
    page.goto(address)
    expect(page.locator("h1")).to_have_text("Sign in")
    page.context.close()


def test_with_script_a_search_survives_the_end_of_the_session(
    service: Service, browser: Browser, tmp_path: Path
) -> None:
    page = service.open(browser)
    _give_key(page)
    page.set_input_files("#photo", keep_photo(tmp_path))
    expect(page.locator("[data-photo-told]")).to_have_text("This photo can be compared.")
    page.fill("#name", NAME)
    page.context.clear_cookies()
    page.click("[data-go]")
    with page.context.expect_page() as opened:
        page.get_by_role("link", name="sign in in a new tab").click()
    opened.value.locator("#key").fill(KEY)
    opened.value.keyboard.press("Enter")
    expect(opened.value.get_by_role("button", name="Sign out")).to_be_visible()
    opened.value.close()
    page.click("[data-go]")
    page.wait_for_selector("#keep", timeout=30_000)
    assert page.evaluate("sessionStorage.length") == 1, "the person's photo, for this tab"
    assert page.evaluate("document.cookie") == ""
    page.context.clear_cookies()
    page.reload()
    _give_key(page)
    page.wait_for_selector("#keep")
    page.get_by_role("button", name="Sign out").click()
    expect(page.locator("h1")).to_have_text("Sign in")
    assert page.evaluate("sessionStorage.length") == 0
    page.context.close()


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("size", ["phone", "desktop"])
def test_nothing_is_wrong_with_the_page(service: Service, browser: Browser, size: str, scheme: str) -> None:
    viewport = PHONE if size == "phone" else DESKTOP
    page = service.open(browser, "/history", viewport=viewport, color_scheme=scheme, bypass_csp=True)
    _check(page, f"sign-in-{size}-{scheme}")
    _give_key(page, "wrong")
    expect(page.get_by_role("alert")).to_be_visible()
    _check(page, f"wrong-key-{size}-{scheme}")
    _give_key(page)
    expect(page.locator("h1")).to_have_text("Past searches")
    _check(page, f"signed-in-{size}-{scheme}")
    page.goto("/")
    _check(page, f"signed-in-ask-{size}-{scheme}")
    page.context.close()


def _check(page: Page, name: str) -> None:
    shoot(page, name)
    assert find_faults(page) == [], name
