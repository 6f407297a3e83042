"""The page about the sender's domain, with a name server of this machine in the place of the internet's."""

from __future__ import annotations

import json
import urllib.request
from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.e2e.console import sign_in
from tests.e2e.sight import faults, overflow
from tests.support.running import Application


def in_dns(application: Application, **told: Any) -> None:
    """What the name server answers from now on."""
    request = urllib.request.Request(  # noqa: S310 - the address is our own, on loopback
        f"{application.url}/_local/dns", json.dumps(told).encode(), method="POST"
    )
    urllib.request.urlopen(request, timeout=30).close()  # noqa: S310


def record(name: str, kind: str, *values: str) -> dict[str, Any]:
    return {"name": name, "type": kind, "values": list(values)}


@pytest.fixture
def dns(application: Application) -> Iterator[Application]:
    """Empty afterwards, for whoever looks next."""
    yield application
    records = application.staff("GET", "/api/staff/sender")["records"]
    in_dns(
        application,
        records=[record(one["name"], one["type"]) for one in records],
        failing=False,
    )


def row(page: Page, text: str) -> Locator:
    return page.locator("main tbody tr").filter(has_text=text)


def test_what_is_entered_at_the_registrar_is_found_and_what_differs_is_shown(
    dns: Application, staff: Page
) -> None:
    staff.context.grant_permissions(["clipboard-read", "clipboard-write"])
    sign_in(staff, dns, "read", "sender")
    expect(staff.get_by_text("7 von 7 Einträgen brauchen noch einen Blick.")).to_be_visible()
    expect(row(staff, "DMARC")).to_contain_text("fehlt")
    assert faults(staff) == []
    assert overflow(staff) == []

    # Somebody takes name and value over by their buttons, and enters a policy of their own.
    copied = []
    for button in row(staff, "DMARC").get_by_role("button").all():
        button.press("Enter")
        expect(staff.locator("#said")).to_contain_text("Kopiert: ")
        copied.append(staff.evaluate("navigator.clipboard.readText()"))
        staff.locator("#said").evaluate("said => { said.textContent = '' }")
    assert copied == ["_dmarc.dealer.example", "v=DMARC1; p=none"]
    spf = "v=spf1 include:mail.example -all"
    in_dns(
        dns,
        records=[
            record(copied[0], "TXT", '"v=DMARC1; p=reject"'),
            record("bounces.dealer.example", "TXT", f'"{spf}"'),
        ],
    )
    check = staff.get_by_role("button", name="Erneut prüfen")
    check.press("Enter")
    told = staff.get_by_text("6 von 7 Einträgen brauchen noch einen Blick.")
    expect(told).to_be_focused()
    expect(row(staff, "DMARC")).to_contain_text("vorhanden")
    expect(row(staff, "DMARC")).to_contain_text("v=DMARC1; p=reject")
    expect(row(staff, "MAIL FROM, SPF")).to_contain_text("weicht ab")
    expect(row(staff, "MAIL FROM, SPF")).to_contain_text(spf)
    expect(row(staff, "MAIL FROM, SPF")).to_contain_text("Fassen Sie mehrere zu einem zusammen.")

    asked = dns.staff("GET", "/api/staff/sender")["records"]
    right = [
        record(
            one["name"],
            one["type"],
            f'"{one["value"]}"' if one["type"] == "TXT" else f"{one['value']}.",
        )
        for one in asked
    ]
    in_dns(dns, records=right)
    check.press("Enter")
    expect(staff.get_by_text("Alle 7 Einträge sind da.")).to_be_focused()
    assert faults(staff) == []


def test_a_dns_that_cannot_be_asked_is_said_in_words(dns: Application, staff: Page) -> None:
    in_dns(dns, failing=True)
    sign_in(staff, dns, "admin", "sender")
    expect(row(staff, "DMARC")).to_contain_text("nicht geprüft")
    expect(row(staff, "DMARC")).to_contain_text("DNS konnte nicht gefragt werden.")
    staff.locator("#language").click()
    expect(row(staff, "DMARC")).to_contain_text("The DNS could not be asked.")
    assert faults(staff) == []
