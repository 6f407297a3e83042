"""A machine is replaced: entered at its page, asked for at the contact's, brought by the ERP, exported."""

from __future__ import annotations

import json
import time
from typing import Any
from urllib.error import HTTPError
from urllib.request import urlopen

import pytest
from playwright.sync_api import Locator, Page, Route, expect

from tests.e2e.asking import PATIENCE, enter
from tests.e2e.console import sign_in
from tests.e2e.customers import Customer, asked_customer
from tests.e2e.sight import faults, overflow
from tests.support.erp_exports import MACHINES, METERS, as_zip
from tests.support.running import Application

CUSTOMER = Customer(27001, 2, name="Wiedehopf Logistik GmbH")
OLD, HIDDEN = 1, 2
MISTAKEN = Customer(27402, 1, name="Grasmücke Bau GmbH")
SERIAL, BROUGHT = "WH-27001-NEU", "270019001"


@pytest.fixture(scope="session")
def link(application: Application) -> str:
    return asked_customer(application, CUSTOMER)


def opened(page: Page, application: Application, n: int, group: str = "release") -> None:
    sign_in(page, application, group, f"machines/{CUSTOMER.machine(n)}")
    expect(page.get_by_role("heading", level=1)).to_have_text(f"SN{CUSTOMER.machine(n)}")


def asked(page: Page) -> Locator:
    page.get_by_role("button", name="Austausch …").press("Enter")
    dialog = page.get_by_role("dialog", name="Gerät ausgetauscht")
    expect(dialog).to_be_visible()
    return dialog


def press(dialog: Locator, button: str) -> None:
    dialog.get_by_role("button", name=button, exact=True).press("Enter")


def de(number: int) -> str:
    return f"{number:,}".replace(",", ".")


def there(application: Application, machine: str) -> dict[str, Any]:
    found: dict[str, Any] = application.staff("GET", f"/api/staff/machines/{machine}")
    return found


def released(application: Application, machine: str) -> None:
    for meter in ("1", "2"):
        page = there(application, machine)
        number = f"{machine}.{meter}.{page['due_on']}"
        body = {"reason": "Austausch", "version": page["version"]}
        application.staff("POST", f"/api/staff/readings/{number}/release", body)


def until_done(application: Application, kind: str, number: str) -> dict[str, Any]:
    end = time.monotonic() + PATIENCE
    while time.monotonic() < end:
        run: dict[str, Any] = application.staff("GET", f"/api/staff/{kind}/{number}")
        if run["state"] == "done":
            return run
        time.sleep(0.2)
    raise AssertionError(f"{kind} {number} is not done")


def erp_brings_it(application: Application) -> None:
    machine = [
        BROUGHT,
        f"7{CUSTOMER.number}",
        SERIAL,
        "Ricoh",
        "IM C4500",
        "",
        "Werk",
        "A",
        "1. OG",
    ]
    meters = [
        [BROUGHT, "1", "S/W", "schwarz/weiss", "Schwarz", "8", "J", "1", "J", "0"],
        [BROUGHT, "2", "Farbe", "Farbe", "Vollfarbe", "8", "J", "1", "J", "0"],
    ]
    files = as_zip(
        {
            "maschinen.csv": [MACHINES[0], [*machine, "101", "J"]],
            "zaehler.csv": [METERS[0], *meters],
        }
    )
    started = application.staff("POST", "/api/staff/imports", files, kind="application/zip")
    run = until_done(application, "imports", started["id"])
    assert (run["rejected"], run["findings"]) == (0, [])


def exported(application: Application) -> list[dict[str, Any]]:
    started = application.staff("POST", "/api/staff/exports", {})
    run = until_done(application, "exports", started["id"])
    (file,) = (one for one in run["files"] if one["name"] == "readings.json")
    with urlopen(file["url"]) as answer:  # noqa: S310 - of our own application
        lines: list[dict[str, Any]] = json.load(answer)["readings"]
    return lines


def test_a_machine_is_replaced_from_its_page_to_the_export(
    application: Application, staff: Page, contact: Page, link: str
) -> None:
    old = CUSTOMER.machine(OLD)
    ends = {meter: CUSTOMER.now(OLD, meter) for meter in ("1", "2")}
    opened(staff, application, OLD)
    dialog = asked(staff)
    end_bw, end_colour = (dialog.get_by_label("Endstand alt").nth(n) for n in (0, 1))
    dialog.get_by_label("Tag des Tauschs").fill("2026-11-20")
    end_bw.fill(de(ends["1"] * 10))
    end_colour.fill(de(ends["2"]))
    dialog.get_by_label("Anfangsstand neu").nth(0).fill("12")
    dialog.get_by_label("Modell").fill("IM C4500")
    press(dialog, "Prüfen")
    expect(dialog.get_by_label("Seriennummer neu")).to_be_focused()
    dialog.get_by_label("Seriennummer neu").fill(SERIAL)
    press(dialog, "Prüfen")
    expect(end_bw).to_have_attribute("aria-invalid", "true")
    expect(dialog.get_by_role("group", name="S/W", exact=True).locator("p").first).to_be_visible()
    assert faults(staff) == []
    end_bw.fill(de(ends["1"]))
    press(dialog, "Prüfen")
    preview = dialog.get_by_role("group", name="Was geschieht")
    expect(preview).to_contain_text(f"SN{old} wird nicht mehr abgefragt")
    expect(preview).to_contain_text(f"S/W {de(ends['1'])}, Farbe {de(ends['2'])}")
    expect(preview).to_contain_text(f"{SERIAL} (IM C4500) zählt am Vertrag 7{CUSTOMER.number}")
    assert there(application, old)["active"], "until now nothing is stored"
    assert faults(staff) == []
    assert overflow(staff) == []
    press(dialog, "Austausch eintragen")
    expect(staff.locator(".box.good")).to_have_text(
        f"Eingetragen: {SERIAL} steht anstelle von SN{old}"
    )
    staff.reload()
    expect(staff.locator(".record-state")).to_contain_text(
        f"ersetzt durch {SERIAL} seit 20.11.2026"
    )
    expect(staff.get_by_text("Dieses Gerät ist ausgetauscht")).to_be_visible()
    new = there(application, old)["replaced_by"]["id"]

    enter(contact, link)
    expect(contact.locator(f"#machine-{old}")).to_have_count(0)
    card = contact.locator(f"#machine-{new}")
    expect(card).to_contain_text(SERIAL)
    expect(card).to_contain_text("12 am 20.11.")
    fields = card.locator("input.digits")
    fields.nth(0).fill("40")
    fields.nth(1).fill("9")
    fields.nth(1).press("Enter")
    end = time.monotonic() + PATIENCE
    while len(standing(application, new)) < 2:
        assert time.monotonic() < end, "the contact's values are not there"
        time.sleep(0.3)

    staff.get_by_role("link", name=SERIAL).press("Enter")
    expect(staff.get_by_role("heading", level=1)).to_have_text(SERIAL)
    expect(staff.get_by_text("vorläufige Nummer")).to_be_visible()
    erp_brings_it(application)
    staff.reload()
    expect(staff.locator(".record-state")).to_contain_text(f"ersetzt SN{old} seit 20.11.2026")
    expect(staff.get_by_text("vorläufige Nummer")).to_have_count(0)
    contact.reload()
    expect(contact.locator(f"#machine-{BROUGHT}")).to_contain_text(SERIAL)
    expect(contact.locator(f"#machine-{new}")).to_have_count(0)
    assert standing(application, BROUGHT) == {"1": 40, "2": 9}

    released(application, old)
    released(application, BROUGHT)
    lines = {(one["machine_id"], one["meter_id"]): one for one in exported(application)}
    last, first = lines[old, "1"], lines[BROUGHT, "1"]
    assert (last["value"], last["read_on"]) == (ends["1"], "2026-11-20")
    assert last["replaced_by"] == {"serial": SERIAL, "read_on": "2026-11-20"}
    assert (first["value"], first["serial"]) == (40, SERIAL)
    assert (first["replaces"]["machine_id"], first["replaces"]["start"]) == (old, 12)


def standing(application: Application, machine: str) -> dict[str, int]:
    meters = there(application, machine)["meters"]
    return {
        one["id"]: one["period"]["value"]
        for one in meters
        if one["period"] and one["period"]["value"] is not None
    }


def test_who_may_not_release_is_not_offered_it(
    application: Application, staff: Page, link: str
) -> None:
    assert link
    opened(staff, application, HIDDEN, "remind")
    expect(staff.get_by_role("heading", name="Zählerstände")).to_be_visible()
    expect(staff.get_by_role("button", name="Austausch …")).to_have_count(0)


def failing_once(page: Page, path: str) -> list[str]:
    """The next request there is refused by a server that has trouble."""
    met: list[str] = []

    def fail(route: Route) -> None:
        if met or route.request.method == "GET":
            route.fallback()
            return
        met.append(route.request.method)
        body = {"status": 503, "code": "unavailable", "detail": "Bitte noch einmal versuchen."}
        kind = "application/problem+json"
        route.fulfill(status=503, content_type=kind, body=json.dumps(body))

    page.route(path, fail)
    return met


def test_a_mistaken_replacement_is_taken_back_though_the_server_fails(
    application: Application, staff: Page
) -> None:
    asked_customer(application, MISTAKEN)
    old = MISTAKEN.machine(1)
    sign_in(staff, application, "release", f"machines/{old}")
    expect(staff.get_by_role("heading", level=1)).to_have_text(f"SN{old}")
    dialog = asked(staff)
    for n, meter in enumerate(("1", "2")):
        dialog.get_by_label("Endstand alt").nth(n).fill(de(MISTAKEN.now(1, meter)))
    dialog.get_by_label("Seriennummer neu").fill("GM-FALSCH")
    press(dialog, "Prüfen")
    expect(dialog.get_by_role("group", name="Was geschieht")).to_be_visible()
    entered = failing_once(staff, "**/replacement")
    press(dialog, "Austausch eintragen")
    expect(dialog.get_by_role("alert")).to_contain_text("noch einmal")
    assert entered
    assert there(application, old)["active"]
    press(dialog, "Austausch eintragen")
    expect(staff.locator(".box.good")).to_contain_text("GM-FALSCH steht anstelle")
    new = there(application, old)["replaced_by"]["id"]

    staff.reload()
    undo = staff.get_by_role("button", name="Austausch zurücknehmen …")
    undo.press("Enter")
    question = staff.get_by_role("dialog", name="Austausch zurücknehmen")
    expect(question).to_contain_text(f"SN{old} wird wieder abgefragt")
    expect(question).to_contain_text("GM-FALSCH gibt es dann hier nicht mehr")
    assert faults(staff) == []
    taken = failing_once(staff, "**/replacement/withdrawal")
    press(question, "Zurücknehmen")
    expect(question.get_by_role("alert")).to_contain_text("noch einmal")
    assert taken
    assert not there(application, old)["active"]
    press(question, "Zurücknehmen")
    expect(staff.locator(".box.good")).to_have_text(
        f"Zurückgenommen: SN{old} wird wieder abgefragt"
    )
    staff.reload()
    expect(staff.get_by_role("button", name="Austausch …")).to_be_visible()
    expect(staff.locator(".record-state")).not_to_contain_text("GM-FALSCH")
    machine = there(application, old)
    assert (machine["active"], machine["replaced_by"]) == (True, None)
    with pytest.raises(HTTPError, match="404"):
        there(application, new)
