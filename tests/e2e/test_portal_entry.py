"""Entering readings: from the mail to the green tick, hints, corrections, two tabs, two persons."""

from __future__ import annotations

import re
from datetime import date, timedelta

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.e2e.asking import because, enter, of_day, says_right
from tests.e2e.customers import Customer, asked_customer
from tests.support.running import Application

STORED = "gespeichert, passt zum Verlauf"
CUSTOMER = Customer(18101, 12)
"""One machine for each test, so that none meets what another has stored."""


@pytest.fixture(scope="session")
def link(application: Application) -> str:
    return asked_customer(application, CUSTOMER)


@pytest.fixture
def inside(contact: Page, link: str) -> Page:
    enter(contact, link)
    return contact


def card(page: Page, n: int) -> Locator:
    return page.locator(f"#machine-{CUSTOMER.machine(n)}")


def field(page: Page, n: int, meter: str = "1") -> Locator:
    return page.locator(f"#m-{CUSTOMER.machine(n)}-{meter}")


def left_with(page: Page, n: int, value: str, meter: str = "1") -> Locator:
    """Type a value, leave the field; the hint's box."""
    field(page, n, meter).fill(value)
    field(page, n, meter).press("Tab")
    hint = page.locator(f"#m-{CUSTOMER.machine(n)}-{meter}-advice")
    expect(hint.locator(".hint")).to_be_visible()
    return hint


def submit(page: Page, n: int) -> None:
    card(page, n).locator("[type=submit]").click()


def test_from_the_mail_to_the_tick_in_two_taps_and_typing(
    application: Application, contact: Page
) -> None:
    """The first tap opens the mail's link, the second the door; then keys only."""
    alone = Customer(18102, 1)
    contact.goto(asked_customer(application, alone))
    contact.get_by_role("button", name="Weiter zu Ihren Geräten").click()
    expect(contact.locator("h1")).to_be_focused()
    contact.locator(f"#m-{alone.machine(1)}-1").tap()
    contact.keyboard.type(f"{alone.now(1, '1')}")
    contact.keyboard.press("Enter")
    contact.keyboard.type(f"{alone.now(1, '2')} Seiten")
    contact.keyboard.press("Enter")
    expect(contact.get_by_text(STORED)).to_have_count(2)
    expect(contact.get_by_text("Danke, alles gemeldet.")).to_be_visible()
    expect(contact.get_by_role("heading", name="Danke, alles gemeldet.")).to_be_focused()


def test_keyboard_only_from_the_door_to_the_tick(colleague: Page, link: str) -> None:
    page = colleague
    page.goto(link)
    expect(page.get_by_role("button", name="Weiter zu Ihren Geräten")).to_be_visible()
    tab_to(page, "Weiter zu Ihren Geräten")
    page.keyboard.press("Enter")
    expect(page.locator("article.machine").first).to_be_visible()
    expect(page.locator("h1")).to_be_focused()
    page.locator("#find").wait_for()
    tab_to(page, "Gerät suchen")
    page.keyboard.type(f"sn{CUSTOMER.machine(1)}")
    page.keyboard.press("Enter")
    expect(field(page, 1)).to_be_focused()
    page.keyboard.type(str(CUSTOMER.now(1, "1")))
    page.keyboard.press("Tab")
    page.keyboard.type("90")
    page.keyboard.press("Enter")
    expect(card(page, 1).get_by_text("Der Wert stimmt")).to_be_visible()
    expect(field(page, 1, "2")).to_be_focused()
    page.keyboard.press("Control+A")
    page.keyboard.type(str(CUSTOMER.now(1, "2")))
    page.keyboard.press("Enter")
    expect(card(page, 1).get_by_text(STORED)).to_have_count(2)
    tab_to(page, "ändern")
    page.keyboard.press("Enter")
    expect(field(page, 1)).to_be_focused()


def tab_to(page: Page, name: str) -> None:
    """Go on with the tabulator until the control of that name has the focus."""
    for _ in range(60):
        page.keyboard.press("Tab")
        names = page.evaluate(
            """() => [document.activeElement.textContent,
                ...[...(document.activeElement.labels || [])].map((one) => one.textContent)]"""
        )
        if any(name in said for said in names):
            return
    raise AssertionError(f"no way to {name} by keyboard")


def test_a_hint_comes_after_the_field_and_never_while_typing(inside: Page) -> None:
    box = field(inside, 2)
    box.press_sequentially("1")
    inside.wait_for_timeout(300)
    expect(card(inside, 2).locator(".hint")).to_have_count(0)
    expect(box).not_to_have_attribute("aria-invalid", "true")
    left_with(inside, 2, "1")
    expect(inside.locator("#said")).not_to_be_empty()
    box.press_sequentially("2")
    expect(card(inside, 2).locator(".hint")).to_have_count(0)


def test_one_tap_takes_the_suggestion_or_the_second_one(
    application: Application, contact: Page
) -> None:
    """A digit is missing, at either of two places."""
    alone = Customer(18103, 1)
    enter(contact, asked_customer(application, alone))
    box = contact.locator("input.digits").first
    for place, value in ((1, "21837"), (0, "22837")):
        box.fill("2837")
        box.press("Tab")
        contact.locator(".hint .more").click()
        contact.locator(".answers").get_by_role("button", name="übernehmen").nth(place).click()
        expect(box).to_have_value(value)
        expect(contact.locator("input.digits").nth(1)).to_be_focused()
        expect(contact.locator(".hint")).to_have_count(0)


def test_swapped_counters_are_put_right_with_one_tap(inside: Page) -> None:
    field(inside, 2, "1").fill(str(CUSTOMER.now(2, "2")))
    field(inside, 2, "2").fill(str(CUSTOMER.now(2, "1")))
    field(inside, 2, "2").press("Tab")
    swap = card(inside, 2).get_by_role("button", name="Beide tauschen")
    expect(swap).to_have_count(1)
    expect(card(inside, 2).locator(".title")).to_be_visible()
    swap.click()
    expect(field(inside, 2, "1")).to_have_value(str(CUSTOMER.now(2, "1")))
    expect(field(inside, 2, "2")).to_have_value(str(CUSTOMER.now(2, "2")))


def test_a_value_of_another_machine_moves_there(inside: Page) -> None:
    value = str(CUSTOMER.now(9, "1"))
    hint = left_with(inside, 3, value)
    hint.locator(".more").click()
    expect(hint).to_contain_text("Gehört der Wert zum Ricoh IM C3000 in 1. OG, Raum 109?")
    hint.get_by_role("button", name="Dort eintragen").click()
    expect(field(inside, 9)).to_have_value(value)
    expect(field(inside, 9)).to_be_focused()
    expect(field(inside, 3)).to_have_value("")


def test_several_faults_are_summed_up_with_links(inside: Page) -> None:
    field(inside, 4, "1").fill(str(CUSTOMER.last(4, "1") + 9000))
    field(inside, 4, "2").fill(str(CUSTOMER.last(4, "2") - 500))
    submit(inside, 4)
    summary = card(inside, 4).get_by_role("group", name="Bitte prüfen Sie 2 Angaben")
    expect(summary).to_be_focused()
    expect(summary.get_by_role("link")).to_have_count(2)
    summary.get_by_role("link").nth(1).click()
    expect(field(inside, 4, "2")).to_be_focused()


def test_an_unusual_value_is_confirmed_with_a_reason(inside: Page) -> None:
    field(inside, 5, "1").fill(str(CUSTOMER.last(5, "1") + 9000))
    submit(inside, 5)
    says_right(card(inside, 5))
    submit(inside, 5)
    expect(card(inside, 5).get_by_text("Bitte wählen Sie einen Grund.")).to_be_visible()
    because(card(inside, 5))
    card(inside, 5).get_by_role("button", name="absenden").click()
    expect(card(inside, 5).get_by_text("gespeichert, mit Ihrer Begründung")).to_be_visible()
    expect(card(inside, 5).get_by_text(STORED)).to_have_count(0)
    expect(card(inside, 5).get_by_text("Es fehlt noch: Farbe")).to_be_visible()


@pytest.mark.parametrize(
    ("typed", "said"),
    [("12,5", "ganze Zahl"), ("abc", "ganze Zahl"), ("", "mindestens einen Zählerstand")],
)
def test_what_is_no_counter_is_refused_in_words(inside: Page, typed: str, said: str) -> None:
    field(inside, 12).fill("1")  # the button comes with the first digit
    field(inside, 12).fill(typed)
    submit(inside, 12)
    expect(card(inside, 12).locator(".error").first).to_contain_text(said)
    expect(field(inside, 12)).to_have_attribute("aria-invalid", "true")


def test_the_day_of_reading_is_today_and_can_be_changed(inside: Page) -> None:
    field(inside, 6).fill(str(CUSTOMER.now(6, "1")))
    expect(card(inside, 6).get_by_text("Abgelesen heute, 23.11.2026")).to_be_visible()
    day = of_day(card(inside, 6))
    expect(day).to_have_value("2026-11-23")
    day.fill("2026-11-24")
    submit(inside, 6)
    expect(card(inside, 6).get_by_text("liegt in der Zukunft")).to_have_count(1)
    expect(day).to_have_attribute("aria-invalid", "true")
    day.fill((date(2026, 11, 23) - timedelta(days=2)).isoformat())
    submit(inside, 6)
    expect(card(inside, 6).get_by_text("am 21.11.2026")).to_be_visible()


def test_drafts_survive_a_reload_and_end_with_the_store(inside: Page) -> None:
    value = str(CUSTOMER.now(7, "1"))
    field(inside, 7, "1").fill(value)
    field(inside, 7, "2").fill("12")
    inside.reload()
    expect(field(inside, 7, "1")).to_have_value(value)
    expect(field(inside, 7, "2")).to_have_value("12")
    field(inside, 7, "2").fill(str(CUSTOMER.now(7, "2")))
    submit(inside, 7)
    expect(card(inside, 7).get_by_text(STORED)).to_have_count(2)
    kept = inside.evaluate("() => Object.keys(localStorage).filter((key) => key.includes('draft'))")
    assert not [key for key in kept if key.endswith(CUSTOMER.machine(7))]


def test_two_tabs_see_each_other(inside: Page) -> None:
    other = inside.context.new_page()
    other.goto(inside.url)
    field(inside, 8, "1").fill(str(CUSTOMER.now(8, "1")))
    submit(inside, 8)
    expect(card(inside, 8).get_by_text(STORED)).to_have_count(1)
    expect(card(other, 8).get_by_text(STORED)).to_have_count(1)


def test_two_persons_see_both_values_and_choose(inside: Page, colleague: Page, link: str) -> None:
    enter(colleague, link)
    mine, theirs = CUSTOMER.now(10, "1"), CUSTOMER.now(10, "1") - 50
    field(colleague, 10).fill(str(theirs))
    submit(colleague, 10)
    expect(card(colleague, 10).get_by_text(STORED)).to_have_count(1)

    field(inside, 10).fill(str(mine))
    submit(inside, 10)
    both = card(inside, 10).get_by_role("group", name="Inzwischen wurde für dieses Gerät gemeldet")
    expect(both).to_be_focused()
    expect(both.get_by_text(f"{theirs:,}".replace(",", "."))).to_be_visible()
    expect(both.get_by_role("cell", name=str(mine))).to_be_visible()
    both.get_by_role("button", name="Mit meiner Eingabe überschreiben").click()
    expect(card(inside, 10).locator(".value")).to_contain_text(f"{mine:,}".replace(",", "."))

    correct(colleague, 10, str(theirs + 1))
    expect(card(colleague, 10).get_by_text("Inzwischen wurde")).to_be_visible()
    card(colleague, 10).get_by_role("button", name="Gespeicherte Werte behalten").click()
    expect(card(colleague, 10).locator(".value")).to_contain_text(f"{mine:,}".replace(",", "."))
    expect(field(colleague, 10)).to_have_count(0)


def correct(page: Page, n: int, value: str) -> None:
    card(page, n).get_by_role("button", name=re.compile("ändern$")).click()
    field(page, n).fill(value)
    submit(page, n)


def test_a_pasted_column_fills_the_same_counter_downward(inside: Page) -> None:
    field(inside, 11, "2").focus()
    values = [CUSTOMER.now(11, "2"), CUSTOMER.now(12, "2"), 1]
    inside.evaluate(
        """(text) => {
          const data = new DataTransfer();
          data.setData("text/plain", text);
          document.activeElement.dispatchEvent(
            new ClipboardEvent("paste", { clipboardData: data, bubbles: true, cancelable: true }));
        }""",
        "\r\n".join(f"{value}\tx" for value in values),
    )
    expect(field(inside, 11, "2")).to_have_value(str(values[0]))
    expect(field(inside, 12, "2")).to_have_value(str(values[1]))
    expect(field(inside, 11, "1")).to_have_value("")
    expect(card(inside, 11).get_by_text("1 Wert hatte kein Feld mehr.")).to_be_visible()


def test_a_change_of_language_keeps_what_is_typed_and_is_remembered(
    inside: Page, colleague: Page, link: str
) -> None:
    field(inside, 12, "1").fill("123")
    inside.get_by_role("button", name="English").click()
    expect(inside.get_by_text("You are reporting for")).to_be_visible()
    expect(field(inside, 12, "1")).to_have_value("123")
    expect(inside.locator("html")).to_have_attribute("lang", "en")
    enter(colleague, link)
    expect(colleague.get_by_text("You are reporting for")).to_be_visible()
    with colleague.expect_response("**/api/session/language"):
        colleague.get_by_role("button", name="Deutsch").click()
    expect(colleague.get_by_text("Sie melden für")).to_be_visible()
