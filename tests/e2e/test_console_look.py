"""The dealer's look: set in the console, worn by the contact's page."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.asking import enter
from tests.e2e.console import sign_in
from tests.e2e.customers import Customer, asked_customer
from tests.e2e.sight import faults
from tests.support.running import Application

CUSTOMER = Customer(27302, 1, name="Pirol Optik GmbH")


@pytest.fixture(scope="session")
def pirol(application: Application) -> str:
    """The link of a customer who was asked."""
    return asked_customer(application, CUSTOMER)


def test_colours_and_imprint_set_in_the_console_are_those_of_the_page(
    application: Application, staff: Page, contact: Page, pirol: str
) -> None:
    sign_in(staff, application, "admin", "look")
    accent, save = staff.get_by_label("Farbe für Knöpfe und Links"), "Erscheinungsbild speichern"
    accent.fill("#f5c400")
    staff.get_by_role("button", name=save).press("Enter")
    expect(staff.get_by_text("zu hell: Kontrast 1,4")).to_be_visible()
    expect(accent).to_be_focused()

    accent.fill("#7a1f5c")
    staff.get_by_label("Farbe des Kopfes").fill("#f5c400")
    staff.get_by_label("Adresse des Impressums").fill("https://pirol.example/impressum")
    staff.get_by_role("button", name=save).press("Enter")
    expect(staff.get_by_text("Portal und E-Mails zeigen es ab jetzt.")).to_be_visible()
    assert faults(staff) == []
    try:
        enter(contact, pirol)
        imprint = contact.get_by_role("link", name="Impressum")
        expect(imprint).to_have_attribute("href", "https://pirol.example/impressum")
        expect(contact.locator("header.top")).to_have_css("background-color", "rgb(245, 196, 0)")
        expect(contact.locator("#brand")).to_have_css("color", "rgb(0, 0, 0)")
        expect(imprint).to_have_css("color", "rgb(122, 31, 92)")
        assert faults(contact) == []
    finally:
        for label in ("Farbe für Knöpfe und Links", "Farbe des Kopfes", "Adresse des Impressums"):
            staff.get_by_label(label).fill("")
        staff.get_by_role("button", name=save).press("Enter")
        expect(accent).to_have_value("")


def test_what_is_typed_outlives_the_language_and_a_colleague(
    application: Application, staff: Page
) -> None:
    sign_in(staff, application, "admin", "look")
    imprint = staff.locator("#look-imprint")
    imprint.fill("https://pirol.example/getippt")
    staff.locator("#language").click()
    expect(staff.get_by_text("Your changes are still in the fields.")).to_be_visible()
    expect(imprint).to_have_value("https://pirol.example/getippt")
    staff.locator("#language").click()
    expect(staff.get_by_text("Ihre Änderungen stehen noch in den Feldern.")).to_be_visible()

    path = "/api/staff/brand"
    stored = application.staff("GET", path)
    body = {field: stored[field] for field in ("name", "head", "accent", "imprint", "version")}
    application.staff("PUT", path, body | {"privacy": "https://pirol.example/anderswo"})
    save = staff.get_by_role("button", name="Erscheinungsbild speichern")
    try:
        save.press("Enter")
        expect(staff.get_by_text("https://pirol.example/anderswo")).to_be_visible()
        expect(imprint).to_have_value("https://pirol.example/getippt")
        save.press("Enter")
        expect(staff.get_by_text("Portal und E-Mails zeigen es ab jetzt.")).to_be_visible()
        assert application.staff("GET", path)["imprint"] == "https://pirol.example/getippt"
        assert application.staff("GET", path)["privacy"] == ""
    finally:
        now = application.staff("GET", path)
        empty = dict.fromkeys(("name", "head", "accent", "imprint", "privacy"), "")
        application.staff("PUT", path, empty | {"version": now["version"]})
