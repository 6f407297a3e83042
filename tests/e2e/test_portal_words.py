"""Words and sizes as drawn: a title for every screen, a name for every field, targets for a thumb, the measures."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.asking import enter, speak
from tests.e2e.customers import Customer, asked_customer
from tests.e2e.test_portal_fleet_table import at_the_table
from tests.support.running import Application

LIST = Customer(27481, 7, name="Zaunkönig Druck GmbH")
ONE = Customer(27482, 1, name="Zaunkönig Post GmbH")
DONE = Customer(27483, 1, name="Zaunkönig Satz GmbH")
SCREENS = (
    *("account", "fleet", "machines", "receipt", "stickers", "successor"),
    *("help", "history", "problem"),
)
OF_A_MACHINE = ("help", "history", "problem")
MANY_OF_ONE = re.compile(
    r"\b(1 (Geräte|Geräten|Zählerstände|Zeilen|Werte|Angaben)|All[en]* 1|1 (machines|readings|rows))\b"
)
"""A plural beside one."""

TOO_SMALL = """() => [...document.querySelectorAll("header :is(a, button, summary), main :is(a, button, summary, input, select, textarea)")]
  .filter((one) => one.checkVisibility() && !one.closest(".unseen, .skip"))
  .map((one) => [one, (one.matches("[type=radio], [type=checkbox]") ? one.closest(".option") : one).getBoundingClientRect()])
  .filter(([, { width, height }]) => width > 1 && (width < 43.5 || height < 43.5))
  .map(([one, { width, height }]) => `${one.outerHTML.slice(0, 80)}: ${width} x ${height}`)"""
"""What a thumb misses: less than 44 pixels wide or high."""

SIZE = "one => [one.offsetWidth, one.offsetHeight]"


def fields(page: Page) -> list[str]:
    """The accessible names of all counters' fields."""
    names: list[str] = page.locator("input.digits").evaluate_all(
        """all => all.map((one) => one.ariaLabel || one.getAttribute("aria-labelledby").split(" ")
          .map((id) => document.getElementById(id)?.textContent.trim()).filter(Boolean).join(" "))"""
    )
    return names


def open_screen(page: Page, customer: Customer, screen: str) -> None:
    there = f"{screen}/{customer.machine(1)}" if screen in OF_A_MACHINE else screen
    page.evaluate("to => { location.hash = to }", f"#/{there}")
    expect(page.locator(".screen h1")).to_be_visible()
    page.wait_for_load_state("networkidle")


def test_every_screen_has_a_title_of_its_own_and_targets_for_a_thumb(
    application: Application, contact: Page
) -> None:
    link = asked_customer(application, LIST)
    contact.goto(link)
    expect(contact.locator(".door h1")).to_be_visible()
    titles = {"door": contact.title()}
    small = {"door": contact.evaluate(TOO_SMALL)}
    contact.goto("about:blank")
    contact.goto(f"{application.url}/#/login")
    expect(contact.locator(".door h1")).to_be_visible()
    titles["login"], small["login"] = contact.title(), contact.evaluate(TOO_SMALL)
    contact.goto("about:blank")
    enter(contact, link)
    expect(contact.locator("#find")).to_be_visible()
    titles["overview"], small["overview"] = contact.title(), contact.evaluate(TOO_SMALL)
    for screen in SCREENS:
        open_screen(contact, LIST, screen)
        expect(contact).not_to_have_title(list(titles.values())[-1])
        titles[screen], small[screen] = contact.title(), contact.evaluate(TOO_SMALL)
        for look in ("en", "de"):
            speak(contact)
            expect(contact.locator("html")).to_have_attribute("lang", look)
            text = contact.locator("main").inner_text()
            assert MANY_OF_ONE.findall(text) == [], (screen, look)
    assert len(set(titles.values())) == len(titles), titles
    assert {screen: found for screen, found in small.items() if found} == {}


def test_one_machine_is_spoken_of_as_one_in_both_languages(
    application: Application, contact: Page
) -> None:
    enter(contact, asked_customer(application, DONE))
    if contact.locator("input.digits").count():  # unless a first try of this test has sent them
        for meter in "12":
            contact.locator(f"#m-{DONE.machine(1)}-{meter}").fill(str(DONE.now(1, meter)))
        contact.locator("[type=submit]").click()
    expect(contact.get_by_role("heading", name="Danke, alles gemeldet.")).to_be_visible()
    for screen in ("", "receipt", "fleet", "stickers"):
        contact.evaluate("to => { location.hash = to }", f"#/{screen}")
        if screen:
            expect(contact.locator(".screen h1")).to_be_focused()
        for look in ("en", "de"):
            speak(contact)
            expect(contact.locator("html")).to_have_attribute("lang", look)
            text = contact.locator("main").inner_text()
            assert MANY_OF_ONE.findall(text) == [], (screen, look)
        if screen == "receipt":
            expect(contact.get_by_text("Das Gerät ist gemeldet.")).to_be_visible()
            contact.emulate_media(media="print")
            expect(contact.get_by_text("Bürotechnik Sommer GmbH").last).to_be_visible()
            contact.emulate_media(media="screen")


def test_every_field_is_named_by_counter_machine_and_place(
    application: Application, contact: Page, desk: Page
) -> None:
    link = asked_customer(application, LIST)
    enter(contact, link)
    contact.locator("article.machine").last.scroll_into_view_if_needed()
    names = fields(contact)
    assert len(names) == len(set(names)) == 2 * LIST.machines
    kind = re.compile(
        r"(Schwarzweiß|Farbe) Seiten (Ricoh IM C3000|Kyocera TASKalfa 3554ci) Raum 10\d"
    )
    assert [name for name in names if not kind.fullmatch(name)] == []
    words = contact.locator("article.machine .display [lang=de]").all_inner_texts()
    assert set(words) == {"Schwarz", "Vollfarbe"}
    assert len(words) == contact.locator("article.machine .display").count()
    at_the_table(desk, link)
    lines = fields(desk)
    assert len(lines) == len(set(lines)) == 2 * LIST.machines


@pytest.mark.parametrize("width", [390, 320])
def test_one_machine_has_the_drawn_measures(
    application: Application, contact: Page, width: int
) -> None:
    contact.set_viewport_size({"width": width, "height": 844})
    enter(contact, asked_customer(application, ONE))
    field, button = contact.locator("input.digits").first, contact.locator("[type=submit]")
    assert contact.locator("header").evaluate(SIZE)[1] == 52
    wide, high = field.evaluate(SIZE)
    assert (high, 140 <= wide <= 204) == (56, True)
    assert wide == 204 or width == 320
    assert button.evaluate(SIZE)[1] == 48
    assert field.evaluate("one => getComputedStyle(one).fontSize") == "24px"
    assert contact.locator("h1").evaluate("one => getComputedStyle(one).fontSize") == "22px"
    name, end = contact.locator("h1").bounding_box(), button.bounding_box()
    assert name
    assert end
    if width == 390:
        assert end["y"] + end["height"] - name["y"] <= 382
    contact.keyboard.press("Tab")
    field.focus()
    ring = field.evaluate(
        "one => [getComputedStyle(one).outlineWidth, getComputedStyle(one).outlineOffset]"
    )
    assert ring == ["3px", "2px"]
    label, beside = (contact.locator(one).first.bounding_box() for one in ("label", ".last"))
    box = field.bounding_box()
    assert label
    assert beside
    assert box
    assert label["y"] + label["height"] <= box["y"]
    assert beside["x"] >= box["x"] + box["width"]


def test_the_overview_has_the_drawn_measures(application: Application, contact: Page) -> None:
    enter(contact, asked_customer(application, LIST))
    expect(contact.locator("#find")).to_be_visible()
    contact.wait_for_load_state("networkidle")
    cards = contact.locator("article.machine.open")
    heights = cards.evaluate_all("all => all.slice(0, 3).map((one) => one.offsetHeight)")
    assert max(heights) <= 182, heights
    assert contact.locator("input.digits").first.evaluate(SIZE) == [150, 44]
    first = contact.locator("input.digits").first
    assert first.evaluate("one => getComputedStyle(one).fontSize") == "20px"
    first.fill("1")
    bar = contact.locator(".sticky").bounding_box()
    assert bar
    assert (bar["x"], bar["width"], 60 <= bar["height"] <= 70) == (0, 390, True)
    whole = contact.locator("article.machine").evaluate_all(
        "all => all.filter((one) => one.getBoundingClientRect().bottom <= 844).length"
    )
    assert whole >= 2


def test_the_table_has_the_drawn_measures(application: Application, desk: Page) -> None:
    at_the_table(desk, asked_customer(application, LIST))
    first = desk.locator("tbody.line").first
    assert desk.locator("header").evaluate(SIZE)[1] == 48
    assert first.locator("tr.main").evaluate(SIZE)[1] == 36
    assert first.locator("input.digits").first.evaluate(SIZE)[1] == 30
    assert desk.locator(".sticky").evaluate(SIZE)[1] in range(56, 64)
    for width in (1366, 1280, 1024):
        desk.set_viewport_size({"width": width, "height": 768})
        scrolled = desk.evaluate("document.documentElement.scrollWidth - innerWidth")
        assert scrolled <= 0, width
        box = desk.locator(".wide-fleet").evaluate("one => one.scrollWidth - one.clientWidth")
        assert box <= 0, width
    expect(desk.locator("th.room")).to_be_hidden()
    expect(first.get_by_text("Raum 101")).to_be_visible()
