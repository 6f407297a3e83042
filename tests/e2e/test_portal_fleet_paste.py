"""A fleet at a desk: blocks of cells as people have them, and the keyboard alone from the first digit to the tick."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.customers import Customer, asked_customer
from tests.e2e.test_portal_fleet_table import at_the_table, bar, field, line, paste, reported
from tests.support.running import Application

FLEET = Customer(29715, 28, name="Möwe Druckwerk GmbH")

MANY = Customer(29716, 240, first=9000, step=4000)

COUNTING = """() => {
  window.snapshots = 0;
  const { setItem } = Storage.prototype;
  Storage.prototype.setItem = function (key, value) {
    window.snapshots += Number(key === "meterportal.snapshot");
    return setItem.call(this, key, value);
  };
}"""


@pytest.fixture(scope="session")
def link(application: Application) -> str:
    return asked_customer(application, FLEET)


@pytest.fixture
def inside(desk: Page, link: str) -> Page:
    return at_the_table(desk, link)


def values(page: Page, n: int) -> tuple[str, str]:
    one, two = (field(page, n, meter, FLEET).input_value() for meter in "12")
    return one, two


def usual(n: int) -> tuple[str, str]:
    return str(FLEET.now(n, "1")), str(FLEET.now(n, "2"))


def test_values_without_a_field_are_told_and_undoing_needs_no_field(inside: Page) -> None:
    """Who pastes beside the fields goes on there: Ctrl+Z takes it back from wherever the focus is."""
    page = inside
    paste(page, None, (*usual(1), "5", "6"), (*usual(2), "7", "8"))
    expect(bar(page)).to_contain_text("4 Werte eingefügt, 4 ohne Feld")
    assert [values(page, n) for n in (1, 2, 3)] == [usual(1), usual(2), ("", "")]
    page.keyboard.press("Control+z")
    expect(bar(page)).not_to_contain_text("eingefügt")
    assert values(page, 1) == ("", "")


def test_rows_that_begin_with_a_serial_find_their_machines(inside: Page) -> None:
    """In the order of somebody else's list; also those that the filter hides."""
    page = inside
    page.get_by_role("searchbox", name="Gerät suchen").fill("K-4")
    rows = [(f"sn{FLEET.machine(n)}", *usual(n)) for n in (5, 4)]
    paste(page, None, ("Seriennummer", "S/W", "Farbe"), *rows, ("SN unbekannt", "1", "2"))
    expect(bar(page)).to_contain_text("4 Werte eingefügt, 2 ohne Feld")
    page.get_by_role("searchbox", name="Gerät suchen").fill("")
    expect(line(page, 5, FLEET)).to_be_visible()
    assert [values(page, n) for n in (4, 5)] == [usual(4), usual(5)]
    bar(page).get_by_role("button", name="rückgängig").click()
    expect(bar(page)).not_to_contain_text("eingefügt")


def test_a_row_for_each_counter_is_a_file_s_form_and_the_page_says_so(inside: Page) -> None:
    page = inside
    serial = f"SN{FLEET.machine(6)}"
    paste(
        page, None, *((serial, meter, value) for meter, value in zip("12", usual(6), strict=True))
    )
    expect(page.locator(".notice")).to_contain_text("mehrere Zeilen für ein Gerät")
    assert values(page, 6) == ("", "")
    page.locator(".notice").get_by_role("link", name="Datei hochladen").click()
    expect(page.get_by_role("heading", name="Viele Geräte per Tabelle")).to_be_focused()


def test_what_is_no_counter_has_no_usage(inside: Page) -> None:
    one = field(inside, 7, customer=FLEET)
    usage = line(inside, 7, FLEET).locator(".usage").first
    for text, pages in (("142.836", "2.836"), ("142.836,50", ""), ("7", "−139.993"), ("n/a", "")):
        one.fill(text)
        one.press("Tab")
        expect(usage).to_have_text(pages)
    one.fill("")


def test_from_a_doubt_to_the_tick_by_keys_alone(application: Application, inside: Page) -> None:
    page, press = inside, inside.keyboard.press
    field(page, 8, customer=FLEET).focus()
    page.keyboard.type(usual(8)[1])
    press("Tab")
    page.keyboard.type(usual(8)[0])
    press("Enter")
    expect(field(page, 9, "2", FLEET)).to_be_focused()
    under = line(page, 8, FLEET).locator(".under")
    take = under.get_by_role("button", name="Beide tauschen")
    expect(take).to_be_visible()
    press("ArrowUp")
    press("Tab")
    expect(take).to_be_focused()
    press("Enter")
    send = bar(page).get_by_role("button", name="2 Zählerstände von 1 Gerät absenden")
    expect(send).to_be_focused()
    field(page, 9, customer=FLEET).focus()
    press("Control+Enter")
    expect(send).to_be_focused()
    press("Enter")
    expect(line(page, 8, FLEET).locator(".state")).to_contain_text("gemeldet")
    assert reported(application, 8, FLEET) == {
        meter: int(value) for meter, value in zip("12", usual(8), strict=True)
    }


def test_a_fleet_is_kept_without_a_network_and_goes_out_when_it_is_back(
    application: Application, desk: Page
) -> None:
    """All at once: what concerns the whole page is not done anew for each machine, so that typing goes on."""
    page = at_the_table(desk, asked_customer(application, MANY))
    page.get_by_role("heading", level=1).click()
    page.evaluate("async () => { await navigator.serviceWorker.ready }")
    page.evaluate(COUNTING)
    page.context.set_offline(True)
    rows = [(MANY.now(n, "1"), MANY.now(n, "2")) for n in range(1, 201)]
    paste(page, f"m-{MANY.machine(1)}-1", *rows)
    bar(page).get_by_role("button", name="400 Zählerstände merken").click()
    expect(page.locator(".net")).to_contain_text(
        "400 Zählerstände von 200 Geräten sind", timeout=15_000
    )
    expect(page.locator(".notice")).to_contain_text("200 Geräte warten auf Netz", timeout=15_000)
    assert (
        page.evaluate("window.snapshots") <= 4
    )  # The whole page is one: per request, not per machine.
    expect(page.locator("#state-filled + label")).to_have_text("Ausgefüllt 0")
    expect(line(page, 1, MANY).locator(".state")).to_contain_text("wartet auf Netz")
    page.get_by_role("searchbox", name="Gerät suchen").fill("K-201")
    one = field(page, 201, customer=MANY)
    one.press_sequentially(str(MANY.now(201, "1")))
    bar(page).get_by_role("button", name="1 Zählerstand merken").click()
    expect(page.locator(".net")).to_contain_text("401 Zählerstände von 201 Geräten")
    page.context.set_offline(False)
    expect(bar(page)).to_contain_text("200 von 240 gemeldet", timeout=120_000)
    expect(page.locator(".net")).to_be_empty()
    progress = page.request.get(f"{application.url}/api/machines").json()["progress"]
    assert progress == {"reported": 200, "total": 240}
    assert reported(application, 1, MANY) == {"1": MANY.now(1, "1"), "2": MANY.now(1, "2")}
