"""Stands before MiniStack where a proxy would end TLS, and says so.

Our buckets refuse what does not come over TLS (aws:SecureTransport). On the loopback nothing is
encrypted; MiniStack believes the header that a TLS-ending proxy sets, as load balancers do. What
goes to the host of a distribution or of an HTTP API passes its stand-in.
"""

from __future__ import annotations

import http.client
import socket
import threading
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any
from urllib.parse import urlsplit

import anyio.to_thread
import uvicorn

from infra.local.edge import Edge
from infra.local.gateway import HttpApi
from infra.local.http_api import Headers, Request, refusal

_Message = MutableMapping[str, Any]

_SECONDS = 120
_HOP = {"connection", "keep-alive", "transfer-encoding", "content-length", "expect"}


class TlsFront:
    """`endpoint` is known at once; requests are answered from `start` to `stop`."""

    def __init__(self) -> None:
        self._socket = socket.socket()
        self._socket.bind(("127.0.0.1", 0))
        self.endpoint = f"http://127.0.0.1:{self._socket.getsockname()[1]}"
        self._behind = ""
        self.edge: Edge | None = None
        self.apis: dict[str, HttpApi] = {}
        config = uvicorn.Config(
            self._serve,
            interface="asgi3",
            lifespan="off",
            log_level="warning",
            access_log=False,
            server_header=False,
            date_header=False,
            timeout_graceful_shutdown=1,
        )
        self._server = uvicorn.Server(config)
        self._thread = threading.Thread(
            target=self._server.run, kwargs={"sockets": [self._socket]}, daemon=True
        )

    def start(self, behind: str) -> None:
        """Hands requests on to `behind` ("http://127.0.0.1:4566")."""
        self._behind = urlsplit(behind).netloc
        self._socket.listen()
        self._thread.start()

    def stop(self) -> None:
        self._server.should_exit = True
        self._thread.join()

    async def _serve(
        self,
        scope: _Message,
        receive: Callable[[], Awaitable[_Message]],
        send: Callable[[_Message], Awaitable[None]],
    ) -> None:
        body, more = b"", True
        while more:
            message = await receive()
            body += message.get("body", b"")
            more = message.get("more_body", False)
        path = scope["raw_path"].decode("latin-1")
        if scope["query_string"]:
            path += "?" + scope["query_string"].decode("latin-1")
        headers = [(k.decode("latin-1"), v.decode("latin-1")) for k, v in scope["headers"]]
        status, answered, content = await anyio.to_thread.run_sync(
            self._answer, scope["method"], path, headers, body
        )
        encoded = [(k.encode("latin-1"), v.encode("latin-1")) for k, v in answered]
        await send({"type": "http.response.start", "status": status, "headers": encoded})
        await send({"type": "http.response.body", "body": content})

    def _answer(
        self, method: str, path: str, headers: Headers, body: bytes
    ) -> tuple[int, Headers, bytes]:
        host = dict(headers).get("host", "")
        if host in self.apis:
            place, _, query = path.partition("?")
            request = Request(method, place, query, headers, body, "127.0.0.1")
            given = self.apis[host].handle(request)
            length = ("content-length", str(len(given.body)))
            return given.status, [*given.headers, length], given.body
        if self.edge is None or host != self.edge.host:
            return self._ask(method, path, headers, body)
        passed = self.edge.passes(method, path, headers)
        if passed is None:
            return self._ask(method, path, headers, body)
        if isinstance(passed, int):
            refused = refusal(passed, "Forbidden")
            return refused.status, refused.headers, refused.body
        status, answered, content = self._answer(method, passed.path, passed.headers, body)
        own = {name for name, _ in passed.set_headers}
        kept = [(name, value) for name, value in answered if name not in own]
        return status, [*kept, *passed.set_headers], content

    def _ask(
        self, method: str, path: str, headers: Headers, body: bytes
    ) -> tuple[int, Headers, bytes]:
        connection = http.client.HTTPConnection(self._behind, timeout=_SECONDS)
        try:
            connection.putrequest(method, path, skip_host=True, skip_accept_encoding=True)
            for name, value in headers:
                if name not in _HOP:
                    connection.putheader(name, value)
            connection.putheader("x-forwarded-proto", "https")
            connection.putheader("content-length", str(len(body)))
            connection.endheaders(body)
            given = connection.getresponse()
            content = given.read()
            answered = [
                (name.lower(), value)
                for name, value in given.getheaders()
                if name.lower() not in _HOP or method == "HEAD"
            ]
            if method != "HEAD":
                answered.append(("content-length", str(len(content))))
            return given.status, answered, content
        finally:
            connection.close()
