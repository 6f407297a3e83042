"""Staff hand in files of the ERP in the console, and the records stand there afterwards as they were written."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from playwright.sync_api import Page, expect

from tests.e2e.console import open_view, sign_in
from tests.support.erp_exports import as_csv
from tests.support.field_base import HEADS, ROWS, whole_export
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
