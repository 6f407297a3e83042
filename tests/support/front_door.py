"""The way in as the wire has it, without a socket: the gateway of infra/local before the staged functions."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import cache
from http import HTTPStatus
from typing import Any

import jwt
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, generate_private_key

from infra.local import http_api
from infra.local.gateway import HttpApi
from infra.local.http_api import Request, Route
from tests.support.pool_keys import Published
from tests.support.stage import Context, Stage

_KID = "one"


@dataclass(frozen=True)
class StagedFunctions:
    """The staged functions, called as the gateway calls them."""

    stage: Stage

    def invoke(self, package: str, event: Any) -> Any:
        return self.stage.handler(package)(event, Context())


class FrontDoor:
    """A WSGI application: requests reach the functions of the stage that stands behind it now."""

    def __init__(self) -> None:
        self._api: HttpApi | None = None
        self._secret = ""
        self.token = ""
        """What a staff member sends as Authorization."""
        self.erp_token = ""
        """What the ERP sends."""

    def open(self, stage: Stage) -> None:
        """What stands behind the door from now on."""
        routes = http_api.routes(stage.template)
        self._api = HttpApi(routes, StagedFunctions(stage), Published({_KID: _key()}))
        self._secret = stage.origin_secret
        person = {"sub": "staff-1", "email": "anna@dealer.example", "cognito:groups": ["admin"]}
        self.token = _bearer(routes, "Staff", token_use="id", **person)
        self.erp_token = _bearer(routes, "Erp", token_use="access", sub="erp", scope="erp/feed")

    def __call__(
        self, environ: dict[str, Any], start_response: Callable[..., Any]
    ) -> Iterable[bytes]:
        assert self._api is not None, "nothing stands behind the door"
        answer = self._api.handle(_request(environ, self._secret))
        start_response(f"{answer.status} {HTTPStatus(answer.status).phrase}", answer.headers)
        return [answer.body]


def _request(environ: dict[str, Any], secret: str) -> Request:
    # Whoever comes in here does not unpack answers, whatever it says.
    headers = [
        (name.removeprefix("HTTP_").replace("_", "-").lower(), value)
        for name, value in environ.items()
        if (name.startswith("HTTP_") and name != "HTTP_ACCEPT_ENCODING")
        or (name == "CONTENT_TYPE" and value)
    ]
    return Request(
        method=environ["REQUEST_METHOD"],
        path=environ["REQUEST_URI"].partition("?")[0],
        query=environ["QUERY_STRING"],
        headers=[*headers, ("x-origin-secret", secret)],
        body=environ["wsgi.input"].read(),
        source_ip="127.0.0.1",
    )


@cache
def _key() -> RSAPrivateKey:
    return generate_private_key(65537, 2048)


def _bearer(routes: Iterable[Route], name: str, **claims: Any) -> str:
    """A token that the authorizer of that name takes."""
    found = (route.authorizer for route in routes if route.authorizer)
    authorizer = next(one for one in found if one.name == name)
    payload = {
        "iss": authorizer.issuer,
        "aud": authorizer.audience[0],
        "exp": time.time() + 3600,
        **claims,
    }
    return f"Bearer {jwt.encode(payload, _key(), 'RS256', headers={'kid': _KID})}"
