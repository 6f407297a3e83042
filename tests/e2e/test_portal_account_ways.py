"""The ways in without a link, out again, and from one company or language to another."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Locator, Page, Route, expect

from tests.e2e.asking import asked, enter
from tests.e2e.sight import faults, overflow
from tests.support.running import Application

COMPANY, ADDRESS = "10224", "h.kowalski5086@firma10224.example"
ENGLISH_COMPANY, ENGLISH_ADDRESS = "10231", "c.lange5087@firma10231.example"
MANAGED, MANAGER = ("10182", "10189", "10224"), "facility@hausverwaltung.example"
MISMATCH = "Diese Angaben passen nicht zusammen."
ALLOWED = 5
"""Attempts on an address that cost a stranger no wait."""


@pytest.fixture
def link(application: Application) -> str:
    return asked(application, COMPANY, ADDRESS)


def code_beside(application: Application, link: str) -> str:
    """The short code of the mail that carries a link."""
    mails = application.json("/_local/mails")
    text = next(one["text"] for one in mails if link in one["text"])
    found = re.search(r"Code: ([0-9A-Z]{4}-[0-9A-Z]{4})", text)
    assert found
    return found[1]


def first_machine(page: Page) -> Locator:
    """A card, or at a desk a line of the table."""
    return page.locator("article.machine, tbody.line").first


def log_in(page: Page, address: str, secret: str, way: str = "Kurzcode") -> None:
    """Fill in the login of the page and send it; `way` is Kurzcode or Passwort."""
    form = page.get_by_role("region", name="Anmelden")
    form.get_by_label("E-Mail-Adresse").fill(address)
    form.get_by_role("radio", name=re.compile(way)).check()
    form.get_by_role("textbox", name=re.compile(way)).fill(secret)
    form.get_by_role("button", name="Anmelden").click()


def test_the_code_of_the_mail_opens_the_machines_by_keys_alone(
    application: Application, staff: Page, link: str
) -> None:
    code = code_beside(application, link)
    staff.goto(f"{application.url}/#/login")
    expect(staff.locator(".door h1")).to_be_focused()
    staff.keyboard.press("Tab")
    expect(staff.locator("#login-email")).to_be_focused()
    staff.keyboard.type(f" {ADDRESS.title()} ")
    staff.keyboard.press("Tab")
    expect(staff.get_by_role("radio", name="Kurzcode aus der E-Mail")).to_be_focused()
    staff.keyboard.press("Tab")
    sloppy = code.lower().replace("-", "  ").replace("0", "o").replace("1", "l")
    staff.keyboard.type(f" {sloppy} ")
    staff.keyboard.press("Enter")
    expect(first_machine(staff)).to_be_visible()
    staff.reload()
    expect(first_machine(staff)).to_be_visible()


def test_who_logs_in_on_the_page_of_a_dead_link_stays_in_after_a_reload(
    application: Application, contact: Page, link: str
) -> None:
    contact.goto(f"{application.url}/#t=guten-tag")
    contact.get_by_role("button", name="Weiter zu Ihren Geräten").click()
    contact.get_by_role("link", name="Kurzcode aus der E-Mail eingeben").click()
    log_in(contact, ADDRESS, code_beside(application, link))
    expect(first_machine(contact)).to_be_visible()
    contact.reload()
    expect(first_machine(contact)).to_be_visible()


def test_wrong_pairs_all_read_alike_and_what_was_typed_stays(
    application: Application, contact: Page, link: str
) -> None:
    code = code_beside(application, link)
    contact.goto(f"{application.url}/#/login")
    form = contact.get_by_role("region", name="Anmelden")
    form.get_by_role("button", name="Anmelden").click()
    expect(form.get_by_text("Bitte geben Sie eine E-Mail-Adresse ein")).to_be_visible()
    expect(form.get_by_label("E-Mail-Adresse")).to_be_focused()
    log_in(contact, ADDRESS, " ")
    expect(form.get_by_text("Bitte geben Sie den Kurzcode ein")).to_be_visible()
    log_in(contact, ADDRESS, " ", "Passwort")
    expect(form.get_by_text("Bitte geben Sie Ihr Passwort ein.")).to_be_visible()

    for address, secret, way in (
        (ADDRESS, "0000-0000", "Kurzcode"),
        (ADDRESS, "kein Code", "Kurzcode"),
        ("niemand@firma10224.example", code, "Kurzcode"),
        (ADDRESS, "correct horse battery staple", "Passwort"),
        ("niemand@firma10224.example", "correct horse battery staple", "Passwort"),
    ):
        with contact.expect_response("**/api/session*") as told:
            log_in(contact, address, secret, way)
        assert told.value.status == 401
        expect(form.get_by_role("alert")).to_contain_text(MISMATCH)
        expect(form.get_by_label("E-Mail-Adresse")).to_have_value(address)
        expect(form.get_by_role("textbox", name=re.compile(way))).to_have_value(secret)
    assert faults(contact) == []


def test_too_many_attempts_are_told_with_the_time_to_wait(
    application: Application, contact: Page
) -> None:
    contact.goto(f"{application.url}/#/login")
    alert = contact.get_by_role("region", name="Anmelden").get_by_role("alert")
    refused = 0
    # The first waits are short: a slow machine takes longer for an attempt.
    for attempt in range(3 * ALLOWED):
        with contact.expect_response("**/api/session*") as told:
            log_in(contact, "vielversuch@firma10224.example", f"{attempt:04d}-0000")
        if told.value.status == 429:
            break
        refused += 1
        expect(alert).to_contain_text(MISMATCH)
    assert refused >= ALLOWED
    assert 0 < int(told.value.headers["retry-after"]) <= 900
    expect(alert).to_have_text(
        re.compile(
            r"zu viele Versuche\. Bitte warten Sie \d+ (Sekunden?|Minuten?)\. "
            r"Der Link aus Ihrer E-Mail funktioniert weiterhin\."
        )
    )
    assert overflow(contact) == []


def test_logging_out_leaves_nothing_on_the_device(
    application: Application, contact: Page, link: str
) -> None:
    enter(contact, link)
    contact.locator("input.digits").first.fill("4711")
    assert "4711" in contact.evaluate("JSON.stringify({...localStorage})")
    contact.get_by_text("Menü").click()
    contact.get_by_role("button", name="Abmelden").click()
    expect(contact.get_by_role("heading", name="Sie sind abgemeldet")).to_be_focused()
    assert contact.context.cookies() == []
    assert "4711" not in contact.evaluate("JSON.stringify({...localStorage, ...sessionStorage})")
    assert faults(contact) == []
    assert overflow(contact) == []
    contact.reload()
    expect(contact.get_by_role("heading", name="Bitte öffnen Sie den Link")).to_be_visible()
    expect(contact.locator("article.machine")).to_have_count(0)


def test_an_answer_that_comes_after_the_log_out_brings_no_draft_back(
    application: Application, contact: Page, link: str
) -> None:
    enter(contact, link)
    held: list[Route] = []
    contact.route("**/check", lambda route: held.append(route))
    digits = contact.locator("input.digits").first
    digits.fill("4711")
    digits.blur()
    contact.get_by_text("Menü").click()
    while not held:
        contact.wait_for_timeout(50)
    answers = [(route, route.fetch()) for route in held]
    assert [answer.json()["findings"][0]["severity"] for _, answer in answers] == ["warn"]
    contact.get_by_role("button", name="Abmelden").click()
    expect(contact.get_by_role("heading", name="Sie sind abgemeldet")).to_be_focused()
    for route, answer in answers:
        with contact.expect_request_finished():
            route.fulfill(response=answer)
    contact.wait_for_timeout(300)
    assert (
        contact.evaluate("Object.keys(localStorage).filter((key) => key.includes('draft'))") == []
    )
    expect(contact.get_by_role("heading", name="Sie sind abgemeldet")).to_be_visible()


@pytest.mark.parametrize("way", ["the link still known", "the code of the mail"])
def test_a_session_that_ends_while_typing_gives_back_what_was_typed(
    application: Application, contact: Page, link: str, way: str
) -> None:
    enter(contact, link)
    field = contact.locator("input.digits").first
    place = f"#{field.get_attribute('id')}"
    field.fill("12345678")
    assert contact.request.delete(f"{application.url}/api/session").status == 204
    # A click would leave the field first: the check of its value may meet the end before the report does.
    field.press("Enter")
    expect(contact.get_by_role("heading", name="Ihre Sitzung ist beendet")).to_be_focused()
    assert faults(contact) == []
    assert overflow(contact) == []
    if way == "the code of the mail":
        log_in(contact, ADDRESS, code_beside(application, link))
    else:
        contact.get_by_role("button", name="Wieder öffnen").click()
    expect(contact.locator(place)).to_have_value("12345678")


def test_one_person_turns_from_company_to_company(application: Application, contact: Page) -> None:
    for company in MANAGED:
        chosen = {"selection": {"filter": {"company_id": company}}, "dry_run": False}
        application.staff("POST", "/api/staff/readiness", chosen)
    enter(contact, asked(application, MANAGED[0], MANAGER))
    session = contact.request.get(f"{application.url}/api/session").json()
    names = {company["id"]: company["name"] for company in session["companies"]}
    assert set(names) >= set(MANAGED)

    seen: dict[str, set[str]] = {}
    for company in (*MANAGED[1:], MANAGED[0]):
        contact.get_by_text("Firma wechseln").click()
        here = contact.locator("details.switch").get_by_role("button")
        expect(here).to_have_count(len(names) - 1)
        named = re.compile(rf"^{re.escape(names[company])}( \([\d.]+ offen\))?$")
        here.get_by_text(named).click()
        expect(contact.locator(".head")).to_contain_text(names[company])
        expect(contact.locator("h1")).to_be_focused()
        expect(contact.locator("#said")).to_have_text(f"Sie melden jetzt für {names[company]}.")
        expect(contact.locator("progress")).to_be_visible()
        shown = contact.request.get(f"{application.url}/api/machines").json()["machines"]
        expect(contact.locator("article.machine")).to_have_count(len(shown))
        seen[company] = set(
            contact.locator("article.machine").evaluate_all("all => all.map((one) => one.id)")
        )
        assert seen[company] == {f"machine-{machine['id']}" for machine in shown}
    assert sum(map(len, seen.values())) == len(set().union(*seen.values()))
    contact.get_by_text("Firma wechseln").click()
    assert faults(contact) == []
    contact.reload()
    expect(contact.locator(".head")).to_contain_text(names[MANAGED[0]])


def test_an_english_contact_reads_english_behind_the_door_of_a_german_phone(
    application: Application, contact: Page
) -> None:
    enter(contact, asked(application, ENGLISH_COMPANY, ENGLISH_ADDRESS))
    expect(contact.get_by_text("You are reporting for")).to_be_visible()
    expect(contact.locator("html")).to_have_attribute("lang", "en")
    contact.reload()
    expect(contact.get_by_text("You are reporting for")).to_be_visible()


def test_a_language_chosen_at_the_door_stays(contact: Page, link: str) -> None:
    contact.goto(link)
    contact.get_by_role("button", name="English").click()
    expect(contact.get_by_role("button", name="Continue to your machines")).to_be_visible()
    contact.reload()
    contact.get_by_role("button", name="Continue to your machines").click()
    expect(contact.get_by_text("You are reporting for")).to_be_visible()
    expect(contact.get_by_role("button", name="Deutsch")).to_be_visible()
