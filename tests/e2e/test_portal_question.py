"""A question that was asked stays, with its answer and the focus, until its value is another one."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Locator, Page, Route, expect

from tests.e2e.asking import because, enter, of_day, says_right, speak
from tests.e2e.customers import Customer, asked_customer
from tests.support.running import Application

CUSTOMER = Customer(19301, 14)
"""One machine for each test, so that none meets what another has stored."""

SAVED = "gespeichert, mit Ihrer Begründung"
OWN_WORDS = "Wir haben einen Katalog gedruckt."


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


def submit(page: Page, n: int) -> None:
    card(page, n).locator("[type=submit]").click()


def right(page: Page, n: int) -> Locator:
    return card(page, n).get_by_role("button", name="Der Wert stimmt")


def words(page: Page, n: int) -> Locator:
    return card(page, n).get_by_label("Grund in eigenen Worten").first


def asked_about(page: Page, n: int) -> None:
    """The first counter of a machine is doubtful, and its question is there."""
    field(page, n).fill(str(CUSTOMER.last(n, "1") + 9000))
    with page.expect_response("**/readings"):  # A check that comes first shows a hint, too.
        submit(page, n)
    expect(card(page, n).locator("[type=submit]")).not_to_have_attribute("aria-disabled", "true")
    expect(card(page, n).locator(".hint").first).to_be_visible()


def answered(page: Page, n: int) -> None:
    """Half way through the answer: the value is right, in own words."""
    asked_about(page, n)
    says_right(card(page, n))
    because(card(page, n), OWN_WORDS)


def still_answered(page: Page, n: int) -> None:
    expect(card(page, n).get_by_role("group", name="Warum stimmt")).to_be_visible()
    expect(card(page, n).get_by_role("radio", name="Anderer Grund")).to_be_checked()
    expect(words(page, n)).to_have_value(OWN_WORDS)


def test_enter_and_a_second_submission_ask_no_other_question(inside: Page) -> None:
    asked_about(inside, 1)
    asking = card(inside, 1).locator(".hint").element_handle()
    field(inside, 1).press("Enter")  # to the second counter, which is empty
    expect(field(inside, 1, "2")).to_be_focused()
    for _ in range(2):
        with inside.expect_response("**/readings"):
            field(inside, 1, "2").press("Enter")
        expect(right(inside, 1)).to_be_visible()
        expect(field(inside, 1)).to_be_focused()
        field(inside, 1, "2").focus()
    says_right(card(inside, 1))
    submit(inside, 1)
    expect(card(inside, 1).get_by_text("Bitte wählen Sie einen Grund.")).to_be_visible()
    assert asking
    assert asking.evaluate("one => one.isConnected && !one.querySelector('.because').hidden")
    because(card(inside, 1))
    expect(card(inside, 1).get_by_text("Bitte wählen Sie einen Grund.")).to_have_count(0)
    submit(inside, 1)
    expect(card(inside, 1).get_by_text(SAVED)).to_be_visible()


def test_leaving_another_field_takes_neither_the_answer_nor_the_focus(inside: Page) -> None:
    answered(inside, 2)
    for value in (1, CUSTOMER.now(2, "2")):
        field(inside, 2, "2").fill(str(value))
        with inside.expect_response("**/check"):
            words(inside, 2).focus()
        inside.wait_for_load_state("networkidle")
        expect(words(inside, 2)).to_be_focused()
        still_answered(inside, 2)
    submit(inside, 2)
    expect(card(inside, 2).get_by_text(SAVED)).to_be_visible()
    expect(card(inside, 2).get_by_text(OWN_WORDS)).to_be_visible()


def test_a_question_without_an_answer_stays_when_the_other_counter_is_corrected(
    inside: Page,
) -> None:
    field(inside, 3, "2").fill(str(CUSTOMER.last(3, "2") + 9000))
    asked_about(inside, 3)
    expect(card(inside, 3).locator(".hint")).to_have_count(2)
    field(inside, 3, "2").fill(str(CUSTOMER.now(3, "2")))
    expect(card(inside, 3).locator(".hint")).to_have_count(1)
    with inside.expect_response("**/check"):
        right(inside, 3).focus()
    inside.wait_for_load_state("networkidle")
    expect(right(inside, 3)).to_be_focused()
    expect(card(inside, 3).locator(".badge")).to_have_text("Zu prüfen")


def test_another_day_and_another_machine_change_nothing(inside: Page) -> None:
    answered(inside, 4)
    with inside.expect_response("**/check"):
        of_day(card(inside, 4)).fill("2026-11-21")
    still_answered(inside, 4)
    field(inside, 5).fill(str(CUSTOMER.now(5, "1")))
    submit(inside, 5)
    expect(card(inside, 5).get_by_text("gespeichert, passt zum Verlauf")).to_be_visible()
    card(inside, 5).get_by_role("button", name=re.compile("ändern$")).click()
    field(inside, 5).fill(str(CUSTOMER.now(5, "1") + 1))
    inside.locator(".sticky").get_by_role("button", name="Absenden").click()
    expect(inside.locator(".notice")).to_contain_text("2 Geräte gespeichert")
    expect(card(inside, 4).get_by_text(OWN_WORDS)).to_be_visible()


def test_a_reload_brings_question_and_answer_back(inside: Page) -> None:
    answered(inside, 6)
    inside.reload()
    still_answered(inside, 6)
    expect(card(inside, 6).locator(".hint")).to_have_count(1)
    expect(card(inside, 6).locator(".badge")).to_have_text("Zu prüfen")
    submit(inside, 6)
    expect(card(inside, 6).get_by_text(OWN_WORDS)).to_be_visible()
    inside.reload()
    expect(card(inside, 6).get_by_text(OWN_WORDS)).to_be_visible()
    expect(right(inside, 6)).to_have_count(0)


def test_another_language_asks_the_same_in_its_own_words(inside: Page) -> None:
    answered(inside, 7)
    with inside.expect_response("**/check"):
        speak(inside)
    mine = card(inside, 7)
    expect(mine.get_by_role("group", name="Why is")).to_be_visible()
    expect(mine.get_by_label("Reason in your own words")).to_have_value(OWN_WORDS)
    expect(mine.get_by_text("Expected: about").first).to_be_visible()
    assert "Seiten" not in mine.inner_text()
    with inside.expect_response("**/check"):
        speak(inside)
    still_answered(inside, 7)


def test_an_answer_survives_a_lost_network(inside: Page) -> None:
    answered(inside, 8)
    inside.route("**/readings", lambda route: route.abort())
    submit(inside, 8)
    card(inside, 8).get_by_role("button", name=re.compile(" ändern$")).click()
    still_answered(inside, 8)
    inside.unroute("**/readings")
    submit(inside, 8)
    expect(card(inside, 8).get_by_text(OWN_WORDS)).to_be_visible()


def test_an_answer_survives_a_conflict_and_the_focus_stays_in_the_field(
    inside: Page, colleague: Page, link: str
) -> None:
    answered(inside, 9)
    other = inside.context.new_page()
    other.goto(inside.url)
    words(inside, 9).focus()
    field(other, 9, "1").fill(str(CUSTOMER.now(9, "1")))
    submit(other, 9)
    expect(card(other, 9).get_by_text("gespeichert, passt zum Verlauf")).to_be_visible()
    expect(card(inside, 9).get_by_text("Inzwischen wurde")).to_be_visible()
    still_answered(inside, 9)
    expect(words(inside, 9)).to_be_focused()
    card(inside, 9).get_by_role("button", name="Mit meiner Eingabe überschreiben").click()
    expect(card(inside, 9).get_by_text(OWN_WORDS)).to_be_visible()


def test_another_value_ends_the_question(inside: Page) -> None:
    answered(inside, 10)
    field(inside, 10).press("End")
    field(inside, 10).press("Backspace")
    expect(right(inside, 10)).to_have_count(0)
    expect(field(inside, 10)).not_to_have_attribute("aria-invalid", "true")
    inside.reload()
    expect(field(inside, 10)).to_have_value(str(CUSTOMER.last(10, "1") + 9000)[:-1])
    expect(right(inside, 10)).to_have_count(0)
    field(inside, 10).fill(str(CUSTOMER.now(10, "1")))
    submit(inside, 10)
    expect(card(inside, 10).get_by_text("gespeichert, passt zum Verlauf")).to_be_visible()


def test_a_value_that_is_typed_while_the_one_before_is_sent_is_not_lost(inside: Page) -> None:
    under_way: list[Route] = []
    inside.route("**/readings", lambda route: under_way.append(route), times=1)
    field(inside, 11).fill(str(CUSTOMER.now(11, "1")))
    with inside.expect_request("**/readings"):
        submit(inside, 11)
    newer = CUSTOMER.now(11, "1") + 7
    field(inside, 11).fill(str(newer))
    with inside.expect_response("**/readings"):
        under_way[0].continue_()
    expect(card(inside, 11).locator(".badge")).not_to_have_text("Offen")
    expect(field(inside, 11)).to_have_value(str(newer))
    expect(field(inside, 11)).to_be_focused()
    inside.reload()
    expect(field(inside, 11)).to_have_value(str(newer))
    submit(inside, 11)
    expect(card(inside, 11).get_by_text(f"{newer:,}".replace(",", "."))).to_be_visible()
    expect(field(inside, 11)).to_have_count(0)


def test_a_value_that_is_corrected_while_the_one_before_is_refused_is_not_asked_about(
    inside: Page,
) -> None:
    under_way: list[Route] = []
    inside.route("**/readings", lambda route: under_way.append(route), times=1)
    field(inside, 12, "2").fill(str(CUSTOMER.last(12, "2") + 9000))
    field(inside, 12).fill(str(CUSTOMER.last(12, "1") + 9000))
    with inside.expect_request("**/readings"):
        submit(inside, 12)
    field(inside, 12, "2").fill(str(CUSTOMER.now(12, "2")))
    with inside.expect_response("**/readings"):
        under_way[0].continue_()
    expect(right(inside, 12)).to_have_count(1)
    inside.wait_for_load_state("networkidle")
    expect(card(inside, 12).locator(".hint")).to_have_count(1)
    expect(field(inside, 12)).to_have_class(re.compile("doubted"))
    expect(field(inside, 12, "2")).not_to_have_class(re.compile("doubted"))
