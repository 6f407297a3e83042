"""A password of one's own: its mail asked for, read as sent, its link used once, and what it opens."""

from __future__ import annotations

import re
import time

import boto3
from meterportal import crypto
from meterportal.store import keys
from playwright.sync_api import Locator, Page, expect

from tests.e2e.asking import PATIENCE, enter, mails_to
from tests.e2e.customers import Customer, asked_customer
from tests.e2e.sight import each_look, faults, overflow
from tests.e2e.test_portal_account_ways import first_machine, log_in
from tests.support.running import Application

FIRST, SECOND, THIRD = (Customer(number, machines=1) for number in (18801, 18802, 18803))
UNKNOWN = "niemand@kunde18801.example"


def password_links(application: Application, address: str) -> list[str]:
    """The links of all password mails to an address, newest first."""
    texts = [mail["text"] for mail in mails_to(application, address)]
    return [found for text in texts for found in re.findall(r"http\S+/#p=\S+", text)]


def mailed(application: Application, address: str) -> str:
    """The link of the one password mail that an address gets."""
    end = time.monotonic() + PATIENCE
    while time.monotonic() < end:
        if links := password_links(application, address):
            (link,) = links
            return link
        time.sleep(0.2)
    raise AssertionError("no password mail")


def mail_box(page: Page) -> Locator:
    return page.get_by_role("region", name="Passwort per E-Mail festlegen")


def ask_at_the_door(page: Page, application: Application, address: str) -> str:
    """By the login's own way; what the page says then."""
    page.goto("about:blank")
    page.goto(f"{application.url}/#/login")
    form = page.get_by_role("region", name="Anmelden")
    form.get_by_role("radio", name="Passwort").check()
    form.get_by_role("link", name="Passwort vergessen").click()
    box = mail_box(page)
    box.get_by_label("E-Mail-Adresse").fill(address)
    box.get_by_role("button", name="E-Mail zusenden").click()
    expect(box.locator("p", has_text="ist eine E-Mail unterwegs")).to_be_focused()
    return box.inner_text()


def open_account(page: Page) -> None:
    page.get_by_text("Menü").click()
    page.get_by_role("link", name="Konto und Passwort").click()
    expect(page.get_by_role("heading", name="Konto und Passwort")).to_be_visible()


def log_out(page: Page) -> None:
    page.get_by_text("Menü").click()
    page.get_by_role("button", name="Abmelden").click()
    page.get_by_role("heading", name="Sie sind abgemeldet").wait_for()


def test_a_password_comes_by_mail_and_opens_the_machines_after_logging_out(
    application: Application, contact: Page
) -> None:
    address = FIRST.mailbox
    enter(contact, asked_customer(application, FIRST))
    open_account(contact)
    expect(contact.get_by_label("Neues Passwort")).to_have_count(0)
    mail_box(contact).get_by_role("button", name="E-Mail zusenden").click()
    expect(mail_box(contact).get_by_text("ist eine E-Mail unterwegs")).to_be_visible()
    assert faults(contact) == []
    assert overflow(contact) == []
    link = mailed(application, address)

    contact.goto("about:blank")
    contact.goto(link)
    expect(contact.get_by_role("heading", name="Passwort festlegen")).to_be_visible()
    for look in each_look(contact):
        assert faults(contact, look) == [], look
    assert overflow(contact) == []
    contact.get_by_label("Neues Passwort").fill("kurz")
    contact.get_by_role("button", name="Passwort speichern").click()
    expect(contact.get_by_text("Das Passwort hat erst 4 Zeichen.", exact=False)).to_be_visible()
    contact.get_by_label("Neues Passwort").fill("passwort passwort 2026")
    contact.get_by_role("button", name="Passwort speichern").click()
    expect(contact.get_by_text("leicht zu erraten", exact=False)).to_be_visible()
    contact.get_by_role("button", name="Passwort erzeugen").click()
    made = contact.get_by_label("Neues Passwort").input_value()
    assert re.fullmatch(r"(?:[a-z2-9]{4}-){4}[a-z2-9]{4}", made)
    contact.get_by_role("button", name="Passwort speichern").click()
    expect(contact.get_by_role("heading", name="Ihr Passwort ist gespeichert")).to_be_focused()
    assert link.partition("#p=")[2] not in contact.url
    assert faults(contact) == []
    contact.get_by_role("button", name="Weiter zu Ihren Geräten").click()
    expect(first_machine(contact)).to_be_visible()

    log_out(contact)
    log_in(contact, address, made, "Passwort")
    expect(first_machine(contact)).to_be_visible()
    names = {cookie.get("name") for cookie in contact.context.cookies()}
    assert names == {"__Host-session", "__Host-device"}
    open_account(contact)
    expect(contact.get_by_text("Für diese Adresse ist ein Passwort festgelegt.")).to_be_visible()
    contact.get_by_label("Bisheriges Passwort").fill("falsch")
    contact.get_by_label("Neues Passwort").fill("lampe wolke schrauben zaun")
    contact.get_by_role("button", name="Passwort speichern").click()
    expect(contact.get_by_text("Das bisherige Passwort stimmt nicht.", exact=False)).to_be_visible()
    contact.get_by_label("Bisheriges Passwort").fill(made)
    contact.get_by_role("button", name="Passwort speichern").click()
    expect(contact.get_by_text("Das Passwort ist gespeichert.", exact=False)).to_be_visible()
    log_out(contact)
    assert {cookie.get("name") for cookie in contact.context.cookies()} == {"__Host-device"}
    log_in(contact, address, "lampe wolke schrauben zaun", "Passwort")
    expect(first_machine(contact)).to_be_visible()


def test_a_scanner_changes_nothing_and_the_link_works_once(
    application: Application, contact: Page, colleague: Page
) -> None:
    """Also on a device that opens the other links by itself, and damaged by a mail program."""
    address = SECOND.mailbox
    enter(contact, asked_customer(application, SECOND))
    log_out(contact)
    told = ask_at_the_door(contact, application, address)
    link = mailed(application, address)
    assert ask_at_the_door(contact, application, UNKNOWN) == told

    sent: list[str] = []
    colleague.on("request", lambda one: sent.append(one.method))
    for _ in range(2):
        colleague.goto("about:blank")
        colleague.goto(link, wait_until="networkidle")
        expect(colleague.get_by_label("Neues Passwort")).to_be_visible()
    assert set(sent) == {"GET"}
    for method in ("get", "head"):
        assert getattr(contact.request, method)(link).ok

    contact.goto("about:blank")
    contact.goto(f"{link.replace('#', '%23')}.")
    expect(contact.get_by_label("Neues Passwort")).to_be_visible()
    assert contact.context.cookies() == []
    contact.get_by_label("Neues Passwort").fill("kaffee regen fahrrad zaun")
    contact.get_by_role("button", name="Passwort speichern").click()
    expect(contact.get_by_role("heading", name="Ihr Passwort ist gespeichert")).to_be_visible()
    contact.get_by_role("link", name="Jetzt anmelden").click()
    log_in(contact, address, "kaffee regen fahrrad zaun", "Passwort")
    expect(first_machine(contact)).to_be_visible()

    colleague.get_by_label("Neues Passwort").fill("ein ganz anderes langes Wort")
    colleague.get_by_role("button", name="Passwort speichern").click()
    heading = colleague.get_by_role("heading", name="Dieser Link legt kein Passwort mehr fest")
    expect(heading).to_be_focused()
    expect(colleague.get_by_text("schon benutzt oder ist älter als 30 Minuten")).to_be_visible()
    expect(mail_box(colleague).get_by_label("E-Mail-Adresse")).to_be_visible()
    assert faults(colleague) == []
    assert overflow(colleague) == []


def test_the_pages_about_cookies_say_what_is_kept(application: Application, contact: Page) -> None:
    contact.goto(f"{application.url}/#t=guten-tag")
    expect(contact.get_by_text("ein zweites für 180 Tage", exact=False)).to_be_visible()
    contact.goto("about:blank")
    contact.goto(f"{application.url}/#/login")
    expect(contact.get_by_text("merkt sich ein Cookie für 180 Tage", exact=False)).to_be_visible()


def set_as_before(application: Application, address: str, password: str) -> None:
    """Store a password as releases did that took one from any link."""
    aws = application.json("/_local/")["aws"]
    table = boto3.resource(
        "dynamodb",
        endpoint_url=aws["endpoint"],
        region_name="eu-central-1",
        aws_access_key_id="local",
        aws_secret_access_key="local",
    ).Table(aws["table"])
    pk, sk = keys.account(address)
    item = {"pk": pk, "sk": sk, "password": crypto.hash_password(password), "generation": 1}
    table.put_item(Item=item)


def test_who_had_a_password_of_before_is_told_and_led_to_the_mail(
    application: Application, contact: Page
) -> None:
    address = THIRD.mailbox
    link = asked_customer(application, THIRD)
    set_as_before(application, address, "kaffee regen fahrrad zaun")
    contact.goto(f"{application.url}/#/login")
    log_in(contact, address, "kaffee regen fahrrad zaun", "Passwort")
    alert = contact.get_by_role("region", name="Anmelden").get_by_role("alert")
    expect(alert).to_contain_text("Ihr bisheriges Passwort gilt nicht mehr.")
    assert faults(contact) == []
    contact.get_by_role("link", name="Passwort vergessen").click()
    expect(mail_box(contact).get_by_label("E-Mail-Adresse")).to_be_visible()
    enter(contact, link)
    open_account(contact)
    expect(contact.get_by_text("Ihr früheres Passwort gilt nicht mehr.")).to_be_visible()
    mail_box(contact).get_by_role("button", name="E-Mail zusenden").click()
    assert mailed(application, address)
