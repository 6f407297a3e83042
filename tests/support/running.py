"""The real application as a process of its own, on a free port with its own data."""

from __future__ import annotations

import base64
import json
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.message import Message
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

ROOT = Path(__file__).resolve().parents[2]
START_SECONDS = 600
TODAY = "2026-11-23"
_RENEWED_AFTER = 240.0
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


class NotStarted(Exception):
    """The application ended, or was not ready in time. The text holds the end of its log."""


@dataclass(frozen=True)
class Application:
    """The running application: its address, its process, where it keeps its data."""

    url: str
    state: Path
    process: subprocess.Popen[bytes] | subprocess.Popen[str]
    _tokens: dict[str, Any] = field(default_factory=dict, repr=False)

    def json(self, path: str) -> Any:
        """A JSON answer of the application's local pages."""
        request = urllib.request.Request(  # noqa: S310 - the address is our own, on loopback
            self.url + path, headers={"Accept": "application/json"}
        )
        with urllib.request.urlopen(request, timeout=30) as answer:  # noqa: S310
            return json.load(answer)

    def now(self) -> datetime:
        """Its clock, which is the real one."""
        return datetime.now(UTC)

    def account(self, group: str) -> dict[str, str]:
        """Name and password of a staff account in a group."""
        accounts = self.json("/_local/")["accounts"]
        found: dict[str, str] = next(entry for entry in accounts if group in entry["groups"])
        return found

    def staff(
        self, method: str, path: str, body: Any = None, *, kind: str = "application/json"
    ) -> Any:
        """What the staff's API answers to an administrator: a script's way, as /_local/ tells it.

        `body` is sent as it is when it is bytes, else as JSON. Raises HTTPError for a refusal.
        """
        content = body if body is None or isinstance(body, bytes) else json.dumps(body).encode()
        headers = {"Authorization": f"Bearer {self._staff_token}", "Content-Type": kind}
        return _answer(method, self.url + path, content, headers)[0]

    def erp_token(self, **other: str) -> str:
        """An access token as an ERP gets it; `other` is sent instead of what /_local/ tells. Raises
        HTTPError."""
        told = self.json("/_local/")["erp"] | other
        login = base64.b64encode(f"{told['client_id']}:{told['client_secret']}".encode()).decode()
        form = urlencode({"grant_type": "client_credentials", "scope": told["scope"]}).encode()
        headers = {
            "Authorization": f"Basic {login}",
            "Content-Type": "application/x-www-form-urlencoded",
        }
        given, _ = _answer("POST", told["token_url"], form, headers)
        token: str = given["access_token"]
        return token

    def feed(self, place: str = "") -> tuple[list[dict[str, Any]], str]:
        """What the feed answers at a place (from the beginning unless given), and the place of what
        comes next."""
        headers = {"Authorization": f"Bearer {self.erp_token()}"}
        address = self.url + (place or "/api/staff/readings/feed")
        events, given = _answer("GET", address, None, headers)
        return events, given["Link"].partition("<")[2].partition(">")[0]

    def opened(self, token: str) -> str:
        """The cookie (name=value) of a contact's session, opened by the token of a link."""
        body = json.dumps({"token": token}).encode()
        kind = {"Content-Type": "application/json"}
        _, given = _answer("POST", self.url + "/api/session", body, kind)
        return given["Set-Cookie"].partition(";")[0]

    @property
    def _staff_token(self) -> str:
        """A token that is good for another minute at least: they live five."""
        age = time.monotonic() - self._tokens.get("at", 0.0)
        if "id" not in self._tokens or age > _RENEWED_AFTER:
            self._tokens.update(id=self._new_staff_token(), at=time.monotonic())
        token: str = self._tokens["id"]
        return token

    def _new_staff_token(self) -> str:
        login = self.json("/_local/")["cognito"]
        account = self.account("admin")
        names = {"USERNAME": account["username"], "PASSWORD": account["password"]}
        asked = {
            "AuthFlow": "USER_PASSWORD_AUTH",
            "ClientId": login["client_id"],
            "AuthParameters": names,
        }
        headers = {
            "X-Amz-Target": "AWSCognitoIdentityProviderService.InitiateAuth",
            "Content-Type": "application/x-amz-json-1.1",
        }
        told, _ = _answer("POST", login["endpoint"], json.dumps(asked).encode(), headers)
        token: str = told["AuthenticationResult"]["IdToken"]
        return token


def _answer(
    method: str, url: str, body: bytes | None, headers: dict[str, str]
) -> tuple[Any, Message]:
    request = urllib.request.Request(url, data=body, method=method, headers=headers)  # noqa: S310
    with urllib.request.urlopen(request, timeout=60) as answer:  # noqa: S310
        return json.load(answer), answer.headers


def start(state: Path, port: int, *, today: str = TODAY) -> subprocess.Popen[bytes]:
    """`make run` without make: the same program, its output into a file."""
    environment = {
        **os.environ,
        "PORT": str(port),
        "METERPORTAL_STATE": str(state),
        "TODAY": today,
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


@contextmanager
def running(state: Path, *, today: str = TODAY) -> Iterator[Application]:
    """The application with the demo data on a business date, ended as by Ctrl-C. Raises NotStarted."""
    port = free_port()
    process = start(state, port, today=today)
    application = Application(f"http://127.0.0.1:{port}", state, process)
    try:
        wait_until_ready(application.url, process, state)
        yield application
    finally:
        process.send_signal(signal.SIGINT)
        process.wait(timeout=180)


def wait_until_ready(url: str, process: subprocess.Popen[bytes], state: Path) -> None:
    end = time.monotonic() + START_SECONDS
    while time.monotonic() < end:
        if process.poll() is not None:
            raise NotStarted(f"ended: {log_end(state)}")
        # The note of the demo data comes last: who has not got that far is not kept from it by questions.
        if _ready(state) and _answers(url):
            return
        time.sleep(0.3)
    raise NotStarted(f"not ready: {log_end(state)}")


def log_end(state: Path) -> str:
    """The last lines of what the application printed."""
    return (state / "run.log").read_text()[-3000:]


def _answers(url: str) -> bool:
    try:
        with urllib.request.urlopen(url + "/_local/", timeout=5):  # noqa: S310
            return True
    except OSError:
        return False


def _ready(state: Path) -> bool:
    return (state / "demo.json").exists()


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
