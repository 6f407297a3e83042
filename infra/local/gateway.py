"""CloudFront's /api behaviour and the HTTP API behind it: a request in, the function's answer out."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any

from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey

from infra.local import authorizer, http_api
from infra.local.functions import FunctionFailed, Functions, FunctionTimedOut
from infra.local.http_api import Answer, Request, Route
from infra.local.site import Policies

MAX_EVENT = 6 * 1024 * 1024  # what Lambda takes as one event


@dataclass(frozen=True)
class Gateway:
    """`origin_headers` are added to every request in place of what the caller sent under their
    names; `policies` say which headers are set on every answer.
    """

    routes: list[Route]
    functions: Functions
    key_of: Callable[[str], RSAPublicKey | None]
    origin_headers: Mapping[str, str]
    policies: Policies

    def handle(self, request: Request) -> Answer:
        answer = self._pass(self._as_cloudfront(request))
        added = self.policies.of(request.path)
        own = {name for name, _ in added}
        kept = [(name, value) for name, value in answer.headers if name not in own]
        return replace(answer, headers=[*kept, *added])

    def _as_cloudfront(self, request: Request) -> Request:
        added = {
            **self.origin_headers,
            "x-forwarded-for": request.source_ip,
            "x-forwarded-proto": "http",
        }
        kept = [(name, value) for name, value in request.headers if name.lower() not in added]
        return replace(request, headers=[*kept, *added.items()])

    def _pass(self, request: Request) -> Answer:
        found = http_api.find(self.routes, request.method, request.path)
        if found is None:
            return http_api.refusal(404, "Not Found")
        route, parameters = found
        claims: dict[str, Any] | None = None
        if route.authorizer is not None:
            try:
                claims = authorizer.claims(
                    request.header("authorization"), route.authorizer, self.key_of, time.time()
                )
            except authorizer.Unauthorized as refused:
                return _unauthorized(request, refused)
        if len(request.body) > http_api.MAX_BODY:
            return http_api.refusal(413, "Request Entity Too Large")
        event = http_api.event(route, parameters, request, claims, datetime.now(UTC))
        if len(event.get("body", "")) > MAX_EVENT:
            return http_api.refusal(413, "Request Entity Too Large")
        return self._invoke(route, event)

    def _invoke(self, route: Route, event: Mapping[str, Any]) -> Answer:
        try:
            return http_api.answer(self.functions.invoke(route.package, event))
        except FunctionFailed:
            return http_api.refusal(500, "Internal Server Error")
        except FunctionTimedOut:
            return http_api.refusal(503, "Service Unavailable")


def _unauthorized(request: Request, refused: authorizer.Unauthorized) -> Answer:
    challenge = "Bearer"
    if request.header("authorization"):
        challenge += f' scope="" error="invalid_token" error_description="{refused.reason}"'
    return http_api.refusal(401, "Unauthorized", ("www-authenticate", challenge))
