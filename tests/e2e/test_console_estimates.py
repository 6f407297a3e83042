"""All that is missing, estimated in one go: chosen over all pages, with progress, and told in a file that lasts."""

from __future__ import annotations

import csv
import json
import re
from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Page, Route, expect

from tests.e2e.console import sign_in
from tests.e2e.customers import Customer, import_of
from tests.e2e.sight import faults, overflow
from tests.support.running import Application, running

MANY = Customer(29951, 230, name="Zeisig Logistik GmbH", due="20.11.2026", first=10_000, step=5)
"""More than a page of the list holds."""
ODD = MANY.machine(7)
"""Somebody reports it while all are chosen."""
MISSING = {"status": 503, "code": "unavailable", "detail": "Bitte versuchen Sie es noch einmal."}


@pytest.fixture(scope="module")
def application(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Application]:
    """One of its own: afterwards nothing is missing any more."""
    with running(tmp_path_factory.mktemp("estimates")) as alone:
        import_of(alone, MANY)
        yield alone


def missing(application: Application) -> dict[str, dict[str, Any]]:
    """What the API would estimate, and what it says it cannot, by machine."""
    found: dict[str, dict[str, Any]] = {}
    cursor = None
    while True:
        body = {"dry_run": True} | ({"cursor": cursor} if cursor else {})
        answer = application.staff("POST", "/api/staff/estimates", body)
        found |= {one["machine_id"]: one for one in answer["machines"]}
        cursor = answer["next_cursor"]
        if cursor is None:
            return found


class OnceDown:
    """The server, which has trouble at the n-th estimate from now on, once."""

    def __init__(self, page: Page, application: Application) -> None:
        self.asked: list[dict[str, Any]] = []
        self.fails_at = 0
        page.route(f"{application.url}/api/staff/estimates", self._answer)

    def at(self, n: int) -> None:
        self.asked.clear()
        self.fails_at = n

    def _answer(self, route: Route) -> None:
        self.asked.append(route.request.post_data_json or {})
        if len(self.asked) != self.fails_at:
            route.fallback()
            return
        self.fails_at = 0
        kind = "application/problem+json"
        route.fulfill(status=503, content_type=kind, body=json.dumps(MISSING))


def test_all_that_is_missing_is_chosen_and_estimated_and_the_file_says_what_became_of_each(
    application: Application, staff: Page
) -> None:
    before = missing(application)
    proposed = {number for number, one in before.items() if one["outcome"] == "proposed"}
    assert len(proposed) > 200
    page = staff
    server = OnceDown(page, application)
    sign_in(page, application, "release", "estimates")
    expect(page.get_by_role("table", name="Zu schätzen")).to_be_visible()
    every = page.get_by_role("button", name="Alle wählen")

    # The second page does not come: what was chosen stays, and it goes on from there.
    server.at(2)
    every.press("Enter")
    expect(page.get_by_role("alert")).to_contain_text("noch einmal")
    button = page.get_by_role("button", name=re.compile(r"^\d+ schätzen$"))
    assert 0 < int((button.text_content() or "").split()[0]) < len(proposed)
    assert faults(page) == []
    asked = len(server.asked)
    every.press("Enter")
    expect(button).to_have_text(f"{len(proposed)} schätzen")
    expect(page.get_by_role("alert")).to_have_count(0)
    assert server.asked[asked]["cursor"] == server.asked[asked - 1]["cursor"]
    boxes = page.locator("tbody input[type=checkbox]")
    assert all(boxes.nth(n).is_checked() for n in range(boxes.count()))
    assert overflow(page) == []

    version = application.staff("GET", f"/api/staff/machines/{ODD}")["version"]
    values = {meter: MANY.now(7, meter) for meter in "12"}
    entered = {"values": values, "version": version, "channel": "PHONE"}
    application.staff("PUT", f"/api/staff/machines/{ODD}/readings", entered)

    # The second two hundred do not arrive: the rest stays chosen.
    server.at(2)
    button.press("Enter")
    expect(page.get_by_role("alert")).to_contain_text("noch einmal")
    rest = len(proposed) - 200
    expect(button).to_have_text(f"{rest} schätzen")
    told = page.locator(".box.warn", has=page.get_by_role("button", name="Protokoll als CSV"))
    expect(told).to_contain_text(f"SN{ODD}: inzwischen geändert")
    button.press("Enter")
    expect(page.locator(".box.good")).to_contain_text(
        f"{rest} Gerät geschätzt" if rest == 1 else f"{rest} Geräte geschätzt."
    )
    with page.expect_download() as download:
        page.get_by_role("button", name="Protokoll als CSV").press("Enter")
    assert re.fullmatch(r"schaetzungen-\d{4}-\d\d-\d\d\.csv", download.value.suggested_filename)
    with download.value.path().open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file, delimiter=";"))

    # The file says of each what the API says.
    after = missing(application)
    assert {number for number, one in after.items() if one["outcome"] == "proposed"} == set()
    results = {(row["Gerät"], row["Ergebnis"], row["Grund"]) for row in rows if row["Zähler"] != ""}
    written = {number for number, result, _ in results if result == "geschätzt"}
    assert written == proposed - {ODD}
    (odd,) = (row for row in rows if row["Gerät"] == ODD)
    assert (odd["Ergebnis"], odd["Grund"]) == ("nicht geschätzt", "inzwischen geändert")
    hopeless = {
        number for number, one in before.items() if one["outcome"] in {"no_basis", "already_read"}
    }
    assert {row["Gerät"] for row in rows} == proposed | hopeless
    one = MANY.machine(3)
    black = application.staff("GET", f"/api/staff/machines/{one}")["meters"][0]
    row = next(row for row in rows if (row["Gerät"], row["Zähler"]) == (one, "S/W"))
    assert row["Schätzung"] == str(black["period"]["value"])
    assert row["Firma"] == MANY.name
    assert (row["Tage"], row["In Folge"]) == ("84", "1")
    assert row["Seiten am Tag"] == "32,97"
