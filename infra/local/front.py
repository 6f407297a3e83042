"""The HTTP front: one origin for site, API, login and the pages for people who try it out."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from urllib.parse import urlsplit

from starlette.applications import Starlette
from starlette.requests import ClientDisconnect
from starlette.requests import Request as Incoming
from starlette.responses import Response
from starlette.routing import Route

from infra.aws.site import LOGIN
from infra.local import http_api, proxy, ses, site
from infra.local.gateway import Gateway
from infra.local.http_api import Answer, Request
from infra.local.local_pages import LocalPages
from infra.local.name_server import NameServer

_ALL = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"]
_LOGIN_PATHS = ("/oauth2/authorize", "/oauth2/token", "/oauth2/revoke", "/oauth2/userInfo")
_THREADS = 32
_LARGEST_FILE = 512 * 1024 * 1024
"""Bytes of a file for a bucket; it is held in memory here, which CloudFront never does."""


@dataclass(frozen=True)
class Front:
    """What the front answers from. `public_url` is its own address, `endpoint` MiniStack's;
    `signed_buckets` stand behind these paths ("photos") for who brings a signed address, `looks` is the
    site's own bucket, where staff's function puts logo and styles of the look."""

    public_url: str
    endpoint: str
    gateway: Gateway
    pages: LocalPages
    mail: ses.MailEndpoint
    name_server: NameServer
    policies: site.Policies
    login: dict[str, str]
    dealer: str
    signed_buckets: Mapping[str, str]
    looks: str

    def app(self) -> Starlette:
        """The ASGI application. Blocking work runs in threads of its own."""
        threads = ThreadPoolExecutor(_THREADS, thread_name_prefix="front")

        def route(
            path: str,
            answer: Callable[[Request], Answer],
            methods: list[str],
            most: int = http_api.MAX_BODY,
        ) -> Route:
            async def handle(incoming: Incoming) -> Response:
                if incoming.headers.get("host") != urlsplit(self.public_url).netloc:
                    return _elsewhere(incoming, self.public_url)
                request = await _request(incoming, most)
                if request is None:
                    return _response(http_api.refusal(413, "Request Entity Too Large"), "")
                loop = asyncio.get_running_loop()
                given = await loop.run_in_executor(threads, answer, request)
                return _response(given, request.method)

            return Route(path, handle, methods=methods)

        return Starlette(
            routes=[
                route("/_local/cognito", self._sign_in, ["POST"]),
                route("/_local/cognito/", self._sign_in, ["POST"]),
                route("/_local/ses/{rest:path}", self.mail.answer, _ALL),
                route("/_local/dns", self.name_server.answer, _ALL),
                route("/_local", self.pages.answer, _ALL),
                route("/_local/{rest:path}", self.pages.answer, _ALL),
                *(route(path, self._log_in, ["GET", "POST"]) for path in _LOGIN_PATHS),
                route("/login", self._log_in, ["POST"]),
                route("/logout", self._log_in, ["GET"]),
                route(f"/{LOGIN}", self._config, ["GET", "HEAD"]),
                route("/api/openapi.json", self._static, ["GET", "HEAD"]),
                route("/api/{rest:path}", self.gateway.handle, _ALL),
                *(
                    route(f"/{path}/{{rest:path}}", self._file, _ALL, _LARGEST_FILE)
                    for path in self.signed_buckets
                ),
                route("/brand/{rest:path}", self._look, _ALL),
                route("/{rest:path}", self._static, _ALL),
            ]
        )

    def _sign_in(self, request: Request) -> Answer:
        return proxy.sign_in(self.endpoint, request)

    def _log_in(self, request: Request) -> Answer:
        return proxy.forward(self.endpoint, request, request.path)

    def _file(self, request: Request) -> Answer:
        """A bucket behind its path: MiniStack names buckets in the path, not in the host, and lets
        in who brings no signature at all, which a private bucket does not."""
        if "X-Amz-Signature=" not in request.query:
            return http_api.refusal(403, "Forbidden")
        bucket = self.signed_buckets[request.path.split("/")[1]]
        given = proxy.forward(self.endpoint, request, f"/{bucket}{request.path}")
        return Answer(given.status, [*given.headers, *self.policies.of(request.path)], given.body)

    def _look(self, request: Request) -> Answer:
        """What lies in the site's bucket, where all pages lie at AWS."""
        given = Answer(404, [], b"")
        if request.method in ("GET", "HEAD"):
            asked = replace(request, query="", headers=[])
            given = proxy.forward(self.endpoint, asked, f"/{self.looks}{request.path}")
        if given.status != 200:
            return self._static(request)
        kept = ("content-type", "cache-control", "etag")
        told = [(name, value) for name, value in given.headers if name in kept]
        return Answer(200, [*told, *self.policies.of(request.path)], given.body)

    def _config(self, _request: Request) -> Answer:
        return self.pages.json(self.login)

    def _static(self, request: Request) -> Answer:
        if request.method not in ("GET", "HEAD"):
            # CloudFront's own refusal for a method that the behaviour does not allow.
            return http_api.refusal(403, "Forbidden")
        asked = {name.lower(): value for name, value in request.headers}
        return site.serve(request.path, asked, self.policies.of(request.path), dealer=self.dealer)


def _elsewhere(incoming: Incoming, public_url: str) -> Response:
    """Another host name for this machine: cookies and origin checks need the one that is set."""
    if incoming.method not in ("GET", "HEAD"):
        return _response(http_api.refusal(403, "Forbidden"), incoming.method)
    query = f"?{incoming.url.query}" if incoming.url.query else ""
    return Response(
        status_code=307, headers={"location": f"{public_url}{incoming.url.path}{query}"}
    )


async def _request(incoming: Incoming, most: int) -> Request | None:
    """The request with its whole body; None when that has more than `most` bytes."""
    body = bytearray()
    try:
        async for chunk in incoming.stream():
            body += chunk
            if len(body) > most:
                return None
    except ClientDisconnect:
        body.clear()
    scope = incoming.scope
    return Request(
        method=incoming.method,
        path=scope["raw_path"].decode("ascii").split("?")[0],
        query=scope["query_string"].decode("latin-1"),
        headers=[(k.decode("latin-1"), v.decode("latin-1")) for k, v in scope["headers"]],
        body=bytes(body),
        source_ip=incoming.client.host if incoming.client else "127.0.0.1",
    )


def _response(answer: Answer, method: str) -> Response:
    response = Response(b"" if method == "HEAD" else answer.body, status_code=answer.status)
    names = {name.lower() for name, _ in answer.headers}
    for name, value in answer.headers:
        response.raw_headers.append((name.lower().encode("latin-1"), value.encode("latin-1")))
    if method == "HEAD" or answer.status in (204, 304):
        response.raw_headers = [
            pair for pair in response.raw_headers if pair[0] != b"content-length"
        ]
    elif "content-length" in names:
        response.raw_headers = response.raw_headers[1:]
    return response
