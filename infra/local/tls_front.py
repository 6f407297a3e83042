"""Stands before MiniStack where a proxy would end TLS, and says so.

Our buckets refuse what does not come over TLS (aws:SecureTransport). On the loopback nothing is
encrypted; MiniStack believes the header that a TLS-ending proxy sets, as load balancers do.
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

_Message = MutableMapping[str, Any]

_SECONDS = 120
_HOP = {b"connection", b"keep-alive", b"transfer-encoding", b"content-length", b"expect"}


class TlsFront:
    """`endpoint` is known at once; requests are answered from `start` to `stop`."""

    def __init__(self) -> None:
        self._socket = socket.socket()
        self._socket.bind(("127.0.0.1", 0))
        self.endpoint = f"http://127.0.0.1:{self._socket.getsockname()[1]}"
        self._behind = ""
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
        status, headers, content = await anyio.to_thread.run_sync(
            self._ask, scope["method"], path, scope["headers"], body
        )
        await send({"type": "http.response.start", "status": status, "headers": headers})
        await send({"type": "http.response.body", "body": content})

    def _ask(
        self, method: str, path: str, headers: list[tuple[bytes, bytes]], body: bytes
    ) -> tuple[int, list[tuple[bytes, bytes]], bytes]:
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
                (name.lower().encode("latin-1"), value.encode("latin-1"))
                for name, value in given.getheaders()
                if name.lower().encode("latin-1") not in _HOP or method == "HEAD"
            ]
            if method != "HEAD":
                answered.append((b"content-length", str(len(content)).encode()))
            return given.status, answered, content
        finally:
            connection.close()
