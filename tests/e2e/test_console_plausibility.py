"""The limits of the check as the staff edit them, and what they would have asked last year."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Page, Route, expect

from tests.e2e.console import open_view, sign_in
from tests.e2e.sight import each_look, faults, overflow
from tests.support.running import Application

TOLERANCES = "/api/staff/tolerances"
BACKTEST = "/api/staff/plausibility/backtest"
NOTHING: dict[str, Any] = {"dealer": {}, "families": {}, "kinds": {}, "contracts": {}}


def stored(application: Application) -> dict[str, Any]:
    told: dict[str, Any] = application.staff("GET", TOLERANCES)
    return told


def store(application: Application, **levels: Any) -> None:
    """What a colleague saves meanwhile."""
    version = stored(application)["version"]
    application.staff("PUT", TOLERANCES, {**NOTHING, **levels, "version": version})


@pytest.fixture
def limits(application: Application, staff: Page) -> Iterator[Page]:
    """The view of an administrator, nothing being set; the others' tests find it so, too."""
    store(application)
    sign_in(staff, application, "admin", "plausibility")
    expect(staff.get_by_role("heading", name="Alle Geräte")).to_be_visible()
    yield staff
    store(application)


def test_limits_are_set_and_removed_by_keyboard_alone(
    application: Application, limits: Page
) -> None:
    expect(limits.get_by_text("Noch keine Modellreihe hat eigene Grenzen.")).to_be_visible()
    limits.get_by_label("Anfang des Modellnamens").focus()
    press(limits, "bizhub C", "Enter", "2,5", "Tab", "Tab", "40")
    expect(limits.get_by_text("2 Änderungen sind noch nicht gespeichert.")).to_be_visible()
    limits.get_by_role("button", name="Speichern").focus()
    press(limits, "Enter")
    expect(limits.locator("main").get_by_text("Die Grenzen sind gespeichert.")).to_be_visible()
    family = {"ceiling": 2.5, "width": None, "quiet_pages": 40}
    assert stored(application)["families"] == {"bizhub C": family}

    limits.reload()
    expect(limits.get_by_label("Obergrenze, bizhub C")).to_have_value("2,5")
    limits.get_by_role("button", name="bizhub C entfernen").focus()
    press(limits, "Enter")
    expect(limits.get_by_label("Anfang des Modellnamens")).to_be_focused()
    limits.get_by_role("button", name="Speichern").focus()
    press(limits, "Enter")
    expect(limits.locator("main").get_by_text("Die Grenzen sind gespeichert.")).to_be_visible()
    assert stored(application)["families"] == {}


def press(page: Page, *typed: str) -> None:
    for one in typed:
        if one in ("Enter", "Tab"):
            page.keyboard.press(one)
        else:
            page.keyboard.type(one)


def test_wrong_entries_are_refused_at_their_field(application: Application, limits: Page) -> None:
    width = limits.get_by_label("Breite, Alle Geräte", exact=True)
    width.fill("breit")
    limits.get_by_label("Ruhige Seiten, Farbe").fill("2,5")
    limits.get_by_role("button", name="Speichern").click()
    expect(limits.get_by_text("Farbe: Bitte eine ganze Zahl von Seiten eintragen.")).to_be_visible()
    limits.get_by_role("button", name="Alle Geräte: Bitte eine Zahl eintragen").click()
    expect(width).to_be_focused()
    expect(width).to_have_attribute("aria-invalid", "true")

    width.fill("0,05")  # a number, but none that the check can work with: the server's words
    limits.get_by_label("Ruhige Seiten, Farbe").fill("")
    limits.get_by_role("button", name="Speichern").click()
    expect(limits.get_by_text("Alle Geräte: Die Breite ist eine Zahl von 0,2 bis")).to_be_visible()

    limits.get_by_label("Vertragsnummer").fill("70005")
    limits.get_by_role("button", name="Vertrag hinzufügen").click()
    limits.get_by_label("Vertragsnummer").fill("70005")
    limits.get_by_role("button", name="Vertrag hinzufügen").click()
    expect(limits.get_by_text("70005 steht schon in der Liste.")).to_be_visible()
    limits.get_by_role("button", name="Speichern").click()
    expect(limits.get_by_text("70005: Bitte mindestens eine Grenze eintragen")).to_be_visible()
    assert {key: stored(application)[key] for key in ("families", "contracts")} == {
        "families": {},
        "contracts": {},
    }


def test_changes_are_discarded_or_wait_until_they_are_saved(
    application: Application, limits: Page
) -> None:
    before = stored(application)["version"]
    ceiling = limits.get_by_label("Obergrenze, Alle Geräte")
    ceiling.fill("4,5")
    open_view(limits, "rounds")
    open_view(limits, "plausibility")
    expect(limits.get_by_text("Ihre ungespeicherten Änderungen sind wieder da.")).to_be_visible()
    expect(ceiling).to_have_value("4,5")
    limits.get_by_role("button", name="Änderungen verwerfen").click()
    expect(ceiling).to_have_value("")
    expect(limits.get_by_text("Alles ist gespeichert.")).to_be_visible()
    assert stored(application)["version"] == before


def test_two_people_see_both_values_and_lose_none(application: Application, limits: Page) -> None:
    limits.get_by_label("Breite, Alle Geräte", exact=True).fill("0,8")
    limits.get_by_label("Obergrenze, Scan").fill("5")
    limits.get_by_label("Obergrenze, Farbe", exact=True).fill("6")
    store(
        application,
        dealer={"width": 1.2, "quiet_pages": 30},
        kinds={"COLOUR": {"ceiling": 2}},
    )
    limits.get_by_role("button", name="Speichern").click()
    expect(limits.get_by_text("Inzwischen hat jemand anderes gespeichert.")).to_be_visible()
    expect(limits.get_by_text("1 Änderung der anderen Person ist übernommen.")).to_be_visible()
    expect(limits.get_by_label("Ruhige Seiten, Alle Geräte")).to_have_value("30")
    both = limits.get_by_role("row").filter(has_text="Breite").filter(has_text="0,8")
    expect(both).to_contain_text("1,2")
    expect(limits.get_by_label("Breite, Alle Geräte", exact=True)).to_have_value("0,8")
    assert faults(limits) == []

    limits.get_by_role("button", name="Obergrenze, Farbe: gespeicherten Wert nehmen").click()
    expect(limits.get_by_label("Obergrenze, Farbe", exact=True)).to_have_value("2")
    limits.get_by_role("button", name="Speichern").click()
    expect(limits.locator("main").get_by_text("Die Grenzen sind gespeichert.")).to_be_visible()
    now = stored(application)
    assert (now["dealer"]["width"], now["dealer"]["quiet_pages"]) == (0.8, 30)
    assert {kind: found["ceiling"] for kind, found in now["kinds"].items()} == {
        "SCAN": 5,
        "COLOUR": 2,
    }


def test_the_last_year_is_judged_with_limits_that_are_not_saved(
    application: Application, limits: Page
) -> None:
    told = application.staff("POST", BACKTEST, {"tolerances": {"dealer": {"width": 0.6}}})
    assert told["complete"]
    assert told["hints_total"] > told["stored"]["hints_total"] > 0
    limits.get_by_label("Breite, Alle Geräte", exact=True).fill("0,6")
    limits.get_by_label("Anfang des Modellnamens").fill("Noch ohne Grenzen")
    limits.get_by_role("button", name="Modellreihe hinzufügen").click()
    limits.get_by_role("button", name="Nachrechnen").click()
    total, usual = told["hints_total"], told["stored"]["hints_total"]
    said = limits.get_by_text(f"{total} Hinweise ergeben (heute: {usual}).")
    expect(said).to_be_visible()
    expect(said).to_contain_text("Mit diesen Grenzen hätten die Zählerstände des letzten Jahres")
    first = told["hints"][0]
    row = limits.get_by_role("row").filter(has_text=first["text"])
    expect(row).to_contain_text(first["machine_id"])
    expect(row).to_contain_text(first["label"])

    code, number = next(iter(told["by_code"].items()))
    assert code == "digits_transposed"
    limits.get_by_role("button", name="Nur „Ziffern vertauscht“ zeigen").click()
    listed = limits.get_by_role("table", name="Die Hinweise: Ziffern vertauscht")
    for _ in range(number // 50):
        limits.get_by_role("button", name="Mehr zeigen").click()
    expect(listed.locator("tbody tr")).to_have_count(number)

    limits.get_by_label("Breite, Alle Geräte", exact=True).fill("0,7")
    expect(limits.get_by_text("Die Grenzen oben sind seitdem geändert")).to_be_visible()
    assert stored(application)["dealer"]["width"] is None


def test_long_work_shows_its_numbers_and_can_be_stopped(
    application: Application, limits: Page
) -> None:
    """The answer in two parts, the second one late, as a large portfolio gives it."""
    whole = application.staff("POST", BACKTEST, {"tolerances": NOTHING})
    asked: list[dict[str, Any]] = []

    def in_parts(route: Route) -> None:
        asked.append(json.loads(route.request.post_data or "{}"))
        if len(asked) % 2:
            part = whole | {"judged": 600, "complete": False, "next_cursor": "the second part"}
            route.fulfill(json=part)
        else:
            waiting.append(route)

    waiting: list[Route] = []
    limits.route(f"**{BACKTEST}", in_parts)
    hints = whole["hints_total"]
    go = limits.get_by_role("button", name="Nachrechnen")
    go.click()
    expect(limits.get_by_text(f"600 Zählerstände nachgerechnet, {hints} mit")).to_be_visible()
    waiting.pop().fulfill(json=whole | {"judged": 50})
    expect(limits.get_by_text(f"{2 * hints} Hinweise ergeben (heute: {2 * hints})")).to_be_visible()
    expect(limits.locator(".figures")).to_contain_text("650")
    assert asked[1] == asked[0] | {"cursor": "the second part"}

    go.click()
    limits.get_by_role("button", name="Anhalten").click()
    expect(limits.get_by_text("Das Ergebnis gilt nur für den Teil")).to_be_visible()
    expect(limits.locator(".figures")).to_contain_text("600")


def test_a_span_without_readings_and_limits_without_hints_say_so(limits: Page) -> None:
    limits.get_by_label("Von").fill("2001-01-01")
    limits.get_by_label("Bis", exact=True).fill("2001-12-31")
    limits.get_by_role("button", name="Nachrechnen").click()
    expect(limits.get_by_text("gibt es keinen Zählerstand zum Nachrechnen")).to_be_visible()
    limits.get_by_label("Von").fill("2026-12-01")
    limits.get_by_role("button", name="Nachrechnen").click()
    expect(limits.get_by_role("alert")).to_be_visible()


def test_who_may_only_read_tries_limits_but_saves_none(
    application: Application, staff: Page
) -> None:
    sign_in(staff, application, "read", "plausibility")
    expect(staff.get_by_text("Dafür fehlt Ihnen das Recht „Verwalten“.")).to_be_visible()
    expect(staff.get_by_label("Breite, Alle Geräte", exact=True)).not_to_be_editable()
    expect(staff.get_by_role("button", name="Speichern")).to_have_count(0)
    staff.get_by_role("button", name="Nachrechnen").click()
    expect(staff.get_by_text("Mit diesen Grenzen hätten")).to_be_visible()


def test_the_limits_are_accessible_and_never_wider_than_the_window(limits: Page) -> None:
    limits.get_by_label("Breite, Alle Geräte", exact=True).fill("0,9")
    for look in each_look(limits):
        summary = limits.locator("details.meaning")
        if summary.get_attribute("open") is None:
            summary.locator("summary").click()
            limits.locator(".whatif .button").click()
            expect(limits.locator(".figures")).to_be_visible()
        assert faults(limits, look) == [], look
    limits.locator(".whatif .button").click()
    expect(limits.locator(".figures")).to_be_visible()
    assert overflow(limits) == []


def test_the_form_is_accessible_with_its_rows_and_what_is_refused_in_them(limits: Page) -> None:
    limits.get_by_label("Anfang des Modellnamens").fill("bizhub C")
    limits.get_by_role("button", name="Modellreihe hinzufügen").click()
    limits.get_by_label("Breite, bizhub C").fill("breit")
    limits.get_by_label("Vertragsnummer").fill("70005")
    limits.get_by_role("button", name="Vertrag hinzufügen").click()
    for look in each_look(limits):
        limits.get_by_role("button", name=re.compile("^(Speichern|Save)$")).click()
        expect(limits.locator("[aria-invalid=true]").first).to_be_visible()
        limits.locator("#second-pages").fill("viele")
        limits.locator(".second-person button").click()
        expect(limits.locator(".second-person [role=alert]")).to_be_visible()
        assert faults(limits, look) == [], look
    assert overflow(limits) == []
