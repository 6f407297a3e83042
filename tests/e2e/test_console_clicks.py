"""Each task of a month of staff within the presses that it may take, counted as the browser sees them.

The application is this file's own: the month is asked, released and exported for everybody.
"""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.e2e.asking import PATIENCE, mails_to, ready
from tests.e2e.console import sign_in
from tests.e2e.customers import Customer, import_of
from tests.support.running import Application, running

ASKED = Customer(27153, 3, name="Distelfink Touristik GmbH")
REPORTED = Customer(27154, 4, name="Girlitz Kartonagen KG")
EXPORTED = Customer(27155, 2, name="Birkenzeisig Verlag AG")

COUNTER = """
window.presses = [];
const typed = (event) => event.target instanceof Element && event.target.matches("input, textarea")
  && event.key.length === 1 && !event.ctrlKey && !event.altKey && !event.metaKey;
addEventListener("pointerdown", (event) => {
  if (!event.isTrusted || event.target.matches("input[type=text], input[type=search], textarea")) return;
  window.presses.push(event.target.textContent.trim().slice(0, 40));
}, { capture: true });
addEventListener("keydown", (event) => {
  if (event.isTrusted && !event.repeat && !typed(event)) window.presses.push(event.key);
}, { capture: true });
"""
"""Counts what a hand does: presses of the pointer and of keys. Characters typed into a field are what is
said, not how; neither is the tap into the field."""


@pytest.fixture(scope="module")
def application(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Application]:
    with running(tmp_path_factory.mktemp("clicks")) as alone:
        for customer in (ASKED, REPORTED, EXPORTED):
            import_of(alone, customer)
            ready(alone, str(customer.number))
        yield alone


@pytest.fixture
def desk(application: Application, staff: Page) -> Page:
    """Signed in, at the start, with what has been imported in sight; nothing is counted yet."""
    staff.add_init_script(COUNTER)
    sign_in(staff, application, "admin", "today")
    expect(staff.locator(".today-turns a").first).to_be_visible()
    staff.evaluate("window.presses.length = 0")
    return staff


def pressed(page: Page) -> list[str]:
    found: list[str] = page.evaluate("window.presses")
    return found


def until(what: Callable[[], object]) -> None:
    end = time.monotonic() + PATIENCE
    while not what():
        assert time.monotonic() < end, what
        time.sleep(0.2)


def place(page: Page, name: str) -> Locator:
    return page.get_by_role("navigation", name="Bereiche").get_by_role("link", name=name)


def there(application: Application, customer: Customer, n: int) -> dict[str, Any]:
    path = f"/api/staff/machines/{customer.machine(n)}"
    found: dict[str, Any] = application.staff("GET", path)
    return found


def state(application: Application, customer: Customer, n: int, meter: str = "1") -> str:
    meters = there(application, customer, n)["meters"]
    period = next(one["period"] for one in meters if one["id"] == meter)
    return str(period["state"]) if period else ""


def enter(application: Application, customer: Customer, n: int, **body: Any) -> None:
    version = there(application, customer, n)["version"]
    path = f"/api/staff/machines/{customer.machine(n)}/readings"
    application.staff("PUT", path, {"version": version, "channel": "PHONE", **body})


def usual(customer: Customer, n: int) -> dict[str, int]:
    return {meter: customer.now(n, meter) for meter in ("1", "2")}


def test_the_month_s_requests_are_sent_by_three(application: Application, desk: Page) -> None:
    assert mails_to(application, ASKED.mailbox) == []
    place(desk, "Anfordern").click()
    desk.get_by_role("button", name=re.compile("Vorschau der E-Mails")).click()
    desk.get_by_role("button", name=re.compile(r"^[\d.]+ E-Mails? versenden$")).click()
    expect(desk.get_by_role("grid", name="Zustellungen")).to_contain_text(ASKED.name)
    assert len(pressed(desk)) <= 3, pressed(desk)
    until(lambda: len(mails_to(application, ASKED.mailbox)) == 1)


def test_who_is_missing_is_seen_by_one(application: Application, desk: Page) -> None:
    desk.locator(".today-turns li.unasked a, .today-turns li.asked a").first.click()
    expect(desk.get_by_role("heading", name="Bestand", level=1)).to_be_visible()
    expect(desk.locator(".grid-row").first).to_be_visible()
    assert len(pressed(desk)) <= 1, pressed(desk)
    serial = desk.locator(".grid-row [role=rowheader]").first.inner_text().strip()
    found = application.staff("GET", f"/api/staff/search?q={serial}")["hits"]
    machine = application.staff("GET", f"/api/staff/machines/{found[0]['id']}")
    assert all(meter["period"]["value"] is None for meter in machine["meters"] if meter["period"])


def test_all_that_is_plausible_is_released_by_two(application: Application, desk: Page) -> None:
    enter(application, REPORTED, 1, values=usual(REPORTED, 1))
    place(desk, "Prüfen & Freigeben").click()
    desk.get_by_role("button", name=re.compile("Zählerst[aä]nde? freigeben")).click()
    expect(desk.get_by_role("heading", level=1, name=re.compile("Freigabe"))).to_be_visible()
    assert len(pressed(desk)) <= 2, pressed(desk)
    wanted = ["released", "released"]
    until(lambda: [state(application, REPORTED, 1, meter) for meter in ("1", "2")] == wanted)


def test_a_conspicuous_value_is_decided_by_one_key(application: Application, desk: Page) -> None:
    value = REPORTED.last(2, "1") + 90_000
    body = {"values": {"1": value}, "confirm": {"1": "Steht so auf dem Display."}}
    enter(application, REPORTED, 2, **body)
    place(desk, "Prüfen & Freigeben").click()
    row = desk.locator(".review-list tbody tr").filter(has_text=f"SN{REPORTED.machine(2)}")
    expect(row).to_have_attribute("aria-selected", "true")
    desk.evaluate("window.presses.length = 0")
    desk.keyboard.press("a")
    expect(row).to_have_count(0)
    assert pressed(desk) == ["a"]
    entries = application.staff("GET", f"/api/staff/audit?machine_id={REPORTED.machine(2)}")
    assert entries["entries"][0]["action"] == "reading_accepted"


def test_what_is_released_is_exported_and_acknowledged_by_three(
    application: Application, desk: Page
) -> None:
    enter(application, EXPORTED, 1, values=usual(EXPORTED, 1))
    body = {"selection": {"ids": [EXPORTED.machine(1)], "versions": {}}, "dry_run": False}
    body["selection"]["versions"] = {  # type: ignore[index] # a plain body
        EXPORTED.machine(1): there(application, EXPORTED, 1)["version"]
    }
    application.staff("POST", "/api/staff/releases", body)
    until(lambda: state(application, EXPORTED, 1) == "released")
    desk.get_by_role("link", name=re.compile("Freigegebene Geräte exportieren")).click()
    desk.get_by_role("button", name="Export starten").click()
    desk.get_by_role("button", name=re.compile("als berechnet quittieren")).click()
    expect(desk.get_by_text("Quittiert am")).to_be_visible()
    assert len(pressed(desk)) <= 3, pressed(desk)
    until(lambda: state(application, EXPORTED, 1) == "billed")


def test_a_company_is_found_by_its_name_and_enter(application: Application, desk: Page) -> None:
    desk.keyboard.press("/")
    desk.keyboard.type("birkenz")
    expect(desk.get_by_role("option", name=re.compile(EXPORTED.name)).first).to_be_visible()
    desk.keyboard.press("Enter")
    expect(desk.get_by_role("heading", level=1)).to_have_text(EXPORTED.name)
    assert pressed(desk) == ["/", "Enter"]
    expect(desk.get_by_role("table", name="Geräte")).to_contain_text(f"SN{EXPORTED.machine(2)}")
    found = application.staff("GET", f"/api/staff/companies/{EXPORTED.number}")
    assert len(found["machines"]) == 2
