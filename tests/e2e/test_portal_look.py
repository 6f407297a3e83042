"""The overview in all its states: no finding of axe in either language and scheme, nothing too wide."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.asking import enter, says_right, speak
from tests.e2e.customers import Customer, asked_customer
from tests.e2e.sight import each_look, faults, overflow
from tests.support.running import Application

CUSTOMER = Customer(18601, 7)


@pytest.fixture(scope="session")
def link(application: Application) -> str:
    return asked_customer(application, CUSTOMER)


@pytest.fixture
def inside(contact: Page, link: str) -> Page:
    enter(contact, link)
    expect(contact.locator("input.digits")).not_to_have_count(0)
    expect(contact.locator("#find")).to_be_visible()
    return contact


def fill(page: Page, n: int, meter: str, value: int) -> None:
    page.locator(f"#m-{CUSTOMER.machine(n)}-{meter}").fill(str(value))


def submit(page: Page, n: int) -> None:
    page.locator(f"#machine-{CUSTOMER.machine(n)} [type=submit]").click()


def untouched(page: Page) -> None:
    """As it is opened."""


def with_menu(page: Page) -> None:
    page.locator("details.menu summary").click()
    expect(page.locator("details.menu a").first).to_be_visible()


def filled_in(page: Page) -> None:
    fill(page, 2, "1", CUSTOMER.now(2, "1"))
    fill(page, 3, "1", CUSTOMER.now(3, "1"))


def stored(page: Page) -> None:
    fill(page, 1, "1", CUSTOMER.now(1, "1"))
    submit(page, 1)
    expect(page.locator(".verdict.plausible").first).to_be_visible()


def found_nothing(page: Page) -> None:
    page.locator("#find").fill("xyz")
    expect(page.locator("article.machine:visible")).to_have_count(0)


@pytest.mark.parametrize("state", [untouched, with_menu, filled_in, stored, found_nothing])
def test_the_overview_is_accessible_in_every_look(
    inside: Page, state: Callable[[Page], None]
) -> None:
    if state is stored and inside.locator(".verdict.plausible").count():
        state = untouched  # an earlier run of this module has stored it
    state(inside)
    for look in each_look(inside):
        assert faults(inside, look) == [], look
    assert overflow(inside) == []


def hinted(page: Page) -> None:
    """Hints with suggestions, one tap each. Only a changed value is looked at."""
    fill(page, 4, "2", 1)
    page.keyboard.press("Tab")
    fill(page, 4, "1", CUSTOMER.now(4, "2"))
    fill(page, 4, "2", CUSTOMER.now(4, "1"))
    page.keyboard.press("Tab")
    expect(page.locator(".hint").first).to_be_visible()


def to_be_confirmed(page: Page) -> None:
    """Two faults with their summary, one of them about to be confirmed in own words."""
    fill(page, 5, "1", CUSTOMER.last(5, "1") + 9000)
    fill(page, 5, "2", CUSTOMER.last(5, "2") - 500)
    submit(page, 5)
    expect(page.locator(".faults a")).to_have_count(2)
    card = page.locator(f"#machine-{CUSTOMER.machine(5)}")
    says_right(card)
    card.get_by_role("radio").last.check()


def waiting(page: Page) -> None:
    """A submission without a network."""
    page.route("**/readings", lambda route: route.abort())
    fill(page, 6, "1", CUSTOMER.now(6, "1"))
    submit(page, 6)
    expect(page.locator(".badge.waiting")).to_be_visible()


def in_conflict(page: Page) -> None:
    """Somebody else was faster."""
    theirs = {"meter_id": "1", "value": 140_001, "read_on": "2026-11-20", "state": "reported"}
    told = {
        "code": "changed_meanwhile",
        "detail": "changed",
        "version": 9,
        "readings": [{**theirs, "verdict": "plausible", "reason": ""}],
    }
    page.route("**/readings", lambda route: route.fulfill(status=412, json=told))
    fill(page, 7, "1", CUSTOMER.now(7, "1"))
    submit(page, 7)
    expect(page.locator("table.compare")).to_be_visible()


@pytest.mark.parametrize("state", [hinted, to_be_confirmed, waiting, in_conflict])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_what_a_card_can_say_is_accessible(
    inside: Page, state: Callable[[Page], None], scheme: str
) -> None:
    """In both languages: a change of it takes hints away, so they are made anew."""
    inside.emulate_media(color_scheme="dark" if scheme == "dark" else "light")
    for language in ("de", "en"):
        if inside.locator("html").get_attribute("lang") != language:
            speak(inside)
        if not (state is waiting and inside.locator(".badge.waiting").count()):
            state(inside)
        assert faults(inside) == [], language
        assert overflow(inside) == []
    speak(inside)
