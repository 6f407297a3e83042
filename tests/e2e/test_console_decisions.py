"""Staff decide about values by key: ask back by mail, estimate, defer; take it back; two people above a limit."""

from __future__ import annotations

import re
import time
from typing import Any

import pytest
from playwright.sync_api import Locator, Page, Route, expect

from tests.e2e.asking import PATIENCE, enter, mails_to
from tests.e2e.console import open_view, sign_in
from tests.e2e.customers import Customer, asked_customer
from tests.e2e.sight import each_look, faults
from tests.support.running import Application

NAME = "Fasan Verpackung GmbH"
CUSTOMER = Customer(28501, 12, name=NAME)
REASON = "Steht so auf dem Display."


@pytest.fixture(scope="session", autouse=True)
def _customer(application: Application) -> None:
    asked_customer(application, CUSTOMER)


def machine(application: Application, n: int) -> dict[str, Any]:
    found: dict[str, Any] = application.staff("GET", f"/api/staff/machines/{CUSTOMER.machine(n)}")
    return found


def black(application: Application, n: int) -> dict[str, Any]:
    (found,) = [one for one in machine(application, n)["meters"] if one["id"] == "1"]
    period: dict[str, Any] = found["period"]
    return period


def doubled(n: int) -> int:
    value = str(CUSTOMER.now(n, "1"))
    return int(value[0] + value)


def confirmed(application: Application, n: int) -> int:
    """A doubtful value that the customer insists on."""
    value = doubled(n)
    application.staff(
        "PUT",
        f"/api/staff/machines/{CUSTOMER.machine(n)}/readings",
        {
            "values": {"1": value},
            "confirm": {"1": REASON},
            "version": machine(application, n)["version"],
            "channel": "PHONE",
            "reporter": CUSTOMER.contact,
        },
    )
    return value


def decided(application: Application, n: int) -> dict[str, Any] | None:
    """What stands at the value, as every script sees it."""
    path = f"/api/staff/readings?bucket=decided&company_id={CUSTOMER.number}"
    for found in application.staff("GET", path)["machines"]:
        if found["id"] == CUSTOMER.machine(n):
            decision: dict[str, Any] = found["readings"][0]["decision"]
            return decision
    return None


def row(page: Page, n: int) -> Locator:
    return page.locator(".review-list tbody tr").filter(has_text=f"SN{CUSTOMER.machine(n)}")


def at_row(page: Page, application: Application, n: int, group: str = "admin") -> Page:
    """The place with the mark at a machine's value, by its address."""
    value = f"{CUSTOMER.machine(n)}.1.2026-11-28"
    sign_in(page, application, group, f"review?group=digits&at={value}")
    expect(row(page, n)).to_have_attribute("aria-selected", "true")
    page.get_by_role("grid").focus()
    return page


def turn_to(page: Page, name: str) -> None:
    page.locator(".review-groups").get_by_role("button", name=re.compile(f"^{name}")).press("Enter")


def until(what: Any, wanted: Any) -> None:
    end = time.monotonic() + PATIENCE
    while what() != wanted:
        assert time.monotonic() < end, what()
        time.sleep(0.2)


def test_what_was_decided_last_is_taken_back_even_after_a_reload(
    application: Application, staff: Page
) -> None:
    value = confirmed(application, 1)
    page = at_row(staff, application, 1)
    page.keyboard.press("s")
    expect(row(page, 1)).to_have_count(0)
    until(lambda: (decided(application, 1) or {}).get("decision"), "estimated")
    assert black(application, 1)["value"] != value
    page.reload()
    expect(page.locator(".review-list, .review-empty").first).to_be_visible()
    turn_to(page, "Geschätzt")
    expect(row(page, 1)).to_be_visible()
    expect(page.locator(".review-detail")).to_contain_text("Geschätzt von")
    page.get_by_role("grid").focus()
    page.keyboard.press("u")
    expect(page.get_by_role("heading", name=re.compile("Ziffer fehlt"), level=2)).to_be_visible()
    expect(row(page, 1)).to_have_attribute("aria-selected", "true")
    assert (black(application, 1)["value"], decided(application, 1)) == (value, None)


def test_a_value_is_deferred_with_a_note_and_leaves_the_list(
    application: Application, staff: Page
) -> None:
    confirmed(application, 2)
    page = at_row(staff, application, 2)
    page.keyboard.press("z")
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("Zurück in die Liste am").fill("2027-01-15")
    dialog.get_by_label("Notiz").fill("Technikerin fährt am 14. hin")
    dialog.get_by_role("button", name="Zurückstellen").press("Enter")
    expect(row(page, 2)).to_have_count(0)
    until(lambda: (decided(application, 2) or {}).get("until"), "2027-01-15")
    turn_to(page, "Zurückgestellt")
    expect(row(page, 2)).to_be_visible()
    row(page, 2).click()
    detail = page.locator(".review-detail")
    expect(detail).to_contain_text("bis 15.01.2027")
    expect(detail).to_contain_text("Technikerin fährt am 14. hin")


def test_the_customer_is_asked_by_one_key_and_answers_in_the_portal(
    application: Application, staff: Page, contact: Page
) -> None:
    value = confirmed(application, 3)
    before = len(mails_to(application, CUSTOMER.mailbox))
    console = at_row(staff, application, 3)
    console.keyboard.press("r")
    expect(console.get_by_text("Rückfrage an Ines Ibis geht hinaus in")).to_be_visible()
    expect(row(console, 3)).to_have_count(0)
    turn_to(console, "Rückfrage läuft")
    expect(row(console, 3)).to_be_visible()
    until(lambda: len(mails_to(application, CUSTOMER.mailbox)), before + 1)
    mail = mails_to(application, CUSTOMER.mailbox)[0]
    shown = f"{value:,}".replace(",", ".")
    assert f"Rückfrage zum Zählerstand {shown}" in mail["subject"]
    link = re.search(r"http\S+#t=[\w.~-]+&m=\d+", mail["text"])
    assert link, mail["text"]
    enter(contact, link[0])
    focused = contact.locator("article.machine:focus, article.machine:focus-within")
    expect(focused).to_contain_text(f"SN{CUSTOMER.machine(3)}")
    right = CUSTOMER.now(3, "1")
    application.staff(
        "PUT",
        f"/api/staff/machines/{CUSTOMER.machine(3)}/readings",
        {
            "values": {"1": right},
            "version": machine(application, 3)["version"],
            "channel": "PHONE",
        },
    )
    console.reload()
    expect(row(console, 3)).to_have_count(0)
    assert decided(application, 3) is None


def test_within_ten_seconds_the_question_is_taken_back_and_no_mail_goes_out(
    application: Application, staff: Page
) -> None:
    confirmed(application, 4)
    before = len(mails_to(application, CUSTOMER.mailbox))
    page = at_row(staff, application, 4)
    page.keyboard.press("r")
    expect(page.get_by_text("geht hinaus in")).to_be_visible()
    expect(row(page, 4)).to_have_count(0)
    page.get_by_role("button", name=re.compile("rückgängig")).press("Enter")
    expect(row(page, 4)).to_be_visible()
    time.sleep(13)
    assert len(mails_to(application, CUSTOMER.mailbox)) == before
    assert decided(application, 4) is None


def test_a_whole_group_is_decided_after_asking_with_its_number(
    application: Application, staff: Page
) -> None:
    for n in (5, 6):
        confirmed(application, n)
    page = at_row(staff, application, 5)
    count = page.locator(".review-list tbody tr").count()
    page.keyboard.press("Shift+A")
    dialog = page.get_by_role("dialog")
    expect(dialog.get_by_role("button", name=f"{count} Werte annehmen")).to_be_visible()
    dialog.get_by_role("button", name="Abbrechen").press("Enter")
    assert decided(application, 5) is None
    page.keyboard.press("Shift+A")
    page.get_by_role("dialog").get_by_role("button", name=f"{count} Werte annehmen").press("Enter")
    for n in (5, 6):
        until(lambda n=n: (decided(application, n) or {}).get("decision"), "accepted")
    expect(row(page, 5)).to_have_count(0)


def test_above_the_limit_the_same_person_is_refused_in_words(
    application: Application, staff: Page
) -> None:
    confirmed(application, 7)
    try:
        sign_in(staff, application, "admin", "plausibility")
        staff.get_by_label("Mehr Seiten seit dem letzten Stand als").fill("1.000")
        staff.get_by_role("button", name="Grenze festlegen").press("Enter")
        expect(staff.locator("main").get_by_text("Die Grenze ist gespeichert.")).to_be_visible()
        assert application.staff("GET", "/api/staff/release-limits")["pages"] == 1_000
        page = staff
        open_view(page, f"review?group=digits&at={CUSTOMER.machine(7)}.1.2026-11-28")
        expect(row(page, 7)).to_have_attribute("aria-selected", "true")
        page.get_by_role("grid").focus()
        page.keyboard.press("a")
        expect(row(page, 7)).to_have_count(0)
        turn_to(page, "Wartet auf zweite Person")
        expect(row(page, 7)).to_be_visible()
        page.get_by_role("grid").focus()
        page.keyboard.press("a")
        expect(page.get_by_role("alert")).to_contain_text("zweite Person")
        assert (decided(application, 7) or {})["waits_for_second"]
    finally:
        limits = application.staff("GET", "/api/staff/release-limits")
        application.staff("PUT", "/api/staff/release-limits", limits | {"pages": None})


def test_a_failing_server_decides_nothing_and_the_key_works_again(
    application: Application, staff: Page
) -> None:
    confirmed(application, 8)
    page = at_row(staff, application, 8)
    down = [True]

    def broken(route: Route) -> None:
        if down[0]:
            route.abort()
        else:
            route.fallback()

    page.route("**/decision", broken)
    page.keyboard.press("a")
    expect(page.get_by_role("alert")).to_contain_text("Keine Verbindung")
    expect(row(page, 8)).to_be_visible()
    down[0] = False
    page.reload()
    expect(row(page, 8)).to_have_attribute("aria-selected", "true")
    page.get_by_role("grid").focus()
    page.keyboard.press("a")
    expect(row(page, 8)).to_have_count(0)
    until(lambda: (decided(application, 8) or {}).get("decision"), "accepted")


def test_the_decided_are_good_to_look_at_in_any_light(
    application: Application, staff: Page
) -> None:
    confirmed(application, 9)
    page = at_row(staff, application, 9)
    page.keyboard.press("z")
    expect(page.get_by_role("dialog")).to_be_visible()
    assert faults(page) == []
    page.get_by_role("dialog").get_by_role("button", name="Zurückstellen").press("Enter")
    expect(row(page, 9)).to_have_count(0)
    turn_to(page, "Zurückgestellt")
    for look in each_look(page):
        expect(page.locator(".review-list tbody tr").first).to_be_visible()
        assert faults(page, look) == [], look
