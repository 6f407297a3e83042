"""Staff hand in files of the ERP in the console, and the records stand there afterwards as they were written."""

from __future__ import annotations

import zipfile
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from playwright.sync_api import Page, expect

from tests.e2e.console import open_view, sign_in
from tests.e2e.customers import Customer, export_of
from tests.support.erp_exports import as_csv
from tests.support.field_base import HEADS, ROWS, whole_export
from tests.support.packed import packed, unpacked
from tests.support.running import Application
from tests.support.spreadsheets import as_sheets

COMPANY = ROWS["firmen"][0]


def hand_in(page: Page, file: Path, content: bytes) -> None:
    """The file is chosen in the console and taken over; the page of the import is open then."""
    file.write_bytes(content)
    open_view(page, "imports")
    page.get_by_label("Datei (ZIP, CSV, XLSX oder ODS)").set_input_files(file)
    page.get_by_role("button", name="Probelauf starten").press("Enter")
    page.get_by_role("button", name="Jetzt übernehmen").press("Enter")
    expect(page.get_by_text(" Zeilen übernommen, ")).to_be_visible()


def company_named(application: Application) -> Any:
    """What the list of contracts calls the company now."""
    path = f"/api/staff/contracts?company_id={COMPANY[0]}"
    (contract,) = application.staff("GET", path)["contracts"]
    return contract["company"]


def test_a_workbook_and_a_file_of_an_old_code_page_arrive_whole(
    application: Application, staff: Page, tmp_path: Path
) -> None:
    sign_in(staff, application, "admin", "imports")
    hand_in(
        staff, tmp_path / "export.xlsx", as_sheets({"Deckblatt": [["Export"]], **whole_export()})
    )
    expect(staff.get_by_text("Das Blatt „Deckblatt“ wurde übergangen").first).to_be_visible()
    assert company_named(application)["name"] == COMPANY[1]
    renamed = [COMPANY[0], "Tischlerei Ödön & Söhne", *COMPANY[2:]]
    hand_in(staff, tmp_path / "firmen.csv", as_csv([HEADS["firmen"], renamed], encoding="cp1252"))
    expect(staff.get_by_text("Windows-1252").first).to_be_visible()
    assert company_named(application)["name"] == "Tischlerei Ödön & Söhne"


def test_a_large_export_goes_to_the_bucket_and_is_imported_from_there(
    application: Application, staff: Page, tmp_path: Path
) -> None:
    """More than the API takes in one request: announced, put to the signed address, then started."""
    customer = Customer(27601, 1, name="Großimport Lüdemann KG")
    parts = {**unpacked(export_of(customer)), "liesmich.dat": b"x" * 5_000_000}
    export = packed(parts, method=zipfile.ZIP_STORED)
    assert len(export) > 4 * 1024 * 1024
    sign_in(staff, application, "admin", "imports")
    sent: list[tuple[str, int]] = []
    staff.on("response", lambda answer: sent.append((urlsplit(answer.url).path, answer.status)))
    hand_in(staff, tmp_path / "grosser export.zip", export)
    puts = [status for path, status in sent if path.startswith("/uploads/")]
    assert puts == [200]
    assert ("/api/staff/imports/uploads", 201) in sent
    path = f"/api/staff/contracts?company_id={customer.number}"
    (contract,) = application.staff("GET", path)["contracts"]
    assert contract["company"]["name"] == customer.name
