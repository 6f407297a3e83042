"""A round that the mail system's account stops: staff see why, let it go on, and the mails really go out."""

from __future__ import annotations

import json
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.asking import BUILT, mails_to, ready
from tests.e2e.console import open_view, sign_in
from tests.e2e.customers import Customer, import_of
from tests.e2e.sight import faults, overflow
from tests.support.running import Application

MET = Customer(27351, 2, others=1, name="Alk Spedition GmbH")
FREED = replace(MET, number=27352, name="Lumme Druck GmbH")


@pytest.fixture(scope="session", autouse=True)
def _companies(application: Application) -> None:
    for customer in (MET, FREED):
        import_of(application, customer)
        ready(application, str(customer.number))


def tell(application: Application, **state: Any) -> None:
    """What SES's account is from now on."""
    request = urllib.request.Request(  # noqa: S310 - the address is our own, on loopback
        f"{application.url}/_local/ses/account", json.dumps(state).encode(), method="POST"
    )
    with urllib.request.urlopen(request, timeout=30) as answer:  # noqa: S310
        assert answer.status == 200


@contextmanager
def quota_used_up(application: Application) -> Iterator[None]:
    tell(application, quota=0)
    try:
        yield
    finally:
        tell(application, quota=50_000)


def a_round(application: Application, customer: Customer) -> str:
    chosen = {"selection": {"filter": {"company_id": str(customer.number)}}, "dry_run": False}
    started: str = application.staff("POST", "/api/staff/rounds", chosen)["id"]
    return started


def addresses(customer: Customer) -> list[str]:
    return [customer.mailbox, customer.colleague]


def test_a_round_stopped_at_the_quota_is_seen_resumed_and_sent(
    application: Application, staff: Page
) -> None:
    with quota_used_up(application):
        started = a_round(application, MET)
        sign_in(staff, application, "remind", f"rounds/{started}")
        box = staff.get_by_role("alert").filter(has_text="Versand gestoppt")
        expect(box).to_contain_text(
            "Das Tageskontingent bei Amazon SES ist ausgeschöpft", timeout=BUILT
        )
        expect(box).to_contain_text("2 E-Mails warten, nichts geht verloren")
        assert [mails_to(application, one) for one in addresses(MET)] == [[], []]
        told = application.staff("GET", f"/api/staff/rounds/{started}")
        assert (told["state"], told["stopped"]["reason"]) == ("stopped", "quota_reached")
        assert {one["state"] for one in told["mails"]} == {"planned"}
        assert faults(staff) == []
        assert overflow(staff) == []

        open_view(staff, "today")
        task = staff.get_by_role("listitem").filter(has_text="E-Mails warten, Versand gestoppt")
        expect(task).to_contain_text("Tageskontingent ausgeschöpft")
        assert faults(staff) == []
        way = task.get_by_role("link")
        others = way.get_attribute("href") == "#/rounds"  # rounds of other tests are stopped, too
        way.press("Enter")
        if others:
            staff.locator(f"main a[href='#/rounds/{started}']").press("Enter")
        expect(staff.get_by_role("alert")).to_contain_text("Versand gestoppt")
    staff.get_by_role("button", name="Weiter senden").press("Enter")
    expect(staff.get_by_role("alert")).to_have_count(0)
    rows = staff.get_by_role("grid", name="Zustellungen").locator("tbody tr")
    expect(rows.filter(has_text="versendet").or_(rows.filter(has_text="zugestellt"))).to_have_count(
        2
    )
    assert [len(mails_to(application, one)) for one in addresses(MET)] == [1, 1]
    told = application.staff("GET", f"/api/staff/rounds/{started}")
    assert (told["sent"], told["waiting"], told["stopped"]) == (2, 0, None)
    entries = application.staff("GET", "/api/staff/audit?action=sending_resumed")["entries"]
    assert entries[0]["changes"][0]["before"] == "quota_reached"


def test_a_round_goes_on_by_itself_when_the_quota_is_free(
    application: Application, staff: Page
) -> None:
    with quota_used_up(application):
        started = a_round(application, FREED)
        sign_in(staff, application, "read", f"rounds/{started}")
        expect(staff.get_by_role("alert")).to_contain_text("geht von selbst weiter", timeout=BUILT)
        expect(staff.get_by_text("Dafür fehlt Ihnen das Recht")).to_be_visible()
        expect(staff.get_by_role("button", name="Weiter senden")).to_have_count(0)
    request = urllib.request.Request(  # noqa: S310 - the address is our own, on loopback
        f"{application.url}/_local/functions/mark_failed_runs", method="POST"
    )
    with urllib.request.urlopen(request, timeout=60) as answer:  # noqa: S310
        assert answer.status == 200
    staff.reload()
    rows = staff.get_by_role("grid", name="Zustellungen").locator("tbody tr")
    expect(rows.filter(has_text="versendet").or_(rows.filter(has_text="zugestellt"))).to_have_count(
        2
    )
    assert [len(mails_to(application, one)) for one in addresses(FREED)] == [1, 1]
