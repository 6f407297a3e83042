"""A fleet at a desk: a table of one line a machine, by keyboard, with pasted blocks, sent at once."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from tests.e2e.asking import through_the_door
from tests.e2e.customers import Customer, asked_customer
from tests.e2e.sight import cramped, each_look, faults
from tests.support.running import Application, running

FLEET = Customer(27251, 2000, name="Möwe Wohnbau AG", first=9000, step=4000)
"""As many as a table has to hold; no two machines have the same values."""
SMALL = Customer(27252, 28, name="Möwe Hafenlogistik GmbH", later=2)
FEW = Customer(27253, 5, name="Möwe Optik GmbH")

TASKS = ["toplevel", "devtools.timeline", "disabled-by-default-devtools.timeline"]
LONGEST = 50
"""Milliseconds of processor time that a task may take."""

PASTE = """([field, text]) => {
  const data = new DataTransfer();
  data.setData("text/plain", text);
  const target = field ? document.getElementById(field) : document.body;
  target.dispatchEvent(new ClipboardEvent("paste", { clipboardData: data, bubbles: true, cancelable: true }));
}"""


@pytest.fixture
def apart(tmp_path: Path) -> Iterator[Application]:
    """An application of its own: so large a customer would change what others count in the shared one."""
    with running(tmp_path) as alone:
        yield alone


@pytest.fixture(scope="session")
def small(application: Application) -> str:
    return asked_customer(application, SMALL)


@pytest.fixture
def inside(desk: Page, small: str) -> Page:
    return at_the_table(desk, small)


def too_long(trace: bytes) -> list[float]:
    """Milliseconds of processor time of the pages' tasks that took too many. A task that waited for
    a busy processor is none of them."""
    events = json.loads(trace)["traceEvents"]
    mains = {
        (one["pid"], one["tid"])
        for one in events
        if one["name"] == "thread_name" and one["args"]["name"] == "CrRendererMain"
    }
    tasks = [
        one["tdur"] / 1000
        for one in events
        if one["name"] == "RunTask" and "tdur" in one and (one["pid"], one["tid"]) in mains
    ]
    assert len(tasks) > 100, "the trace holds no tasks"
    return [took for took in tasks if took > LONGEST]


def at_the_table(page: Page, link: str) -> Page:
    through_the_door(page, link)
    expect(page.locator("tbody.line").first).to_be_visible()
    return page


def field(page: Page, n: int, meter: str = "1", customer: Customer = SMALL) -> Locator:
    return page.locator(f"#m-{customer.machine(n)}-{meter}")


def line(page: Page, n: int, customer: Customer = SMALL) -> Locator:
    return page.locator(f"#machine-{customer.machine(n)}")


def bar(page: Page) -> Locator:
    return page.locator(".sticky")


def paste(page: Page, at: str | None, *rows: tuple[object, ...]) -> None:
    """A block of cells, as a spreadsheet gives it, into a field; None: anywhere beside the fields."""
    text = "\r\n".join("\t".join(str(cell) for cell in row) for row in rows)
    page.evaluate(PASTE, [at, text])


def reported(application: Application, n: int, customer: Customer = SMALL) -> dict[str, Any]:
    """What staff see of a machine: values by meter."""
    path = f"/api/staff/readings?bucket=reported&company_id={customer.number}"
    rows = application.staff("GET", path)["machines"]
    found = [row["readings"] for row in rows if row["id"] == customer.machine(n)]
    return {one["meter_id"]: one["value"] for one in (found[0] if found else [])}


def usual(n: int, customer: Customer = SMALL) -> tuple[int, int]:
    return customer.now(n, "1"), customer.now(n, "2")


def test_what_is_typed_line_by_line_goes_out_with_one_button(
    application: Application, inside: Page
) -> None:
    page = inside
    expect(line(page, 1)).to_contain_text("20.000")
    expect(line(page, 1).get_by_role("textbox")).to_have_count(2)
    expect(bar(page)).to_contain_text("von 26 gemeldet")
    before = int(re.findall(r"(\d+) von 26 gemeldet", bar(page).inner_text())[0])
    field(page, 1).focus()
    for n in (1, 2):
        page.keyboard.type(str(usual(n)[0]))
        page.keyboard.press("Enter")
    expect(field(page, 3)).to_be_focused()
    expect(line(page, 1).locator(".usage").first).to_have_text("2.836")
    expect(line(page, 1).locator(".state")).to_contain_text("ausgefüllt")
    field(page, 1, "2").fill(str(usual(1)[1]))
    expect(bar(page)).to_contain_text(f"{before} von 26 gemeldet")
    bar(page).get_by_role("button", name="3 Zählerstände von 2 Geräten absenden").click()
    expect(page.locator(".notice")).to_contain_text("2 Geräte gespeichert")
    expect(line(page, 1).locator(".state")).to_contain_text("gemeldet")
    expect(line(page, 2).locator(".state")).to_contain_text("gemeldet")
    expect(line(page, 1).get_by_role("textbox")).to_have_count(0)
    expect(bar(page)).to_contain_text(f"{before + 1} von 26 gemeldet")
    assert reported(application, 1) == {"1": usual(1)[0], "2": usual(1)[1]}
    assert reported(application, 2) == {"1": usual(2)[0]}
    line(page, 1).get_by_role("button", name="ändern").click()
    expect(field(page, 1)).to_be_focused()
    field(page, 1).fill(str(usual(1)[0] + 5))
    bar(page).get_by_role("button", name="2 Zählerstände von 1 Gerät absenden").click()
    expect(line(page, 1).locator(".state")).to_contain_text("gemeldet")
    assert reported(application, 1) == {"1": usual(1)[0] + 5, "2": usual(1)[1]}


def test_by_keys_alone_down_the_column_back_and_across(inside: Page) -> None:
    page, press = inside, inside.keyboard.press
    field(page, 4).focus()
    page.keyboard.type("123")
    press("ArrowDown")
    expect(field(page, 5)).to_be_focused()
    press("ArrowUp")
    expect(field(page, 4)).to_be_focused()
    page.keyboard.type("9")
    press("Escape")
    expect(field(page, 4)).to_have_value("123")
    press("Tab")
    expect(field(page, 4, "2")).to_be_focused()
    press("Shift+Enter")
    expect(field(page, 3, "2")).to_be_focused()
    press("Alt+ArrowDown")
    expect(line(page, 3).get_by_role("link", name="Wie lese ich ab?")).to_be_focused()
    field(page, 26).focus()
    press("Enter")
    expect(bar(page).get_by_role("button", name=re.compile("absenden$"))).to_be_focused()
    field(page, 4).fill("")


def test_a_block_goes_down_and_to_the_right_and_is_taken_back(
    application: Application, inside: Page
) -> None:
    page = inside
    field(page, 6).fill("7")
    rows = [("S/W", "Farbe"), usual(6), ("", usual(7)[1]), (usual(8)[0] * 10, usual(8)[1])]
    paste(page, f"m-{SMALL.machine(6)}-1", *rows)
    expect(bar(page)).to_contain_text("5 Werte eingefügt")
    expect(field(page, 6)).to_have_value(str(usual(6)[0]))
    expect(field(page, 7)).to_have_value("")
    expect(field(page, 8, "2")).to_have_value(str(usual(8)[1]))
    expect(bar(page)).to_contain_text("1 zu prüfen")
    expect(line(page, 8).locator(".state")).to_contain_text("zu prüfen")
    bar(page).get_by_role("button", name="rückgängig").click()
    expect(field(page, 6)).to_have_value("7")
    expect(field(page, 8, "2")).to_have_value("")
    expect(line(page, 8).locator(".state")).to_contain_text("offen")
    expect(bar(page)).not_to_contain_text("eingefügt")
    paste(page, f"m-{SMALL.machine(6)}-1", *rows)
    expect(bar(page)).to_contain_text("1 zu prüfen")
    bar(page).get_by_role("button", name="3 Zählerstände von 2 Geräten absenden").click()
    expect(page.locator(".notice")).to_contain_text("2 Geräte gespeichert")
    assert reported(application, 6) == {"1": usual(6)[0], "2": usual(6)[1]}
    assert reported(application, 7) == {"2": usual(7)[1]}
    assert reported(application, 8) == {}
    field(page, 8).fill("")
    field(page, 8, "2").fill("")


def test_a_doubt_opens_below_its_line_without_taking_the_focus(
    application: Application, inside: Page
) -> None:
    page = inside
    swapped = dict(zip("12", reversed(usual(10)), strict=True))
    field(page, 10).focus()
    page.keyboard.type(str(swapped["1"]))
    page.keyboard.press("Tab")
    page.keyboard.type(str(swapped["2"]))
    page.keyboard.press("Enter")
    expect(field(page, 11, "2")).to_be_focused()
    expect(line(page, 10).locator(".under")).to_be_visible()
    expect(line(page, 10).locator(".state")).to_contain_text("zu prüfen")
    expect(field(page, 11, "2")).to_be_focused()
    expect(bar(page).get_by_role("button", name=re.compile("von .* absenden$"))).to_have_count(0)
    bar(page).get_by_role("button", name="1 zu prüfen").click()
    expect(line(page, 10).locator("input.digits:focus")).to_have_count(1)
    line(page, 10).locator(".under").get_by_role("button").first.click()
    expect(field(page, 10)).to_have_value(str(usual(10)[0]))
    expect(line(page, 10).locator(".under")).to_be_hidden()
    expect(line(page, 10).locator(".state")).to_contain_text("ausgefüllt")
    bar(page).get_by_role("button", name="2 Zählerstände von 1 Gerät absenden").click()
    expect(line(page, 10).locator(".state")).to_contain_text("gemeldet")
    assert reported(application, 10) == dict(zip("12", usual(10), strict=True))


def test_drafts_are_those_of_the_cards(inside: Page) -> None:
    page = inside
    field(page, 12).fill("4711")
    page.get_by_text("Menü").click()
    page.get_by_role("button", name="Als Karten").click()
    expect(page.locator("article.machine").first).to_be_visible()
    expect(field(page, 12)).to_have_value("4711")
    page.get_by_text("Menü").click()
    page.get_by_role("button", name="Als Tabelle").click()
    expect(page.locator("tbody.line").first).to_be_visible()
    expect(field(page, 12)).to_have_value("4711")
    field(page, 12).fill("")


def test_without_a_network_a_line_waits_and_is_sent_when_it_is_back(
    application: Application, inside: Page
) -> None:
    page = inside
    page.route("**/readings", lambda route: route.abort())
    field(page, 14).fill(str(usual(14)[0]))
    bar(page).get_by_role("button", name="1 Zählerstand von 1 Gerät absenden").click()
    expect(line(page, 14).locator(".state")).to_contain_text("wartet auf Netz")
    page.unroute("**/readings")
    page.evaluate("document.querySelector('.net button')?.click()")
    expect(line(page, 14).locator(".state")).to_contain_text("gemeldet")
    assert reported(application, 14) == {"1": usual(14)[0]}


def test_what_another_person_stored_is_compared_below_the_line(
    application: Application, inside: Page, contact: Page, small: str
) -> None:
    through_the_door(contact, small)
    field(contact, 16).fill(str(usual(16)[0] - 40))
    contact.locator(f"#machine-{SMALL.machine(16)} [type=submit]").click()
    expect(field(contact, 16)).to_have_count(0)
    field(inside, 16).fill(str(usual(16)[0]))
    bar(inside).get_by_role("button", name="1 Zählerstand von 1 Gerät absenden").click()
    compared = line(inside, 16).get_by_role("group", name="Inzwischen wurde")
    expect(compared).to_be_visible()
    assert reported(application, 16) == {"1": usual(16)[0] - 40}
    compared.get_by_role("button", name=re.compile("überschreiben")).click()
    expect(line(inside, 16).locator(".state")).to_contain_text("gemeldet")
    assert reported(application, 16) == {"1": usual(16)[0]}


def test_the_table_is_for_a_wide_window_and_more_than_five_machines(
    application: Application, desk: Page
) -> None:
    through_the_door(desk, asked_customer(application, FEW))
    expect(desk.locator("article.machine")).to_have_count(5)
    expect(desk.locator("tbody.line")).to_have_count(0)


def test_the_search_finds_by_place_number_and_state(inside: Page) -> None:
    page = inside
    find = page.get_by_role("searchbox", name="Gerät suchen")
    for wanted in (f"SN{SMALL.machine(17)}", "K-17", "117 2. OG"):
        find.fill(wanted)
        expect(page.locator("tbody.line")).to_have_count(1)
        expect(line(page, 17)).to_be_visible()
    find.press("Enter")
    expect(field(page, 17)).to_be_focused()
    find.press("Escape")
    expect(page.locator("tbody.line")).to_have_count(28)
    expect(page.locator("tbody.place").last).to_contain_text(
        re.compile(r"Noch nicht fällig – Melden ab \d\d\.\d\d\.\d{4} · 2 Geräte")
    )
    expect(field(page, 28)).to_have_count(0)


def test_what_the_filter_hides_is_brought_where_somebody_has_to_look(inside: Page) -> None:
    page = inside
    field(page, 18).fill(str(usual(18)[0] * 10))
    field(page, 18).press("Tab")
    expect(line(page, 18).locator(".state")).to_contain_text("zu prüfen")
    find = page.get_by_role("searchbox", name="Gerät suchen")
    find.fill("K-17")
    expect(page.locator("tbody.line")).to_have_count(1)
    bar(page).get_by_role("button", name="1 zu prüfen").click()
    expect(line(page, 18).locator("input.digits:focus")).to_have_count(1)
    find.fill("")
    field(page, 18).fill("")


def test_undoing_takes_a_paste_back_only_where_nothing_was_typed_since(inside: Page) -> None:
    page = inside
    field(page, 19).focus()
    paste(page, f"m-{SMALL.machine(19)}-1", usual(19), usual(20))
    expect(bar(page)).to_contain_text("4 Werte eingefügt")
    field(page, 21).press_sequentially("12")
    field(page, 21).press("Control+z")
    expect(field(page, 20)).to_have_value(str(usual(20)[0]))
    field(page, 21).fill("")
    field(page, 19).focus()
    field(page, 19).press("Control+z")
    expect(field(page, 20)).to_have_value("")
    expect(field(page, 19)).to_have_value("")


def test_another_day_of_the_table_ends_what_was_said_of_the_day_before(
    application: Application, inside: Page
) -> None:
    page = inside
    page.get_by_role("button", name="Datum der Ablesung ändern, alle Geräte").click()
    day = page.get_by_label("Abgelesen am").first
    today = day.input_value()
    day.fill("2019-01-01")
    for n in (23, 24):
        field(page, n).fill(str(usual(n)[0]))
    bar(page).get_by_role("button", name=re.compile("2 Geräten absenden")).click()
    expect(page.locator(".notice")).to_contain_text("2 Geräte bitte prüfen")
    expect(line(page, 23).locator(".state")).to_contain_text("zu prüfen")
    day.fill(today)
    expect(line(page, 23).locator(".state")).to_contain_text("ausgefüllt")
    bar(page).get_by_role("button", name=re.compile("2 Geräten absenden")).click()
    expect(page.locator(".notice")).to_contain_text("2 Geräte gespeichert")
    assert reported(application, 24) == {"1": usual(24)[0]}


@pytest.mark.parametrize("width", [1024, 1152, 1280])
def test_the_page_never_scrolls_sideways(inside: Page, width: int) -> None:
    inside.set_viewport_size({"width": width, "height": 768})
    expect(inside.locator(".fleet-table tbody").first).to_be_visible()
    wide = inside.evaluate(
        "document.documentElement.scrollWidth - document.documentElement.clientWidth"
    )
    assert wide == 0


def test_the_table_is_accessible_in_every_look(inside: Page) -> None:
    field(inside, 20).focus()
    inside.keyboard.type("3")
    inside.keyboard.press("Enter")
    expect(line(inside, 20).locator(".under")).to_be_visible()
    for look in each_look(inside):
        expect(line(inside, 20).locator(".under")).to_be_visible()
        assert faults(inside, look) == [], look
    assert cramped(inside) == []
    field(inside, 20).fill("")


@pytest.mark.parametrize(
    "timed", [False, pytest.param(True, marks=pytest.mark.long)], ids=["counted", "timed"]
)
def test_two_thousand_machines_stay_light_while_typing_scrolling_and_pasting(
    apart: Application, browser: Browser, desk: Page, *, timed: bool
) -> None:
    """Lines far away are not drawn, and no task of the page takes the processor longer than 50 ms: how
    many are drawn is counted each time, the milliseconds say something on a quiet machine only."""
    page = at_the_table(desk, asked_customer(apart, FLEET))
    expect(page.get_by_text("Alle 2.000")).to_be_visible(timeout=180_000)
    if timed:
        browser.start_tracing(page=page, categories=TASKS)
    drawn = "document.querySelectorAll('tbody.line').length"
    field(page, 1, customer=FLEET).focus()
    for n in range(1, 13):
        page.keyboard.type(str(usual(n, FLEET)[0]))
        page.keyboard.press("Enter")
    for y in range(0, 60_000, 2_500):
        page.evaluate("y => scrollTo(0, y)", y)
        page.evaluate("() => new Promise((go) => requestAnimationFrame(() => setTimeout(go)))")
        expect(page.locator("tbody.line").nth(19)).to_be_attached()
        assert page.evaluate(drawn) < 80
    page.evaluate("scrollTo(0, 0)")
    rows = [usual(n, FLEET) for n in range(21, 521)]
    expect(field(page, 21, customer=FLEET)).to_be_attached()
    paste(page, f"m-{FLEET.machine(21)}-1", *rows)
    expect(bar(page)).to_contain_text("1.000 Werte eingefügt", timeout=180_000)
    expect(bar(page)).to_contain_text("1.012 Zählerstände von 512 Geräten absenden")
    assert page.evaluate(drawn) < 80
    if timed:
        assert too_long(browser.stop_tracing()) == []
    find = page.get_by_role("searchbox", name="Gerät suchen")
    find.fill(f"SN{FLEET.machine(520)}")
    expect(field(page, 520, "2", FLEET)).to_have_value(str(usual(520, FLEET)[1]))
    find.press("Escape")
    bar(page).get_by_role("button", name="1.012 Zählerstände von 512 Geräten absenden").click()
    expect(page.locator(".notice")).to_contain_text("512 Geräte gespeichert", timeout=180_000)
    there = page.request.get(f"{apart.url}/api/machines").json()
    assert there["progress"] == {"reported": 500, "total": 2000}
    machine = next(one for one in there["machines"] if one["id"] == FLEET.machine(21))
    assert tuple(one["reading"]["value"] for one in machine["meters"]) == usual(21, FLEET)
