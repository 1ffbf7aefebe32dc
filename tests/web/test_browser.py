"""The pages in a real Chromium: by mouse, by keyboard, on a phone, without script, and with hostile profiles."""

from __future__ import annotations

import base64
import re
import threading
import time
import zipfile
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path

import httpx2
import pytest
from PIL import Image
from playwright.sync_api import Browser, Page, expect
from playwright.sync_api import TimeoutError as PlaywrightTimeout

from app.photos.alterations import ALTERATIONS
from tests.web.browsing import (
    DESKTOP,
    HANDLE,
    NAME,
    PHONE,
    PHOTO,
    SVG,
    Service,
    keep_photo,
    run_world,
    shoot,
)
from tests.web.looks import WATCH_SHIFTS, find_faults

pytestmark = pytest.mark.slow

# Bytes over the wire for the first page with all it loads, and seconds until the service has answered it.
FIRST_PAGE_BYTES = 60_000
FIRST_PAGE_SECONDS = 0.05
# From a result being known to the service until it is on the screen, seconds.
RESULT_SECONDS = 0.3
STALL = 3.0


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    with run_world(tmp_path_factory.mktemp("pages")) as service:
        yield service


@pytest.fixture
def photo(tmp_path: Path) -> Path:
    return keep_photo(tmp_path)


@pytest.fixture
def stalled(service: Service) -> Iterator[Service]:
    """Mastodon takes its time over every call."""
    service.platforms["mastodon"].delay = STALL
    yield service
    service.platforms["mastodon"].delay = 0.0


@pytest.fixture
def visit(service: Service, browser: Browser) -> Iterator[Callable[..., Page]]:
    """Open a page; afterwards nothing may have been asked of others, and no page may have complained."""
    complaints: list[str] = []
    pages: list[Page] = []

    def open_page(path: str = "/", **options: object) -> Page:
        page = service.open(browser, path, **options)
        page.on("console", lambda message: complaints.append(message.text) if message.type == "error" else None)
        page.on("pageerror", lambda error: complaints.append(str(error)))
        pages.append(page)
        return page

    httpx2.post(f"{service.url}/history/erase", data={"sure": "yes"}, trust_env=False)
    service.asked.clear()
    yield open_page
    for page in pages:
        page.context.close()
    addresses = [request.url for request in service.asked]
    assert all(url.startswith((service.url, "blob:")) for url in addresses), addresses
    assert not [url for url in addresses if re.search(r"adaeze|brandvold", url, re.IGNORECASE)]
    # A picture that cannot be had is a 404 and a bad form a 422: browsers write that down.
    assert [text for text in complaints if not re.search("404|422", text)] == []


def _fill(page: Page, photo: Path, *, outside: bool = False) -> None:
    page.set_input_files("#photo", photo)
    page.fill("#name", NAME)
    page.fill("#handle", f"https://x.com/{HANDLE}")
    page.press("#handle", "Tab")
    expect(page.locator("#own_1")).to_have_value(f"https://x.com/{HANDLE}")
    if outside:
        page.get_by_text("places on the internet").click()
        page.check("#source_bluesky")
        page.check("#source_mastodon")


def _search(page: Page, photo: Path, *, outside: bool = False) -> str:
    """Search and wait for the end; gives the path of the scan's page."""
    _fill(page, photo, outside=outside)
    page.click("[data-go]")
    page.wait_for_url("**/scan/*")
    page.wait_for_selector("#keep", timeout=40_000)
    return page.url.partition("127.0.0.1")[2].partition("/")[2]


def test_from_photo_to_report_by_mouse(visit: Callable[..., Page], photo: Path) -> None:
    page = visit()
    _fill(page, photo, outside=True)
    expect(page.locator("[data-photo-told]")).to_have_text("This photo can be compared.")
    expect(page.locator("#name_told")).to_contain_text("Hardly anybody else has this name")
    expect(page.locator("#handle_told")).to_have_text(f"Recognised: {HANDLE} on X (Twitter).")
    expect(page.locator("#platform")).to_have_value("x")
    page.click("[data-go]")
    page.wait_for_selector("#keep", timeout=40_000)
    first = page.locator(".suspect").first
    expect(first).to_contain_text("in 100 like this were clones")
    expect(first.locator(".handle mark")).to_have_count(1)
    assert first.locator("[data-own-photo] img").evaluate("image => image.naturalWidth") > 0
    shown = page.locator(".suspect [data-theirs]").first
    shown.scroll_into_view_if_needed()
    page.wait_for_function("() => document.querySelector('.suspect [data-theirs]').naturalWidth > 0")
    expect(page.locator("#calm")).to_contain_text("You listed this account as your own")
    first.get_by_role("link", name="Report it").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("Report to X")
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    page.locator("[data-copy]").first.click()
    expect(page.locator("[data-copy]").first).to_have_text("Copied")
    copied = page.evaluate("navigator.clipboard.readText()")
    assert copied == page.locator(".paste").nth(2).text_content()
    page.set_input_files("#subject_picture", photo)
    with page.expect_download() as record:
        page.get_by_role("button", name="Save the record").click()
    assert zipfile.is_zipfile(record.value.path())


def _tab_to(page: Page, selector: str) -> None:
    for _ in range(150):
        page.keyboard.press("Tab")
        if page.evaluate("wanted => document.activeElement.matches(wanted)", selector):
            return
    raise AssertionError(f"{selector} cannot be reached by keyboard")


def _choose_by_key(page: Page, photo: Path) -> None:
    """Open the dialog for files by a key. Once in a while Chromium opens it before Playwright listens: then again."""
    # Somebody who listens all along: Playwright catches dialogs from then on, not only while it is told to wait.
    page.on("filechooser", lambda _: None)
    page.evaluate("1")
    for _ in range(3):
        with suppress(PlaywrightTimeout):
            with page.expect_file_chooser(timeout=5_000) as chooser:
                page.keyboard.press("Enter")
            chooser.value.set_files(photo)
            return
    raise AssertionError("no key opens the dialog for files")


def test_from_photo_to_report_by_keyboard_alone(visit: Callable[..., Page], photo: Path) -> None:
    page = visit()
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.className") == "skip"
    page.keyboard.press("Enter")
    _tab_to(page, "#photo")
    _choose_by_key(page, photo)
    _tab_to(page, "#name")
    page.keyboard.type(NAME)
    _tab_to(page, "#handle")
    page.keyboard.type(f"https://x.com/{HANDLE}")
    _tab_to(page, "[data-go]")
    page.keyboard.press("Enter")
    page.wait_for_selector("#keep", timeout=40_000)
    _tab_to(page, "[id^=say_namesake]")
    page.keyboard.press("Enter")
    expect(page.locator("#calm")).to_contain_text("You said: Another person of this name")
    expect(page.locator(":focus"), "the focus follows the account").to_have_id(re.compile("^a-"))
    _tab_to(page, "#calm [value=clone]")
    page.keyboard.press("Enter")
    expect(page.locator("#calm")).not_to_contain_text("You said: Another person of this name")
    _tab_to(page, ".suspect a.primary")
    page.keyboard.press("Enter")
    page.wait_for_selector(".steps")
    _tab_to(page, "[data-copy]")


def test_the_phone_needs_no_sideways_scrolling_and_no_fine_finger(visit: Callable[..., Page], photo: Path) -> None:
    page = visit(viewport=PHONE, has_touch=True, is_mobile=True, device_scale_factor=2)
    path = _search(page, photo, outside=True)
    page.locator(".suspect a.primary").first.click()
    page.wait_for_selector(".steps")
    sheet = page.url
    for address in ("/", path, sheet, "/history", "/history/erase", "/attack"):
        page.goto(address if address.startswith(("http", "/")) else f"/{address}")
        assert page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"], address
        small = page.evaluate("""() => [...document.querySelectorAll("button, .button, input, select, summary, nav a")]
            .map(one => [one.outerHTML.slice(0, 80), one.closest("label") ?? one])
            .map(([text, one]) => [text, one.getBoundingClientRect()])
            .filter(([, box]) => box.width && (box.height < 24 && box.width < 24)).map(([text]) => text)""")
        assert [text for text in small if 'type="checkbox"' not in text] == []
    assert page.goto("/") is not None
    expect(page.locator("[data-camera-input]")).to_have_attribute("capture", "user")


def test_everything_works_without_script(visit: Callable[..., Page], photo: Path) -> None:
    page = visit(java_script_enabled=False)
    expect(page.locator("[data-camera]")).to_be_hidden()
    page.set_input_files("#photo", photo)
    page.fill("#name", NAME)
    page.fill("#handle", HANDLE)
    page.select_option("#platform", "x")
    page.fill("#own_1", f"https://x.com/{HANDLE}")
    page.click("[data-go]")
    page.wait_for_selector("#keep", timeout=30_000)
    before = page.locator(".suspect").count()
    shoot(page, "without-script")
    page.locator(".suspect").first.get_by_role("button", name="This is me").click()
    expect(page.locator("#calm")).to_contain_text("You said: Your own account")
    assert page.locator(".suspect").count() == before - 1
    page.locator(".suspect a.primary").first.click()
    expect(page.locator(".steps")).to_contain_text("What to enter")
    page.goto("/history")
    expect(page.locator(".past")).to_contain_text(NAME)
    page.goto("/")
    page.fill("#name", "\u200b")
    page.fill("#own_1", "no address")
    page.click("[data-go]")
    expect(page.get_by_role("alert")).to_be_visible()
    expect(page.locator("#own_1")).to_have_value("no address")


def _attack(page: Page, photo: Path) -> None:
    """Attack oneself, and wait for the answer with its pictures."""
    page.set_input_files("#photo", photo)
    page.fill("#name", NAME)
    page.fill("#handle", HANDLE)
    page.select_option("#platform", "x")
    page.click("[data-go]")
    page.wait_for_function(
        "() => [...document.querySelectorAll('.changes img')].filter(one => one.naturalWidth).length"
    )


def test_one_attacks_oneself_and_sees_the_changed_photos(visit: Callable[..., Page], photo: Path) -> None:
    page = visit(viewport=PHONE, has_touch=True, is_mobile=True)
    page.get_by_role("link", name="Attack yourself").click()
    _attack(page, photo)
    assert page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]
    expect(page.locator("#found")).to_be_focused()
    assert all(
        src.startswith("blob:") for src in page.locator(".changes img").evaluate_all("all => all.map(i => i.src)")
    )
    assert page.locator(".changes img").count() == len(ALTERATIONS)
    expect(page.locator(".tries > li").first).to_contain_text("Would be caught.")
    page.locator(".found summary").click()
    expect(page.locator(".tries > li").last).to_contain_text("like this were clones")
    expect(page.locator(".missed").first).to_contain_text("Would be missed")
    expect(page.locator("#photo")).to_have_js_property("files.length", 1)
    page.set_input_files("#photo", {"name": "me.svg", "mimeType": "image/jpeg", "buffer": SVG})
    page.click("[data-go]")
    expect(page.get_by_role("alert")).to_contain_text("not a JPEG, PNG, WebP or GIF picture")
    expect(page.locator("#name")).to_have_value(NAME)
    assert page.evaluate("window.hacked") is None


def test_one_attacks_oneself_by_keyboard_alone(visit: Callable[..., Page], photo: Path) -> None:
    page = visit("/attack")
    _tab_to(page, "#photo")
    _choose_by_key(page, photo)
    _tab_to(page, "#handle")
    page.keyboard.type(f"https://x.com/{HANDLE}")
    _tab_to(page, "[data-go]")
    page.keyboard.press("Enter")
    page.wait_for_selector(".changes img")
    _tab_to(page, ".places a")


def test_one_attacks_oneself_without_script(visit: Callable[..., Page], photo: Path) -> None:
    page = visit("/attack", java_script_enabled=False)
    page.set_input_files("#photo", photo)
    page.fill("#name", NAME)
    page.fill("#handle", HANDLE)
    page.click("[data-go]")
    expect(page.locator(".changes > li")).to_have_count(len(ALTERATIONS))
    expect(page.locator(".changes img")).to_have_count(0)
    expect(page.locator(".changes > li").first).to_contain_text("Would be caught")
    expect(page.locator("#name")).to_have_value(NAME)
    shoot(page, "attack-without-script")


@pytest.mark.usefixtures("stalled")
def test_a_source_that_stalls_holds_nothing_back(visit: Callable[..., Page], photo: Path) -> None:
    page = visit()
    _fill(page, photo, outside=True)
    page.click("[data-go]")
    page.wait_for_selector(".suspect")
    expect(page.locator(".asking")).to_contain_text("asked, waiting")
    expect(page.locator(".asking")).to_contain_text(re.compile(r"\d calls?"))
    left = int(page.locator("[data-left]").text_content() or 0)
    assert 0 < left <= 30
    page.wait_for_function("before => Number(document.querySelector('[data-left]').textContent) < before", arg=left)
    address = page.url
    page.goto("about:blank")
    page.goto(address)
    expect(page.locator("h1")).to_have_text("Searching …")
    page.click("#cancel_button")
    expect(page.locator("#facts")).to_contain_text("You stopped this search")
    assert page.locator(".suspect").count() >= 3
    assert re.match(r"\d+ suspected accounts · ", page.title()), "the tab says how it ended"
    assert page.locator("[data-own-photo] img").count(), "the person's photo is still in this tab"


def _watch(service: Service, known: set[str], found: list[float], stop: threading.Event) -> None:
    """Note when the service first knows a suspect of a scan that was not there before."""
    with httpx2.Client(base_url=service.url, trust_env=False) as client:
        while not stop.is_set() and not found:
            fresh = [item["id"] for item in client.get("/v1/scans").json()["items"] if item["id"] not in known]
            if fresh and client.get(f"/v1/scans/{fresh[0]}").json()["suspects"]:
                found.append(time.time())
            time.sleep(0.01)


def test_results_are_on_the_screen_at_once(stalled: Service, visit: Callable[..., Page], photo: Path) -> None:
    delays = []
    for _ in range(3):
        page = visit()
        page.context.add_init_script("""new MutationObserver(() => {
            if (!window.first && document.querySelector(".suspect")) window.first = Date.now(); })
            .observe(document, {childList: true, subtree: true});""")
        _fill(page, photo, outside=True)
        known = {
            item["id"] for item in httpx2.get(f"{stalled.url}/v1/scans?limit=100", trust_env=False).json()["items"]
        }
        found: list[float] = []
        stop = threading.Event()
        watcher = threading.Thread(target=_watch, args=(stalled, known, found, stop))
        watcher.start()
        page.click("[data-go]")
        page.wait_for_selector(".suspect")
        shown = page.evaluate("window.first") / 1000
        watcher.join(10)
        stop.set()
        delays.append(shown - found[0])
        page.click("#cancel_button")
        page.wait_for_selector("#keep")
    print("seconds from known to shown:", [round(delay, 3) for delay in delays])
    assert min(delays) < RESULT_SECONDS


def test_a_hostile_profile_stays_text(visit: Callable[..., Page], service: Service, photo: Path) -> None:
    page = visit()
    _search(page, photo, outside=True)
    for _ in range(20):
        page.mouse.wheel(0, 1_500)
        page.wait_for_timeout(50)
    assert page.locator(".suspect h2", has_text="onerror").count() == 1
    assert page.locator(".suspect .bio", has_text="onerror").count() == 1
    assert page.evaluate("window.hacked") is None
    assert page.locator("main b, main script, main iframe").count() == 0
    longest = max(len(text) for text in page.locator(".bio").all_text_contents())
    assert longest < 400, "a biography of 90 kB is cut"
    expect(page.locator(".face .none", has_text="The photo cannot be had").first).to_be_visible()
    assert any("/hostile.svg" in path for path in service.platforms["bluesky"].asked)
    page.locator(".suspect", has_text="onerror").first.get_by_role("link", name="Report it").click()
    page.wait_for_selector(".steps")
    assert page.evaluate("window.hacked") is None


def test_what_is_said_is_remembered_and_all_is_erased(visit: Callable[..., Page], photo: Path) -> None:
    page = visit()
    _search(page, photo)
    chloe = page.locator(".suspect", has_text="Chloe Winters")
    chloe.get_by_role("button", name="Another person").click()
    expect(page.locator("#calm")).to_contain_text("Chloe Winters")
    page.goto("/")
    path = _search(page, photo)
    expect(page.locator("#facts")).to_contain_text("since your last search")
    expect(page.locator("#suspects")).not_to_contain_text("Chloe Winters")
    expect(page.locator("#calm")).to_contain_text("Chloe Winters")
    with page.expect_download() as table:
        page.get_by_role("link", name="CSV").click()
    lines = Path(table.value.path()).read_text(encoding="utf-8-sig").splitlines()
    assert lines[0].startswith("rank,verdict,chance")
    assert "adaeze" not in table.value.suggested_filename
    assert any("chloewinters88" in line for line in lines)
    page.goto("/history")
    assert page.locator(".past > li").count() >= 2
    page.get_by_role("link", name="Erase everything").click()
    page.check("[name=sure]")
    page.get_by_role("button", name="Erase everything").click()
    expect(page.locator("main")).to_contain_text("There are no searches")
    page.goto(f"/{path}")
    expect(page.locator("h1")).to_have_text("There is nothing here")
    page.goto("/")
    _search(page, photo)
    expect(page.locator("#suspects")).to_contain_text("Chloe Winters")


def test_only_what_is_new_can_be_shown(visit: Callable[..., Page], service: Service, photo: Path) -> None:
    page = visit()
    _search(page, photo)
    fresh = {"platform": "x", "handle": "adaezebrandv0ld", "display_name": NAME}
    httpx2.post(f"{service.url}/v1/accounts", json=[fresh], trust_env=False).raise_for_status()
    page.goto("/")
    _search(page, photo)
    page.check("#only_new")
    visible = page.locator(".suspect:visible")
    expect(visible).to_have_count(1)
    expect(visible).to_contain_text("adaezebrandv0ld")
    expect(visible.locator(".fresh")).to_have_text("New")


def test_a_photo_can_be_dropped_pasted_and_seen_beside(visit: Callable[..., Page]) -> None:
    page = visit()
    files = """([kind, text]) => {
        const bytes = Uint8Array.from(atob(text), char => char.charCodeAt(0));
        const moved = new DataTransfer();
        moved.items.add(new File([bytes], "me.jpg", {type: "image/jpeg"}));
        const event = kind === "drop" ? new DragEvent("drop", {dataTransfer: moved, bubbles: true, cancelable: true})
            : new ClipboardEvent("paste", {clipboardData: moved, bubbles: true, cancelable: true});
        document.body.dispatchEvent(event); }"""
    for kind in ("drop", "paste"):
        page.evaluate(files, [kind, base64.b64encode(PHOTO).decode()])
        expect(page.locator("[data-shot] img")).to_be_visible()
        assert page.evaluate("document.getElementById('photo').files.length") == 1
        page.click("[data-clear]")
        expect(page.locator("[data-shot] img")).to_have_count(0)


def test_a_huge_photo_is_made_smaller_before_it_is_sent(visit: Callable[..., Page], tmp_path: Path) -> None:
    noise = Image.effect_noise((4_600, 3_400), 90)
    noise.save(tmp_path / "huge.png", compress_level=1)
    assert (tmp_path / "huge.png").stat().st_size > 10 * 1024 * 1024, "more than the service reads"
    page = visit()
    page.set_input_files("#photo", tmp_path / "huge.png")
    expect(page.locator("[data-shot] img")).to_be_visible()
    assert page.evaluate("document.getElementById('photo').files[0].size") < 6_000_000
    page.fill("#name", NAME)
    page.click("[data-go]")
    page.wait_for_selector("#keep", timeout=40_000)


def test_an_address_pasted_anywhere_is_the_profiles(visit: Callable[..., Page]) -> None:
    page = visit()
    paste = """([selector, text]) => { const moved = new DataTransfer(); moved.setData("text/plain", text);
        document.querySelector(selector).dispatchEvent(
            new ClipboardEvent("paste", {clipboardData: moved, bubbles: true, cancelable: true})); }"""
    for selector in ("#name", "body"):
        page.fill("#handle", "")
        page.evaluate(paste, [selector, f"https://x.com/{HANDLE}"])
        expect(page.locator("#handle")).to_have_value(HANDLE)
        expect(page.locator("#platform")).to_have_value("x")
        expect(page.locator("#name")).to_have_value("")


def test_a_picture_of_the_index_is_fetched_only_on_a_click(
    visit: Callable[..., Page], service: Service, photo: Path
) -> None:
    page = visit()
    _search(page, photo)
    asked = service.platforms["bluesky"].asked
    asked.clear()
    page.goto(page.url)
    page.wait_for_timeout(300)
    assert asked == []
    page.locator("[data-reveal]").first.click()
    page.wait_for_function("() => document.querySelector('[data-theirs]')?.naturalWidth === 240")
    assert asked == ["/me.jpg"]


def test_the_first_page_is_small_and_quick(visit: Callable[..., Page], service: Service) -> None:
    page = visit()
    page.wait_for_load_state("networkidle")
    sizes = [request.sizes() for request in service.asked if request.url.startswith(service.url)]
    total = sum(size["responseBodySize"] + size["responseHeadersSize"] for size in sizes)
    with httpx2.Client(base_url=service.url, trust_env=False) as client:
        times = [client.get("/").elapsed.total_seconds() for _ in range(20)]
    print(f"first page: {total} bytes in {len(sizes)} requests, median {sorted(times)[10] * 1000:.1f} ms")
    assert total < FIRST_PAGE_BYTES
    assert sorted(times)[10] < FIRST_PAGE_SECONDS


@pytest.mark.usefixtures("stalled")
@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("size", ["phone", "desktop"])
def test_nothing_is_wrong_with_any_page(visit: Callable[..., Page], photo: Path, size: str, scheme: str) -> None:
    viewport = PHONE if size == "phone" else DESKTOP
    # Axe is put into the page from outside, which the pages' own policy forbids, as it should.
    page = visit(viewport=viewport, color_scheme=scheme, reduced_motion="reduce", bypass_csp=True)
    page.context.add_init_script(WATCH_SHIFTS)
    page.goto("/")
    _check(page, f"ask-{size}-{scheme}")
    _fill(page, photo, outside=True)
    page.evaluate("document.querySelectorAll('details').forEach(one => { one.open = true; })")
    expect(page.locator("[data-photo-told]")).to_have_text("This photo can be compared.")
    _check(page, f"filled-{size}-{scheme}")
    page.click("[data-go]")
    page.wait_for_selector(".suspect")
    _check(page, f"running-{size}-{scheme}")
    page.click("#cancel_button")
    page.wait_for_selector("#keep")
    page.evaluate("document.querySelectorAll('details').forEach(one => { one.open = true; })")
    _check(page, f"scan-{size}-{scheme}")
    page.locator(".suspect a.primary").first.click()
    page.wait_for_selector(".steps")
    page.evaluate("document.querySelectorAll('details').forEach(one => { one.open = true; })")
    _check(page, f"sheet-{size}-{scheme}")
    page.goto("/attack")
    _attack(page, photo)
    _check(page, f"attack-{size}-{scheme}")
    for name, path in (("history", "/history"), ("erase", "/history/erase"), ("missing", "/scan/none")):
        page.goto(path)
        _check(page, f"{name}-{size}-{scheme}")


def test_what_is_wrong_with_a_page_is_seen(browser: Browser, service: Service) -> None:
    page = service.open(browser, bypass_csp=True)
    page.set_content("""<title>x</title><body style="width: 500px"><h1>a</h1><h1 id=b>b</h1><p id=b>
        <img src="https://pictures.example/a.png" alt=""><a href="/" style="outline: none">to</a>
        <button style="position: absolute; top: 0; left: 0">one</button><input>
        <div style="position: fixed; inset: 0 0 50% 0; background: red"></div>""")
    told = " ".join(map(str, find_faults(page)))
    wrong = (
        "no language",
        "title",
        "viewport",
        "not one h1",
        "an id twice",
        "from outside",
        "no outline",
        "covered",
        "label",
    )
    assert [one for one in (*wrong, "pixels wide") if one not in told] == []
    page.context.close()


def _check(page: Page, name: str) -> None:
    shoot(page, name)
    assert find_faults(page) == [], name
