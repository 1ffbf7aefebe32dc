"""The pages in German, in a real browser: chosen without script, and no long word leaves a phone's screen."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.web.browsing import HANDLE, NAME, PHONE, Service, keep_photo, run_world, shoot

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    with run_world(tmp_path_factory.mktemp("german")) as service:
        yield service


def _check(page: Page, name: str) -> None:
    expect(page.locator("html")).to_have_attribute("lang", "de")
    page.evaluate("document.querySelectorAll('details').forEach((one) => { one.open = true; })")
    width = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
    assert width <= 0, f"{name} is wider than the screen"
    shoot(page, f"german-{name}")


def test_german_is_chosen_without_script_and_fits_a_phone(service: Service, browser: Browser, tmp_path: Path) -> None:
    page = service.open(browser, "/history", viewport=PHONE, java_script_enabled=False, locale="en-GB")
    page.get_by_role("button", name="Deutsch").click()
    expect(page).to_have_url(f"{service.url}/history")
    expect(page.get_by_role("heading", level=1)).to_have_text("Frühere Suchen")
    chosen = page.context.storage_state()
    page.context.close()

    page = service.open(browser, "/", viewport=PHONE, locale="en-GB", storage_state=chosen)
    _check(page, "ask")
    page.set_input_files("#photo", keep_photo(tmp_path))
    expect(page.get_by_text("Dieses Foto lässt sich vergleichen.")).to_be_visible()
    page.fill("#name", NAME)
    expect(page.get_by_text("Kaum jemand sonst heißt so")).to_be_visible()
    page.fill("#handle", HANDLE)
    page.click("[data-go]")
    page.wait_for_url("**/scan/*")
    expect(page.locator("#part")).to_have_attribute("data-running", "no")
    expect(page.get_by_text("Das Konto verwendet dasselbe Foto", exact=True).first).to_be_visible()
    _check(page, "scan")
    page.get_by_role("link", name="Melden").first.click()
    expect(page.get_by_label("Sprache der Texte")).to_have_value("de")
    _check(page, "sheet")
    page.context.close()
