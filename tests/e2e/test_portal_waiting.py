"""Without a network as drawn: a strip above all, what waits in one line each and first, what was sent said for a moment."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.e2e.asking import enter_with_files
from tests.e2e.drawn import asked_as_drawn, companies
from tests.support.running import Application

COMPANY = companies(18031)["twelve"]


@pytest.fixture(scope="session")
def link(application: Application) -> str:
    return asked_as_drawn(application, COMPANY)


@pytest.fixture
def ready(contact: Page, link: str) -> Page:
    enter_with_files(contact, link)
    return contact


def card(page: Page, n: int) -> Locator:
    return page.locator(f"#machine-{COMPANY.machine(n)}")


def field(page: Page, n: int, meter: str) -> Locator:
    return page.locator(f"#m-{COMPANY.machine(n)}-{meter}")


def keep(page: Page, n: int) -> None:
    """Today's values of a machine, sent while there is no network."""
    for meter, (_, now) in COMPANY.copiers[n].values.items():
        field(page, n, meter).fill(str(now))
    card(page, n).get_by_role("button", name="Zählerstände merken").click()
    expect(card(page, n).locator(".kept")).to_be_visible()


def top(element: Locator) -> float:
    box = element.bounding_box()
    assert box is not None
    return box["y"]


def test_a_strip_says_so_above_all_and_the_field_in_use_stays(ready: Page) -> None:
    one = field(ready, 3, "1")
    one.focus()
    before = top(one)
    ready.context.set_offline(True)
    strip = ready.locator(".strip")
    expect(strip).to_contain_text("Kein Netz. Tragen Sie ruhig weiter ein.")
    expect(ready.locator("#said")).to_have_text("Kein Netz. Tragen Sie ruhig weiter ein.")
    assert abs(top(one) - before) <= 1
    ready.evaluate("scrollTo(0, 0)")
    assert top(strip) < top(ready.locator(".head"))
    width = strip.evaluate("one => one.getBoundingClientRect().width")
    assert width == ready.evaluate("document.documentElement.clientWidth")
    expect(strip.get_by_role("button")).to_have_count(0)  # Trying is in vain.
    ready.context.set_offline(False)
    expect(strip).to_have_count(0)


def test_what_waits_is_one_line_in_its_place_and_first_when_the_page_comes_again(
    ready: Page,
) -> None:
    ready.context.set_offline(True)
    for n in (1, 2):
        keep(ready, n)
    kept = card(ready, 1).locator(".kept")
    expect(kept.locator("p")).to_have_text("S/W 122.098 · Farbe 41.506")
    expect(kept.get_by_role("button", name="TASKalfa 3554ci ändern")).to_have_text("ändern")
    assert card(ready, 1).evaluate("one => one.getBoundingClientRect().height") <= 110
    ids = "all => all.map((one) => one.id)"
    places = ready.locator("article.machine").evaluate_all(ids)
    assert places[1] == f"machine-{COMPANY.machine(1)}"  # It stays where it is until the next load.
    expect(ready.locator(".sticky label")).to_have_text(re.compile("0 von 12 gemeldet, 2 warten$"))
    expect(ready.locator(".sticky .number")).to_have_text("10 offen")
    ready.reload()
    heading = ready.get_by_role("heading", name="Wartet auf Netz")
    expect(heading).to_be_visible()
    expect(ready.locator(".list .group").first.locator("article")).to_have_count(2)
    places = ready.locator("article.machine").evaluate_all(ids)
    assert places[:2] == [f"machine-{COMPANY.machine(n)}" for n in (1, 2)]
    ready.context.set_offline(False)
    expect(ready.locator(".strip.sent")).to_have_text("4 Zählerstände gesendet")
    expect(ready.get_by_role("heading", name="Gesendet")).to_be_visible()
    expect(ready.locator(".strip")).to_have_count(0)  # After some seconds.
    expect(card(ready, 1).locator(".badge")).to_have_text("Gemeldet")


def test_behind_the_cards_stand_the_ways_around_them(ready: Page) -> None:
    ways = ready.locator(".behind a")
    expect(ways).to_have_text(["Als Excel-Tabelle melden", "Alle Geräte der Firma"])
    assert top(ready.locator("article.machine").last) < top(ways.first)
    ways.first.click()
    expect(ready.get_by_role("heading", level=1)).to_contain_text("Tabelle")


def test_the_bar_takes_one_line_also_on_the_smallest_phone(ready: Page) -> None:
    ready.set_viewport_size({"width": 320, "height": 700})
    field(ready, 3, "1").fill("151.902")
    bar = ready.locator(".sticky")
    assert abs(top(bar.locator("label")) - top(bar.locator(".number"))) < 8
    ready.set_viewport_size({"width": 390, "height": 844})
    field(ready, 4, "1").fill("331.120")
    button = bar.get_by_role("button", name="2 Zählerstände absenden")
    assert abs(top(bar.locator("label")) - top(button)) < 8  # Beside it.
    for n in (3, 4):
        field(ready, n, "1").fill("")
