"""The real application on a free port with its own data, and a real browser in front of it."""

from __future__ import annotations

import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright

ROOT = Path(__file__).resolve().parents[2]
START_SECONDS = 180
CHROMIUM_FLAGS = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


@dataclass(frozen=True)
class Application:
    """The running application: its address, its process, where it keeps its data."""

    url: str
    state: Path
    process: subprocess.Popen[bytes]

    def json(self, path: str) -> Any:
        """A JSON answer of the application's local pages."""
        request = urllib.request.Request(  # noqa: S310 - the address is our own, on loopback
            self.url + path, headers={"Accept": "application/json"}
        )
        with urllib.request.urlopen(request, timeout=30) as answer:  # noqa: S310
            return json.load(answer)

    def account(self, group: str) -> dict[str, str]:
        """Name and password of a staff account in a group."""
        accounts = self.json("/_local/")["accounts"]
        found: dict[str, str] = next(entry for entry in accounts if group in entry["groups"])
        return found


def start(state: Path, port: int) -> subprocess.Popen[bytes]:
    """`make run` without make: the same program, its output into a file."""
    environment = {
        **os.environ,
        "PORT": str(port),
        "METERPORTAL_STATE": str(state),
        "TODAY": "2026-11-23",
    }
    state.mkdir(parents=True, exist_ok=True)
    with (state / "run.log").open("ab") as log:
        return subprocess.Popen(
            [sys.executable, "-m", "infra.local"],
            cwd=ROOT,
            env=environment,
            stdout=log,
            stderr=subprocess.STDOUT,
        )


def wait_until_ready(url: str, process: subprocess.Popen[bytes], state: Path) -> None:
    end = time.monotonic() + START_SECONDS
    while time.monotonic() < end:
        if process.poll() is not None:
            pytest.fail(f"the application ended: {(state / 'run.log').read_text()[-3000:]}")
        try:
            with urllib.request.urlopen(url + "/_local/", timeout=5):  # noqa: S310
                pass
        except OSError:
            time.sleep(0.3)
            continue
        if _ready(state):
            return
        time.sleep(0.3)
    pytest.fail(f"the application did not start: {(state / 'run.log').read_text()[-3000:]}")


def _ready(state: Path) -> bool:
    return (state / "demo.json").exists()


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


@pytest.fixture(scope="session")
def application(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Application]:
    """The application with the demo data loaded; ended like by Ctrl-C, which must be clean."""
    state = tmp_path_factory.mktemp("application")
    port = free_port()
    process = start(state, port)
    running = Application(f"http://127.0.0.1:{port}", state, process)
    try:
        wait_until_ready(running.url, process, state)
        yield running
    finally:
        process.send_signal(signal.SIGINT)
        code = process.wait(timeout=60)
    assert code == 0, (state / "run.log").read_text()[-3000:]


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
    """A person's browser whose scripts must not fail."""

    def __init__(self, context: BrowserContext) -> None:
        self.context = context
        self.page: Page = context.new_page()
        self.errors: list[str] = []
        self.page.on("pageerror", lambda error: self.errors.append(str(error)))


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
