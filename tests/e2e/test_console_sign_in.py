"""Staff sign in once: every new tab is signed in, no storage holds a token, and an end ends all tabs."""

from __future__ import annotations

import json
import urllib.error
import urllib.request

import pytest
from playwright.sync_api import Page, Route, expect

from tests.e2e.console import open_view, sign_in
from tests.support.running import Application


@pytest.fixture
def inside(staff: Page, application: Application) -> Page:
    sign_in(staff, application, "admin", "imports")
    expect(staff.get_by_role("heading", name="Importe", exact=True)).to_be_visible()
    return staff


def another_tab(page: Page) -> Page:
    """What Ctrl-click opens: a tab that got nothing from the first one but the address."""
    tab = page.context.new_page()
    tab.goto(page.url)
    return tab


def test_a_new_tab_a_reload_and_a_browser_without_tabs_are_signed_in(inside: Page) -> None:
    for tab in (another_tab(inside), inside):
        tab.reload()
        expect(tab.get_by_role("heading", name="Importe", exact=True)).to_be_visible()
    context = inside.context
    for page in context.pages:
        page.close()
    later = context.new_page()
    later.goto(f"{inside.url}")
    expect(later.get_by_role("heading", name="Importe", exact=True)).to_be_visible()


def test_no_script_finds_what_renews_the_token(inside: Page) -> None:
    kept = inside.evaluate(
        "async () => JSON.stringify([{...localStorage}, {...sessionStorage}, document.cookie,"
        " await indexedDB.databases()])"
    )
    assert "eyJ" not in kept
    (cookie,) = [c for c in inside.context.cookies() if c["name"] == "__Secure-staff"]
    assert (cookie["httpOnly"], cookie["secure"], cookie["sameSite"]) == (True, True, "Strict")
    assert cookie["path"] == "/api/staff/session"


def test_a_token_that_is_not_taken_any_more_is_renewed_without_a_word(inside: Page) -> None:
    refused: list[str] = []

    def once(route: Route) -> None:
        if refused:
            route.fallback()
            return
        refused.append(route.request.url)
        route.fulfill(status=401, json={"message": "Unauthorized"})

    inside.route("**/api/staff/exports*", once)
    with inside.expect_response("**/api/staff/session/renew") as renewed:
        open_view(inside, "exports")
    assert renewed.value.status == 200
    expect(inside.get_by_role("heading", level=1, name="Export")).to_be_visible()
    expect(inside.get_by_role("alert")).to_have_count(0)
    assert refused


def test_logging_out_ends_all_tabs_and_the_session_at_the_server(inside: Page) -> None:
    tab = another_tab(inside)
    expect(tab.get_by_role("heading", name="Importe", exact=True)).to_be_visible()
    for page in (tab, inside):  # As a note or an address is kept that was typed and not saved.
        page.evaluate("sessionStorage.setItem('meterportal.note', 'halb getippt')")
    (cookie,) = [c for c in inside.context.cookies() if c["name"] == "__Secure-staff"]
    tab.get_by_role("button", name="Abmelden").click()
    for page in (tab, inside):
        expect(page.get_by_role("heading", name="Anmeldung für Mitarbeiter")).to_be_visible()
        assert page.evaluate("Object.keys(sessionStorage)") == []
    tab.reload()
    expect(tab.get_by_role("heading", name="Anmeldung für Mitarbeiter")).to_be_visible()
    # Who had copied the cookie has nothing.
    request = urllib.request.Request(  # noqa: S310
        inside.url.partition("/staff/")[0] + "/api/staff/session/renew",
        data=b"{}",
        headers={
            "Cookie": f"{cookie['name']}={cookie['value']}",
            "Content-Type": "application/json",
        },
    )
    with pytest.raises(urllib.error.HTTPError) as over:
        urllib.request.urlopen(request, timeout=20)  # noqa: S310
    assert (over.value.code, json.load(over.value)["code"]) == (401, "signed_out")


def test_a_log_out_without_a_network_says_that_the_session_is_still_there(inside: Page) -> None:
    inside.route("**/api/staff/session", lambda route: route.abort())
    inside.get_by_role("button", name="Abmelden").click()
    expect(inside.get_by_role("alert")).to_contain_text("Keine Verbindung")
    inside.reload()
    expect(inside.get_by_role("heading", name="Importe", exact=True)).to_be_visible()


def test_the_pool_s_own_login_page_leads_back_to_the_place(
    staff: Page, application: Application
) -> None:
    staff.goto(f"{application.url}/staff/#/exports")
    staff.get_by_role("button", name="Stattdessen auf der Anmeldeseite anmelden").click()
    account = application.account("admin")
    staff.locator("input[name=username]").fill(account["username"])
    staff.locator("input[name=password]").fill(account["password"])
    staff.locator("button[type=submit], input[type=submit]").first.click()
    expect(staff.get_by_role("heading", level=1, name="Export")).to_be_visible()
    assert "code=" not in staff.url
    staff.reload()
    expect(staff.get_by_role("heading", level=1, name="Export")).to_be_visible()
