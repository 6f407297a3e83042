"""The real application on a free port with its own data, and a real browser in front of it."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, sync_playwright

from tests.running import (
    CHROMIUM_FLAGS,
    Application,
    log_end,
    running,
)


@pytest.fixture(scope="session")
def application(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Application]:
    """The application with the demo data loaded; ended like by Ctrl-C, which must be clean."""
    state = tmp_path_factory.mktemp("application")
    with running(state) as application:
        yield application
    assert application.process.returncode == 0, log_end(state)


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    executable = shutil.which("chromium") or shutil.which("chromium-browser")
    if executable is None:
        pytest.fail(
            "Chromium is missing: install the package `chromium` (apt-get install chromium)"
        )
    with sync_playwright() as playwright:
        launched = playwright.chromium.launch(executable_path=executable, args=CHROMIUM_FLAGS)
        yield launched
        launched.close()


class Watched:
    """A person's browser: in none of its tabs may a script fail or the content policy be hurt."""

    def __init__(self, context: BrowserContext) -> None:
        self.context = context
        self.errors: list[str] = []
        context.on("weberror", lambda error: self.errors.append(str(error.error)))
        context.on("console", self._said)
        self.page: Page = context.new_page()

    def _said(self, message: ConsoleMessage) -> None:
        # An answer that refuses, or none at all, is the page's own matter: it says so in words.
        if message.type == "error" and not message.text.startswith("Failed to load resource"):
            self.errors.append(message.text)


def _person(browser: Browser, **options: Any) -> Iterator[Page]:
    context = browser.new_context(**options)
    context.set_default_timeout(20_000)
    watched = Watched(context)
    yield watched.page
    context.close()
    assert watched.errors == []


@pytest.fixture
def clerk(browser: Browser) -> Iterator[Page]:
    """The clerk's browser: a desktop, German."""
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
    """Another person at another desk, with the same link."""
    yield from _person(browser, locale="de-DE", viewport={"width": 1280, "height": 900})
