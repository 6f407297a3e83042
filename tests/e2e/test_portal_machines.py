"""All machines of the company: found, looked at, and the way back to where somebody was."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Locator, Page, Route, expect

from tests.e2e.asking import ask_again, asked, enter, speak
from tests.e2e.customers import Customer, asked_customer
from tests.e2e.sight import each_look, faults, overflow
from tests.support.running import Application

CUSTOMER = Customer(18701, 3, others=4)
LARGE = Customer(18702, 2, others=220)
"""More than one page of the API, which has 200."""

THEIRS = CUSTOMER.machine(5)


@pytest.fixture(scope="session")
def link(application: Application) -> str:
    return asked_customer(application, CUSTOMER)


@pytest.fixture
def inside(contact: Page, link: str) -> Page:
    enter(contact, link)
    return contact


def open_list(page: Page) -> None:
    """By the menu."""
    page.locator("details.menu summary").click()
    page.get_by_role("link", name="Alle Geräte", exact=True).click()
    expect(page.get_by_role("heading", name="Alle Geräte", level=1)).to_be_focused()


def listed(page: Page, customer: Customer = CUSTOMER) -> Locator:
    open_list(page)
    cards = page.locator(".all-machines article.machine")
    expect(cards).to_have_count(customer.machines + customer.others)
    return cards


def card(page: Page, machine: str) -> Locator:
    return page.locator(f"#machine-{machine}")


def test_all_machines_are_listed_with_their_last_readings(inside: Page) -> None:
    ids = listed(inside).evaluate_all("all => all.map((one) => one.id)")
    assert ids == [f"machine-{CUSTOMER.machine(n)}" for n in range(1, 8)]
    theirs = card(inside, THEIRS)
    expect(theirs.get_by_text("Nur zur Ansicht")).to_be_visible()
    expect(theirs.get_by_text("zuletzt 100.000 am 28.08.2026")).to_be_visible()
    expect(theirs.get_by_text("zuletzt 110.000 am 28.08.2026")).to_be_visible()
    expect(theirs.get_by_role("link")).to_have_text(["Verlauf", "Wie lese ich ab?"])
    mine = card(inside, CUSTOMER.machine(1)).get_by_role("link")
    expect(mine).to_have_text(["Zählerstand eintragen", "Verlauf", "Wie lese ich ab?"])
    expect(inside.locator("input.digits")).to_have_count(0)


def test_the_list_is_accessible_in_every_look(inside: Page) -> None:
    listed(inside)
    for look in each_look(inside):
        assert faults(inside, look) == [], look
    assert overflow(inside) == []


def test_the_language_is_that_of_the_whole_list(inside: Page) -> None:
    listed(inside)
    inside.get_by_role("searchbox").fill("K-5")
    speak(inside)
    expect(inside.get_by_role("heading", name="All machines", level=1)).to_be_visible()
    expect(inside.locator("article.machine:visible")).to_have_count(1)
    expect(card(inside, THEIRS).get_by_text("View only")).to_be_visible()
    expect(card(inside, THEIRS).get_by_text("last 100,000")).to_be_visible()
    expect(inside.get_by_label("View only 1")).to_be_visible()
    speak(inside)
    expect(inside.get_by_role("searchbox")).to_have_value("K-5")


def test_the_filter_knows_numbers_places_and_who_reports(inside: Page) -> None:
    listed(inside)
    inside.get_by_label("Sie melden 3").check()
    expect(inside.locator("article.machine:visible")).to_have_count(3)
    inside.get_by_label("Nur zur Ansicht 4").check()
    inside.get_by_role("searchbox").fill("106")
    expect(inside.locator("article.machine:visible")).to_have_count(1)
    inside.get_by_role("searchbox").press("Enter")
    expect(card(inside, CUSTOMER.machine(6)).locator(".name")).to_be_focused()


@pytest.mark.parametrize(
    ("name", "title"), [("Verlauf", "Verlauf"), ("Wie lese ich ab?", "So lesen Sie")]
)
def test_a_colleague_s_machine_is_looked_at_and_the_way_leads_back(
    inside: Page, name: str, title: str
) -> None:
    listed(inside)
    inside.get_by_role("searchbox").fill("Kyocera")
    again = card(inside, CUSTOMER.machine(4)).get_by_role("link", name=name)
    again.click()
    shown = inside.locator(".screen")
    expect(shown.locator("h1")).to_contain_text(title)
    expect(shown).to_contain_text("TASKalfa")
    expect(
        shown.get_by_text(re.compile("Weiter zum Eintragen|Ich kann nicht ablesen"))
    ).to_have_count(0)
    inside.get_by_role("link", name="Zurück zu allen Geräten").click()
    expect(again).to_be_focused()
    expect(inside.get_by_role("searchbox")).to_have_value("Kyocera")
    expect(inside.locator("article.machine:visible")).to_have_count(3)
    again.press("Enter")
    expect(shown.locator("h1")).to_contain_text(title)
    inside.go_back()
    expect(again).to_be_focused()


@pytest.mark.parametrize("screen", ["history", "help"])
def test_a_colleague_s_machine_is_shown_after_a_reload_too(inside: Page, screen: str) -> None:
    inside.evaluate("to => { location.hash = to }", f"#/{screen}/{THEIRS}/machines")
    expect(inside.locator(".screen h1")).to_be_visible()
    inside.reload()
    expect(inside.locator(".screen")).to_contain_text("Ricoh")
    assert faults(inside) == []
    assert overflow(inside) == []
    inside.get_by_role("link", name="Zurück zu allen Geräten").click()
    expect(inside.locator("article.machine")).to_have_count(7)


def test_a_problem_of_a_colleague_s_machine_cannot_be_reported(inside: Page) -> None:
    inside.evaluate("to => { location.hash = to }", f"#/problem/{THEIRS}")
    expect(inside.locator(".screen .box")).to_be_visible()
    expect(inside.locator(".screen input, .screen .button")).to_have_count(0)


def test_what_a_colleague_reported_is_shown_without_their_words(
    application: Application, inside: Page, colleague: Page
) -> None:
    enter(colleague, asked(application, str(CUSTOMER.number), CUSTOMER.colleague))
    report = {"values": {"1": "190000"}, "confirm": {"1": "Streng vertraulich"}, "version": 1}
    status = colleague.evaluate(
        """([id, report]) => fetch(`/api/machines/${id}/readings`, {
          method: "PUT", headers: { "content-type": "application/json" }, body: JSON.stringify(report),
        }).then((answer) => answer.status)""",
        [CUSTOMER.machine(7), report],
    )
    assert status == 200
    listed(inside)
    seen = card(inside, CUSTOMER.machine(7))
    expect(seen.get_by_text("190.000 am 23.11.2026")).to_be_visible()
    expect(seen.get_by_text("gespeichert, mit Begründung")).to_be_visible()
    expect(seen.get_by_text("Gemeldet von Otto Otter")).to_be_visible()
    expect(inside.get_by_text("Streng vertraulich")).to_have_count(0)


def test_an_own_machine_is_entered_from_the_list_and_seen_in_it_afterwards(inside: Page) -> None:
    listed(inside)
    own = CUSTOMER.machine(2)
    card(inside, own).get_by_role("link", name="Zählerstand eintragen").click()
    expect(inside.locator(f"#m-{own}-1")).to_be_focused()
    for meter in "12":
        inside.locator(f"#m-{own}-{meter}").fill(str(CUSTOMER.now(2, meter)))
    card(inside, own).get_by_role("button", name="Absenden").click()
    expect(card(inside, own).locator(".verdict.plausible")).to_have_count(2)
    inside.go_back()
    expect(inside.get_by_role("heading", name="Alle Geräte", level=1)).to_be_visible()
    expect(card(inside, own).get_by_text("Gemeldet", exact=True)).to_be_visible()
    expect(card(inside, own).get_by_role("link", name="Zur Meldung")).to_be_focused()


def test_the_list_is_new_each_time_but_for_who_comes_back(inside: Page) -> None:
    listed(inside)
    inside.get_by_role("searchbox").fill("K-5")
    inside.get_by_role("link", name="Zurück zu Ihren Zählerständen").click()
    expect(inside.locator("input.digits").first).to_be_visible()
    with inside.expect_response("**/api/machines?scope=company"):
        open_list(inside)
    expect(inside.get_by_role("searchbox")).to_have_value("")


def test_many_machines_come_page_by_page_and_a_lost_page_is_asked_for_again(
    application: Application, colleague: Page
) -> None:
    sent: list[str] = []
    colleague.on("request", lambda request: sent.append(request.url))
    enter(colleague, asked_customer(application, LARGE))
    colleague.route("**/api/machines?scope=company&cursor=*", lambda route: route.abort())
    open_list(colleague)
    expect(colleague.locator("article.machine")).to_have_count(200)
    expect(colleague.get_by_role("alert")).to_contain_text("Keine Verbindung")
    colleague.unroute("**/api/machines?scope=company&cursor=*")
    sent.clear()
    ask_again(colleague)
    expect(colleague.locator("article.machine")).to_have_count(222)
    # The first page, and all machines by number in two stretches.
    assert len([url for url in sent if "scope=company" in url]) == 3
    ids = colleague.locator("article.machine").evaluate_all("all => all.map((one) => one.id)")
    assert ids == [f"machine-{LARGE.machine(n)}" for n in range(1, 223)]
    last = card(colleague, LARGE.machine(222))
    expect(last.locator(".meter")).to_have_count(0)  # far away: an outline
    colleague.get_by_role("searchbox").fill("K-222")
    expect(last.get_by_role("link", name="Verlauf")).to_be_visible()
    colleague.get_by_role("searchbox").press("Escape")
    expect(colleague.locator("article.machine:visible")).to_have_count(222)


def test_what_has_come_is_shown_when_the_last_page_is_lost(
    application: Application, colleague: Page
) -> None:
    enter(colleague, asked_customer(application, LARGE))
    pages = "**/api/machines?scope=company&cursor=*"

    def one_page_more(route: Route) -> None:
        if "cursor=lost" in route.request.url:
            route.abort()
            return
        answer = route.fetch()
        page = answer.json()
        route.fulfill(response=answer, json=page | {"next_cursor": page["next_cursor"] or "lost"})

    colleague.route(pages, one_page_more)
    open_list(colleague)
    expect(colleague.get_by_role("alert")).to_contain_text("Keine Verbindung")
    expect(colleague.locator("article.machine")).to_have_count(222)
    colleague.unroute(pages)
    ask_again(colleague)
    expect(colleague.get_by_role("alert")).to_have_count(0)
    expect(colleague.locator("article.machine")).to_have_count(222)


def test_on_paper_every_machine_has_its_readings_and_no_way(
    application: Application, colleague: Page
) -> None:
    enter(colleague, asked_customer(application, LARGE))
    listed(colleague, LARGE)
    colleague.emulate_media(media="print")
    colleague.evaluate("dispatchEvent(new Event('beforeprint'))")
    expect(colleague.locator(".all-machines .meter")).to_have_count(444)
    for unprinted in (".ways", ".find", ".all-machines .button", ".back"):
        expect(colleague.locator(unprinted).first).to_be_hidden()


def reloaded(page: Page, change: Callable[[dict[str, Any]], None]) -> None:
    """The page with a session that differs from what the API says."""

    def told(route: Route) -> None:
        answer = route.fetch()
        session = answer.json()
        change(session)
        route.fulfill(response=answer, json=session)

    page.route("**/api/session?overview=1", told)
    page.reload()


def test_who_reports_nothing_is_led_to_what_there_is_to_look_at(inside: Page) -> None:
    nothing: dict[str, Any] = {
        "machines": [],
        "progress": {"reported": 0, "total": 0},
        "due_on": None,
    }
    reloaded(inside, lambda session: session["overview"].update(nothing))
    expect(inside.get_by_text("zurzeit kein Gerät zugeordnet")).to_be_visible()
    assert faults(inside) == []
    inside.get_by_role("link", name="Alle Geräte der Firma ansehen").click()
    expect(inside.locator("article.machine")).to_have_count(7)


def test_without_the_right_the_menu_has_no_such_way(inside: Page) -> None:
    reloaded(inside, lambda session: session["rights"].update(machines=False))
    inside.locator("details.menu summary").click()
    expect(inside.get_by_role("link", name="QR-Aufkleber drucken")).to_be_visible()
    expect(inside.get_by_role("link", name="Alle Geräte")).to_have_count(0)
    inside.evaluate("() => { location.hash = '#/machines' }")
    expect(inside.get_by_text("Die Geräte von Ibis Werkzeuge GmbH, die Sie melden")).to_be_visible()


def test_a_list_that_does_not_come_says_so_and_tries_again(inside: Page) -> None:
    inside.route("**/api/machines?scope=company", lambda route: route.abort())
    open_list(inside)
    expect(inside.get_by_role("alert")).to_contain_text("Keine Verbindung")
    inside.unroute("**/api/machines?scope=company")
    ask_again(inside)
    expect(inside.locator("article.machine")).to_have_count(7)
