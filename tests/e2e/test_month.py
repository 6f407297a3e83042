"""The month of one contact and one clerk, in real browsers, from the ERP's export to billed readings."""

from __future__ import annotations

import json
import re
import urllib.request
from pathlib import Path
from typing import Any

from playwright.sync_api import Locator, Page, expect

from infra.local.first_start import zipped
from tests.running import ROOT, Application

CONTRACT = "70037"
MAILBOX = "h.mueller5068@firma10168.example"


def test_a_month_from_the_export_to_billed_readings(
    application: Application, clerk: Page, contact: Page, tmp_path: Path
) -> None:
    sign_in(clerk, application, "admin")

    import_the_export(clerk, tmp_path)
    make_portal_ready(clerk)
    send_the_request(clerk)

    open_the_link(contact, link_in_the_mail(application))
    report_with_a_typing_error(contact)
    report_the_other_machine(contact)
    correct_a_value(contact, "37.750")

    release_what_was_reported(clerk)
    a_correction_is_refused(contact)
    exported = export_and_acknowledge(clerk)

    values = {
        (line["machine_id"], line["meter_id"]): line["value"] for line in exported["readings"]
    }
    assert values == {
        ("200216", "1"): 37750,
        ("200216", "2"): 9000,
        ("200217", "1"): 46500,
        ("200217", "2"): 17900,
    }
    assert exported["manifest"]["count"] == 4
    assert exported["manifest"]["sum"] == sum(values.values())


def sign_in(page: Page, application: Application, group: str) -> None:
    account = application.account(group)
    page.goto(application.url + "/staff/")
    page.get_by_label("E-Mail-Adresse").fill(account["username"])
    page.get_by_label("Passwort", exact=True).fill(account["password"])
    page.get_by_role("button", name="Anmelden", exact=True).click()
    expect(page.get_by_role("heading", name="Verträge")).to_be_visible()


def import_the_export(page: Page, folder: Path) -> None:
    """The same export once more, as a clerk uploads it: every row has its result, nothing changes."""
    upload = folder / "export.zip"
    upload.write_bytes(zipped(ROOT / "infra" / "local" / "demo"))
    page.get_by_role("link", name="Importe", exact=True).click()
    page.get_by_label("Datei (ZIP oder CSV)").set_input_files(upload)
    page.get_by_role("button", name="Importieren").click()
    page.get_by_text("fertig", exact=True).first.wait_for()
    expect(page.get_by_text("31.02.2026").first).to_be_visible()


def find_contract(page: Page) -> None:
    page.get_by_role("link", name="Verträge", exact=True).click()
    page.get_by_label("Vertragsnummer").fill(CONTRACT)
    page.get_by_role("button", name="Filtern", exact=True).click()
    row = page.get_by_role("row").filter(has_text=CONTRACT)
    row.get_by_role("checkbox").check()


def make_portal_ready(page: Page) -> None:
    find_contract(page)
    page.get_by_role("button", name="Portal Ready ausführen").click()
    expect(page.get_by_text("Alle geprüften Verträge sind bereit.")).to_be_visible()


def send_the_request(page: Page) -> None:
    find_contract(page)
    page.get_by_role("button", name="Anforderung vorbereiten").click()
    page.get_by_role("button", name="Jetzt 1 E-Mail versenden").click()
    row = page.get_by_role("row").filter(has_text=CONTRACT)
    expect(row.get_by_text("versendet")).to_be_visible()


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
    expect(page.get_by_text("0 von 2 Geräten gemeldet")).to_be_visible()
    assert "#t=" not in page.url


def machine(page: Page, machine_id: str) -> Locator:
    return page.locator(f"#machine-{machine_id}")


def report_with_a_typing_error(page: Page) -> None:
    card = machine(page, "200216")
    expect(card.get_by_label("Scan")).to_have_count(0)  # not billable, not shown
    card.get_by_label("S/W").fill("37 700 Seiten")
    colour = card.get_by_label("Farbe")
    colour.fill("90000")
    colour.press("Tab")
    expect(card.get_by_text("Hinweis:")).to_be_visible()
    colour.fill("9.000")
    card.get_by_role("button", name="Absenden").click()
    expect(card.get_by_text("Plausibel – gespeichert")).to_have_count(2)
    expect(page.get_by_text("1 von 2 Geräten gemeldet")).to_be_visible()


def report_the_other_machine(page: Page) -> None:
    card = machine(page, "200217")
    card.get_by_label("S/W").fill("46500")
    card.get_by_label("Farbe").fill("17900")
    card.get_by_role("button", name="Absenden").click()
    expect(card.get_by_text("Plausibel – gespeichert")).to_have_count(2)
    expect(page.get_by_text("Alles gemeldet. Vielen Dank!")).to_be_visible()


def correct_a_value(page: Page, value: str) -> None:
    card = machine(page, "200216")
    card.get_by_role("button", name="Korrigieren").click()
    card.get_by_label("S/W").fill(value)
    card.get_by_role("button", name="Absenden").click()
    expect(card.get_by_text(value).first).to_be_visible()
    expect(card.get_by_text("Plausibel – gespeichert")).to_have_count(2)


def release_what_was_reported(page: Page) -> None:
    page.get_by_role("link", name="Zählerstände", exact=True).click()
    page.get_by_label("Vertragsnummer").fill(CONTRACT)
    page.get_by_role("button", name="Filtern", exact=True).click()
    page.get_by_role("checkbox", name="Alle geladenen Zeilen auswählen").check()
    page.get_by_role("button", name="Ausgewählte Geräte: Probelauf der Freigabe").click()
    page.get_by_role("button", name="Jetzt 4 Zählerstände freigeben").click()
    expect(page.get_by_text("fertig", exact=True)).to_be_visible()
    expect(page.get_by_role("cell", name="freigegeben")).to_have_count(4)


def a_correction_is_refused(page: Page) -> None:
    """The contact's page still shows the state before the release: the server refuses, in words."""
    card = machine(page, "200216")
    card.get_by_role("button", name="Korrigieren").click()
    card.get_by_label("S/W").fill("37800")
    card.get_by_role("button", name="Absenden").click()
    expect(card.get_by_text("freigegeben").first).to_be_visible()
    page.reload()
    expect(card.get_by_text("37.750").first).to_be_visible()
    expect(card.get_by_role("button", name="Korrigieren")).to_have_count(0)


def export_and_acknowledge(page: Page) -> dict[str, Any]:
    page.get_by_role("link", name="Exporte", exact=True).click()
    page.get_by_role("button", name="Export starten").click()
    exported = downloaded(page, "readings.json")
    manifest = downloaded(page, "manifest.json")
    page.get_by_role("button", name="Alle als berechnet quittieren").click()
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
