"""The editor of mail texts: from a word typed in it to the mail that is really sent."""

from __future__ import annotations

import json
import re
import time
import urllib.request
from typing import Any

import pytest
from playwright.sync_api import Page, Route, expect

from tests.e2e.asking import PATIENCE, mails_to
from tests.e2e.console import sign_in
from tests.e2e.customers import Customer, asked_customer
from tests.e2e.sight import faults, overflow
from tests.support.running import Application

SHIPPED = "Der mitgelieferte Text steht in den Feldern."
CUSTOMER = Customer(27301, 2, name="Kolibri Druck GmbH")
CONTRACT = f"7{CUSTOMER.number}"
BLOCK = "bwCOPortalZNeuerLinkHtml.de"
SUBJECT = "Kolibris neuer Link für #FIRMA#"


@pytest.fixture(scope="session")
def kolibri(application: Application) -> str:
    """The link of a customer who was asked."""
    return asked_customer(application, CUSTOMER)


def mail_with(application: Application, address: str, subject: str) -> dict[str, Any]:
    end = time.monotonic() + PATIENCE
    while time.monotonic() < end:
        for mail in mails_to(application, address):
            if mail["subject"] == subject:
                return mail
        time.sleep(0.2)
    raise AssertionError(f"no mail {subject!r} to {address}")


def ask_for_a_link(application: Application) -> None:
    body = json.dumps({"email": CUSTOMER.mailbox}).encode()
    request = urllib.request.Request(  # noqa: S310 - the application of the tests
        f"{application.url}/api/links", body, {"content-type": "application/json"}, method="POST"
    )
    with urllib.request.urlopen(request) as answer:  # noqa: S310 - the same
        assert answer.status == 202


def test_what_is_typed_in_the_editor_is_refused_shown_tried_and_sent(
    application: Application, staff: Page, kolibri: str
) -> None:
    assert kolibri
    sign_in(staff, application, "admin", f"words/{BLOCK}")
    html = staff.get_by_label("HTML", exact=True)
    back = staff.get_by_role("button", name="mitgeliefert")
    back.press("Enter")
    expect(staff.get_by_text(SHIPPED)).to_be_visible()
    expect(html).to_have_value(re.compile("Zu Ihren Geräten"))
    shipped = html.input_value()
    save = staff.get_by_role("button", name=re.compile("Als Fassung .* speichern"))

    html.fill(f"{shipped}\n<p>#TELEFFON#</p>")
    expect(staff.get_by_text("#TELEFFON# gibt es in dieser E-Mail nicht.")).to_be_visible()
    expect(save).to_be_disabled()

    html.fill(shipped.replace("Zu Ihren Geräten", "Zum Kolibri"))
    staff.get_by_label("Betreff").fill(SUBJECT)
    staff.get_by_label("mit Daten von Vertrag").fill(CONTRACT)
    staff.get_by_label("mit Daten von Vertrag").press("Tab")
    frame = staff.frame_locator("iframe.mail-frame")
    expect(frame.get_by_text(CUSTOMER.name)).to_be_visible()
    expect(frame.get_by_text("Zum Kolibri")).to_be_visible()
    assert faults(staff) == []
    assert overflow(staff) == []
    staff.get_by_role("button", name="Klartext").press("Enter")
    expect(staff.locator("pre.mail-text")).to_contain_text(CUSTOMER.name)

    subject = SUBJECT.replace("#FIRMA#", CUSTOMER.name)
    staff.get_by_role("button", name="Testmail an mich").press("Enter")
    own = application.account("admin")["username"]
    expect(staff.get_by_text(f"Testmail unterwegs an {own}.").first).to_be_visible()
    assert "Zum Kolibri" in mail_with(application, own, f"Test: {subject}")["html"]

    expect(save).to_be_enabled()
    save.press("Enter")
    expect(staff.get_by_text("gilt ab der nächsten E-Mail")).to_be_visible()
    ask_for_a_link(application)
    mail = mail_with(application, CUSTOMER.mailbox, subject)
    assert "Zum Kolibri" in mail["html"]
    assert re.search(r"http\S+/#t=\S+", mail["text"])

    back.press("Enter")
    expect(html).to_have_value(shipped)
    expect(save).to_be_enabled()
    save.press("Enter")
    expect(staff.get_by_text("gilt ab der nächsten E-Mail")).to_be_visible()


def test_a_version_that_comes_late_covers_nothing_that_was_typed_meanwhile(
    application: Application, staff: Page
) -> None:
    sign_in(staff, application, "admin", f"words/{BLOCK}")
    html = staff.get_by_label("HTML", exact=True)
    late: list[Route] = []
    staff.route("**/versions/0", lambda route: late.append(route))
    staff.get_by_role("button", name="mitgeliefert").press("Enter")
    html.fill("<p>Inzwischen getippt</p>")
    end = time.monotonic() + PATIENCE
    while not late and time.monotonic() < end:
        staff.wait_for_timeout(50)
    (asked,) = late
    asked.continue_()
    expect(
        staff.get_by_text("Nicht geholt: Sie haben inzwischen weitergeschrieben.")
    ).to_be_visible()
    expect(html).to_have_value("<p>Inzwischen getippt</p>")
    staff.unroute("**/versions/0")
    staff.get_by_role("button", name="mitgeliefert").press("Enter")
    expect(staff.get_by_text(SHIPPED)).to_be_visible()
    expect(html).to_have_value(re.compile("Zu Ihren Geräten"))
    staff.get_by_role("button", name="Verwerfen").press("Enter")


def test_what_is_typed_outlives_a_change_of_language(application: Application, staff: Page) -> None:
    sign_in(staff, application, "admin", f"words/{BLOCK}")
    subject = staff.locator("#words-subject")
    subject.fill("Noch nicht gespeichert")
    narrow = staff.get_by_role("button", name="Handy")
    narrow.press("Enter")
    expect(narrow).to_be_focused()
    expect(narrow).to_have_attribute("aria-pressed", "true")
    staff.locator("#language").click()
    expect(staff.get_by_text("Your changes are still in the fields.")).to_be_visible()
    expect(subject).to_have_value("Noch nicht gespeichert")
    staff.get_by_role("button", name="Discard").press("Enter")
    expect(subject).not_to_have_value("Noch nicht gespeichert")
    staff.locator("#language").click()
    expect(staff.get_by_role("button", name="Verwerfen")).to_be_visible()
    expect(subject).not_to_have_value("Noch nicht gespeichert")
    expect(staff.get_by_text("Ihre Änderungen stehen noch in den Feldern.")).to_have_count(0)
