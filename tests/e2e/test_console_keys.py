"""The sheet of keys, the way from machine to machine by J and K, and a run's protocol by reason."""

from __future__ import annotations

import re
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.console import open_view, sign_in
from tests.e2e.customers import Customer, asked_customer
from tests.e2e.sight import each_look, faults, overflow
from tests.support.running import Application

CUSTOMER = Customer(28502, 6, name="Wiesel Transporte GmbH")


@pytest.fixture(scope="session", autouse=True)
def _customer(application: Application) -> None:
    asked_customer(application, CUSTOMER)


def machine(application: Application, n: int) -> dict[str, Any]:
    found: dict[str, Any] = application.staff("GET", f"/api/staff/machines/{CUSTOMER.machine(n)}")
    return found


def entered(application: Application, n: int, value: int, **more: Any) -> None:
    application.staff(
        "PUT",
        f"/api/staff/machines/{CUSTOMER.machine(n)}/readings",
        {
            "values": {"1": value},
            "version": machine(application, n)["version"],
            "channel": "PHONE",
        }
        | more,
    )


def test_j_and_k_lead_from_machine_to_machine(application: Application, staff: Page) -> None:
    sign_in(staff, application, "read", f"machines/{CUSTOMER.machine(2)}")
    beside = staff.get_by_role("navigation", name="Geräte der Firma")
    expect(beside).to_contain_text("von 6 Geräten")
    staff.locator("main h1").focus()
    staff.keyboard.press("j")
    expect(staff.get_by_role("heading", level=1)).to_have_text(f"SN{CUSTOMER.machine(3)}")
    expect(beside).to_contain_text("voriges")
    staff.locator("main h1").focus()
    staff.keyboard.press("k")
    expect(staff.get_by_role("heading", level=1)).to_have_text(f"SN{CUSTOMER.machine(2)}")


def test_a_question_mark_shows_the_keys_over_any_page(
    application: Application, staff: Page
) -> None:
    sign_in(staff, application, "read", "review")
    for view in ("stock", "exports", "review"):
        open_view(staff, view)
        staff.keyboard.press("?")
        sheet = staff.get_by_role("dialog", name="Tasten")
        expect(sheet).to_contain_text("Rückfrage per E-Mail")
        assert faults(staff) == [], view
        staff.keyboard.press("Escape")
        expect(sheet).to_have_count(0)
    staff.locator("#search").focus()
    staff.keyboard.press("?")
    expect(staff.get_by_role("dialog")).to_have_count(0)


def test_the_protocol_names_what_was_refused_first_and_mends_it_by_hand(
    application: Application, staff: Page
) -> None:
    entered(application, 4, CUSTOMER.now(4, "1"))
    far = CUSTOMER.last(5, "1") + 60_000
    entered(application, 5, far, confirm={"1": "Großauftrag im Herbst"})
    ids = [CUSTOMER.machine(4), CUSTOMER.machine(5)]
    versions = {
        number: machine(application, n)["version"] for n, number in zip((4, 5), ids, strict=True)
    }
    started = application.staff(
        "POST",
        "/api/staff/releases",
        {"selection": {"ids": ids, "versions": versions}, "dry_run": False},
    )
    sign_in(staff, application, "release", f"releases/{started['id']}")
    refused = staff.locator(".protocol").filter(has=staff.get_by_role("heading", name="Abgelehnt"))
    expect(refused).to_contain_text("1 Zählerstand, bleibt unter „Auffällig“")
    line = refused.get_by_role("row").filter(has_text=f"SN{CUSTOMER.machine(5)}")
    expect(line.get_by_role("link", name=CUSTOMER.name)).to_be_visible()
    expect(line).to_contain_text("Großauftrag im Herbst")
    for look in each_look(staff):
        expect(staff.locator(".protocol").first).to_be_visible()
        assert faults(staff, look) == [], look
    assert overflow(staff) == []
    for name, ending in (("CSV", ".csv"), ("XLSX", ".xlsx")):
        with staff.expect_download() as download:
            staff.get_by_role("button", name=f"Protokoll als {name}").press("Enter")
        assert download.value.suggested_filename.endswith(ending)
    released = staff.locator("details.protocol")
    released.locator("summary").press("Enter")
    expect(released.get_by_role("row").filter(has_text=f"SN{CUSTOMER.machine(4)}")).to_be_visible()

    line.get_by_role("link", name="prüfen").press("Enter")
    marked = staff.locator(".review-list tr[aria-selected]")
    expect(marked).to_contain_text(f"SN{CUSTOMER.machine(5)}")
    staff.go_back()
    line.get_by_role("button", name=re.compile("von Hand freigeben")).press("Enter")
    dialog = staff.get_by_role("dialog")
    dialog.get_by_label("Begründung für das Protokoll").fill("Mit dem Kunden telefoniert")
    dialog.get_by_role("button", name="Freigeben", exact=True).press("Enter")
    expect(line).to_contain_text("freigegeben")
    (period,) = [one["period"] for one in machine(application, 5)["meters"] if one["id"] == "1"]
    assert (period["state"], period["value"]) == ("released", far)


def test_readings_and_runs_are_accessible_in_every_look(
    application: Application, staff: Page
) -> None:
    entered(application, 1, CUSTOMER.now(1, "1"))
    entered(application, 2, CUSTOMER.now(2, "1"))
    entered(application, 6, CUSTOMER.last(6, "1") + 60_000, confirm={"1": "Großauftrag"})
    chosen = {CUSTOMER.machine(2): machine(application, 2)["version"]}
    selection = {"ids": list(chosen), "versions": chosen}
    body = {"selection": selection, "dry_run": False}
    application.staff("POST", "/api/staff/releases", body)
    sign_in(staff, application, "release", "releases")
    seen = {"reported": 1, "implausible": 6, "released": 2, "missing": 3}
    views = {
        f"readings?bucket={bucket}&company_id={CUSTOMER.number}": CUSTOMER.machine(n)
        for bucket, n in seen.items()
    }
    for view, words in {"releases": "", **views}.items():
        open_view(staff, view)
        for look in each_look(staff):
            row = staff.locator("main tbody tr").filter(has_text=words).first
            expect(row).to_be_visible()
            if "bucket=reported" in view:
                row.get_by_role("checkbox").check()
            assert faults(staff, look) == [], (view, look)
        assert overflow(staff) == [], view
    open_view(staff, next(view for view in views if "implausible" in view))
    staff.get_by_role("button", name=re.compile("von Hand freigeben")).first.press("Enter")
    expect(staff.get_by_role("dialog")).to_contain_text("Großauftrag")
    assert faults(staff) == []
