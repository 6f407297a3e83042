"""The routes of the HTTP API, and its answers on the wire."""

from __future__ import annotations

import base64
import json

import pytest

from infra.local import http_api
from infra.local.http_api import Route
from infra.local.template import Template


def test_every_route_of_the_template_is_found_with_its_authorizer() -> None:
    template = Template.read(Stage="local")
    template.know("UserPool", "pool")
    template.know("UserPoolClient", "client")
    template.know("ErpClient", "erp")
    known = http_api.routes(template)

    found = http_api.find(known, "PUT", "/api/machines/M1/readings")
    assert found is not None
    assert (found[0].package, found[0].authorizer) == ("customer_api", None)
    assert found[1] == {"machine_id": "M1"}
    for route in known:
        staff = route.path.startswith("/api/staff/")
        signs_in = route.path.startswith("/api/staff/session")
        assert (route.authorizer is not None) == (staff and not signs_in)
        if route.authorizer:
            erp = route.path == "/api/staff/readings/feed"
            assert route.authorizer.audience == ("erp" if erp else "client",)
            assert route.scopes == (("erp/feed",) if erp else ())
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
    template.know("ErpClient", "erp")
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
