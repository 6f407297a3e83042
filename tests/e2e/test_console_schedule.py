"""The schedule in the console, and rounds that staff pause and end."""

from __future__ import annotations

from dataclasses import replace

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.asking import mails_to, ready
from tests.e2e.console import open_view, sign_in
from tests.e2e.customers import Customer, import_of
from tests.e2e.sight import faults, overflow
from tests.e2e.test_console_stopped import a_round, addresses, quota_used_up
from tests.support.running import Application

PATH = "/api/staff/schedule"
PAUSED = Customer(27561, 2, others=1, name="Eider Papier GmbH")
ENDED = replace(PAUSED, number=27562, name="Krick Technik GmbH")
OWN = "70027563"
"""A contract's number that no customer has."""


@pytest.fixture(scope="session", autouse=True)
def _companies(application: Application) -> None:
    for customer in (PAUSED, ENDED):
        import_of(application, customer)
        ready(application, str(customer.number))


def test_the_schedule_is_set_with_quiet_days_and_a_contract_of_its_own(
    application: Application, staff: Page
) -> None:
    before = application.staff("GET", PATH)
    sign_in(staff, application, "admin", "schedule")
    lead = staff.get_by_label("Vorlauf in Tagen")
    save = staff.get_by_role("button", name="Zeitplan speichern")
    try:
        lead.fill("viel")
        save.press("Enter")
        expect(staff.get_by_text("Hier fehlt eine ganze Zahl.")).to_be_visible()
        expect(lead).to_be_focused()
        lead.fill("200")
        save.press("Enter")
        expect(staff.get_by_text("Hier steht eine ganze Zahl von 0 bis 90.")).to_be_visible()
        assert faults(staff) == []
        assert overflow(staff) == []

        lead.fill("10")
        staff.get_by_label("Karenztage", exact=True).first.fill("15")
        staff.get_by_label("Uhrzeit").select_option("9")
        staff.get_by_label("Erste Erinnerung", exact=True).select_option("before")
        staff.get_by_label("Erste Erinnerung: Tage", exact=True).fill("2")
        staff.get_by_label("Zweite Erinnerung", exact=True).select_option("after")
        staff.get_by_label("Zweite Erinnerung: Tage", exact=True).fill("3")
        staff.get_by_label("Samstag und Sonntag").check()
        staff.get_by_label("Feiertage in").select_option("BY")
        staff.get_by_role("button", name="Vertrag hinzufügen").press("Enter")
        staff.get_by_label("Vertragsnummer", exact=True).fill(OWN)
        staff.get_by_label("Vorlauf", exact=True).fill("30")
        staff.get_by_label("Karenztage", exact=True).nth(1).fill("5")
        save.press("Enter")
        expect(
            staff.get_by_text("Der Zeitplan gilt ab der nächsten vollen Stunde.")
        ).to_be_visible()
        expect(staff.get_by_role("region", name="Die nächsten zwei Wochen")).to_contain_text(
            "Sonntag"
        )
        assert faults(staff) == []
        stored = application.staff("GET", PATH)
        assert (stored["lead_days"], stored["grace_days"], stored["hour"]) == (10, 15, 9)
        assert stored["reminders"] == [{"days": -2, "since": "due"}, {"days": 3, "since": "due"}]
        assert (stored["weekends"], stored["land"]) == (True, "BY")
        assert stored["contracts"] == {
            OWN: {"lead_days": 30, "grace_days": 5, "reminders": None, "last_step": None}
        }

        lead.fill("11")
        staff.locator("#language").click()
        expect(staff.get_by_text("Your changes are still in the fields.")).to_be_visible()
        expect(staff.get_by_label("Lead time in days")).to_have_value("11")
        staff.locator("#language").click()
        expect(staff.get_by_text("Ihre Änderungen stehen noch in den Feldern.")).to_be_visible()
        application.staff("PUT", PATH, _body(stored) | {"hour": 10})
        save.press("Enter")
        expect(staff.get_by_text("Jemand hat den Zeitplan inzwischen gespeichert.")).to_be_visible()
        staff.get_by_role("button", name="Gespeichertes übernehmen").press("Enter")
        expect(lead).to_have_value("10")
        expect(staff.get_by_label("Uhrzeit")).to_have_value("10")
    finally:
        now = application.staff("GET", PATH)
        application.staff("PUT", PATH, _body(before) | {"version": now["version"]})


def _body(told: dict[str, object]) -> dict[str, object]:
    left = ("notice_days", "holidays_until", "coming")
    return {name: value for name, value in told.items() if name not in left}


def test_who_may_not_set_the_schedule_sees_it(application: Application, staff: Page) -> None:
    sign_in(staff, application, "read", "schedule")
    expect(staff.get_by_label("Vorlauf in Tagen")).to_have_attribute("readonly", "")
    expect(staff.get_by_role("button", name="Zeitplan speichern")).to_have_count(0)


def test_a_round_is_paused_and_goes_on(application: Application, staff: Page) -> None:
    with quota_used_up(application):
        started = a_round(application, PAUSED)
        application.staff("POST", f"/api/staff/rounds/{started}/pause")
    sign_in(staff, application, "remind", f"rounds/{started}")
    expect(staff.get_by_role("alert")).to_contain_text("Versand angehalten, von Hand.")
    assert [mails_to(application, one) for one in addresses(PAUSED)] == [[], []]
    assert faults(staff) == []
    staff.get_by_role("button", name="Weiter senden").press("Enter")
    expect(staff.get_by_role("alert")).to_have_count(0)
    rows = staff.get_by_role("grid", name="Zustellungen").locator("tbody tr")
    expect(rows.filter(has_text="versendet").or_(rows.filter(has_text="zugestellt"))).to_have_count(
        2
    )


def test_a_round_is_ended_and_says_what_it_leaves(application: Application, staff: Page) -> None:
    with quota_used_up(application):
        started = a_round(application, ENDED)
        sign_in(staff, application, "remind", f"rounds/{started}")
        expect(staff.get_by_role("alert")).to_contain_text("Versand gestoppt")
        staff.get_by_role("button", name="Beenden …").press("Enter")
        dialog = staff.get_by_role("dialog")
        expect(dialog).to_contain_text("Wartende E-Mails: 2.")
        assert faults(staff) == []
        dialog.get_by_role("button", name="Jetzt beenden").press("Enter")
        box = staff.get_by_role("alert")
        expect(box).to_contain_text("Dieser Versandlauf wurde von Hand beendet.")
        expect(staff.get_by_role("button", name="Weiter senden")).to_have_count(0)
    staff.reload()
    expect(staff.get_by_role("alert")).to_contain_text("Nicht mehr versendet: 2")
    assert faults(staff) == []
    assert [mails_to(application, one) for one in addresses(ENDED)] == [[], []]


def test_a_contract_s_own_terms_are_reached_from_its_customer(
    application: Application, staff: Page
) -> None:
    contract, customer = f"7{PAUSED.number}", f"companies/{PAUSED.number}"
    before = application.staff("GET", PATH)
    as_all = staff.get_by_text(f"Vertrag {contract} hat keine eigenen Angaben")
    numbers = staff.get_by_label("Vertragsnummer", exact=True)
    lead = staff.get_by_label("Vorlauf", exact=True)

    def reached(group: str) -> None:
        sign_in(staff, application, group, customer)
        staff.get_by_role("link", name=f"Zeitplan von Vertrag {contract}").press("Enter")
        expect(staff.get_by_role("heading", name="Zeitplan", level=1)).to_be_visible()

    try:
        reached("admin")
        expect(as_all).to_be_visible()
        expect(numbers).to_have_value(contract)
        expect(lead).to_be_focused()
        assert faults(staff) == []
        assert overflow(staff) == []
        # Who only looks leaves nothing behind.
        open_view(staff, customer)
        open_view(staff, "schedule")
        expect(staff.get_by_role("button", name="Zeitplan speichern")).to_be_visible()
        expect(numbers).to_have_count(0)
        staff.go_back()
        staff.get_by_role("link", name=f"Zeitplan von Vertrag {contract}").press("Enter")
        lead.fill("21")
        staff.get_by_role("button", name="Zeitplan speichern").press("Enter")
        expect(staff.get_by_text("Gespeichert. Der Zeitplan gilt")).to_be_visible()
        assert application.staff("GET", PATH)["contracts"][contract]["lead_days"] == 21

        open_view(staff, customer)
        staff.get_by_role("link", name=f"Zeitplan von Vertrag {contract}").press("Enter")
        expect(lead).to_be_focused()
        expect(lead).to_have_value("21")
        expect(as_all).to_have_count(0)
    finally:
        now = application.staff("GET", PATH)
        application.staff("PUT", PATH, _body(before) | {"version": now["version"]})


def test_who_may_not_set_the_schedule_is_told_what_holds_for_a_contract(
    application: Application, staff: Page
) -> None:
    contract = f"7{ENDED.number}"
    sign_in(staff, application, "read", f"companies/{ENDED.number}")
    staff.get_by_role("link", name=f"Zeitplan von Vertrag {contract}").press("Enter")
    expect(staff.get_by_text(f"Vertrag {contract} hat keine eigenen Angaben")).to_be_visible()
    expect(staff.get_by_label("Vertragsnummer", exact=True)).to_have_count(0)
    assert faults(staff) == []
