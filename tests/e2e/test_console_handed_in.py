"""What customers hand to the staff, and what the staff write for customers, in real browsers."""

from __future__ import annotations

import base64
import re
import time
from typing import Any
from urllib.parse import quote

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.e2e.asking import PATIENCE, asked, enter
from tests.e2e.console import open_view, sign_in
from tests.e2e.sight import each_look, faults, overflow
from tests.support.running import Application

COMPANY, ADDRESS = "10014", "j.koenigs5009@firma10014.example"
DARK, GONE, MOVED, OWN_HELP, DISPUTED, WRONG_BEFORE = (
    str(number) for number in range(200016, 200022)
)
"""The company's machines, one for each test: none minds what became of another's."""
LEAVING = ("10049", "t.kowalski5020@firma10049.example", "70011")
MFC = "/api/staff/help/MFC"

CALL = """async ([method, path, body]) => {
  const options = { method, headers: { "content-type": "application/json" } };
  const answer = await fetch(path, body ? { ...options, body: JSON.stringify(body) } : options);
  return { status: answer.status, ...(answer.status === 204 ? {} : await answer.json()) };
}"""
UPLOAD = """async ([url, headers, content]) => {
  const bytes = Uint8Array.from(atob(content), (letter) => letter.charCodeAt(0));
  return (await fetch(url, { method: "PUT", headers, body: bytes })).status;
}"""


@pytest.fixture
def customer(application: Application, contact: Page) -> Page:
    """A contact of six machines, signed in."""
    enter(contact, asked(application, COMPANY, ADDRESS))
    return contact


def call(page: Page, method: str, path: str, body: Any = None) -> dict[str, Any]:
    """What the contact's own page would send."""
    answer: dict[str, Any] = page.evaluate(CALL, [method, path, body])
    return answer


def machines(customer: Page) -> dict[str, dict[str, Any]]:
    """The contact's overview, by number."""
    return {one["id"]: one for one in call(customer, "GET", "/api/machines")["machines"]}


def reported(customer: Page, machine_id: str, kind: str, text: str = "") -> str:
    answer = call(
        customer, "POST", f"/api/machines/{machine_id}/problems", {"kind": kind, "text": text}
    )
    assert answer["status"] == 201, answer
    number: str = answer["id"]
    return number


def test_problems_are_accepted_and_rejected_with_what_follows(
    application: Application, customer: Page, staff: Page
) -> None:
    reported(customer, DARK, "cannot_read", "Die Anzeige ist <b>dunkel</b>.")
    reported(customer, GONE, "gone")
    sign_in(staff, application, "remind", "problems")
    row = staff.get_by_role("row").filter(has_text=DARK)
    expect(row).to_contain_text("Die Anzeige ist <b>dunkel</b>.")

    staff.get_by_role("button", name=f"Gerät {DARK}: entscheiden").click()
    dialog = staff.get_by_role("dialog", name="Was soll mit diesem Problem werden?")
    expect(dialog).to_contain_text("Das Gerät ist wieder fällig und wird weiter angefordert.")
    assert faults(staff) == []
    dialog.get_by_role("button", name="Entscheidung speichern").click()
    expect(dialog).to_be_visible()  # nothing is chosen yet
    staff.keyboard.press("Escape")
    expect(dialog).to_have_count(0)
    assert machines(customer)[DARK]["problem"]

    decide(staff, f"Gerät {DARK}: entscheiden", "Ablehnen", "Die Anzeige lässt sich einschalten.")
    expect(row).to_have_count(0)
    decide(staff, f"Gerät {GONE}: entscheiden", "Annehmen", "Abgeholt am 20.11.")
    expect(staff.get_by_role("row").filter(has_text=GONE)).to_have_count(0)
    left = machines(customer)
    assert left[DARK]["problem"] is None
    assert GONE not in left

    staff.get_by_role("link", name="Entschieden").click()
    expect(row).to_contain_text("abgelehnt")
    expect(row).to_contain_text("Die Anzeige lässt sich einschalten.")
    done = staff.get_by_role("row").filter(has_text=GONE)
    expect(done).to_contain_text("angenommen")
    expect(done).to_contain_text("Sie, ")  # who decided


def decide(page: Page, button: str, choice: str, note: str) -> None:
    page.get_by_role("button", name=button).click()
    page.get_by_label(choice, exact=True).check()
    page.get_by_label("Notiz für Kollegen (freiwillig)").fill(note)
    page.get_by_role("button", name="Entscheidung speichern").click()


def test_a_problem_that_was_withdrawn_meanwhile_is_refused_in_words(
    application: Application, customer: Page, staff: Page
) -> None:
    number = reported(customer, MOVED, "moved", "Jetzt im 3. Stock")
    sign_in(staff, application, "remind", "problems")
    staff.get_by_role("button", name=f"Gerät {MOVED}: entscheiden").click()
    call(customer, "DELETE", f"/api/machines/{MOVED}/problems/{number}")
    staff.get_by_label("Annehmen", exact=True).check()
    staff.get_by_role("button", name="Entscheidung speichern").click()
    expect(staff.get_by_role("alert")).to_contain_text(
        "Über dieses Problem ist bereits entschieden."
    )
    staff.get_by_role("button", name="Abbrechen").click()
    open_view(staff, "problems?state=decided")
    row = staff.get_by_role("row").filter(has_text=MOVED)
    expect(row).to_contain_text("vom Kunden zurückgezogen")


def test_a_successor_is_approved_and_the_erp_is_to_learn_of_it(
    application: Application, contact: Page, staff: Page
) -> None:
    company, address, contract = LEAVING
    enter(contact, asked(application, company, address))
    person = {"name": "Nora Neu", "email": "n.neu@firma10049.example", "text": "Ab sofort."}
    assert call(contact, "POST", "/api/successors", person)["status"] == 201
    sign_in(staff, application, "remind", "successors")
    row = staff.get_by_role("row").filter(has_text="n.neu@firma10049.example")
    expect(row).to_contain_text(contract)
    staff.get_by_role("button", name="Nora Neu: entscheiden").click()
    dialog = staff.get_by_role("dialog")
    expect(dialog).to_contain_text("Tom Kowalski meldet dafür nicht mehr.")
    expect(dialog).to_contain_text("Die nächste Anforderung geht an n.neu@firma10049.example.")
    dialog.get_by_label("Genehmigen", exact=True).check()
    dialog.get_by_role("button", name="Entscheidung speichern").click()
    expect(row).to_have_count(0)
    staff.get_by_role("link", name="Entschieden").click()
    expect(row).to_contain_text("genehmigt")
    expect(row).to_contain_text("Ansprechpartner anlegen: Nora Neu, n.neu@firma10049.example")
    expect(row.get_by_role("link", name=contract).last).to_be_visible()
    people = application.staff("GET", f"/api/staff/contracts?contract_id={contract}")
    assert [one["name"] for one in people["contracts"][0]["reporters"]] == ["Nora Neu"]


def test_a_dealers_own_instructions_are_what_customers_see(
    application: Application, customer: Page, staff: Page
) -> None:
    machine = machines(customer)[OWN_HELP]
    sign_in(staff, application, "admin", "help")
    staff.get_by_label("Eigene Anleitung für ein Modell").fill(machine["model"])
    staff.get_by_role("button", name="Anleitung schreiben").click()
    staff.get_by_role("button", name="Deutsch: eigenen Text schreiben").click()
    staff.get_by_label("Überschrift").fill("Bei uns im Haus")
    steps = staff.get_by_label("Schritte, einer je Zeile")
    steps.fill("Taste drücken.\n\nDie <script>Zahl</script> ablesen.")
    expect(staff.locator(".preview li").nth(1)).to_have_text("Die <script>Zahl</script> ablesen.")
    save = staff.get_by_role("button", name="Speichern")
    save.click()
    expect(staff.get_by_text("Deutsch, Schritt 2: Bitte schreiben Sie reinen Text")).to_be_visible()
    expect(steps).to_be_focused()
    steps.fill("Taste drücken.\n\nDie Zahl ablesen.")
    staff.get_by_label("keine Zeichnung").check()
    save.click()
    expect(staff.get_by_text("Kunden sehen den neuen Text sofort.")).to_be_visible()
    seen = call(customer, "GET", f"/api/machines/{machine['id']}/help")
    assert (seen["match"], seen["title"]) == ("model", "Bei uns im Haus")
    assert (seen["steps"], seen["picture"]) == (["Taste drücken.", "Die Zahl ablesen."], None)

    staff.get_by_role("button", name="Deutsch: eigenen Text entfernen").click()
    save.click()
    expect(staff.get_by_text("Kunden sehen den neuen Text sofort.")).to_be_visible()
    assert call(customer, "GET", f"/api/machines/{machine['id']}/help")["match"] != "model"


def test_a_dealers_sentence_about_a_counter_stands_in_the_customers_help(
    application: Application, customer: Page, staff: Page
) -> None:
    machine = machines(customer)[WRONG_BEFORE]  # counts colour, too
    path = f"/api/staff/help/{quote(machine['model'])}"
    before = application.staff("GET", path)
    built = before["without"]["de"]["meters"]["COLOUR"]
    sign_in(staff, application, "admin", f"help/{quote(machine['model'])}")
    staff.get_by_role("button", name="Deutsch: eigenen Text schreiben").click()
    colour = staff.get_by_label("Zähler Farbe")
    expect(colour).to_have_value("")  # what stands there without is told, not copied
    expect(colour).to_have_accessible_description(f"Ohne eigenen Satz: {built}")
    shown = staff.locator(".preview dd").nth(1)
    expect(shown).to_have_text(built)
    colour.fill("Die <b>dritte</b> Zeile.")
    expect(shown).to_have_text("Die <b>dritte</b> Zeile.")
    save = staff.get_by_role("button", name="Speichern")
    save.click()
    expect(staff.get_by_text("Deutsch, Zähler Farbe: Bitte schreiben Sie reinen")).to_be_visible()
    expect(colour).to_be_focused()
    expect(colour).to_have_attribute("aria-invalid", "true")
    assert faults(staff) == []
    colour.fill("Die dritte Zeile\nauf der zweiten Seite. ")
    staff.reload()
    expect(staff.get_by_text("Ihre ungespeicherten Änderungen sind wieder da.")).to_be_visible()
    save.click()
    expect(staff.get_by_text("Kunden sehen den neuen Text sofort.")).to_be_visible()
    expect(colour).to_have_value("Die dritte Zeile auf der zweiten Seite.")
    now = application.staff("GET", path)
    own = "Die dritte Zeile auf der zweiten Seite."
    assert now["languages"]["de"]["meters"] == {"COLOUR": own}

    customer.evaluate("number => { location.hash = `#/help/${number}` }", machine["id"])
    rows = customer.locator("table.compare tbody tr")
    expect(rows).to_have_count(len(machine["meters"]))
    label = next(one["label"] for one in machine["meters"] if one["kind"] == "COLOUR")
    row = rows.filter(has=customer.get_by_role("rowheader", name=label, exact=True))
    expect(row.get_by_role("cell")).to_have_text(re.compile(f"^Am Gerät heißt .*“. {own}$"))
    expect(rows.filter(has_text="Gemeint sind die schwarzweiß gedruckten")).to_have_count(1)
    assert faults(customer) == []
    assert overflow(customer) == []

    colour.fill("")
    save.click()
    expect(staff.get_by_text("Kunden sehen den neuen Text sofort.")).to_be_visible()
    customer.reload()
    expect(row.get_by_role("cell")).to_contain_text("Gemeint sind die farbig")
    body = {"languages": {"de": None}, "version": now["version"] + 1}
    application.staff("PUT", path, body)


def test_two_authors_see_both_texts(application: Application, staff: Page) -> None:
    before = application.staff("GET", MFC)
    theirs: dict[str, Any] = {
        "title": "Von der Kollegin",
        "steps": ["Eins.", "Zwei."],
        "picture": None,
    }
    theirs["meters"] = {"SCAN": "Die letzte Zeile."}
    english: dict[str, Any] = {
        "title": "By the colleague",
        "steps": ["One."],
        "picture": None,
        "meters": {},
    }
    sign_in(staff, application, "admin", "help/MFC")
    staff.get_by_role("button", name="Deutsch: eigenen Text schreiben").click()
    title = staff.get_by_label("Überschrift").first
    title.fill("Von mir")
    scans = staff.get_by_label("Zähler Scan").first
    scans.fill("Die erste Zeile.")
    body = {"languages": {"de": theirs, "en": english}, "version": before["version"]}
    application.staff("PUT", MFC, body)
    save = staff.get_by_role("button", name="Speichern")
    save.click()
    expect(staff.get_by_text("Inzwischen hat jemand anderes diese Ablesehilfe")).to_be_visible()
    both = staff.locator(".theirs")
    expect(both).to_have_count(1)
    expect(both).to_contain_text("Von der Kollegin")
    expect(both).to_contain_text("Die letzte Zeile.")
    expect(title).to_have_value("Von mir")
    expect(scans).to_have_value("Die erste Zeile.")
    expect(staff.get_by_label("Überschrift").last).to_have_value("By the colleague")
    assert faults(staff) == []
    staff.get_by_role("button", name="Deutsch: gespeicherten Text nehmen").click()
    expect(title).to_have_value("Von der Kollegin")
    expect(scans).to_have_value("Die letzte Zeile.")
    title.fill("Von uns beiden")
    save.click()
    expect(staff.get_by_text("Kunden sehen den neuen Text sofort.")).to_be_visible()
    now = application.staff("GET", MFC)
    assert now["languages"]["de"] == {**theirs, "title": "Von uns beiden"}
    assert now["languages"]["en"] == english
    body = {"languages": {"de": None, "en": None}, "version": now["version"]}
    application.staff("PUT", MFC, body)


def test_text_that_is_not_saved_survives_a_change_of_language(
    application: Application, staff: Page
) -> None:
    sign_in(staff, application, "admin", "help/VersaLink")
    staff.get_by_role("button", name="Englisch: eigenen Text schreiben").click()
    staff.get_by_label("Überschrift").fill("Unfinished")
    staff.get_by_role("button", name="English").click()
    expect(staff.get_by_label("Title")).to_have_value("Unfinished")
    expect(staff.get_by_text("Your unsaved changes are back.")).to_be_visible()
    staff.get_by_role("button", name="Discard changes").click()
    expect(staff.get_by_label("Title")).to_have_count(0)
    staff.get_by_role("button", name="Deutsch").click()


def test_the_photo_of_a_disputed_value_stands_beside_it(
    application: Application, customer: Page, staff: Page
) -> None:
    machine = machines(customer)[DISPUTED]
    meter = machine["meters"][0]
    content = customer.screenshot()
    asked_for = {"meter_id": meter["id"], "content_type": "image/png", "size": len(content)}
    path = f"/api/machines/{machine['id']}"
    told = call(customer, "POST", f"{path}/photos", asked_for)
    upload = told["upload"]
    sent = base64.b64encode(content).decode()
    assert customer.evaluate(UPLOAD, [upload["url"], upload["headers"], sent]) in (200, 204)
    values = {
        one["id"]: str((one["last"] or {"value": 0})["value"] + 1) for one in machine["meters"]
    }
    values[meter["id"]] = str(int(values[meter["id"]]) + 900_000)
    body = {"values": values, "version": machine["version"]}
    body["confirm"] = dict.fromkeys(values, "Neu abgelesen, der Wert stimmt.")
    answer = call(customer, "PUT", f"{path}/readings", body)
    assert answer["status"] == 200, answer

    sign_in(staff, application, "release", "readings?bucket=implausible")
    row = staff.get_by_role("row").filter(has_text=machine["id"]).filter(has_text=meter["label"])
    photo = row.get_by_role("img")
    expect(photo).to_have_count(1)
    photo.scroll_into_view_if_needed()
    has_come(photo)
    assert faults(staff) == []
    row.get_by_role("button", name="Foto groß zeigen").click()
    large = staff.get_by_role("dialog", name=f"Foto des Zählers: Gerät {DISPUTED}")
    expect(large.get_by_role("img")).to_be_visible()
    assert faults(staff) == []
    staff.keyboard.press("Escape")
    expect(large).to_have_count(0)
    assert overflow(staff) == []

    by_key(application, staff, machine["id"], meter["id"])


def by_key(application: Application, staff: Page, machine_id: str, meter_id: str) -> None:
    """The same photo where it is decided: beside the marked value, and large by a letter."""
    listed = application.staff(
        "GET", f"/api/staff/readings?bucket=implausible&company_id={COMPANY}"
    )
    (number,) = (
        reading["id"]
        for one in listed["machines"]
        if one["id"] == machine_id
        for reading in one["readings"]
        if reading["meter_id"] == meter_id
    )
    open_view(staff, f"review?at={quote(number)}")
    marked = staff.locator(".review-list tr[aria-selected]")
    expect(marked).to_be_visible()
    detail = staff.locator(".review-detail")
    expect(detail.get_by_role("link", name=serial(application, machine_id))).to_be_visible()
    has_come(detail.get_by_role("img"))
    staff.keyboard.press("b")
    large = staff.get_by_role("dialog", name=f"Foto des Zählers: Gerät {machine_id}")
    has_come(large.get_by_role("img"))
    assert faults(staff) == []
    staff.keyboard.press("Escape")
    expect(large).to_have_count(0)
    staff.keyboard.press("b")  # the keys go on working where they did
    expect(large).to_be_visible()
    staff.keyboard.press("Escape")


def serial(application: Application, machine_id: str) -> str:
    found: str = application.staff("GET", f"/api/staff/machines/{machine_id}")["serial"]
    return found


def has_come(photo: Locator) -> None:
    """The picture itself is there, in the size in which it was sent."""
    expect(photo).to_be_visible()
    end = time.monotonic() + PATIENCE
    while (width := photo.evaluate("one => one.naturalWidth")) <= 300:
        assert time.monotonic() < end, width
        photo.page.wait_for_timeout(100)  # the page's policy lets nothing wait inside it


VIEWS = (
    "problems?state=open",
    "problems?state=decided",
    "successors?state=open",
    "successors?state=decided",
    "help",
    "help/bizhub",
)


def test_each_view_is_accessible_and_never_wider_than_the_window(
    application: Application, customer: Page, staff: Page
) -> None:
    problem = reported(customer, WRONG_BEFORE, "previous_reading_wrong", "Es waren 12.300.")
    sign_in(staff, application, "admin")
    for view in VIEWS:
        open_view(staff, view)
        expect(staff.locator("main")).not_to_contain_text("Wird geladen")
        if view == "help/bizhub":
            staff.get_by_role("button", name="Deutsch: eigenen Text schreiben").click()
            staff.get_by_label("Zähler Scan").fill("Die letzte Zeile.")
        for look in each_look(staff):
            assert faults(staff, look) == [], f"{view} {look}"
        assert overflow(staff) == [], view
    call(customer, "DELETE", f"/api/machines/{WRONG_BEFORE}/problems/{problem}")


def test_who_may_only_read_sees_no_decisions_to_take(application: Application, staff: Page) -> None:
    sign_in(staff, application, "read", "problems")
    expect(staff.get_by_text("Dafür fehlt Ihnen das Recht „Anfordern“.")).to_be_visible()
    open_view(staff, "help/bizhub")
    expect(staff.get_by_text("Dafür fehlt Ihnen das Recht „Verwalten“.")).to_be_visible()
    expect(staff.get_by_role("button", name="Speichern")).to_have_count(0)
    expect(staff.get_by_role("button", name="Deutsch: eigenen Text")).to_have_count(0)
