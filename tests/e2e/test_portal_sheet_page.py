"""The result of a file on a page of its own: what was read, where it leads, what another file or a reload leaves of it."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

import pytest
from playwright.sync_api import FilePayload, Locator, Page, expect

from tests.e2e.asking import speak, through_the_door
from tests.e2e.customers import Customer, asked_customer
from tests.e2e.sight import cramped, each_look, faults, overflow
from tests.e2e.test_portal_fleet_table import at_the_table, field, line, reported
from tests.e2e.test_portal_steady import _WATCH, shifts
from tests.support.running import Application
from tests.support.spreadsheets import XLSX, as_sheets

CUSTOMER = Customer(29821, 12, name="Möwe Druck AG")
HEADS = ("Serial No.", "B&W Total", "Color Total")
NAME = "Zählerstände November.xlsx"


@pytest.fixture(scope="session")
def link(application: Application) -> str:
    return asked_customer(application, CUSTOMER)


def dotted(value: int) -> str:
    return f"{value:,}".replace(",", ".")


def row(n: int, *values: int) -> tuple[str, ...]:
    usual = (CUSTOMER.now(n, "1"), CUSTOMER.now(n, "2"))
    return (f"SN{CUSTOMER.machine(n)}", *map(dotted, values or usual))


def swapped(n: int) -> tuple[str, ...]:
    return row(n, CUSTOMER.now(n, "2"), CUSTOMER.now(n, "1"))


def book(*rows: Sequence[str], name: str = NAME) -> FilePayload:
    content = as_sheets({"Deckblatt": [("Hallo",)], "Zähler": [HEADS, *rows]})
    return FilePayload(name=name, mimeType=XLSX, buffer=content)


BROKEN = FilePayload(name="kaputt.xlsx", mimeType=XLSX, buffer=b"PK\x03\x04 no workbook")


def checked(page: Page, file: FilePayload) -> None:
    page.evaluate("location.hash = '#/fleet'")
    page.get_by_label("Datei (").set_input_files(file)
    page.get_by_role("button", name="Prüfen").click()
    expect(page.locator(".equation")).to_be_visible()


def another(page: Page, file: FilePayload) -> None:
    with page.expect_file_chooser() as chooser:
        page.get_by_role("button", name="Andere Datei").click()
    chooser.value.set_files(file)


def heading(page: Page) -> Locator:
    return page.get_by_role("heading", level=1)


def equation(page: Page) -> str:
    return re.sub("[▲✕✓]", "", page.locator(".equation").inner_text())


def test_a_file_s_result_is_the_drawn_page(desk: Page, link: str) -> None:
    at_the_table(desk, link)
    unknown = ("SN1T2HH450917", "500", "5")
    checked(desk, book(row(1), swapped(2), unknown, ("Summe", "99.000", "88.000"), row(3)))
    expect(heading(desk)).to_have_text(NAME)
    expect(heading(desk)).to_be_focused()
    assert desk.title().startswith(f"{NAME} – Zählerstände melden – ")
    expect(desk.locator(".sheet-head .read")).to_have_text(
        "Blatt „Zähler“, Spalten Serial No., B&W Total, Color Total. 5 Zeilen, Zahlen mit Punkt."
    )
    assert equation(desk) == (
        "5 Zeilen = 1 Gerät zu prüfen + 2 Zeilen nicht erkannt + 2 Geräte bereit · Abgesendet ist noch nichts."
    )
    expect(desk.locator(".sheet-result h2")).to_have_text(
        ["▲1 Gerät zu prüfen", "✕2 Zeilen nicht erkannt", "✓2 Geräte bereit"]
    )
    left = desk.get_by_role("region", name="2 Zeilen nicht erkannt").locator("tbody tr")
    expect(left).to_have_count(2)
    expect(left.last).to_have_text(re.compile("^5Summe; 99.000; 88.000Summenzeile, kein Gerät.$"))
    expect(desk.locator(".sticky > p")).to_have_text(
        "Danach: 2 von 12 gemeldet, 1 zu prüfen (als Entwurf in der Tabelle), 9 offen (nicht in der Datei)"
    )
    expect(desk.locator(".sticky .button")).to_have_text("4 Zählerstände von 2 Geräten absenden")
    bar = desk.locator(".sticky").bounding_box()
    assert bar is not None
    assert (bar["x"], bar["width"], bar["y"] + bar["height"]) == (0, 1366, 768)
    assert desk.locator(".sheet-head").evaluate("one => one.getBoundingClientRect().height") == 48
    expect(desk.get_by_label("Datei (")).to_have_count(0)
    desk.get_by_role("link", name="Zurück zur Tabelle").click()
    expect(desk.locator("tbody.line").first).to_be_visible()


def test_the_way_back_and_a_reload_lose_nothing_of_it(desk: Page, link: str) -> None:
    at_the_table(desk, link)
    checked(desk, book(row(1), swapped(2)))
    before = equation(desk)
    desk.get_by_role("button", name="Beide tauschen").click()
    drafted = desk.locator(".of-decision")
    expect(drafted).to_contain_text("Als Entwurf in der Tabelle: S/W")
    expect(drafted).to_be_focused()
    desk.go_back()
    expect(heading(desk)).to_have_text("Viele Geräte per Tabelle")
    desk.get_by_role("link", name=NAME).click()
    expect(heading(desk)).to_have_text(NAME)
    desk.reload()
    expect(heading(desk)).to_have_text(NAME)
    assert equation(desk) == before
    expect(drafted).to_contain_text("Als Entwurf in der Tabelle: S/W")
    speak(desk)
    expect(desk.get_by_text("Nothing has been sent yet.")).to_be_visible()
    expect(desk.locator(".sheet-head .read")).to_have_text(
        "Sheet “Zähler”, columns Serial No., B&W Total, Color Total. 2 rows, numbers with points."
    )
    expect(desk.locator(".sticky > p")).to_have_text(
        "Then: 1 of 12 reported, 1 filled in (as drafts in the table), 10 open (not in the file)"
    )
    speak(desk)
    for meter in "12":
        desk.evaluate("location.hash = '#/'")
        expect(field(desk, 2, meter, CUSTOMER)).to_have_value(str(CUSTOMER.now(2, meter)))
        field(desk, 2, meter, CUSTOMER).fill("")


def test_another_file_replaces_everything_and_one_that_fails_clears_it(
    desk: Page, link: str
) -> None:
    at_the_table(desk, link)
    checked(desk, book(row(1), swapped(2)))
    another(desk, book(row(3), row(4), name="Nachtrag.xlsx"))
    expect(heading(desk)).to_have_text("Nachtrag.xlsx")
    expect(heading(desk)).to_be_focused()
    assert equation(desk) == "2 Zeilen = 2 Geräte bereit · Abgesendet ist noch nichts."
    for fail in ("broken", "large", "lost"):
        if fail == "lost":
            desk.route("**/api/fleet?dry_run=1", lambda route: route.abort())
        large = FilePayload(name="gross.csv", mimeType="text/csv", buffer=b"1" * 1_000_001)
        file = {"broken": BROKEN, "large": large}.get(fail, book(row(3)))
        another(desk, file)
        expect(desk.get_by_role("alert").locator("visible=true")).not_to_be_empty()
        expect(heading(desk)).to_have_text(file["name"])
        expect(heading(desk)).to_be_focused()
        for gone in (".equation", ".sheet-part", ".sheet-page .sticky"):
            expect(desk.locator(gone)).to_have_count(0)
        expect(desk.locator(".sheet-head .read")).to_be_empty()
    desk.unroute("**/api/fleet?dry_run=1")
    desk.reload()
    expect(desk.get_by_text("Die Datei vom letzten Mal ist nicht mehr da.")).to_be_visible()
    expect(heading(desk)).to_have_text("Viele Geräte per Tabelle")
    assert desk.url.endswith("#/fleet")


def test_what_is_sent_stands_at_the_other_side_and_the_rest_in_the_table(
    application: Application, desk: Page, link: str
) -> None:
    at_the_table(desk, link)
    checked(desk, book(row(5), row(6, CUSTOMER.last(6, "1") - 500, CUSTOMER.now(6, "2"))))
    desk.get_by_role("button", name="2 Zählerstände von 1 Gerät absenden").click()
    expect(desk.locator(".equation")).to_be_focused()
    assert equation(desk) == "2 Zeilen = 1 Gerät zu prüfen + 1 Gerät gespeichert · Gespeichert."
    assert reported(application, 5, CUSTOMER) == {m: CUSTOMER.now(5, m) for m in "12"}
    assert reported(application, 6, CUSTOMER) == {}
    said = desk.locator(".sticky > p")
    expect(said).to_have_text(
        "1 von 12 gemeldet, 1 zu prüfen (als Entwurf in der Tabelle), 10 offen (nicht in der Datei)"
    )
    desk.reload()
    expect(desk.get_by_text("Gespeichert.", exact=False).first).to_be_visible()
    expect(said).to_contain_text("1 von 12 gemeldet")
    expect(desk.get_by_role("button", name="absenden")).to_have_count(0)
    desk.get_by_role("button", name="1 Gerät in der Tabelle prüfen").click()
    expect(field(desk, 6, "1", CUSTOMER)).to_be_focused()
    expect(line(desk, 6, CUSTOMER).locator(".under")).to_be_visible()
    expect(line(desk, 5, CUSTOMER).locator(".state")).to_contain_text("gemeldet")
    for meter in "12":
        field(desk, 6, meter, CUSTOMER).fill("")


def test_the_first_values_leave_the_other_parts_in_view(desk: Page, link: str) -> None:
    at_the_table(desk, link)
    checked(desk, book(*(swapped(n) for n in range(7, 12)), row(12), ("Summe",)))
    shown = desk.get_by_role("region", name="5 Geräte zu prüfen").locator("tbody tr")
    assert shown.locator("visible=true").count() == 6
    ready = desk.get_by_role("heading", name="1 Gerät bereit").bounding_box()
    assert ready is not None
    assert ready["y"] < 712
    desk.get_by_role("button", name="alle 10 zeigen").click()
    assert shown.locator("visible=true").count() == 10
    expect(desk.locator(".of-machine:focus")).to_contain_text(f"SN{CUSTOMER.machine(10)}")


@pytest.mark.parametrize("device", ["desk", "contact"])
def test_it_is_accessible_fits_every_window_and_holds_still(
    link: str, device: str, request: pytest.FixtureRequest
) -> None:
    page: Page = request.getfixturevalue(device)
    through_the_door(page, link)
    expect(page.locator("input.digits").first).to_be_visible()
    checked(page, book(row(7), swapped(8), swapped(9), ("SN-nie", "5"), ("Summe", "1", "2")))
    for look in each_look(page):
        assert faults(page, look) == [], look
    assert cramped(page) == []
    assert overflow(page) == []
    inside = "(all) => all.filter((one) => one.scrollWidth > one.clientWidth).length"
    assert page.locator(".wide-table").evaluate_all(inside) == 0
    page.context.add_init_script(_WATCH)
    page.reload()
    expect(page.locator(".equation")).to_be_visible()
    assert shifts(page) == []


def test_a_phone_stacks_each_machine_with_targets_for_fingers(contact: Page, link: str) -> None:
    through_the_door(contact, link)
    expect(contact.locator("input.digits").first).to_be_visible()
    checked(contact, book(swapped(8)))
    expect(contact.get_by_role("link", name="Zurück zu den Geräten")).to_be_visible()
    boxes: list[dict[str, Any]] = contact.locator(
        ".sheet-page :is(a, button):visible"
    ).evaluate_all("all => all.map((one) => one.getBoundingClientRect().toJSON())")
    assert [box for box in boxes if box["height"] < 44] == []
    hint, last = (
        contact.locator(selector).last.bounding_box()
        for selector in (".of-hint", ".stacking .count")
    )
    assert hint is not None
    assert last is not None
    assert hint["y"] > last["y"], "the question stands behind all of the machine's values"


def test_nothing_is_left_of_it_where_nothing_can_be_kept_or_somebody_has_logged_out(
    desk: Page, link: str
) -> None:
    at_the_table(desk, link)
    checked(desk, book(row(7)))
    assert desk.evaluate("sessionStorage.getItem('meterportal.sheet')")
    desk.get_by_text("Menü").click()
    desk.get_by_role("button", name="Abmelden").click()
    expect(desk.locator(".door h1")).to_be_visible()
    assert desk.evaluate("sessionStorage.getItem('meterportal.sheet')") is None
    desk.goto("about:blank")
    desk.goto(link)
    expect(desk.locator("tbody.line").first).to_be_visible()
    desk.evaluate("location.hash = '#/fleet/result'")
    expect(desk.get_by_text("Die Datei vom letzten Mal ist nicht mehr da.")).to_be_visible()
    desk.evaluate("() => { Storage.prototype.setItem = () => { throw new Error('full') } }")
    checked(desk, book(row(7)))
    desk.reload()
    expect(desk.get_by_text("Bitte wählen Sie sie noch einmal")).to_be_visible()
