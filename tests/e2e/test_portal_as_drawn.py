"""What was found when the drawn screens' pictures were laid beside the drawings: order, one line, one filled button."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Locator, Page, ViewportSize, expect

from tests.e2e.asking import speak, through_the_door
from tests.e2e.customers import Customer, asked_customer
from tests.e2e.drawn import asked_as_drawn, companies
from tests.e2e.drawn_screens import DESK
from tests.support.running import Application

DRAWN = companies(18001)
_HEIGHT = "one => one.getBoundingClientRect().height"


@pytest.fixture(scope="session")
def link(application: Application) -> str:
    return asked_as_drawn(application, DRAWN["one"])


def top(element: Locator) -> float:
    box = element.bounding_box()
    assert box is not None
    return box["y"]


def field(page: Page, meter: str) -> Locator:
    return page.locator(f"#m-{DRAWN['one'].machine(0)}-{meter}")


def test_the_door_s_button_is_as_wide_as_its_text(contact: Page, link: str) -> None:
    contact.goto(link)
    button = contact.locator(".door .large")
    expect(button).to_be_visible()
    width = "one => one.getBoundingClientRect().width"
    assert button.evaluate(width) == contact.locator(".door").evaluate(width)
    expect(contact.locator(".door li strong")).to_have_text(["Nichts geht verloren.", "Vertippt?"])


def test_behind_the_only_machine_stands_the_day_and_then_its_ways(contact: Page, link: str) -> None:
    through_the_door(contact, link)
    due, ways = contact.get_by_text("Bitte bis"), contact.get_by_role("link", name="Verlauf")
    assert top(contact.locator("[type=submit]")) < top(due) < top(ways)


def test_the_suggestion_in_one_line_leaves_the_sending_filled(contact: Page, link: str) -> None:
    through_the_door(contact, link)
    field(contact, "1").fill("166.601")
    field(contact, "2").focus()
    line = contact.locator(".hint.short .brief")
    expect(line).to_be_visible()
    height = "one => one.getBoundingClientRect().height"
    assert (line.evaluate(height), line.locator(".more").evaluate(height)) == (52, 44)
    send = contact.locator("article [type=submit]")
    expect(send).not_to_have_class(re.compile("outlined"))
    field(contact, "2").fill("24817")
    field(contact, "2").blur()
    expect(contact.locator(".hint svg")).to_be_visible()
    expect(send).to_have_class(re.compile("outlined"))
    field(contact, "1").fill("")
    field(contact, "2").fill("")


def test_a_counter_that_is_called_as_its_kind_has_one_name_in_each_language(
    contact: Page, link: str
) -> None:
    through_the_door(contact, link)
    label = contact.locator(f"label[for='{field(contact, '2').get_attribute('id')}']")
    expect(label).to_have_text("Farbe Seiten")
    speak(contact)
    expect(label).to_have_text("Colour pages")
    speak(contact)


def test_a_field_stays_as_it_is_when_it_is_used(contact: Page, link: str) -> None:
    """In use it is laid out by itself, so that a key costs no layout of what stands around it."""
    through_the_door(contact, link)
    contact.mouse.wheel(0, 1)  # What is in use is styled with the first touch.
    one = field(contact, "1")
    before = one.bounding_box()
    page_height = contact.evaluate("document.documentElement.scrollHeight")
    one.focus()
    expect(one).to_have_css("contain", "size layout")
    assert one.bounding_box() == before
    assert contact.evaluate("document.documentElement.scrollHeight") == page_height


def test_thanks_come_first_then_the_values_then_how_it_goes_on(
    application: Application, contact: Page
) -> None:
    through_the_door(contact, asked_as_drawn(application, companies(18011)["one"]))
    for n, value in enumerate(("66.601", "24.817")):
        contact.locator("input.digits").nth(n).fill(value)
    contact.locator("[type=submit]").click()
    thanks = contact.get_by_role("heading", name="Danke, alles gemeldet.")
    further = contact.get_by_role("heading", name="Wie es weitergeht")
    expect(further).to_be_visible()
    assert top(thanks) < top(contact.get_by_text("66.601")) < top(further)
    assert contact.evaluate(  # As a screen reader and the Tab key go.
        """() => Boolean(document.querySelector(".stored").compareDocumentPosition(document.querySelector(".further")) & 4)"""
    )


@pytest.mark.parametrize(("size", "lines"), [(DESK, 11), ({"width": 1280, "height": 900}, 14)])
def test_so_many_machines_and_a_hint_are_in_view_at_a_desk(
    application: Application, desk: Page, size: ViewportSize, lines: int
) -> None:
    """Two lines of 48 px stand between the page's head and the table's, 56 below: the rest is machines'."""
    desk.set_viewport_size(size)
    fleet = Customer(29713, 40, a_floor=5)
    through_the_door(desk, asked_customer(application, fleet))
    doubted = desk.locator(f"#m-{fleet.machine(2)}-1")
    doubted.fill("7")
    doubted.press("Tab")
    hint = desk.locator(".line.doubtful .under")
    expect(hint).to_be_visible()
    desk.evaluate("scrollTo(0, 0)")
    head, bar = (
        desk.locator(".fleet-table thead").bounding_box(),
        desk.locator(".sticky").bounding_box(),
    )
    assert head is not None
    assert bar is not None
    heights = {
        "tools": desk.locator(".table-ways").evaluate(_HEIGHT),
        "search": desk.locator(".with-table > .find").evaluate(_HEIGHT),
        "head": head["height"],
        "line": desk.locator(".line .main").first.evaluate(_HEIGHT),
        "place": desk.locator(".place").first.evaluate(_HEIGHT),
        "bar": bar["height"],
    }
    assert heights == {"tools": 48, "search": 48, "head": 48, "line": 36, "place": 26, "bar": 56}
    assert hint.evaluate(_HEIGHT) <= 44
    shown = "(all, [from, to]) => all.map((one) => one.getBoundingClientRect()).filter(({ top, bottom }) => top >= from && bottom <= to).length"
    edges = [head["y"] + head["height"], bar["y"]]
    assert desk.locator("tbody.line").evaluate_all(shown, edges) == lines
    doubted.fill("")


def test_the_tools_of_the_table_are_those_of_the_drawing(
    application: Application, desk: Page
) -> None:
    through_the_door(desk, asked_customer(application, Customer(29714, 8)))
    ways = desk.locator(".table-ways")
    expect(ways.locator(".button")).to_have_text(
        ["Werte einfügen", "Datei hochladen", "Excel herunterladen"]
    )
    how = desk.get_by_text("Zellen einer Tabelle kopieren")
    expect(how).to_be_hidden()
    ways.get_by_role("button", name="Werte einfügen").press("Enter")
    expect(how).to_be_focused()
    with desk.expect_download() as down:
        ways.get_by_role("button", name="Excel herunterladen").click()
    assert down.value.suggested_filename.endswith(".xlsx")
    expect(desk.get_by_text("Abgelesen heute, 23.11.2026")).to_be_visible()
    desk.get_by_role("button", name="Datum der Ablesung ändern, alle Geräte").press("Enter")
    expect(desk.get_by_label("Abgelesen am")).to_be_focused()
    ways.get_by_role("link", name="Datei hochladen").click()
    expect(desk.get_by_role("heading", name="Viele Geräte per Tabelle")).to_be_focused()


def test_the_result_of_a_sheet_takes_the_window(application: Application, desk: Page) -> None:
    desk.set_viewport_size(DESK)
    company = companies(18021)["twelve"]
    through_the_door(desk, asked_as_drawn(application, company))
    expect(desk.locator("tbody.line").first).to_be_attached()
    desk.evaluate("location.hash = '#/fleet'")
    rows = [f"{company.copiers[9].serial}\t1\t9310", f"{company.copiers[9].serial}\t2\t24402"]
    desk.get_by_label("Oder Zellen aus").fill(
        "\n".join(["Seriennummer\tZählernummer\tNeuer Stand", *rows])
    )
    desk.get_by_role("button", name="Prüfen").click()
    table = desk.locator(".sheet-result .wide-table").first
    expect(table).to_be_visible(timeout=60_000)
    assert table.evaluate("one => one.scrollWidth <= one.clientWidth")


def test_the_way_to_the_help_has_its_sign(contact: Page, link: str) -> None:
    through_the_door(contact, link)
    way = contact.get_by_role("link", name="Wie lese ich ab?", exact=True)
    expect(way).to_be_visible()
    sign = way.evaluate("one => getComputedStyle(one, '::before').content")
    assert sign.startswith('"?"')


def test_what_is_expected_is_told_in_round_numbers_the_likely_one_bold(
    contact: Page, link: str
) -> None:
    through_the_door(contact, link)
    field(contact, "1").fill("166.601")
    field(contact, "1").blur()
    told = contact.locator(".hint .sentences p").nth(1)
    expect(told).to_have_text(
        re.compile(r"Erwartet: etwa \d\d\.\d00, zwischen \d\d\.\d00 und \d\d\.\d00\.")
    )
    expect(told.locator("strong")).to_have_text(re.compile(r"^\d\d\.\d00$"))
    expect(contact.locator(".hint svg .limits").first).to_have_text(re.compile("00$"))
    field(contact, "1").fill("")


def test_the_help_draws_the_display_in_its_own_words(contact: Page, link: str) -> None:
    through_the_door(contact, link)
    contact.get_by_role("link", name="Wie lese ich ab?", exact=True).click()
    lines = contact.locator(".shows p")
    expect(lines).to_have_text(["Zähler", "1Schwarz0061204", "2Vollfarbe0023426"])
    expect(contact.locator(".shows")).to_have_attribute("aria-hidden", "true")
    expect(contact.locator(".compare tbody .nth")).to_have_text(["1", "2"])
    expect(contact.locator(".screen img")).to_have_count(0)
    on = contact.get_by_role("button", name="Weiter zum Eintragen")
    width = "one => one.getBoundingClientRect().width"
    assert on.evaluate(width) == contact.locator(".screen").evaluate(width)


def test_what_is_reported_for_one_of_several_companies_can_be_looked_at(
    application: Application, contact: Page
) -> None:
    three = companies(18041)
    asking = (three[one] for one in ("of three", "bakery", "office"))
    through_the_door(contact, asked_as_drawn(application, *asking))
    for n, copier in enumerate(three["of three"].copiers):
        for meter, (_, now) in copier.values.items():
            contact.locator(f"#m-{three['of three'].machine(n)}-{meter}").fill(str(now))
    contact.locator(".sticky .button").click()
    contact.get_by_role("button", name="Ansehen oder ändern").click()
    expect(contact.locator("article.machine .name").first).to_be_focused()
