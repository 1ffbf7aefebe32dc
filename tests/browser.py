"""A real Chromium for tests: of prefilled links, and of the pages."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from playwright.sync_api import Browser, sync_playwright

NAMES = ("chromium", "chromium-browser", "google-chrome")
MISSING = "Chromium is not installed, so nothing was opened in a browser. Debian: apt-get install chromium"


@contextmanager
def run_browser(*arguments: str) -> Iterator[Browser]:
    """The system's Chromium, for the time of the block; without it the test is left out, and in CI it fails.

    Not for a whole run: Playwright keeps an event loop in the thread, which tests of coroutines would meet.
    """
    program = next(filter(None, map(shutil.which, NAMES)), None)
    if program is None and os.environ.get("CI") == "true":
        pytest.fail(MISSING)
    if program is None:
        pytest.skip(MISSING)
    with sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=program, args=arguments)
        yield browser
        browser.close()
