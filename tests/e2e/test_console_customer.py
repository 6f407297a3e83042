"""A customer's page: the answer to "What about this company?", and what staff do there."""

from __future__ import annotations

import re
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.asking import BUILT, enter
from tests.e2e.console import open_view, sign_in
from tests.e2e.customers import Customer, asked_customer
from tests.e2e.sight import each_look, faults, overflow
from tests.support.running import Application

CUSTOMER = Customer(28701, 5, name="Möbelhaus Örtel AG")
REVOKED = Customer(28702, 2, name="Optik Brünner KG")
LARGE = Customer(28703, 230, name="Stadtwerke Überlingen")


@pytest.fixture(scope="session", autouse=True)
def link(application: Application) -> str:
    """Five machines, of which one is reported, one in part and one with a doubtful value."""
    link = asked_customer(application, CUSTOMER)
    report(application, CUSTOMER, 2, {"1": CUSTOMER.now(2, "1"), "2": CUSTOMER.now(2, "2")})
    report(application, CUSTOMER, 3, {"1": CUSTOMER.now(3, "1")})
    doubtful = {"1": CUSTOMER.last(5, "1") + 60_000, "2": CUSTOMER.now(5, "2")}
    report(application, CUSTOMER, 5, doubtful, confirm={"1": "Ausstellung gedruckt"})
    return link


def report(
    application: Application, customer: Customer, n: int, values: dict[str, int], **more: Any
) -> None:
    path = f"/api/staff/machines/{customer.machine(n)}"
    version = application.staff("GET", path)["version"]
    body = {"values": values, "version": version, "channel": "PHONE", "reporter": customer.contact}
    application.staff("PUT", f"{path}/readings", body | more)


def shown(page: Page, application: Application, group: str, customer: Customer) -> Page:
    sign_in(page, application, group, f"companies/{customer.number}")
    expect(page.get_by_role("heading", level=1)).to_have_text(customer.name)
    return page


def panel(page: Page, name: str) -> Any:
    return page.locator("section.panel").filter(has=page.get_by_role("heading", name=name))


def test_the_month_stands_in_one_sentence_and_what_is_doubtful_comes_first(
    application: Application, staff: Page
) -> None:
    shown(staff, application, "read", CUSTOMER)
    expect(staff).to_have_title(f"{CUSTOMER.name} – Meterportal")
    month = staff.locator(".month")
    expect(month).to_contain_text("November 2026 fällig 28.11.2026")
    expect(month).to_contain_text("2 von 5 Geräten gemeldet")
    expect(month).to_contain_text("1 auffällig")
    expect(month).to_contain_text("1 teilweise")
    expect(month).to_contain_text("2 angefordert")
    rows = panel(staff, "Geräte").get_by_role("row")
    order = [5, 3, 1, 4, 2]
    for place, n in enumerate(order, 1):
        expect(rows.nth(place)).to_contain_text(f"SN{CUSTOMER.machine(n)}")
    expect(rows.nth(1)).to_contain_text("auffällig")
    expect(rows.nth(1)).to_contain_text("160.000")
    contact = panel(staff, "Ansprechpartner").get_by_role("row").nth(1)
    expect(contact).to_contain_text("Ines Ibis")
    expect(contact).to_contain_text("Melder")
    expect(contact).to_contain_text("Zähler, Geräte")
    expect(panel(staff, "Verträge")).to_contain_text("1 laufend")
    month.get_by_role("link", name="1 auffällig").press("Enter")
    expect(staff.get_by_role("heading", level=1)).to_have_text("Bestand")
    listed = staff.get_by_role("grid").get_by_role("link", name=f"SN{CUSTOMER.machine(5)}")
    expect(listed).to_be_visible(timeout=BUILT)  # the first one has the lists built
    listed.press("Enter")
    expect(staff.get_by_role("heading", level=1)).to_have_text(f"SN{CUSTOMER.machine(5)}")


def test_the_time_line_names_people_and_tells_one_deed_in_one_line(
    application: Application, staff: Page
) -> None:
    shown(staff, application, "read", CUSTOMER)
    lines = staff.locator(".timeline li")
    admin = application.account("admin")["name"]
    expect(lines.filter(has_text=f"{admin} erfasst für Ines Ibis")).not_to_have_count(0)
    expect(lines.filter(has_text="Anforderung an Ines Ibis")).to_have_count(1)
    everything = lines.count()
    staff.get_by_role("button", name="E-Mails", exact=True).press("Enter")
    expect(lines).to_have_count(1)
    expect(lines).to_contain_text("Anforderung an Ines Ibis")
    staff.get_by_role("button", name="alles", exact=True).press("Enter")
    expect(lines).to_have_count(everything)


def test_revoked_links_open_nothing_and_the_journal_knows_who_did_it(
    application: Application, staff: Page, contact: Page
) -> None:
    opened = asked_customer(application, REVOKED)
    enter(contact, opened)
    shown(staff, application, "remind", REVOKED)
    more = staff.get_by_role("button", name="Mehr zu Ines Ibis")
    button = staff.get_by_role("button", name="Links von Ines Ibis widerrufen")
    more.press("Enter")
    button.press("Enter")
    dialog = staff.get_by_role("dialog", name="Links widerrufen")
    expect(dialog).to_contain_text(REVOKED.mailbox)
    staff.keyboard.press("Escape")
    expect(dialog).to_have_count(0)
    expect(more).to_be_focused()
    assert session_of(contact) == 200

    more.press("Enter")
    button.press("Enter")
    dialog.get_by_role("button", name="Links widerrufen").press("Enter")
    remind = application.account("remind")["name"]
    expect(staff.locator(".timeline li").first).to_contain_text(
        f"{remind} Links und Passwort gesperrt: Ines Ibis"
    )
    assert session_of(contact) == 401
    entries = application.staff("GET", f"/api/staff/audit?contact_id={REVOKED.contact}")["entries"]
    told = [(one["action"], one["by"]["name"]) for one in entries]
    assert ("links_revoked", remind) in told


def session_of(contact: Page) -> int:
    status: int = contact.evaluate("async () => (await fetch('/api/session')).status")
    return status


def test_a_request_is_prepared_for_this_customer_alone(
    application: Application, staff: Page
) -> None:
    shown(staff, application, "remind", CUSTOMER)
    staff.get_by_role("button", name="Portal Ready: Probelauf").press("Enter")
    expect(staff.get_by_role("heading", level=1)).to_have_text("Portal Ready")
    expect(staff.get_by_role("link", name=f"7{CUSTOMER.number}")).to_be_visible()
    staff.go_back()
    expect(staff.get_by_role("heading", level=1)).to_have_text(CUSTOMER.name)
    staff.get_by_role("button", name="Anfordern …").press("Enter")
    expect(staff.get_by_role("heading", level=1)).to_have_text("Anforderung")
    expect(staff.get_by_text("Diese Runde schreibt niemanden an.")).to_be_visible()
    number = staff.url.rpartition("/")[2].partition("?")[0]
    prepared = application.staff("GET", f"/api/staff/rounds/{number}")
    assert prepared["dry_run"]
    asked_for = [number for mail in prepared["mails"] for number in mail["contract_ids"]]
    asked_for += [one["contract_id"] for one in prepared["left_out"]]
    assert set(asked_for) <= {f"7{CUSTOMER.number}"}
    assert prepared["planned"] == 0  # they were asked today


def test_who_may_only_read_is_offered_nothing_else(application: Application, staff: Page) -> None:
    shown(staff, application, "read", CUSTOMER)
    expect(staff.get_by_role("button", name="Anfordern …")).to_have_count(0)
    staff.get_by_role("button", name="Mehr zu Ines Ibis").press("Enter")
    expect(staff.get_by_role("dialog", name="Ines Ibis")).to_be_visible()
    expect(staff.get_by_role("button", name=re.compile("widerrufen|kennzeichnen"))).to_have_count(0)
    staff.keyboard.press("Escape")
    there = staff.get_by_role("region", name="Firma")
    expect(there.get_by_role("link", name="Journal")).to_be_visible()


def test_a_failing_server_is_told_and_overcome_in_place(
    application: Application, staff: Page
) -> None:
    sign_in(staff, application, "read", "companies/00000")
    expect(staff.get_by_role("alert")).to_contain_text("Diese Firma gibt es hier nicht.")
    path = f"**/api/staff/companies/{CUSTOMER.number}?*"
    staff.route(path, lambda route: route.abort())
    open_view(staff, f"companies/{CUSTOMER.number}")
    expect(staff.get_by_role("alert")).to_contain_text("Keine Verbindung zum Server")
    staff.unroute(path)
    staff.get_by_role("button", name="Erneut", exact=True).press("Enter")
    expect(staff.get_by_role("heading", level=1)).to_have_text(CUSTOMER.name)
    expect(staff.get_by_role("alert")).to_have_count(0)
    staff.reload()
    expect(staff.get_by_role("heading", level=1)).to_have_text(CUSTOMER.name)


def test_all_machines_of_a_large_customer_come_by_and_by(
    application: Application, staff: Page
) -> None:
    asked_customer(application, LARGE)
    report(
        application,
        LARGE,
        230,
        {"1": LARGE.last(230, "1") + 90_000},
        confirm={"1": "Ausstellung gedruckt"},
    )
    asked = []
    staff.on("request", lambda request: asked.append(request.url))
    shown(staff, application, "read", LARGE)
    rows = panel(staff, "Geräte").get_by_role("row")
    expect(rows).to_have_count(231)
    expect(rows.nth(1)).to_contain_text(f"SN{LARGE.machine(230)}")
    assert len([one for one in asked if f"/companies/{LARGE.number}?" in one]) == 2


def test_the_page_is_accessible_in_every_look_and_loses_nothing_when_narrow(
    application: Application, staff: Page
) -> None:
    shown(staff, application, "remind", CUSTOMER)
    for look in each_look(staff):
        expect(panel(staff, "Geräte").or_(panel(staff, "Machines"))).to_be_visible()
        assert faults(staff, look) == [], look
    assert overflow(staff) == []
    for width in (1440, 1280):
        staff.set_viewport_size({"width": width, "height": 720})
        expect(panel(staff, "Geräte").get_by_role("row").nth(1)).to_contain_text("auffällig")
        assert wide_cells(staff) == []


def wide_cells(page: Page) -> list[str]:
    """Cells of figures that are cut."""
    found: list[str] = page.evaluate(
        """() => [...document.querySelectorAll("td.number")]
          .filter((one) => one.scrollWidth > one.clientWidth).map((one) => one.textContent)"""
    )
    return found
