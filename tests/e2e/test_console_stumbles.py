"""The tasks of the month once more, each with a server that fails in the middle and a reload: nothing is lost
and nothing is done twice."""

from __future__ import annotations

import json
import re
import time
from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Locator, Page, Route, expect

from tests.e2e.asking import PATIENCE, asked, mails_to, ready
from tests.e2e.console import sign_in
from tests.e2e.customers import Customer, asked_customer, import_of
from tests.e2e.test_reminders import post
from tests.support.requesting import an_event
from tests.support.running import Application

CUSTOMER = Customer(27160, 7, name="Pirol Wohnbau GmbH", due="20.11.2026")
"""Its machines, one for each test."""
RELEASED, CORRECTED, RESET, ESTIMATED, PHONED, ASKED_BACK, TWICE = range(1, 8)
WRITTEN = Customer(27161, 1, name="Wiedehopf Reisen KG")
RETURNED = Customer(27162, 1, name="Zaunkönig Gartenbau AG")
MISSING = {"status": 503, "code": "unavailable", "detail": "Bitte versuchen Sie es noch einmal."}


@pytest.fixture(scope="session", autouse=True)
def _customer(application: Application) -> None:
    asked_customer(application, CUSTOMER)


def failing(page: Page, path: str) -> list[str]:
    """The next request there that changes something is refused by a server that has trouble."""
    met: list[str] = []

    def fail(route: Route) -> None:
        if met or route.request.method == "GET":
            route.fallback()
            return
        met.append(route.request.method)
        kind = "application/problem+json"
        route.fulfill(status=503, content_type=kind, body=json.dumps(MISSING))

    page.route(path, fail)
    return met


def until(what: Callable[[], object]) -> None:
    end = time.monotonic() + PATIENCE
    while not what():
        assert time.monotonic() < end, what
        time.sleep(0.2)


def path(n: int) -> str:
    return f"/api/staff/machines/{CUSTOMER.machine(n)}"


def there(application: Application, n: int) -> Any:
    return application.staff("GET", path(n))


def black(application: Application, n: int) -> dict[str, Any]:
    """The black and white counter's value of the period."""
    value: dict[str, Any] = there(application, n)["meters"][0]["period"]
    return value


def actions(application: Application, wanted: str) -> list[str]:
    entries = application.staff("GET", f"/api/staff/audit?{wanted}")["entries"]
    return [one["action"] for one in entries]


def report(application: Application, n: int, value: int, **more: Any) -> None:
    version = there(application, n)["version"]
    body = {"values": {"1": value}, "version": version, "channel": "PHONE"}
    application.staff("PUT", f"{path(n)}/readings", body | more)


def release(application: Application, n: int) -> None:
    report(application, n, CUSTOMER.now(n, "1"))
    query = f"/api/staff/readings?bucket=reported&company_id={CUSTOMER.number}"
    listed = application.staff("GET", query)["machines"]
    machine = next(one for one in listed if one["id"] == CUSTOMER.machine(n))
    body = {"reason": "Abrechnung vorgezogen", "version": machine["version"]}
    application.staff("POST", f"/api/staff/readings/{machine['readings'][0]['id']}/release", body)


def opened(page: Page, application: Application, n: int) -> None:
    sign_in(page, application, "admin", f"machines/{CUSTOMER.machine(n)}")
    expect(page.get_by_role("heading", level=1)).to_have_text(f"SN{CUSTOMER.machine(n)}")


def dialog_of(page: Page, button: str) -> Locator:
    page.get_by_role("button", name=re.compile(f"^{button}")).press("Enter")
    dialog = page.get_by_role("dialog")
    expect(dialog).to_be_visible()
    return dialog


def pressed_twice(page: Page, dialog: Locator, button: str, path: str) -> None:
    """The first time the server fails, and says so; the second time it is done."""
    met = failing(page, path)
    dialog.get_by_role("button", name=button, exact=True).press("Enter")
    expect(dialog.get_by_role("alert")).to_contain_text("noch einmal")
    assert met
    dialog.get_by_role("button", name=button, exact=True).press("Enter")
    expect(dialog).to_have_count(0)


def test_portal_ready_and_the_request(application: Application, staff: Page) -> None:
    import_of(application, WRITTEN)
    sign_in(staff, application, "admin", f"companies/{WRITTEN.number}")
    alert = staff.get_by_role("alert")
    for button, where, heading in (
        ("Portal Ready ausführen", "**/api/staff/readiness", "Portal Ready"),
        ("Anfordern …", "**/api/staff/rounds", "Anforderung"),
    ):
        met = failing(staff, where)
        expect(staff.get_by_role("heading", level=1)).to_have_text(WRITTEN.name)
        staff.get_by_role("button", name=button).press("Enter")
        expect(alert).to_contain_text("noch einmal")
        assert met
        staff.reload()
        expect(staff.get_by_role("heading", level=1)).to_have_text(WRITTEN.name)
        staff.get_by_role("button", name=button).press("Enter")
        expect(staff.get_by_role("heading", level=1)).to_contain_text(heading)
        if heading == "Portal Ready":
            staff.go_back()
    staff.reload()
    send = staff.get_by_role("button", name="1 E-Mail versenden")
    met = failing(staff, "**/sending")
    send.press("Enter")
    expect(alert).to_contain_text("noch einmal")
    assert met
    assert mails_to(application, WRITTEN.mailbox) == []
    send.press("Enter")
    until(lambda: mails_to(application, WRITTEN.mailbox))
    staff.reload()
    expect(staff.get_by_role("grid", name="Zustellungen")).to_contain_text(WRITTEN.name)
    assert len(mails_to(application, WRITTEN.mailbox)) == 1


def test_a_bounce_is_lifted(application: Application, staff: Page) -> None:
    import_of(application, RETURNED)
    ready(application, str(RETURNED.number))
    asked(application, str(RETURNED.number), RETURNED.mailbox)

    def card() -> Any:
        people = application.staff("GET", f"/api/staff/companies/{RETURNED.number}")["contacts"]
        return next(one for one in people if one["id"] == RETURNED.contact)

    sent = card()["mail"]
    bounce = {"timestamp": sent["planned_at"]}
    event = an_event("Bounce Permanent", sent["round_id"], RETURNED.mailbox, bounce=bounce)
    post(application, "/_local/events", event)
    until(lambda: card()["delivery"] == "bounced")
    sign_in(staff, application, "remind", f"companies/{RETURNED.number}")
    row = staff.get_by_role("row").filter(has=staff.locator(f"#contact-{RETURNED.contact}"))
    expect(row).to_contain_text("unzustellbar")
    staff.reload()
    expect(row).to_contain_text("unzustellbar")
    staff.keyboard.press("l")
    dialog = staff.get_by_role("dialog", name="Sperre aufheben")
    dialog.get_by_label("Warum?").fill("Postfach war voll")
    pressed_twice(staff, dialog, "Sperre aufheben", "**/lift")
    expect(row).to_contain_text("Sperre aufgehoben")
    assert (card()["delivery"], card()["lifted"]["reason"]) == ("ok", "Postfach war voll")
    wanted = f"contact_id={RETURNED.contact}&action=address_lifted"
    assert actions(application, wanted) == ["address_lifted"]


def test_a_value_by_phone(application: Application, staff: Page) -> None:
    opened(staff, application, PHONED)
    value = CUSTOMER.now(PHONED, "1")
    field = staff.get_by_role("textbox", name=re.compile("^S.W"))
    field.fill(str(value))
    met = failing(staff, "**/readings")
    field.press("Control+Enter")
    expect(staff.get_by_role("alert")).to_contain_text("noch einmal")
    assert met
    staff.reload()
    expect(field).to_have_value(str(value))
    field.press("Control+Enter")
    expect(staff.locator(".box.good")).to_be_visible()
    assert black(application, PHONED)["value"] == value
    assert actions(application, f"machine_id={CUSTOMER.machine(PHONED)}") == ["readings_entered"]


def test_a_customer_is_asked_back(application: Application, staff: Page) -> None:
    value = str(CUSTOMER.now(ASKED_BACK, "1"))
    doubled = int(value[0] + value)
    report(
        application, ASKED_BACK, doubled, confirm={"1": "Steht so da."}, reporter=CUSTOMER.contact
    )
    number = f"{CUSTOMER.machine(ASKED_BACK)}.1.2026-11-20"
    sign_in(staff, application, "admin", f"review?group=digits&at={number}")
    row = staff.locator(".review-list tbody tr").filter(
        has_text=f"SN{CUSTOMER.machine(ASKED_BACK)}"
    )
    expect(row).to_have_attribute("aria-selected", "true")
    before = len(mails_to(application, CUSTOMER.mailbox))
    met = failing(staff, "**/decision")
    staff.get_by_role("grid").focus()
    staff.keyboard.press("r")
    expect(staff.get_by_role("alert")).to_contain_text("noch einmal")
    assert met
    staff.reload()
    expect(row).to_have_attribute("aria-selected", "true")
    staff.get_by_role("grid").focus()
    staff.keyboard.press("r")
    expect(row).to_have_count(0)
    until(lambda: len(mails_to(application, CUSTOMER.mailbox)) == before + 1)
    wanted = f"machine_id={CUSTOMER.machine(ASKED_BACK)}&action=question_asked"
    assert actions(application, wanted) == ["question_asked"]


def test_what_is_missing_is_estimated(application: Application, staff: Page) -> None:
    sign_in(staff, application, "release", "estimates")
    row = staff.get_by_role("row").filter(has_text=f"SN{CUSTOMER.machine(ESTIMATED)}")

    def chosen() -> None:
        expect(staff.get_by_role("table", name="Zu schätzen")).to_be_visible()
        while not row.count():
            seen = staff.get_by_role("row").count()
            staff.get_by_role("button", name="Mehr laden").press("Enter")
            expect(staff.get_by_role("row").nth(seen)).to_be_attached()
        staff.get_by_label(f"SN{CUSTOMER.machine(ESTIMATED)} auswählen").press("Space")

    chosen()
    staff.reload()
    chosen()
    met = failing(staff, "**/api/staff/estimates")
    staff.get_by_role("button", name="1 schätzen").press("Enter")
    expect(staff.get_by_role("alert")).to_contain_text("noch einmal")
    assert met
    assert black(application, ESTIMATED)["value"] is None
    staff.get_by_role("button", name="1 schätzen").press("Enter")
    expect(staff.locator("main").get_by_text("1 Gerät geschätzt.")).to_be_visible()
    assert there(application, ESTIMATED)["meters"][0]["history"][0]["channel"] == "ESTIMATE"
    wanted = f"machine_id={CUSTOMER.machine(ESTIMATED)}&action=readings_estimated"
    assert actions(application, wanted) == ["readings_estimated"]


def test_a_counter_is_reset(application: Application, staff: Page) -> None:
    opened(staff, application, RESET)
    staff.reload()
    dialog = dialog_of(staff, "Zähler zurückgesetzt …")
    last = CUSTOMER.last(RESET, "2")
    dialog.get_by_label("Zähler", exact=True).select_option("Farbe")
    dialog.get_by_label("Endstand des alten Zählers").fill(str(last + 100))
    dialog.get_by_label("Anfangsstand des neuen Zählers").fill("12")
    dialog.get_by_label("Tag des Tauschs").fill("2026-10-05")
    pressed_twice(staff, dialog, "Eintragen", "**/resets")
    expect(staff.locator(".box.good")).to_contain_text("Farbe zählt weiter ab 12")
    history = there(application, RESET)["meters"][1]["history"]
    resets = [one["reset"] for one in history if one["reset"]]
    assert resets == [{"end": last + 100, "start": 12}]


def test_what_is_plausible_is_released(application: Application, staff: Page) -> None:
    report(application, RELEASED, CUSTOMER.now(RELEASED, "1"))
    sign_in(staff, application, "admin", "review")
    button = staff.get_by_role("button", name=re.compile("Zählerst[aä]nde? freigeben"))
    expect(button).to_be_visible()
    staff.reload()
    expect(button).to_be_visible()
    met = failing(staff, "**/api/staff/releases")
    button.press("Enter")
    expect(staff.get_by_role("alert")).to_contain_text("noch einmal")
    assert met
    assert black(application, RELEASED)["state"] == "reported"
    button.press("Enter")
    expect(staff).to_have_url(re.compile("#/releases/"))
    until(lambda: black(application, RELEASED)["state"] in {"released", "billed"})


def test_a_released_value_is_corrected_after_its_export(
    application: Application, staff: Page
) -> None:
    release(application, CORRECTED)
    run = application.staff("POST", "/api/staff/exports", {})
    until(lambda: application.staff("GET", f"/api/staff/exports/{run['id']}")["state"] == "done")
    opened(staff, application, CORRECTED)
    staff.reload()
    dialog = dialog_of(staff, "berichtigen …")
    right = CUSTOMER.now(CORRECTED, "1") + 50
    dialog.get_by_label("Richtiger Stand").fill(str(right))
    dialog.get_by_label("Begründung").fill("Verlesen")
    pressed_twice(staff, dialog, "Berichtigen", "**/reversal")
    expect(staff.locator(".box.good")).to_contain_text("Berichtigt")
    assert black(application, CORRECTED)["value"] == right
    wanted = f"machine_id={CUSTOMER.machine(CORRECTED)}&action=reading_corrected"
    assert actions(application, wanted) == ["reading_corrected"]


def test_what_is_released_is_exported_once(application: Application, staff: Page) -> None:
    release(application, TWICE)
    sign_in(staff, application, "release", "exports")
    staff.reload()
    start = staff.get_by_role("button", name="Export starten")
    met = failing(staff, "**/api/staff/exports")
    start.press("Enter")
    expect(staff.get_by_role("alert")).to_contain_text("noch einmal")
    assert met
    assert not there(application, TWICE)["released"][0]["exported"]
    start.press("Enter")
    line = staff.get_by_role("row").filter(has_text=f"SN{CUSTOMER.machine(TWICE)}")
    expect(line).to_have_count(1)
    staff.reload()
    expect(line).to_have_count(1)
    assert there(application, TWICE)["released"][0]["exported"]
