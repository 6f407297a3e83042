"""Staff's way in: the login of the console, and its views by their own addresses."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from playwright.sync_api import Page, expect

from tests.support.running import Application

# An address that is there already draws nothing anew.
_TO = """fragment => {
  const view = document.querySelector("main > .view");
  const before = location.hash;
  location.hash = fragment;
  if (view && location.hash !== before) view.dataset.left = "";
}"""


def sign_in(page: Page, application: Application, group: str, view: str = "stock") -> None:
    """As somebody of a group, straight to a view; in German."""
    account = application.account(group)
    page.goto(f"{application.url}/staff/#/{view}")
    page.get_by_label("E-Mail-Adresse").fill(account["username"])
    page.get_by_label("Passwort", exact=True).fill(account["password"])
    page.get_by_role("button", name="Anmelden", exact=True).click()
    expect(page.get_by_role("navigation", name="Bereiche")).to_be_visible()


def open_view(page: Page, view: str) -> None:
    """By its address, as a bookmark does; what is drawn there has the focus on its heading."""
    page.evaluate(_TO, f"#/{view}")
    expect(page.locator("main > .view:not([data-left]) h1")).to_be_focused()


@contextmanager
def another_view(page: Page) -> Iterator[None]:
    """What is done inside leads to a view that is drawn anew; it is there afterwards."""
    page.locator("main > .view").evaluate("view => { view.dataset.left = '' }")
    yield
    expect(page.locator("main > .view:not([data-left]) h1")).to_be_attached()


def turn_to(page: Page, place: str, tab: str) -> None:
    """By the navigation: a place, and a tab in it."""
    page.get_by_role("navigation", name="Bereiche").get_by_role("link", name=place).click()
    views = page.get_by_role("navigation", name="Ansichten")
    link = views.get_by_role("link", name=tab, exact=True)
    link.click()
    expect(link).to_have_attribute("aria-current", "page")
