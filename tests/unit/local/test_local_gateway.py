"""From the wire through CloudFront's part and the gateway's to a function, in one process."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from typing import Any

import pytest

from infra.local import functions as local_functions
from infra.local.authorizer import pool_keys
from infra.local.functions import Functions, UnknownFunction, enter_environment
from infra.local.gateway import Gateway, HttpApi
from infra.local.http_api import MAX_BODY, JwtAuthorizer, Request, Route
from infra.local.site import Policies, origin_headers
from infra.local.template import Function, Template

KEYS = pool_keys("http://127.0.0.1:9", "pool")
ROUTES = [
    Route("GET", "/api/open", "customer_api", None),
    Route("POST", "/api/open", "customer_api", None),
    Route("GET", "/api/staff/closed", "staff_api", JwtAuthorizer("Staff", "issuer", ("client",))),
]


@pytest.fixture
def template() -> Template:
    template = Template.read(Stage="local")
    template.know("OriginSecret", "arn:secret")
    return template


def a_gateway(template: Template, handler: Callable[[Any, Any], Any]) -> Gateway:
    functions = Functions(template, report=lambda _: None, load=lambda _: handler)
    return Gateway(
        HttpApi(ROUTES, functions, KEYS),
        {"x-origin-secret": "ours"},
        Policies(template),
    )


def a_request(path: str, method: str = "GET", **more: Any) -> Request:
    headers = [("host", "127.0.0.1:8000"), ("X-Origin-Secret", "forged")]
    return Request(method, path, "", headers, more.get("body", b""), "127.0.0.1")


def echo(event: Any, _context: Any) -> Any:
    return {"statusCode": 200, "headers": {"X-Frame-Options": "ALLOW"}, "body": json.dumps(event)}


def test_the_origin_header_is_cloudfronts_whatever_the_caller_sent(template: Template) -> None:
    answer = a_gateway(template, echo).handle(a_request("/api/open"))

    assert json.loads(answer.body)["headers"]["x-origin-secret"] == "ours"
    assert origin_headers(template) == {"x-origin-secret": "{{resolve:secretsmanager:arn:secret}}"}


def test_answers_carry_the_headers_of_the_policy(template: Template) -> None:
    gateway = a_gateway(template, echo)

    for path in ("/api/open", "/api/nothing"):
        headers = dict(gateway.handle(a_request(path)).headers)
        assert headers["x-frame-options"] == "DENY"
        assert headers["content-security-policy"].startswith("default-src 'none'")


@pytest.mark.parametrize(
    ("request_", "status", "message"),
    [
        (a_request("/api/nothing"), 404, "Not Found"),
        (a_request("/api/open", "PATCH"), 404, "Not Found"),
        (a_request("/api/staff/closed"), 401, "Unauthorized"),
        (
            a_request("/api/open", "POST", body=b"x" * (MAX_BODY + 1)),
            413,
            "Request Entity Too Large",
        ),
    ],
)
def test_the_gateway_refuses_in_its_own_words(
    template: Template, request_: Request, status: int, message: str
) -> None:
    answer = a_gateway(template, echo).handle(request_)

    assert (answer.status, json.loads(answer.body)) == (status, {"message": message})


def test_a_handler_that_raises_is_a_500_and_its_traceback_is_reported(template: Template) -> None:
    reported: list[str] = []

    def broken(_event: Any, _context: Any) -> Any:
        raise KeyError("inside")

    functions = Functions(template, report=reported.append, load=lambda _: broken)
    gateway = Gateway(HttpApi(ROUTES, functions, KEYS), {}, Policies(template))
    answer = gateway.handle(a_request("/api/open"))

    assert (answer.status, json.loads(answer.body)) == (500, {"message": "Internal Server Error"})
    assert "KeyError: 'inside'" in reported[0]


def test_one_event_at_a_time_is_in_a_function(template: Template) -> None:
    inside: list[int] = []

    def slow(_event: Any, _context: Any) -> Any:
        inside.append(1)
        count = len(inside)
        time.sleep(0.02)
        inside.pop()
        return count

    functions = Functions(template, report=lambda _: None, load=lambda _: slow)
    futures = [functions.start("send_mail", {}) for _ in range(5)]
    assert {functions.result("send_mail", future) for future in futures} == {1}
    functions.close()


def test_a_handler_sees_what_lambda_shows(template: Template) -> None:
    seen: dict[str, Any] = {}

    def look(event: Any, context: Any) -> Any:
        seen.update(
            event=event, name=context.function_name, left=context.get_remaining_time_in_millis()
        )
        return None

    Functions(template, report=lambda _: None, load=lambda _: look).invoke("send_mail", {"a": (1,)})

    assert seen["event"] == {"a": [1]}
    assert seen["name"] == "SendMail"
    assert 0 < seen["left"] <= 60_000


def test_an_unknown_function_is_refused(template: Template) -> None:
    functions = Functions(template, report=lambda _: None, load=lambda _: echo)
    with pytest.raises(UnknownFunction):
        functions.invoke("rm_rf", {})


def test_a_result_that_is_no_json_fails_as_in_lambda(template: Template) -> None:
    functions = Functions(template, report=lambda _: None, load=lambda _: lambda *_: {1, 2})
    with pytest.raises(local_functions.FunctionFailed, match="TypeError"):
        functions.invoke("send_mail", {})


def test_functions_must_agree_on_their_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TABLE", "before")
    monkeypatch.setenv("POWERTOOLS_X", "before")
    enter_environment({"a": {"TABLE": "t", "POWERTOOLS_X": "1"}, "b": {"POWERTOOLS_X": "2"}})
    with pytest.raises(ValueError, match="TABLE of b"):
        enter_environment({"a": {"TABLE": "t"}, "b": {"TABLE": "u"}})


def test_a_handler_is_loaded_by_the_templates_name() -> None:
    function = Function("X", "json", "json.decoder.JSONDecoder", 1, 1, {}, {})
    loaded: object = local_functions.load_handler(function)
    assert loaded is json.decoder.JSONDecoder
