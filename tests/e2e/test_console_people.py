"""People mended by staff: address, phone, block of an address, contract; and what the ERP has to learn of it."""

from __future__ import annotations

import re
import time
from typing import Any

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.e2e.asking import PATIENCE, enter, mails_to
from tests.e2e.console import open_view, sign_in
from tests.e2e.customers import Customer, asked_customer
from tests.e2e.sight import each_look, faults, overflow
from tests.e2e.test_reminders import post
from tests.support.requesting import an_event
from tests.support.running import Application

MENDED = Customer(28201, 2, name="Reederei Ångström KG")
BLOCKED = Customer(28202, 2, name="Gärtnerei Wöhrle GmbH")
SHARED = Customer(28203, 1, name="Praxis Dr. Öztürk")
OTHER = Customer(28204, 1, name="Praxis am Markt")
PAPER = Customer(28205, 2, name="Spedition Krämer GmbH", others=1)
RIGHTS = Customer(28207, 1, name="Sägewerk Löffler")
FAILING = Customer(28206, 1, name="Kanzlei Üstün")


def shown(page: Page, application: Application, customer: Customer, group: str = "remind") -> Page:
    sign_in(page, application, group, f"companies/{customer.number}")
    expect(page.get_by_role("heading", level=1)).to_have_text(customer.name)
    return page


def row(page: Page, customer: Customer) -> Locator:
    return page.get_by_role("row").filter(has=page.locator(f"#contact-{customer.contact}"))


def card(application: Application, customer: Customer) -> Any:
    people = application.staff("GET", f"/api/staff/companies/{customer.number}")["contacts"]
    return next(one for one in people if one["id"] == customer.contact)


def owed(application: Application, customer: Customer) -> list[Any]:
    """What the ERP has to learn of this customer, from all pages of the list."""
    found: list[Any] = []
    path = "/api/staff/corrections?limit=200"
    while path:
        page = application.staff("GET", path)
        found += [
            one for one in page["corrections"] if one["company"]["id"] == str(customer.number)
        ]
        cursor = page["next_cursor"]
        path = f"/api/staff/corrections?limit=200&cursor={cursor}" if cursor else ""
    return found


def edit(page: Page, customer: Customer, name: str, value: str) -> Locator:
    """Presses the value in its row and types another one."""
    row(page, customer).get_by_role("button", name=f"{name} von Ines Ibis ändern").press("Enter")
    field = row(page, customer).get_by_role("textbox", name=f"{name} von Ines Ibis")
    expect(field).to_be_focused()
    field.fill(value)
    return field


def test_an_address_is_mended_in_its_row_and_the_erp_has_to_learn_it(
    application: Application, staff: Page, contact: Page
) -> None:
    link = asked_customer(application, MENDED)
    enter(contact, link)
    shown(staff, application, MENDED)
    new = f"neu@kunde{MENDED.number}.example"
    edit(staff, MENDED, "E-Mail", new)
    expect(row(staff, MENDED).get_by_role("button", name="Speichern")).to_be_visible()

    staff.reload()
    field = row(staff, MENDED).get_by_role("textbox", name="E-Mail von Ines Ibis")
    expect(field).to_have_value(new)
    field.press("Enter")
    mended = row(staff, MENDED).get_by_role("button", name=f"E-Mail von Ines Ibis ändern: {new}")
    expect(mended).to_be_focused()
    expect(row(staff, MENDED)).to_contain_text("ins ERP")
    assert card(application, MENDED)["erp"]["email"] == MENDED.mailbox

    assert contact.evaluate("async () => (await fetch('/api/session')).status") == 401
    end = time.monotonic() + PATIENCE
    while not any("hinterlegt" in one["text"] for one in mails_to(application, MENDED.mailbox)):
        assert time.monotonic() < end, "the old address is not told"
        time.sleep(0.3)

    open_view(staff, "today")
    staff.get_by_role("link", name=re.compile("In das ERP zu übertragen")).press("Enter")
    expect(staff.get_by_role("heading", level=1)).to_have_text("In das ERP zu übertragen")
    told = staff.get_by_role("row").filter(has_text=MENDED.name)
    for words in ("Ines Ibis", "E-Mail", MENDED.mailbox, new):
        expect(told).to_contain_text(words)
    with staff.expect_download() as download:
        staff.get_by_role("button", name="CSV").press("Enter")
    assert new in download.value.path().read_text(encoding="utf-8-sig")

    told.get_by_role("link", name=MENDED.name).press("Enter")
    row(staff, MENDED).get_by_role("button", name=f"zurück auf {MENDED.mailbox}").press("Enter")
    expect(row(staff, MENDED)).not_to_contain_text("ins ERP")
    assert (card(application, MENDED)["email"], owed(application, MENDED)) == (MENDED.mailbox, [])


def test_a_blocked_address_is_lifted_by_key_and_gets_mail_again(
    application: Application, staff: Page
) -> None:
    asked_customer(application, BLOCKED)
    sent = card(application, BLOCKED)["mail"]
    bounce = {"timestamp": sent["planned_at"]}
    event = an_event("Bounce Permanent", sent["round_id"], BLOCKED.mailbox, bounce=bounce)
    post(application, "/_local/events", event)
    end = time.monotonic() + PATIENCE
    while card(application, BLOCKED)["delivery"] != "bounced":
        assert time.monotonic() < end, "the bounce is not recorded"
        time.sleep(0.2)

    shown(staff, application, BLOCKED)
    expect(row(staff, BLOCKED)).to_contain_text("unzustellbar")
    staff.route("**/suppression", lambda route: route.abort(), times=1)
    staff.keyboard.press("l")
    dialog = staff.get_by_role("dialog", name="Sperre aufheben")
    expect(dialog.get_by_role("status")).to_contain_text("Amazon SES antwortet gerade nicht")
    reason = dialog.get_by_label("Warum?")
    expect(reason).to_be_focused()
    dialog.get_by_role("button", name="Noch einmal fragen").press("Enter")
    held = dialog.get_by_role("status")
    expect(held).to_contain_text(f"Amazon SES hält E-Mails an {BLOCKED.mailbox} zurück, seit")
    reason.fill("Postfach war voll")
    dialog.get_by_role("button", name="Sperre aufheben").press("Enter")
    expect(row(staff, BLOCKED)).to_contain_text("Sperre aufgehoben")
    assert card(application, BLOCKED)["lifted"]["reason"] == "Postfach war voll"

    before = len(mails_to(application, BLOCKED.mailbox))
    chosen = {"selection": {"ids": [f"7{BLOCKED.number}"]}, "dry_run": False}
    application.staff("POST", "/api/staff/rounds", chosen)
    end = time.monotonic() + PATIENCE
    while (mail := card(application, BLOCKED)["mail"]) is None or mail["fate"] != "delivered":
        assert time.monotonic() < end, "nothing was delivered after the lifting"
        time.sleep(0.3)
    assert len(mails_to(application, BLOCKED.mailbox)) == before + 1

    staff.reload()
    expect(row(staff, BLOCKED)).to_contain_text("zugestellt")
    row(staff, BLOCKED).get_by_role("button", name="Letzte E-Mail an Ines Ibis").press("Enter")
    letter = staff.get_by_role("dialog", name="Letzte E-Mail")
    expect(letter).to_contain_text(f"SN{BLOCKED.machine(1)}")
    expect(letter).to_contain_text(f"Amazon SES hält nichts zurück, was an {BLOCKED.mailbox} geht")
    assert "#t=" not in letter.inner_text()
    assert faults(staff) == []
    letter.get_by_role("button", name="Schließen").press("Enter")
    expect(letter).to_have_count(0)


def test_an_address_of_another_company_is_confirmed_by_name(
    application: Application, staff: Page
) -> None:
    asked_customer(application, SHARED, OTHER)
    shown(staff, application, SHARED)
    edit(staff, SHARED, "E-Mail", OTHER.mailbox).press("Enter")
    dialog = staff.get_by_role("dialog", name="Adresse anderer Firmen")
    expect(dialog.get_by_role("link", name=OTHER.name)).to_be_visible()
    staff.keyboard.press("Escape")
    expect(dialog).to_have_count(0)
    assert card(application, SHARED)["email"] == SHARED.mailbox
    row(staff, SHARED).get_by_role("textbox", name="E-Mail von Ines Ibis").press("Enter")
    dialog.get_by_role("button", name="Trotzdem übernehmen").press("Enter")
    expect(row(staff, SHARED)).to_contain_text(OTHER.mailbox)
    expect(dialog).to_have_count(0)
    assert card(application, SHARED)["email"] == OTHER.mailbox


def test_channel_and_reporters_of_a_contract_are_changed(
    application: Application, staff: Page
) -> None:
    asked_customer(application, PAPER)
    shown(staff, application, PAPER)
    contract = f"7{PAPER.number}"
    staff.get_by_role("button", name=f"Vertrag {contract} ändern").press("Enter")
    dialog = staff.get_by_role("dialog", name=f"Vertrag {contract}")
    dialog.get_by_label("Meldung durch").select_option(label="Telefon")
    dialog.get_by_label("Otto Otter").check()
    assert faults(staff) == []
    dialog.get_by_role("button", name="Speichern").press("Enter")
    there = staff.get_by_role("row").filter(has=staff.get_by_role("link", name=contract))
    expect(there).to_contain_text("Telefon ins ERP")
    expect(there).to_contain_text("Ines Ibis, Otto Otter")
    (told,) = owed(application, PAPER)
    assert [(one["field"], one["here"]) for one in told["changes"]] == [
        ("reading_channel", "PHONE"),
        ("reporters", f"Ines Ibis ({PAPER.contact}), Otto Otter (6{PAPER.number})"),
    ]
    staff.get_by_role("button", name=f"Vertrag {contract} ändern").press("Enter")
    dialog.get_by_role("button", name="Zurück auf das, was im ERP steht").press("Enter")
    dialog.get_by_role("button", name="Speichern").press("Enter")
    expect(there).not_to_contain_text("ins ERP")
    assert owed(application, PAPER) == []


def test_a_failing_server_and_a_newer_state_cost_nothing_that_was_typed(
    application: Application, staff: Page
) -> None:
    asked_customer(application, FAILING)
    shown(staff, application, FAILING)
    path = f"**/api/staff/contacts/{FAILING.contact}"
    staff.route(path, lambda route: route.abort())
    edit(staff, FAILING, "Telefon", "0711 12345").press("Enter")
    expect(row(staff, FAILING).get_by_role("alert")).to_contain_text("Keine Verbindung zum Server")
    staff.unroute(path)
    staff.reload()
    expect(row(staff, FAILING).get_by_role("textbox")).to_have_value("0711 12345")

    version = card(application, FAILING)["version"]
    body = {"phone": "0711 999", "version": version}
    application.staff("PATCH", f"/api/staff/contacts/{FAILING.contact}", body)
    row(staff, FAILING).get_by_role("textbox", name="Telefon von Ines Ibis").press("Enter")
    expect(row(staff, FAILING).get_by_role("alert")).to_contain_text(
        "Inzwischen steht hier: 0711 999"
    )
    row(staff, FAILING).get_by_role("button", name="Neuen Stand ansehen").press("Enter")
    field = row(staff, FAILING).get_by_role("textbox", name="Telefon von Ines Ibis")
    expect(field).to_have_value("0711 12345")
    expect(row(staff, FAILING).get_by_role("alert")).to_have_count(0)
    field.press("Enter")
    expect(row(staff, FAILING).get_by_role("button", name="0711 12345")).to_be_visible()
    assert card(application, FAILING)["phone"] == "0711 12345"


def test_rights_are_changed_and_count_at_once(
    application: Application, staff: Page, contact: Page
) -> None:
    enter(contact, asked_customer(application, RIGHTS))
    shown(staff, application, RIGHTS)
    there = row(staff, RIGHTS)
    there.get_by_role("button", name="Rechte von Ines Ibis ändern").press("Enter")
    dialog = staff.get_by_role("dialog", name="Rechte im Portal")
    dialog.get_by_label("Zählerstände melden").uncheck()
    dialog.get_by_label("Geräte ansehen").uncheck()
    assert faults(staff) == []
    dialog.get_by_role("button", name="Speichern").press("Enter")
    expect(there.get_by_role("button", name="Rechte von Ines Ibis ändern: Service")).to_be_visible()
    assert contact.evaluate("async () => (await fetch('/api/session')).status") == 401


def test_who_left_is_marked_and_comes_back(application: Application, staff: Page) -> None:
    asked_customer(application, FAILING)
    shown(staff, application, FAILING)
    more = row(staff, FAILING).get_by_role("button", name="Mehr zu Ines Ibis")
    more.press("Enter")
    staff.get_by_role("button", name="Ines Ibis als inaktiv kennzeichnen").press("Enter")
    dialog = staff.get_by_role("dialog", name="Nicht mehr aktiv")
    dialog.get_by_role("button", name="Als inaktiv kennzeichnen").press("Enter")
    expect(row(staff, FAILING)).to_contain_text("nicht mehr aktiv")
    assert card(application, FAILING)["active"] is False
    more.press("Enter")
    assert faults(staff) == []
    staff.get_by_role("button", name="Ines Ibis als aktiv kennzeichnen").press("Enter")
    dialog = staff.get_by_role("dialog", name="Wieder aktiv")
    dialog.get_by_role("button", name="Als aktiv kennzeichnen").press("Enter")
    expect(row(staff, FAILING)).not_to_contain_text("nicht mehr aktiv")


def test_who_may_only_read_changes_nothing(application: Application, staff: Page) -> None:
    asked_customer(application, FAILING)
    shown(staff, application, FAILING, "read")
    for name in ("ändern", "aufheben", "kennzeichnen", "zurück auf"):
        expect(staff.get_by_role("main").get_by_role("button", name=name)).to_have_count(0)


@pytest.mark.parametrize("view", ["customer", "corrections"])
def test_the_pages_are_accessible_in_every_look(
    application: Application, staff: Page, view: str
) -> None:
    asked_customer(application, FAILING)
    shown(staff, application, FAILING)
    edit(staff, FAILING, "Telefon", "0711 5")
    if view == "corrections":
        staff.keyboard.press("Enter")
        expect(row(staff, FAILING).get_by_role("button", name="0711 5")).to_be_visible()
        open_view(staff, "corrections")
        expect(staff.get_by_role("row").nth(1)).to_be_visible()
    for look in each_look(staff):
        expect(staff.get_by_role("table").first).to_be_visible()
        assert faults(staff, look) == [], look
    assert overflow(staff) == []
