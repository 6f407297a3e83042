"""A contact's way in: asked by the staff's API, let in by the link of the mail that was really sent."""

from __future__ import annotations

import re
import time

from playwright.sync_api import Page, expect

from tests.running import Application

PATIENCE = 60


def asked(application: Application, company_id: str, address: str) -> str:
    """Ask a company's contacts once and give the link of the mail to `address`."""
    if not _mailed(application, address):
        chosen = {"selection": {"filter": {"company_id": company_id}}, "dry_run": False}
        application.staff("POST", "/api/staff/readiness", chosen)
        application.staff("POST", "/api/staff/rounds", chosen)
    end = time.monotonic() + PATIENCE
    while time.monotonic() < end:
        if link := _mailed(application, address):
            return link
        time.sleep(0.3)
    raise AssertionError(f"no mail to {address}")


def _mailed(application: Application, address: str) -> str | None:
    """The newest link that was sent to an address."""
    for mail in application.json("/_local/mails"):
        found = re.search(r"http\S+/#t=\S+", mail["text"])
        if address in str(mail["to"]) and found:
            return found[0]
    return None


def sent_after(application: Application, address: str, earlier: str) -> str:
    """The link of a newer mail to an address than the one of the link `earlier`."""
    end = time.monotonic() + PATIENCE
    while time.monotonic() < end:
        newest = _mailed(application, address)
        if newest and newest != earlier:
            return newest
        time.sleep(0.2)
    raise AssertionError(f"no new link to {address}")


def enter(page: Page, link: str) -> None:
    """Open a link as on a new device: by a click on the door page."""
    page.goto(link)
    page.get_by_role("button", name=re.compile("Weiter zu Ihren Geräten|Continue to")).click()
    expect(page.locator("article.machine").first).to_be_visible()
