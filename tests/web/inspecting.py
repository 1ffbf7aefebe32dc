"""What a page must keep beside axe's rules: title, language, targets of 24 pixels, a focus that is seen, stillness."""

from __future__ import annotations

from typing import Any

from playwright.sync_api import Page

# WCAG 2.2, 2.5.8: targets are 24 CSS pixels wide and high, or stand so far apart, or stand in a line of text.
TARGET = 24
# Web Vitals: a layout that shifts by more than this is bad; https://web.dev/articles/cls.
SHIFT = 0.1

_FACTS = """() => {
    const shown = (one) => { const box = one.getBoundingClientRect(); return box.width > 1 && box.height > 1
        && getComputedStyle(one).visibility === "visible" && !one.closest(".hidden-text, .skip"); };
    const area = (one) => (one.type === "checkbox" ? one.closest("label") ?? one : one);
    const inText = (one) => one.nodeName === "A" && !one.matches(".button")
        && getComputedStyle(one).display === "inline"
        && [...one.parentElement.childNodes].some((beside) => beside !== one && beside.textContent.trim());
    const kinds = "a, button, input:not([type=hidden]), select, summary";
    const targets = [...document.querySelectorAll(kinds)].filter(shown);
    const boxes = targets.map((one) => area(one).getBoundingClientRect());
    const far = (index) => boxes.every((box, other) => {
        if (other === index || targets[other].contains(targets[index])) return true;
        const own = boxes[index], x = (own.left + own.right) / 2, y = (own.top + own.bottom) / 2;
        return Math.hypot(Math.max(box.left - x, x - box.right, 0), Math.max(box.top - y, y - box.bottom, 0))
            >= TARGET / 2; });
    return {
        title: document.title, lang: document.documentElement.lang,
        viewport: document.querySelector("meta[name=viewport]")?.content ?? "",
        headings: document.querySelectorAll("h1").length,
        wide: document.documentElement.scrollWidth - document.documentElement.clientWidth,
        small: targets.filter((one, index) => (boxes[index].width < TARGET || boxes[index].height < TARGET)
            && !inText(one) && !far(index)).map((one) => one.outerHTML.slice(0, 120)),
        unnamed: targets.filter((one) => !one.textContent.trim() && !one.labels?.length && !one.ariaLabel)
            .map((one) => one.outerHTML.slice(0, 120)),
        forward: [...document.querySelectorAll("[tabindex]")].filter((one) => one.tabIndex > 0).length,
        moving: matchMedia("(prefers-reduced-motion: reduce)").matches ? document.getAnimations().length : 0,
        shift: window.shifted ?? 0 };
}""".replace("TARGET", str(TARGET))

WATCH_SHIFTS = """window.shifted = 0; new PerformanceObserver((list) => { for (const one of list.getEntries())
    if (!one.hadRecentInput) window.shifted += one.value; }).observe({ type: "layout-shift", buffered: true });"""

_FOCUSED = """() => { const one = document.activeElement; if (one === document.body) return null;
    const box = one.getBoundingClientRect(), style = getComputedStyle(one);
    const at = document.elementFromPoint(Math.min(innerWidth - 1, Math.max(0, (box.left + box.right) / 2)),
        Math.min(innerHeight - 1, Math.max(0, (box.top + box.bottom) / 2)));
    const ring = style.outlineStyle !== "none" && parseFloat(style.outlineWidth) >= 2;
    return { html: one.outerHTML.slice(0, 120), ring,
        seen: Boolean(at) && (one.contains(at) || at.contains(one) || Boolean(one.labels?.[0]?.contains(at))),
        inside: box.bottom > 0 && box.top < innerHeight, top: box.top + scrollY, left: box.left }; }"""


def inspect_page(page: Page, name: str) -> None:
    """Hold a page to what it must keep."""
    facts: dict[str, Any] = page.evaluate(_FACTS)
    assert facts["title"].endswith(" · clonecheck"), (name, facts["title"])
    assert facts["lang"] == "en"
    assert "width=device-width" in facts["viewport"]
    # Nobody may be kept from enlarging the page.
    assert "maximum-scale" not in facts["viewport"]
    assert "user-scalable" not in facts["viewport"]
    assert facts["headings"] == 1, name
    assert facts["wide"] <= 0, name
    assert facts["small"] == [], f"{name}: {facts['small']}"
    assert facts["unnamed"] == [], name
    assert facts["forward"] == 0, name
    assert facts["moving"] == 0, name
    assert facts["shift"] < SHIFT, (name, facts["shift"])


def follow_focus(page: Page, most: int = 12) -> None:
    """Go on by the Tab key: each thing in focus is marked, in the window, hidden by nothing, and new."""
    seen: list[str] = []
    for _ in range(most):
        page.keyboard.press("Tab")
        focused = page.evaluate(_FOCUSED)
        if focused is None:
            break
        assert focused["ring"], focused
        assert focused["inside"], focused
        assert focused["seen"], focused
        seen.append(f"{focused['html']} {focused['top']} {focused['left']}")
    assert len(seen) >= min(most, 3)
    assert len(set(seen)) == len(seen), "the focus goes in circles"
