"""The page that follows the feed as an ERP: what is reported at the portal is there within seconds, as
what it is."""

from __future__ import annotations

import re
import time
from typing import Any

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.e2e.asking import PATIENCE, enter
from tests.e2e.customers import Customer, asked_customer
from tests.e2e.sight import faults, overflow
from tests.support.running import Application

CUSTOMER = Customer(28101, 4, name="Feldlerche Agrar GmbH")
FREE = iter(range(1, 5))
"""Its machines: each try of a test takes the next one."""
SECONDS = 60_000
"""For what takes ten: five are held back, and the page asks every five."""


@pytest.fixture(scope="session")
def link(application: Application) -> str:
    return asked_customer(application, CUSTOMER)


def reported(page: Page, n: int, value: int, *, said: str) -> None:
    """Typed and sent at the portal."""
    field = page.locator(f"#m-{CUSTOMER.machine(n)}-1")
    field.fill(str(value))
    with page.expect_response(lambda answer: answer.request.method == "PUT" and answer.ok):
        page.locator(f"#machine-{CUSTOMER.machine(n)} [type=submit]").press("Enter")
    expect(page.locator(f"#machine-{CUSTOMER.machine(n)}")).to_contain_text(said)


def lines(page: Page, n: int) -> Locator:
    """What the ERP knows of a machine's counters."""
    return page.locator("#readings tr").filter(has_text=f"SN{CUSTOMER.machine(n)}")


def told(application: Application, n: int) -> list[dict[str, Any]]:
    """The machine's events from the beginning, in the feed's order, each once."""
    found: dict[str, dict[str, Any]] = {}
    events, place = application.feed()
    while True:
        new = {event["id"] for event in events} - found.keys()
        found |= {event["id"]: event for event in events}
        if not new:
            return [e for e in found.values() if e["data"]["machine_id"] == CUSTOMER.machine(n)]
        events, place = application.feed(place)


def version(application: Application, n: int) -> int:
    there: int = application.staff("GET", f"/api/staff/machines/{CUSTOMER.machine(n)}")["version"]
    return there


def released(application: Application, n: int) -> None:
    """By a run, as staff release."""
    number = CUSTOMER.machine(n)
    selection = {"ids": [number], "versions": {number: version(application, n)}}
    body = {"selection": selection, "dry_run": False}
    run = application.staff("POST", "/api/staff/releases", body)
    end = time.monotonic() + PATIENCE
    while (state := application.staff("GET", f"/api/staff/releases/{run['id']}"))[
        "state"
    ] != "done":
        assert time.monotonic() < end, "the release is not done"
        time.sleep(0.2)
    assert state["released"] == 1, state


def test_the_erp_sees_a_value_at_once_and_that_it_may_not_bill_it_yet(
    application: Application, contact: Page, staff: Page, link: str
) -> None:
    n = next(FREE)
    enter(contact, link)
    staff.goto(f"{application.url}/_local/")
    staff.get_by_role("link", name="ERP", exact=True).press("Enter")
    expect(staff.get_by_role("status")).to_contain_text("Auf dem Stand", timeout=SECONDS)

    value = CUSTOMER.now(n, "1")
    reported(contact, n, value, said="passt zum Verlauf")
    line = lines(staff, n)
    expect(line).to_have_count(1, timeout=SECONDS)
    expect(line.get_by_role("rowheader")).to_have_text("○ nicht freigegeben")
    expect(line).to_contain_text(f"{value:,}".replace(",", "."))

    # The server fails, meanwhile the value is corrected and released; the page comes back by itself.
    feed = re.compile("/api/staff/readings/feed")
    staff.route(feed, lambda route: route.abort())
    expect(staff.get_by_role("status")).to_contain_text("Keine Antwort", timeout=SECONDS)
    card = contact.locator(f"#machine-{CUSTOMER.machine(n)}")
    card.get_by_role("button", name=re.compile("^(?!Datum).*ändern$")).press("Enter")
    reported(contact, n, value + 1, said="passt zum Verlauf")
    released(application, n)
    staff.unroute(feed)
    expect(line.get_by_role("rowheader")).to_have_text("✓ freigegeben", timeout=60_000)
    expect(line).to_contain_text(f"{value + 1:,}".replace(",", "."))
    expect(staff.get_by_role("status")).to_contain_text("Auf dem Stand")

    # An ERP that begins anew knows the same in the end.
    staff.reload()
    expect(line.get_by_role("rowheader")).to_have_text("✓ freigegeben", timeout=SECONDS)

    number = told(application, n)[0]["data"]["reading_id"]
    withdrawal = {"reason": "Verlesen, laut Frau Ibis", "version": version(application, n)}
    application.staff("POST", f"/api/staff/readings/{number}/withdrawal", withdrawal)
    expect(line.get_by_role("rowheader")).to_have_text(
        "○ nicht freigegeben (zurückgenommen)", timeout=SECONDS
    )
    seen = [(e["type"].split(".")[2], e["data"]["value"]) for e in told(application, n)]
    assert seen == [
        ("reported", value),
        ("corrected", value + 1),
        ("released", value + 1),
        ("withdrawn", value + 1),
    ]
    sequences = [event["sequence"] for event in told(application, n)]
    assert sequences == sorted(sequences)


def test_the_page_can_be_read_by_everybody(
    application: Application, contact: Page, staff: Page, link: str
) -> None:
    n = next(FREE)
    enter(contact, link)
    reported(contact, n, CUSTOMER.now(n, "1"), said="passt zum Verlauf")
    staff.goto(f"{application.url}/_local/erp")
    expect(lines(staff, n)).to_have_count(1, timeout=SECONDS)
    staff.get_by_text("Letztes Ereignis").press("Enter")
    expect(staff.locator("#last")).to_contain_text('"specversion": "1.0"')
    for scheme in ("light", "dark"):
        staff.emulate_media(color_scheme="dark" if scheme == "dark" else "light")
        assert faults(staff) == [], scheme
    assert overflow(staff) == []

    # From a day to come nothing can be told: said in words, and not asked for ever in silence.
    staff.goto(f"{application.url}/_local/erp?from=2099-01-01")
    expect(staff.get_by_role("status")).to_contain_text("liegt in der Zukunft", timeout=SECONDS)
