"""The console counts from the server's business day, 23.11.2026, whatever the desk's own clock says."""

from __future__ import annotations

import re
from datetime import UTC, datetime

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.console import open_view, sign_in
from tests.e2e.customers import Customer, asked_customer
from tests.support.running import Application

CUSTOMER = Customer(27401, 2, name="Schnepfe Uhren GmbH")

clocks = pytest.mark.parametrize(
    "clock",
    [
        datetime(2026, 12, 15, 9, tzinfo=UTC),
        datetime(2027, 1, 20, 9, tzinfo=UTC),
        datetime(2026, 3, 2, 9, tzinfo=UTC),
    ],
    ids=lambda clock: clock.date().isoformat(),
)


@pytest.fixture(scope="session", autouse=True)
def _customer(application: Application) -> None:
    asked_customer(application, CUSTOMER)


def signed_in(page: Page, application: Application, clock: datetime, view: str) -> None:
    page.clock.install(time=clock)
    sign_in(page, application, "admin", view)


@clocks
def test_today_is_the_month_of_the_business_day(
    application: Application, staff: Page, clock: datetime
) -> None:
    signed_in(staff, application, clock, "today")
    expect(staff.locator(".today-head")).to_contain_text("Montag, 23. November 2026")
    expect(staff.locator(".today-total")).to_contain_text("bis Ende November 2026")
    asked = staff.locator(".today-turns li.asked a")
    expect(asked).to_have_attribute("href", re.compile("due=2026-11-30"))
    expect(asked.locator("strong")).not_to_have_text("0")


@clocks
def test_a_list_s_days_have_no_year_in_the_year_of_the_business_day(
    application: Application, staff: Page, clock: datetime
) -> None:
    staff.set_viewport_size({"width": 1900, "height": 900})  # all columns
    place = f"stock/contracts?company={CUSTOMER.number}"
    signed_in(staff, application, clock, place)
    row = staff.get_by_role("grid").locator(".grid-row").filter(has_text=f"7{CUSTOMER.number}")
    expect(row).to_contain_text(re.compile(r"23\.11\.(?!2026)"))
    expect(row.get_by_text("28.11.2026")).to_be_visible()
    expect(row.locator(".late")).to_have_count(0)


@clocks
def test_a_customer_s_month_lies_as_far_away_as_at_the_server(
    application: Application, staff: Page, clock: datetime
) -> None:
    signed_in(staff, application, clock, f"companies/{CUSTOMER.number}")
    expect(staff.locator(".month")).to_contain_text("fällig 28.11.2026, in 5 Tagen")
    expect(staff.locator(".month")).to_contain_text(re.compile(r"angefordert 23\.11\.(?!2026)"))


def test_a_desk_whose_clock_is_wrong_asks_for_a_token_as_often_as_any(
    application: Application, staff: Page
) -> None:
    renewals: list[str] = []
    staff.on("request", lambda asked: renewals.append(asked.url) if "/renew" in asked.url else None)
    signed_in(
        staff, application, datetime(2027, 3, 1, 9, tzinfo=UTC), f"companies/{CUSTOMER.number}"
    )
    open_view(staff, f"machines/{CUSTOMER.machine(1)}")
    open_view(staff, "journal")
    assert len(renewals) <= 2
