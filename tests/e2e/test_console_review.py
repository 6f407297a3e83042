"""Staff decide about unusual values by key, see what speaks for and against each, and release the rest."""

from __future__ import annotations

import re
import time
from typing import Any

import pytest
from playwright.sync_api import Locator, Page, Route, expect

from tests.e2e.asking import PATIENCE
from tests.e2e.console import open_view, sign_in
from tests.e2e.customers import Customer, asked_customer
from tests.e2e.sight import each_look, faults, overflow
from tests.support.running import Application

NAME = "Orca Druck GmbH"
CUSTOMER = Customer(29701, 14, name=NAME)
REASON = "Steht so auf dem Display."
COLLEAGUE = re.compile("Anna", re.IGNORECASE)
"""The administrator in whose name the API is asked here."""


@pytest.fixture(scope="session", autouse=True)
def _customer(application: Application) -> None:
    asked_customer(application, CUSTOMER)


def machine(application: Application, n: int) -> dict[str, Any]:
    found: dict[str, Any] = application.staff("GET", f"/api/staff/machines/{CUSTOMER.machine(n)}")
    return found


def black(application: Application, n: int) -> dict[str, Any]:
    """The black and white counter of a machine in the current period."""
    (found,) = [one for one in machine(application, n)["meters"] if one["id"] == "1"]
    period: dict[str, Any] = found["period"]
    return period


def confirmed(application: Application, n: int, value: int) -> None:
    """A doubtful value that the customer insists on."""
    application.staff(
        "PUT",
        f"/api/staff/machines/{CUSTOMER.machine(n)}/readings",
        {
            "values": {"1": value},
            "confirm": {"1": REASON},
            "version": machine(application, n)["version"],
            "channel": "PHONE",
        },
    )
    assert black(application, n)["verdict"] == "confirmed"


def doubled(n: int) -> int:
    """The value of a machine with its first digit typed twice."""
    value = str(CUSTOMER.now(n, "1"))
    return int(value[0] + value)


def de(number: int) -> str:
    """A number with points, as the page shows it in German."""
    return f"{number:,}".replace(",", ".")


def rows(page: Page) -> Locator:
    return page.locator(".review-list tbody tr")


def row(page: Page, n: int) -> Locator:
    return rows(page).filter(has_text=f"SN{CUSTOMER.machine(n)}")


def reviewing(page: Page, application: Application, group: str = "admin") -> Page:
    sign_in(page, application, group, "review")
    expect(page.get_by_role("heading", name="Prüfen & Freigeben", level=1)).to_be_visible()
    return page


def mark(page: Page, n: int) -> None:
    """Puts the mark on a machine's row by the address, as a link does."""
    found = row(page, n)
    expect(found).to_have_count(1)
    page.get_by_role("grid").focus()
    page.keyboard.press("Home")
    for _ in range(rows(page).count()):
        if found.get_attribute("aria-selected"):
            return
        page.keyboard.press("ArrowDown")
    raise AssertionError(f"row {n} was never marked")


def until(what: Any, wanted: Any) -> None:
    end = time.monotonic() + PATIENCE
    while what() != wanted:
        assert time.monotonic() < end, what()
        time.sleep(0.2)


def test_the_suggestion_is_taken_by_one_key_and_the_next_row_is_marked(
    application: Application, staff: Page
) -> None:
    for n in (1, 2):
        confirmed(application, n, doubled(n))
    page = reviewing(staff, application)
    page.get_by_role("button", name=re.compile("Ziffer fehlt")).press("Enter")
    expect(row(page, 2)).to_be_visible()
    mark(page, 1)
    detail = page.locator(".review-detail")
    expect(detail).to_contain_text(NAME)
    expect(detail).to_contain_text(f"Bei der Erfassung (Telefon): „{REASON}“")
    expect(detail.locator(".review-past tbody tr").nth(1)).to_contain_text("28.08.2026")
    meant = int(row(page, 1).locator("td").last.inner_text().replace(".", ""))
    page.keyboard.press("v")
    expect(row(page, 1)).to_have_count(0)
    expect(page.locator("tr[aria-selected]")).to_have_count(1)
    expect(page.get_by_role("grid")).to_be_focused()
    there = black(application, 1)
    assert (there["value"], there["verdict"], there["state"]) == (meant, "plausible", "reported")


def test_a_value_is_accepted_by_one_key_for_the_next_run(
    application: Application, staff: Page
) -> None:
    value = CUSTOMER.last(3, "1") + 90_000
    confirmed(application, 3, value)
    page = reviewing(staff, application)
    page.get_by_role("button", name=re.compile("Weit über Erwartung")).press("Enter")
    mark(page, 3)
    page.keyboard.press("a")
    expect(row(page, 3)).to_have_count(0)
    there = black(application, 3)
    assert (there["value"], there["state"]) == (value, "reported")
    page.get_by_role("button", name=re.compile("^Angenommen")).press("Enter")
    expect(row(page, 3)).to_be_visible()
    page.get_by_role("grid").focus()
    page.keyboard.press("g")
    page.keyboard.press("Enter")
    release = page.get_by_role("button", name=re.compile("Zählerst[aä]nde? freigeben"))
    expect(release).to_be_visible()
    release.press("Enter")
    until(lambda: black(application, 3)["state"], "released")


def test_a_dry_run_asked_for_during_another_one_follows_it(
    application: Application, staff: Page
) -> None:
    """Decided, and on to the release by keys, before the first dry run has ended."""
    value = CUSTOMER.last(14, "1") + 90_000
    confirmed(application, 14, value)
    held = [True]

    def running(route: Route) -> None:
        if route.request.method == "GET" and held[0]:
            answer = route.fetch()
            route.fulfill(response=answer, json=answer.json() | {"state": "running"})
        else:
            route.continue_()

    staff.route(re.compile(r"/api/staff/releases/[^/?]+$"), running)
    page = reviewing(staff, application)
    page.get_by_role("button", name=re.compile("Weit über Erwartung")).press("Enter")
    mark(page, 14)
    page.keyboard.press("a")
    expect(row(page, 14)).to_have_count(0)
    page.keyboard.press("g")
    page.keyboard.press("Enter")
    held[0] = False
    release = page.get_by_role("button", name=re.compile("Zählerst[aä]nde? freigeben"))
    expect(release).to_be_focused()  # in the place of the button that was pressed
    page.keyboard.press("Enter")
    until(lambda: black(application, 14)["state"], "released")
    page.unroute_all(behavior="ignoreErrors")


def test_a_group_takes_all_its_suggestions_after_asking(
    application: Application, staff: Page
) -> None:
    for n in (4, 5):
        confirmed(application, n, doubled(n))
    page = reviewing(staff, application)
    page.get_by_role("button", name=re.compile("Ziffer fehlt")).press("Enter")
    expect(row(page, 5)).to_be_visible()
    page.get_by_role("grid").focus()
    page.keyboard.press("Shift+V")
    dialog = page.get_by_role("dialog")
    expect(dialog).to_contain_text("Werte ohne Vorschlag bleiben")
    dialog.get_by_role("button", name=re.compile("Vorschläge? übernehmen")).press("Enter")
    expect(row(page, 4)).to_have_count(0)
    expect(row(page, 5)).to_have_count(0)
    for n in (4, 5):
        until(lambda n=n: black(application, n)["verdict"], "plausible")


def test_a_value_that_a_colleague_changed_is_not_decided_blindly(
    application: Application, staff: Page
) -> None:
    confirmed(application, 6, doubled(6))
    page = reviewing(staff, application)
    page.get_by_role("button", name=re.compile("Ziffer fehlt")).press("Enter")
    mark(page, 6)
    later = doubled(6) + 1
    confirmed(application, 6, later)
    page.keyboard.press("a")
    box = page.get_by_role("alert")
    expect(box).to_contain_text("Inzwischen steht hier ein anderer Stand")
    expect(box).to_be_focused()
    cells = box.get_by_role("row").filter(has_text="S/W").locator("th, td")
    expect(cells).to_have_count(3)
    expect(cells.nth(1)).to_contain_text(f"{de(later)} am ")
    expect(cells.nth(1)).to_contain_text(COLLEAGUE)
    expect(cells.nth(1)).to_contain_text(re.compile(r"\d\d\.\d\d\.\d{4}, \d\d:\d\d"))
    expect(cells.nth(2)).to_have_text(de(doubled(6)))
    assert faults(page) == []
    assert overflow(page) == []
    assert (black(application, 6)["value"], black(application, 6)["state"]) == (later, "reported")
    page.keyboard.press("Tab")
    expect(box.get_by_role("button", name="Neuen Stand ansehen")).to_be_focused()
    page.keyboard.press("Enter")
    expect(row(page, 6)).to_contain_text(de(later))
    expect(row(page, 6)).to_have_attribute("aria-selected", "true")
    expect(page.get_by_role("grid")).to_be_focused()
    page.keyboard.press("a")
    expect(row(page, 6)).to_have_count(0)
    assert black(application, 6)["decision"] == "accepted"


def test_a_value_that_a_colleague_decided_about_says_who_and_what(
    application: Application, staff: Page
) -> None:
    confirmed(application, 13, doubled(13))
    page = reviewing(staff, application)
    page.get_by_role("button", name=re.compile("Ziffer fehlt")).press("Enter")
    mark(page, 13)
    there = machine(application, 13)
    (listed,) = [
        reading
        for one in application.staff(
            "GET", f"/api/staff/readings?bucket=implausible&company_id={CUSTOMER.number}"
        )["machines"]
        if one["id"] == there["id"]
        for reading in one["readings"]
    ]
    body = {"decision": "deferred", "until": "2026-12-20", "version": there["version"]}
    application.staff("POST", f"/api/staff/readings/{listed['id']}/decision", body)
    page.keyboard.press("a")
    cells = page.get_by_role("alert").get_by_role("row").filter(has_text="S/W").locator("th, td")
    expect(cells.nth(1)).to_contain_text(de(doubled(13)))
    expect(cells.nth(1)).to_contain_text(re.compile("Zurückgestellt, .*anna", re.IGNORECASE))
    page.get_by_role("button", name="Neuen Stand ansehen").press("Enter")
    expect(page.locator(".review-detail")).to_contain_text(COLLEAGUE)
    expect(row(page, 13)).to_be_visible()


def test_a_failing_server_loses_no_row_and_says_how_to_go_on(
    application: Application, staff: Page
) -> None:
    confirmed(application, 7, doubled(7))
    page = reviewing(staff, application)
    page.get_by_role("button", name=re.compile("Ziffer fehlt")).press("Enter")
    mark(page, 7)
    down = [True]

    def broken(route: Route) -> None:
        if down[0]:
            route.abort()
        else:
            route.fallback()

    page.route("**/api/staff/readings/**", broken)
    page.route("**/api/staff/readings?*", broken)
    page.keyboard.press("a")
    expect(page.get_by_role("alert")).to_contain_text("Keine Verbindung")
    expect(row(page, 7)).to_be_visible()
    assert black(application, 7)["state"] == "reported"
    page.reload()
    again = page.get_by_role("button", name="Erneut")
    expect(again).to_be_visible()
    down[0] = False
    again.press("Enter")
    # The address has kept group and row.
    expect(row(page, 7)).to_have_attribute("aria-selected", "true")


def test_who_may_only_read_sees_everything_and_decides_nothing(
    application: Application, staff: Page
) -> None:
    confirmed(application, 8, doubled(8))
    page = reviewing(staff, application, "read")
    page.get_by_role("button", name=re.compile("Ziffer fehlt")).press("Enter")
    mark(page, 8)
    for key in "av":
        page.keyboard.press(key)
    expect(row(page, 8)).to_be_visible()
    assert black(application, 8)["state"] == "reported"


def test_what_is_plausible_is_released_in_two_presses(
    application: Application, staff: Page
) -> None:
    for n in (9, 10):
        application.staff(
            "PUT",
            f"/api/staff/machines/{CUSTOMER.machine(n)}/readings",
            {
                "values": {"1": CUSTOMER.now(n, "1"), "2": CUSTOMER.now(n, "2")},
                "version": machine(application, n)["version"],
                "channel": "PHONE",
            },
        )
    confirmed(application, 11, doubled(11))
    page = reviewing(staff, application)
    page.get_by_role("button", name=re.compile("Ziffer fehlt")).press("Enter")
    expect(row(page, 11)).to_be_visible()
    release = page.get_by_role("button", name=re.compile("Zählerstände freigeben"))
    expect(release).to_be_visible()
    page.get_by_role("grid").focus()
    page.keyboard.press("g")
    expect(release).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1, name=re.compile("Freigabe"))).to_be_visible()
    for n in (9, 10):
        until(lambda n=n: black(application, n)["state"], "released")
    assert black(application, 11)["state"] == "reported"


def test_it_is_good_to_look_at_in_any_light_and_width(
    application: Application, staff: Page
) -> None:
    confirmed(application, 12, doubled(12))
    page = reviewing(staff, application)
    page.get_by_role("button", name=re.compile("Ziffer fehlt")).press("Enter")
    expect(row(page, 12)).to_be_visible()
    for look in each_look(page):
        expect(rows(page).first).to_be_visible()
        assert faults(page, look) == [], look
    assert overflow(page) == []


def test_the_places_are_reached_by_their_digits(application: Application, staff: Page) -> None:
    sign_in(staff, application, "admin", "imports")
    staff.locator("main h1").focus()
    staff.keyboard.press("4")
    expect(staff.get_by_role("heading", name="Prüfen & Freigeben", level=1)).to_be_visible()
    open_view(staff, "exports")
    tab = staff.get_by_role("navigation", name="Ansichten").get_by_role("link", name="Importe")
    tab.press("Enter")
    expect(staff.get_by_role("heading", level=1, name="Importe")).to_be_visible()
