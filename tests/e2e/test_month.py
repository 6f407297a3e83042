"""The month of one contact and one staff, in real browsers, from the ERP's export to billed readings."""

from __future__ import annotations

import json
import re
import urllib.request
from pathlib import Path
from typing import Any

from playwright.sync_api import Locator, Page, expect

from infra.local.first_start import zipped
from tests.e2e.console import sign_in, turn_to
from tests.support.running import ROOT, Application

CONTRACT = "70037"
MAILBOX = "h.mueller5068@firma10168.example"


def test_a_month_from_the_export_to_billed_readings(
    application: Application, staff: Page, contact: Page, tmp_path: Path
) -> None:
    sign_in(staff, application, "admin")

    import_the_export(staff, tmp_path)
    make_portal_ready(staff)
    send_the_request(staff)

    open_the_link(contact, link_in_the_mail(application))
    report_with_a_typing_error(contact)
    report_the_other_machine(contact)
    correct_a_value(contact, "37.750")

    release_what_was_reported(staff)
    a_correction_is_refused(contact)
    exported = export_and_acknowledge(staff)

    lines = exported["readings"]
    values = {
        (line["machine_id"], line["meter_id"]): line["value"]
        for line in lines
        if line["machine_id"] in ("200216", "200217")  # other tests release, too
    }
    assert values == {
        ("200216", "1"): 37750,
        ("200216", "2"): 9000,
        ("200217", "1"): 46500,
        ("200217", "2"): 17900,
    }
    assert exported["manifest"]["count"] == len(lines)
    assert exported["manifest"]["sum"] == sum(line["value"] for line in lines)


def import_the_export(page: Page, folder: Path) -> None:
    """The same export once more, as staff uploads it: every row has its result, nothing changes."""
    upload = folder / "export.zip"
    upload.write_bytes(zipped(ROOT / "infra" / "local" / "demo"))
    turn_to(page, "Übergabe ERP", "Importe")
    page.get_by_label("Datei (ZIP, CSV, XLSX oder ODS)").set_input_files(upload)
    page.get_by_role("button", name="Probelauf starten").click()
    expect(page.get_by_text("31.02.2026").first).to_be_visible()
    page.get_by_role("button", name="Jetzt übernehmen").press("Enter")
    expect(page.get_by_text(" Zeilen übernommen, ")).to_be_visible()


def choose_contract(page: Page) -> None:
    """In the portfolio, as far as it is not chosen yet."""
    nav = page.get_by_role("navigation", name="Bereiche")
    nav.get_by_role("link", name="Bestand").press("Enter")
    page.get_by_role("searchbox", name="Filtern").fill(CONTRACT)
    row = page.locator(".grid-row:not([hidden])").filter(has_text=CONTRACT)
    expect(row).to_have_count(1)
    if row.get_attribute("aria-selected") != "true":
        row.locator(".pick").click()
    expect(page.get_by_text("1 Vertrag gewählt")).to_be_visible()


def make_portal_ready(page: Page) -> None:
    choose_contract(page)
    page.get_by_role("button", name="Portal Ready ausführen").press("Enter")
    expect(page.get_by_text("Alle geprüften Verträge sind bereit.")).to_be_visible()


def send_the_request(page: Page) -> None:
    choose_contract(page)
    page.get_by_role("button", name="Anfordern …").press("Enter")
    page.get_by_role("button", name="1 E-Mail versenden").press("Enter")
    row = page.get_by_role("grid", name="Zustellungen").locator("tbody tr")
    expect(row).to_contain_text("Anwaltskanzlei Sørensen GmbH")
    expect(row).to_contain_text(re.compile("versendet|zugestellt"))


def link_in_the_mail(application: Application) -> str:
    """The link as it stands in the plain text of the mail that was really sent."""
    mails = application.json("/_local/mails")
    mail = next(mail for mail in mails if MAILBOX in str(mail["to"]))
    assert "28.11.2026" in mail["subject"]
    found = re.search(r"http://127\.0\.0\.1:\d+/#t=\S+", mail["text"])
    assert found, mail["text"]
    assert found[0] in mail["html"].replace("&amp;", "&")
    return found[0]


def open_the_link(page: Page, link: str) -> None:
    page.goto(link)
    page.get_by_role("button", name="Weiter zu Ihren Geräten").click()
    expect(page.get_by_text("Anwaltskanzlei Sørensen GmbH").first).to_be_visible()
    expect(page.get_by_text("0 von 2 gemeldet")).to_be_visible()
    assert "#t=" not in page.url


def machine(page: Page, machine_id: str) -> Locator:
    return page.locator(f"#machine-{machine_id}")


def report_with_a_typing_error(page: Page) -> None:
    card = machine(page, "200216")
    expect(card.get_by_label("Scan")).to_have_count(0)  # not billable, not shown
    card.get_by_role("textbox", name="Schwarzweiß").fill("37 700 Seiten")
    colour = card.get_by_role("textbox", name="Farbe")
    colour.fill("90000")
    colour.press("Tab")
    expect(card.locator(".hint")).to_be_visible()
    colour.fill("9.000")
    card.get_by_role("button", name="Absenden").click()
    expect(card.get_by_text("gespeichert, passt zum Verlauf")).to_have_count(2)
    expect(page.get_by_text("1 von 2 gemeldet")).to_be_visible()


def report_the_other_machine(page: Page) -> None:
    card = machine(page, "200217")
    card.get_by_role("textbox", name="Schwarzweiß").fill("46500")
    card.get_by_role("textbox", name="Farbe").fill("17900")
    card.get_by_role("button", name="Absenden").click()
    expect(card.get_by_text("gespeichert, passt zum Verlauf")).to_have_count(2)
    expect(page.get_by_text("Danke, alles gemeldet.")).to_be_visible()


def correct_a_value(page: Page, value: str) -> None:
    card = machine(page, "200216")
    card.get_by_role("button", name=re.compile("ändern$")).click()
    card.get_by_role("textbox", name="Schwarzweiß").fill(value)
    card.get_by_role("button", name="Absenden").click()
    expect(card.get_by_text(value).first).to_be_visible()
    expect(card.get_by_text("gespeichert, passt zum Verlauf")).to_have_count(2)


def release_what_was_reported(page: Page) -> None:
    turn_to(page, "Prüfen & Freigeben", "Zählerstände")
    page.get_by_label("Vertragsnummer").fill(CONTRACT)
    page.get_by_role("button", name="Filtern", exact=True).click()
    page.get_by_role("checkbox", name="Alle geladenen Zeilen auswählen").check()
    page.get_by_role("button", name="Ausgewählte Geräte: Probelauf der Freigabe").click()
    page.get_by_role("button", name="Jetzt 4 Zählerstände freigeben").click()
    expect(page.get_by_text("fertig", exact=True)).to_be_visible()
    expect(page.locator("details.protocol summary")).to_have_text("Freigegeben 4 Zählerstände")


def a_correction_is_refused(page: Page) -> None:
    """The contact's page still shows the state before the release: the server refuses, in words."""
    card = machine(page, "200216")
    card.get_by_role("button", name=re.compile("ändern$")).click()
    card.get_by_role("textbox", name="Schwarzweiß").fill("37800")
    card.get_by_role("button", name="Absenden").click()
    expect(card.get_by_text("freigegeben").first).to_be_visible()
    page.reload()
    expect(card.get_by_text("37.750").first).to_be_visible()
    expect(card.get_by_role("button", name=re.compile("ändern$"))).to_have_count(0)


def export_and_acknowledge(page: Page) -> dict[str, Any]:
    turn_to(page, "Übergabe ERP", "Exporte")
    page.get_by_role("button", name="Export starten").click()
    exported = downloaded(page, "readings.json")
    manifest = downloaded(page, "manifest.json")
    page.get_by_role("button", name=re.compile("als berechnet quittieren")).press("Enter")
    expect(page.get_by_text("Quittiert am")).to_be_visible()
    return {"readings": exported["readings"], "manifest": manifest}


def downloaded(page: Page, name: str) -> dict[str, Any]:
    with page.expect_download() as download:
        page.get_by_role("link", name=name).click()
    content: dict[str, Any] = json.loads(Path(download.value.path()).read_text(encoding="utf-8"))
    return content


def test_every_page_it_names_answers(application: Application) -> None:
    """The start page's own addresses: all of them here, those to be opened by GET with an answer."""
    urls = application.json("/_local/")["urls"]
    assert all(url.startswith(application.url) for url in urls.values())
    for name in ("start", "portal", "console", "openapi", "mails"):
        with urllib.request.urlopen(urls[name], timeout=30) as answer:  # noqa: S310 - our own
            assert answer.status == 200, name
