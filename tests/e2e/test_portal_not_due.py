"""What is not due yet stands apart, what is all is said once it is all, what can be read can be entered."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.e2e.asking import enter, of_day
from tests.e2e.customers import Customer, asked_customer
from tests.e2e.sight import each_look, faults, overflow
from tests.support.running import Application

STORED = "gespeichert, passt zum Verlauf"
ALL = "Danke, alles gemeldet."


def report(page: Page, customer: Customer, n: int, meters: str = "12") -> None:
    for meter in meters:
        page.locator(f"#m-{customer.machine(n)}-{meter}").fill(str(customer.now(n, meter)))
    card(page, customer, n).locator("[type=submit]").click()
    expect(card(page, customer, n).get_by_text(STORED)).to_have_count(len(meters))


def card(page: Page, customer: Customer, n: int) -> Locator:
    return page.locator(f"#machine-{customer.machine(n)}")


def test_a_machine_that_is_not_due_yet_stands_apart_with_its_first_day(
    application: Application, contact: Page
) -> None:
    customer = Customer(19401, 3, later=1)
    enter(contact, asked_customer(application, customer))
    expect(contact.get_by_text("Bitte bis 28.11.2026, sonst darf geschätzt werden")).to_be_visible()
    expect(contact.get_by_text("0 von 2 gemeldet")).to_be_visible()
    apart = contact.locator("section.group").last
    expect(
        apart.get_by_role("heading", name="Noch nicht fällig – Melden ab 08.02.2027", level=2)
    ).to_be_visible()
    expect(apart.locator("article.machine")).to_have_count(1)
    later = card(contact, customer, 3)
    expect(later.locator(".badge")).to_have_text("Noch nicht fällig")
    expect(later.get_by_text("Fällig am 28.02.2027")).to_be_visible()
    expect(later.get_by_text("mit einem Ablesedatum")).to_have_count(0)  # The title says it.
    expect(later.locator("input")).to_have_count(0)
    for look in each_look(contact):
        assert faults(contact, look) == [], look
    assert overflow(contact) == []
    report(contact, customer, 1)
    report(contact, customer, 2)
    expect(contact.get_by_text(ALL)).to_be_visible()
    expect(contact.get_by_text("2 von 2 gemeldet")).to_be_visible()
    contact.evaluate("location.hash = '#/receipt'")
    expect(contact.get_by_text("Alle 2 Geräte sind gemeldet.")).to_be_visible()


def test_where_nothing_is_due_nobody_is_warned_of_estimates(
    application: Application, contact: Page
) -> None:
    """Asked for one company, at home at another one where everything is due in February."""
    here = Customer(19402, 1, address="beide@kunde19402.example", name="Hier GmbH")
    there = Customer(19403, 2, address=here.mailbox, name="Dort GmbH", later=2)
    enter(contact, asked_customer(application, here, there))
    contact.get_by_text("Firma wechseln").click()
    contact.get_by_role("button", name="Dort GmbH").click()
    expect(contact.get_by_text("Zurzeit ist nichts offen")).to_be_visible()
    expect(
        contact.get_by_text("Die nächsten Zählerstände nehmen wir ab dem 08.02.2027 an.")
    ).to_be_visible()
    expect(contact.locator("article.machine")).to_have_count(2)
    expect(contact.get_by_text("schätzen")).to_have_count(0)
    expect(contact.get_by_role("button", name="Weiter mit Hier GmbH (1 offen)")).to_be_visible()
    expect(contact.get_by_text(ALL)).to_have_count(0)


def test_a_sheet_with_a_machine_that_is_not_due_says_from_when_on(
    application: Application, contact: Page
) -> None:
    customer = Customer(19404, 2, later=1)
    enter(contact, asked_customer(application, customer))
    contact.evaluate("location.hash = '#/fleet'")
    row = f"SN{customer.machine(2)}\t1\t{customer.now(2, '1')}"
    contact.get_by_label("Oder Zellen aus").fill(f"Seriennummer\tZählernummer\tNeuer Stand\n{row}")
    contact.get_by_role("button", name="Prüfen").click()
    expect(
        contact.get_by_text("mit einem Ablesedatum ab dem 08.02.2027 angenommen")
    ).to_be_visible()


def test_a_day_before_the_period_opens_is_refused_at_the_date(
    application: Application, contact: Page
) -> None:
    """Nobody was asked for this contract; its period is open, but not for every day."""
    customer = Customer(19405, 1)
    link = asked_customer(application, Customer(19406, 1, address=customer.mailbox), customer)
    enter(contact, link)
    contact.get_by_text("Firma wechseln").click()
    contact.locator("details.switch").get_by_role("button").click()
    day = of_day(card(contact, customer, 1))
    contact.locator(f"#m-{customer.machine(1)}-1").fill(str(customer.now(1, "1")))
    day.fill("2026-11-07")
    words = "zum 28.11.2026 wird mit einem Ablesedatum ab dem 08.11.2026 angenommen"
    expect(card(contact, customer, 1).get_by_text(words)).to_be_visible()
    card(contact, customer, 1).locator("[type=submit]").click()
    expect(day).to_be_focused()
    expect(day).to_have_attribute("aria-invalid", "true")
    day.fill("2026-11-22")
    card(contact, customer, 1).locator("[type=submit]").click()
    expect(card(contact, customer, 1).get_by_text("am 22.11.2026")).to_be_visible()


def test_all_is_said_only_when_nothing_is_open_at_any_company(
    application: Application, contact: Page
) -> None:
    first = Customer(19407, 1, address="viele@kunde19407.example", name="Erste GmbH")
    second = Customer(19408, 2, address=first.mailbox, name="Zweite GmbH")
    enter(contact, asked_customer(application, first, second))
    report(contact, first, 1)
    expect(contact.get_by_text("Erste GmbH: alles gemeldet")).to_be_visible()
    expect(contact.get_by_text("1 von 3 Geräten gemeldet")).to_be_visible()
    expect(contact.get_by_text("bringt Sie bis zum 12.01.2027 hierher zurück")).to_be_visible()
    go_on = contact.get_by_role("button", name="Weiter mit Zweite GmbH (2 offen)")
    expect(go_on).to_be_visible()
    expect(contact.get_by_text(ALL)).to_have_count(0)
    assert faults(contact) == []
    assert overflow(contact) == []
    go_on.click()
    expect(contact.locator(".head")).to_contain_text("Zweite GmbH")
    report(contact, second, 1)
    report(contact, second, 2)
    expect(contact.get_by_text(ALL)).to_be_visible()
    contact.reload()
    expect(contact.get_by_text(ALL)).to_be_visible()


def test_what_is_open_elsewhere_is_not_claimed_done_without_a_network(
    application: Application, contact: Page
) -> None:
    first = Customer(19409, 1, address="netz@kunde19409.example", name="Dritte GmbH")
    second = Customer(19410, 1, address=first.mailbox, name="Vierte GmbH")
    enter(contact, asked_customer(application, first, second))
    contact.route("**/api/session?counts=1", lambda route: route.abort())
    report(contact, first, 1)
    expect(contact.get_by_text("Dritte GmbH: alles gemeldet")).to_be_visible()
    contact.wait_for_load_state("networkidle")
    expect(contact.get_by_text(ALL)).to_have_count(0)


@pytest.mark.parametrize(
    ("kind", "readable"),
    [
        ("moved", True),
        ("previous_reading_wrong", True),
        ("cannot_read", True),
        ("gone", False),
        ("not_ours", False),
    ],
)
def test_a_machine_with_a_problem_can_be_read_where_there_is_something_to_read(
    application: Application, contact: Page, kind: str, readable: bool
) -> None:
    number = 19411 + ["moved", "previous_reading_wrong", "cannot_read", "gone", "not_ours"].index(
        kind
    )
    customer = Customer(number, 2)
    enter(contact, asked_customer(application, customer))
    contact.evaluate("to => { location.hash = to }", f"#/problem/{customer.machine(1)}")
    contact.locator(f"#kind-{kind}").check()
    contact.get_by_role("button", name="Problem melden").click()
    expect(contact.get_by_role("heading", name="Danke, Ihr Händler weiß Bescheid")).to_be_visible()
    contact.get_by_role("link", name="Zurück zu den Geräten").click()
    mine = card(contact, customer, 1)
    expect(mine.locator(".badge")).to_have_text("Problem gemeldet")
    expect(contact.get_by_text("0 von 1 gemeldet")).to_be_visible()
    if not readable:
        expect(mine.locator("input")).to_have_count(0)
        expect(mine.get_by_text("ist hier nichts zu tun")).to_be_visible()
        return
    expect(mine.get_by_text("Den Zählerstand können Sie trotzdem eintragen.")).to_be_visible()
    report(contact, customer, 1)
    machine = customer.machine(1)
    rows = application.staff("GET", f"/api/staff/readings?bucket=reported&company_id={number}")
    (row,) = [row for row in rows["machines"] if row["id"] == machine]
    assert [one["value"] for one in row["readings"]] == [customer.now(1, m) for m in "12"]
    problems = application.staff("GET", "/api/staff/problems?state=open")["problems"]
    assert (machine in str(problems)) is (kind != "cannot_read")


def waiting(page: Page, customer: Customer) -> None:
    """Its only machine waits for the network."""
    page.route("**/readings", lambda route: route.abort())
    page.locator(f"#m-{customer.machine(1)}-1").fill(str(customer.now(1, "1")))
    card(page, customer, 1).locator("[type=submit]").click()
    expect(card(page, customer, 1).get_by_text("Wartet auf Netz").first).to_be_visible()


def doubtful(page: Page, customer: Customer) -> None:
    page.locator(f"#m-{customer.machine(1)}-1").fill(str(customer.last(1, "1") + 9000))
    card(page, customer, 1).locator("[type=submit]").click()
    expect(card(page, customer, 1).get_by_text("Der Wert stimmt")).to_be_visible()


def with_a_problem(page: Page, customer: Customer) -> None:
    page.evaluate("to => { location.hash = to }", f"#/problem/{customer.machine(1)}")
    page.locator("#kind-gone").check()
    page.get_by_role("button", name="Problem melden").click()
    expect(page.get_by_role("heading", name="Danke, Ihr Händler weiß Bescheid")).to_be_visible()


def reported(page: Page, customer: Customer) -> None:
    report(page, customer, 1)


def untouched(page: Page, customer: Customer) -> None:
    """As it is opened."""


SCREENS = (
    "account",
    "fleet",
    "stickers",
    "receipt",
    "successor",
    "machines",
    "help",
    "history",
    "problem",
)


@pytest.mark.parametrize("state", [untouched, waiting, doubtful, with_a_problem, reported])
def test_every_way_back_works_whatever_the_only_machine_has_come_to(
    application: Application, contact: Page, state: Callable[[Page, Customer], None]
) -> None:
    """No script fails on it: the browser of these tests notices."""
    number = 19421 + ["untouched", "waiting", "doubtful", "with_a_problem", "reported"].index(
        state.__name__
    )
    customer = Customer(number, 1)
    enter(contact, asked_customer(application, customer))
    state(contact, customer)
    for screen in SCREENS:
        for way in ("link", "history"):
            number_of = screen in ("help", "history", "problem")
            address = f"#/{screen}/{customer.machine(1)}" if number_of else f"#/{screen}"
            contact.evaluate("to => { location.hash = to }", address)
            expect(contact.locator(".screen h1")).to_be_focused()
            if way == "link":
                contact.locator(".back a").click()
            else:
                contact.go_back()
            expect(card(contact, customer, 1)).to_be_visible()
            expect(
                contact.locator("h1, input.digits").locator("visible=true").first
            ).to_be_visible()
    contact.reload()
    expect(card(contact, customer, 1)).to_be_visible()


def test_unusual_values_of_a_machine_without_fields_break_nothing(
    application: Application, contact: Page
) -> None:
    """A sheet names a machine that was reported as gone."""
    customer = Customer(19431, 2)
    enter(contact, asked_customer(application, customer))
    with_a_problem(contact, customer)
    contact.evaluate("location.hash = '#/fleet'")
    row = f"SN{customer.machine(1)}\t1\t{customer.last(1, '1') + 90_000}"
    contact.get_by_label("Oder Zellen aus").fill(f"Seriennummer\tZählernummer\tNeuer Stand\n{row}")
    contact.get_by_role("button", name="Prüfen").click()
    contact.get_by_role("button", name="1 Gerät in der Übersicht prüfen").click()
    expect(card(contact, customer, 1).get_by_text("ist hier nichts zu tun")).to_be_visible()
    expect(card(contact, customer, 1).locator(".name")).to_be_focused()
