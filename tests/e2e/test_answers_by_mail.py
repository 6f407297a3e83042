"""A customer answers the mail with the numbers: from a mail program to the green tick, or to staff."""

from __future__ import annotations

import smtplib
import time
import urllib.request
from email.message import EmailMessage

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.asking import PATIENCE, enter, mails_to
from tests.e2e.console import open_view, sign_in
from tests.e2e.customers import Customer, asked_customer
from tests.e2e.sight import each_look, faults, overflow
from tests.support.running import Application

CLEAR = Customer(27521, 1, name="Rohrdommel Papier GmbH")
DOUBTED = Customer(27522, 1, name="Zwergtaucher Logistik GmbH")


def answer(application: Application, customer: Customer, text: str) -> None:
    """Answers the newest mail to a customer, as a mail program does."""
    (asked, *_) = mails_to(application, customer.mailbox)
    mail = EmailMessage()
    mail["From"], mail["To"] = customer.mailbox, asked["headers"]["Reply-To"]
    mail["Subject"] = f"AW: {asked['subject']}"
    mail["Message-ID"] = f"<{customer.number}@kunde{customer.number}.example>"
    quoted = "\n".join(f"> {line}" for line in asked["text"].split("\n"))
    mail.set_content(f"{text}\n\nAm 23.11.2026 um 09:02 schrieb Sommer:\n{quoted}\n")
    host, _, port = application.json("/_local/")["aws"]["smtp"].partition(":")
    with smtplib.SMTP(host, int(port), timeout=30) as program:
        program.login("ines", "egal")
        program.send_message(mail)


def receipt(application: Application, customer: Customer) -> str:
    """The text of the receipt, once it has come."""
    end = time.monotonic() + PATIENCE
    while time.monotonic() < end:
        # The schedule's firing, as a click on /_local/ does it.
        url = f"{application.url}/_local/functions/queue_receipts"
        with urllib.request.urlopen(urllib.request.Request(url, b""), timeout=60):  # noqa: S310
            pass
        newest = mails_to(application, customer.mailbox)[0]
        if "Reply-To" in newest["headers"] and "z-" not in newest["headers"]["Reply-To"]:
            return str(newest["text"])
        time.sleep(0.5)
    raise AssertionError("no receipt came")


def german(number: int) -> str:
    return f"{number:,}".replace(",", ".")


def test_an_answer_by_mail_is_reported_and_shown_with_its_tick(
    application: Application, contact: Page
) -> None:
    link = asked_customer(application, CLEAR)
    values = [german(CLEAR.now(1, meter)) for meter in ("1", "2")]
    answer(
        application,
        CLEAR,
        f"Hallo,\n\nS/W {values[0]}, Farbe {values[1]}\n\nViele Grüße\nInes Ibis",
    )
    told = receipt(application, CLEAR)
    for value in values:
        assert value in told
    enter(contact, link)
    card = contact.locator(f"#machine-{CLEAR.machine(1)}")
    expect(card.get_by_text("gespeichert, passt zum Verlauf")).to_have_count(2)
    for value in values:
        expect(card).to_contain_text(value)


@pytest.mark.parametrize("customer", [DOUBTED])
def test_what_is_in_doubt_is_taken_over_by_staff(
    application: Application, staff: Page, customer: Customer
) -> None:
    asked_customer(application, customer)
    values = [customer.now(1, meter) for meter in ("1", "2")]
    answer(application, customer, f"S/W ca. {values[0]}, Farbe {values[1]}")
    sign_in(staff, application, "remind", "answers")
    card = staff.locator("article").filter(has_text=customer.name)
    end = time.monotonic() + PATIENCE
    while not card.count() and time.monotonic() < end:
        staff.reload()
        staff.locator("article, .answers .box").first.wait_for()
    expect(card).to_contain_text("Der Wert ist nur ungefähr genannt.")
    for look in each_look(staff):
        card.get_by_role("button").first.press("Enter")
        expect(card.locator("#entry-1")).to_be_visible()
        assert faults(staff, look) == [], look
    assert overflow(staff) == []
    card.get_by_role("button", name="Werte prüfen und übernehmen").click()
    expect(card.locator("#entry-1")).to_have_value(str(values[0]))
    card.get_by_role("button", name="Speichern").click()
    expect(card.get_by_role("status")).to_contain_text("Gespeichert")
    card.get_by_role("button", name="Erledigt").click()
    expect(card).to_have_count(0)
    open_view(staff, "answers?state=decided")
    expect(card).to_be_visible()
    assert faults(staff) == []
    machine = application.staff("GET", f"/api/staff/machines/{customer.machine(1)}")
    assert [meter["period"]["value"] for meter in machine["meters"]] == values
