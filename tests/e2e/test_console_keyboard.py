"""A month by keys alone: from the login over requests, check and release to the ERP's acknowledgement.

Nothing here moves a pointer or puts the focus anywhere: what cannot be reached by `page.keyboard` fails.
The application is this file's own: the month is asked, released and exported for everybody.
"""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.e2e.asking import BUILT, PATIENCE, mails_to
from tests.e2e.customers import Customer, import_of
from tests.support.running import Application, running

CUSTOMER = Customer(27257, 3, name="Zilpzalp Optik GmbH")
USUAL, UNUSUAL = 1, 2
"""The machine that is read as expected, and the one whose value is far above."""
HIGH = CUSTOMER.last(UNUSUAL, "1") + 90_000

FARTHEST = 120
"""Stops of the Tab key until something counts as out of reach."""

SEEN = """one => {
  if (one !== document.activeElement) return "";
  const { outlineStyle, outlineWidth, boxShadow } = getComputedStyle(one);
  const marked = (outlineStyle !== "none" && parseFloat(outlineWidth) > 0) || boxShadow !== "none";
  return marked ? "seen" : "unseen";
}"""
"""Whether an element has the focus, and a ring around it says so."""


@pytest.fixture(scope="module")
def application(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Application]:
    with running(tmp_path_factory.mktemp("keyboard")) as alone:
        import_of(alone, CUSTOMER)
        yield alone


class Hands:
    """Two hands on a keyboard, in front of a page."""

    def __init__(self, page: Page) -> None:
        self.page = page

    def press(self, *keys: str) -> None:
        for key in keys:
            self.page.keyboard.press(key)

    def type(self, text: str) -> None:
        self.page.keyboard.type(text)

    def reach(self, target: Locator, *, key: str = "Tab") -> None:
        """By the Tab key, from where the focus is; the ring around what is reached is seen."""
        expect(target).to_be_visible()
        for _ in range(FARTHEST):
            if found := target.evaluate(SEEN):
                assert found == "seen", target
                return
            self.press(key)
        raise AssertionError(f"out of reach: {target}")

    def take(self, target: Locator) -> None:
        self.reach(target)
        self.press("Enter")

    def turn(self, digit: str, title: str) -> None:
        """To a place, by its digit."""
        self.press(digit)
        expect(heading(self.page)).to_have_text(title)
        expect(heading(self.page)).to_be_focused()

    def find(self, words: str, title: str) -> None:
        """By the search, from anywhere."""
        self.press("/")
        self.type(words)
        expect(self.page.get_by_role("option", name=re.compile(title)).first).to_be_visible()
        self.press("Enter")
        expect(heading(self.page)).to_have_text(title)
        expect(heading(self.page)).to_be_focused()


def heading(page: Page) -> Locator:
    return page.get_by_role("heading", level=1)


def button(page: Page, name: str) -> Locator:
    return page.get_by_role("button", name=re.compile(name))


def tab(page: Page, name: str) -> Locator:
    return page.get_by_role("navigation", name="Ansichten").get_by_role("link", name=name)


def periods(application: Application, n: int) -> dict[str, dict[str, Any]]:
    """What a machine's counters say about the period, by counter."""
    meters = application.staff("GET", f"/api/staff/machines/{CUSTOMER.machine(n)}")["meters"]
    return {meter["id"]: meter["period"] for meter in meters}


def states(application: Application) -> list[str]:
    usual, unusual = periods(application, USUAL), periods(application, UNUSUAL)
    return [usual["1"]["state"], usual["2"]["state"], unusual["1"]["state"]]


def until(holds: Callable[[], object]) -> None:
    end = time.monotonic() + PATIENCE
    while not holds():
        assert time.monotonic() < end, "it never came"
        time.sleep(0.2)


def test_a_month_is_worked_off_without_a_pointer(application: Application, staff: Page) -> None:
    staff.add_init_script("addEventListener('pointerdown', () => { window.pointed = true })")
    hands = Hands(staff)
    signed_in(hands, application)
    asked(hands, application)
    entered(hands, application)
    accepted(hands, application)
    released(hands, application)
    exported(hands, application)
    assert staff.evaluate("window.pointed ?? false") is False


def signed_in(hands: Hands, application: Application) -> None:
    account = application.account("admin")
    hands.page.goto(f"{application.url}/staff/")
    hands.reach(hands.page.get_by_label("E-Mail-Adresse"))
    hands.type(account["username"])
    hands.press("Tab")
    hands.type(account["password"])
    hands.press("Enter")
    expect(hands.page.get_by_role("navigation", name="Bereiche")).to_be_visible()
    expect(heading(hands.page)).to_have_text("Heute")
    hands.press("?")
    expect(hands.page.get_by_role("dialog", name="Tasten")).to_be_visible()
    hands.press("Escape")
    expect(hands.page.get_by_role("dialog")).to_have_count(0)


def asked(hands: Hands, application: Application) -> None:
    """The customer has no rights yet; they are given where the mails are about to go."""
    page = hands.page
    hands.find("zilpz", CUSTOMER.name)
    hands.turn("3", "Portal Ready")
    hands.take(button(page, "^Portal Ready ausführen"))
    expect(button(page, "^Portal Ready ausführen")).to_have_count(0)
    hands.take(button(page, "Vorschau der E-Mails"))
    assert mails_to(application, CUSTOMER.mailbox) == []
    hands.take(button(page, r"^[\d.]+ E-Mails? versenden$"))
    deliveries = page.get_by_role("grid", name="Zustellungen")
    expect(deliveries).to_contain_text(CUSTOMER.name, timeout=BUILT)
    until(lambda: len(mails_to(application, CUSTOMER.mailbox)) == 1)


def entered(hands: Hands, application: Application) -> None:
    """What the customer says on the phone; of one value, that it is right."""
    page = hands.page
    hands.find(f"SN{CUSTOMER.machine(USUAL)}", f"SN{CUSTOMER.machine(USUAL)}")
    expect(page.get_by_role("textbox", name="S/W")).to_be_visible()
    hands.press("e")
    expect(page.get_by_role("textbox", name="S/W")).to_be_focused()
    hands.type(str(CUSTOMER.now(USUAL, "1")))
    hands.reach(page.get_by_role("textbox", name="Farbe"))
    hands.type(str(CUSTOMER.now(USUAL, "2")))
    hands.press("Control+Enter")
    expect(page.locator(".box.good")).to_be_focused()
    assert periods(application, USUAL)["2"]["value"] == CUSTOMER.now(USUAL, "2")

    hands.press("j")
    expect(heading(page)).to_have_text(f"SN{CUSTOMER.machine(UNUSUAL)}")
    expect(page.get_by_role("textbox", name="S/W")).to_be_visible()
    hands.press("e")
    hands.type(str(HIGH))
    hands.press("Enter")
    hands.take(button(page, "stimmt"))
    hands.press("ArrowDown")
    hands.take(button(page, "^Mit diesem Grund speichern"))
    expect(page.locator(".box.good")).to_be_focused()
    there = periods(application, UNUSUAL)["1"]
    assert (there["value"], there["verdict"]) == (HIGH, "confirmed")


def accepted(hands: Hands, application: Application) -> None:
    page = hands.page
    hands.turn("4", "Prüfen & Freigeben")
    hands.take(button(page, "^Weit über Erwartung"))
    grid = page.get_by_role("grid")
    expect(grid).to_be_focused()
    row = page.locator(".review-list tbody tr").filter(has_text=CUSTOMER.name)
    hands.press("Home")
    for _ in range(FARTHEST):
        if row.get_attribute("aria-selected"):
            break
        hands.press("ArrowDown")
    expect(row).to_have_attribute("aria-selected", "true")
    hands.press("a")
    expect(row).to_have_count(0)
    expect(page.locator(".review")).to_contain_text("Angenommen")
    assert periods(application, UNUSUAL)["1"]["decision"] == "accepted"


def released(hands: Hands, application: Application) -> None:
    page = hands.page
    hands.press("g", "Enter")
    release = button(page, "Zählerst[aä]nde? freigeben")
    expect(release).to_be_focused()
    hands.press("Enter")
    expect(page.get_by_role("heading", level=1, name=re.compile("Freigabe"))).to_be_visible()
    until(lambda: states(application) == ["released"] * 3)


def exported(hands: Hands, application: Application) -> None:
    page = hands.page
    hands.turn("5", "Importe")
    hands.reach(tab(page, "Exporte"), key="Shift+Tab")
    hands.press("Enter")
    expect(heading(page)).to_have_text("Exporte")
    hands.take(button(page, "^Export starten"))
    hands.take(button(page, "als berechnet quittieren$"))
    expect(page.get_by_text("Quittiert am")).to_be_visible(timeout=BUILT)
    until(lambda: states(application) == ["billed"] * 3)
