"""Heading, text and fields keep their distances on every screen, on a phone and at a desk."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.asking import because, enter, says_right
from tests.e2e.customers import Customer, asked_customer
from tests.e2e.sight import LEAST, cramped
from tests.support.running import Application

CUSTOMER = Customer(19201, 7)
BUSY = {"phone": Customer(19202, 7), "desk": Customer(19203, 7)}
"""Whose cards come to say all they can, by the device: what one has sent, another finds reported."""
SCREENS = ("account", "fleet", "machines", "receipt", "stickers", "successor")
OF_A_MACHINE = ("help", "history", "problem")


@pytest.fixture(scope="session")
def link(application: Application) -> str:
    return asked_customer(application, CUSTOMER)


@pytest.fixture(params=["contact", "colleague"], ids=["phone", "desk"])
def page(request: pytest.FixtureRequest) -> Page:
    """A person's browser: a phone, or a desk."""
    found: Page = request.getfixturevalue(request.param)
    return found


def at_the_door(page: Page, url: str, link: str) -> None:
    page.goto(link)


def dead(page: Page, url: str, link: str) -> None:
    page.goto(f"{url}/#t=guten-tag")
    page.get_by_role("button", name="Weiter zu Ihren Geräten").click()


def without_a_link(page: Page, url: str, link: str) -> None:
    page.goto(url)


def login_refused(page: Page, url: str, link: str) -> None:
    page.goto(f"{url}/#/login")
    page.locator("#way-password").check()
    page.locator("#login-email").fill(CUSTOMER.mailbox)
    page.locator("#login-password").fill("ein falsches Passwort")
    page.get_by_role("region", name="Anmelden").get_by_role("button", name="Anmelden").click()
    expect(page.get_by_role("alert").first).not_to_be_empty()


def ended(page: Page, url: str, link: str) -> None:
    enter(page, link)
    fill(page, CUSTOMER, 1, "1", CUSTOMER.now(1, "1"))
    page.wait_for_load_state("networkidle")
    page.context.clear_cookies()
    submit(page, CUSTOMER, 1)
    expect(page.get_by_role("heading", name="Ihre Sitzung ist beendet")).to_be_visible()


def logged_out(page: Page, url: str, link: str) -> None:
    enter(page, link)
    page.get_by_text("Menü").click()
    page.get_by_role("button", name="Abmelden").click()


def failed(page: Page, url: str, link: str) -> None:
    page.route("**/api/session*", lambda route: route.abort())
    page.goto(link)
    page.get_by_role("button", name="Weiter zu Ihren Geräten").click()
    expect(page.get_by_role("button", name="Noch einmal versuchen")).to_be_visible()


@pytest.mark.parametrize(
    "door", [at_the_door, dead, without_a_link, login_refused, ended, logged_out, failed]
)
def test_a_page_before_the_machines_keeps_its_distances(
    application: Application,
    page: Page,
    link: str,
    door: Callable[[Page, str, str], None],
) -> None:
    door(page, application.url, link)
    expect(page.locator(".door h1")).to_be_visible()
    assert cramped(page) == []


def test_every_screen_keeps_its_distances(page: Page, link: str) -> None:
    enter(page, link)
    screens = (*SCREENS, *(f"{screen}/{CUSTOMER.machine(1)}" for screen in OF_A_MACHINE))
    close: dict[str, Any] = {}
    for screen in screens:
        page.evaluate("fragment => { location.hash = fragment }", f"#/{screen}")
        expect(page.locator(".screen h1")).to_be_focused()
        page.wait_for_load_state("networkidle")
        close |= {screen: found} if (found := cramped(page)) else {}
    assert close == {}


def test_the_overview_keeps_its_distances_whatever_its_cards_say(
    application: Application, page: Page, request: pytest.FixtureRequest
) -> None:
    customer = BUSY[request.node.callspec.id]
    enter(page, asked_customer(application, customer))
    expect(page.locator("#find")).to_be_visible()
    assert cramped(page) == []
    fill(page, customer, 2, "1", customer.now(2, "2"))
    fill(page, customer, 2, "2", customer.now(2, "1"))
    page.keyboard.press("Tab")
    fill(page, customer, 3, "1", customer.last(3, "1") + 9000)
    fill(page, customer, 3, "2", customer.last(3, "2") - 500)
    submit(page, customer, 3)
    third = page.locator(f"#machine-{customer.machine(3)}")
    asked = third.locator(".hint").first
    says_right(asked)
    because(asked, "Messe")
    third.get_by_role("button", name="Foto beilegen").first.click()
    page.route(f"**/{customer.machine(6)}/readings", lambda route: route.abort())
    fill(page, customer, 6, "1", customer.now(6, "1"))
    submit(page, customer, 6)
    expect(page.locator(".badge.waiting")).to_be_visible()
    expect(page.locator(".hint").first).to_be_visible()
    theirs = {"meter_id": "1", "value": 140_001, "read_on": "2026-11-20", "state": "reported"}
    told = {
        "code": "changed_meanwhile",
        "detail": "changed",
        "version": 9,
        "readings": [{**theirs, "verdict": "plausible", "reason": ""}],
    }
    page.route(
        f"**/{customer.machine(7)}/readings",
        lambda route: route.fulfill(status=412, json=told),
    )
    fill(page, customer, 7, "1", customer.now(7, "1"))
    submit(page, customer, 7)
    expect(page.locator("table.compare")).to_be_visible()
    assert cramped(page) == []


def fill(page: Page, customer: Customer, n: int, meter: str, value: int) -> None:
    page.locator(f"#m-{customer.machine(n)}-{meter}").fill(str(value))


def submit(page: Page, customer: Customer, n: int) -> None:
    page.locator(f"#machine-{customer.machine(n)} [type=submit]").click()


def test_the_result_of_a_sheet_keeps_its_distances(page: Page, link: str) -> None:
    enter(page, link)
    page.evaluate("location.hash = '#/fleet'")
    row = f"SN{CUSTOMER.machine(4)}\t1\t{CUSTOMER.now(4, '1')}"
    odd = f"SN{CUSTOMER.machine(5)}\t1\t{CUSTOMER.last(5, '1') + 90_000}"
    head = "Seriennummer\tZählernummer\tNeuer Stand"
    page.get_by_label("Oder Zellen aus").fill("\n".join((head, row, odd, "SN-nie\t1\t5")))
    page.get_by_role("button", name="Prüfen").click()
    expect(page.get_by_text("Abgesendet ist noch nichts.")).to_be_visible()
    assert cramped(page) == []


def test_the_measure_sees_what_touches(page: Page, link: str) -> None:
    """Without the styles of the distances hardly anything keeps any."""
    page.goto(link)
    expect(page.locator(".door h1")).to_be_visible()
    page.evaluate("document.querySelector('.door').style.gap = 0")
    assert len(cramped(page)) == 3, f"less than {LEAST} pixels"
