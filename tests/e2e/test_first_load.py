"""The budget of the first load: what comes over the wire until five machines can be seen."""

from __future__ import annotations

from playwright.sync_api import Page

from tests.benchmarks.pages.first_load import count
from tests.e2e.asking import asked
from tests.support.running import Application

COMPANY, ADDRESS, MACHINES = "10077", "u.ueberall5034@firma10077.example", 5


def test_five_machines_cost_six_requests_and_thirty_kilobytes(
    application: Application, contact: Page
) -> None:
    seen = count(contact, asked(application, COMPANY, ADDRESS), MACHINES)
    assert len(seen.requests) <= 6, seen.requests
    assert seen.requests[-1] == "POST /api/session"
    assert 10_000 < seen.compressed <= 30_000
    assert seen.strangers == ()
