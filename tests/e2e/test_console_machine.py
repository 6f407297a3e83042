"""A machine's page: what is known of it, and readings that staff enter for a customer."""

from __future__ import annotations

import re
from typing import Any

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.e2e.asking import enter
from tests.e2e.console import sign_in
from tests.e2e.customers import Customer, asked_customer
from tests.e2e.sight import each_look, faults, overflow
from tests.support.running import Application

CUSTOMER = Customer(18711, 9, name="Autohaus Ölander GmbH")
"""Its machines, one for each test: none minds what became of another's."""
PLAIN, SUGGESTED, INSISTED, STALE, RELEASED, RELOADED, FAILING, SEEN, KEPT = range(1, 10)
OVERWRITTEN = "Meine Eingabe behalten"


@pytest.fixture(scope="session", autouse=True)
def link(application: Application) -> str:
    return asked_customer(application, CUSTOMER)


def stored(application: Application, n: int) -> dict[str, Any]:
    """The values of the machine's period by meter, as the API tells them."""
    machine = application.staff("GET", f"/api/staff/machines/{CUSTOMER.machine(n)}")
    return {one["id"]: one["period"]["value"] for one in machine["meters"]}


def reported(application: Application, n: int, **values: int) -> None:
    """By a colleague, at another desk."""
    path = f"/api/staff/machines/{CUSTOMER.machine(n)}"
    version = application.staff("GET", path)["version"]
    told = {name.removeprefix("m"): value for name, value in values.items()}
    body = {"values": told, "version": version, "channel": "EMAIL", "reporter": CUSTOMER.contact}
    application.staff("PUT", f"{path}/readings", body)


def opened(page: Page, application: Application, n: int, group: str = "remind") -> Page:
    sign_in(page, application, group, f"machines/{CUSTOMER.machine(n)}")
    expect(page.get_by_role("heading", level=1)).to_have_text(f"SN{CUSTOMER.machine(n)}")
    return page


def field(page: Page, label: str) -> Locator:
    return page.get_by_label(re.compile(f"^{label} zuletzt"))


def save(page: Page) -> None:
    page.get_by_role("button", name="Speichern", exact=True).press("Enter")


def history(page: Page) -> Locator:
    return page.get_by_role("table", name="Zählerstände").get_by_role("row")


def newest(application: Application, n: int) -> dict[str, Any]:
    """What the journal tells of the machine's newest action."""
    path = f"/api/staff/audit?machine_id={CUSTOMER.machine(n)}"
    entry: dict[str, Any] = application.staff("GET", path)["entries"][0]
    return entry


def test_a_reading_told_by_phone_is_entered_by_keyboard_alone(
    application: Application, staff: Page, contact: Page, link: str
) -> None:
    opened(staff, application, PLAIN)
    staff.get_by_role("heading", level=1).press("e")
    expect(field(staff, "S/W")).to_be_focused()
    bw, colour = (CUSTOMER.now(PLAIN, meter) for meter in "12")
    staff.keyboard.type(f"{bw:,}".replace(",", "."))
    staff.keyboard.press("Tab")
    staff.keyboard.type(str(colour))
    staff.keyboard.press("Control+Enter")
    told = staff.locator(".box.good")
    expect(told).to_have_text(f"Gespeichert: S/W {de(bw)}, Farbe {de(colour)}")
    expect(told).to_be_focused()
    expect(history(staff).nth(1)).to_contain_text(de(bw))
    expect(history(staff).nth(1)).to_contain_text("Telefon")
    expect(staff.locator(".record-state")).to_contain_text("vollständig")
    remind = application.account("remind")["name"]
    expect(staff.locator(".timeline li").first).to_contain_text(f"{remind} erfasst für Ines Ibis")
    assert stored(application, PLAIN) == {"1": bw, "2": colour}
    entry = newest(application, PLAIN)
    assert (entry["action"], entry["by"]["name"]) == ("readings_entered", remind)
    assert entry["contact"]["name"] == "Ines Ibis"
    enter(contact, link)
    card = contact.locator(f"#machine-{CUSTOMER.machine(PLAIN)}")
    expect(card).to_contain_text(de(bw))


def de(number: int) -> str:
    return f"{number:,}".replace(",", ".")


def test_a_hint_is_told_in_the_checks_words_and_its_suggestion_taken_by_one_button(
    application: Application, staff: Page
) -> None:
    opened(staff, application, SUGGESTED)
    right = CUSTOMER.now(SUGGESTED, "1")
    typed = right - CUSTOMER.last(SUGGESTED, "1")  # its first digit is missing
    field(staff, "S/W").fill(str(typed))
    save(staff)
    hint = staff.get_by_role("group", name="S/W")
    expect(hint).to_contain_text(f"In {de(typed)} fehlt wohl eine Ziffer: Ist {de(right)} gemeint?")
    expect(hint).to_be_focused()
    assert stored(application, SUGGESTED)["1"] is None
    hint.get_by_role("button", name=f"{de(right)} übernehmen").press("Enter")
    expect(staff.locator(".box.good")).to_contain_text(f"S/W {de(right)}")
    expect(staff.locator(".record-state")).to_contain_text("teilweise")
    assert stored(application, SUGGESTED)["1"] == right


def test_swapped_counters_are_put_right_together(application: Application, staff: Page) -> None:
    opened(staff, application, SEEN)
    bw, colour = (CUSTOMER.now(SEEN, meter) for meter in "12")
    field(staff, "S/W").fill(str(colour))
    field(staff, "Farbe").fill(str(bw))
    save(staff)
    take = f"S/W {de(bw)}, Farbe {de(colour)} übernehmen"
    staff.get_by_role("group", name="S/W").get_by_role("button", name=take).press("Enter")
    expect(staff.locator(".box.good")).to_be_visible()
    assert stored(application, SEEN) == {"1": bw, "2": colour}


def test_who_insists_gives_a_reason_and_the_value_is_conspicuous(
    application: Application, staff: Page
) -> None:
    opened(staff, application, INSISTED)
    much = CUSTOMER.now(INSISTED, "1") + 40_000
    field(staff, "S/W").fill(str(much))
    save(staff)
    hint = staff.get_by_role("group", name="S/W")
    hint.get_by_role("button", name=f"{much} stimmt …").press("Enter")
    reason = hint.get_by_label("Warum stimmt der Wert?")
    expect(reason).to_be_focused()
    hint.get_by_role("button", name="Mit diesem Grund speichern").press("Enter")
    expect(hint).to_contain_text("Bitte nennen Sie einen Grund.")
    reason.select_option("anderer Grund")
    hint.get_by_label("Grund in eigenen Worten").fill("Messe: Handzettel gedruckt")
    hint.get_by_role("button", name="Mit diesem Grund speichern").press("Enter")
    expect(staff.locator(".box.good")).to_contain_text(de(much))
    expect(staff.locator(".record-state")).to_contain_text("auffällig")
    expect(history(staff).nth(1)).to_contain_text("auffällig")
    path = f"/api/staff/readings?bucket=implausible&company_id={CUSTOMER.number}"
    (machine,) = application.staff("GET", path)["machines"]
    assert machine["readings"][0]["reason"] == "Messe: Handzettel gedruckt"


def test_a_stale_page_shows_the_newer_state_beside_what_was_typed(
    application: Application, staff: Page
) -> None:
    opened(staff, application, STALE)
    mine, theirs = CUSTOMER.now(STALE, "1"), CUSTOMER.now(STALE, "1") - 7
    field(staff, "S/W").fill(str(mine))
    reported(application, STALE, m1=theirs)
    save(staff)
    box = staff.get_by_role("alert")
    expect(box).to_contain_text("Inzwischen steht hier ein anderer Stand")
    row = box.get_by_role("row").filter(has_text="S/W")
    expect(row).to_contain_text(de(theirs))
    expect(row).to_contain_text("Ines Ibis")
    expect(row).to_contain_text(str(mine))
    assert stored(application, STALE)["1"] == theirs
    assert faults(staff) == []
    form = staff.locator("form.enter")
    assert form.evaluate("one => one.scrollWidth <= one.clientWidth")
    box.get_by_role("button", name="Neuen Stand ansehen").press("Enter")
    expect(field(staff, "S/W")).to_have_value(str(theirs))
    expect(history(staff).nth(1)).to_contain_text(de(theirs))
    assert stored(application, STALE)["1"] == theirs


def test_a_stale_entry_can_be_kept_and_replaces_the_newer_state(
    application: Application, staff: Page
) -> None:
    opened(staff, application, KEPT)
    mine, theirs = CUSTOMER.now(KEPT, "1"), CUSTOMER.now(KEPT, "1") - 7
    field(staff, "S/W").fill(str(mine))
    reported(application, KEPT, m1=theirs)
    save(staff)
    staff.get_by_role("button", name=OVERWRITTEN).press("Enter")
    expect(field(staff, "S/W")).to_be_focused()
    save(staff)
    expect(staff.locator(".box.good")).to_contain_text(de(mine))
    assert stored(application, KEPT)["1"] == mine


def test_a_released_value_is_refused_in_words(application: Application, staff: Page) -> None:
    right = CUSTOMER.now(RELEASED, "1")
    reported(application, RELEASED, m1=right)
    opened(staff, application, RELEASED)
    field(staff, "S/W").fill(str(right + 3))
    path = f"/api/staff/readings?bucket=reported&company_id={CUSTOMER.number}"
    (machine,) = (
        one
        for one in application.staff("GET", path)["machines"]
        if one["id"] == CUSTOMER.machine(RELEASED)
    )
    body = {"reason": "Abrechnung vorgezogen", "version": machine["version"]}
    application.staff("POST", f"/api/staff/readings/{machine['readings'][0]['id']}/release", body)
    save(staff)
    box = staff.get_by_role("alert")
    expect(box).to_contain_text("bereits zur Berechnung freigegeben")
    box.get_by_role("button", name="Neuen Stand ansehen").press("Enter")
    expect(field(staff, "S/W")).to_have_count(0)
    expect(field(staff, "Farbe")).to_be_visible()
    expect(staff.locator("form.enter")).to_contain_text(f"S/W {de(right)}")
    expect(history(staff).nth(1)).to_contain_text("freigegeben")
    assert stored(application, RELEASED)["1"] == right


def test_a_reload_in_the_middle_keeps_the_entry(application: Application, staff: Page) -> None:
    opened(staff, application, RELOADED)
    right = CUSTOMER.now(RELOADED, "1")
    staff.get_by_label("Meldung durch").select_option("Brief")
    field(staff, "S/W").fill(str(right))
    staff.reload()
    expect(field(staff, "S/W")).to_have_value(str(right))
    expect(staff.get_by_label("Meldung durch")).to_have_value("LETTER")
    save(staff)
    expect(staff.locator(".box.good")).to_be_visible()
    assert stored(application, RELOADED)["1"] == right
    staff.reload()
    expect(field(staff, "S/W")).to_have_value(str(right))
    expect(history(staff).nth(1)).to_contain_text("Brief")


def test_without_an_answer_the_entry_stays_and_is_stored_once(
    application: Application, staff: Page
) -> None:
    opened(staff, application, FAILING)
    right = CUSTOMER.now(FAILING, "1")
    field(staff, "S/W").fill(str(right))
    staff.route("**/readings", lambda route: route.abort())
    save(staff)
    expect(staff.get_by_role("alert")).to_contain_text("Keine Verbindung zum Server")
    expect(field(staff, "S/W")).to_have_value(str(right))
    staff.unroute("**/readings")
    field(staff, "S/W").fill("viele")
    save(staff)
    expect(field(staff, "S/W")).to_have_attribute("aria-invalid", "true")
    expect(field(staff, "S/W")).to_be_focused()
    field(staff, "S/W").fill(str(right))
    save(staff)
    expect(staff.locator(".box.good")).to_contain_text(de(right))
    assert stored(application, FAILING)["1"] == right
    assert newest(application, FAILING)["action"] == "readings_entered"


def test_who_may_not_enter_sees_the_page_without_the_form(
    application: Application, staff: Page
) -> None:
    opened(staff, application, SEEN, "read")
    expect(staff.get_by_role("heading", name="Stand erfassen")).to_have_count(0)
    expect(staff.get_by_role("img", name=re.compile("Säulen des Verbrauchs"))).to_be_visible()
    staff.get_by_role("navigation", name="Pfad").get_by_role("link", name=CUSTOMER.name).press(
        "Enter"
    )
    expect(staff.get_by_role("heading", level=1)).to_have_text(CUSTOMER.name)
    staff.get_by_role("link", name=f"SN{CUSTOMER.machine(SEEN)}").first.press("Enter")
    expect(staff.get_by_role("heading", level=1)).to_have_text(f"SN{CUSTOMER.machine(SEEN)}")


@pytest.mark.parametrize("asks", [False, True], ids=["as it is opened", "with a hint"])
def test_the_page_is_accessible_in_every_look_and_loses_nothing_when_narrow(
    application: Application, staff: Page, asks: bool
) -> None:
    opened(staff, application, SEEN)
    for look in each_look(staff):
        if asks:
            staff.locator("#entry-1").fill("1")
            staff.keyboard.press("Control+Enter")
            staff.locator(".box.warn button").last.press("Enter")
        assert faults(staff, look) == [], look
    assert overflow(staff) == []
