"""Requests and messages as AWS hands them to a function."""

from __future__ import annotations

import base64
from datetime import UTC, datetime
from typing import Any

import pytest

from infra.local import events
from infra.local.http_api import Request

AT = datetime(2026, 11, 23, 9, 30, tzinfo=UTC)
CHECK = "POST /api/machines/{machine_id}/check"


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
    return events.of_request(request, CHECK, {"machine_id": "M 1"}, claims, AT)


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
        ("application/zip", b"PK", True),
        ("application/octet-stream", "Zähler".encode("cp1252"), True),
        ("application/x-www-form-urlencoded", b"a=1", True),
        (None, b"a", True),
    ],
)
def test_bodies_come_as_text_or_in_base64(kind: str | None, body: bytes, encoded: bool) -> None:
    made = event(a_request(headers=[("content-type", kind)] if kind else [], body=body))

    assert made["isBase64Encoded"] is encoded
    given = base64.b64decode(made["body"]) if encoded else made["body"].encode()
    assert given == body


@pytest.mark.parametrize(
    "kind", ["text/csv", "text/plain; charset=windows-1252", "application/xml"]
)
def test_bytes_that_are_no_text_are_lost_under_a_text_type(kind: str) -> None:
    """As lossy as the HTTP API: what works here must work there."""
    made = event(a_request(headers=[("content-type", kind)], body="Zähler;Straße".encode("cp1252")))
    assert (made["body"], made["isBase64Encoded"]) == ("Z\ufffdhler;Stra\ufffde", False)


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
    assert events.decoded(raw) == decoded


def test_messages_come_in_lambdas_form() -> None:
    message = events.a_message("{}", "a", AT)
    (record,) = events.of_messages([message], "arn:aws:sqs:eu-central-1:0:q")["Records"]
    assert record == {
        "messageId": "a",
        "receiptHandle": "by-hand",
        "body": "{}",
        "attributes": {
            "ApproximateReceiveCount": "1",
            "SentTimestamp": "1795426200000",
            "SenderId": "by-hand",
            "ApproximateFirstReceiveTimestamp": "1795426200000",
        },
        "messageAttributes": {},
        "md5OfBody": "99914b932bd37a50b983c5e7c90ae93b",
        "eventSource": "aws:sqs",
        "eventSourceARN": "arn:aws:sqs:eu-central-1:0:q",
        "awsRegion": "eu-central-1",
    }
