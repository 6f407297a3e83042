"""Addresses of the console that somebody mistyped or a mail has damaged: each is answered in words, with a page."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.console import sign_in
from tests.support.running import Application


@pytest.mark.parametrize("address", ["machines/%", "machines/%E0%A4%A", "companies/10%"])
def test_a_damaged_number_is_told_as_unknown(
    application: Application, staff: Page, address: str
) -> None:
    sign_in(staff, application, "admin", address)
    expect(staff.get_by_role("alert")).to_contain_text("gibt es hier nicht")
    staff.reload()
    expect(staff.get_by_role("alert")).to_contain_text("gibt es hier nicht")


@pytest.mark.parametrize("address", ["constructor", "toString/1", "__proto__", "nothing"])
def test_a_place_that_there_is_none_of_is_the_first_one(
    application: Application, staff: Page, address: str
) -> None:
    sign_in(staff, application, "read", address)
    expect(staff.get_by_role("heading", level=1)).to_have_text("Heute")


@pytest.mark.parametrize("order", ["nothing", "-__proto__", "reporters"])
def test_a_list_by_a_column_that_there_is_none_of_shows_its_rows(
    application: Application, staff: Page, order: str
) -> None:
    sign_in(staff, application, "read", f"stock/machines?sort={order}")
    expect(staff.locator(".grid-row:not([hidden])").first.get_by_role("link").first).to_be_visible()
    head = staff.get_by_role("columnheader", name="Firma")
    expect(head).to_have_attribute("aria-sort", "ascending")


@pytest.mark.parametrize(
    "address",
    [
        "companies/nobody",
        "machines/nothing",
        "releases/nothing",
        "imports/nothing",
        "exports/nothing",
        "readiness/nothing",
        "rounds/nothing",
        "deliveries/nothing",
    ],
)
def test_nothing_is_offered_for_what_there_is_none_of(
    application: Application, staff: Page, address: str
) -> None:
    sign_in(staff, application, "admin", address)
    expect(staff.get_by_role("alert")).to_contain_text("gibt es hier nicht")
    expect(staff.locator("main button:visible")).to_have_count(0)
    staff.locator("main h1").focus()
    staff.keyboard.press("n")
    expect(staff.get_by_role("dialog")).to_have_count(0)


def test_a_round_that_there_is_none_of_is_not_waited_for(
    application: Application, staff: Page
) -> None:
    sign_in(staff, application, "read", "rounds/nothing")
    expect(staff.get_by_role("alert")).to_contain_text("gibt es hier nicht")
    expect(staff.locator("main")).not_to_contain_text("Wird geladen")
