"""CloudFront's /api behaviour and the HTTP API behind it: a request in, the function's answer out."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any, Protocol

from jwt import PyJWKClient

from infra.local import authorizer, events, http_api
from infra.local.functions import FunctionFailed, FunctionTimedOut
from infra.local.http_api import Answer, Request, Route
from infra.local.site import Policies

MAX_EVENT = 6 * 1024 * 1024  # what Lambda takes as one event


class Invoker(Protocol):
    """Whatever runs functions: in this process, or where they are deployed."""

    def invoke(self, package: str, event: Any) -> Any:
        """The function's result; raises FunctionFailed, FunctionTimedOut."""


@dataclass(frozen=True)
class HttpApi:
    """The HTTP API: routes, authorizers, events. A route's `package` is what the invoker calls it by."""

    routes: list[Route]
    functions: Invoker
    keys: PyJWKClient

    def handle(self, request: Request) -> Answer:
        found = http_api.find(self.routes, request.method, request.path)
        if found is None:
            return http_api.refusal(404, "Not Found")
        route, parameters = found
        claims: dict[str, Any] | None = None
        if route.authorizer is not None:
            try:
                claims = authorizer.claims(
                    request.header("authorization"), route.authorizer, self.keys
                )
            except authorizer.Unauthorized as refused:
                return _unauthorized(request, refused)
            if not authorizer.holds(claims, route.scopes):
                return http_api.refusal(403, "Forbidden")
        if len(request.body) > http_api.MAX_BODY:
            return http_api.refusal(413, "Request Entity Too Large")
        event = events.of_request(request, route.key, parameters, claims, datetime.now(UTC))
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


@dataclass(frozen=True)
class Gateway:
    """`origin_headers` are added to every request in place of what the caller sent under their
    names; `policies` say which headers are set on every answer.
    """

    api: HttpApi
    origin_headers: Mapping[str, str]
    policies: Policies

    def handle(self, request: Request) -> Answer:
        answer = self.api.handle(self._as_cloudfront(request))
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


def _unauthorized(request: Request, refused: authorizer.Unauthorized) -> Answer:
    challenge = "Bearer"
    if request.header("authorization"):
        challenge += f' scope="" error="invalid_token" error_description="{refused.reason}"'
    return http_api.refusal(401, "Unauthorized", ("www-authenticate", challenge))
