"""Reminding, the phone list and the receipt in the running application, as staff and contact see them."""

from __future__ import annotations

import json
import time
import urllib.request
from collections.abc import Callable
from pathlib import Path
from typing import Any

from playwright.sync_api import Page, expect

from tests.e2e.asking import PATIENCE, asked, mails_to
from tests.e2e.console import open_view, sign_in, turn_to
from tests.e2e.sight import faults
from tests.support.requesting import an_event
from tests.support.running import Application

COMPANY, CONTRACT = "10063", "70013"


def post(application: Application, path: str, body: Any = None) -> None:
    """What a person does on the local pages."""
    content = json.dumps(body).encode() if body is not None else b""
    request = urllib.request.Request(application.url + path, data=content, method="POST")  # noqa: S310
    with urllib.request.urlopen(request, timeout=30) as answer:  # noqa: S310
        answer.read()


def until(found: Callable[[], Any]) -> Any:
    """The first answer that is not empty."""
    end = time.monotonic() + PATIENCE
    while time.monotonic() < end:
        if answer := found():
            return answer
        time.sleep(0.3)
    raise AssertionError("it never came")


def mails(application: Application, address: str, word: str) -> list[Any]:
    """Mails to an address whose subject holds a word, newest first."""
    return [mail for mail in mails_to(application, address) if word in mail["subject"]]


def test_staff_reminds_and_calls_whom_no_mail_reaches(
    application: Application, staff: Page, tmp_path: Path
) -> None:
    people = application.staff("GET", f"/api/staff/contracts?contract_id={CONTRACT}")
    address = people["contracts"][0]["reporters"][0]["email"]
    asked(application, COMPANY, address)
    sign_in(staff, application, "remind", f"stock/contracts?contract={CONTRACT}")
    staff.locator(".grid-row:not([hidden])").filter(has_text=CONTRACT).locator(".pick").click()
    staff.get_by_role("button", name="Erinnern …").press("Enter")
    expect(staff.get_by_role("heading", name="Erinnerung", exact=True)).to_be_attached()
    expect(staff.get_by_text("1 Vertrag ist ausgelassen, weil er in den letzten")).to_be_visible()
    assert mails(application, address, "Erinnerung:") == []
    assert faults(staff) == []
    staff.get_by_role("button", name="Trotzdem erinnern").press("Enter")
    staff.get_by_role("button", name="1 E-Mail versenden").press("Enter")
    row = staff.get_by_role("grid", name="Zustellungen").locator("tbody tr")
    expect(row).to_contain_text(address)
    (mail,) = until(lambda: mails(application, address, "Erinnerung:"))
    open_view(staff, "today")
    expect(staff.locator("#last-rounds")).to_have_text("Erinnerung")
    assert mail["headers"]["Auto-Submitted"] == "auto-generated"

    turn_to(staff, "Anfordern", "Runden")
    expect(staff.get_by_role("cell", name="Erinnerung").first).to_be_visible()
    staff.get_by_role("radio", name="Erinnerung: wer gefragt wurde").check()
    staff.get_by_role("button", name="Probelauf", exact=True).click()
    staff.get_by_role("button", name="ausgelassen, warum?").press("Enter")
    expect(staff.get_by_text("wurde heute schon an die Fälligkeit").first).to_be_visible()
    assert faults(staff) == []

    rounds = application.staff("GET", "/api/staff/rounds")["rounds"]
    sent = next(one for one in rounds if one["kind"] == "reminder" and one["sent"])
    post(application, "/_local/events", an_event("Bounce Permanent", sent["id"], address))
    until(lambda: application.staff("GET", "/api/staff/phone-list")["calls"])
    turn_to(staff, "Anfordern", "Telefonliste")
    row = staff.get_by_role("row").filter(has_text=CONTRACT)
    row.click()
    expect(row).to_contain_text("E-Mail unzustellbar")
    call = staff.get_by_role("complementary", name="Anruf und Eingabe")
    expect(call).to_contain_text("kommen als unzustellbar zurück")
    expect(call).to_contain_text("keine Nummer hinterlegt")
    assert faults(staff) == []
    with staff.expect_download() as saved:
        staff.get_by_role("button", name="Liste als CSV").click()
    sheet = tmp_path / "list.csv"
    saved.value.save_as(sheet)
    assert CONTRACT in sheet.read_text(encoding="utf-8-sig")


def test_who_tries_a_report_gets_the_receipt_at_once(application: Application) -> None:
    address = "a.dvorak5104@firma10273.example"
    link = asked(application, "10273", address)
    cookie = application.opened(link.partition("#t=")[2])
    machine = customer(application, cookie, "GET", "/api/machines")["machines"][0]
    meter = next(
        m for m in machine["meters"] if not m["reading"] or m["reading"]["state"] == "reported"
    )
    value = meter["last"]["value"] + 1
    body = {
        "values": {meter["id"]: value},
        "confirm": {meter["id"]: "Gerät stand still"},
        "version": machine["version"],
    }
    path = f"/api/machines/{machine['id']}/readings"
    customer(application, cookie, "PUT", path, body)
    before = len(mails(application, address, "erhalten"))
    post(application, "/_local/functions/queue_receipts")
    receipt = until(
        lambda: (
            mails(application, address, "erhalten")[before:]
            and mails(application, address, "erhalten")
        )
    )[0]
    assert f"{value:,}".replace(",", ".") in receipt["text"]
    assert "#t=" in receipt["html"]


def customer(
    application: Application, cookie: str, method: str, path: str, body: Any = None
) -> Any:
    content = json.dumps(body).encode() if body is not None else None
    request = urllib.request.Request(  # noqa: S310 - our own, on loopback
        application.url + path,
        data=content,
        method=method,
        headers={"Cookie": cookie, "Content-Type": "application/json"},
    )
    with urllib.request.urlopen(request, timeout=30) as answer:  # noqa: S310
        return json.load(answer)
