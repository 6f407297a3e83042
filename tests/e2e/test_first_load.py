"""The budget of the first load: what comes over the wire until five machines can be seen."""

from __future__ import annotations

import pytest
from playwright.sync_api import Browser

from tests.benchmarks.pages.first_load import WARMS, count
from tests.e2e.asking import asked
from tests.support.running import Application

COMPANY, ADDRESS, MACHINES = "10077", "u.ueberall5034@firma10077.example", 5


@pytest.mark.parametrize(
    ("locale", "requests", "compressed"), [("de-DE", 5, 20_000), ("en-GB", 6, 20_700)]
)
def test_five_machines_cost_five_requests_and_twenty_kilobytes(
    application: Application, browser: Browser, locale: str, requests: int, compressed: int
) -> None:
    """And the one that has the API's function start; one more, and some 0.7 KB, where the words are English."""
    page = browser.new_context(locale=locale).new_page()
    seen = count(page, asked(application, COMPANY, ADDRESS), MACHINES)
    page.context.close()
    assert len(seen.waited_for) <= requests, seen.requests
    assert seen.requests.count(WARMS) == 1
    assert seen.requests[-1] == "POST /api/session"
    assert 10_000 < seen.compressed <= compressed
    assert seen.strangers == ()
