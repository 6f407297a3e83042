"""Where somebody is stuck, the page says why and how to go on: cookies, logins, conflicts, two tabs, digits."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Locator, Page, Playwright, Route, expect

from infra.browser import MISSING, find
from tests.e2e.asking import asked, because, enter, says_right, sent_after
from tests.e2e.conftest import watched
from tests.e2e.customers import Customer, asked_customer
from tests.e2e.sight import faults, overflow
from tests.support.running import CHROMIUM_FLAGS, Application

STORED = "gespeichert, passt zum Verlauf"
NO_COOKIE = "Ihr Browser blockiert das Cookie, das wir brauchen"
CUSTOMER = Customer(19501, 7, name="Tab GmbH")
OTHER = Customer(19502, 1, address=CUSTOMER.mailbox, name="Andere GmbH")


@pytest.fixture(scope="session")
def link(application: Application) -> str:
    return asked_customer(application, CUSTOMER, OTHER)


def card(page: Page, n: int, customer: Customer = CUSTOMER) -> Locator:
    return page.locator(f"#machine-{customer.machine(n)}")


def field(page: Page, n: int, meter: str = "1") -> Locator:
    return page.locator(f"#m-{CUSTOMER.machine(n)}-{meter}")


def submit(page: Page, n: int) -> None:
    card(page, n).locator("[type=submit]").click()


# Cookies.


def no_cookie(page: Page) -> Locator:
    """The page that says so; nothing on it leads back to where it came from by itself."""
    heading = page.get_by_role("heading", name=NO_COOKIE)
    expect(heading).to_be_visible()
    expect(page.get_by_text("in einem anderen Browser")).to_be_visible()
    expect(page.get_by_text("antworten Sie auf die E-Mail mit den Zählerständen")).to_be_visible()
    expect(page.get_by_text("Ihre Sitzung ist beendet")).to_have_count(0)
    return heading


def test_a_browser_that_loses_the_cookie_at_once_is_told_before_anything_is_lost(
    contact: Page, link: str
) -> None:
    enter(contact, link)
    contact.context.clear_cookies()
    field(contact, 1).fill(str(CUSTOMER.now(1, "1")))
    no_cookie(contact)
    assert faults(contact) == []
    assert overflow(contact) == []
    contact.get_by_role("button", name="Noch einmal versuchen").click()
    expect(field(contact, 1)).to_have_value(str(CUSTOMER.now(1, "1")))
    contact.wait_for_load_state("networkidle")  # this time the cookie stayed
    submit(contact, 1)
    expect(card(contact, 1).get_by_text(STORED)).to_be_visible()


def test_what_is_said_stays_when_a_second_answer_says_it_again(contact: Page, link: str) -> None:
    enter(contact, link)
    contact.context.clear_cookies()
    held: list[Route] = []
    contact.route("**/check", lambda route: held.append(route), times=1)
    with contact.expect_request("**/check"):
        field(contact, 7).fill(str(CUSTOMER.now(7, "1")))
    heading = no_cookie(contact).element_handle()
    with contact.expect_response("**/check") as second:
        held[0].continue_()
    assert second.value.status == 401
    contact.wait_for_load_state("networkidle")
    assert heading is not None
    assert heading.is_visible()


def test_a_session_that_ends_later_is_no_matter_of_cookies(contact: Page, link: str) -> None:
    enter(contact, link)
    with contact.expect_response(lambda answer: answer.url.endswith("/api/session")):
        field(contact, 2).fill("1")  # The first touch looks whether the cookie was kept.
    contact.wait_for_load_state("networkidle")
    contact.context.clear_cookies()
    submit(contact, 2)
    expect(contact.get_by_role("heading", name="Ihre Sitzung ist beendet")).to_be_visible()
    expect(contact.get_by_text(NO_COOKIE)).to_have_count(0)


@pytest.fixture
def without_cookies(playwright: Playwright, tmp_path: Path) -> Iterator[Page]:
    """A whole browser, whose owner has blocked all cookies in its settings."""
    chromium = find(whole=True)
    if chromium is None:
        pytest.fail(MISSING)
    settings = tmp_path / "Default" / "Preferences"
    settings.parent.mkdir()
    blocked = {"profile": {"default_content_setting_values": {"cookies": 2}}}
    settings.write_text(json.dumps(blocked))
    yield from watched(
        playwright.chromium.launch_persistent_context(
            tmp_path, executable_path=chromium, args=CHROMIUM_FLAGS, locale="de-DE"
        )
    )


def test_a_browser_with_cookies_off_says_why_at_once(
    application: Application, without_cookies: Page, link: str
) -> None:
    page = without_cookies
    for _ in range(2):
        page.goto("about:blank")
        page.goto(link)
        page.get_by_role("button", name="Weiter zu Ihren Geräten").click()
        no_cookie(page)
    page.get_by_role("button", name="English").click()
    expect(
        page.get_by_role("heading", name="Your browser blocks the cookie that we need")
    ).to_be_visible()
    assert faults(page) == []


@pytest.mark.parametrize("way", ["Kurzcode", "Passwort"])
def test_whoever_cannot_log_in_is_led_to_a_new_link(
    application: Application, contact: Page, link: str, way: str
) -> None:
    contact.goto(f"{application.url}/#/login")
    form = contact.get_by_role("region", name="Anmelden")
    form.get_by_label("E-Mail-Adresse").fill(CUSTOMER.mailbox)
    form.get_by_role("radio", name=re.compile(way)).check()
    form.get_by_role("textbox", name=re.compile(way)).fill("falsch geraten")
    form.get_by_role("button", name="Anmelden").click()
    form.get_by_role("alert").get_by_role("button", name="Neuen Link zusenden lassen").click()
    box = contact.get_by_role("region", name="Neuen Link zusenden")
    expect(box.get_by_label("E-Mail-Adresse")).to_have_value(CUSTOMER.mailbox)
    expect(box.get_by_role("button", name="Neuen Link zusenden")).to_be_focused()
    assert faults(contact) == []
    contact.keyboard.press("Enter")
    expect(box.get_by_text("ist ein neuer Link unterwegs")).to_be_visible()
    enter(contact, sent_after(application, CUSTOMER.mailbox, link))


def test_who_has_logged_out_can_have_a_new_link(contact: Page, link: str) -> None:
    enter(contact, link)
    contact.get_by_text("Menü").click()
    contact.get_by_role("button", name="Abmelden").click()
    expect(contact.get_by_role("region", name="Neuen Link zusenden")).to_be_visible()


# Conflicts.


def test_a_conflict_says_who_and_when(
    application: Application, contact: Page, colleague: Page
) -> None:
    customer = Customer(19503, 1)
    link = asked_customer(application, customer)
    enter(colleague, link)
    place = f"#m-{customer.machine(1)}-1"
    enter(contact, link)
    colleague.locator(place).fill(str(customer.now(1, "1") - 5))
    card(colleague, 1, customer).locator("[type=submit]").click()
    expect(card(colleague, 1, customer).get_by_text(STORED)).to_be_visible()
    contact.locator(place).fill(str(customer.now(1, "1")))
    card(contact, 1, customer).locator("[type=submit]").click()
    both = card(contact, 1, customer).get_by_role("group", name="Inzwischen wurde")
    expect(
        both.get_by_text(re.compile(r"Gemeldet von Ihnen, \d\d\.\d\d\.\d{4}, \d\d:\d\d"))
    ).to_be_visible()
    assert faults(contact) == []
    assert overflow(contact) == []


# Two tabs, two companies.


def turned(page: Page, name: str) -> Page:
    """Another tab, which turns to another company."""
    other = page.context.new_page()
    other.goto(page.url.partition("#")[0])
    expect(other.locator(".head")).to_contain_text("Tab GmbH")
    other.get_by_text("Firma wechseln").click()
    other.locator("details.switch").get_by_role("button", name=name).click()
    # Not the switch's own list, which names it before anything is turned.
    expect(other.locator(".head").locator("h1, .whom")).to_contain_text(name)
    return other


def told(page: Page) -> Locator:
    dialog = page.get_by_role("dialog", name="Inzwischen ist Andere GmbH geöffnet")
    expect(dialog).to_be_visible()
    return dialog


def test_two_tabs_of_two_companies_ask_where_to_go_on(contact: Page, link: str) -> None:
    enter(contact, link)
    field(contact, 3, "2").fill(str(CUSTOMER.now(3, "2")))
    field(contact, 3).fill(str(CUSTOMER.last(3, "1") + 9000))
    submit(contact, 3)
    says_right(card(contact, 3))
    because(card(contact, 3))
    turned(contact, "Andere GmbH")
    submit(contact, 3)
    dialog = told(contact)
    expect(dialog.get_by_text("Hier geht es noch um Tab GmbH")).to_be_visible()
    assert faults(contact) == []
    assert overflow(contact) == []
    dialog.get_by_role("button", name="Zurück zu Tab GmbH").click()
    expect(dialog).to_have_count(0)
    expect(card(contact, 3).get_by_role("group", name="Warum stimmt")).to_be_visible()
    submit(contact, 3)
    expect(card(contact, 3).get_by_text("gespeichert, mit Ihrer Begründung")).to_be_visible()


def test_a_session_that_was_turned_elsewhere_is_noticed_by_its_answer(
    application: Application, contact: Page, link: str
) -> None:
    """By another browser window that this device knows nothing of."""
    enter(contact, link)
    field(contact, 4).fill(str(CUSTOMER.now(4, "1")))
    contact.wait_for_load_state("networkidle")
    moved = contact.request.put(
        f"{application.url}/api/session/company", data={"company_id": str(OTHER.number)}
    )
    assert moved.ok
    submit(contact, 4)
    told(contact).get_by_role("button", name="Zurück zu Tab GmbH").click()
    submit(contact, 4)
    expect(card(contact, 4).get_by_text(STORED)).to_be_visible()


def test_whoever_goes_on_with_the_other_company_finds_the_draft_again(
    contact: Page, link: str
) -> None:
    enter(contact, link)
    field(contact, 5).fill(str(CUSTOMER.now(5, "1")))
    turned(contact, "Andere GmbH")
    contact.evaluate("location.hash = '#/history/195010005'")
    told(contact).get_by_role("button", name="Weiter mit Andere GmbH").click()
    expect(contact.get_by_text("Dieses Gerät steht nicht in Ihrer Liste")).to_be_visible()
    contact.evaluate("location.hash = '#/'")
    expect(contact.locator(".head").locator("h1, .whom")).to_contain_text("Andere GmbH")
    contact.get_by_text("Firma wechseln").click()
    contact.locator("details.switch").get_by_role("button", name="Tab GmbH").click()
    expect(field(contact, 5)).to_have_value(str(CUSTOMER.now(5, "1")))


def test_nothing_is_sent_for_the_wrong_company(
    application: Application, contact: Page, link: str
) -> None:
    """Who is not in charge is said of the company that the page shows, or not at all."""
    enter(contact, link)
    contact.evaluate("location.hash = '#/successor'")
    turned(contact, "Andere GmbH")
    contact.get_by_label("Name der Person").fill("Falsche Firma")
    contact.get_by_label("E-Mail-Adresse der Person").fill("falsch@kunde19501.example")
    contact.get_by_role("button", name="Vorschlag senden").click()
    told(contact)
    assert "Falsche Firma" not in str(application.staff("GET", "/api/staff/successors"))


def test_whoever_else_opens_a_link_on_the_device_does_not_report_in_this_name(
    application: Application, contact: Page
) -> None:
    """Two colleagues at one company, one browser: the first one's tab has no session any more."""
    customer = Customer(19505, 1, others=1)
    enter(contact, asked_customer(application, customer))
    place = contact.locator(f"#m-{customer.machine(1)}-1")
    place.fill(str(customer.now(1, "1")))
    contact.wait_for_load_state("networkidle")
    other = contact.context.new_page()
    other.goto(asked(application, str(customer.number), customer.colleague))
    other.locator("details.menu summary").click()
    expect(other.get_by_text("als o***@kunde19505.example")).to_be_visible()
    card(contact, 1, customer).locator("[type=submit]").click()
    expect(contact.get_by_role("heading", name="Ihre Sitzung ist beendet")).to_be_visible()
    expect(contact.get_by_role("dialog")).to_have_count(0)


# More digits than the ERP knows.


def test_six_digits_where_the_erp_knows_five_are_confirmed_and_staff_learn_of_it(
    application: Application, contact: Page
) -> None:
    customer = Customer(19504, 1, first=79_900, digits=5)
    enter(contact, asked_customer(application, customer))
    value = customer.now(1, "1")
    assert value > 99_999
    contact.locator(f"#m-{customer.machine(1)}-1").fill(str(value))
    card(contact, 1, customer).locator("[type=submit]").click()
    expect(
        card(contact, 1, customer)
        .locator(".sentences")
        .get_by_text("passt aber zum bisherigen Verbrauch")
    ).to_be_visible()
    says_right(card(contact, 1, customer))
    card(contact, 1, customer).get_by_label("Das Gerät zeigt so viele Stellen an.").check()
    card(contact, 1, customer).get_by_role("button", name="absenden").click()
    expect(
        card(contact, 1, customer).get_by_text("gespeichert, mit Ihrer Begründung")
    ).to_be_visible()
    rows = application.staff("GET", "/api/staff/readings?bucket=implausible&company_id=19504")
    (row,) = rows["machines"]
    (reading,) = row["readings"]
    assert (reading["value"], reading["findings"][0]["code"]) == (value, "too_many_digits")
