"""Row 11: the first load of the contact's page with five machines, API included.

The reference is the median mobile page of the web: 2,559 KB (HTTP Archive, as the budgets name it).
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

from infra.browser import find
from tests.benchmarks.figures import Row, at_most

MACHINES = 5
MEDIAN_PAGE = 2_559.0


def rows() -> Iterator[Row]:
    """Kilobytes of 1,000 bytes, compressed bodies; requests. Raises NotStarted, NothingHappened."""
    from playwright.sync_api import sync_playwright

    from tests.benchmarks.pages.first_load import count
    from tests.benchmarks.pages.fleet import visit
    from tests.support.running import CHROMIUM_FLAGS, running

    with (
        TemporaryDirectory() as state,
        running(Path(state)) as application,
        sync_playwright() as playwright,
    ):
        browser = playwright.chromium.launch(executable_path=find(whole=True), args=CHROMIUM_FLAGS)
        page = browser.new_context(locale="de-DE").new_page()
        seen = count(page, visit(application, MACHINES).link, MACHINES)
        browser.close()
    kilobytes = seen.compressed / 1000
    warming = len(seen.requests) - len(seen.waited_for)
    yield Row("11 first load: compressed", kilobytes, "KB", MEDIAN_PAGE, goal=at_most(20))
    yield Row("11 first load: requests", len(seen.waited_for), "requests", goal=at_most(6))
    yield Row("11 first load: requests that warm", warming, "requests", goal=at_most(1))
    yield Row("11 first load: other hosts", len(seen.strangers), "hosts", goal=at_most(0))
