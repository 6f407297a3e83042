"""Where the month stands and what waits: each number opens exactly its list, and follows what happens."""

from __future__ import annotations

import json
import re
import time
from http import HTTPStatus
from typing import Any
from urllib.error import HTTPError
from urllib.parse import quote
from urllib.request import urlopen

import pytest
from playwright.sync_api import Page, Route, expect

from tests.e2e.asking import PATIENCE
from tests.e2e.console import open_view, sign_in
from tests.e2e.customers import Customer, asked_customer
from tests.e2e.sight import each_look, faults, overflow
from tests.e2e.test_reminders import post
from tests.support.requesting import an_event
from tests.support.running import Application

CUSTOMER = Customer(29801, 6, name="Heron Papier GmbH")
RETURNED = Customer(29802, 1, name="Milan Textil GmbH")
SPAM = Customer(29803, 1, name="Bussard Kabel GmbH")


@pytest.fixture(scope="session", autouse=True)
def _customer(application: Application) -> None:
    asked_customer(application, CUSTOMER)
    for customer in (RETURNED, SPAM):
        asked_customer(application, customer)


@pytest.fixture
def today(staff: Page, application: Application) -> Page:
    sign_in(staff, application, "admin", "today")
    # The customer was asked a moment ago: the numbers follow within seconds.
    expect(staff.locator(".today-turns li.asked strong")).not_to_have_text("0")
    return staff


def number(page: Page, state: str) -> int:
    text = page.locator(f".today-turns li.{state} strong").inner_text()
    return int(text.replace(".", ""))


def enter(application: Application, n: int, **body: Any) -> None:
    path = f"/api/staff/machines/{CUSTOMER.machine(n)}"
    version = application.staff("GET", path)["version"]
    application.staff("PUT", f"{path}/readings", {"version": version, "channel": "PHONE", **body})


def usual(n: int) -> dict[str, int]:
    return {meter: CUSTOMER.now(n, meter) for meter in ("1", "2")}


def listed(today: Page) -> int:
    """The machines of the list that the number of those asked opens; back on Heute afterwards."""
    today.locator(".today-turns li.asked a").press("Enter")
    expect(today.get_by_role("heading", name="Bestand", level=1)).to_be_visible()
    expect(today.locator(".grid-row").first).to_be_visible()
    shown = int(today.get_by_role("grid").get_attribute("aria-rowcount") or 0) - 1
    today.go_back()
    expect(today.locator(".today-turns li.asked a")).to_be_visible()
    return shown


def test_a_number_of_the_month_opens_exactly_its_list(today: Page) -> None:
    link = today.locator(".today-turns li.asked a")
    expect(link).to_have_attribute("href", re.compile(r"#/stock/machines\?state=asked&due="))
    end = time.monotonic() + PATIENCE
    while listed(today) != number(today, "asked"):  # what was asked a moment ago is still to come
        assert time.monotonic() < end


def test_the_numbers_follow_what_a_colleague_enters(application: Application, today: Page) -> None:
    complete, partly = number(today, "complete"), number(today, "partly")
    enter(application, 1, values=usual(1))
    enter(application, 2, values={"1": usual(2)["1"]})
    expect(today.locator(".today-turns li.complete strong")).to_have_text(str(complete + 1))
    expect(today.locator(".today-turns li.partly strong")).to_have_text(str(partly + 1))


def test_what_waits_is_listed_with_the_way_to_it(application: Application, today: Page) -> None:
    value = CUSTOMER.last(3, "1") + 90_000
    enter(application, 3, values={"1": value}, confirm={"1": "Steht so da."})
    task = today.get_by_role("link", name=re.compile("Auffällige Geräte prüfen"))
    expect(task).to_be_visible()
    task.press("Enter")
    expect(today.get_by_role("heading", name="Prüfen & Freigeben", level=1)).to_be_visible()
    today.get_by_role("button", name=re.compile("Weit über Erwartung")).press("Enter")
    expect(today.locator(".review-list")).to_contain_text(f"SN{CUSTOMER.machine(3)}")


def comes_back(application: Application, customer: Customer, kind: str) -> None:
    """The mail to a customer: as a bounce or a complaint."""

    def card() -> Any:
        people = application.staff("GET", f"/api/staff/companies/{customer.number}")["contacts"]
        return next(one for one in people if one["id"] == customer.contact)

    sent = card()["mail"]
    at = {"timestamp": sent["planned_at"]}
    more: dict[str, Any] = {"bounce": at} if kind.startswith("Bounce") else {"complaint": at}
    event = an_event(kind, sent["round_id"], customer.mailbox, **more)
    post(application, "/_local/events", event)
    end = time.monotonic() + PATIENCE
    while card()["delivery"] == "ok":
        assert time.monotonic() < end, "nobody noticed"
        time.sleep(0.2)


def held_back_at_ses(application: Application, mailbox: str) -> bool:
    """Asked at the other side: whether the address stands on the mail system's list."""
    path = f"{application.url}/_local/ses/v2/email/suppression/addresses/{quote(mailbox)}"
    try:
        with urlopen(path) as answer:  # noqa: S310 - our own address
            return bool(json.load(answer)["SuppressedDestination"]["Reason"])
    except HTTPError as error:
        if error.code != HTTPStatus.NOT_FOUND:
            raise
        return False


def unreachable(application: Application) -> dict[str, str]:
    told = application.staff("GET", "/api/staff/addresses?limit=200")
    assert told["next_cursor"] is None
    return {one["address"]: one["state"] for one in told["addresses"]}


def test_addresses_that_do_not_work_are_a_number_that_its_list_has(
    application: Application, staff: Page
) -> None:
    comes_back(application, RETURNED, "Bounce Permanent")
    comes_back(application, SPAM, "Complaint")
    there = unreachable(application)
    assert (there[RETURNED.mailbox], there[SPAM.mailbox]) == ("bounced", "complained")
    sign_in(staff, application, "remind", "today")
    task = staff.locator(".today-tasks li", has=staff.locator("#task-addresses"))
    expect(task.locator(".number")).to_have_text(str(len(there)))
    expect(task).to_contain_text("Adressen, die nicht funktionieren")
    bounced = sum(state == "bounced" for state in there.values())
    expect(task).to_contain_text(f"{bounced} unzustellbar")
    task.get_by_role("link").press("Enter")
    expect(staff.get_by_role("heading", name="Adressen, die nicht", level=1)).to_be_visible()
    rows = staff.get_by_role("table").locator("tbody tr")
    expect(rows).to_have_count(len(there))
    expect(rows.filter(has_text=SPAM.mailbox)).to_contain_text("Beschwerde")
    for look in each_look(staff):
        expect(rows.first).to_be_visible()
        assert faults(staff, look) == [], look
    assert overflow(staff) == []
    # Why the mail system itself holds mail back, and until when: as it says at this moment.
    shown = staff.get_by_role("dialog", name="Sperrliste von Amazon SES")
    for customer, why in ((SPAM, "als Spam gemeldet"), (RETURNED, "war unzustellbar")):
        staff.get_by_role("button", name=f"ob {customer.mailbox} gesperrt ist").press("Enter")
        held = shown.get_by_role("status")
        expect(held).to_contain_text(f"hält E-Mails an {customer.mailbox} zurück, seit")
        expect(held).to_contain_text(why)
        expect(shown).to_contain_text("heben Sie bei der Firma ihre Sperre auf")
        if customer is SPAM:
            staff.keyboard.press("Escape")
            expect(shown).to_have_count(0)
    # What is lifted there is a task no more.
    shown.get_by_role("link", name="Zur Firma").press("Enter")
    expect(staff.locator(f"#contact-{RETURNED.contact}")).to_be_visible()
    staff.keyboard.press("l")
    dialog = staff.get_by_role("dialog", name="Sperre aufheben")
    expect(dialog.get_by_role("status")).to_contain_text("Amazon SES hält E-Mails")
    dialog.get_by_label("Warum?").fill("Postfach war voll")
    dialog.get_by_role("button", name="Sperre aufheben").press("Enter")
    expect(dialog).to_have_count(0)
    assert RETURNED.mailbox not in unreachable(application)
    assert not held_back_at_ses(application, RETURNED.mailbox)
    assert held_back_at_ses(application, SPAM.mailbox)
    staff.go_back()
    expect(rows).to_have_count(len(there) - 1)
    staff.go_back()
    expect(task.locator(".number")).to_have_text(str(len(there) - 1))


def test_what_is_under_way_says_how_far_it_is_and_how_long_it_takes(
    application: Application, staff: Page
) -> None:
    """The newest import and an export, at which a worker goes on between two looks of the page."""
    enter(application, 6, values=usual(6))
    newest = application.staff("GET", "/api/staff/imports?limit=1")["imports"][0]
    looks = {"imports": 0, "exports": 0}

    def on_its_way(route: Route) -> None:
        answer = route.fetch()
        told = answer.json()
        looks["imports"] += 1
        progress = {"done": min(400 + 100 * looks["imports"], 900), "of": 1000}
        told["imports"][0] |= {"state": "running", "progress": progress}
        route.fulfill(response=answer, json=told)

    def gathering(route: Route) -> None:
        answer = route.fetch()
        told = answer.json()
        looks["exports"] += 1
        run = {name: newest[name] for name in ("by", "created_at", "problem", "problem_text")}
        run |= {"id": "export-1", "state": "running", "restartable": False}
        none = {"at": None, "accepted": 0, "refused": 0, "open": 0}
        run |= {"count": 0, "sum": 0, "already_billed": 0, "acknowledged": none}
        told["exports"].insert(
            0, run | {"progress": {"gathered": 30 * looks["exports"], "written": 0}}
        )
        route.fulfill(response=answer, json=told)

    staff.route("**/api/staff/imports?limit=5", on_its_way)
    staff.route("**/api/staff/exports?limit=5", gathering)
    sign_in(staff, application, "admin", "today")
    row = staff.locator(".today-running li", has=staff.locator(f"[id='running-{newest['id']}']"))
    expect(row).to_contain_text(re.compile(r"[5-9]00 von 1\.000, [5-9]0 %"))
    expect(row).to_contain_text(re.compile(r"noch etwa \d+ (Sekunden|min)|noch etwa 1 Sekunde"))
    track = row.get_by_role("img")
    expect(track).to_have_attribute("aria-label", re.compile(r"[5-9]0 %"))
    # The export takes what is released and waits; nobody else has counted that for it.
    taking = staff.locator(".today-running li", has=staff.locator("#running-export-1"))
    waiting = int(staff.locator(".today-turns li.released strong").inner_text())
    expect(taking).to_contain_text(re.compile(r"\d+ von \d+, \d+ %"))
    done, of = re.findall(r"\d+", taking.locator(".number").inner_text())[:2]
    assert int(of) == int(done) + waiting
    assert faults(staff) == []


def after(period: str, months: int) -> str:
    year, month = divmod(int(period[:4]) * 12 + int(period[5:]) - 1 + months, 12)
    return f"{year}-{month + 1:02d}"


MONTHS = [
    *("Januar", "Februar", "März", "April", "Mai", "Juni"),
    *("Juli", "August", "September", "Oktober", "November", "Dezember"),
]


def month_name(period: str) -> str:
    return f"{MONTHS[int(period[5:]) - 1]} {period[:4]}"


def test_the_month_is_turned_in_the_address_and_the_tasks_stay(
    application: Application, staff: Page
) -> None:
    now = application.staff("GET", "/api/staff/statistics")["period"]
    coming, past = after(now, 1), after(now, -1)

    def counted(route: Route) -> None:
        """What the last month's snapshot left behind."""
        answer = route.fetch()
        told = answer.json()
        this = told["this"] or told["before"]
        told["periods"] = sorted({*told["periods"], past}, reverse=True)
        if told["period"] == past and this:
            told["this"] = this | {"period": past, "due": 1200, "done": 900}
        route.fulfill(response=answer, json=told)

    staff.route("**/api/staff/statistics?period=*", counted)
    sign_in(staff, application, "admin", "today")
    chosen = staff.get_by_role("combobox", name="Zeitraum")
    bar = staff.get_by_role("region", name="Stand der fälligen Geräte")
    expect(chosen).to_have_value(now)
    expect(bar).to_contain_text(f"bis Ende {month_name(now)}")

    def to_do() -> list[str]:
        expect(staff.locator(".today-tasks li").first).to_be_visible()
        return staff.locator(".today-tasks li :is(.number, .what)").all_inner_texts()

    before = to_do()

    # The next month has more: all that is due by its end, and its numbers open their lists.
    staff.get_by_role("button", name="Zeitraum danach").press("Enter")
    expect(staff).to_have_url(re.compile(rf"#/today\?period={coming}$"))
    expect(bar).to_contain_text(f"bis Ende {month_name(coming)}")
    link = bar.locator("li.unasked a")
    expect(link).to_have_attribute("href", re.compile(rf"due={coming}-\d\d"))
    meanwhile = to_do()
    assert faults(staff) == []
    assert overflow(staff) == []
    staff.reload()
    expect(chosen).to_have_value(coming)
    expect(bar).to_contain_text(f"bis Ende {month_name(coming)}")
    count = link.locator("strong").inner_text()
    link.press("Enter")
    expect(staff.locator(".grid-row").first).to_be_visible()
    shown = int(staff.get_by_role("grid").get_attribute("aria-rowcount") or 0) - 1
    assert str(shown) == count.replace(".", "")
    staff.go_back()
    expect(chosen).to_have_value(coming)
    staff.go_back()
    expect(chosen).to_have_value(now)
    expect(bar).to_contain_text(f"bis Ende {month_name(now)}")
    # What other tests have entered may come in between.
    assert meanwhile in (before, to_do())

    # A month that is over has its numbers, and no lists: its machines are due for another one by now.
    chosen.select_option(past)
    expect(bar).to_contain_text(f"Geräte fällig im {month_name(past)}")
    expect(bar).to_contain_text("900 gemeldet, 75,0 %")
    expect(bar.locator("li")).to_have_count(0)
    assert to_do()
    assert faults(staff) == []
    bar.get_by_role("link", name="Statistik").press("Enter")
    expect(staff.get_by_role("heading", name="Statistik", level=1)).to_be_visible()
    expect(staff.get_by_role("combobox", name="Zeitraum")).to_have_value(past)
    open_view(staff, "today?period=2026-13")
    expect(chosen).to_have_value(now)


def test_a_failing_server_is_told_and_recovers(staff: Page, application: Application) -> None:
    down = [True]
    staff.route(
        "**/api/staff/problems*", lambda route: route.abort() if down[0] else route.fallback()
    )
    sign_in(staff, application, "admin", "today")
    expect(staff.get_by_role("alert")).to_contain_text("Keine Verbindung")
    # The month itself stands there all the same.
    expect(staff.locator(".today-turns a").first).to_be_visible()
    down[0] = False
    staff.get_by_role("button", name="Erneut").press("Enter")
    expect(staff.get_by_role("heading", name=re.compile("Zu tun"))).to_be_visible()
    expect(staff.get_by_role("alert")).to_have_count(0)


def test_it_is_good_to_look_at_in_any_light_and_width(today: Page) -> None:
    expect(today.locator(".today-runs li").first).to_be_visible()
    for look in each_look(today):
        expect(today.locator(".today-turns a").first).to_be_visible()
        assert faults(today, look) == [], look
    assert overflow(today) == []
