"""The place "Übergabe ERP": a dry run that is taken over, what a full export lacks, exports line by line."""

from __future__ import annotations

import csv
import io
import re
import time
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

from playwright.sync_api import Locator, Page, Route, expect

from tests.e2e.asking import PATIENCE
from tests.e2e.console import open_view, sign_in, turn_to
from tests.e2e.customers import Customer, asked_customer, export_of, import_of
from tests.e2e.sight import each_look, faults, overflow
from tests.support.erp_exports import Table, as_csv, as_zip
from tests.support.running import Application

TAKEN = Customer(28401, 2, name="Anker Druck GmbH")
DROPPED = Customer(28402, 1, name="Brauhaus Dorn KG")
OVERTAKEN = Customer(28403, 1, name="Cafe Eder OHG")
LACKING = Customer(28404, 3, name="Fuchs & Gans AG", later=1)
BILLED = Customer(28405, 2, name="Hotel Ilm GmbH")
SEEN = Customer(28406, 1, name="Jung Kälte GmbH")

READINGS = "zaehlerstaende.csv"


def tables_of(customer: Customer) -> dict[str, Table]:
    """The files of a customer's export as rows."""
    with zipfile.ZipFile(io.BytesIO(export_of(customer))) as archive:
        return {
            name: list(csv.reader(io.StringIO(archive.read(name).decode("cp1252")), delimiter=";"))
            for name in archive.namelist()
        }


def changed(customer: Customer, name: str) -> dict[str, Table]:
    """The same export with another name of the company, one reading of an unknown machine three times, and a
    contact's new address."""
    tables = tables_of(customer)
    tables["firmen.csv"][1][1] = name
    tables["ansprechpartner.csv"][1][5] = f"neu@kunde{customer.number}.example"
    stray = [["299999", str(n), "28.08.2026", "1", "", "", "", "", "", ""] for n in range(1, 4)]
    tables[READINGS] += stray
    return tables


def choose(page: Page, *files: Path) -> None:
    page.get_by_label("Datei (ZIP, CSV, XLSX oder ODS)").set_input_files(files)


def dry_run(page: Page, file: Path, *, full: bool = False) -> None:
    """Started in the console; its page is open when it has ended."""
    open_view(page, "imports")
    choose(page, file)
    if full:
        page.get_by_label("Voller Export").check()
    page.get_by_role("button", name="Probelauf starten").press("Enter")
    expect(page.get_by_role("button", name="Jetzt übernehmen")).to_be_visible()


def take_over(page: Page) -> None:
    page.get_by_role("button", name="Jetzt übernehmen").press("Enter")
    expect(page.get_by_text(" Zeilen übernommen, ")).to_be_visible()


def zipped(folder: Path, tables: dict[str, Table], name: str = "bestand.zip") -> Path:
    file = folder / name
    file.write_bytes(as_zip(tables))
    return file


def company(application: Application, customer: Customer) -> Any:
    return application.staff("GET", f"/api/staff/companies/{customer.number}")


def once_failing(page: Page, pattern: str) -> list[str]:
    """The next answer of these addresses is a failure of the server."""
    failed: list[str] = []

    def fail(route: Route) -> None:
        if failed:
            route.continue_()
            return
        failed.append(route.request.url)
        route.fulfill(status=503, json={"detail": "Bitte versuchen Sie es gleich noch einmal."})

    page.route(pattern, fail)
    return failed


def figures_of(row: Locator) -> list[str]:
    return [cell.strip() for cell in row.locator("td").all_inner_texts()]


def test_a_dry_run_is_looked_through_and_taken_over_with_the_file_already_there(
    application: Application, staff: Page, tmp_path: Path
) -> None:
    import_of(application, TAKEN)
    sign_in(staff, application, "admin", "imports")
    dry_run(staff, zipped(tmp_path, changed(TAKEN, "Anker Druck & Satz GmbH")))
    expect(staff.get_by_role("heading", level=1)).to_have_text("bestand.zip")
    expect(staff.get_by_text("Probelauf, nichts gespeichert")).to_be_visible()
    firms = staff.get_by_role("row").filter(has_text="firmen.csv")
    assert figures_of(firms) == ["firmen.csv", "Firmen", "1", "0", "1", "0", "0"]
    month = staff.locator(".panel").filter(has_text="Was das für")
    expect(month).to_contain_text("1E-Mail-Adresse ändert sich")
    changes = staff.locator(".panel").filter(
        has=staff.get_by_role("heading", name="Was sich ändert")
    )
    expect(changes).to_contain_text("Anker Druck GmbH → Anker Druck & Satz GmbH")

    staff.reload()
    cause = staff.get_by_role("button", name="Gerät unbekannt")
    row = staff.get_by_role("row").filter(has=cause)
    expect(row).to_contain_text("3")
    expect(row).to_contain_text("Das Gerät 299999 ist nicht bekannt.")
    cause.press("Enter")
    lines = staff.locator(".cause-lines li")
    expect(lines).to_have_count(3)
    expect(lines.first).to_contain_text("Maschinennummer")
    with staff.expect_download() as download:
        staff.get_by_role("button", name="Befunde CSV").press("Enter")
    saved = Path(download.value.path()).read_text(encoding="utf-8-sig")
    assert saved.count("unknown_machine") == 3

    assert company(application, TAKEN)["company"]["name"] == TAKEN.name
    take_over(staff)
    expect(staff.get_by_text("3 abgewiesen.")).to_be_visible()
    assert company(application, TAKEN)["company"]["name"] == "Anker Druck & Satz GmbH"
    staff.get_by_role("link", name="aus dem Probelauf").press("Enter")
    expect(staff.get_by_text("Probelauf, inzwischen übernommen")).to_be_visible()
    expect(staff.get_by_role("button", name="Jetzt übernehmen")).to_have_count(0)
    staff.get_by_role("link", name="Zum Import").press("Enter")
    expect(staff.get_by_text(" Zeilen übernommen, ")).to_be_visible()


def test_several_files_are_dropped_and_imported_together(
    application: Application, staff: Page
) -> None:
    sign_in(staff, application, "admin", "imports")
    files = {name: as_csv(rows).decode("latin-1") for name, rows in tables_of(DROPPED).items()}
    dropped = staff.evaluate_handle(
        """files => {
          const held = new DataTransfer();
          for (const [name, text] of Object.entries(files)) {
            held.items.add(new File([Uint8Array.from(text, (sign) => sign.charCodeAt(0))], name));
          }
          return held;
        }""",
        files,
    )
    staff.locator(".upload-drop").dispatch_event("drop", {"dataTransfer": dropped})
    expect(staff.locator(".upload-files")).to_contain_text("6 Dateien zusammen")
    staff.get_by_role("button", name="Probelauf starten").press("Enter")
    expect(staff.get_by_text("6 von 6 erkannt")).to_be_visible()
    expect(staff.get_by_text("Alle Zeilen sind ohne Befund.")).to_be_visible()
    take_over(staff)
    found = company(application, DROPPED)
    assert found["company"]["name"] == DROPPED.name
    assert len(found["machines"]) == 1


def test_a_server_that_fails_costs_another_press_and_nothing_else(
    application: Application, staff: Page, tmp_path: Path
) -> None:
    import_of(application, OVERTAKEN)
    sign_in(staff, application, "admin", "imports")
    choose(staff, zipped(tmp_path, changed(OVERTAKEN, "Cafe Eder & Sohn OHG")))
    failed = once_failing(staff, "**/api/staff/imports?dry_run=*")
    start = staff.get_by_role("button", name="Probelauf starten")
    start.press("Enter")
    expect(staff.get_by_role("alert")).to_contain_text("noch einmal")
    assert failed
    start.press("Enter")
    cause = staff.get_by_role("button", name="Gerät unbekannt")
    failed = once_failing(staff, "**/findings?cause=*")
    cause.press("Enter")
    staff.get_by_role("button", name="Erneut").press("Enter")
    expect(staff.locator(".cause-lines li")).to_have_count(3)
    assert failed
    failed = once_failing(staff, "**/apply")
    staff.get_by_role("button", name="Jetzt übernehmen").press("Enter")
    expect(staff.get_by_role("alert")).to_contain_text("noch einmal")
    assert failed
    staff.reload()
    take_over(staff)
    assert company(application, OVERTAKEN)["company"]["name"] == "Cafe Eder & Sohn OHG"


def test_a_dry_run_that_another_import_has_overtaken_is_refused_in_words(
    application: Application, staff: Page, tmp_path: Path
) -> None:
    import_of(application, OVERTAKEN)
    sign_in(staff, application, "admin", "imports")
    dry_run(staff, zipped(tmp_path, changed(OVERTAKEN, "Cafe Ober OHG")))
    import_of(application, OVERTAKEN)
    staff.get_by_role("button", name="Jetzt übernehmen").press("Enter")
    expect(staff.get_by_role("alert")).to_contain_text("ist ein anderer Import gelaufen")
    assert company(application, OVERTAKEN)["company"]["name"] == OVERTAKEN.name


def test_what_a_full_export_lacks_is_listed_and_ended_by_choice(
    application: Application, staff: Page, tmp_path: Path
) -> None:
    import_of(application, LACKING)
    later = f"9{LACKING.number}"
    tables = tables_of(LACKING)
    for name, rows in tables.items():
        tables[name] = [row for row in rows if not {later, LACKING.machine(3)} & set(row)]
    sign_in(staff, application, "admin", "imports")
    dry_run(staff, zipped(tmp_path, tables), full=True)
    staff.get_by_role("link", name="Liste: Verträge").press("Enter")
    row = staff.get_by_role("row").filter(has_text=later)
    expect(row).to_contain_text("in Gebrauch")
    expect(row.get_by_role("checkbox")).to_have_count(0)
    expect(staff.get_by_text("erst, wenn der Import übernommen ist")).to_be_visible()
    staff.go_back()
    take_over(staff)
    staff.get_by_role("link", name="Liste: Verträge").press("Enter")
    row.get_by_role("checkbox").check()
    with staff.expect_download() as download:
        staff.get_by_role("button", name="CSV", exact=True).press("Enter")
    assert later in Path(download.value.path()).read_text(encoding="utf-8-sig")
    staff.get_by_role("button", name="1 beenden …").press("Enter")
    staff.get_by_role("dialog").get_by_role("button", name="Beenden").press("Enter")
    expect(row).to_contain_text("beendet")

    contracts = {one["id"]: one for one in company(application, LACKING)["contracts"]}
    today = application.staff("GET", "/api/staff/imports?limit=1")["imports"][0]["as_of"][:10]
    assert contracts[later]["ends_on"] < today
    assert contracts[f"7{LACKING.number}"]["ends_on"] > today
    entries = application.staff("GET", f"/api/staff/audit?company_id={LACKING.number}")["entries"]
    assert [(one["action"], one["record"]["id"]) for one in entries] == [("missing_ended", later)]


def released(application: Application, customer: Customer) -> None:
    """Both counters of all machines are entered and released."""
    asked_customer(application, customer)
    for n in range(1, customer.machines + 1):
        path = f"/api/staff/machines/{customer.machine(n)}"
        values = {meter: customer.now(n, meter) for meter in ("1", "2")}
        version = application.staff("GET", path)["version"]
        body = {"values": values, "version": version, "channel": "PHONE"}
        application.staff("PUT", f"{path}/readings", body)
    wanted = {"company_id": str(customer.number)}
    body = {"selection": {"filter": wanted}, "dry_run": True}
    dry = ended(application, application.staff("POST", "/api/staff/releases", body)["id"])
    body = {"selection": {"filter": wanted, "snapshot": dry}, "dry_run": False}
    ended(application, application.staff("POST", "/api/staff/releases", body)["id"])


def ended(application: Application, release_id: str) -> str:
    until(lambda: application.staff("GET", f"/api/staff/releases/{release_id}")["state"] == "done")
    return release_id


def until(holds: Callable[[], bool]) -> None:
    end = time.monotonic() + PATIENCE
    while not holds():
        assert time.monotonic() < end
        time.sleep(0.3)


def states(application: Application, customer: Customer, n: int) -> list[str]:
    """Of a machine's readings of the period, by counter."""
    meters = application.staff("GET", f"/api/staff/machines/{customer.machine(n)}")["meters"]
    return [meter["period"]["state"] for meter in meters]


def refused(application: Application, customer: Customer) -> list[str]:
    """Why the ERP does not take a customer's released readings."""
    path = f"/api/staff/readings?bucket=released&company_id={customer.number}"
    readings = [
        reading
        for machine in application.staff("GET", path)["machines"]
        for reading in machine["readings"]
    ]
    return [one["export_refused"] for one in readings if one["export_refused"]]


def test_an_export_is_acknowledged_line_by_line_and_the_rest_in_three_clicks(
    application: Application, staff: Page
) -> None:
    released(application, BILLED)
    sign_in(staff, application, "release", "imports")
    clicks = 0

    def press(button: Locator) -> None:
        nonlocal clicks
        clicks += 1
        button.press("Enter")

    tabs = staff.get_by_role("navigation", name="Ansichten")
    press(tabs.get_by_role("link", name="Exporte"))
    press(staff.get_by_role("button", name="Export starten"))
    rows = staff.get_by_role("row").filter(has_text=BILLED.name)
    expect(rows).to_have_count(4)
    run = staff.url.rsplit("/", 1)[1]

    first = staff.get_by_role("row").filter(has_text=f"SN{BILLED.machine(1)}")
    first.nth(0).get_by_role("checkbox").check()
    staff.get_by_role("button", name="1 ablehnen …").press("Enter")
    dialog = staff.get_by_role("dialog")
    dialog.get_by_label("Grund des ERP").fill("Vertrag gesperrt")
    failed = once_failing(staff, "**/ack")
    dialog.get_by_role("button", name="Ablehnen").press("Enter")
    expect(dialog.get_by_role("alert")).to_contain_text("noch einmal")
    assert failed
    dialog.get_by_role("button", name="Ablehnen").press("Enter")
    expect(first.nth(0)).to_contain_text("Vertrag gesperrt")
    expect(first.nth(0)).to_contain_text("abgelehnt")
    first.nth(1).get_by_role("checkbox").check()
    staff.get_by_role("button", name="1 als berechnet quittieren").press("Enter")
    expect(first.nth(1)).to_contain_text("berechnet")
    assert states(application, BILLED, 1) == ["released", "billed"]
    assert refused(application, BILLED) == ["Vertrag gesperrt"]
    assert states(application, BILLED, 2) == ["released", "released"]

    staff.reload()
    press(staff.get_by_role("button", name=re.compile("^Alle .* offenen als berechnet quittieren")))
    expect(staff.get_by_text("Quittiert am")).to_be_visible()
    assert clicks == 3
    assert states(application, BILLED, 2) == ["billed", "billed"]
    told = application.staff("GET", f"/api/staff/exports/{run}")["acknowledged"]
    assert (told["open"], told["refused"]) == (0, 1)

    open_view(staff, "today")
    task = staff.get_by_role("link", name="Zeilen, die das ERP ablehnt")
    task.press("Enter")
    expect(staff.get_by_role("row").filter(has_text="Vertrag gesperrt")).to_have_count(1)
    staff.get_by_role("row").filter(has_text=BILLED.name).get_by_role("checkbox").check()
    staff.get_by_role("button", name="1 als berechnet quittieren").press("Enter")
    expect(staff.get_by_text("Keine Zeile in diesem Stand.")).to_be_visible()
    assert states(application, BILLED, 1) == ["billed", "billed"]
    staff.goto(f"{application.url}/staff/#/machines/{BILLED.machine(1)}")
    expect(staff.get_by_role("cell", name="berechnet").first).to_be_visible()


def test_who_only_looks_is_offered_nothing(
    application: Application, staff: Page, tmp_path: Path
) -> None:
    import_of(application, SEEN)
    sign_in(staff, application, "read", "imports")
    expect(
        staff.get_by_role("link", name="export.zip").or_(staff.get_by_text("export.zip")).first
    ).to_be_visible()
    expect(staff.get_by_role("button", name="Probelauf starten")).to_have_count(0)
    turn_to(staff, "Übergabe ERP", "Exporte")
    expect(staff.get_by_role("heading", level=1, name="Exporte")).to_be_visible()
    expect(staff.get_by_role("button", name="Export starten")).to_have_count(0)


def test_each_screen_is_accessible_and_fits_a_small_window(
    application: Application, staff: Page, tmp_path: Path
) -> None:
    import_of(application, SEEN)
    tables = changed(SEEN, "Jung Kälte & Klima GmbH")
    sign_in(staff, application, "admin", "imports")
    dry_run(staff, zipped(tmp_path, tables, "bestand_2026.zip"), full=True)
    page = staff.url
    looked_at(staff, lambda: expect(staff.locator(".causes table")).to_be_visible())
    staff.goto(f"{page}?missing=machines")
    looked_at(staff, lambda: expect(staff.locator("tbody tr").first).to_be_visible())
    open_view(staff, "imports")
    looked_at(staff, lambda: expect(staff.get_by_text("bestand_2026.zip").first).to_be_visible())
    exports = application.staff("GET", "/api/staff/exports")["exports"]
    filled = next((one["id"] for one in exports if one["count"]), None)
    if filled is None:
        released(application, SEEN)
        filled = application.staff("POST", "/api/staff/exports", {})["id"]
    open_view(staff, "exports")
    looked_at(staff, lambda: expect(staff.locator("tbody tr").first).to_be_visible())
    open_view(staff, f"exports/{filled}")
    looked_at(staff, lambda: expect(staff.locator("tbody tr").first).to_be_visible())


def looked_at(page: Page, drawn: Callable[[], None]) -> None:
    for look in each_look(page):
        drawn()
        assert faults(page, look) == [], look
    drawn()
    assert overflow(page) == []
