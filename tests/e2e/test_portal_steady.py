"""Nothing jumps: what the browser counts as a shift of the layout while a fleet comes in and hints open.

The browser leaves out what moves within half a second of a key or a tap, and so do the sums here; what the person has
in use is looked at besides. A device that has opened a link before goes on without any tap, so everything counts there.
"""

from __future__ import annotations

import re
from typing import Any

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.e2e.asking import through_the_door
from tests.e2e.customers import Customer, asked_customer
from tests.support.running import Application

SCATTERED = Customer(27447, 5, a_floor=1)
FLEET, FEW, HINTED = Customer(27444, 260), Customer(27445, 5), Customer(27446, 4)
_WATCH = """
  window.shifts = [];
  new PerformanceObserver((list) => {
    for (const { value, hadRecentInput, sources } of list.getEntries()) {
      if (!hadRecentInput) window.shifts.push([value, ...sources.map(({ node }) => node?.className ?? node?.nodeName)]);
    }
  }).observe({ type: "layout-shift", buffered: true });
"""


def shifts(page: Page) -> list[Any]:
    """What has moved without anybody's doing since the page was opened, once it is quiet."""
    page.wait_for_load_state("networkidle")
    page.evaluate("() => new Promise((go) => setTimeout(go, 500))")
    found: list[Any] = page.evaluate("window.shifts")
    return found


def field(page: Page, n: int, meter: str) -> Locator:
    return page.locator(f"#m-{HINTED.machine(n)}-{meter}")


@pytest.mark.parametrize("customer", [FEW, FLEET], ids=["few", "fleet"])
@pytest.mark.parametrize("device", ["contact", "desk"])
def test_nothing_shifts_while_machines_come_in(
    application: Application, device: str, customer: Customer, request: pytest.FixtureRequest
) -> None:
    page: Page = request.getfixturevalue(device)
    link = asked_customer(application, customer)
    page.context.add_init_script(_WATCH)
    through_the_door(page, link)
    field = page.locator("input.digits").first
    expect(field).to_be_visible()
    assert shifts(page) == []
    page.goto("about:blank")
    page.goto(link)
    expect(field).to_be_visible()
    assert shifts(page) == []


_TALL = """
  addEventListener("DOMContentLoaded", () => {
    const sheet = new CSSStyleSheet();
    sheet.replaceSync(".meter { min-height: 12rem; }");
    document.adoptedStyleSheets.push(sheet);
  });
"""


def test_nothing_shifts_where_cards_are_taller_than_most(
    application: Application, contact: Page
) -> None:
    """As with eight counters: the room that is kept for a card that is far away is that of two."""
    # Nobody taps behind the door; that the browser takes the door's tap for recent hides nothing then.
    contact.context.add_init_script(_WATCH.replace("!hadRecentInput", "true") + _TALL)
    link = asked_customer(application, SCATTERED)
    through_the_door(contact, link)
    field = contact.locator("input.digits").first
    expect(field).to_be_visible()
    contact.goto("about:blank")
    contact.goto(link)
    expect(field).to_be_visible()
    assert shifts(contact) == []


def test_nothing_shifts_while_hints_open(application: Application, contact: Page) -> None:
    """By touch: the line while somebody types in the next field, then the whole hint."""
    contact.context.add_init_script(_WATCH)
    through_the_door(contact, asked_customer(application, HINTED))
    first, second = field(contact, 1, "1"), field(contact, 1, "2")
    first.tap()
    first.press_sequentially("7")
    with contact.expect_response(re.compile("/check$")):
        second.tap()
    contact.evaluate("() => new Promise((go) => setTimeout(go, 700))")
    before = second.bounding_box()
    second.press_sequentially("1")
    line = contact.locator(".hint.short")
    expect(line).to_be_visible()
    after = second.bounding_box()
    assert before is not None
    assert after is not None
    assert abs(before["y"] - after["y"]) < 1
    contact.get_by_role("heading", level=1).tap()
    expect(line).to_have_count(0)
    expect(contact.get_by_role("button", name="Der Wert stimmt").first).to_be_visible()
    assert shifts(contact) == []
