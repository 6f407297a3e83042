"""One hand at the machine: from the mail to the tick by touch alone, above the keypad, and nothing jumps."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.e2e.asking import enter
from tests.e2e.conftest import watched
from tests.e2e.customers import Customer, asked_customer
from tests.e2e.sight import each_look, faults, overflow
from tests.support.running import Application

STORED = "gespeichert, passt zum Verlauf"
KEYPAD = 335
"""Pixels of the window that the numeric keypad covers, with its bar."""

SHIFTS = """() => {
  window.shifted = [];
  new PerformanceObserver((list) => {
    for (const one of list.getEntries()) if (!one.hadRecentInput) window.shifted.push(one.value);
  }).observe({ type: "layout-shift", buffered: true });
}"""


@pytest.fixture
def phone(browser: Browser) -> Iterator[Page]:
    """A hand-held one, used by touch."""
    context = browser.new_context(
        locale="de-DE", viewport={"width": 390, "height": 844}, has_touch=True, is_mobile=True
    )
    yield from watched(context)
    context.close()


class Hand:
    """A finger that counts: tapping into a field is typing, everything else is a tap. It has no Enter."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.taps = 0

    def tap(self, name: str) -> None:
        self.taps += 1
        self.page.get_by_role("button", name=name).tap()

    def type(self, selector: str, text: str) -> None:
        self.page.locator(selector).tap()
        self.page.keyboard.type(text)


def test_three_taps_lead_from_the_mail_to_the_tick_without_an_enter_key(
    application: Application, phone: Page
) -> None:
    customer = Customer(27201, 1)
    link = asked_customer(application, customer)
    hand = Hand(phone)
    hand.taps += 1  # on the link in the mail
    phone.goto(link)
    hand.tap("Weiter zu Ihren Geräten")
    for meter in "12":
        hand.type(f"#m-{customer.machine(1)}-{meter}", str(customer.now(1, meter)))
    hand.tap("2 Zählerstände absenden")
    expect(phone.get_by_text(STORED)).to_have_count(2)
    expect(phone.get_by_role("heading", name="Danke, alles gemeldet.")).to_be_focused()
    expect(phone.get_by_text("2.836 Seiten seit 28.08.2026")).to_be_visible()
    assert hand.taps <= 3
    path = f"/api/staff/readings?bucket=reported&company_id={customer.number}"
    [there] = application.staff("GET", path)["machines"]
    assert [one["value"] for one in there["readings"]] == [customer.now(1, m) for m in "12"]


def test_two_counters_and_the_button_stand_above_the_keypad(
    application: Application, phone: Page
) -> None:
    customer = Customer(27202, 1)
    enter(phone, asked_customer(application, customer))
    button = phone.locator("[type=submit]").bounding_box()
    assert button
    assert button["y"] + button["height"] <= 844 - KEYPAD
    title = phone.title()
    assert title == "Ricoh IM C3000 – Zählerstände melden – Bürotechnik Sommer GmbH"
    field = phone.get_by_role("textbox", name="Schwarzweiß Seiten Ricoh IM C3000")
    expect(field).to_have_count(1)
    expect(phone.locator(".last").first).to_have_text("zuletzt 20.000 am 28.08.2026")
    expect(phone.locator(".display [lang=de]").first).to_have_text("Schwarz")
    for look in each_look(phone):
        assert faults(phone, look) == [], look
    assert overflow(phone) == []


def test_a_doubt_is_one_line_while_typing_goes_on_and_the_field_in_use_stays(
    application: Application, phone: Page
) -> None:
    customer = Customer(27203, 1)
    enter(phone, asked_customer(application, customer))
    hand = Hand(phone)
    machine = customer.machine(1)
    hand.type(f"#m-{machine}-1", "2837")
    second = phone.locator(f"#m-{machine}-2")
    second.tap()
    before = second.bounding_box()
    expect(phone.locator(".hint .brief")).to_be_visible()
    line = phone.locator(".hint").bounding_box()
    assert before
    assert line
    assert line["height"] < 60
    after = second.bounding_box()
    assert after
    assert abs(after["y"] - before["y"]) <= 1
    expect(second).to_be_focused()
    phone.keyboard.type(str(customer.now(1, "2")))
    phone.locator("h1").tap()  # the keypad closes
    hint = phone.locator(".hint")
    expect(hint.get_by_text("Kleiner als zuletzt. Fehlt eine Ziffer?")).to_be_visible()
    expect(hint.get_by_text("Erwartet: etwa 22.900")).to_be_visible()
    expect(hint.locator("svg .range")).to_have_count(1)
    expect(hint.get_by_text("Ist 22.837 gemeint?")).to_be_visible()
    take, right = (hint.get_by_role("button", name=name) for name in ("22.837", "Der Wert stimmt"))
    sizes = [
        button.evaluate("one => [one.offsetWidth, one.offsetHeight]") for button in (take, right)
    ]
    assert sizes[0] == sizes[1]
    assert sizes[0][1] >= 48
    for look in each_look(phone):
        assert faults(phone, look) == [], look
    right.tap()
    expect(hint.get_by_role("radio")).to_have_count(3)
    expect(hint.get_by_role("radio", name="Der letzte Stand war falsch.")).not_to_be_checked()
    assert overflow(phone) == []
    hint.get_by_role("button", name="Doch 22.837 übernehmen").tap()
    expect(phone.locator(f"#m-{machine}-1")).to_have_value("22837")
    expect(phone.locator(".hint")).to_have_count(0)
    expect(phone.get_by_text("2.837 Seiten seit 28.08.2026")).to_be_visible()


def test_cards_are_small_and_nothing_shifts_while_they_come_in(
    application: Application, phone: Page
) -> None:
    customer = Customer(27204, 12)
    phone.add_init_script(f"({SHIFTS})()")
    enter(phone, asked_customer(application, customer))
    expect(phone.locator("#find")).to_be_visible()
    expect(phone.locator(f"#m-{customer.machine(6)}-1")).to_be_visible()
    height = phone.locator("article.machine").nth(1).bounding_box()
    assert height
    assert height["height"] <= 200
    hand = Hand(phone)
    hand.type(f"#m-{customer.machine(2)}-1", str(customer.now(2, "1")))
    expect(phone.get_by_role("button", name="1 Zählerstand absenden")).to_be_visible()
    whole = phone.evaluate(
        """() => [...document.querySelectorAll("article.machine")].filter((one) => {
          const { top, bottom } = one.getBoundingClientRect();
          return top >= 0 && bottom <= innerHeight;
        }).length"""
    )
    assert whole >= 2
    assert phone.evaluate("window.shifted") == []
