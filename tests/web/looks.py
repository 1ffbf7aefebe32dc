"""What must hold of every page in every state, beside what axe looks for: seen in the browser itself."""

from __future__ import annotations

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page

SERIOUS = {"serious", "critical"}
# Axe leaves this rule of WCAG 2.2 AA out unless it is asked for.
OPTIONS = {"rules": {"target-size": {"enabled": True}}}
# The narrowest screen on which nothing may have to be scrolled sideways (WCAG 1.4.10).
NARROW = 320
# Web Vitals call a page bad that shifts by more than this while it loads (https://web.dev/articles/cls). To be run in a
# page before its own scripts.
WATCH_SHIFTS = """window.shifted = 0; new PerformanceObserver(list => { for (const one of list.getEntries())
    if (!one.hadRecentInput) window.shifted += one.value; }).observe({ type: "layout-shift", buffered: true });"""
_FAULTS = """() => {
    const faults = [];
    const must = (holds, text) => { if (!holds) faults.push(text); };
    must(document.documentElement.lang.length >= 2, "no language");
    must(/.{5,} . clonecheck$/.test(document.title), `title: ${document.title}`);
    const view = document.querySelector("meta[name=viewport]")?.content ?? "";
    must(view.includes("width=device-width") && !/user-scalable|maximum-scale/.test(view), `viewport: ${view}`);
    must(document.querySelectorAll("h1").length === 1, "not one h1");
    must(document.querySelectorAll("main").length === 1, "not one main");
    const ids = [...document.querySelectorAll("[id]")].map(one => one.id);
    must(new Set(ids).size === ids.length, "an id twice");
    must(!document.querySelector("[tabindex]:not([tabindex='0'], [tabindex='-1'])"), "an order of its own");
    must(document.getAnimations().every(one => one.playState !== "running"), "motion, though less was asked for");
    must((window.shifted ?? 0) < .1, `shifts by ${window.shifted}`);
    for (const link of document.querySelectorAll("a[target=_blank]"))
        must(/noopener/.test(link.rel) || link.host === location.host, `opener: ${link.href}`);
    for (const one of document.querySelectorAll("script, link, img, iframe, form, use")) {
        const to = one.src || one.href || one.action || "";
        const own = typeof to !== "string" || !to || to.startsWith("blob:") || new URL(to).host === location.host;
        must(own, `from outside: ${to}`);
    }
    return faults;
}"""
# Every stop of the focus is on the screen, has an outline, and is covered by nothing (WCAG 2.4.7 and 2.4.11).
_STOPS = """() => [...document.querySelectorAll("a[href], button, input, select, summary")].filter(one =>
        one.checkVisibility({visibilityProperty: true}) && !one.disabled && one.tabIndex >= 0).map(one => {
    one.focus({focusVisible: true});
    if (document.activeElement !== one) return `takes no focus: ${one.outerHTML.slice(0, 80)}`;
    const box = one.getClientRects()[0];
    if (box.bottom <= 0 || box.top >= innerHeight) return `out of sight: ${one.outerHTML.slice(0, 80)}`;
    if (getComputedStyle(one).outlineStyle === "none") return `no outline: ${one.outerHTML.slice(0, 80)}`;
    const at = document.elementFromPoint(Math.max(box.left, 0) + Math.min(box.width, innerWidth) / 2,
        Math.min(Math.max((box.top + box.bottom) / 2, 0), innerHeight - 1));
    const own = at && (one.contains(at) || at.contains(one) || at.closest("label")?.control === one);
    return own ? null : `covered: ${one.outerHTML.slice(0, 80)}`;
}).filter(text => text)"""


def find_faults(page: Page) -> list[object]:
    """Everything wrong with a page as it is now; the size of the window and the focus are as before afterwards."""
    violations = Axe().run(page, options=OPTIONS).response["violations"]
    told = [(one["id"], one["impact"], [node["html"][:200] for node in one["nodes"][:3]]) for one in violations]
    faults: list[object] = [one for one in told if one[1] in SERIOUS]
    faults += page.evaluate(_FAULTS)
    page.evaluate("window.stood = document.activeElement")
    faults += page.evaluate(_STOPS)
    page.evaluate("stood === document.body ? document.activeElement.blur() : stood.focus(); scrollTo(0, 0)")
    before = page.viewport_size
    assert before is not None
    page.set_viewport_size({"width": NARROW, "height": before["height"]})
    width = page.evaluate("document.documentElement.scrollWidth")
    page.set_viewport_size(before)
    return faults if width <= NARROW else [*faults, f"{width} pixels wide on a screen of {NARROW}"]
