"""Lists that change while somebody works in them: numbers equal their lists, the focus stays, and what was
stored is told even where the next question fails."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest
from playwright.sync_api import Page, Route, expect

from tests.e2e.asking import asked
from tests.e2e.console import another_view, open_view, sign_in
from tests.e2e.customers import Customer, asked_customer, import_of
from tests.support.running import Application

ASKED = Customer(27101, 4, name="Zander Gravur GmbH")
SILENT = Customer(27103, 2, name="Schleie Fotosatz GmbH")
QUIET = Customer(27104, 2, name="Karpfen Druckerei GmbH")
UNASKED = Customer(27102, 3, name="Äsche Werbetechnik GmbH")


@pytest.fixture(scope="session", autouse=True)
def _customers(application: Application) -> None:
    asked_customer(application, ASKED)
    import_of(application, UNASKED)
    for customer in (SILENT, QUIET):
        import_of(application, customer)
        contract = f"7{customer.number}"
        (paper,) = application.staff("GET", f"/api/staff/companies/{customer.number}")["contracts"]
        changes = {"version": paper["version"], "reading_channel": "PHONE"}
        application.staff("PATCH", f"/api/staff/contracts/{contract}", changes)


def conspicuous(application: Application, n: int) -> None:
    """A value far above what is expected, which the customer insists on."""
    path = f"/api/staff/machines/{ASKED.machine(n)}"
    body = {
        "values": {"1": ASKED.last(n, "1") + 90_000},
        "confirm": {"1": "Steht so da."},
        "version": application.staff("GET", path)["version"],
        "channel": "PHONE",
    }
    application.staff("PUT", f"{path}/readings", body)


def first_number(text: str) -> int:
    return int(re.sub(r"\D", "", re.findall(r"[\d.]+", text)[0]))


def test_what_is_to_be_asked_for_is_the_same_number_on_both_pages(
    application: Application, staff: Page
) -> None:
    sign_in(staff, application, "admin", "today")
    task = staff.locator("#task-unasked")
    row = staff.locator("li", has=task)
    expect(row.locator(".number").first).not_to_have_text("0")
    machines = first_number(row.locator("strong.number").inner_text())
    contracts = first_number(row.locator(".of").inner_text())
    task.press("Enter")
    due = staff.locator(".part-due")
    expect(due.locator("strong")).to_have_text(re.compile(rf"^{contracts}$"))
    expect(due).to_contain_text(f"{machines} Geräte")


def test_the_number_of_unusual_machines_opens_exactly_them(
    application: Application, staff: Page
) -> None:
    conspicuous(application, 1)
    sign_in(staff, application, "admin", "today")
    number = staff.locator("#task-conspicuous-list")
    found = (0, -1)
    for _ in range(4):  # What others report may come between the number and the list.
        expect(number).to_be_visible()
        shown = first_number(number.inner_text())
        number.press("Enter")
        expect(staff.get_by_text("mit Wert, über den zu entscheiden ist")).to_be_visible()
        expect(staff.get_by_role("grid")).to_be_visible()
        rows = staff.get_by_role("grid").get_attribute("aria-rowcount")
        found = (shown + 1, int(rows or 0))
        if found[0] == found[1]:
            break
        open_view(staff, "today")
    assert found[0] == found[1]


def test_a_state_of_a_customer_opens_what_is_due_in_the_month(
    application: Application, staff: Page
) -> None:
    sign_in(staff, application, "admin", f"companies/{ASKED.number}")
    link = staff.locator(".month a.state.asked")
    expect(link).to_have_attribute("href", re.compile(r"state=asked&due=2026-11-30&company=27101"))


def test_the_filter_of_deliveries_keeps_the_focus_while_a_round_sends(
    application: Application, staff: Page
) -> None:
    asked(application, str(ASKED.number), ASKED.mailbox)
    rounds = application.staff("GET", "/api/staff/rounds?limit=50")["rounds"]
    number = next(
        one["id"]
        for one in rounds
        if not one["dry_run"]
        and any(
            str(ASKED.number) in mail["company_ids"]
            for mail in application.staff("GET", f"/api/staff/rounds/{one['id']}")["mails"]
        )
    )
    looks: list[str] = []

    def sending(route: Route) -> None:
        answer = route.fetch()
        looks.append(route.request.url)
        route.fulfill(response=answer, json={**answer.json(), "state": "running"})

    staff.route(re.compile(rf"/api/staff/rounds/{number}\?limit=1$"), sending)
    sign_in(staff, application, "remind", f"deliveries/{number}")
    field = staff.get_by_role("searchbox", name="Filtern")
    expect(staff.get_by_role("grid", name="Zustellungen").locator("tbody tr")).to_have_count(1)
    field.focus()
    staff.keyboard.type("zan")
    before = len(looks)
    expect(staff.locator("#deliveries-filter")).to_be_focused()
    while len(looks) < before + 2:
        staff.wait_for_timeout(100)
    expect(field).to_be_focused()
    staff.keyboard.type("der")
    expect(field).to_have_value("zander")
    pill = staff.get_by_role("button", name=re.compile("^Alle"))
    pill.focus()
    before = len(looks)
    while len(looks) < before + 2:
        staff.wait_for_timeout(100)
    expect(pill).to_be_focused()


def test_a_value_taken_by_telephone_is_told_as_stored_where_the_next_question_fails(
    application: Application, staff: Page
) -> None:
    down = [False]
    path = f"**/api/staff/machines/{SILENT.machine(2)}"
    staff.route(path, lambda route: route.abort() if down[0] else route.fallback())
    calls = application.staff("GET", "/api/staff/phone-list?limit=200")["calls"]
    (call,) = [one for one in calls if one["company"]["id"] == str(SILENT.number)]
    place = f"{SILENT.number}~{call['contract']['id']}"
    sign_in(staff, application, "remind", f"phone-list?at={place}")
    side = staff.get_by_role("complementary", name="Anruf und Eingabe")
    side.get_by_role("button", name=f"SN{SILENT.machine(2)}").press("Enter")
    field = side.get_by_role("textbox", name="S/W zuletzt")
    expect(field).to_be_focused()
    field.fill(str(SILENT.now(2, "1")))
    down[0] = True
    field.press("Control+Enter")
    again = side.get_by_role("button", name="Erneut")
    expect(again).to_be_focused()
    expect(side.get_by_role("status")).to_contain_text("Gespeichert: S/W")
    down[0] = False
    again.press("Enter")
    expect(side.get_by_role("textbox", name="Farbe zuletzt")).to_be_visible()
    stored = application.staff("GET", f"/api/staff/machines/{SILENT.machine(2)}")
    assert stored["meters"][0]["period"]["value"] == SILENT.now(2, "1")


def test_an_answer_that_comes_late_does_not_take_the_place_of_the_machine_that_was_chosen(
    application: Application, staff: Page
) -> None:
    held: list[Route] = []
    staff.route(f"**/api/staff/machines/{QUIET.machine(1)}", lambda route: held.append(route))
    calls = application.staff("GET", "/api/staff/phone-list?limit=200")["calls"]
    (call,) = [one for one in calls if one["company"]["id"] == str(QUIET.number)]
    place = f"{QUIET.number}~{call['contract']['id']}"
    sign_in(staff, application, "remind", f"phone-list?at={place}")
    side = staff.get_by_role("complementary", name="Anruf und Eingabe")
    chosen = side.get_by_role("button", name=f"SN{QUIET.machine(2)}")
    chosen.press("Enter")
    field = side.get_by_role("textbox", name="S/W zuletzt")
    expect(field).to_be_focused()
    field.fill(str(QUIET.now(2, "1")))
    assert held, "the first machine was asked for before the second was chosen"
    companies = f"**/api/staff/companies/{QUIET.number}?*"
    with staff.expect_response(companies):
        for one in held:
            one.continue_()
    staff.wait_for_timeout(300)  # the answer is drawn, where it is
    expect(chosen).to_have_attribute("aria-current", "true")
    expect(side.get_by_role("heading", name=f"SN{QUIET.machine(2)}")).to_be_visible()
    expect(field).to_have_value(str(QUIET.now(2, "1")))
    expect(field).to_be_focused()


def test_a_dry_run_is_old_when_somebody_decided_while_it_ran(
    application: Application, staff: Page
) -> None:
    conspicuous(application, 3)
    held: list[bool] = [True]
    looks: list[Any] = []

    def running(route: Route) -> None:
        answer = route.fetch()
        body = answer.json()
        looks.append(body["state"])
        state = "running" if held[0] else body["state"]
        route.fulfill(response=answer, body=json.dumps({**body, "state": state}))

    staff.route(re.compile(r"/api/staff/releases/[^/?]+$"), running)
    sign_in(staff, application, "admin", "review")
    open_view(staff, f"review?at={ASKED.machine(3)}.1.2026-11-28")
    mine = staff.locator(".review-list tbody tr", has_text=f"SN{ASKED.machine(3)}")
    expect(mine).to_have_attribute("aria-selected", "true")
    bar = staff.locator(".review-release")
    bar.get_by_role("button", name="Probelauf").press("Enter")
    expect(bar).to_contain_text("Probelauf: ")
    staff.locator(".review-list").focus()
    staff.keyboard.press("a")
    expect(mine).to_have_count(0)
    held[0] = False
    expect(bar).to_contain_text("Seit dem Probelauf wurde entschieden.")
    expect(bar.get_by_role("button", name=re.compile("freigeben"))).to_have_count(0)


def saved(page: Page, name: str) -> None:
    """A view of the present list, kept under a name."""
    page.get_by_role("button", name="Ansichten").press("Enter")
    page.get_by_label("Name der Ansicht").fill(name)
    page.get_by_role("button", name="Ansicht speichern").press("Enter")
    expect(page.get_by_role("link", name=name, exact=True)).to_be_visible()
    page.keyboard.press("Escape")


def kept_views(application: Application) -> set[str]:
    return {one["name"] for one in application.staff("GET", "/api/staff/views")["views"]}


def until_kept(application: Application, page: Page, wanted: set[str]) -> None:
    for _ in range(100):
        if wanted <= kept_views(application):
            return
        page.wait_for_timeout(100)
    raise AssertionError(kept_views(application))


def test_views_and_columns_follow_the_person_and_no_window_loses_the_other_s(
    application: Application, staff: Page, colleague: Page
) -> None:
    sign_in(staff, application, "admin", "stock/contracts?state=unasked")
    sign_in(colleague, application, "admin", "stock/contracts?channel=PHONE")
    for page in (staff, colleague):
        expect(page.get_by_role("button", name="Ansichten")).to_be_visible()
    saved(staff, "Nicht angefordert")
    until_kept(application, staff, {"Nicht angefordert"})
    saved(colleague, "Anrufe")
    until_kept(application, colleague, {"Nicht angefordert", "Anrufe"})
    for page in (staff, colleague):
        expect(page.get_by_role("columnheader", name="Ort")).to_be_visible()
    staff.get_by_role("button", name="Spalten").press("Enter")
    for shown in (False, True, False):
        staff.get_by_label("Ort", exact=True).set_checked(checked=shown)
        expect(staff.get_by_role("columnheader", name="Ort")).to_have_count(int(shown))
    for _ in range(100):
        columns = application.staff("GET", "/api/staff/views")["columns"]["contracts"]
        if columns.get("city") is False:
            break
        staff.wait_for_timeout(100)
    colleague.reload()
    expect(colleague.get_by_role("columnheader", name="Firma")).to_be_visible()
    expect(colleague.get_by_role("columnheader", name="Ort")).to_have_count(0)
    colleague.get_by_role("button", name="Ansichten").press("Enter")
    with another_view(colleague):
        colleague.get_by_role("link", name="Nicht angefordert").press("Enter")
    expect(colleague).to_have_url(re.compile(r"#/stock/contracts\?state=unasked"))
    colleague.get_by_role("button", name="Spalten").press("Enter")
    colleague.get_by_role("button", name="Zurücksetzen").press("Enter")
    expect(colleague.get_by_role("columnheader", name="Ort")).to_be_visible()


def test_what_a_browser_kept_before_is_taken_over_once(
    application: Application, staff: Page
) -> None:
    sign_in(staff, application, "admin", "today")
    person = next(
        one["id"]
        for one in application.staff("GET", "/api/staff/people")["people"]
        if one["email"] == application.account("admin")["username"]
    )
    staff.evaluate(
        "([name, kept]) => localStorage.setItem(name, kept)",
        [
            f"meterportal.stock.views/{person}/machines",
            json.dumps({"Von früher": "#/stock/machines?state=partly"}),
        ],
    )
    open_view(staff, "stock/machines")
    until_kept(application, staff, {"Von früher"})
    left = "Object.keys(localStorage).filter((one) => one.includes('stock.views/'))"
    expect(staff.get_by_role("button", name="Ansichten")).to_be_visible()
    for _ in range(300):  # the page's policy lets nothing wait inside it
        if not staff.evaluate(left):
            break
        staff.wait_for_timeout(100)
    assert staff.evaluate(left) == []


def test_a_view_that_is_refused_is_said_and_stands_there_no_more(
    application: Application, staff: Page
) -> None:
    sign_in(staff, application, "admin", f"stock/contracts?q={'x' * 900}")
    staff.get_by_role("button", name="Ansichten").press("Enter")
    staff.get_by_label("Name der Ansicht").fill("Zu lang")
    staff.get_by_role("button", name="Ansicht speichern").press("Enter")
    expect(staff.get_by_role("alert")).to_be_visible()
    staff.keyboard.press("Escape")
    staff.get_by_role("button", name="Ansichten").press("Enter")
    expect(staff.get_by_role("link", name="Zu lang")).to_have_count(0)


def test_a_whole_list_is_chosen_by_its_filter_without_what_was_taken_out(
    application: Application, staff: Page
) -> None:
    # What was changed before has reached the rows: else a contract leaves the list while it is chosen.
    sign_in(staff, application, "admin", "stock/contracts?channel=PHONE&q=schleie")
    expect(staff.get_by_role("row", name=re.compile(SILENT.name))).to_be_visible()
    open_view(staff, "stock/contracts?channel=PHONE&q=karpfen")
    expect(staff.get_by_role("row", name=re.compile(QUIET.name))).to_be_visible()
    open_view(staff, "stock/contracts?channel=PORTAL")
    expect(staff.locator(".grid-row").nth(3)).to_be_visible()
    total = int(staff.get_by_role("grid").get_attribute("aria-rowcount") or 0) - 1
    staff.get_by_role("grid").focus()
    staff.keyboard.press("Control+a")
    bar = staff.get_by_role("region", name="Aktionen")
    expect(bar).to_contain_text(f"{total} Verträge")
    staff.keyboard.press("Home")
    staff.keyboard.press("Space")
    expect(bar).to_contain_text(f"{total - 1} Verträge")
    with staff.expect_request("**/api/staff/rounds") as sent:
        bar.get_by_role("button", name=re.compile("anfordern", re.IGNORECASE)).press("Enter")
    body = json.loads(sent.value.post_data or "")
    assert body["due_or_not"] is True
    assert body["selection"]["filter"]["reading_channels"] == ["PORTAL"]
    (taken_out,) = body["selection"]["except"]
    expect(staff).to_have_url(re.compile(r"#/(rounds|sending)/"))
    number = staff.url.rsplit("/", 1)[1].split("?")[0]
    for _ in range(300):
        planned = application.staff("GET", f"/api/staff/rounds/{number}?limit=2000")
        if planned["state"] == "done":
            break
        staff.wait_for_timeout(200)
    assert planned["state"] == "done"
    meant = {one for mail in planned["mails"] for one in mail["contract_ids"]}
    meant |= {one["contract_id"] for one in planned["left_out"]}
    assert taken_out not in meant
    assert len(meant) == total - 1
