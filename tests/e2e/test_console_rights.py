"""What each group is offered: no button that it may not press, no place where it may do nothing."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.console import open_view, sign_in
from tests.support.running import Application

VIEWS_OF_NO_USE = {
    "read": {"people", "erasures", "estimates"},
    "remind": {"people", "erasures", "estimates"},
    "release": {"people", "erasures"},
    "admin": set[str](),
}
_FOR_SOME = {"people", "erasures", "estimates"}


@pytest.mark.parametrize("group", VIEWS_OF_NO_USE)
def test_nothing_is_offered_that_a_group_may_not_do(
    application: Application, staff: Page, group: str
) -> None:
    sign_in(staff, application, group, "today")
    places = staff.get_by_role("navigation", name="Bereiche").get_by_role("link")
    expect(places).to_have_count(6)
    addresses = [place.get_attribute("href") or "" for place in places.all()]
    seen = set()
    for address in addresses:
        open_view(staff, address.removeprefix("#/"))
        tabs = staff.get_by_role("navigation", name="Ansichten").get_by_role("link")
        seen |= {address, *(tab.get_attribute("href") or "" for tab in tabs.all())}
    views = {address.removeprefix("#/").split("/")[0] for address in seen}
    assert _FOR_SOME - views == VIEWS_OF_NO_USE[group]
    for address in sorted(seen):
        open_view(staff, address.removeprefix("#/"))
        expect(staff.locator("main [aria-busy=true]")).to_have_count(0)
        expect(staff.locator("main button[aria-disabled=true]:visible")).to_have_count(0)
    # By its address every place can be come to; it says what is missing and offers nothing.
    open_view(staff, "people")
    expect(staff.get_by_role("button", name="Einladen")).to_have_count(int(group == "admin"))
