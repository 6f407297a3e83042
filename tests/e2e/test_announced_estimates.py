"""A contract whose last step is an estimate, from the setting in the console to the estimate itself: an
application of its own on the three days on which something happens."""

from __future__ import annotations

import json
import re
import urllib.request
from datetime import date

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.asking import asked, enter
from tests.e2e.console import open_view, sign_in
from tests.e2e.customers import Customer, import_of
from tests.e2e.sight import faults, overflow
from tests.e2e.test_reminders import mails, until
from tests.support.running import Application, running

CUSTOMER = Customer(27571, 2, name="Wiesel Bau GmbH")
CONTRACT = f"7{CUSTOMER.number}"
ANNOUNCED_ON, ESTIMATED_ON = date(2026, 12, 1), date(2026, 12, 8)
SCHEDULE = "/api/staff/schedule"


def fire(application: Application, day: date) -> dict[str, str]:
    """The day's plan at the hour that is set; the rounds that it has begun."""
    event = {"kind": "daily_plan", "scheduled_at": f"{day}T06:00:00Z"}
    address = f"{application.url}/_local/functions/plan_requests"
    request = urllib.request.Request(address, json.dumps(event).encode(), method="POST")  # noqa: S310
    with urllib.request.urlopen(request, timeout=300) as answer:  # noqa: S310
        begun: dict[str, str] = json.load(answer)
    return begun


def done(application: Application, round_id: str) -> bool:
    found: str = application.staff("GET", f"/api/staff/rounds/{round_id}")["state"]
    return found == "done"


def reported(application: Application, n: int) -> dict[str, tuple[int, str]]:
    """Value and channel of a machine's readings that wait for release, by meter."""
    path = f"/api/staff/readings?bucket=reported&company_id={CUSTOMER.number}"
    rows = application.staff("GET", path)["machines"]
    found = [row["readings"] for row in rows if row["id"] == CUSTOMER.machine(n)]
    return {one["meter_id"]: (one["value"], one["channel"]) for one in (found[0] if found else [])}


def test_an_estimate_is_set_announced_and_done_where_nothing_was_reported(
    tmp_path_factory: pytest.TempPathFactory, staff: Page, contact: Page
) -> None:
    state = tmp_path_factory.mktemp("announced")
    with running(state) as application:
        import_of(application, CUSTOMER)
        asked(application, str(CUSTOMER.number), CUSTOMER.mailbox)
        sign_in(staff, application, "admin", "schedule")
        after = staff.get_by_label("Ankündigung: Tage nach der Fälligkeit")
        save = staff.get_by_role("button", name="Zeitplan speichern")
        after.fill("61")
        save.press("Enter")
        expect(staff.get_by_text("Hier steht eine ganze Zahl von 0 bis 60.")).to_be_visible()
        after.fill("3")
        staff.get_by_label("Vorlauf in Tagen").fill("0")
        staff.get_by_role("button", name="Vertrag hinzufügen").press("Enter")
        staff.get_by_label("Vertragsnummer", exact=True).fill(CONTRACT)
        staff.get_by_label("Erste Erinnerung Vertragsnummer", exact=True).select_option("none")
        staff.get_by_label("Letzter Schritt von Vertrag").select_option("estimate")
        assert faults(staff) == []
        assert overflow(staff) == []
        save.press("Enter")
        expect(staff.get_by_text("Gespeichert. Der Zeitplan gilt")).to_be_visible()
        stored = application.staff("GET", SCHEDULE)
        assert (stored["last_step"], stored["announce_after"]) == ("calls", 3)
        assert stored["contracts"][CONTRACT]["last_step"] == "estimate"

    with running(state, today=ANNOUNCED_ON.isoformat()) as application:
        fire(application, ANNOUNCED_ON)
        (mail,) = until(lambda: mails(application, CUSTOMER.mailbox, "Ankündigung"))
        assert mail["subject"].startswith("Ankündigung: Schätzung am 08.12.2026: Wiesel Bau GmbH")
        guessed = CUSTOMER.last(2, "1") + round(3000 * 4 / 365 * 92)
        link = next(word for word in mail["text"].split() if "/#t=" in word)
        staff.context.clear_cookies()  # they know no port
        sign_in(staff, application, "release", "today")
        task = staff.locator("#task-announced")
        expect(task).to_contain_text("Schätzungen des Zeitplans")
        expect(task).to_contain_text("angekündigt, fällig in 7 Tagen")
        line = staff.get_by_role("listitem").filter(has=task)
        expect(line.locator(".number")).to_have_text("2")
        by_hand = staff.locator("#task-estimates")
        assert faults(staff) == []
        assert overflow(staff) == []
        task.press("Enter")
        row = staff.get_by_role("row").filter(has_text=CUSTOMER.name).first
        expect(row).to_contain_text("Angekündigt: Der Zeitplan schätzt am 08.12.2026")
        shown = row.inner_text()
        expect(staff.get_by_role("table", name="Zu schätzen").get_by_role("row")).to_have_count(3)
        expect(staff.get_by_role("button", name="Alle wählen")).to_have_count(0)
        assert faults(staff) == []
        staff.get_by_role("link", name="Von Hand").press("Enter")
        expect(staff.get_by_role("button", name="Alle wählen")).to_be_visible()
        expect(staff.get_by_text(CUSTOMER.name)).to_have_count(0)
        open_view(staff, "today")
        expect(by_hand).to_be_visible()
        open_view(staff, f"machines/{CUSTOMER.machine(2)}")
        staff.get_by_role("button", name="Schätzen …").press("Enter")
        dialog = staff.get_by_role("dialog")
        expect(dialog).to_contain_text("Angekündigt: Der Zeitplan schätzt am 08.12.2026")
        assert faults(staff) == []
        dialog.get_by_role("button", name="Abbrechen").press("Enter")
        told = application.staff("POST", "/api/staff/estimates", {"dry_run": True})["machines"]
        proposed = next(one for one in told if one["machine_id"] == CUSTOMER.machine(2))
        values = {one["meter_id"]: one["value"] for one in proposed["estimates"]}
        assert abs(values["1"] - guessed) < 100, (shown, guessed)
        german = {meter: f"{value:,}".replace(",", ".") for meter, value in values.items()}
        assert f"S/W {german['1']}" in mail["text"], mail["text"]

        enter(contact, link)
        for meter in ("1", "2"):
            field = contact.locator(f"#m-{CUSTOMER.machine(1)}-{meter}")
            field.fill(str(CUSTOMER.now(1, meter)))
        card = contact.locator(f"#machine-{CUSTOMER.machine(1)}")
        card.locator("[type=submit]").click()
        expect(card).to_contain_text("gespeichert")
        own = {meter: (CUSTOMER.now(1, meter), "PORTAL") for meter in ("1", "2")}
        until(lambda: reported(application, 1) == own)

    with running(state, today=ESTIMATED_ON.isoformat()) as application:
        staff.context.clear_cookies()  # they know no port
        sign_in(staff, application, "release", "today")
        expect(staff.locator("#task-announced")).to_contain_text("angekündigt, heute fällig")
        expect(line.locator(".number")).to_have_text("1")
        begun = fire(application, ESTIMATED_ON)
        until(lambda: done(application, begun["announcements_id"]))
        assert reported(application, 1) == own
        assert reported(application, 2) == {
            meter: (value, "ESTIMATE") for meter, value in values.items()
        }
        assert len(mails(application, CUSTOMER.mailbox, "Ankündigung")) == 1
        calls = application.staff("GET", "/api/staff/phone-list?limit=200")["calls"]
        assert CONTRACT not in {one["contract"]["id"] for one in calls}
        expect(staff.locator("#task-announced")).to_have_count(0)  # live, without a reload
        open_view(staff, f"companies/{CUSTOMER.number}")
        line = staff.locator("section", has=staff.get_by_role("heading", name="Zeitlinie"))
        expect(line).to_contain_text("Schätzung angekündigt")
        expect(line).to_contain_text(re.compile(r"Zeitplan\s*schätzt"))
        assert faults(staff) == []
        open_view(staff, f"deliveries/daily-announcement-{ANNOUNCED_ON}")
        expect(staff.get_by_role("grid", name="Zustellungen")).to_contain_text(CUSTOMER.mailbox)
        assert faults(staff) == []
