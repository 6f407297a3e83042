"""What a contact does in the page, carried to its end, and what stands on the other side afterwards:
the lists of the staff, the mails that were sent, the API in its own words."""

from __future__ import annotations

import io
import re
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from playwright.sync_api import Locator, Page, expect

from tests.e2e.asking import enter, of_day, says_right, speak, way
from tests.e2e.customers import Customer, asked_customer
from tests.e2e.test_reminders import mails, post, until
from tests.support.running import Application

CUSTOMER = Customer(19601, 13)
STORED = "gespeichert, passt zum Verlauf"


@pytest.fixture(scope="session")
def link(application: Application) -> str:
    return asked_customer(application, CUSTOMER)


@pytest.fixture
def inside(contact: Page, link: str) -> Page:
    enter(contact, link)
    return contact


def card(page: Page, n: int) -> Locator:
    return page.locator(f"#machine-{CUSTOMER.machine(n)}")


def fill(page: Page, n: int, *values: int) -> None:
    for meter, value in enumerate(values, 1):
        page.locator(f"#m-{CUSTOMER.machine(n)}-{meter}").fill(str(value))


def submit(page: Page, n: int) -> None:
    card(page, n).locator("[type=submit]").click()


def usual(n: int) -> tuple[int, int]:
    return CUSTOMER.now(n, "1"), CUSTOMER.now(n, "2")


def seen_by_staff(application: Application, n: int, bucket: str = "reported") -> dict[str, Any]:
    """A machine's readings in a bucket, by meter."""
    path = f"/api/staff/readings?bucket={bucket}&company_id={CUSTOMER.number}"
    rows = application.staff("GET", path)["machines"]
    found = [row["readings"] for row in rows if row["id"] == CUSTOMER.machine(n)]
    return {reading["meter_id"]: reading for reading in (found[0] if found else [])}


def values(readings: dict[str, Any]) -> tuple[int, ...]:
    return tuple(readings[meter]["value"] for meter in sorted(readings))


def test_what_is_entered_reaches_the_staff_and_comes_back_as_a_receipt(
    application: Application, inside: Page
) -> None:
    fill(inside, 1, *usual(1))
    of_day(card(inside, 1)).fill("2026-11-22")
    submit(inside, 1)
    expect(card(inside, 1).get_by_text(STORED)).to_have_count(2)
    there = seen_by_staff(application, 1)
    assert values(there) == usual(1)
    assert {one["read_on"] for one in there.values()} == {"2026-11-22"}
    assert {one["verdict"] for one in there.values()} == {"plausible"}
    assert {one["reported_by"] for one in there.values()} == {CUSTOMER.contact}

    way(card(inside, 1), "Quittung").click()
    shown = inside.locator(f"[aria-labelledby=part-{CUSTOMER.machine(1)}]")
    post(application, "/_local/functions/queue_receipts")
    told = [f"{value:,}".replace(",", ".") for value in usual(1)]
    # Other tests' receipts have come to this mailbox before.
    assert until(
        lambda: [
            mail
            for mail in mails(application, CUSTOMER.mailbox, "erhalten")
            if all(words in mail["text"] for words in told)
        ]
    )
    for words in told:
        expect(shown.get_by_text(words)).to_be_visible()
    inside.evaluate("window.print = () => { window.printed = true }")
    inside.get_by_role("button", name="Drucken").click()
    assert inside.evaluate("window.printed")


def test_a_correction_replaces_what_the_staff_see(application: Application, inside: Page) -> None:
    fill(inside, 2, *usual(2))
    submit(inside, 2)
    expect(card(inside, 2).get_by_text(STORED)).to_have_count(2)
    card(inside, 2).get_by_role("button", name=re.compile("ändern$")).click()
    fill(inside, 2, usual(2)[0] + 7)
    submit(inside, 2)
    expect(card(inside, 2).get_by_text(STORED)).to_have_count(2)
    assert values(seen_by_staff(application, 2)) == (usual(2)[0] + 7, usual(2)[1])


def test_a_confirmed_doubt_lies_with_its_reason_among_the_conspicuous(
    application: Application, inside: Page
) -> None:
    value = CUSTOMER.last(3, "1") + 9000
    fill(inside, 3, value)
    submit(inside, 3)
    assert seen_by_staff(application, 3) == {}
    says_right(card(inside, 3))
    card(inside, 3).get_by_role("radio").last.check()
    card(inside, 3).get_by_label("Grund in eigenen Worten").fill("Messe im Oktober")
    submit(inside, 3)
    expect(card(inside, 3).get_by_text("gespeichert, mit Ihrer Begründung")).to_be_visible()
    there = seen_by_staff(application, 3, "implausible")["1"]
    assert (there["value"], there["reason"]) == (value, "Messe im Oktober")
    assert there["verdict"] == "confirmed"


def test_one_button_sends_what_stands_in_several_machines(
    application: Application, inside: Page
) -> None:
    for n in (4, 5):
        fill(inside, n, *usual(n))
    inside.locator(".sticky").get_by_role("button", name="Absenden").click()
    expect(inside.locator(".notice")).to_contain_text("2 Geräte gespeichert")
    assert [values(seen_by_staff(application, n)) for n in (4, 5)] == [usual(4), usual(5)]


def test_pasted_cells_are_looked_at_and_then_stored(application: Application, inside: Page) -> None:
    rows = [f"SN{CUSTOMER.machine(6)}\t{meter}\t{value}" for meter, value in enumerate(usual(6), 1)]
    inside.evaluate("location.hash = '#/fleet'")
    inside.get_by_label("Oder Zellen aus").fill(
        "\n".join(["Seriennummer\tZählernummer\tNeuer Stand", *rows])
    )
    inside.get_by_role("button", name="Prüfen").click()
    expect(inside.get_by_role("heading", name="1 Gerät bereit")).to_be_visible()
    assert seen_by_staff(application, 6) == {}
    inside.get_by_role("button", name="von 1 Gerät absenden").click()
    expect(inside.get_by_role("heading", name="1 Gerät gespeichert")).to_be_visible()
    assert values(seen_by_staff(application, 6)) == usual(6)
    inside.get_by_role("link", name="Zurück zu den Geräten").click()
    expect(card(inside, 6).get_by_text(STORED)).to_have_count(2)


def test_a_table_goes_home_and_comes_back_filled_in(
    application: Application, inside: Page, tmp_path: Path
) -> None:
    inside.evaluate("location.hash = '#/fleet'")
    with inside.expect_download() as told:
        inside.get_by_role("button", name="CSV", exact=True).click()
    lines = told.value.path().read_text(encoding="utf-8-sig").splitlines()
    heads = lines[0].split(";")
    machine, meter, new = (
        heads.index(head) for head in ("Maschinennummer", "Zählernummer", "Neuer Stand")
    )
    filled = []
    for line in lines[1:]:
        cells = line.split(";")
        if cells[machine].strip('"') == CUSTOMER.machine(7):
            cells[new] = str(CUSTOMER.now(7, cells[meter].strip('"')))
        filled.append(";".join(cells))
    table = tmp_path / "filled.csv"
    table.write_text("\n".join([lines[0], *filled]), encoding="utf-8")
    inside.get_by_label("Datei (").set_input_files(table)
    inside.get_by_role("button", name="Prüfen").click()
    inside.get_by_role("button", name="von 1 Gerät absenden").click()
    expect(inside.get_by_role("heading", name="1 Gerät gespeichert")).to_be_visible()
    assert values(seen_by_staff(application, 7)) == usual(7)


def test_a_second_table_that_fails_leaves_nothing_of_the_first(
    application: Application, inside: Page, tmp_path: Path
) -> None:
    pasted = inside.get_by_label("Oder Zellen aus")
    good = f"Seriennummer\tZählernummer\tNeuer Stand\nSN{CUSTOMER.machine(8)}\t1\t{usual(8)[0]}"
    check = inside.get_by_role("button", name="Prüfen")
    earlier = inside.get_by_role("link", name="eingefügte Zellen")
    store = inside.get_by_role("button", name="von 1 Gerät absenden")
    broken = tmp_path / "broken.xlsx"
    broken.write_bytes(b"PK\x03\x04 no workbook")
    for fail in ("refused", "empty", "lost"):
        inside.evaluate("location.hash = '#/fleet'")
        pasted.fill(good)
        check.click()
        expect(store).to_be_visible()
        inside.go_back()
        expect(earlier).to_be_visible()
        if fail == "refused":
            inside.get_by_label("Datei (").set_input_files(broken)
        elif fail == "empty":
            pasted.fill("  ")
        else:
            pasted.fill(good)
            inside.route("**/api/fleet?dry_run=1", lambda route: route.abort())
        check.click()
        expect(inside.get_by_role("alert").locator("visible=true").last).not_to_be_empty()
        expect(store).to_have_count(0)
        expect(earlier).to_have_count(0)
        inside.evaluate("location.hash = '#/'")
        inside.evaluate("location.hash = '#/fleet/result'")
        expect(inside.get_by_text("Die Datei vom letzten Mal ist nicht mehr da.")).to_be_visible()
        inside.evaluate("location.hash = '#/'")
    assert seen_by_staff(application, 8) == {}


def test_rows_that_are_not_recognised_come_back_as_a_workbook_and_are_handed_in_again(
    application: Application, inside: Page, tmp_path: Path
) -> None:
    number = CUSTOMER.machine(10)
    inside.evaluate("location.hash = '#/fleet'")
    rows = (f"SN{number}X\t{meter}\t{value}" for meter, value in enumerate(usual(10), 1))
    pasted = "\n".join(["Seriennummer\tZählernummer\tNeuer Stand", *rows])
    inside.get_by_label("Oder Zellen aus").fill(pasted)
    inside.get_by_role("button", name="Prüfen").click()
    with inside.expect_download() as told:
        inside.get_by_role("button", name="2 Zeilen als Excel herunterladen").click()
    book = openpyxl.load_workbook(io.BytesIO(told.value.path().read_bytes()))
    for cells in book.active.iter_rows(min_row=2):
        cells[0].value = cells[0].value.removesuffix("X")
    mended = tmp_path / "mended.xlsx"
    book.save(mended)
    with inside.expect_file_chooser() as other:
        inside.get_by_role("button", name="Andere Datei").click()
    other.value.set_files(mended)
    inside.get_by_role("button", name="von 1 Gerät absenden").click()
    expect(inside.get_by_role("heading", name="1 Gerät gespeichert")).to_be_visible()
    assert values(seen_by_staff(application, 10)) == usual(10)


def test_a_problem_reaches_the_staff_and_is_taken_back(
    application: Application, inside: Page
) -> None:
    machine = CUSTOMER.machine(9)
    way(card(inside, 9), "Problem melden").click()
    inside.get_by_label("Das Gerät gibt es nicht mehr").check()
    inside.get_by_label("Genaueres").fill("Abgeholt im Oktober")
    inside.get_by_role("button", name="Problem melden").click()
    expect(inside.get_by_role("heading", name="Danke, Ihr Händler weiß Bescheid")).to_be_visible()
    opened = str(application.staff("GET", "/api/staff/problems?state=open"))
    assert machine in opened
    assert "Abgeholt im Oktober" in opened
    inside.get_by_role("button", name="Doch kein Problem").click()
    expect(inside.locator(f"#m-{machine}-1")).to_be_visible()
    assert machine not in str(application.staff("GET", "/api/staff/problems?state=open"))


def test_of_two_persons_the_one_who_overwrites_is_the_one_whom_staff_read(
    application: Application, inside: Page, colleague: Page, link: str
) -> None:
    enter(colleague, link)
    fill(colleague, 13, usual(13)[0] - 50)
    submit(colleague, 13)
    expect(card(colleague, 13).get_by_text(STORED)).to_be_visible()
    fill(inside, 13, usual(13)[0])
    submit(inside, 13)
    both = card(inside, 13).get_by_role("group", name="Inzwischen wurde")
    expect(both).to_be_visible()
    assert values(seen_by_staff(application, 13)) == (usual(13)[0] - 50,)
    both.get_by_role("button", name="Mit meiner Eingabe überschreiben").click()
    expect(card(inside, 13).get_by_text(STORED)).to_be_visible()
    assert values(seen_by_staff(application, 13)) == (usual(13)[0],)


def test_without_a_network_staff_see_it_once_it_is_back(
    application: Application, inside: Page
) -> None:
    inside.route("**/readings", lambda route: route.abort())
    fill(inside, 11, *usual(11))
    submit(inside, 11)
    expect(card(inside, 11).get_by_text("Wartet auf Netz").first).to_be_visible()
    assert seen_by_staff(application, 11) == {}
    inside.unroute("**/readings")
    # The page tries by itself, too, every half a minute: on a busy machine it may be the first.
    inside.evaluate("document.querySelector('.net button')?.click()")
    expect(card(inside, 11).get_by_text(STORED)).to_have_count(2)
    assert values(seen_by_staff(application, 11)) == usual(11)


def test_history_and_help_show_what_the_api_says(application: Application, inside: Page) -> None:
    machine = CUSTOMER.machine(12)
    past = inside.request.get(f"{application.url}/api/machines/{machine}/history").json()
    way(card(inside, 12), "Verlauf").click()
    expect(inside.locator(".past")).to_have_count(len(past["meters"]))
    for section, meter in zip(inside.locator(".past").all(), past["meters"], strict=True):
        expect(section.get_by_role("heading")).to_have_text(meter["label"])
        expect(section.locator("tbody tr")).to_have_count(len(meter["readings"]))
    inside.go_back()
    told = inside.request.get(f"{application.url}/api/machines/{machine}/help").json()
    way(card(inside, 12), "Wie lese ich ab?").click()
    expect(inside.locator("ol.steps li")).to_have_text(told["steps"])


def test_a_chosen_language_is_that_of_the_next_mail(
    application: Application, contact: Page
) -> None:
    customer = Customer(19602, 1)
    enter(contact, asked_customer(application, customer))
    speak(contact)
    for meter in "12":
        contact.locator(f"#m-{customer.machine(1)}-{meter}").fill(str(customer.now(1, meter)))
    contact.get_by_role("button", name="Send").first.click()
    expect(contact.get_by_text("Thank you, all reported.")).to_be_visible()
    post(application, "/_local/functions/queue_receipts")
    until(lambda: mails(application, customer.mailbox, "received"))


def test_logging_out_ends_the_session_itself(
    application: Application, contact: Page, link: str
) -> None:
    enter(contact, link)
    (cookie,) = [one for one in contact.context.cookies() if one["name"] == "__Host-session"]
    contact.get_by_text("Menü").click()
    contact.get_by_role("button", name="Abmelden").click()
    expect(contact.get_by_role("heading", name="Sie sind abgemeldet")).to_be_visible()
    stolen = {"Cookie": f"{cookie['name']}={cookie['value']}"}
    again = contact.request.get(f"{application.url}/api/session", headers=stolen)
    assert again.status == 401
    kept = contact.evaluate("JSON.stringify({...localStorage, ...sessionStorage})")
    assert "Ibis" not in kept
    assert "kunde19601" not in kept
