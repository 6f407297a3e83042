"""The place "Anfordern": mend what is missing by person, read the mails before they go, send, follow, call."""

from __future__ import annotations

import json
import re
import time
import urllib.request
from collections.abc import Callable
from functools import partial
from typing import Any

import pytest
from playwright.sync_api import Locator, Page, Route, expect

from tests.e2e.asking import PATIENCE, mails_to
from tests.e2e.console import sign_in
from tests.e2e.sight import each_look, faults, overflow
from tests.support.erp_exports import CONTRACTS, FILES, MACHINES, METERS, READINGS, as_zip
from tests.support.requesting import an_event
from tests.support.running import Application

PEOPLE = 28300
"""The company whose people are mended; and those of a company each: sent, called, read before they go, ready,
without rights where a round is about to go."""
SENT, CALLED, READ, READY, RIGHTLESS = 28310, 28320, 28330, 28340, 28350
NAME = "Möwe Feinkost GmbH"


def _export(number: int, name: str, people: list[list[str]], papers: list[list[str]]) -> bytes:
    """`people`: number, first name, last name, e-mail, phone, role, active. `papers`: contract, channel,
    reporter, machines."""
    day = ["28.11.2023", "28.06.2030", "vierteljährlich", "28.11.2026"]
    machines = [
        [f"{paper}{n}", paper, f"SN{paper}{n}", "Ricoh", "IM C3000", "", "Laden", "A", "EG", str(n), "J"]
        for paper, _, _, count in papers
        for n in range(1, int(count) + 1)
    ]  # fmt: skip
    heads = ["Ansprechpartnernummer", "Firmennummer", "Anrede", "Vorname", "Nachname", "E-Mail"]
    return as_zip(
        {
            "firmen.csv": [
                FILES["firmen.csv"][0],
                [str(number), name, "Hafen 1", "20095", "Hamburg", "DE"],
            ],
            "ansprechpartner.csv": [
                [*heads, "Telefon", "Rolle", "Sprache", "Aktiv"],
                *(
                    [id_, str(number), "Frau", first, last, mail, phone, role, "DE", active]
                    for id_, first, last, mail, phone, role, active in people
                ),
            ],
            "vertraege.csv": [
                CONTRACTS[0],
                *(
                    [paper, str(number), "Service", *day, channel, reporter]
                    for paper, channel, reporter, _ in papers
                ),
            ],
            "maschinen.csv": [MACHINES[0], *machines],
            "zaehler.csv": [
                METERS[0],
                *([one[0], "1", "S/W", "schwarz/weiss", "Schwarz", "7", "J", "1", "J", "0"] for one in machines),
            ],
            "zaehlerstaende.csv": [
                READINGS[0],
                *(
                    [one[0], "1", day, value, "CO Portal", "Ibis", "", "J", "", ""]
                    for one in machines
                    for day, value in (("28.05.2026", "20000"), ("28.08.2026", "23000"))
                ),
            ],
        }
    )  # fmt: skip


def _orca(number: int) -> bytes:
    """A company with three people of one mail each."""
    at = f"@kunde{number}.example"
    return _export(number, "Orca Papier GmbH", [
        [f"5{number}", "Clara", "Stößel", f"c.stoessel{at}", "040 555-0110", "", "J"],
        [f"5{number + 1}", "Otto", "Otter", f"o.otter{at}", "", "", "J"],
        [f"5{number + 2}", "Lars", "Sørensen", f"l.soerensen{at}", "", "", "J"],
    ], [
        [f"7{number}", "CO Portal", f"5{number}", "2"],
        [f"7{number + 1}", "CO Portal", f"5{number + 1}", "1"],
        [f"7{number + 2}", "CO Portal", f"5{number + 2}", "1"],
    ])  # fmt: skip


def imported(application: Application, export: bytes) -> None:
    run = application.staff("POST", "/api/staff/imports", export, kind="application/zip")
    until(lambda: application.staff("GET", f"/api/staff/imports/{run['id']}")["state"] == "done")
    done = application.staff("GET", f"/api/staff/imports/{run['id']}")
    assert done["rejected"] == 0, done["findings"]


def until(holds: Callable[[], Any]) -> Any:
    end = time.monotonic() + PATIENCE
    while not (found := holds()):
        assert time.monotonic() < end, "it never came"
        time.sleep(0.2)
    return found


@pytest.fixture(scope="session", autouse=True)
def _companies(application: Application) -> None:
    imported(application, _export(PEOPLE, NAME, [
        ["528300", "Jürgen", "Jürgens", "", "040 555-0162", "", "J"],
        ["528301", "Sabine", "Weiß", "s.weiss@kunde28300.example", "", "", "J"],
        ["528302", "Uwe", "Lange", "u.lange@kunde28300.example", "", "", "N"],
        ["528303", "Ela", "Öztürk", "e.oeztuerk@kunde28300.example", "040 555-0190", "", "J"],
        ["528304", "Karin", "Bähr", "", "", "", "J"],
    ], [
        ["728300", "CO Portal", "528300", "2"],
        ["728301", "CO Portal", "528300", "1"],
        ["728302", "CO Portal", "528300", "1"],
        ["728303", "CO Portal", "528301", "1"],
        ["728304", "CO Portal", "528302", "1"],
        ["728305", "Telefon", "528303", "1"],
        ["728306", "CO Portal", "528304", "1"],
    ]))  # fmt: skip
    imported(application, _orca(SENT))
    imported(application, _orca(READ))
    imported(application, _orca(READY))
    imported(application, _export(CALLED, "Pinguin Reisen GmbH", [
        ["528320", "Minh", "Nguyen", "", "040 555-0149", "", "J"],
    ], [
        ["728320", "Telefon", "528320", "2"],
        ["728321", "Telefon", "528320", "1"],
    ]))  # fmt: skip


def standing(application: Application, *contracts: str) -> list[str]:
    found = application.staff("GET", f"/api/staff/readiness?ids={','.join(contracts)}")
    by_id = {one["id"]: one["standing"] for one in found["contracts"]}
    return [by_id[number] for number in contracts]


def opened(page: Page, application: Application, view: str, group: str = "remind") -> Page:
    sign_in(page, application, group, view)
    return page


def cause(page: Page, name: str) -> None:
    """Turns to a group; it stands there once everything due was looked at."""
    button = page.get_by_role("navigation", name="Gruppen").get_by_role(
        "button", name=re.compile(f"^{name}")
    )
    button.press("Enter")
    expect(button).to_have_attribute("aria-current", "true")


def person(page: Page, name: str) -> Locator:
    """The row of a person of the first company."""
    return page.get_by_role("row").filter(has_text=name).filter(has_text=NAME)


def field(page: Page, name: str) -> Locator:
    return person(page, name).get_by_role("textbox", name=f"E-Mail-Adresse von {name}")


def test_a_missing_address_is_mended_in_its_row_for_all_contracts_and_taken_back(
    application: Application, staff: Page
) -> None:
    page = opened(staff, application, "readiness")
    cause(page, "E-Mail fehlt")
    row = person(page, "Jürgen Jürgens")
    expect(row.get_by_role("cell").nth(2)).to_have_text("3")
    expect(row).to_contain_text("040 555-0162")
    field(page, "Jürgen Jürgens").fill("j.juergens@kunde28300")
    page.keyboard.press("Enter")
    expect(field(page, "Jürgen Jürgens")).to_have_attribute("aria-invalid", "true")
    expect(row.locator(".request-wrong")).not_to_be_empty()
    field(page, "Jürgen Jürgens").fill("j.juergens@kunde28300.example")
    page.reload()
    expect(field(page, "Jürgen Jürgens")).to_have_value("j.juergens@kunde28300.example")
    field(page, "Jürgen Jürgens").press("Enter")
    expect(row).to_have_class("mended")
    expect(row).to_contain_text("j.juergens@kunde28300.example")
    expect(row).to_contain_text("3 Verträge bereit")
    focused = page.locator(".request-persons input:focus")
    expect(focused, "the next field").to_have_count(1)
    assert standing(application, "728300", "728301", "728302") == ["without_rights"] * 3
    row.get_by_role("button", name="zurück").press("Enter")
    expect(field(page, "Jürgen Jürgens")).to_have_value("")
    assert standing(application, "728300") == ["not_ready"]


def test_an_address_of_another_company_needs_a_second_word(
    application: Application, staff: Page
) -> None:
    page = opened(staff, application, "readiness?group=email_missing")
    field(page, "Karin Bähr").fill("c.stoessel@kunde28310.example")
    page.keyboard.press("Enter")
    row = person(page, "Karin Bähr")
    expect(row).to_contain_text("Orca Papier GmbH")
    assert standing(application, "728306") == ["not_ready"]
    expect(row.get_by_role("button", name="Trotzdem verwenden")).to_be_focused()
    page.keyboard.press("Enter")
    expect(row).to_have_class("mended")
    assert standing(application, "728306") == ["without_rights"]


def test_who_is_not_there_any_more_gives_way_to_another_reporter(
    application: Application, staff: Page
) -> None:
    page = opened(staff, application, "readiness?group=reporter_inactive")
    row = person(page, NAME)
    expect(row).to_contain_text("Uwe Lange")
    row.get_by_role("button", name=re.compile("Melder wechseln")).press("Enter")
    dialog = page.get_by_role("dialog")
    dialog.get_by_role("radio", name="Ela Öztürk").check()
    dialog.get_by_role("button", name="Als Melder eintragen").press("Enter")
    expect(row).to_contain_text("1 Vertrag bereit")
    (contract,) = application.staff("GET", "/api/staff/contracts?contract_id=728304")["contracts"]
    assert [one["id"] for one in contract["reporters"]] == ["528303"]


def test_the_parts_of_the_equation_add_up_and_rights_are_given_in_place(
    application: Application, staff: Page
) -> None:
    page = opened(staff, application, "readiness?group=without_rights")
    expect(page.get_by_role("row").filter(has_text="728303")).to_be_visible()
    numbers = [
        int(one.replace(".", ""))
        for one in page.locator(".request-part > strong").all_inner_texts()
    ]
    assert numbers[0] == sum(numbers[1:])
    page.get_by_role("button", name="Portal Ready ausführen").press("Enter")
    expect(page.get_by_role("button", name="Portal Ready ausführen")).to_have_count(0)
    assert standing(application, "728303") == ["ready"]
    cause(page, "Telefon")
    expect(page.get_by_role("row").filter(has_text="728305")).to_be_visible()
    expect(page.get_by_text("Das ist kein Fehler.")).to_be_visible()


def test_a_failing_server_keeps_what_was_typed(application: Application, staff: Page) -> None:
    page = opened(staff, application, "readiness?group=email_missing")
    down = [True]

    def broken(route: Route) -> None:
        if down[0] and route.request.method == "PATCH":
            route.abort()
        else:
            route.fallback()

    page.route("**/api/staff/contacts/*", broken)
    field(page, "Jürgen Jürgens").fill("juergens@kunde28300.example")
    page.keyboard.press("Enter")
    row = person(page, "Jürgen Jürgens")
    expect(row.get_by_role("alert")).to_contain_text("Keine Verbindung")
    expect(field(page, "Jürgen Jürgens")).to_have_value("juergens@kunde28300.example")
    down[0] = False
    field(page, "Jürgen Jürgens").press("Enter")
    expect(row).to_have_class("mended")
    row.get_by_role("button", name="zurück").press("Enter")
    expect(field(page, "Jürgen Jürgens")).to_have_value("")


def test_who_may_only_read_sees_what_is_missing_and_changes_nothing(
    application: Application, staff: Page
) -> None:
    page = opened(staff, application, "readiness?group=email_missing", "read")
    expect(person(page, "Jürgen Jürgens")).to_be_visible()
    expect(page.get_by_role("textbox", name=re.compile("E-Mail-Adresse von"))).to_have_count(0)
    expect(page.get_by_role("button", name=re.compile("Vorschau|Melder wechseln"))).to_have_count(0)


def dry_run(application: Application, company: int) -> str:
    chosen = {"selection": {"filter": {"company_id": str(company)}}, "dry_run": False}
    application.staff("POST", "/api/staff/readiness", chosen)
    number: str = application.staff("POST", "/api/staff/rounds", {**chosen, "dry_run": True})["id"]
    until(lambda: application.staff("GET", f"/api/staff/rounds/{number}")["state"] == "done")
    return number


def mailboxes(page: Page) -> Locator:
    return page.get_by_role("grid", name="E-Mails").locator("tbody tr")


def test_the_real_mail_is_read_tried_at_oneself_and_sent(
    application: Application, staff: Page
) -> None:
    number = dry_run(application, READ)
    page = opened(staff, application, f"rounds/{number}")
    expect(mailboxes(page)).to_have_count(3)
    expect(
        page.get_by_role("navigation", name="Ansichten").get_by_role("link", name="Versand")
    ).to_have_attribute("aria-current", "page")
    page.get_by_role("grid", name="E-Mails").focus()
    page.keyboard.press("Home")
    box = "c.stoessel@kunde28330.example"
    expect(mailboxes(page).first).to_contain_text(box)
    preview = page.get_by_role("complementary", name="Vorschau")
    expect(preview).to_contain_text(box)
    expect(preview).to_contain_text("Zählerstände melden, fällig am 28.11.2026: Orca Papier GmbH")
    mail = page.frame_locator(".mail-frame")
    expect(mail.get_by_text("Zählerstände eingeben")).to_be_visible()
    expect(mail.locator("a[href]")).to_have_count(0)
    colour = mail.locator("td").filter(has=mail.get_by_text("Zählerstände eingeben")).last
    assert "rgb(10, 96, 112)" in colour.evaluate("one => getComputedStyle(one).backgroundColor")
    page.keyboard.press("ArrowDown")
    expect(preview).not_to_contain_text(box)
    own = application.account("remind")["username"]
    page.keyboard.press("t")
    bar = page.get_by_role("region", name="Aktionen")
    expect(bar).to_contain_text(f"Testmail an {own} ist unterwegs.")
    test = until(lambda: mails_to(application, own))[0]
    assert test["subject"].startswith("Test: Zählerstände melden")
    assert "#t=" not in test["text"] + test["html"]
    page.reload()
    expect(mailboxes(page).nth(1)).to_have_attribute("aria-selected", "true")
    page.get_by_role("button", name="Klartext").press("Enter")
    expect(preview.locator("pre")).to_contain_text("XXXX-XXXX")
    page.get_by_role("button", name="3 E-Mails versenden").press("Enter")
    expect(page.get_by_role("grid", name="Zustellungen").locator("tbody tr")).to_have_count(3)
    for address in ("c.stoessel", "o.otter", "l.soerensen"):
        (sent,) = until(partial(mails_to, application, f"{address}@kunde28330.example"))
        assert "#t=" in sent["text"]


def test_who_would_be_left_out_for_want_of_rights_gets_them_where_the_round_is_seen(
    application: Application, staff: Page
) -> None:
    # Only now: other tests give all that is ready its rights.
    imported(application, _orca(RIGHTLESS))
    first, *others = (str(700_000 + RIGHTLESS + n) for n in range(3))
    application.staff(
        "POST", "/api/staff/readiness", {"selection": {"ids": [first]}, "dry_run": False}
    )
    chosen = {"selection": {"ids": [first, *others]}, "dry_run": True}
    number = application.staff("POST", "/api/staff/rounds", chosen)["id"]
    page = opened(staff, application, f"rounds/{number}")
    expect(mailboxes(page)).to_have_count(1)
    notice = page.locator(".box.warn").filter(has_text="Portal Ready")
    expect(notice).to_contain_text("2 Verträge")
    assert standing(application, *others) == ["without_rights"] * 2
    run = notice.get_by_role("button", name="Portal Ready ausführen")
    failed = [True]

    def broken(route: Route) -> None:
        if failed[0]:
            route.abort()
        else:
            route.fallback()

    page.route("**/api/staff/readiness", broken)
    run.press("Enter")
    expect(page.get_by_role("alert")).to_contain_text("Keine Verbindung")
    expect(mailboxes(page)).to_have_count(1)
    failed[0] = False
    run.press("Enter")
    expect(mailboxes(page)).to_have_count(3)
    expect(notice).to_have_count(0)
    assert f"sending/{number}" not in page.url
    assert standing(application, first, *others) == ["ready"] * 3
    assert mails_to(application, f"o.otter@kunde{RIGHTLESS}.example") == []


def test_who_may_only_read_is_not_offered_what_a_round_lacks(
    application: Application, staff: Page
) -> None:
    chosen = {"selection": {"ids": ["728302"]}, "dry_run": True}
    number = application.staff("POST", "/api/staff/rounds", chosen)["id"]
    page = opened(staff, application, f"rounds/{number}", "read")
    expect(page.get_by_role("button", name=re.compile("ausgelassen, warum"))).to_be_visible()
    expect(page.get_by_role("button", name="Portal Ready ausführen")).to_have_count(0)


def sent_round(application: Application) -> str:
    """The round that has written to the second company, sent when it was not yet."""
    if not mails_to(application, "l.soerensen@kunde28310.example"):
        number = dry_run(application, SENT)
        application.staff("POST", f"/api/staff/rounds/{number}/sending")
        until(lambda: mails_to(application, "l.soerensen@kunde28310.example"))
    oldest = mails_to(application, "l.soerensen@kunde28310.example")[-1]
    found: str = oldest["tags"]["round"]
    # What happens to a mail that is not noted as sent yet is told once more only after minutes.
    until(lambda: application.staff("GET", f"/api/staff/rounds/{found}")["waiting"] == 0)
    return found


def happened(application: Application, event: str, round_id: str, address: str) -> None:
    body = json.dumps(an_event(event, round_id, address)).encode()
    request = urllib.request.Request(f"{application.url}/_local/events", data=body, method="POST")  # noqa: S310
    with urllib.request.urlopen(request, timeout=30) as answer:  # noqa: S310
        answer.read()


def test_what_became_of_the_mails_is_said_in_words_with_the_next_step(
    application: Application, staff: Page
) -> None:
    number = sent_round(application)
    happened(application, "Bounce Permanent", number, "o.otter@kunde28310.example")
    happened(application, "Delivery", number, "l.soerensen@kunde28310.example")
    until(
        lambda: (
            {"bounced", "delivered"}
            <= {
                one["delivery"]
                for one in application.staff("GET", f"/api/staff/rounds/{number}")["mails"]
            }
        )
    )
    page = opened(staff, application, f"deliveries/{number}")
    rows = page.get_by_role("grid", name="Zustellungen").locator("tbody tr")
    expect(rows).to_have_count(3)
    expect(rows.first).to_contain_text("Otto Otter")
    expect(rows.first).to_contain_text("unzustellbar")
    expect(rows.first).to_contain_text("nimmt nichts an")
    expect(rows.first.get_by_role("link", name="Adresse ändern")).to_be_visible()
    views = page.get_by_role("navigation", name="Ansichten der Zustellungen").get_by_role("button")
    counts = [
        int(re.findall(r"\d+", one)[-1]) for one in views.all_inner_texts() if re.search(r"\d", one)
    ]
    assert counts[0] == sum(counts[1:]) == 3
    page.get_by_role("button", name=re.compile("^unzustellbar")).press("Enter")
    expect(rows).to_have_count(1)
    page.reload()
    expect(rows).to_have_count(1)
    page.get_by_role("button", name=re.compile("^Alle")).press("Enter")
    grid = page.get_by_role("grid", name="Zustellungen")
    grid.focus()
    page.keyboard.press("Home")
    while "Sørensen" not in (page.locator("tr[aria-selected]").inner_text()):
        page.keyboard.press("ArrowDown")
    before = len(mails_to(application, "l.soerensen@kunde28310.example"))
    page.keyboard.press("w")
    dialog = page.get_by_role("dialog")
    expect(dialog).to_contain_text("Lars Sørensen")
    expect(dialog.get_by_label("Neuer Link nur an Lars Sørensen")).to_be_checked()
    dialog.get_by_label("Erinnerung an alle Melder dieser Verträge").check()
    dialog.get_by_role("button", name="Senden").press("Enter")
    expect(page.locator(".request-foot")).to_contain_text("Die Erinnerung ist unterwegs.")
    until(lambda: len(mails_to(application, "l.soerensen@kunde28310.example")) == before + 1)
    expect(grid).to_be_focused()
    page.keyboard.press("x")
    dialog = page.get_by_role("dialog")
    dialog.get_by_role("button", name="Links widerrufen").press("Enter")
    expect(page.locator(".request-foot")).to_contain_text("Die Links von Lars Sørensen sind")
    done = application.staff("GET", "/api/staff/audit?contact_id=528312&action=links_revoked")
    assert len(done["entries"]) == 1


def call(page: Page, contract: str) -> Locator:
    return (
        page.get_by_role("grid", name="Telefonliste").locator("tbody tr").filter(has_text=contract)
    )


def test_a_call_takes_its_values_in_place_and_leaves_the_list(
    application: Application, staff: Page
) -> None:
    page = opened(staff, application, "phone-list?at=28320~728320")
    expect(call(page, "728320")).to_have_attribute("aria-selected", "true")
    expect(call(page, "728320")).to_contain_text("Pinguin Reisen GmbH")
    expect(call(page, "728320")).to_contain_text("Telefon")
    side = page.get_by_role("complementary", name="Anruf und Eingabe")
    expect(side.get_by_role("link", name="040 555-0149")).to_have_attribute(
        "href", "tel:0405550149"
    )
    value = side.get_by_role("textbox", name="S/W zuletzt")
    expect(value).to_be_visible()
    page.get_by_role("grid", name="Telefonliste").focus()
    page.keyboard.press("e")
    expect(value).to_be_focused()
    value.fill("225000")
    page.keyboard.press("Control+Enter")
    expect(side.locator(".box.warn")).to_be_visible()
    value.fill("25000")
    page.reload()
    expect(value).to_have_value("25000")
    value.press("Control+Enter")
    expect(side.get_by_text("SN7283202").first).to_be_visible()
    expect(side.get_by_text("SN7283201")).to_have_count(0)
    expect(side.get_by_role("status")).to_contain_text("Gespeichert: S/W 25.000")
    expect(value).to_be_focused()
    value.fill("25100")
    page.keyboard.press("Control+Enter")
    expect(call(page, "728320")).to_have_count(0)
    expect(page.get_by_text("Pinguin Reisen GmbH ist vollständig.")).to_be_visible()
    for machine, stored in (("7283201", 25000), ("7283202", 25100)):
        found = application.staff("GET", f"/api/staff/machines/{machine}")
        assert found["meters"][0]["period"]["value"] == stored
        assert found["meters"][0]["history"][0]["channel"] == "PHONE"
    listed = application.staff("GET", "/api/staff/phone-list?limit=200")["calls"]
    assert "728320" not in [one["contract"]["id"] for one in listed]


def test_every_view_is_accessible_in_every_look(application: Application, staff: Page) -> None:
    number = dry_run(application, PEOPLE)
    sent = sent_round(application)
    sign_in(staff, application, "remind", "readiness?group=email_missing")
    for view, there in (
        ("readiness?group=email_missing", ".request-persons tbody tr"),
        (f"sending/{number}", ".request-mail iframe"),
        (f"sending/{number}?left=1", ".request-left tr"),
        (f"deliveries/{sent}", ".marked-list tbody tr"),
        ("phone-list?at=28320~728321", ".request-call form"),
        ("rounds", ".list table"),
    ):
        staff.evaluate("fragment => { location.hash = fragment }", f"#/{view}")
        for look in each_look(staff):
            expect(staff.locator(there).first).to_be_visible()
            assert faults(staff, look) == [], (view, look)
        assert overflow(staff) == [], view


def test_the_month_s_requests_are_three_presses_away(application: Application, staff: Page) -> None:
    """From the start: the place, the preview, the sending; the last one is not pressed here."""
    dry_run(application, READY)  # with rights, and not asked yet
    sign_in(staff, application, "remind", "today")
    nav = staff.get_by_role("navigation", name="Bereiche")
    nav.get_by_role("link", name="Anfordern").press("Enter")
    staff.get_by_role("button", name=re.compile("Vorschau der E-Mails")).press("Enter")
    expect(
        staff.get_by_role("button", name=re.compile(r"^[\d.]+ E-Mails? versenden$"))
    ).to_be_visible()
    expect(staff.get_by_role("button", name=re.compile("ausgelassen, warum"))).to_be_visible()


def test_an_address_of_the_old_list_leads_to_the_portfolio(
    application: Application, staff: Page
) -> None:
    sign_in(staff, application, "read", "contracts?contract_id=728305")
    expect(staff.get_by_role("grid")).to_contain_text("728305")
    assert "#/stock/contracts?contract=728305" in staff.url
