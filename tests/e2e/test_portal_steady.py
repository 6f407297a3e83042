"""Nothing jumps: what the browser counts as a shift of the layout while a fleet comes in and hints open.

The browser leaves out what moves within half a second of a key or a tap, and so do the sums here; what the person has
in use is looked at besides. A device that has opened a link before goes on without any tap, so everything counts there.
"""

from __future__ import annotations

import re
from itertools import product
from typing import Any

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.e2e.asking import through_the_door
from tests.e2e.customers import Customer, asked_customer
from tests.e2e.drawn import asked_as_drawn, companies
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


_SCREENS = ("help", "history", "problem", "receipt", "fleet", "account")


@pytest.mark.parametrize(
    ("device", "screen"),
    list(product(["contact", "desk"], (*_SCREENS, "machines"))),
)
def test_nothing_shifts_while_a_screen_comes_in(
    application: Application, device: str, screen: str, request: pytest.FixtureRequest
) -> None:
    """Opened by its address, as after a reload: nobody has tapped, so that everything counts."""
    page: Page = request.getfixturevalue(device)
    through_the_door(page, asked_customer(application, FEW))
    expect(page.locator("input.digits").first).to_be_visible()
    page.context.add_init_script(_WATCH)
    machine = f"/{FEW.machine(1)}" if screen in {"help", "history", "problem"} else ""
    address = page.url.partition("#")[0]
    page.goto("about:blank")
    page.goto(f"{address}#/{screen}{machine}")
    expect(page.locator(".screen h1, .all-machines h1")).to_be_visible()
    assert shifts(page) == []


MIXED = companies(18051)["fleet"]
"""Whose machines have names, places and values of all lengths, and some a counter more than others."""
UNDUE = Customer(29711, 24, later=6)
WIDER = Customer(29712, 1003, first=9000, step=4000)
"""More than the first page of the API tells: a digit more in every count."""


@pytest.mark.parametrize("name", ["mixed", "not due", "thousand"])
def test_nothing_shifts_at_a_desk_while_a_fleet_comes_in_and_views_are_switched(
    application: Application, desk: Page, name: str
) -> None:
    """By a script and long after any key, so that everything counts: what is switched brings other lines, and moves none."""
    customer = {"not due": UNDUE, "thousand": WIDER}.get(name)
    link = asked_customer(application, customer) if customer else asked_as_drawn(application, MIXED)
    desk.context.add_init_script(_WATCH)
    through_the_door(desk, link)
    expect(desk.locator("tbody.line").nth(11)).to_be_attached()
    desk.goto("about:blank")
    desk.goto(link)
    expect(desk.locator("tbody.line").nth(11)).to_be_attached()
    expect(desk.get_by_text("Weitere Geräte werden geladen")).to_have_count(0, timeout=120_000)
    assert shifts(desk) == []
    for state in ("filled", "open", "check", "done", "all"):
        desk.evaluate(
            "one => { one.checked = true; one.dispatchEvent(new Event('change')) }",
            desk.locator(f"#state-{state}").element_handle(),
        )
        none = state in {"filled", "check", "done"}
        expect(desk.locator("tbody.line")).to_have_count(0) if none else expect(
            desk.locator("tbody.line").nth(11)
        ).to_be_attached()
        expect(desk.get_by_text("Kein Gerät passt dazu.")).to_be_visible(visible=none)
        assert shifts(desk) == [], state


def test_nothing_shifts_at_a_desk_while_a_hint_opens(application: Application, desk: Page) -> None:
    """The line in use keeps its place; the button, which counts less now, its own."""
    desk.context.add_init_script(_WATCH)
    through_the_door(desk, asked_customer(application, UNDUE))
    value, beside = (desk.locator(f"#m-{UNDUE.machine(n)}-1") for n in (3, 4))
    value.fill("6")
    value.press("Enter")
    expect(beside).to_be_focused()
    before = beside.bounding_box()
    hint = desk.locator(".line.doubtful .hint")
    expect(hint).to_be_visible()
    expect(hint).to_contain_text("S/W: Kleiner als zuletzt.")
    assert beside.bounding_box() == before
    assert shifts(desk) == []
    value.fill("")


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


_COMING = """async () => {
  let [most, now] = [0, 0];
  new MutationObserver((records) => {
    for (const { addedNodes } of records) now += [...addedNodes].filter((node) => node.matches(".line")).length;
  }).observe(document.querySelector(".fleet-table"), { childList: true });
  scrollTo(0, document.body.scrollHeight / 2);
  for (let frame = 0; frame < 60; frame += 1) {
    await new Promise(requestAnimationFrame);
    await new Promise((go) => setTimeout(go));
    [most, now] = [Math.max(most, now), 0];
  }
  return most;
}"""


def test_lines_of_a_table_come_two_at_a_time(application: Application, desk: Page) -> None:
    """Wherever the window jumps to: a frame that brings dozens is one that a hand feels."""
    through_the_door(desk, asked_customer(application, FLEET))
    expect(desk.locator("tbody.line").nth(20)).to_be_attached()
    shifts(desk)
    assert 0 < desk.evaluate(_COMING) <= 2
    expect(desk.locator("tbody.line").nth(20)).to_be_attached()


@pytest.mark.parametrize("device", ["contact", "desk"])
def test_a_key_writes_nothing_that_stands_there_already(
    application: Application, device: str, request: pytest.FixtureRequest
) -> None:
    """The first digit fills a machine in; the second changes the value and no word on the page."""
    page: Page = request.getfixturevalue(device)
    through_the_door(page, asked_customer(application, FLEET))
    expect(page.locator("input.digits").nth(1)).to_be_attached()
    field = page.locator("input.digits").first
    field.press("4")
    shifts(page)
    page.evaluate("""() => {
      window.written = [];
      new MutationObserver((records) => window.written.push(...records.map(({ target }) => target.nodeName)))
        .observe(document.body, { childList: true, characterData: true, subtree: true });
    }""")
    field.press("8")
    page.evaluate("() => new Promise((go) => setTimeout(go, 300))")
    expect(field).to_have_value("48")
    assert page.evaluate("window.written") == []
    field.fill("")


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
