"""Addresses inside the page: stickers, screens on demand, the way back."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.asking import ask_again, enter, way
from tests.e2e.customers import Customer, asked_customer
from tests.support.running import Application

CUSTOMER = Customer(18201, 2)


@pytest.fixture(scope="session")
def link(application: Application) -> str:
    return asked_customer(application, CUSTOMER)


def test_a_sticker_opens_its_machine(application: Application, contact: Page, link: str) -> None:
    enter(contact, link)
    contact.goto("about:blank")
    contact.goto(f"{application.url}/#m={CUSTOMER.machine(2)}")
    expect(contact.locator(f"#m-{CUSTOMER.machine(2)}-1")).to_be_focused()
    contact.goto("about:blank")
    contact.goto(f"{application.url}/#m=999")
    expect(contact.get_by_text("gehört nicht zu denen, die Sie melden")).to_be_visible()


def test_a_screen_that_does_not_load_says_so_and_tries_again(contact: Page, link: str) -> None:
    enter(contact, link)
    contact.route("**/history.js*", lambda route: route.abort())
    way(contact.locator("article.machine").first, "Verlauf").click()
    expect(contact.get_by_role("heading", name="Das hat gerade nicht geklappt")).to_be_visible()
    contact.unroute("**/history.js*")
    ask_again(contact)
    expect(contact.locator(".screen h1")).to_be_visible()
    contact.go_back()
    expect(contact.locator("article.machine").first).to_be_visible()


def test_an_unknown_address_shows_the_overview(contact: Page, link: str) -> None:
    enter(contact, link)
    for fragment in ("#/nowhere", "#/history/%E4%zz/..", "#/", "#%"):
        contact.evaluate("(to) => { location.hash = to }", fragment)
        expect(contact.locator("h1")).to_be_visible()
    contact.evaluate("() => { location.hash = '#/' }")
    expect(contact.locator("article.machine")).to_have_count(2)
