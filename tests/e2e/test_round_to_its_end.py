"""A round in a real browser from its preview to its last delivery: what goes out, lies in the mailbox, comes back, and what staff
are told of it. The local mail system delivers as SES's simulator does: an address that begins with "bounce" is refused."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.e2e.asking import mails_to, ready
from tests.e2e.console import another_view, open_view, sign_in
from tests.e2e.customers import Customer, import_of
from tests.e2e.sight import faults, overflow
from tests.support.running import Application

TAKEN = Customer(27581, 2, others=1, name="Turmfalke Nord GmbH")
REFUSED = replace(
    TAKEN, number=27582, others=0, name="Turmfalke Ost GmbH", address="bounce@kunde27582.example"
)
ADDRESSES = [TAKEN.mailbox, TAKEN.colleague, REFUSED.mailbox]


@pytest.fixture(scope="session", autouse=True)
def _companies(application: Application) -> None:
    for customer in (TAKEN, REFUSED):
        import_of(application, customer)
        ready(application, str(customer.number))


def proposed(page: Page) -> None:
    """The round over all contracts of both companies, as it is seen before anything goes out."""
    page.get_by_role("searchbox", name="Filtern").fill("Turmfalke")
    rows = page.locator(".grid-row:not([hidden])").filter(has_text="Turmfalke")
    expect(rows).to_have_count(3)
    for row in rows.all():
        row.locator(".pick").click()
    expect(page.get_by_text("3 Verträge gewählt")).to_be_visible()
    with another_view(page):
        page.get_by_role("button", name="Anfordern …").press("Enter")


def deliveries(page: Page) -> Locator:
    return page.get_by_role("grid", name="Zustellungen").locator("tbody tr")


def test_a_round_is_read_sent_delivered_and_what_came_back_is_said(
    application: Application, staff: Page, desk: Page
) -> None:
    sign_in(staff, application, "remind", "stock/contracts")
    proposed(staff)
    boxes = staff.get_by_role("grid", name="E-Mails").locator("tbody tr")
    expect(boxes).to_have_count(3)
    for address in ADDRESSES:
        expect(boxes.filter(has_text=address)).to_have_count(1)
    boxes.filter(has_text=TAKEN.mailbox).click()
    preview = staff.get_by_role("complementary", name="Vorschau")
    expect(preview).to_contain_text(f"fällig am 28.11.2026: {TAKEN.name}")
    expect(staff.frame_locator(".mail-frame").get_by_text("Zählerstände eingeben")).to_be_visible()
    assert [mails_to(application, one) for one in ADDRESSES] == [[], [], []]
    assert faults(staff) == []

    staff.get_by_role("button", name="3 E-Mails versenden").press("Enter")
    rows = deliveries(staff)
    expect(rows).to_have_count(3)
    expect(rows.filter(has_text="zugestellt")).to_have_count(2)
    (back,) = rows.filter(has_text=REFUSED.mailbox).all()
    # What does not work stands first, with its reason and the way on.
    expect(rows.first).to_contain_text(REFUSED.name)
    expect(back).to_contain_text(re.compile("unzustellbar.*Dieses Postfach nimmt nichts an"))
    expect(back.get_by_role("link", name="Adresse ändern")).to_be_visible()
    sums = staff.get_by_role("region", name="Summen")
    expect(sums).to_contain_text("3 E-Mails")
    expect(sums).to_contain_text("2 Firmen, 5 Geräte")
    pills = staff.get_by_role("navigation", name="Ansichten der Zustellungen").get_by_role("button")
    shown = re.findall(r"(\w+)\s+(\d+)", "\n".join(pills.all_inner_texts()))
    counted = {words: int(number) for words, number in shown}
    assert counted == {"Alle": 3, "unzustellbar": 1, "zugestellt": 2}
    assert faults(staff) == []
    assert overflow(staff) == []

    (number,) = re.findall(r"deliveries/([^?]+)", staff.url)
    told = application.staff("GET", f"/api/staff/rounds/{number}")
    assert (told["planned"], told["sent"], told["bounced"], told["waiting"]) == (3, 3, 1, 0)
    for address in ADDRESSES:
        assert len(mails_to(application, address)) == 1, address

    # The mail as its reader finds it, and the way in by its button.
    desk.goto(f"{application.url}/_local/mails?to={TAKEN.mailbox}")
    desk.get_by_role("link", name=re.compile("Zählerstände melden, fällig am 28.11.2026")).click()
    mail = desk.frame_locator("iframe.preview")
    expect(mail.get_by_text("Sehr geehrte Frau Ibis")).to_be_visible()
    with desk.expect_popup() as opened:
        mail.get_by_role("link", name="Zählerstände eingeben").press("Enter")
    opened.value.get_by_role("button", name="Weiter zu Ihren Geräten").click()
    expect(opened.value.get_by_text(TAKEN.name).first).to_be_visible()

    # The same wherever staff look: today, and at the customer.
    open_view(staff, "today")
    last = staff.locator(".today-runs li", has=staff.locator("#last-rounds"))
    expect(last).to_contain_text("Anforderung")
    expect(last).to_contain_text("3 von 3 E-Mails")
    open_view(staff, f"companies/{REFUSED.number}")
    person = staff.locator("tr", has=staff.locator(f"#contact-{REFUSED.contact}"))
    expect(person).to_contain_text("unzustellbar")
    assert faults(staff) == []
