"""Requests as the HTTP API hands them to a function, and its answers on the wire."""

from __future__ import annotations

import base64
import json
from datetime import UTC, datetime
from typing import Any

import pytest

from infra.local import http_api
from infra.local.http_api import Request, Route
from infra.local.template import Template

AT = datetime(2026, 11, 23, 9, 30, tzinfo=UTC)
CHECK = Route("POST", "/api/machines/{machine_id}/check", "customer_api", None)


def a_request(
    path: str = "/api/machines/M%201/check",
    *,
    method: str = "POST",
    query: str = "",
    headers: list[tuple[str, str]] | None = None,
    body: bytes = b"",
) -> Request:
    given = [("Host", "127.0.0.1:8000"), ("User-Agent", "test"), *(headers or [])]
    return Request(method, path, query, given, body, "127.0.0.1")


def event(request: Request, claims: dict[str, Any] | None = None) -> dict[str, Any]:
    return http_api.event(CHECK, {"machine_id": "M 1"}, request, claims, AT)


def test_a_request_becomes_an_event_of_format_2() -> None:
    made = event(
        a_request(
            query="a=1&a=2&b=x%20y",
            headers=[
                ("Content-Type", "application/json"),
                ("X-Twice", "one"),
                ("x-twice", "two"),
                ("Cookie", "a=1; b=2"),
            ],
            body='{"Zähler": 1}'.encode(),
        )
    )

    assert made["version"] == "2.0"
    assert made["routeKey"] == "POST /api/machines/{machine_id}/check"
    assert made["rawPath"] == "/api/machines/M 1/check"
    assert made["rawQueryString"] == "a=1&a=2&b=x%20y"
    assert made["queryStringParameters"] == {"a": "1,2", "b": "x y"}
    assert made["pathParameters"] == {"machine_id": "M 1"}
    assert made["headers"]["x-twice"] == "one,two"
    assert "cookie" not in made["headers"]
    assert made["cookies"] == ["a=1", "b=2"]
    assert (made["body"], made["isBase64Encoded"]) == ('{"Zähler": 1}', False)
    http = made["requestContext"]["http"]
    assert (http["method"], http["sourceIp"]) == ("POST", "127.0.0.1")
    assert made["requestContext"]["timeEpoch"] == 1795426200000
    assert made["requestContext"]["time"] == "23/Nov/2026:09:30:00 +0000"


@pytest.mark.parametrize("key", ["body", "cookies", "queryStringParameters"])
def test_what_a_request_lacks_is_missing_in_the_event(key: str) -> None:
    assert key not in event(a_request())


@pytest.mark.parametrize(
    ("kind", "body", "encoded"),
    [
        ("application/json; charset=utf-8", b"{}", False),
        ("text/csv", b"a;b", False),
        ("text/csv", "Zähler".encode("cp1252"), True),
        ("application/zip", b"PK", True),
        ("application/x-www-form-urlencoded", b"a=1", True),
        (None, b"a", True),
    ],
)
def test_bodies_come_as_text_or_in_base64(kind: str | None, body: bytes, encoded: bool) -> None:
    made = event(a_request(headers=[("content-type", kind)] if kind else [], body=body))

    assert made["isBase64Encoded"] is encoded
    given = base64.b64decode(made["body"]) if encoded else made["body"].encode()
    assert given == body


def test_claims_come_as_text() -> None:
    made = event(
        a_request(),
        {"sub": "s", "exp": 12, "email_verified": True, "cognito:groups": ["read", "admin"]},
    )

    assert made["requestContext"]["authorizer"] == {
        "jwt": {
            "claims": {
                "sub": "s",
                "exp": "12",
                "email_verified": "true",
                "cognito:groups": "[read admin]",
            },
            "scopes": None,
        }
    }


@pytest.mark.parametrize(
    ("raw", "decoded"),
    [
        ("/a%20b", "/a b"),
        ("/%C3%BC", "/ü"),
        ("/a%252Fb", "/a%252Fb"),
        ("/%C3%25x", "/\ufffd%25x"),
        ("/100%", "/100%"),
    ],
)
def test_paths_are_decoded_but_for_the_percent_sign(raw: str, decoded: str) -> None:
    assert http_api.decoded(raw) == decoded


def test_every_route_of_the_template_is_found_with_its_authorizer() -> None:
    template = Template.read(Stage="local")
    template.know("UserPool", "pool")
    template.know("UserPoolClient", "client")
    known = http_api.routes(template)

    found = http_api.find(known, "PUT", "/api/machines/M1/readings")
    assert found is not None
    assert (found[0].package, found[0].authorizer) == ("customer_api", None)
    assert found[1] == {"machine_id": "M1"}
    for route in known:
        assert (route.authorizer is not None) == route.path.startswith("/api/staff/")
        if route.authorizer:
            assert route.authorizer.audience == ("client",)
            assert route.authorizer.issuer.endswith(".amazonaws.com/pool")


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "/api/machines/M1/readings"),
        ("PUT", "/api/machines//readings"),
        ("PUT", "/api/machines/M1/readings/"),
        ("PUT", "/api/machines/a/b/readings"),
        ("GET", "/api"),
    ],
)
def test_other_paths_and_methods_end_at_the_gateway(method: str, path: str) -> None:
    known = [Route("PUT", "/api/machines/{machine_id}/readings", "customer_api", None)]
    assert http_api.find(known, method, path) is None


def test_a_literal_path_goes_before_a_parameter() -> None:
    template = Template.read(Stage="local")
    template.know("UserPool", "pool")
    template.know("UserPoolClient", "client")
    braces = [route.path.count("{") for route in http_api.routes(template)]
    assert braces == sorted(braces)


def test_a_result_becomes_an_answer() -> None:
    given = http_api.answer(
        {
            "statusCode": 201,
            "headers": {"Content-Type": "application/json"},
            "cookies": ["a=1; Secure", "b=2"],
            "body": base64.b64encode(b"\x1f\x8b").decode(),
            "isBase64Encoded": True,
        }
    )

    assert (given.status, given.body) == (201, b"\x1f\x8b")
    assert given.headers == [
        ("content-type", "application/json"),
        ("set-cookie", "a=1; Secure"),
        ("set-cookie", "b=2"),
    ]


def test_a_result_without_a_status_is_the_body() -> None:
    given = http_api.answer({"a": 1})
    assert (given.status, json.loads(given.body)) == (200, {"a": 1})


def test_the_gateways_own_refusals_have_the_form_of_aws() -> None:
    assert http_api.refusal(404, "Not Found").body == b'{"message":"Not Found"}'
