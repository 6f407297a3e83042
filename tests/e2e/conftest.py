"""The real application on a free port with its own data, and a real browser in front of it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import (
    Browser,
    BrowserContext,
    ConsoleMessage,
    Page,
    Playwright,
    Request,
    expect,
    sync_playwright,
)

from infra.browser import MISSING, find
from tests.e2e import flows
from tests.support.running import CHROMIUM_FLAGS, Application, log_end, running
from tests.support.tries import pytest_runtest_setup  # noqa: F401 - a hook

_PATIENCE = 60_000
"""Milliseconds that a page has for anything: only a failure takes as long, or a busy machine."""

expect.set_options(timeout=_PATIENCE)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Browser tests have two more tries, alone of all: two Chromium on two cores sometimes come too
    late. Each has another application. The summary names each that needed one (R)."""
    for item in items:
        if item.path.is_relative_to(Path(__file__).parent):
            item.add_marker(pytest.mark.flaky(reruns=2))


@pytest.fixture(scope="session")
def application(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Application]:
    """The application with the demo data loaded; ended like by Ctrl-C, which must be clean."""
    state = tmp_path_factory.mktemp("application")
    with running(state) as application:
        yield application
    assert application.process.returncode == 0, log_end(state)


@pytest.fixture(scope="session")
def playwright() -> Iterator[Playwright]:
    with sync_playwright() as running:
        yield running


@pytest.fixture(scope="session")
def chromium() -> Path:
    """Where the browser's program lies."""
    executable = find()
    if executable is None:
        pytest.fail(MISSING)
    return executable


@pytest.fixture(scope="session")
def browser(playwright: Playwright, chromium: Path) -> Iterator[Browser]:
    launched = playwright.chromium.launch(executable_path=chromium, args=CHROMIUM_FLAGS)
    yield launched
    launched.close()


DEMANDED: set[str] = set()
"""What the browsers of the test that runs have to ask the API, by route."""

ASKED: set[str] = set()
"""What they have asked it; noted where something is demanded only, since each request costs."""


@pytest.fixture(autouse=True)
def _carries_its_flows(request: pytest.FixtureRequest) -> Iterator[None]:
    """A test that stands for a flow of the contact's page asks what the flow says."""
    ASKED.clear()
    DEMANDED.clear()
    DEMANDED.update(flows.demanded(request.path.stem, request.function.__name__))
    yield
    assert DEMANDED <= ASKED, f"never asked: {sorted(DEMANDED - ASKED)}"


class Watched:
    """A person's browser: in none of its tabs may a script fail or the content policy be hurt."""

    def __init__(self, context: BrowserContext) -> None:
        self.context = context
        self.errors: list[str] = []
        if DEMANDED:
            context.on("request", self._asked)
        context.on("weberror", lambda error: self.errors.append(str(error.error)))
        context.on("console", self._said)
        self.page: Page = context.new_page()

    def _asked(self, request: Request) -> None:
        path = urlsplit(request.url).path
        if path.startswith("/api/"):
            ASKED.add(flows.route_of(request.method, path))

    def _said(self, message: ConsoleMessage) -> None:
        # An answer that refuses, or none at all, is the page's own matter: it says so in words.
        if message.type == "error" and not message.text.startswith("Failed to load resource"):
            self.errors.append(message.text)


def _person(browser: Browser, **options: Any) -> Iterator[Page]:
    yield from watched(browser.new_context(**options))


def watched(context: BrowserContext) -> Iterator[Page]:
    """A page of a person's browser, which is closed and asked for failed scripts in the end."""
    context.set_default_timeout(_PATIENCE)
    person = Watched(context)
    yield person.page
    context.close()
    assert person.errors == []


@pytest.fixture
def staff(browser: Browser) -> Iterator[Page]:
    """Staff's browser: a desktop, German."""
    yield from _person(
        browser, locale="de-DE", viewport={"width": 1280, "height": 900}, accept_downloads=True
    )


@pytest.fixture
def contact(browser: Browser) -> Iterator[Page]:
    """The contact's browser: a phone, German."""
    yield from _person(
        browser,
        locale="de-DE",
        viewport={"width": 390, "height": 844},
        is_mobile=True,
        has_touch=True,
    )


@pytest.fixture
def colleague(browser: Browser) -> Iterator[Page]:
    """Another person at another desk, with the same link, who has chosen cards instead of the table."""
    context = browser.new_context(locale="de-DE", viewport={"width": 1280, "height": 900})
    context.add_init_script("try { localStorage['meterportal.layout'] ??= 'cards' } catch {}")
    yield from watched(context)


@pytest.fixture
def desk(browser: Browser) -> Iterator[Page]:
    """A person at a desk, who has chosen nothing: a laptop, German."""
    yield from _person(browser, locale="de-DE", viewport={"width": 1366, "height": 768})
