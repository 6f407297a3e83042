"""Reminding, the phone list and the receipt in the running application, as clerk and contact see them."""

from __future__ import annotations

import json
import time
import urllib.request
from collections.abc import Callable
from pathlib import Path
from typing import Any

from playwright.sync_api import Page, expect

from tests.e2e.asking import PATIENCE, asked
from tests.e2e.sight import faults
from tests.e2e.test_month import sign_in
from tests.requesting import an_event
from tests.running import Application

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
    return [
        mail
        for mail in application.json("/_local/mails")
        if address in str(mail["to"]) and word in mail["subject"]
    ]


def test_a_clerk_reminds_and_calls_whom_no_mail_reaches(
    application: Application, clerk: Page, tmp_path: Path
) -> None:
    people = application.staff("GET", f"/api/staff/contracts?contract_id={CONTRACT}")
    address = people["contracts"][0]["reporters"][0]["email"]
    asked(application, COMPANY, address)
    sign_in(clerk, application, "remind")
    clerk.get_by_label("Vertragsnummer").fill(CONTRACT)
    clerk.get_by_role("button", name="Filtern", exact=True).click()
    clerk.get_by_role("row").filter(has_text=CONTRACT).get_by_role("checkbox").check()
    clerk.get_by_role("button", name="Erinnerung vorbereiten").click()
    expect(clerk.get_by_role("heading", name="Erinnerung", exact=True)).to_be_visible()
    clerk.get_by_role("button", name="Jetzt 1 E-Mail versenden").click()
    row = clerk.get_by_role("row").filter(has_text=CONTRACT)
    expect(row.get_by_text("versendet")).to_be_visible()
    (mail,) = until(lambda: mails(application, address, "Erinnerung:"))
    assert mail["headers"]["Auto-Submitted"] == "auto-generated"

    clerk.get_by_role("link", name="Anforderungen", exact=True).click()
    expect(clerk.get_by_role("cell", name="Erinnerung").first).to_be_visible()
    clerk.get_by_role("radio", name="Erinnerung: wer gefragt wurde").check()
    clerk.get_by_role("button", name="Probelauf", exact=True).click()
    expect(clerk.get_by_text("wurde heute schon an die Fälligkeit").first).to_be_visible()
    assert faults(clerk) == []

    rounds = application.staff("GET", "/api/staff/rounds")["rounds"]
    sent = next(one for one in rounds if one["kind"] == "reminder" and one["sent"])
    post(application, "/_local/events", an_event("Bounce Permanent", sent["id"], address))
    until(lambda: application.staff("GET", "/api/staff/phone-list")["calls"])
    clerk.get_by_role("link", name="Anforderungen", exact=True).click()
    assert faults(clerk) == []
    clerk.get_by_role("link", name="Telefonliste").click()
    expect(clerk.get_by_role("heading", name="Telefonliste")).to_be_visible()
    row = clerk.get_by_role("row").filter(has_text=CONTRACT)
    expect(row.get_by_text("kommen als unzustellbar zurück").first).to_be_visible()
    expect(row.get_by_text("keine Nummer hinterlegt").first).to_be_visible()
    assert faults(clerk) == []
    with clerk.expect_download() as saved:
        clerk.get_by_role("button", name="Liste als CSV").click()
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
