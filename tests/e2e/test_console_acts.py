"""What staff do about counters that are final: each act to its end, and what the API tells after it."""

from __future__ import annotations

import re
import time
from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Locator, Page, Route, expect

from tests.e2e.asking import PATIENCE
from tests.e2e.console import sign_in
from tests.e2e.customers import Customer, asked_customer, import_of
from tests.e2e.sight import each_look, faults, overflow
from tests.support.running import Application

CUSTOMER = Customer(29901, 9, name="Kranich Verlag GmbH", due="20.11.2026")
"""Its machines, one for each test; they are due, and nobody reported in time."""
WITHDRAWN, CORRECTED, RESET, STALE, SEEN, HIDDEN, ESTIMATED, REPORTED, LOOKED_AT = range(1, 10)
OFTEN = Customer(29902, 3, name="Storch Optik GmbH", due="20.11.2026", guessed=2)
"""Estimated twice in a row already, and due again."""
REASON = "Verlesen, laut Frau Schäfer"


@pytest.fixture(scope="module", autouse=True)
def _customer(application: Application) -> Iterator[None]:
    """Nothing of it waits in the end: the next export is another test's own."""
    asked_customer(application, CUSTOMER)
    import_of(application, OFTEN)
    yield
    exported(application)


def path(n: int, customer: Customer = CUSTOMER) -> str:
    return f"/api/staff/machines/{customer.machine(n)}"


def there(application: Application, n: int, customer: Customer = CUSTOMER) -> dict[str, Any]:
    machine: dict[str, Any] = application.staff("GET", path(n, customer))
    return machine


def black(application: Application, n: int, customer: Customer = CUSTOMER) -> dict[str, Any]:
    """The black and white counter's value of the period."""
    value: dict[str, Any] = there(application, n, customer)["meters"][0]["period"]
    return value


def released(application: Application, n: int) -> None:
    """The black and white counter, by a colleague."""
    version = there(application, n)["version"]
    body = {"values": {"1": CUSTOMER.now(n, "1")}, "version": version, "channel": "PHONE"}
    application.staff("PUT", f"{path(n)}/readings", body)
    listed = application.staff(
        "GET", f"/api/staff/readings?bucket=reported&company_id={CUSTOMER.number}"
    )
    (machine,) = (one for one in listed["machines"] if one["id"] == CUSTOMER.machine(n))
    number = machine["readings"][0]["id"]
    decision = {"reason": "Abrechnung vorgezogen", "version": machine["version"]}
    application.staff("POST", f"/api/staff/readings/{number}/release", decision)


def exported(application: Application) -> None:
    run = application.staff("POST", "/api/staff/exports", {})
    end = time.monotonic() + PATIENCE
    while application.staff("GET", f"/api/staff/exports/{run['id']}")["state"] != "done":
        assert time.monotonic() < end, "the export is not done"
        time.sleep(0.2)


def opened(
    page: Page,
    application: Application,
    n: int,
    group: str = "release",
    customer: Customer = CUSTOMER,
) -> Page:
    sign_in(page, application, group, f"machines/{customer.machine(n)}")
    expect(page.get_by_role("heading", level=1)).to_have_text(f"SN{customer.machine(n)}")
    return page


def asked(page: Page, button: str) -> Locator:
    """The dialog behind a button of the page."""
    page.get_by_role("button", name=re.compile(f"^{button}")).press("Enter")
    dialog = page.get_by_role("dialog")
    expect(dialog).to_be_visible()
    assert faults(page) == []
    return dialog


def go(dialog: Locator, button: str) -> None:
    dialog.get_by_role("button", name=button, exact=True).press("Enter")


def newest(page: Page) -> Locator:
    return page.get_by_role("table", name="Zählerstände").get_by_role("row").nth(1)


def de(number: int) -> str:
    return f"{number:,}".replace(",", ".")


def test_a_release_is_withdrawn_and_waits_again(application: Application, staff: Page) -> None:
    released(application, WITHDRAWN)
    opened(staff, application, WITHDRAWN)
    expect(newest(staff)).to_contain_text("freigegeben")
    dialog = asked(staff, "Freigabe zurücknehmen …")
    expect(dialog).to_contain_text(f"S/W {de(CUSTOMER.now(WITHDRAWN, '1'))}")
    go(dialog, "Freigabe zurücknehmen")
    expect(dialog, "without a reason nothing happens").to_be_visible()
    assert black(application, WITHDRAWN)["state"] == "released"
    dialog.get_by_label("Begründung").fill(REASON)
    go(dialog, "Freigabe zurücknehmen")
    told = staff.locator(".box.good")
    expect(told).to_contain_text("Freigabe zurückgenommen: S/W")
    expect(told).to_be_focused()
    expect(newest(staff)).to_contain_text("gemeldet")
    expect(staff.get_by_role("button", name=re.compile("^Freigabe zurück"))).to_have_count(0)
    assert black(application, WITHDRAWN)["state"] == "reported"
    entry = application.staff("GET", f"/api/staff/audit?machine_id={CUSTOMER.machine(WITHDRAWN)}")
    assert entry["entries"][0]["action"] == "release_withdrawn"


def test_an_exported_value_is_corrected(application: Application, staff: Page) -> None:
    released(application, CORRECTED)
    exported(application)
    opened(staff, application, CORRECTED)
    wrong = CUSTOMER.now(CORRECTED, "1")
    dialog = asked(staff, "berichtigen …")
    dialog.get_by_label("Richtiger Stand").fill(de(wrong))
    dialog.get_by_label("Begründung").fill(REASON)
    go(dialog, "Berichtigen")
    expect(dialog.get_by_role("alert")).to_contain_text("derselbe wie der bisherige")
    expect(dialog.get_by_role("button", name="Neuen Stand ansehen")).to_have_count(0)
    dialog.get_by_label("Richtiger Stand").fill(de(wrong + 50))
    go(dialog, "Berichtigen")
    told = staff.locator(".box.good")
    expect(told).to_have_text(f"Berichtigt: S/W {de(wrong + 50)} statt {de(wrong)}")
    expect(newest(staff)).to_contain_text(de(wrong + 50))
    value = black(application, CORRECTED)
    assert (value["value"], value["state"]) == (wrong + 50, "released")
    (now,) = there(application, CORRECTED)["released"]
    assert now["id"].endswith("~3")
    assert not now["exported"]
    exported(application)
    (now,) = there(application, CORRECTED)["released"]
    assert now["exported"]


def test_a_board_swap_is_entered(application: Application, staff: Page) -> None:
    opened(staff, application, RESET)
    last = CUSTOMER.last(RESET, "2")
    dialog = asked(staff, "Zähler zurückgesetzt …")
    dialog.get_by_label("Zähler", exact=True).select_option("Farbe")
    expect(dialog).to_contain_text(f"zuletzt {de(last)} am 28.08.2026")
    dialog.get_by_label("Endstand des alten Zählers").fill(de(last - 100))
    dialog.get_by_label("Anfangsstand des neuen Zählers").fill("12")
    dialog.get_by_label("Tag des Tauschs").fill("2026-10-05")
    go(dialog, "Eintragen")
    expect(dialog.get_by_role("alert")).to_contain_text("niedriger als der letzte Zählerstand")
    dialog.get_by_label("Endstand des alten Zählers").fill(de(last + 100))
    go(dialog, "Eintragen")
    expect(staff.locator(".box.good")).to_have_text("Eingetragen: Farbe zählt weiter ab 12")
    expect(newest(staff)).to_contain_text(f"alt {de(last + 100)}, neu ab 12")
    row = there(application, RESET)["meters"][1]["history"][0]
    assert (row["value"], row["read_on"], row["usage"]) == (12, "2026-10-05", 100)
    assert row["reset"] == {"end": last + 100, "start": 12}


def test_who_comes_too_late_sees_the_newer_state(application: Application, staff: Page) -> None:
    released(application, STALE)
    opened(staff, application, STALE)
    dialog = asked(staff, "Freigabe zurücknehmen …")
    body = {"values": {"2": CUSTOMER.now(STALE, "2")}, "channel": "PHONE"}
    version = there(application, STALE)["version"]
    application.staff("PUT", f"{path(STALE)}/readings", {**body, "version": version})
    dialog.get_by_label("Begründung").fill(REASON)
    go(dialog, "Freigabe zurücknehmen")
    expect(dialog.get_by_role("alert")).to_contain_text("inzwischen geändert")
    differs = dialog.locator("table.newer").get_by_role("row")
    theirs = differs.filter(has_text="Farbe").locator("th, td")
    expect(theirs.nth(1)).to_contain_text(f"{de(CUSTOMER.now(STALE, '2'))} am ")
    expect(theirs.nth(1)).to_contain_text(re.compile("anna", re.IGNORECASE))
    expect(theirs.nth(2)).to_have_text("–")
    same = differs.filter(has_text="S/W").locator("th, td")
    expect(same.nth(2)).to_have_text(de(CUSTOMER.now(STALE, "1")))
    assert faults(staff) == []
    assert black(application, STALE)["state"] == "released"
    go(dialog, "Neuen Stand ansehen")
    expect(dialog).to_have_count(0)
    expect(newest(staff)).to_contain_text(de(CUSTOMER.now(STALE, "2")))
    dialog = asked(staff, "Freigabe zurücknehmen …")
    dialog.get_by_label("Begründung").fill(REASON)
    go(dialog, "Freigabe zurücknehmen")
    expect(staff.locator(".box.good")).to_be_visible()
    assert black(application, STALE)["state"] == "reported"


@pytest.mark.parametrize("group", ["read", "remind"])
def test_who_may_not_release_is_offered_none_of_it(
    application: Application, staff: Page, group: str
) -> None:
    opened(staff, application, HIDDEN, group)
    expect(staff.get_by_role("heading", name="Zählerstände")).to_be_visible()
    expect(staff.get_by_role("heading", name="Berichtigen")).to_have_count(0)
    expect(staff.get_by_role("button", name="Zähler zurückgesetzt …")).to_have_count(0)
    expect(staff.get_by_role("button", name="Schätzen …")).to_have_count(0)


def test_the_acts_are_accessible_in_every_look(application: Application, staff: Page) -> None:
    released(application, SEEN)
    opened(staff, application, SEEN)
    for look in each_look(staff):
        expect(staff.locator(".acts li")).to_be_visible()
        assert faults(staff, look) == [], look
    assert overflow(staff) == []
    dialog = asked(staff, "Zähler zurückgesetzt …")
    assert overflow(staff) == []
    staff.keyboard.press("Escape")
    expect(dialog).to_have_count(0)


def test_a_missing_value_is_estimated_on_the_machine_s_page(
    application: Application, staff: Page
) -> None:
    page = opened(staff, application, 1, customer=OFTEN)
    dialog = asked(page, "Schätzen …")
    row = dialog.get_by_role("row").filter(has_text="S/W")
    # 3,000 pages in 92 days of the only quarter that is not estimated, 84 days since.
    value = OFTEN.last(1, "1") + round(84 * 3_000 / 92)
    cells = row.get_by_role("cell")
    expect(cells.nth(0)).to_contain_text(f"zuletzt {de(OFTEN.last(1, '1'))} am 28.08.2026")
    expect(cells.nth(1)).to_have_text("84")
    expect(cells.nth(2)).to_have_text("32,61")
    expect(cells.nth(3)).to_have_text(f"{de(value)} zum dritten Mal in Folge")
    assert overflow(page) == []
    assert black(application, 1, OFTEN)["value"] is None, "until now nothing is stored"
    go(dialog, "Schätzen")
    told = page.locator(".box.good")
    expect(told).to_contain_text(f"Geschätzt: S/W {de(value)}, Farbe ")
    expect(told).to_be_focused()
    expect(newest(page)).to_contain_text("Schätzung")
    expect(page.get_by_role("button", name="Schätzen …")).to_have_count(0)
    now = black(application, 1, OFTEN)
    assert (now["value"], now["state"]) == (value, "reported")
    said = application.staff("GET", f"/api/staff/audit?machine_id={OFTEN.machine(1)}")
    assert said["entries"][0]["action"] == "readings_estimated"


def test_who_estimates_too_late_sees_the_newer_state(application: Application, staff: Page) -> None:
    page = opened(staff, application, 2, customer=OFTEN)
    dialog = asked(page, "Schätzen …")
    value = OFTEN.now(2, "1")
    body = {"values": {"1": value}, "version": there(application, 2, OFTEN)["version"]}
    application.staff("PUT", f"{path(2, OFTEN)}/readings", body | {"channel": "PHONE"})
    go(dialog, "Schätzen")
    expect(dialog.get_by_role("alert")).to_have_text(f"SN{OFTEN.machine(2)}: inzwischen geändert")
    assert black(application, 2, OFTEN)["value"] == value
    go(dialog, "Neuen Stand ansehen")
    expect(dialog).to_have_count(0)
    expect(newest(page)).to_contain_text(de(value))
    # The colour counter is missing still: it alone is proposed.
    dialog = asked(page, "Schätzen …")
    expect(dialog.get_by_role("row")).to_have_count(2)
    go(dialog, "Schätzen")
    expect(page.locator(".box.good")).to_contain_text("Geschätzt: Farbe ")
    assert black(application, 2, OFTEN)["value"] == value


def test_a_page_that_is_old_says_so_before_anything_is_proposed(
    application: Application, staff: Page
) -> None:
    page = opened(staff, application, 3, customer=OFTEN)
    body = {"values": {m: OFTEN.now(3, m) for m in "12"}, "channel": "PHONE"}
    version = there(application, 3, OFTEN)["version"]
    application.staff("PUT", f"{path(3, OFTEN)}/readings", body | {"version": version})
    page.get_by_role("button", name="Schätzen …").press("Enter")
    expect(page.get_by_role("alert")).to_contain_text("inzwischen geändert")
    page.get_by_role("button", name="Neuen Stand ansehen").press("Enter")
    expect(newest(page)).to_contain_text(de(OFTEN.now(3, "1")))
    expect(page.get_by_role("button", name="Schätzen …")).to_have_count(0)


def estimates(page: Page, application: Application, n: int) -> Page:
    """The view with the row of a machine, however far down."""
    sign_in(page, application, "release", "estimates")
    until(page, n)
    return page


def until(page: Page, n: int) -> None:
    expect(page.get_by_role("table", name="Zu schätzen")).to_be_visible()
    while not proposal(page, n).count():
        seen = page.get_by_role("row").count()
        page.get_by_role("button", name="Mehr laden").press("Enter")
        expect(page.get_by_role("row").nth(seen)).to_be_attached()


def proposal(page: Page, n: int) -> Locator:
    return page.get_by_role("row").filter(has_text=f"SN{CUSTOMER.machine(n)}")


def test_what_is_missing_is_estimated_by_choice(application: Application, staff: Page) -> None:
    page = estimates(staff, application, REPORTED)
    views = page.get_by_role("navigation", name="Ansichten")
    expect(views.get_by_role("link", name="Zu schätzen")).to_have_attribute("aria-current", "page")
    page.get_by_role("button", name="0 schätzen").press("Enter")
    expect(page.get_by_role("alert")).to_contain_text("wählen Sie zuerst")
    row = proposal(page, ESTIMATED)
    expect(row).to_contain_text(CUSTOMER.name)
    expect(row).to_contain_text(f"{de(CUSTOMER.last(ESTIMATED, '1'))} am 28.08.2026")
    shown = row.locator("strong").first.inner_text()
    for n in (ESTIMATED, REPORTED):
        page.get_by_label(f"SN{CUSTOMER.machine(n)} auswählen").press("Space")
    assert black(application, ESTIMATED)["value"] is None, "until now nothing is stored"
    version = there(application, REPORTED)["version"]
    body = {"values": {"1": CUSTOMER.now(REPORTED, "1")}, "version": version, "channel": "PHONE"}
    application.staff("PUT", f"{path(REPORTED)}/readings", body)
    page.get_by_role("button", name="2 schätzen").press("Enter")
    told = page.locator(".box.warn")
    expect(told).to_contain_text("1 Gerät geschätzt.")
    expect(told).to_contain_text(f"SN{CUSTOMER.machine(REPORTED)}: inzwischen geändert")
    expect(told).to_be_focused()
    until(page, REPORTED)
    expect(proposal(page, ESTIMATED)).to_have_count(0)
    expect(page.get_by_role("button", name="0 schätzen")).to_be_visible()
    value = black(application, ESTIMATED)
    assert (de(value["value"]), value["state"]) == (shown, "reported")
    newest_ = there(application, ESTIMATED)["meters"][0]["history"][0]
    assert newest_["channel"] == "ESTIMATE"
    assert black(application, REPORTED)["value"] == CUSTOMER.now(REPORTED, "1")


def test_the_list_of_estimates_says_where_to_look_closer(
    application: Application, staff: Page
) -> None:
    def third(route: Route) -> None:
        answer = route.fetch()
        told = answer.json()
        for machine in told["machines"]:
            for one in machine["estimates"]:
                one |= {"in_a_row": 3, "look_closer": True}
        route.fulfill(response=answer, json=told)

    staff.route("**/api/staff/estimates", third)
    page = estimates(staff, application, LOOKED_AT)
    expect(proposal(page, LOOKED_AT)).to_contain_text("zum dritten Mal in Folge")
    proposal(page, LOOKED_AT).get_by_role("link").press("Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text(f"SN{CUSTOMER.machine(LOOKED_AT)}")


def test_the_estimates_are_accessible_in_every_look(application: Application, staff: Page) -> None:
    sign_in(staff, application, "release", "estimates")
    for look in each_look(staff):
        expect(staff.locator(".list table")).to_be_visible()
        assert faults(staff, look) == [], look
    assert overflow(staff) == []


def test_estimates_are_not_offered_to_who_may_not_release(
    application: Application, staff: Page
) -> None:
    sign_in(staff, application, "read", "estimates")
    expect(staff.get_by_text("Dafür fehlt Ihnen das Recht „Freigeben“.")).to_be_visible()
    expect(staff.get_by_role("button", name=re.compile("schätzen"))).to_have_count(0)
