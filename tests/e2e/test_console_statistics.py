"""The whole bar of a month and its statistics: what people do moves a machine on, and is counted."""

from __future__ import annotations

import re
import time
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.asking import BUILT, asked, enter
from tests.e2e.console import open_view, sign_in
from tests.e2e.customers import Customer, asked_customer
from tests.e2e.sight import each_look, faults, overflow
from tests.support.running import Application

CUSTOMER = Customer(28801, 9, name="Silberreiher Druck GmbH")
EARLIER = Customer(28802, 3, name="Rohrdommel Kopie GmbH", due="20.10.2026")
"""Due a month before the application's today."""
HALF, *WHOLE = range(1, 10)
STATES = [
    "unasked",
    "asked",
    "opened",
    "partly",
    "complete",
    "conspicuous",
    "released",
    "exported",
    "billed",
]


@pytest.fixture(scope="session", autouse=True)
def _customers(application: Application) -> None:
    asked_customer(application, CUSTOMER)
    asked_customer(application, EARLIER)


def path(n: int, customer: Customer = CUSTOMER) -> str:
    return f"/api/staff/machines/{customer.machine(n)}"


def untouched(application: Application) -> int:
    """A machine of which nothing was reported: a second try of a test takes another one."""
    for n in WHOLE:
        meters = application.staff("GET", path(n))["meters"]
        if all(one["period"]["value"] is None for one in meters):
            return n
    raise AssertionError("all machines have values")


def report(application: Application, n: int, *meters: str, customer: Customer = CUSTOMER) -> None:
    version = application.staff("GET", path(n, customer))["version"]
    values = {meter: customer.now(n, meter) for meter in meters}
    body = {"version": version, "channel": "PHONE", "values": values}
    application.staff("PUT", f"{path(n, customer)}/readings", body)


def release(application: Application, n: int) -> None:
    version = application.staff("GET", path(n))["version"]
    selection = {"ids": [CUSTOMER.machine(n)], "versions": {CUSTOMER.machine(n): version}}
    done(application, "releases", {"selection": selection, "dry_run": False})


def done(application: Application, kind: str, body: dict[str, Any]) -> str:
    """Start a run, wait for its end."""
    number: str = application.staff("POST", f"/api/staff/{kind}", body)["id"]
    end = time.monotonic() + 120
    while time.monotonic() < end:
        run = application.staff("GET", f"/api/staff/{kind}/{number}")
        if run["state"] == "done":
            return number
        assert run["state"] == "running", run
        time.sleep(0.3)
    raise AssertionError(f"{kind} {number} is not done")


def counted(application: Application) -> Any:
    """The month's statistics as counted from now on."""
    before = statistics(application)["this"] or {"counted_at": ""}
    application.staff("POST", "/api/staff/portfolio", {})
    end = time.monotonic() + 120
    while time.monotonic() < end:
        found = statistics(application)
        if found["this"] and found["this"]["counted_at"] > before["counted_at"]:
            return found["this"]
        time.sleep(0.3)
    raise AssertionError("nothing was counted")


def statistics(application: Application) -> Any:
    return application.staff("GET", "/api/staff/statistics")


def of_company(application: Application, customer: Customer, period: str) -> Any:
    found = application.staff("GET", f"/api/staff/statistics/companies?period={period}&limit=500")
    (row,) = (one for one in found["companies"] if one["company"]["id"] == str(customer.number))
    return row


def test_a_machine_goes_through_the_whole_bar_while_the_list_is_open(
    staff: Page, contact: Page, application: Application
) -> None:
    moved = untouched(application)
    sign_in(staff, application, "admin", f"stock/machines?company={CUSTOMER.number}")
    row = staff.locator(".grid-row:not([hidden])", has_text=f"SN{CUSTOMER.machine(moved)}")

    def stands(words: str) -> None:
        expect(row.locator(".state")).to_have_text(words)

    expect(row.locator(".state")).to_have_text(re.compile("angefordert|geöffnet"))
    enter(contact, asked(application, str(CUSTOMER.number), CUSTOMER.mailbox))
    stands("geöffnet")
    expect(staff.locator(".grid-row .state.asked:visible")).to_have_count(0)
    report(application, moved, "1")
    stands("teilweise")
    report(application, moved, "2")
    stands("vollständig")
    release(application, moved)
    stands("freigegeben")
    export = done(application, "exports", {})
    stands("exportiert")
    staff.reload()
    stands("exportiert")
    application.staff("POST", f"/api/staff/exports/{export}/ack", {"accepted": "all"})
    stands("berechnet")
    # The condition that a chip offers finds exactly it.
    staff.get_by_role("button", name="+ Bedingung").press("Enter")
    staff.get_by_role("checkbox", name=re.compile("exportiert")).check()
    expect(row.locator("visible=true")).to_have_count(0)
    staff.get_by_role("checkbox", name=re.compile("berechnet")).check()
    stands("berechnet")
    expect(staff.locator(".grid-row .state.opened:visible")).to_have_count(0)


def test_every_number_of_the_bar_opens_exactly_its_list(
    staff: Page, application: Application
) -> None:
    report(application, HALF, "1")
    report(application, untouched(application), "1", "2")
    sign_in(staff, application, "read", "today")
    expect(staff.locator(".today-turns li")).to_have_count(len(STATES))
    expect(staff.locator(".today-turns li.partly strong")).not_to_have_text("0")
    seen = 0
    for state in STATES:
        number = staff.locator(f".today-turns li.{state} strong").inner_text().replace(".", "")
        staff.locator(f".today-turns li.{state} a").press("Enter")
        if number == "0":
            expect(staff.get_by_text("Kein Gerät passt")).to_be_visible()
        else:
            grid = staff.get_by_role("grid")
            expect(grid).to_have_attribute("aria-rowcount", str(int(number) + 1))
            expect(staff.locator(f".grid-row .state.{state}").first).to_be_visible()
            seen += 1
        staff.go_back()
        expect(staff.locator(".today-turns li")).to_have_count(len(STATES))
    assert seen >= 4


def test_the_month_s_statistics_say_what_the_api_counts(
    staff: Page, application: Application, tmp_path: Path
) -> None:
    report(application, untouched(application), "1", "2")
    month = counted(application)
    assert month["channels"]
    sign_in(staff, application, "read", "statistics")
    response = month["response"]
    share = f"{100 * response['reported'] / response['machines']:.1f} %".replace(".", ",")
    figure = staff.locator(".statistics-figures div").first
    expect(figure).to_contain_text(share)
    expect(figure).to_contain_text(f"von {response['machines']:,}".replace(",", "."))
    rounds = staff.get_by_role("region", name="Rücklauf nach Runde")
    expect(rounds.locator("tbody tr")).to_have_count(len(month["rounds"]))

    def file(table: str) -> list[str]:
        with staff.expect_download() as saved:
            staff.get_by_role("button", name=f"„{table}“ als CSV speichern").press("Enter")
        target = tmp_path / saved.value.suggested_filename
        saved.value.save_as(target)
        return target.read_text(encoding="utf-8-sig").splitlines()

    head, *lines = file("Rücklauf nach Runde")
    assert head.startswith("Runde;E-Mails;Geräte;geöffnet;gemeldet;Rücklauf;Tage (Median)")
    assert [line.split(";")[2] for line in lines] == [
        str(one["response"]["machines"]) for one in month["rounds"]
    ]
    told = of_company(application, CUSTOMER, "2026-11")
    (mine,) = (line for line in file("Rücklauf nach Firma") if line.startswith("28801;"))
    assert mine.split(";")[1:5] == [CUSTOMER.name, "9", str(told["done"]), "9"]
    assert len(file("Meldung durch")) == len(month["channels"]) + 1


def estimate(application: Application, n: int) -> None:
    version = application.staff("GET", path(n))["version"]
    body = {"versions": {CUSTOMER.machine(n): version}, "dry_run": False}
    application.staff("POST", "/api/staff/estimates", body)


@pytest.mark.parametrize("table", ["Schätzungen in Folge", "Meldung durch"])
def test_what_a_chart_shows_is_the_same_as_bars_as_a_table_and_in_a_file(
    staff: Page, application: Application, tmp_path: Path, table: str
) -> None:
    if table == "Meldung durch":
        report(application, untouched(application), "1", "2")
    else:
        estimate(application, untouched(application))
    month = counted(application)
    names = {"once": "eine", "twice": "zwei", "more": "drei oder mehr"}
    if table == "Meldung durch":
        numbers, whole = [one["machines"] for one in month["channels"]], month["done"]
        assert "PHONE" in [one["channel"] for one in month["channels"]]
    else:
        numbers, whole = [month["estimates"][key] for key in names], month["due"]
        assert numbers[0] >= 1
    shares = [f"{100 * number / whole:.1f} %".replace(".", ",") for number in numbers]

    sign_in(staff, application, "read", "statistics")
    panel = staff.get_by_role("region", name=table)
    bars = panel.locator(".bars rect")
    expect(bars).to_have_count(len(numbers))
    widths = bars.evaluate_all("all => all.map((one) => Number(one.getAttribute('width')))")
    longest = max(widths)
    assert widths == pytest.approx([longest * number / max(numbers) for number in numbers])
    values = [f"{number} · {share}" for number, share in zip(numbers, shares, strict=True)]
    expect(panel.locator(".bars text.value")).to_have_text(values)
    said = panel.get_by_role("img").get_attribute("aria-label") or ""
    if table == "Schätzungen in Folge":
        assert said == ", ".join(
            f"{name}: {number}" for name, number in zip(names.values(), numbers, strict=True)
        )

    rows = panel.get_by_role("table", name=table).locator("tbody tr")
    expect(rows.first).not_to_be_visible()
    panel.get_by_text("als Tabelle").press("Enter")
    shown = [row.locator("td").all_inner_texts() for row in rows.all()]
    assert [row[1:] for row in shown] == [
        [str(number), share] for number, share in zip(numbers, shares, strict=True)
    ]
    assert said == ", ".join(f"{row[0]}: {row[1]}" for row in shown)

    with staff.expect_download() as saved:
        staff.get_by_role("button", name=f"„{table}“ als CSV speichern").press("Enter")
    file = tmp_path / saved.value.suggested_filename
    saved.value.save_as(file)
    head, *lines = file.read_text(encoding="utf-8-sig").splitlines()
    assert head.endswith(";Geräte;Anteil")
    assert [line.split(";") for line in lines] == shown


def test_a_count_that_is_asked_for_brings_what_came_since(
    staff: Page, application: Application
) -> None:
    counted(application)
    before = of_company(application, CUSTOMER, "2026-11")["done"]
    sign_in(staff, application, "read", "statistics")
    figures = staff.locator(".statistics-figures")
    expect(figures).to_be_visible()
    was = statistics(application)["this"]["done"]
    report(application, untouched(application), "1", "2")
    staff.get_by_role("button", name="Neu zählen").press("Enter")
    expect(figures).to_contain_text(f"{was + 1} von", timeout=BUILT)
    assert of_company(application, CUSTOMER, "2026-11")["done"] == before + 1


def test_months_are_turned_by_address_and_the_one_before_stands_beside(
    staff: Page, application: Application
) -> None:
    report(application, 1, "1", "2", customer=EARLIER)
    counted(application)
    sign_in(staff, application, "read", "statistics")
    expect(staff.get_by_role("heading", name="Rücklauf gegen Oktober")).to_be_visible()
    expect(staff.locator(".curve polyline")).to_have_count(2)
    staff.get_by_role("button", name="Zeitraum davor").press("Enter")
    expect(staff.get_by_label("Zeitraum", exact=True)).to_have_value("2026-10")
    row = staff.locator("tbody tr", has_text=EARLIER.name)
    expect(row).to_contain_text("33,3 %")
    staff.reload()
    expect(row).to_be_visible()
    staff.go_back()
    expect(staff.get_by_label("Zeitraum", exact=True)).to_have_value("2026-11")
    open_view(staff, "statistics?period=2026-02")
    expect(staff.locator("main")).to_contain_text("Für Februar 2026 ist noch nichts gezählt")


def test_statistics_that_do_not_come_are_told_and_come_again(
    staff: Page, application: Application
) -> None:
    counted(application)
    down = [True]
    staff.route(
        re.compile("/api/staff/statistics"),
        lambda route: route.abort() if down[0] else route.fallback(),
    )
    sign_in(staff, application, "read", "today")
    expect(staff.get_by_role("alert")).to_contain_text("Keine Verbindung")
    expect(staff.locator(".today-turns a").first).to_be_visible()
    open_view(staff, "statistics")
    expect(staff.get_by_role("alert")).to_contain_text("Keine Verbindung")
    down[0] = False
    staff.get_by_role("button", name="Erneut").press("Enter")
    expect(staff.locator(".statistics-figures")).to_be_visible()
    expect(staff.get_by_role("alert")).to_have_count(0)
    staff.reload()
    expect(staff.locator(".statistics-figures")).to_be_visible()


def test_today_tells_of_what_tasks_consist_and_since_when(
    staff: Page, application: Application
) -> None:
    report(application, untouched(application), "1", "2")
    counted(application)
    sign_in(staff, application, "admin", "today")
    expect(staff.get_by_role("heading", name="Rücklauf nach Runde")).to_be_visible()
    expect(staff.locator(".today .curve")).to_be_visible()
    task = staff.locator(".today-tasks li", has_text="Geräte ohne Befund freigeben")
    expect(task).to_contain_text(re.compile("in [0-9.]+ Vertr"))
    expect(task).to_contain_text(re.compile("seit"))
    number = task.locator("a.number").inner_text().replace(".", "")
    task.locator("a.number").press("Enter")
    expect(staff.get_by_role("grid")).to_have_attribute("aria-rowcount", str(int(number) + 1))
    staff.go_back()
    ways = staff.locator(".today-tasks a.way")
    ways.first.focus()
    staff.keyboard.press("ArrowDown")
    expect(ways.nth(1)).to_be_focused()
    staff.keyboard.press("ArrowUp")
    expect(ways.first).to_be_focused()


def test_statistics_are_good_to_look_at_in_any_light_and_width(
    staff: Page, application: Application
) -> None:
    counted(application)
    sign_in(staff, application, "read", "statistics")
    for look in each_look(staff):
        expect(staff.locator(".statistics tbody tr:visible").first).to_be_visible()
        expect(staff.locator(".bars").first).to_be_visible()
        assert faults(staff, look) == [], look
    assert overflow(staff) == []
