"""Cognito's OAuth endpoints as the functions meet them: a server of its own on loopback."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs

import meterportal.adapters
import meterportal.settings
import pytest


@dataclass
class Pool:
    """`codes` are good once, each with its verifier; `refresh_tokens` until they are revoked. `asked`
    is all that came in, `broken` what it answers to everything instead (a status)."""

    url: str = ""
    codes: dict[str, str] = field(default_factory=dict)
    refresh_tokens: set[str] = field(default_factory=set)
    asked: list[dict[str, str]] = field(default_factory=list)
    broken: int = 0

    def answer(self, path: str, form: dict[str, str]) -> tuple[int, dict[str, str]]:
        self.asked.append({"path": path, **form})
        if self.broken:
            return self.broken, {"error": "server_error"}
        if path == "/oauth2/revoke":
            self.refresh_tokens.discard(form["token"])
            return 200, {}
        if form["grant_type"] == "authorization_code":
            expected = self.codes.pop(form["code"], None)
            if expected != form["code_verifier"]:
                return 400, {"error": "invalid_grant"}
            token = f"refresh-{form['code']}"
            self.refresh_tokens.add(token)
            return 200, {"id_token": "id-0", "refresh_token": token}
        if form["refresh_token"] not in self.refresh_tokens:
            return 400, {"error": "invalid_grant"}
        return 200, {"id_token": f"id-{len(self.asked)}"}


def turn_to(url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """The functions find the pool at this address until the end of the test."""
    monkeypatch.setenv("LOGIN_URL", url)
    meterportal.settings.settings.cache_clear()
    meterportal.adapters.adapters.cache_clear()


@contextmanager
def serving() -> Iterator[Pool]:
    """A pool that answers while the block runs."""
    pool = Pool()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            length = int(self.headers["content-length"])
            sent = parse_qs(self.rfile.read(length).decode(), keep_blank_values=True)
            form = {name: one for name, (one,) in sent.items()}
            status, told = pool.answer(self.path, form)
            body = json.dumps(told).encode()
            self.send_response(status)
            self.send_header("content-length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - as the base class
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    pool.url = f"http://127.0.0.1:{server.server_port}"
    try:
        yield pool
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
