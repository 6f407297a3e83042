"""The dealer's look: set in the console, worn by the contact's page."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, Route, expect

from tests.e2e.asking import PATIENCE, enter
from tests.e2e.console import sign_in
from tests.e2e.customers import Customer, asked_customer
from tests.e2e.sight import each_look, faults, overflow
from tests.support.pictures import png
from tests.support.running import Application

SAVED = "Gespeichert. E-Mails zeigen es ab jetzt"
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
    expect(staff.get_by_text(SAVED)).to_be_visible()
    assert faults(staff) == []
    try:
        contact.goto(pirol)  # The door: nobody is signed in.
        imprint = contact.get_by_role("link", name="Impressum")
        expect(imprint).to_have_attribute("href", "https://pirol.example/impressum")
        expect(contact.locator("header.top")).to_have_css("background-color", "rgb(245, 196, 0)")
        door = contact.get_by_role("button", name="Weiter zu Ihren Geräten")
        expect(door).to_have_css("background-color", "rgb(122, 31, 92)")
        assert faults(contact) == []
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
        expect(staff.get_by_text(SAVED)).to_be_visible()
        assert application.staff("GET", path)["imprint"] == "https://pirol.example/getippt"
        assert application.staff("GET", path)["privacy"] == ""
    finally:
        now = application.staff("GET", path)
        empty = dict.fromkeys(("name", "head", "accent", "imprint", "privacy"), "")
        application.staff("PUT", path, empty | {"version": now["version"]})


def logo_of(page: Page) -> str:
    """The picture in the page's head, as the browser has computed it."""
    said: str = page.evaluate(
        "() => getComputedStyle(document.querySelector('.brand'), '::before').backgroundImage"
    )
    return said


def test_a_logo_stands_at_every_door(
    application: Application, staff: Page, contact: Page, pirol: str
) -> None:
    sign_in(staff, application, "admin", "look")
    file, save = (
        staff.get_by_label("Logo", exact=True),
        staff.get_by_role("button", name="Erscheinungsbild speichern"),
    )
    file.set_input_files({"name": "logo.svg", "mimeType": "image/svg+xml", "buffer": b"<svg/>"})
    save.press("Enter")
    expect(staff.get_by_text("SVG zeigen E-Mail-Programme nicht.")).to_be_visible()
    expect(file).to_be_focused()
    heavy = png(200, 50) + bytes(3_000_000)
    file.set_input_files({"name": "logo.png", "mimeType": "image/png", "buffer": heavy})
    save.press("Enter")
    expect(staff.get_by_text("höchstens 40 KB, weil")).to_be_visible()

    picture = png(320, 80)
    file.set_input_files({"name": "logo.png", "mimeType": "image/png", "buffer": picture})
    expect(staff.get_by_text("logo.png wird mit dem Speichern das Logo.")).to_be_visible()
    staff.get_by_label("Firmenname").fill("Kopierladen Pirol")
    save.press("Enter")
    expect(staff.get_by_text(SAVED)).to_be_visible()
    assert faults(staff) == []
    address = application.staff("GET", "/api/staff/brand")["logo"]
    expect(staff.get_by_role("img", name="Kopierladen Pirol")).to_have_attribute("src", address)
    try:
        with contact.expect_response(lambda answer: answer.url.endswith(address)) as fetched:
            contact.goto(pirol)
        assert fetched.value.body() == picture
        assert address in logo_of(contact)
        expect(contact.locator("#brand")).to_have_text("Kopierladen Pirol")
        expect(contact.get_by_text("Hier melden Sie Kopierladen Pirol")).to_be_visible()
        for look in each_look(contact):
            assert faults(contact, look) == [], look
        assert overflow(contact) == []
        contact.goto(f"{application.url}/#/login/password")
        expect(contact.get_by_role("textbox", name="Passwort")).to_be_visible()
        assert address in logo_of(contact)
        contact.goto(f"{application.url}/#t=cut")
        contact.get_by_role("button", name="Weiter zu Ihren Geräten").click()
        expect(contact.get_by_role("heading", name="Dieser Link gilt nicht mehr")).to_be_visible()
        assert address in logo_of(contact)
    finally:
        staff.get_by_role("button", name="Logo entfernen").click()
        expect(staff.get_by_text("Das Logo wird mit dem Speichern entfernt.")).to_be_visible()
        staff.get_by_label("Firmenname").fill("")
        save.press("Enter")
        expect(staff.get_by_text("Kein Logo, der Name steht im Kopf.")).to_be_visible()
    contact.goto("about:blank")
    contact.goto(pirol)
    expect(contact.locator("#brand")).to_be_visible()


def test_the_door_never_has_other_colours_for_a_moment(
    application: Application, contact: Page, pirol: str
) -> None:
    """Every colour that the head had since the first picture of the page was drawn."""
    path, stored = "/api/staff/brand", application.staff("GET", "/api/staff/brand")
    empty = dict.fromkeys(("name", "head", "accent", "imprint", "privacy"), "")
    look = empty | {"head": "#f5c400", "name": "Kopierladen Pirol"}
    now = application.staff("PUT", path, look | {"version": stored["version"]})

    def slow(route: Route) -> None:
        contact.wait_for_timeout(1_000)
        route.continue_()

    contact.route("**/brand/look.css", slow)
    contact.add_init_script("""
        window.seen = new Set();
        const look = () => {
            const [top, brand] = [document.querySelector("header.top"), document.getElementById("brand")];
            const drawn = performance.getEntriesByType("paint").length;
            if (top && drawn) window.seen.add(getComputedStyle(top).backgroundColor);
            if (brand && drawn && getComputedStyle(brand).visibility === "visible") window.seen.add(brand.textContent);
            requestAnimationFrame(look);
        };
        requestAnimationFrame(look);
    """)
    try:
        contact.goto(pirol)
        expect(contact.get_by_text("Hier melden Sie Kopierladen Pirol")).to_be_visible()
        for _ in range(PATIENCE):  # the head may be there before its first picture
            contact.wait_for_timeout(1_000)
            if contact.evaluate("() => window.seen.size"):
                break
        seen = contact.evaluate("() => [...window.seen].sort()")
        assert seen == ["Kopierladen Pirol", "rgb(245, 196, 0)"]
    finally:
        application.staff("PUT", path, empty | {"version": now["version"]})
