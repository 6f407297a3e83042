"""What every page must be: no finding of axe in any language and scheme, nothing wider than the window."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from axe_playwright_python.base import AXE_SCRIPT
from playwright.sync_api import Page, ViewportSize, expect

from tests.e2e import contrast

NARROW: tuple[ViewportSize, ...] = ({"width": 320, "height": 640}, {"width": 320, "height": 256})
"""A small phone; and 1280 x 1024 at 400 percent."""


_CONTRAST = ("color-contrast", "link-in-text-block")
"""The rules that judge colours: nine tenths of what axe computes."""

_LOOKS: dict[str, dict[str, Any]] = {
    "de light": {},
    "en light": {"rules": {rule: {"enabled": False} for rule in _CONTRAST}},
    "en dark": {"runOnly": {"type": "rule", "values": _CONTRAST}},
}
"""What axe judges in which look: colours once in a colour scheme, everything else once in a language."""


def faults(page: Page, look: str = "de light") -> list[str]:
    """What axe finds on the page as it stands, by the rules of a look: rule and element."""
    if not page.evaluate("() => 'axe' in window"):
        page.evaluate(AXE_SCRIPT)
    colours = "rules" not in _LOOKS[look]
    if colours:
        contrast.ask_once(page)
    found: list[str] = page.evaluate(
        """async (options) => (await axe.run(options)).violations.flatMap(({ id, nodes }) =>
             nodes.map(({ html }) => `${id}: ${html.slice(0, 120)}`))""",
        {"resultTypes": ["violations"], **_LOOKS[look]},
    )
    if colours:
        contrast.learn(page)
    return found


def each_look(page: Page) -> Iterator[str]:
    """The page in both languages and both colour schemes, as it is shown in the end."""
    for look in _LOOKS:
        language, scheme = look.split()
        if page.locator("html").get_attribute("lang") != language:
            _turn_to(page, language)
        page.emulate_media(color_scheme="dark" if scheme == "dark" else "light")
        yield look
    page.emulate_media(color_scheme="light")
    _turn_to(page, "de")


def _turn_to(page: Page, language: str) -> None:
    """Switch the language and wait until the choice is kept and the page is drawn again."""
    if page.get_by_text(re.compile("^(Menü|Menu)$")).count():
        with page.expect_response("**/api/session/language"):
            page.locator("#language").click()
    else:
        page.locator("#language").click()
    expect(page.locator("html")).to_have_attribute("lang", language)
    if "/staff/" in page.url:  # The console's worker asks on and on.
        page.locator("main h1").wait_for(state="attached")
    else:
        page.wait_for_load_state("networkidle")


def overflow(page: Page) -> list[str]:
    """Windows in which the page scrolls sideways, with the elements that stick out."""
    found = []
    before = page.viewport_size
    for size in NARROW:
        page.set_viewport_size(size)
        wide = page.evaluate(
            """() => document.documentElement.scrollWidth <= innerWidth ? [] :
              [...document.querySelectorAll("body *")]
                .filter((one) => one.getBoundingClientRect().right > innerWidth + 1 && !one.closest(".wide-table"))
                .map((one) => one.outerHTML.slice(0, 100))"""
        )
        found += [f"{size['width']} x {size['height']}: {one}" for one in wide]
    if before:
        page.set_viewport_size(before)
    return found


LEAST = 6
"""Pixels between what stands below each other on a screen."""

_TOGETHER = (
    "li, table, dl, label, figure, .meter, .machine-head, .sticker, .field, .rows, .strip,"
    "[role=search], .with-table, .sheet-part"
)
"""What belongs so closely together that its parts may touch: a label and its field, the lines of an entry.
At a desk the lines above the table are 48 px high, so that what stands in them is apart; so is the head of a part
of a file's result."""


def cramped(page: Page) -> list[str]:
    """Neighbours on the page that stand below each other with less than `LEAST` pixels between them."""
    found: list[str] = page.evaluate(
        """([least, together]) => {
          const shown = (one) => {
            const box = one.getBoundingClientRect();
            const { position, display } = getComputedStyle(one);
            return box.height > 1 && box.width > 1 && position === "static" && display !== "inline";
          };
          const named = (one) => `${one.tagName.toLowerCase()}.${one.className} "${one.textContent.trim().slice(0, 30)}"`;
          const found = [];
          for (const parent of document.querySelectorAll("main *:not(svg, svg *)")) {
            if (parent.matches(together) || parent.closest("li, tbody, thead, svg")) continue;
            const children = [...parent.children].filter(shown);
            for (const [n, after] of children.slice(1).entries()) {
              const before = children[n];
              if (after.matches(".option")) continue; // tall enough by itself
              if (before.matches(".net")) continue; // a strip as wide as the window, which ends by a line
              const [above, below] = [before.getBoundingClientRect(), after.getBoundingClientRect()];
              if (below.top < above.bottom - 1) continue; // beside it
              const gap = below.top - above.bottom;
              if (gap < least) found.push(`${named(before)} | ${named(after)}: ${gap.toFixed(1)}`);
            }
          }
          return found;
        }""",
        [LEAST, _TOGETHER],
    )
    return found
