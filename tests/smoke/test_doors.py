"""Who gets in: routes, tokens, groups, the header of CloudFront."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

from infra.aws.site import STATIC_SITE
from tests.smoke.deployed import Deployed

_DOCUMENT = json.loads((STATIC_SITE / "api" / "openapi.json").read_text(encoding="utf-8"))
ROUTES = [
    (method.upper(), path.replace("{", "").replace("}", ""))
    for path, methods in _DOCUMENT["paths"].items()
    for method in methods
]


SIGN_IN = "/api/staff/session"
FEED = "/api/staff/readings/feed"


@pytest.mark.parametrize(
    ("method", "path"), [r for r in ROUTES if "/staff/" in r[1] and not r[1].startswith(SIGN_IN)]
)
def test_a_staff_route_is_closed_without_a_token(
    deployed: Deployed, method: str, path: str
) -> None:
    answer = deployed.api(method, path)
    assert (answer.status, answer.json) == (401, {"message": "Unauthorized"})


def test_nobody_is_signed_in_without_a_cookie_or_a_proof(deployed: Deployed) -> None:
    renewed = deployed.api("POST", f"{SIGN_IN}/renew", {})
    assert (renewed.status, renewed.json["code"]) == (401, "signed_out")
    assert deployed.api("POST", SIGN_IN, {}).status == 422
    assert deployed.api("DELETE", SIGN_IN).status == 204


@pytest.mark.parametrize(("method", "path"), [r for r in ROUTES if "/staff/" not in r[1]])
def test_a_contact_s_route_is_closed_without_a_session(
    deployed: Deployed, method: str, path: str
) -> None:
    answer = deployed.api(method, path, {} if method in {"POST", "PUT"} else None)
    assert answer.status in {401, 415, 422, 204}, answer  # 415: a sheet is asked for, not JSON
    assert b"companies" not in answer.content


def test_a_forged_token_is_refused(deployed: Deployed, staff: Callable[[str], str]) -> None:
    head, claims, signature = staff("read").split(".")
    forged = f"{head}.{claims}.{signature[::-1]}"
    assert deployed.api("GET", "/api/staff/contracts", token=forged).status == 401


def test_the_api_is_reached_through_cloudfront_only(
    deployed: Deployed, staff: Callable[[str], str]
) -> None:
    """Past it the header with the secret is missing, and a guessed one does not help."""
    guessed = {"x-origin-secret": "guessed"}
    for headers in ({}, guessed):
        for path, token in (("/api/staff/contracts", staff("read")), ("/api/session", None)):
            answer = deployed.api("GET", path, token=token, headers=headers, directly=True)
            assert answer.status == 403, (path, answer)
    through = deployed.api("GET", "/api/staff/contracts", token=staff("read"), headers=guessed)
    assert through.status == 200


def test_answers_of_the_api_come_with_its_headers(deployed: Deployed) -> None:
    headers = deployed.api("GET", "/api/session").headers
    assert headers["content-security-policy"].startswith("default-src 'none'")
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["strict-transport-security"].startswith("max-age=63072000")


def test_unknown_paths_end_at_the_gateway(deployed: Deployed, staff: Callable[[str], str]) -> None:
    for path in ("/api/unknown", "/api/staff/unknown"):
        answer = deployed.api("GET", path, token=staff("read"))
        assert (answer.status, answer.json) == (404, {"message": "Not Found"}), path


def test_a_reader_reads_and_does_nothing_else(
    deployed: Deployed, staff: Callable[[str], str]
) -> None:
    token = staff("read")
    assert deployed.api("GET", "/api/staff/contracts", token=token).status == 200
    everything: dict[str, Any] = {"selection": {"filter": {}}}
    bodies = {"rounds": everything, "releases": everything, "exports": {}}
    for name, body in bodies.items():
        path = f"/api/staff/{name}"
        answer = deployed.api("POST", path, body, token=token)
        assert answer.status == 403, (path, answer)
        assert answer.headers["content-type"] == "application/problem+json"


def test_the_erp_follows_readings_and_does_nothing_else(
    deployed: Deployed, staff: Callable[[str], str]
) -> None:
    token = deployed.erp_token()
    answer = deployed.api("GET", FEED, token=token)
    assert answer.status == 200, answer
    assert answer.headers["content-type"] == "application/cloudevents-batch+json"
    assert answer.headers["link"].endswith('rel="next"')
    assert deployed.api("GET", FEED, token=staff("admin")).status == 401
    for path in ("/api/staff/contracts", "/api/staff/portfolio"):
        assert deployed.api("GET", path, token=token).status == 401


def test_a_contact_without_session_is_told_so(deployed: Deployed) -> None:
    answer = deployed.api("GET", "/api/session")
    assert answer.status == 401
    assert answer.json["code"] == "not_signed_in"
    assert deployed.api("POST", "/api/session", {"token": "v1.k1.forged"}).status == 401
