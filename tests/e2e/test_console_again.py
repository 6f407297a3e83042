"""A server that fails while a place is opened: each says so in words and comes by "Erneut" or by itself."""

from __future__ import annotations

from playwright.sync_api import Page, Route, expect

from tests.e2e.console import open_view, sign_in
from tests.support.running import Application

VIEWS = (
    "readiness", "deliveries", "addresses", "answers", "phone-list", "rounds", "review", "readings", "problems",
    "successors", "estimates", "releases", "imports", "exports", "corrections", "plausibility", "schedule", "words", "look",
    "help", "journal", "people", "erasures", "companies/10000", "machines/200001", "statistics",
)  # fmt: skip


def _down(route: Route) -> None:
    """As the gateway answers without any function behind it: in English, without a code."""
    if "/session" in route.request.url:
        route.continue_()
    else:
        route.fulfill(status=503, json={"message": "Service Unavailable"})


def test_every_place_recovers_from_a_server_that_failed(
    application: Application, staff: Page
) -> None:
    sign_in(staff, application, "admin", "today")
    for view in VIEWS:
        staff.route("**/api/staff/**", _down)
        open_view(staff, view)
        main = staff.locator("main")
        expect(main.get_by_text("Das hat im Moment nicht geklappt").first, view).to_be_visible()
        expect(main, view).not_to_contain_text("Service Unavailable")
        staff.unroute("**/api/staff/**")
        again = main.get_by_role("button", name="Erneut")
        while again.count():
            again.first.press("Enter")
            staff.wait_for_timeout(500)
        if view == "review":  # the dry run that starts by itself is asked for by its own button
            main.get_by_role("button", name="Probelauf").press("Enter")
        expect(main.get_by_text("Das hat im Moment nicht geklappt"), view).to_have_count(0)
