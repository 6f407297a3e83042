"""Processor time per frame of the contact's page, on a processor slowed four times."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from playwright.sync_api import Browser, Page, expect, sync_playwright

from infra.browser import find
from tests.benchmarks.pages.trace import PAGE, Task, tasks
from tests.support.running import CHROMIUM_FLAGS

SLOWED = 4
FRAME = 1_000 / 60
"""Milliseconds."""

_PHONE: dict[str, Any] = {
    "viewport": {"width": 390, "height": 844},
    "is_mobile": True,
    "has_touch": True,
}
_DESK: dict[str, Any] = {"viewport": {"width": 1366, "height": 768}}
_PATIENCE = 300_000
_REST = 3_000
"""Milliseconds in which what the page does by itself begins, and ends."""
_FAR, _FAST = 12_000, 1_600
"""Pixels of a scroll, and pixels a second: a firm swipe of a thumb."""
_FIELDS, _BETWEEN_KEYS = 6, 120
"""Fields that are typed into, and milliseconds between two keys."""
_TYPED = "48213"
_BARE_FIELDS = 40
_BARE_HEAD = "<!doctype html><meta name=viewport content='width=device-width'>"
_BARE_FIELD = "<p><label>Zähler <input class=digits inputmode=numeric></label>"


@dataclass(frozen=True, slots=True)
class Frames:
    """Milliseconds of processor time of the dearest frame of each: cards on a phone, table at a desk."""

    scrolling_cards: float
    typing_cards: float
    scrolling_table: float
    typing_table: float


def dearest(found: Iterable[Task]) -> float:
    """The most that the page's thread had to do in a sixtieth of a second: a task counts where it begins."""
    spent: defaultdict[int, float] = defaultdict(float)
    for task in found:
        spent[int(task.begin / FRAME)] += task.spent
    return max(spent.values(), default=0.0)


@dataclass(frozen=True, slots=True)
class Bare:
    """The same of a page that is nothing but fields: no script, no styles to speak of. What the browser takes for itself."""

    scrolling: float
    typing: float


def measure_bare() -> Bare:
    """As a phone, with no more fields than one screen and its neighbours hold."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=find(whole=True), args=CHROMIUM_FLAGS)
        try:
            page = browser.new_context(**_PHONE).new_page()
            page.set_content(_BARE_HEAD + _BARE_FIELD * _BARE_FIELDS)
            page.wait_for_timeout(_REST)
            return Bare(
                _worst(browser, page, lambda: _swipe(page)),
                _worst(browser, page, lambda: _type(page, "Tab")),
            )
        finally:
            browser.close()


def measure(link: str) -> Frames:
    """With the link of a mail, once all machines of its company are there."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=find(whole=True), args=CHROMIUM_FLAGS)
        try:
            cards = _opened(browser, link, **_PHONE)
            table = _opened(browser, link, **_DESK)
            return Frames(
                _worst(browser, cards, lambda: _swipe(cards)),
                _worst(browser, cards, lambda: _type(cards, "Tab")),
                _worst(browser, table, lambda: _wheel(table)),
                _worst(browser, table, lambda: _type(table, "Enter")),
            )
        finally:
            browser.close()


def _opened(browser: Browser, link: str, **device: Any) -> Page:
    page = browser.new_context(locale="de-DE", **device).new_page()
    page.goto(link)
    page.get_by_role("button", name="Weiter zu Ihren Geräten").click()
    page.locator("input.digits").first.wait_for(timeout=_PATIENCE)
    page.wait_for_timeout(_REST)
    expect(page.locator(".overview .more")).to_be_empty(timeout=_PATIENCE)
    page.wait_for_timeout(_REST)
    return page


def _worst(browser: Browser, page: Page, act: Callable[[], Any]) -> float:
    page.bring_to_front()
    session = page.context.new_cdp_session(page)
    session.send("Emulation.setCPUThrottlingRate", {"rate": SLOWED})
    try:
        return dearest(tasks(browser, page, act, {PAGE}))
    finally:
        session.send("Emulation.setCPUThrottlingRate", {"rate": 1})
        session.detach()


def _swipe(page: Page) -> None:
    session = page.context.new_cdp_session(page)
    swipe = {"x": 195, "y": 500, "yDistance": -_FAR, "speed": _FAST, "gestureSourceType": "touch"}
    session.send("Input.synthesizeScrollGesture", swipe)
    session.detach()


def _wheel(page: Page) -> None:
    page.mouse.move(600, 400)
    for _ in range(120):
        page.mouse.wheel(0, 100)
        page.wait_for_timeout(16)


def _type(page: Page, further: str) -> None:
    page.locator("input.digits:visible").nth(20).focus()
    for _ in range(_FIELDS):
        for key in _TYPED:
            page.keyboard.press(key)
            page.wait_for_timeout(_BETWEEN_KEYS)
        page.keyboard.press(further)
        page.wait_for_timeout(_BETWEEN_KEYS)
