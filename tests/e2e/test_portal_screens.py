"""The customer's screens beside the overview, as a contact uses them."""

from __future__ import annotations

import io
import re
from pathlib import Path

import pytest
from openpyxl import load_workbook
from playwright.sync_api import Page, expect

from tests.e2e.asking import asked, enter, way
from tests.e2e.sight import each_look, faults, overflow
from tests.support.running import Application

COMPANY, ADDRESS = "10203", "t.dvorak5074@firma10203.example"
SCREENS = ("account", "successor", "fleet", "stickers", "receipt", "help", "history", "problem")


@pytest.fixture
def inside(application: Application, contact: Page) -> Page:
    """A contact of eight machines, signed in."""
    enter(contact, asked(application, COMPANY, ADDRESS))
    return contact


def first_machine(page: Page) -> str:
    named = page.locator("article.machine").first.get_attribute("id")
    assert named
    return named.removeprefix("machine-")


def open_screen(page: Page, screen: str) -> None:
    """By its own address, as a bookmark does; machines' screens for the first machine."""
    if screen in ("help", "history", "problem"):
        screen = f"{screen}/{first_machine(page)}"
    page.evaluate("fragment => { location.hash = fragment }", f"#/{screen}")
    expect(page.locator(".screen h1")).to_be_visible()


@pytest.mark.parametrize("screen", SCREENS)
def test_a_screen_is_accessible_and_never_wider_than_the_window(inside: Page, screen: str) -> None:
    open_screen(inside, screen)
    expect(inside.locator(".screen h1")).to_be_focused()
    for look in each_look(inside):
        expect(inside.locator(".screen h1")).to_be_visible()
        assert faults(inside, look) == [], look
    assert overflow(inside) == []
    inside.get_by_role("link", name="Zurück zu den Geräten").click()
    expect(inside.locator("article.machine").first).to_be_visible()


def test_the_history_says_in_a_table_what_the_chart_shows(inside: Page) -> None:
    open_screen(inside, "history")
    section = inside.locator(".past").first
    bars, rows = section.locator("rect").count(), section.locator("tbody tr").count()
    assert bars == rows - 1 >= 2  # the oldest reading has no usage before it
    expect(section.get_by_role("img")).to_have_attribute(
        "aria-label", re.compile("Seiten von Ablesung zu Ablesung")
    )


def test_the_help_names_every_counter_of_the_machine(inside: Page) -> None:
    machine = first_machine(inside)
    labels = inside.locator(f"#machine-{machine} .meter label").all_inner_texts()
    way(inside.locator(f"#machine-{machine}"), "Wie lese ich ab?").click()
    expect(inside.locator("ol.steps li").nth(1)).to_be_visible()
    rows = inside.locator("table.compare tbody th").all_inner_texts()
    assert rows
    assert len(rows) == len(labels)
    inside.get_by_role("button", name="Weiter zum Eintragen").click()
    expect(inside.locator(f"#machine-{machine} input.digits").first).to_be_focused()


def test_a_problem_is_reported_and_withdrawn(inside: Page) -> None:
    machine = first_machine(inside)
    open_screen(inside, "problem")
    inside.get_by_role("button", name="Problem melden").click()
    expect(inside.get_by_text("Bitte wählen Sie, was nicht stimmt.")).to_be_visible()
    inside.get_by_label("Ich kann den Zähler nicht ablesen").check()
    inside.get_by_label("Genaueres").fill("Die Anzeige ist dunkel.")
    inside.get_by_role("button", name="Problem melden").click()
    expect(inside.get_by_role("heading", name="Danke, Ihr Händler weiß Bescheid")).to_be_visible()
    inside.get_by_role("link", name="Zurück zu den Geräten").click()
    card = inside.locator(f"#machine-{machine}")
    expect(card.get_by_text("Problem gemeldet")).to_be_visible()
    way(card, "Ansehen oder zurücknehmen").click()
    inside.get_by_role("button", name=re.compile("zurücknehmen")).click()
    expect(inside.locator(f"#machine-{machine} input.digits").first).to_be_visible()


def test_a_successor_is_named(application: Application, inside: Page) -> None:
    open_screen(inside, "successor")
    inside.get_by_role("button", name="Vorschlag senden").click()
    expect(inside.get_by_text("Bitte geben Sie den Namen ein.")).to_be_visible()
    inside.get_by_label("Name der Person").fill("Neda Nachfolge")
    inside.get_by_label("E-Mail-Adresse der Person").fill("n.nachfolge")
    inside.get_by_role("button", name="Vorschlag senden").click()
    expect(inside.get_by_text("Bitte geben Sie eine E-Mail-Adresse ein")).to_be_visible()
    inside.get_by_label("E-Mail-Adresse der Person").fill("n.nachfolge@firma10203.example")
    inside.get_by_role("button", name="Vorschlag senden").click()
    expect(inside.get_by_text("Neda Nachfolge (n.nachfolge@firma10203.example)")).to_be_visible()
    waiting = application.staff("GET", "/api/staff/successors")
    assert "Neda Nachfolge" in str(waiting)


def test_stickers_lead_back_to_their_machine(inside: Page) -> None:
    machine = first_machine(inside)
    open_screen(inside, "stickers")
    expect(inside.locator(".sticker svg.code path")).to_have_count(8)
    inside.evaluate("machine => { location.hash = '#m=' + machine }", machine)
    expect(inside.locator(f"#machine-{machine} input.digits").first).to_be_focused()


def test_a_fleet_goes_home_on_a_workbook_and_comes_back_in_three_parts(
    inside: Page, tmp_path: Path
) -> None:
    open_screen(inside, "fleet")
    inside.get_by_role("button", name="Prüfen").click()
    expect(inside.get_by_text("Bitte wählen Sie eine Datei oder fügen Sie Zellen")).to_be_visible()
    with inside.expect_download() as told:
        inside.get_by_role("button", name="Excel (XLSX)").click()
    filled = tmp_path / "filled.xlsx"
    filled.write_bytes(fill_in(told.value.path().read_bytes(), usual_values(inside)))
    inside.get_by_label("Datei (XLSX, ODS oder CSV").set_input_files(filled)
    inside.get_by_role("button", name="Prüfen").click()
    expect(inside.get_by_text("Abgesendet ist noch nichts.")).to_be_visible()
    expect(inside.get_by_role("heading", name="1 Gerät bereit")).to_be_visible()
    expect(inside.get_by_role("heading", name="1 Gerät zu prüfen")).to_be_visible()
    expect(inside.get_by_role("heading", name="1 Zeile nicht erkannt")).to_be_visible()
    assert faults(inside) == []
    assert overflow(inside) == []
    inside.get_by_role("button", name="von 1 Gerät absenden").click()
    expect(inside.get_by_role("heading", name="1 Gerät gespeichert")).to_be_visible()
    inside.get_by_role("button", name="1 Gerät in der Übersicht prüfen").click()
    expect(inside.locator("article.machine .hint").first).to_be_visible()
    open_screen(inside, "receipt")
    expect(inside.get_by_text("passt zum Verlauf").first).to_be_visible()
    assert faults(inside) == []


def usual_values(page: Page) -> dict[str, dict[str, int]]:
    """By machine, without those whose counters must add up: the last value and what is usual since."""
    found: dict[str, dict[str, int]] = page.evaluate(
        """async () => {
          const { machines, today } = await (await fetch("/api/machines")).json();
          const found = {};
          for (const machine of machines.filter((one) => one.meters.every((meter) => meter.kind !== "TOTAL"))) {
            const past = await (await fetch(`/api/machines/${machine.id}/history`)).json();
            found[machine.id] = Object.fromEntries(past.meters.map(({ id, readings: [last, ...older] }) => {
              const daily = [last, ...older].map((one) => one.per_day).filter((pages) => pages);
              const days = (Date.parse(today) - Date.parse(last.read_on)) / 86400000;
              return [id, last.value + Math.round(days * daily.reduce((sum, one) => sum + one, 0) / daily.length)];
            }));
          }
          return found;
        }"""
    )
    return found


def fill_in(workbook: bytes, usual: dict[str, dict[str, int]]) -> bytes:
    """Usual values for one machine, unlikely ones for the next, and a machine that nobody has."""
    book = load_workbook(io.BytesIO(workbook))
    sheet = book.active
    assert sheet is not None
    heads = {str(cell.value): cell.column for cell in next(sheet.iter_rows(max_row=1))}
    machine, meter, new = (
        heads[head] for head in ("Maschinennummer", "Zählernummer", "Neuer Stand")
    )
    good, odd = list(usual)[:2]
    for row in sheet.iter_rows(min_row=2):
        number, counter = str(row[machine - 1].value), str(row[meter - 1].value)
        if number == good:
            row[new - 1].value = usual[good][counter]
        elif number == odd:
            row[new - 1].value = usual[odd][counter] + 400_000
    last = sheet.max_row + 1
    sheet.cell(last, machine, "999999")
    sheet.cell(last, meter, "1")
    sheet.cell(last, new, 12)
    packed = io.BytesIO()
    book.save(packed)
    return packed.getvalue()
