"""The head at a desk, as drawn: for whom in the page's head; how many and until when, the ways and the day above the table."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.asking import enter, speak, through_the_door
from tests.e2e.customers import Customer, asked_customer
from tests.e2e.sight import faults
from tests.support.running import Application

FIRST = Customer(29831, 120, name="Gemeinnützige Wohnungsbaugenossenschaft Hafenlogistik eG")
SECOND = Customer(29832, 7, address=FIRST.mailbox, name="Zweite Nordhafen GmbH")
ALONE = Customer(29833, 24, name="Möwe Archiv AG", later=6)
LATE = Customer(29834, 8, name="Möwe Spät AG", due="20.11.2026")


@pytest.fixture(scope="session")
def link(application: Application) -> str:
    return asked_customer(application, FIRST, SECOND)


@pytest.fixture(scope="session")
def alone(application: Application) -> str:
    return asked_customer(application, ALONE)


def at_the_table(page: Page, link: str) -> Page:
    through_the_door(page, link)
    expect(page.locator("tbody.line").first).to_be_visible()
    return page


def test_the_page_s_head_says_for_whom_and_leads_to_the_other_company(
    desk: Page, link: str
) -> None:
    at_the_table(desk, link)
    banner, heading = desk.get_by_role("banner"), desk.get_by_role("heading", level=1)
    mine, other = (FIRST, SECOND) if FIRST.name in banner.inner_text() else (SECOND, FIRST)
    said = banner.locator(".whom-line > span")
    expect(said).to_have_text(f"Sie melden für {mine.name} als m***@kunde29831.example")
    expect(heading).to_have_text(f"{mine.machines} Geräte")
    expect(heading).to_be_focused()
    assert desk.title().startswith(f"{mine.machines} Geräte – Zählerstände melden – ")
    expect(desk.get_by_text("Firma wechseln")).to_have_count(1)
    speak(desk)
    expect(said).to_have_text(f"You are reporting for {mine.name} as m***@kunde29831.example")
    expect(heading).to_have_text(f"{mine.machines} machines")
    speak(desk)
    expect(said).to_have_text(re.compile("^Sie melden"))
    desk.evaluate("location.hash = '#/account'")
    expect(heading).to_have_text("Konto und Passwort")
    expect(said).to_contain_text(mine.name)
    desk.evaluate("location.hash = '#/'")
    switch = banner.get_by_text("Firma wechseln")
    switch.press("Enter")
    expect(banner.get_by_role("button", name=other.name)).to_be_visible()
    assert faults(desk) == []
    banner.get_by_role("button", name=other.name).press("Enter")
    expect(said).to_contain_text(f"Sie melden für {other.name}")
    expect(heading).to_have_text(f"{other.machines} Geräte")
    expect(said).to_have_count(1)


def test_cards_and_who_has_left_have_no_such_line(desk: Page, contact: Page, alone: str) -> None:
    at_the_table(desk, alone)
    expect(desk.locator(".whom-line")).to_have_count(1)
    expect(desk.get_by_text("Firma wechseln")).to_have_count(0)
    desk.get_by_text("Menü").click()
    expect(desk.get_by_text("Angemeldet als")).to_be_hidden()
    desk.get_by_role("button", name="Als Karten").click()
    expect(desk.locator("article.machine").first).to_be_visible()
    expect(desk.locator(".whom-line")).to_have_count(0)
    expect(desk.get_by_role("heading", level=1)).to_have_text(f"Sie melden für {ALONE.name}")
    desk.get_by_text("Menü").click()
    expect(desk.get_by_text("Angemeldet als")).to_be_visible()
    desk.get_by_role("button", name="Als Tabelle").click()
    expect(desk.locator(".whom-line")).to_have_count(1)
    desk.get_by_text("Menü").click()
    desk.get_by_role("button", name="Abmelden").click()
    expect(desk.locator(".door h1")).to_be_visible()
    expect(desk.locator(".whom-line")).to_have_count(0)
    enter(contact, alone)
    expect(contact.locator(".whom-line")).to_have_count(0)


def test_beside_the_count_stands_only_the_true_sentence(
    application: Application, desk: Page, alone: str
) -> None:
    """What is not due yet is counted, too: they are machines."""
    at_the_table(desk, alone)
    expect(desk.get_by_role("heading", level=1)).to_have_text("24 Geräte")
    expect(desk.locator(".until")).to_have_text(
        re.compile("^Bitte bis 28.11.2026, sonst darf Ihr Händler schätzen")
    )
    late = asked_customer(application, LATE)
    desk.context.clear_cookies()
    desk.goto("about:blank")
    desk.goto(late)
    expect(desk.locator(".until")).to_have_text(
        "Überfällig seit 20.11.2026. Ohne Ihre Meldung darf Ihr Händler schätzen."
    )


_PLACES = """() => {
  const box = (selector) => document.querySelector(selector).getBoundingClientRect();
  const find = document.querySelector("#find");
  const style = getComputedStyle(find);
  const pen = document.createElement("canvas").getContext("2d");
  pen.font = `${style.fontSize} ${style.fontFamily}`;
  return {
    lines: [".top", ".table-ways", ".with-table > .find", ".table-day"].map((one) => box(one).height),
    beside: box(".table-day").top === box(".with-table > .find").top,
    apart: box(".table-day").left - box("fieldset.states").right,
    hint: find.clientWidth - parseFloat(style.paddingLeft) - parseFloat(style.paddingRight) - pen.measureText(find.placeholder).width,
    wide: document.documentElement.scrollWidth - innerWidth,
  };
}"""


@pytest.mark.parametrize("width", [1024, 1100, 1216, 1366])
def test_each_line_is_48_px_high_and_the_day_shares_one(desk: Page, link: str, width: int) -> None:
    """With a name of two lines, in both languages; the search's hint is not cut off."""
    desk.set_viewport_size({"width": width, "height": 768})
    at_the_table(desk, link)
    for language in ("de", "en"):
        if language == "en":
            speak(desk)
            expect(desk.locator(".table-day")).to_contain_text("Read today")
        found = desk.evaluate(_PLACES)
        assert found["lines"] == [48, 48, 48, 48], language
        assert found["beside"], language
        assert min(found["apart"], found["hint"]) >= 0, (language, found)
        assert found["wide"] <= 0, language
    speak(desk)


def test_counts_of_four_digits_give_the_day_a_line_where_there_is_no_room(
    application: Application, desk: Page
) -> None:
    desk.set_viewport_size({"width": 1024, "height": 768})
    at_the_table(desk, asked_customer(application, Customer(29835, 1003, first=9000, step=4000)))
    for width, beside in ((1024, False), (1140, True)):
        desk.set_viewport_size({"width": width, "height": 768})
        found = desk.evaluate(_PLACES)
        assert found["beside"] is beside
        assert found["hint"] >= 0
        assert found["wide"] <= 0
        if beside:
            assert found["apart"] >= 0


def test_four_counters_fit_a_laptop(desk: Page, alone: str) -> None:
    at_the_table(desk, alone)
    least = desk.locator(".fleet-table").evaluate(
        "one => { one.dataset.kinds = '4'; one.style.setProperty('--kinds', '4'); return parseFloat(getComputedStyle(one).minWidth) }"
    )
    assert 1300 < least <= 1366
