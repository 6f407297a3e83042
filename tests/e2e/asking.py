"""A contact's way in: asked by the staff's API, let in by the link of the mail that was really sent."""

from __future__ import annotations

import re
import time
from typing import Any
from urllib.parse import urlencode

from playwright.sync_api import Locator, Page, expect

from tests.support.running import Application, log_end

PATIENCE = 480
"""Seconds: a message that was given back, or whose answer got lost, comes again after its queue's
360."""
BUILT = PATIENCE * 1000
"""Milliseconds until a page shows what a worker makes in between: its message may come again, too."""


def asked(application: Application, company_id: str, address: str) -> str:
    """Ask a company's contacts once and give the link of the mail to `address`."""
    found = _mailed(application, address)
    if found:
        return found
    checked = ready(application, company_id)
    chosen = {"selection": {"filter": {"company_id": company_id}}, "dry_run": False}
    planned = application.staff("POST", "/api/staff/rounds", chosen)["id"]
    try:
        return sent_after(application, address, "")
    except AssertionError as missed:
        of_round = application.staff("GET", f"/api/staff/rounds/{planned}")
        said = f"{missed}: checked {checked}, planned {of_round}; {log_end(application.state)}"
        raise AssertionError(said) from None


def ready(application: Application, company_id: str) -> Any:
    """Check a company's contracts, which gives its contacts their rights; the check's answer."""
    chosen = {"selection": {"filter": {"company_id": company_id}}, "dry_run": False}
    told = application.staff("POST", "/api/staff/readiness", chosen)
    assert "id" not in told, "so few contracts are checked at once"
    return told


def _mailed(application: Application, address: str) -> str | None:
    """The newest link that was sent to an address."""
    links = (re.search(r"http\S+/#t=\S+", mail["text"]) for mail in mails_to(application, address))
    return next((link[0] for link in links if link), None)


def mails_to(application: Application, address: str) -> list[dict[str, Any]]:
    """The mails that were sent to an address, the newest first."""
    found: list[dict[str, Any]] = application.json(f"/_local/mails?{urlencode({'to': address})}")
    return found


def sent_after(application: Application, address: str, earlier: str) -> str:
    """The link of a newer mail to an address than the one of the link `earlier`."""
    end = time.monotonic() + PATIENCE
    while time.monotonic() < end:
        newest = _mailed(application, address)
        if newest and newest != earlier:
            return newest
        time.sleep(0.2)
    raise AssertionError(f"no newer link to {address}")


def enter(page: Page, link: str) -> None:
    """Open a link as on a new device: by a click on the door page."""
    through_the_door(page, link)
    expect(page.locator("article.machine").first).to_be_visible()


def through_the_door(page: Page, link: str) -> None:
    """The same, whatever stands behind it: cards, or a table."""
    page.goto(link)
    page.get_by_role("button", name=re.compile("Weiter zu Ihren Geräten|Continue to")).click()


def speak(page: Page) -> None:
    """Switches the language and waits until it is kept: the next visit is in it, and a page that closes earlier keeps the other one."""
    with page.expect_response("**/api/session/language"):
        page.locator("#language").click()


def enter_with_files(page: Page, link: str) -> None:
    """The same, and touch the page once, so that its own files are kept on the device."""
    enter(page, link)
    page.mouse.wheel(0, 1)
    page.keyboard.press("Tab")
    page.evaluate("() => navigator.serviceWorker.ready.then(() => true)")
    page.wait_for_load_state("networkidle")


def ask_again(page: Page) -> None:
    """Presses what tries once more, by key: above it a list builds its cards as they come into sight,
    and what a pointer aims at has moved by then."""
    page.get_by_role("button", name="Noch einmal versuchen").press("Enter")


def way(card: Locator, name: str) -> Locator:
    """The link of that name on a machine's card; what is folded is opened before."""
    folded = card.locator("details.ways:not([open]) > summary")
    link = card.get_by_role("link", name=name)
    expect(folded.or_(link).first).to_be_visible()
    if folded.count():
        folded.press("Enter")
    return link


def of_day(card: Locator) -> Locator:
    """The field of a card's day of reading, which stands there as words until somebody changes it."""
    change = card.get_by_role("button", name="Datum der Ablesung ändern")
    field = card.get_by_label("Abgelesen am")
    expect(change.or_(field).first).to_be_visible()
    if change.count():
        change.press("Enter")
    expect(field).to_be_visible()
    return field


def says_right(card: Locator) -> None:
    """Answer the question about a value: it is right. The hint is opened before, if it is one line."""
    line = card.locator(".hint .more").locator("visible=true").first
    button = card.get_by_role("button", name=IS_RIGHT).locator("visible=true").first
    expect(line.or_(button).first).to_be_visible()
    if not button.count():
        line.press("Enter")
    button.press("Enter")


def because(card: Locator, words: str = "") -> None:
    """Choose the first reason why a value is right, or another one in own words."""
    if not words:
        card.get_by_role("radio").first.check()
        return
    card.get_by_role("radio").last.check()
    card.get_by_label("Grund in eigenen Worten").fill(words)


IS_RIGHT = re.compile("^(Der Wert stimmt|The value is right)$")
