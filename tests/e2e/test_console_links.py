"""A contact is sent a new link: from the customer's page and from deliveries, to the mail and what it opens."""

from __future__ import annotations

import re
from typing import Any

import pytest
from playwright.sync_api import Locator, Page, Route, expect

from tests.e2e.asking import asked, enter, mails_to, sent_after
from tests.e2e.console import sign_in
from tests.e2e.customers import Customer, asked_customer
from tests.support.running import Application

CUSTOMER = Customer(27151, 2, name="Zeisig Optik GmbH", others=1)
SILENT = Customer(27152, 1, name="Stieglitz Papier KG")


@pytest.fixture(scope="session", autouse=True)
def first_link(application: Application) -> str:
    asked_customer(application, SILENT)
    return asked_customer(application, CUSTOMER)


def shown(page: Page, application: Application, customer: Customer = CUSTOMER) -> Locator:
    """The customer's page, and the row of who reports."""
    sign_in(page, application, "remind", f"companies/{customer.number}")
    expect(page.get_by_role("heading", level=1)).to_have_text(customer.name)
    return page.get_by_role("row").filter(has_text=customer.mailbox)


def sent(application: Application, contact: str) -> int:
    found = application.staff("GET", f"/api/staff/audit?contact_id={contact}&action=link_sent")
    return len(found["entries"])


def test_w_sends_a_link_that_opens_beside_the_earlier_one(
    application: Application, staff: Page, contact: Page, first_link: str
) -> None:
    before = sent(application, CUSTOMER.contact)
    theirs = len(mails_to(application, CUSTOMER.colleague))
    newest = mails_to(application, CUSTOMER.mailbox)[0]["text"]
    row = shown(staff, application)
    row.get_by_role("button", name="Neuen Link an Ines Ibis senden").focus()
    staff.keyboard.press("w")
    dialog = staff.get_by_role("dialog", name="Neuen Link senden")
    expect(dialog).to_contain_text(f"bekommt an {CUSTOMER.mailbox} eine E-Mail")
    staff.keyboard.press("Escape")
    expect(dialog).to_have_count(0)
    assert sent(application, CUSTOMER.contact) == before
    staff.reload()
    row.get_by_role("button", name="Neuen Link an Ines Ibis senden").focus()
    staff.keyboard.press("w")
    broken: list[str] = []

    def lost(route: Route) -> None:
        """The request arrives, its answer does not."""
        broken.append(route.request.headers["idempotency-key"])
        route.fetch()
        route.abort()

    staff.route("**/links", lost, times=1)
    dialog.get_by_role("button", name="Link senden").press("Enter")
    expect(dialog.get_by_role("alert")).to_be_visible()
    dialog.get_by_role("button", name="Link senden").press("Enter")
    expect(dialog).to_have_count(0)
    last = re.search(r"http\S+/#t=\S+", newest)
    assert last
    link = sent_after(application, CUSTOMER.mailbox, last[0])
    assert (len(broken), sent(application, CUSTOMER.contact)) == (1, before + 1)
    told = mails_to(application, CUSTOMER.mailbox)[0]["text"]
    assert "hier ist Ihr neuer Link" in told
    assert len(mails_to(application, CUSTOMER.colleague)) == theirs, "nobody else is written to"
    line = staff.locator(".timeline li").first
    expect(line).to_contain_text("Neuen Link gesendet: Ines Ibis")
    enter(contact, link)
    expect(contact.get_by_text(CUSTOMER.name).first).to_be_visible()
    assert application.opened(first_link.partition("#t=")[2]), "the earlier link opens, too"


def test_a_person_without_rights_is_refused_in_words(application: Application, staff: Page) -> None:
    path = f"/api/staff/contacts/6{CUSTOMER.number}"
    seen = application.staff("GET", f"/api/staff/companies/{CUSTOMER.number}")["contacts"]
    (person,) = (one for one in seen if one["id"] == f"6{CUSTOMER.number}")
    rights: dict[str, Any] = {"readings": False, "machines": False}
    application.staff("PATCH", path, {"rights": rights, "version": person["version"]})
    shown(staff, application)
    staff.get_by_role("button", name="Neuen Link an Otto Otter senden").press("w")
    dialog = staff.get_by_role("dialog", name="Neuen Link senden")
    dialog.get_by_role("button", name="Link senden").press("Enter")
    expect(dialog.get_by_role("alert")).to_contain_text("Portal Ready")
    staff.keyboard.press("Escape")
    assert sent(application, f"6{CUSTOMER.number}") == 0


def test_a_revoked_person_gets_a_link_that_opens_while_the_earlier_one_does_not(
    application: Application, staff: Page, contact: Page
) -> None:
    earlier = asked(application, str(SILENT.number), SILENT.mailbox)
    row = shown(staff, application, SILENT)
    staff.keyboard.press("x")
    dialog = staff.get_by_role("dialog", name="Links widerrufen")
    dialog.get_by_role("button", name="Links widerrufen").press("Enter")
    expect(staff.locator(".timeline li").first).to_contain_text("Links und Passwort gesperrt")
    row.get_by_role("button", name="Neuen Link an Ines Ibis senden").press("w")
    staff.get_by_role("dialog").get_by_role("button", name="Link senden").press("Enter")
    expect(staff.locator(".timeline li").first).to_contain_text("Neuen Link gesendet")
    link = sent_after(application, SILENT.mailbox, earlier)
    contact.goto(earlier)
    contact.get_by_role("button", name="Weiter zu Ihren Geräten").click()
    expect(contact.get_by_role("heading", name="Dieser Link gilt nicht mehr")).to_be_visible()
    enter(contact, link)


def test_deliveries_send_a_link_to_one_person_alone(application: Application, staff: Page) -> None:
    rounds = application.staff("GET", "/api/staff/rounds?limit=50")["rounds"]
    details = (application.staff("GET", f"/api/staff/rounds/{one['id']}") for one in rounds)
    number = next(
        one["id"]
        for one in details
        if not one["dry_run"]
        and any(str(SILENT.number) in mail["company_ids"] for mail in one["mails"])
    )
    before = sent(application, SILENT.contact)
    sign_in(staff, application, "remind", f"deliveries/{number}")
    grid = staff.get_by_role("grid", name="Zustellungen")
    expect(grid.locator("tbody tr")).to_contain_text(SILENT.name)
    grid.focus()
    staff.keyboard.press("w")
    dialog = staff.get_by_role("dialog", name="Erneut senden")
    expect(dialog.get_by_label("Neuer Link nur an Ines Ibis")).to_be_checked()
    dialog.get_by_role("button", name="Senden").press("Enter")
    foot = staff.locator(".request-foot")
    expect(foot).to_contain_text(f"Ein neuer Link an {SILENT.mailbox} ist unterwegs.")
    assert sent(application, SILENT.contact) == before + 1
