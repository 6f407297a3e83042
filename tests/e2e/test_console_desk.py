"""At a desk nothing of the console sticks out: not of the window, and no state's word of its frame."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, ViewportSize, expect

from tests.e2e.console import open_view, sign_in
from tests.support.running import Application

DESKS: tuple[ViewportSize, ...] = (
    {"width": 1216, "height": 720},
    {"width": 1280, "height": 720},
    {"width": 1440, "height": 900},
)
_FILLED = "main :is(tbody tr, .grid-row:not([hidden]), .today-runs li, .review-empty)"
VIEWS = (
    "today",
    "stock",
    "review",
    "releases",
    "imports",
    "journal",
    "people",
)

# Clipped or scrolled parts are their own boxes' matter; a word cut off in the page's head is not.
_STICKS_OUT = """() => {
  const shown = (one) => one.checkVisibility({ visibilityProperty: true }) && one.getBoundingClientRect().width > 1;
  const boxed = (one) => one.closest("main .unseen, .grid, .wide-table, .review-scroll, dialog");
  const out = [...document.querySelectorAll(".top *, main *")].filter((one) =>
    shown(one) && !boxed(one) && one.getBoundingClientRect().right > innerWidth + 1);
  const burst = [...document.querySelectorAll(".badge")].filter((one) => shown(one) && one.scrollWidth > one.clientWidth + 1);
  return [...out, ...burst].map((one) => `${one.tagName} ${one.className} ${one.textContent.trim().slice(0, 40)}`);
}"""


@pytest.mark.parametrize("desk", DESKS, ids=lambda desk: str(desk["width"]))
def test_nothing_sticks_out_at_a_desk(
    application: Application, staff: Page, desk: ViewportSize
) -> None:
    staff.set_viewport_size(desk)
    application.staff("POST", "/api/staff/releases", {"selection": {"filter": {}}, "dry_run": True})
    sign_in(staff, application, "admin", "statistics")
    for language in ("de", "en"):
        expect(staff.locator("html")).to_have_attribute("lang", language)
        for view in VIEWS:
            open_view(staff, view)
            expect(staff.locator(_FILLED).first).to_be_visible()
            if view in {"releases", "imports"}:
                expect(staff.locator(".badge").first).to_be_visible()
            assert staff.evaluate(_STICKS_OUT) == [], (language, view)
        staff.locator("#language").click()
