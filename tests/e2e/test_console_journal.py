"""The journal: who of the staff did what, on what, before and after."""

from __future__ import annotations

import csv
import io
import re
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.e2e.console import another_view, open_view, sign_in
from tests.e2e.customers import Customer, asked_customer
from tests.e2e.sight import each_look, faults, overflow
from tests.support.running import Application

CUSTOMER = Customer(18721, 2, name="Bäckerei Sørensen")
BUSY = Customer(18722, 1, name="Druckhaus Ölmann")
LOOKS = 60
PHONE_ENTRY = "Zählerstand für den Kunden erfasst"


@pytest.fixture(scope="session", autouse=True)
def entered(application: Application) -> None:
    """A value is entered and corrected at the first customer, sixty times at the busy one."""
    asked_customer(application, CUSTOMER)
    asked_customer(application, BUSY)
    enter(application, CUSTOMER, CUSTOMER.now(1, "1") - 5)
    enter(application, CUSTOMER, CUSTOMER.now(1, "1"))
    for step in range(60):
        enter(application, BUSY, BUSY.now(1, "1") + step)


def enter(application: Application, customer: Customer, value: int) -> None:
    path = f"/api/staff/machines/{customer.machine(1)}"
    version = application.staff("GET", path)["version"]
    body = {"values": {"1": value}, "version": version, "channel": "PHONE"}
    application.staff("PUT", f"{path}/readings", body | {"reporter": customer.contact})


def opened(page: Page, application: Application, query: str = "", group: str = "read") -> Locator:
    """The journal's table; a row of details follows its entry."""
    sign_in(page, application, group, f"journal{query}")
    expect(page.get_by_role("heading", level=1)).to_have_text("Journal")
    return rows(page)


def rows(page: Page) -> Locator:
    return page.locator("tbody tr:not(.detail)")


def audit(application: Application, query: str) -> list[dict[str, Any]]:
    entries: list[dict[str, Any]] = application.staff("GET", f"/api/staff/audit?{query}")["entries"]
    return entries


def de(number: int) -> str:
    return f"{number:,}".replace(",", ".")


def test_an_entry_says_who_did_what_on_what_before_and_after_and_opens_in_place(
    application: Application, staff: Page
) -> None:
    machine = CUSTOMER.machine(1)
    listed = opened(staff, application, f"?machine_id={machine}")
    expect(listed).to_have_count(2)
    newest = listed.first
    for words in (
        application.account("admin")["name"],
        PHONE_ENTRY,
        f"Gerät {machine}",
        f"Zähler 1: {de(CUSTOMER.now(1, '1') - 5)}",
        f"Zähler 1: {de(CUSTOMER.now(1, '1'))}, Meldung durch: Telefon",
    ):
        expect(newest).to_contain_text(words)
    button = newest.get_by_role("button", name="Einzelheiten")
    button.press("Enter")
    expect(button).to_have_attribute("aria-expanded", "true")
    detail = staff.locator("tr.detail")
    before, after = de(CUSTOMER.now(1, "1") - 5), de(CUSTOMER.now(1, "1"))
    expect(detail).to_contain_text(f"{before} → {after}")
    expect(detail).to_contain_text(f"{CUSTOMER.name} {CUSTOMER.number}")
    expect(button).to_be_focused()
    button.press("Enter")
    expect(detail).to_have_count(0)


def test_names_lead_to_the_machine_and_the_customer_and_back_keeps_the_filter(
    application: Application, staff: Page
) -> None:
    machine = CUSTOMER.machine(1)
    listed = opened(staff, application, f"?company_id={CUSTOMER.number}&action=readings_entered")
    listed.first.get_by_role("link", name=f"Gerät {machine}").press("Enter")
    expect(staff.get_by_role("heading", level=1)).to_have_text(f"SN{machine}")
    staff.go_back()
    expect(staff.get_by_label("Vorgang")).to_have_value("readings_entered")
    expect(listed).to_have_count(2)
    listed.first.get_by_role("link", name="Ines Ibis").press("Enter")
    expect(staff.get_by_role("heading", level=1)).to_have_text(CUSTOMER.name)
    staff.get_by_role("link", name="Journal").last.press("Enter")
    expect(staff.get_by_label("Firmennummer")).to_have_value(str(CUSTOMER.number))


def test_filters_stand_in_the_address_and_are_chosen_from_an_entry(
    application: Application, staff: Page
) -> None:
    listed = opened(staff, application)
    expect(listed).not_to_have_count(0)
    firm = staff.get_by_label("Firmennummer")
    for _ in range(LOOKS):  # the firm is new: its row may still be on its way
        firm.fill("")
        firm.fill("druckhaus oelmann")
        staff.wait_for_timeout(1_000)
        if staff.locator("datalist option").count():
            break
    firm.press("Enter")
    expect(staff.get_by_label("Firmennummer")).to_have_value(str(BUSY.number))
    with another_view(staff):
        staff.get_by_role("link", name="Filter aufheben").press("Enter")
    staff.get_by_label("Firmennummer").fill(str(CUSTOMER.number))
    staff.get_by_label("Vorgang").select_option(PHONE_ENTRY)
    staff.get_by_role("button", name="Filtern", exact=True).press("Enter")
    expect(listed).to_have_count(2)
    staff.reload()
    expect(staff.get_by_label("Firmennummer")).to_have_value(str(CUSTOMER.number))
    expect(listed).to_have_count(2)
    listed.first.get_by_role("button", name="Einzelheiten").press("Enter")
    staff.get_by_role("link", name="nur dieser Ansprechpartner").press("Enter")
    expect(staff.get_by_label("Ansprechpartnernummer")).to_have_value(CUSTOMER.contact)
    expect(listed).to_have_count(len(audit(application, f"contact_id={CUSTOMER.contact}")))
    listed.first.get_by_role("button", name="Einzelheiten").press("Enter")
    staff.get_by_role("link", name="nur diese Person").press("Enter")
    admin = application.account("admin")["name"]
    expect(staff.get_by_label("Person").locator("option:checked")).to_have_text(admin)
    staff.get_by_role("link", name="Filter aufheben").press("Enter")
    open_view(staff, "journal?from=2020-01-01&to=2020-01-31")
    expect(staff.get_by_text("Kein Eintrag passt zu diesem Filter.")).to_be_visible()


def test_the_deeds_of_a_person_and_of_a_record_are_a_key_away(
    application: Application, staff: Page
) -> None:
    listed = opened(staff, application, f"?company_id={CUSTOMER.number}&action=readings_entered")
    button = listed.first.get_by_role("button", name="Einzelheiten")
    expect(button).to_be_visible()
    with another_view(staff):
        button.press("o")
    expect(staff.get_by_label("Gerätenummer")).to_have_value(CUSTOMER.machine(1))
    with another_view(staff):
        listed.first.get_by_role("button", name="Einzelheiten").press("p")
    admin = application.account("admin")["name"]
    expect(staff.get_by_label("Person").locator("option:checked")).to_have_text(admin)
    expect(staff.get_by_label("Gerätenummer")).to_have_value("")


def test_colleagues_are_chosen_by_name(application: Application, staff: Page) -> None:
    """Also one who has done nothing on the page that is shown."""
    listed = opened(staff, application, "?from=2020-01-01&to=2020-01-31")
    expect(staff.get_by_text("Kein Eintrag passt zu diesem Filter.")).to_be_visible()
    admin = application.account("admin")["name"]
    staff.get_by_label("Person").select_option(label=admin)
    staff.get_by_label("Von").fill("")
    staff.get_by_label("Bis").fill("")
    staff.get_by_role("button", name="Filtern", exact=True).press("Enter")
    expect(listed.first).to_contain_text(admin)
    staff.reload()
    expect(staff.get_by_label("Person").locator("option:checked")).to_have_text(admin)


def test_the_next_page_comes_by_cursor_and_the_csv_holds_them_all(
    application: Application, staff: Page, tmp_path: Path
) -> None:
    listed = opened(staff, application, f"?machine_id={BUSY.machine(1)}")
    expect(listed).to_have_count(50)
    staff.get_by_role("button", name="Weitere laden").press("Enter")
    expect(listed).to_have_count(60)
    expect(staff.get_by_role("button", name="Weitere laden")).to_have_count(0)
    with staff.expect_download() as saving:
        staff.get_by_role("button", name="CSV").press("Enter")
    file = tmp_path / "journal.csv"
    saving.value.save_as(file)
    lines = list(csv.reader(io.StringIO(file.read_text("utf-8-sig")), delimiter=";"))
    assert len(lines) == 1 + 60
    assert lines[0][:4] == ["Zeitpunkt", "Wer", "Kennung", "Was"]
    assert {line[3] for line in lines[1:]} == {PHONE_ENTRY}


def test_a_failing_server_is_told_and_the_list_goes_on_where_it_was(
    application: Application, staff: Page
) -> None:
    listed = opened(staff, application, f"?machine_id={BUSY.machine(1)}")
    expect(listed).to_have_count(50)
    staff.route("**/api/staff/audit?*", lambda route: route.abort())
    staff.get_by_role("button", name="Weitere laden").press("Enter")
    expect(staff.get_by_role("alert")).to_contain_text("Keine Verbindung zum Server")
    expect(listed).to_have_count(50)
    staff.reload()
    again = staff.get_by_role("button", name="Erneut", exact=True)
    expect(again).to_be_visible()
    staff.unroute("**/api/staff/audit?*")
    again.press("Enter")
    expect(listed).to_have_count(50)
    expect(staff.get_by_role("alert")).to_have_count(0)


def test_the_journal_is_accessible_in_every_look_and_loses_nothing_when_narrow(
    application: Application, staff: Page
) -> None:
    listed = opened(staff, application, f"?machine_id={CUSTOMER.machine(1)}")
    for look in each_look(staff):
        expect(listed).to_have_count(2)
        if not staff.locator("tr.detail").count():
            name = re.compile("Einzelheiten|Details")
            listed.first.get_by_role("button", name=name).press("Enter")
        assert faults(staff, look) == [], look
    assert overflow(staff) == []
