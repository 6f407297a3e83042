"""What staff do about a person: notes, looking as the customer does, handing out data, erasing."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.asking import BUILT, enter
from tests.e2e.console import open_view, sign_in
from tests.e2e.customers import Customer, asked_customer
from tests.e2e.sight import each_look, faults, overflow
from tests.support.running import Application

NOTED = Customer(28601, 3, name="Notar Grünwald")
SEEN = Customer(28602, 4, name="Sanitär Köhler GmbH")
ERASED = [Customer(number, 2, name="Tischlerei Öztürk") for number in (28603, 28604, 28605)]
"""One for each try: whoever is erased is gone for the next one."""
MOVED = Customer(27051, 2, name="Gärtnerei Wiesengrund")


@pytest.fixture(scope="session", autouse=True)
def links(application: Application) -> dict[int, str]:
    return {one.number: asked_customer(application, one) for one in (NOTED, SEEN, MOVED)}


def shown(page: Page, application: Application, group: str, customer: Customer) -> Page:
    sign_in(page, application, group, f"companies/{customer.number}")
    expect(page.get_by_role("heading", level=1)).to_have_text(customer.name)
    expect(page.locator(".timeline li").first).to_be_visible()
    return page


def notes(application: Application, customer: Customer) -> list[str]:
    page = application.staff("GET", f"/api/staff/companies/{customer.number}")
    return [one["note"]["text"] for one in page["timeline"]["entries"] if one["note"]]


def test_a_note_is_written_by_key_survives_a_reload_and_is_withdrawn(
    application: Application, staff: Page
) -> None:
    shown(staff, application, "remind", NOTED)
    staff.locator(".record h1").press("n")
    dialog = staff.get_by_role("dialog", name="Notiz schreiben")
    expect(dialog.get_by_label("Text")).to_be_focused()
    staff.keyboard.type("Schlüssel beim Pförtner")
    staff.reload()  # before it is stored: the text is kept
    expect(staff.get_by_role("heading", level=1)).to_have_text(NOTED.name)
    staff.get_by_role("button", name="Notiz").press("Enter")
    expect(dialog.get_by_label("Text")).to_have_value("Schlüssel beim Pförtner")
    staff.route("**/api/staff/notes", lambda route: route.abort())
    dialog.get_by_role("button", name="Notiz speichern").press("Enter")
    expect(dialog.get_by_role("alert")).to_contain_text("Keine Verbindung zum Server")
    staff.unroute("**/api/staff/notes")
    dialog.get_by_label("Text").press("Control+Enter")
    line = staff.locator(".timeline li").first
    remind = application.account("remind")["name"]
    expect(line).to_contain_text(f"{remind} Notiz: „Schlüssel beim Pförtner“")
    assert notes(application, NOTED) == ["Schlüssel beim Pförtner"]

    open_view(staff, f"machines/{NOTED.machine(2)}")
    staff.get_by_role("button", name="Notiz").press("Enter")
    dialog.get_by_label("Text").fill("Papier klemmt oft")
    dialog.get_by_role("button", name="Notiz speichern").press("Enter")
    expect(staff.locator(".timeline li").first).to_contain_text("„Papier klemmt oft“")

    open_view(staff, f"companies/{NOTED.number}")
    lines = staff.locator(".timeline li")
    expect(lines.first).to_contain_text(f"SN{NOTED.machine(2)}: „Papier klemmt oft“")
    staff.get_by_role("button", name="Notiz zurücknehmen: Papier klemmt oft").press("Enter")
    taken = staff.get_by_role("dialog", name="Notiz zurücknehmen")
    taken.get_by_role("button", name="Notiz zurücknehmen").press("Enter")
    expect(lines.first).to_contain_text("Notiz zurückgenommen")
    assert notes(application, NOTED) == ["Schlüssel beim Pförtner"]


def test_staff_see_the_portal_as_the_customer_and_the_customer_learns_nothing(
    application: Application, staff: Page
) -> None:
    path = f"/api/staff/machines/{SEEN.machine(2)}"
    version = application.staff("GET", path)["version"]
    values = {"1": SEEN.now(2, "1"), "2": SEEN.now(2, "2")}
    body = {"values": values, "version": version, "channel": "PHONE", "reporter": SEEN.contact}
    application.staff("PUT", f"{path}/readings", body)
    shown(staff, application, "read", SEEN)
    staff.get_by_role("button", name="Mehr zu Ines Ibis").press("Enter")
    more = staff.get_by_role("dialog", name="Ines Ibis")
    expect(more.get_by_role("button", name="Löschen …")).to_have_count(0)
    more.get_by_role("link", name="Ansehen wie der Kunde").press("Enter")
    expect(staff.get_by_role("heading", level=1)).to_have_text("Portal von Ines Ibis")
    banner = staff.get_by_role("note")
    expect(banner).to_contain_text("Ansicht als Ines Ibis, nur lesen")
    view = staff.locator(".view-body")
    expect(view).to_contain_text("Bitte melden Sie die Zählerstände bis 28.11.2026.")
    expect(view).to_contain_text("1 von 4 Geräten gemeldet")
    cards = staff.locator(".view-machine")
    expect(cards).to_have_count(4)
    expect(cards.nth(1)).to_contain_text("Gemeldet: 42.836 am 23.11.2026 von Ines Ibis")
    expect(cards.nth(0)).to_contain_text("Noch nicht gemeldet")
    assert view.locator("input, button").count() == 0
    staff.reload()
    expect(staff.get_by_role("heading", level=1)).to_have_text("Portal von Ines Ibis")
    staff.get_by_role("link", name="Alle Geräte der Firma").press("Enter")
    expect(cards).to_have_count(4)
    for look in each_look(staff):
        expect(cards.first).to_be_visible()
        assert faults(staff, look) == [], look
    assert overflow(staff) == []
    staff.get_by_role("link", name=f"Zurück zu {SEEN.name}").press("Enter")
    expect(staff.get_by_role("heading", level=1)).to_have_text(SEEN.name)
    path = f"/api/staff/audit?contact_id={SEEN.contact}&action=viewed_as_contact"
    looked = application.staff("GET", path)["entries"]
    assert {one["by"]["name"] for one in looked} == {application.account("read")["name"]}


def test_a_person_s_data_are_saved_as_one_file(
    application: Application, staff: Page, tmp_path: Path
) -> None:
    cards = application.staff("GET", f"/api/staff/companies/{MOVED.number}")["contacts"]
    path = f"/api/staff/contacts/{MOVED.contact}"
    moved = {"email": "neu@wiesengrund.example", "version": cards[0]["version"]}
    application.staff("PATCH", path, moved)
    shown(staff, application, "admin", MOVED)
    staff.get_by_role("button", name="Mehr zu Ines Ibis").press("Enter")
    more = staff.get_by_role("dialog", name="Ines Ibis")
    with staff.expect_download() as saving:
        more.get_by_role("button", name="Daten exportieren").press("Enter")
    expect(more).to_contain_text(f"Gespeichert als {MOVED.contact}.json.")
    file = tmp_path / "data.json"
    saving.value.save_as(file)
    told: dict[str, Any] = json.loads(file.read_text(encoding="utf-8"))
    assert told["contact_id"] == MOVED.contact
    data = told["data"]
    assert data["person"][0]["email"] == "neu@wiesengrund.example"
    known = {one["address"] for one in data["address"]}
    assert known == {MOVED.mailbox, "neu@wiesengrund.example"}, "the one of before, too"
    assert {"links", "mails", "contracts", "journal"} <= set(data)


def test_a_person_is_erased_after_a_dry_run_and_their_name_typed(
    application: Application, staff: Page, contact: Page
) -> None:
    erased = ERASED.pop(0)
    enter(contact, asked_customer(application, erased))
    note = {"text": "Frau Ibis ist krank", "company_id": str(erased.number)}
    application.staff("POST", "/api/staff/notes", note)
    shown(staff, application, "admin", erased)
    staff.get_by_role("button", name="Mehr zu Ines Ibis").press("Enter")
    staff.get_by_role("dialog").get_by_role("button", name="Löschen …").press("Enter")
    dialog = staff.get_by_role("dialog", name="Ines Ibis löschen")
    expect(dialog).to_contain_text("1 Eintrag der Person")
    expect(dialog).to_contain_text("1 Notiz, ihr Text bleibt ohne den Namen")
    go = dialog.get_by_role("button", name="Ines Ibis endgültig löschen")
    expect(go).to_be_disabled()
    dialog.get_by_label("Name zur Bestätigung").fill("Ines")
    expect(go).to_be_disabled()
    for look in ("light", "dark"):
        staff.emulate_media(color_scheme="dark" if look == "dark" else "light")
        assert faults(staff) == [], look
    staff.emulate_media(color_scheme="light")
    dialog.get_by_label("Name zur Bestätigung").fill("Ines Ibis")
    path = f"**/api/staff/contacts/{erased.contact}/data?dry_run=false"
    staff.route(path, lambda route: route.abort())
    go.press("Enter")
    expect(dialog.get_by_role("alert")).to_contain_text("Keine Verbindung zum Server")
    staff.unroute(path)
    dialog.get_by_role("button", name="Löschung fortsetzen").press("Enter")
    expect(dialog).to_contain_text("Die Listen der Konsole entstehen gerade neu", timeout=BUILT)
    expect(dialog).to_have_count(0, timeout=BUILT)  # a snapshot is built in between
    expect(staff.locator(".panel").first).not_to_contain_text("Ines Ibis")
    page = application.staff("GET", f"/api/staff/companies/{erased.number}")
    assert page["contacts"] == []
    assert erased.mailbox not in json.dumps(page)
    assert notes(application, erased) == ["Frau … ist krank"]
    status = contact.evaluate("async () => (await fetch('/api/session')).status")
    assert status == 401
    found = application.staff("GET", f"/api/staff/search?q=kunde{erased.number}")
    assert erased.mailbox not in json.dumps(found)

    open_view(staff, "erasures")
    row = staff.get_by_role("row").filter(has_text=erased.contact)
    expect(row).to_contain_text("gelöscht")
    for look in each_look(staff):
        expect(row).to_be_visible()
        assert faults(staff, look) == [], look
    assert overflow(staff) == []
    staff.get_by_role("button", name=f"{erased.contact} wieder zulassen").press("Enter")
    readmit = staff.get_by_role("dialog")
    readmit.get_by_role("button", name="Wieder zulassen").press("Enter")
    expect(row).to_have_count(0)
    asked_customer(application, erased)
    page = application.staff("GET", f"/api/staff/companies/{erased.number}")
    assert [one["name"] for one in page["contacts"]] == ["Ines Ibis"]


def test_rights_are_changed_in_the_row_and_end_at_once(
    application: Application, staff: Page, colleague: Page
) -> None:
    email = "privacy.probe@dealer.example"
    sign_in(staff, application, "admin", "people")
    expect(staff.get_by_role("heading", level=1)).to_have_text("Personen und Rechte")
    staff.get_by_role("button", name="Einladen …").press("Enter")
    dialog = staff.get_by_role("dialog", name="Kollegen einladen")
    dialog.get_by_label("Name").fill("Paula Probe")
    dialog.get_by_label("E-Mail").fill(email)
    dialog.get_by_label("Anfordern").press("Space")
    assert faults(staff) == []
    staff.route("**/api/staff/people", lambda route: route.abort())
    dialog.get_by_role("button", name="Einladung senden").press("Enter")
    expect(dialog.get_by_role("alert")).to_contain_text("Keine Verbindung zum Server")
    staff.unroute("**/api/staff/people")
    dialog.get_by_role("button", name="Einladung senden").press("Enter")
    row = staff.get_by_role("row").filter(has_text=email)
    expect(row).to_contain_text("Paula Probe")
    expect(row).to_contain_text("eingeladen")
    assert person(application, email)["groups"] == ["read", "remind"]

    row.get_by_label("Freigeben: Paula Probe").press("Space")
    row.get_by_role("button", name="Rechte von Paula Probe speichern").press("Enter")
    expect(row.get_by_role("button", name="Rechte von Paula Probe speichern")).to_have_count(0)
    assert person(application, email)["groups"] == ["read", "remind", "release"]
    staff.reload()
    expect(row.get_by_label("Freigeben: Paula Probe")).to_be_checked()
    row.get_by_role("button", name="Paula Probe sperren").press("Enter")
    staff.get_by_role("dialog").get_by_role("button", name="Sperren").press("Enter")
    expect(row).to_contain_text("gesperrt")
    assert person(application, email)["enabled"] is False
    row.get_by_role("button", name="Paula Probe entsperren").press("Enter")
    expect(row).to_contain_text("aktiv")

    mine = staff.get_by_role("row").filter(has_text=application.account("admin")["username"])
    expect(mine.get_by_label("Verwalten")).to_be_disabled()
    expect(mine.get_by_role("button", name="sperren")).to_have_count(0)
    for look in each_look(staff):
        expect(row).to_be_visible()
        assert faults(staff, look) == [], look
    assert overflow(staff) == []
    sign_in(colleague, application, "read", "journal")
    expect(colleague.get_by_role("navigation", name="Ansichten")).to_be_visible()
    expect(colleague.get_by_role("link", name="Personen und Rechte")).to_have_count(0)


def person(application: Application, email: str) -> dict[str, Any]:
    people = application.staff("GET", "/api/staff/people")["people"]
    found: dict[str, Any] = next(one for one in people if one["email"] == email)
    return found
