"""Processor time per frame of the contact's page, on a processor slowed four times."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any, NamedTuple

from playwright.sync_api import Browser, Page, expect, sync_playwright

from infra.browser import find
from tests.benchmarks.pages.fleet import METERS_EACH
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
_BARE_LINES, _COME = 55, 90
"""Lines of a bare table, as many as ours holds near a window at a desk, and lines that come in, one a frame."""
_BARE_STYLE = "<style>table{table-layout:fixed;width:2200px;border-spacing:0}td,th{height:36px;border-bottom:1px solid}input{width:70px}</style>"
_BARE_CELLS = "<td>12.345<td><input class=digits inputmode=numeric><td>345"
_LINES_COME = """async ([cells, lines, come]) => {
  const table = document.querySelector("table");
  const line = () => Object.assign(document.createElement("tbody"), { innerHTML: `<tr><th>Ricoh IM C3000${cells}` });
  table.append(...Array.from({ length: lines }, line));
  const coming = Array.from({ length: come }, line);
  await new Promise((rested) => setTimeout(rested, 1_000));
  return () => new Promise((done) => {
    const next = () => {
      if (!coming.length) return done();
      table.tBodies[0].remove();
      table.append(coming.pop());
      requestAnimationFrame(next);
    };
    requestAnimationFrame(next);
  });
}"""


class Spent(NamedTuple):
    """Milliseconds of processor time a frame: on average, what 95 of 100 frames keep to, and the dearest."""

    mean: float
    most: float
    dearest: float


@dataclass(frozen=True, slots=True)
class Frames:
    """Cards on a phone, table at a desk."""

    scrolling_cards: Spent
    typing_cards: Spent
    scrolling_table: Spent
    typing_table: Spent


def by_frame(found: Iterable[Task]) -> Spent:
    """What the page's thread had to do in each sixtieth of a second in which it had anything to do: a task counts where it begins."""
    spent: defaultdict[int, float] = defaultdict(float)
    for task in found:
        spent[int(task.begin / FRAME)] += task.spent
    frames = sorted(spent.values()) or [0.0]
    return Spent(sum(frames) / len(frames), frames[int(0.95 * (len(frames) - 1))], frames[-1])


@dataclass(frozen=True, slots=True)
class Bare:
    """The same of a page that is nothing but fields: no script, no styles to speak of. What the browser takes for itself."""

    scrolling: Spent
    typing: Spent
    lines: Spent
    """A table of lines with eight fields each, into which one comes each frame and from which one goes."""


def measure_bare() -> Bare:
    """As a phone, with no more fields than one screen and its neighbours hold; lines as at a desk."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=find(whole=True), args=CHROMIUM_FLAGS)
        try:
            page = browser.new_context(**_PHONE).new_page()
            page.set_content(_BARE_HEAD + _BARE_FIELD * _BARE_FIELDS)
            page.wait_for_timeout(_REST)
            table = browser.new_context(**_DESK).new_page()
            table.set_content(f"<!doctype html>{_BARE_STYLE}<table></table>")
            go = table.evaluate_handle(_LINES_COME, [_BARE_CELLS * METERS_EACH, _BARE_LINES, _COME])
            return Bare(
                _spent(browser, page, lambda: _swipe(page)),
                _spent(browser, page, lambda: _type(page, "Tab")),
                _spent(browser, table, lambda: go.evaluate("go => go()")),
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
                _spent(browser, cards, lambda: _swipe(cards)),
                _spent(browser, cards, lambda: _type(cards, "Tab")),
                _spent(browser, table, lambda: _wheel(table)),
                _spent(browser, table, lambda: _type(table, "Enter")),
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


def _spent(browser: Browser, page: Page, act: Callable[[], Any]) -> Spent:
    page.bring_to_front()
    session = page.context.new_cdp_session(page)
    session.send("Emulation.setCPUThrottlingRate", {"rate": SLOWED})
    try:
        return by_frame(tasks(browser, page, act, {PAGE}))
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
