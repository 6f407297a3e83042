"""Many machines: pages behind the first, finding one, sending all at once."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.asking import ask_again, enter
from tests.e2e.customers import Customer, asked_customer
from tests.support.running import Application

CUSTOMER = Customer(18501, 230)
"""More than one page of the API, which has 200."""
UNTOUCHED = Customer(18502, 201)
"""Nothing is reported for it, so that its machines stand in walking order in any order of the tests."""


@pytest.fixture(scope="session")
def link(application: Application) -> str:
    return asked_customer(application, CUSTOMER)


@pytest.fixture(scope="session")
def untouched(application: Application) -> str:
    return asked_customer(application, UNTOUCHED)


@pytest.fixture
def inside(colleague: Page, link: str) -> Page:
    enter(colleague, link)
    expect(colleague.locator("article.machine")).to_have_count(CUSTOMER.machines)
    return colleague


def test_the_first_row_is_usable_while_the_rest_is_still_coming(
    untouched: str, contact: Page
) -> None:
    contact.route("**/api/machines?cursor=*", lambda route: route.abort())
    enter(contact, untouched)
    contact.locator("input.digits").first.fill("1")
    expect(contact.locator("article.machine")).to_have_count(200)
    expect(contact.get_by_text("Keine Verbindung")).to_be_visible()
    contact.unroute("**/api/machines?cursor=*")
    ask_again(contact)
    expect(contact.locator("article.machine")).to_have_count(UNTOUCHED.machines)
    expect(contact.locator("input.digits").first).to_have_value("1")


def test_machines_stand_by_place_in_walking_order(untouched: str, contact: Page) -> None:
    enter(contact, untouched)
    expect(contact.locator("article.machine")).to_have_count(UNTOUCHED.machines)
    places = contact.locator("h2").all_text_contents()
    assert places[:3] == ["Werk · A · 1. OG", "Werk · A · 2. OG", "Werk · A · 3. OG"]
    assert len(places) == 21
    ids = contact.locator("article.machine").evaluate_all("all => all.map((one) => one.id)")
    assert ids == [f"machine-{UNTOUCHED.machine(n)}" for n in range(1, 202)]


@pytest.mark.parametrize("wanted", ["sn{id}", "K-217", "raum 317", "317  22. og"])
def test_the_filter_finds_by_number_and_place(inside: Page, wanted: str) -> None:
    find = inside.get_by_role("searchbox", name="Gerät suchen")
    find.fill(wanted.format(id=CUSTOMER.machine(217)))
    expect(inside.locator("article.machine:visible")).to_have_count(1)
    find.press("Enter")
    expect(inside.locator(f"#m-{CUSTOMER.machine(217)}-1")).to_be_focused()
    find.press("Escape")
    expect(inside.locator("article.machine:visible")).to_have_count(CUSTOMER.machines)
    find.fill("gibt es nicht")
    expect(inside.get_by_text("Kein Gerät passt dazu.")).to_be_visible()
    inside.get_by_role("button", name="Filter aufheben").click()
    expect(inside.locator("article.machine:visible")).to_have_count(CUSTOMER.machines)


def test_all_filled_machines_go_out_at_once_and_doubts_are_shown_as_links(inside: Page) -> None:
    fill(inside, range(1, 121))
    inside.locator(f"#machine-{CUSTOMER.machine(7)}").scroll_into_view_if_needed()
    inside.locator(f"#m-{CUSTOMER.machine(7)}-1").fill(str(CUSTOMER.last(7, "1") + 9000))
    bar = inside.locator(".sticky")
    expect(bar).to_contain_text("240 Zählerstände absenden")
    bar.get_by_role("button", name="Absenden").click()
    expect(inside.locator(".notice")).to_contain_text("119 Geräte gespeichert")
    expect(inside.get_by_text("119 von 230 gemeldet")).to_be_visible()
    expect(bar).to_contain_text("111 offen")
    inside.get_by_label("Zu prüfen 1").check()
    expect(inside.locator("article.machine:visible")).to_have_count(1)
    inside.get_by_role("link", name=f"SN{CUSTOMER.machine(7)}").click()
    expect(inside.locator(f"#m-{CUSTOMER.machine(7)}-1")).to_be_focused()
    inside.get_by_label("Erledigt 119").check()
    expect(inside.locator("article.machine:visible")).to_have_count(119)
    inside.get_by_label("Alle 230").check()


def fill(page: Page, numbers: range) -> None:
    """As drafts of this device: the page restores them like typed ones."""
    drafts = {
        CUSTOMER.machine(n): {
            "due_on": "2026-11-28",
            "values": {meter: str(CUSTOMER.now(n, meter)) for meter in "12"},
            "read_on": None,
        }
        for n in numbers
    }
    page.locator("input.digits").first.fill("1")  # the page itself names where drafts lie
    page.evaluate(
        """(drafts) => {
          const first = Object.keys(localStorage).find((key) => key.startsWith("meterportal.draft/"));
          const place = first.slice(0, first.lastIndexOf("/") + 1);
          for (const [id, draft] of Object.entries(drafts)) localStorage.setItem(place + id, JSON.stringify(draft));
        }""",
        drafts,
    )
    page.reload()
    expect(page.locator("article.machine")).to_have_count(CUSTOMER.machines)


def test_the_bar_sends_only_once_a_second_machine_holds_values(inside: Page) -> None:
    """One machine has its own button; the bar's says how many values go out."""
    send = inside.locator(".sticky").get_by_role("button")
    expect(send).to_have_count(0)
    for n in (201, 202):  # Far away they are outlines.
        inside.locator(f"#machine-{CUSTOMER.machine(n)}").scroll_into_view_if_needed()
    fields = [inside.locator(f"#m-{CUSTOMER.machine(n)}-1") for n in (201, 202)]
    fields[0].fill("1")
    expect(send).to_have_count(0)
    fields[1].fill("2")
    expect(send).to_have_text("2 Zählerstände absenden")
    for field in fields:
        field.fill("")
    expect(send).to_have_count(0)
