"""The place "Bestand" and the search: what staff find, choose and do there stands on the other side, too."""

from __future__ import annotations

import re
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Locator, Page, Route, expect

from tests.e2e.asking import PATIENCE, asked
from tests.e2e.conftest import watched
from tests.e2e.console import sign_in
from tests.e2e.sight import each_look, faults, overflow
from tests.support.running import Application

SERIAL = "K4E1956630"
ASKED = ("70045", "70054")
"""Contracts that only this module asks for."""
COLLEAGUES = ("10028", "b.hoffmann5012@firma10028.example", "70007")

TOLD_WITHIN = 15_000
"""Milliseconds until a change by others is shown."""


@pytest.fixture
def alone(browser: Browser) -> Iterator[Page]:
    """A browser whose tabs share no worker: each has its own, whose requests a test can stop."""
    context = browser.new_context(locale="de-DE", viewport={"width": 1280, "height": 900})
    context.add_init_script("delete window.SharedWorker")
    yield from watched(context)


@pytest.fixture(scope="session", autouse=True)
def _snapshot(application: Application) -> None:
    """One is asked for and there."""
    application.staff("POST", "/api/staff/portfolio")
    end = time.monotonic() + PATIENCE
    while time.monotonic() < end:
        if _there(application):
            return
        time.sleep(0.3)
    raise AssertionError("no snapshot")


def _there(application: Application) -> bool:
    try:
        return bool(application.staff("GET", "/api/staff/portfolio")["parts"])
    except OSError:
        return False


def grid(page: Page, label: str = "Verträge") -> Locator:
    return page.get_by_role("grid", name=label)


def row(page: Page, text: str) -> Locator:
    return page.locator(".grid-row:not([hidden])").filter(has_text=text)


def filter_by(page: Page, text: str) -> None:
    page.get_by_role("searchbox", name="Filtern").fill(text)


def pick(page: Page, text: str) -> None:
    """Chooses the row that alone has a text, or takes it out; a row on its way out is none."""
    filter_by(page, text)
    expect(page.locator(".stock-count")).to_contain_text(re.compile("^1 von "))
    row(page, text).locator(".pick").click()


def counted(page: Page) -> int:
    """How many rows the list has now, as it says itself."""
    text = page.locator(".stock-count").inner_text()
    return int(text.split(" ")[0].replace(".", ""))


def contract(application: Application, number: str) -> Any:
    """What the list for scripts says of a contract."""
    (found,) = application.staff("GET", f"/api/staff/contracts?contract_id={number}")["contracts"]
    return found


def test_rows_are_filtered_and_sorted_and_the_address_says_how(
    application: Application, staff: Page
) -> None:
    sign_in(staff, application, "read", "stock")
    expect(row(staff, "70001")).to_contain_text("Anwaltskanzlei Lange KG")
    everything = counted(staff)
    assert everything > 40
    staff.get_by_role("button", name="+ Bedingung").click()
    staff.get_by_label("Telefon").check()
    expect(row(staff, "70043")).to_be_visible()
    expect(row(staff, "70001")).to_have_count(0)
    assert 0 < counted(staff) < everything
    staff.keyboard.press("Escape")
    staff.get_by_role("columnheader", name="Geräte").click()
    first = staff.locator(".grid-row[aria-rowindex='2']")
    expect(first).to_contain_text("70016")  # one machine
    staff.get_by_role("columnheader", name="Geräte").click()
    expect(first).to_contain_text("70043")  # three
    assert "channel=PHONE" in staff.url
    assert "sort=-total" in staff.url
    staff.reload()
    expect(first).to_contain_text("70043")
    staff.go_back()
    expect(first).to_contain_text("70016")
    staff.get_by_role("button", name=re.compile("Meldung durch Telefon")).click()
    expect(staff.locator(".stock-count")).to_contain_text(f"{everything} von {everything}")


def test_machines_are_found_by_serial_and_people_by_name(
    application: Application, staff: Page
) -> None:
    sign_in(staff, application, "read", "stock/machines")
    filter_by(staff, SERIAL[2:7].lower())
    expect(row(staff, SERIAL)).to_contain_text("VersaLink C7020")
    expect(row(staff, SERIAL)).to_contain_text("50.885")  # its last value, asked for by itself
    row(staff, SERIAL).locator(".pick").click()
    staff.get_by_role("button", name="Deren Verträge wählen").click()
    expect(staff.get_by_text("1 Vertrag gewählt")).to_be_visible()
    expect(staff.locator(".grid-row[aria-selected=true]")).to_contain_text("70005")
    staff.keyboard.press("/")
    staff.keyboard.type("jür")
    hits = staff.get_by_role("listbox", name="Suche")
    expect(hits.get_by_role("option").filter(has_text="Klinikum Jürgens AG").first).to_be_visible()
    expect(hits.get_by_text("juer", exact=True).first).to_be_visible()  # of an e-mail address
    staff.keyboard.press("ArrowDown")
    chosen = hits.locator("[aria-selected=true]")
    expect(chosen).to_contain_text("Klinikum Jürgens AG")
    with staff.expect_popup() as opened:
        staff.keyboard.press("Control+Enter")
    page = opened.value.get_by_role("heading", level=1)  # signed in like this one
    expect(page).to_contain_text("Klinikum Jürgens AG")
    assert opened.value.url.endswith("#/companies/10007")
    staff.keyboard.press("Escape")
    staff.keyboard.type("gens klinikum")
    expect(chosen).to_contain_text("Klinikum Jürgens AG")
    staff.keyboard.press("Enter")
    expect(staff.get_by_role("heading", level=1)).to_contain_text("Klinikum Jürgens AG")


def test_a_choice_survives_the_filter_and_is_asked_for_to_the_end(
    application: Application, staff: Page
) -> None:
    sign_in(staff, application, "admin", "stock")
    first, second = ASKED
    for number in ASKED:
        filter_by(staff, number)
        row(staff, number).locator(".pick").click()
    filter_by(staff, first)
    expect(staff.get_by_text("2 Verträge gewählt")).to_be_visible()
    expect(staff.get_by_text("1 davon zeigt dieser Filter gerade nicht")).to_be_visible()
    expect(row(staff, first)).to_have_attribute("aria-selected", "true")
    staff.get_by_role("button", name="Portal Ready ausführen").click()
    expect(staff.get_by_text("Alle geprüften Verträge sind bereit.")).to_be_visible()
    for number in ASKED:
        assert contract(application, number)["ready"]
        assert contract(application, number)["reporters"][0]["granted"]
    staff.get_by_role("link", name="Bestand").click()
    expect(staff.get_by_text("2 Verträge gewählt")).to_be_visible()
    staff.get_by_role("button", name="Anfordern …").click()
    staff.get_by_role("button", name=re.compile("E-Mails? versenden")).press("Enter")
    expect(staff.get_by_role("grid", name="Zustellungen")).to_be_visible()
    assert all(contract(application, number)["asked"] for number in ASKED)
    staff.get_by_role("link", name="Bestand").click()
    for number in (first, second):
        filter_by(staff, number)
        expect(row(staff, number).get_by_text("angefordert", exact=True)).to_be_visible()
    staff.get_by_role("button", name="Auswahl aufheben").click()
    expect(staff.get_by_text("2 Verträge gewählt")).to_have_count(0)


def test_a_choice_outlives_a_reload_and_the_way_back(application: Application, staff: Page) -> None:
    sign_in(staff, application, "read", "stock/machines")
    pick(staff, SERIAL)
    pick(staff, "R4VZD74868")
    expect(staff.get_by_text("2 Geräte gewählt")).to_be_visible()
    staff.reload()
    expect(staff.get_by_text("2 Geräte gewählt")).to_be_visible()
    expect(row(staff, "R4VZD74868")).to_have_attribute("aria-selected", "true")
    row(staff, "R4VZD74868").get_by_role("link", name="R4VZD74868").click()
    expect(staff.get_by_role("heading", level=1)).to_have_text("R4VZD74868")
    staff.reload()
    expect(staff.get_by_role("heading", level=1)).to_have_text("R4VZD74868")
    staff.go_back()
    expect(staff.get_by_text("2 Geräte gewählt")).to_be_visible()
    # A whole list without some is told as such.
    filter_by(staff, "")
    expect(staff.locator(".stock-count")).not_to_contain_text(re.compile("^1 von "))
    grid(staff, "Geräte").press("Control+a")
    all_of_them = counted(staff)
    pick(staff, SERIAL)
    chosen = f"{all_of_them - 1} Geräte gewählt"
    expect(staff.get_by_text(chosen)).to_be_visible()
    staff.reload()
    expect(staff.get_by_text(chosen)).to_be_visible()
    expect(row(staff, SERIAL)).to_have_attribute("aria-selected", "false")
    # Nobody else finds it, and what was given up stays so.
    staff.get_by_role("button", name="Abmelden").click()
    sign_in(staff, application, "remind", "stock/machines")
    expect(row(staff, "R4VZD74868")).to_be_visible()
    expect(staff.get_by_text("Geräte gewählt")).to_be_hidden()
    pick(staff, "R4VZD74868")
    staff.get_by_role("button", name="Auswahl aufheben").click()
    staff.reload()
    expect(row(staff, "R4VZD74868")).to_have_attribute("aria-selected", "false")
    expect(staff.get_by_text("Gerät gewählt")).to_be_hidden()


def test_what_somebody_else_does_is_shown_within_seconds(
    application: Application, staff: Page
) -> None:
    company, address, number = COLLEAGUES
    sign_in(staff, application, "read", f"stock/contracts?company={company}")
    expect(row(staff, number)).to_contain_text("nicht angefordert")
    grid(staff).focus()  # its order waits; what stands in the row does not
    staff.keyboard.press("ArrowUp")
    in_head = staff.locator(".grid-head .active")
    expect(in_head).to_have_count(1)
    asked(application, company, address)
    state = row(staff, number).get_by_text("angefordert", exact=True)
    expect(state).to_be_visible(timeout=TOLD_WITHIN)
    expect(in_head).to_have_count(1)  # rows that come throw nobody out of the head
    staff.get_by_role("button", name="neu ordnen").click()
    expect(staff.get_by_role("button", name="neu ordnen")).to_have_count(0)


def test_a_server_that_fails_takes_no_row_away(application: Application, alone: Page) -> None:
    sign_in(alone, application, "read", "stock")
    expect(row(alone, "70001")).to_be_visible()
    expect(alone.locator(".stock-fresh")).to_contain_text("aktuell")
    alone.context.route("**/api/staff/portfolio/**", lambda route: route.abort())
    expect(alone.get_by_text("Der Server antwortet nicht.")).to_be_visible()
    expect(alone.get_by_text("Nächster Versuch in")).to_be_visible()
    expect(row(alone, "70001")).to_be_visible()
    filter_by(alone, "klinikum")  # goes on without the server
    expect(row(alone, "70003")).to_be_visible()
    assert faults(alone) == []
    alone.context.unroute("**/api/staff/portfolio/**")
    alone.get_by_role("button", name="Erneut").click()
    expect(alone.get_by_text("Der Server antwortet nicht.")).to_have_count(0)
    expect(alone.locator(".stock-fresh")).to_contain_text("aktuell")


KEPT = """async () => {
  const opening = indexedDB.open("meterportal/portfolio");
  await new Promise((go) => opening.addEventListener("success", go));
  const database = opening.result;
  if (!database.objectStoreNames.contains("snapshots")) return database.close() ?? [];
  const asked = database.transaction("snapshots").objectStore("snapshots").getAll();
  await new Promise((go) => asked.addEventListener("success", go));
  database.close();
  const files = asked.result.flatMap(({ files }) => Object.values(files));
  return files.map(({ sealed }) => [...new Uint8Array(sealed).slice(0, 2)]);
}"""
"""The first two bytes of each file that the device keeps."""

GZIP = [0x1F, 0x8B]


def kept(page: Page, files: int) -> list[list[int]]:
    """As soon as there are so many."""
    end = time.monotonic() + PATIENCE
    while time.monotonic() < end:
        found: list[list[int]] = page.evaluate(KEPT)
        if len(found) == files:
            return found
        page.wait_for_timeout(100)
    raise AssertionError(found)


def test_after_a_reload_the_device_shows_its_rows_and_after_signing_out_it_has_none(
    application: Application, alone: Page
) -> None:
    sign_in(alone, application, "read", "stock")
    expect(row(alone, "70001")).to_be_visible()
    assert GZIP not in kept(alone, 3)  # encrypted: no part can be read without the session

    alone.context.route("**/api/staff/portfolio**", lambda route: route.abort())
    alone.reload()
    expect(alone.get_by_text("Der Server antwortet nicht.")).to_be_visible()
    expect(row(alone, "70001")).to_be_visible()
    expect(alone.locator(".stock-fresh")).to_contain_text("keine Verbindung")
    filter_by(alone, "klinikum")
    expect(row(alone, "70003")).to_be_visible()
    alone.context.unroute("**/api/staff/portfolio**")
    alone.get_by_role("button", name="Erneut").press("Enter")
    expect(alone.locator(".stock-fresh")).to_contain_text("aktuell")

    alone.get_by_role("button", name="Abmelden").press("Enter")
    expect(alone.get_by_role("button", name="Anmelden", exact=True)).to_be_visible()
    assert kept(alone, 0) == []


def test_a_console_without_a_snapshot_has_one_built_and_says_so(
    application: Application, alone: Page
) -> None:
    built: list[str] = []

    def none_yet(route: Route) -> None:
        if route.request.method == "POST":
            built.append(route.request.url)
            route.continue_()
        elif built and len(built) > 1:
            route.continue_()
        else:
            if built:
                built.append("looked again")
            route.fulfill(status=404, json={"code": "no_snapshot", "detail": "", "status": 404})

    alone.context.route("**/api/staff/portfolio", none_yet)
    sign_in(alone, application, "read", "stock")
    expect(alone.get_by_text("Die Übersicht wird zum ersten Mal aufgebaut.")).to_be_visible()
    expect(row(alone, "70001")).to_be_visible()
    assert built[0].endswith("/api/staff/portfolio")
    assert [one for one in built[1:] if one != "looked again"] == []


def test_everything_goes_by_keyboard(application: Application, staff: Page, tmp_path: Path) -> None:
    sign_in(staff, application, "read", "stock")
    expect(row(staff, "70001")).to_be_visible()
    everything = staff.locator(".stock-count").inner_text()
    staff.keyboard.press("f")
    staff.keyboard.insert_text("verlag")  # at once: the count changes once
    expect(staff.locator(".stock-count")).not_to_have_text(everything)
    staff.keyboard.press("ArrowDown")
    expect(grid(staff)).to_be_focused()
    active = staff.locator(".grid-row.active")
    staff.keyboard.press("ArrowDown")
    expect(active).to_have_attribute("aria-rowindex", "3")
    staff.keyboard.press(" ")
    expect(staff.get_by_text("1 Vertrag gewählt")).to_be_visible()
    staff.keyboard.press("Shift+ArrowDown")
    expect(staff.get_by_text("2 Verträge gewählt")).to_be_visible()
    staff.keyboard.press("Control+a")
    expect(staff.get_by_text(f"{counted(staff)} Verträge gewählt")).to_be_visible()
    staff.keyboard.press("Home")
    staff.keyboard.press("ArrowUp")  # into the head
    for _ in range(3):
        staff.keyboard.press("ArrowRight")
    staff.keyboard.press("Enter")
    expect(staff.get_by_role("columnheader", name="Ort")).to_have_attribute(
        "aria-sort", "ascending"
    )
    staff.keyboard.press("Escape")  # empties the filter
    expect(staff.get_by_role("searchbox", name="Filtern")).to_have_value("")
    staff.keyboard.press("Escape")  # and then the choice
    expect(staff.get_by_role("region", name="Aktionen")).to_have_count(0)
    staff.keyboard.press("End")
    expect(staff.locator(".stock-status")).to_contain_text(re.compile(r"Zeile (\d+) von \1\b"))
    name = active.get_by_role("rowheader").inner_text()
    # The open row, when the keys rest: company and number, as an address's query writes the tilde.
    expect(staff).to_have_url(re.compile(f"at=[^&]*%7E{name}(&|$)"))
    staff.reload()
    expect(active.get_by_role("rowheader")).to_have_text(name)


def test_the_last_row_of_a_long_list_is_the_open_one_once_it_has_come(
    application: Application, staff: Page
) -> None:
    """Its rows come a hundred at a time: the last one is not there yet when the key is pressed."""
    sign_in(staff, application, "read", "stock/machines")
    expect(row(staff, SERIAL)).to_be_visible()
    assert counted(staff) > 120
    grid(staff, "Geräte").focus()
    staff.keyboard.press("End")
    active = staff.locator(".grid-row.active:not(.coming)").get_by_role("rowheader")
    expect(staff.locator(".stock-status")).to_contain_text(re.compile(r"Zeile (\S+) von \1\b"))
    expect(staff).to_have_url(re.compile("at=[^&]+%7E"))
    serial = active.inner_text()
    staff.reload()
    expect(active).to_have_text(serial)


def test_a_list_is_saved_as_a_sheet_and_as_a_view(application: Application, staff: Page) -> None:
    sign_in(staff, application, "read", "stock/companies?q=klinikum")
    expect(row(staff, "Klinikum Jürgens AG")).to_be_visible()
    with staff.expect_download() as saved:
        staff.get_by_role("button", name="CSV").click()
    lines = Path(saved.value.path()).read_text(encoding="utf-8-sig").splitlines()
    assert lines[0].startswith("Firmennummer;Firma;Straße;PLZ;Ort;Verträge;")
    assert len(lines) == counted(staff) + 1
    staff.get_by_role("button", name="Ansichten").click()
    staff.get_by_label("Name der Ansicht").fill("Kliniken")
    staff.get_by_role("button", name="Ansicht speichern").click()
    staff.keyboard.press("Escape")
    filter_by(staff, "")
    expect(row(staff, "Autohaus Lange GmbH")).to_be_visible()
    staff.get_by_role("button", name="Ansichten").click()
    staff.get_by_role("link", name="Kliniken").click()
    expect(row(staff, "Autohaus Lange GmbH")).to_have_count(0)
    staff.get_by_role("button", name="Spalten").click()
    staff.get_by_label("Straße").uncheck()
    expect(staff.get_by_role("columnheader", name="Straße")).to_have_count(0)


def test_a_filter_that_leaves_nothing_says_which_condition_to_lift(
    application: Application, staff: Page
) -> None:
    sign_in(staff, application, "read", "stock/contracts?q=jürgens&channel=LETTER")
    expect(staff.get_by_role("heading", name="Kein Vertrag passt zu diesem Filter")).to_be_visible()
    assert faults(staff) == []
    staff.get_by_role("link", name=re.compile("Verträge$")).filter(
        has_not_text="Verträgen"
    ).last.click()
    expect(grid(staff)).to_be_visible()
    assert "channel" not in staff.url


@pytest.mark.parametrize("kind", ["contracts", "companies", "machines"])
def test_each_list_has_no_finding_of_axe_in_any_look(
    application: Application, staff: Page, kind: str
) -> None:
    sign_in(staff, application, "admin", f"stock/{kind}")
    expect(staff.locator(".grid-row:not([hidden])").first).to_be_visible()
    for look in each_look(staff):
        expect(staff.locator(".grid-row:not([hidden])").first).to_be_visible()
        assert faults(staff, look) == [], look
    staff.locator(".grid-row:not([hidden]) .pick").first.click()
    staff.keyboard.press("/")
    staff.keyboard.type("klin")
    expect(staff.get_by_role("listbox", name="Suche")).to_be_visible()
    assert faults(staff) == []
    staff.keyboard.press("Escape")
    assert overflow(staff) == []


def test_no_number_is_cut_and_the_page_stays_small(application: Application, staff: Page) -> None:
    sign_in(staff, application, "read", "stock/machines")
    expect(row(staff, SERIAL)).to_contain_text("50.885")
    for width in (1440, 1280, 1100):
        staff.set_viewport_size({"width": width, "height": 900})
        cut = staff.evaluate(
            """() => [...document.querySelectorAll(".grid-row:not([hidden]) .right, .grid-row:not([hidden]) .first")]
              .filter((one) => one.scrollWidth > one.clientWidth).map((one) => one.textContent)"""
        )
        assert cut == [], width
    assert staff.evaluate("() => document.querySelectorAll('.grid *').length") < 1500
