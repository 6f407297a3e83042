"""The stand-in for CloudFront in the deployment test: what passes to an origin, and what does not."""

from __future__ import annotations

from typing import Any

from infra.local.edge import Edge, Passed
from infra.local.site import policy_headers
from infra.local.template import Template

HOST = "d111.cloudfront.net"
SECRET = [{"HeaderName": "X-Origin-Secret", "HeaderValue": "secret"}]
EVERY_METHOD = {"Items": ["GET", "HEAD", "OPTIONS", "PUT", "POST", "PATCH", "DELETE"]}


def _policy(cookies: str) -> dict[str, Any]:
    return {
        "HeadersConfig": {"HeaderBehavior": "allExcept", "Headers": {"Items": ["Host"]}},
        "CookiesConfig": {"CookieBehavior": cookies},
        "QueryStringsConfig": {"QueryStringBehavior": "all"},
    }


EDGE = Edge(
    HOST,
    {
        "Origins": {
            "Items": [
                {"Id": "site", "DomainName": "site.s3.amazonaws.com", "OriginAccessControlId": "O"},
                {"Id": "photos", "DomainName": "photos.s3.eu-central-1.amazonaws.com"},
                {
                    "Id": "api",
                    "DomainName": "abc1.execute-api.eu-central-1.amazonaws.com",
                    "CustomHeaders": {"Items": SECRET},
                },
            ]
        },
        "CacheBehaviors": {
            "Items": [
                {
                    "PathPattern": f"/{name}/*",
                    "TargetOriginId": name,
                    "AllowedMethods": EVERY_METHOD,
                    "OriginRequestPolicyId": name,
                    "ResponseHeadersPolicyId": "headers",
                }
                for name in ("photos", "api")
            ]
        },
        "DefaultCacheBehavior": {"TargetOriginId": "site", "AllowedMethods": {"Items": ["GET"]}},
    },
    {"api": _policy("all"), "photos": _policy("none")},
    {"headers": Template.read().resource("ApiHeaders").properties["ResponseHeadersPolicyConfig"]},
    "http://127.0.0.1:4566",
)


def passed(method: str, path: str, **headers: str) -> Passed:
    sent = [("host", HOST), *((name.replace("_", "-"), value) for name, value in headers.items())]
    found = EDGE.passes(method, path, sent)
    assert isinstance(found, Passed)
    return found


def test_the_api_gets_cookies_authorization_and_the_secret() -> None:
    found = passed("GET", "/api/session?a=1", cookie="s=1", authorization="Bearer x", accept="*/*")
    headers = dict(found.headers)
    assert found.path == "/api/session?a=1"
    assert (headers["cookie"], headers["authorization"]) == ("s=1", "Bearer x")
    assert headers["x-origin-secret"] == "secret"
    assert headers["host"] == "abc1.execute-api.eu-central-1.amazonaws.com"


def test_nobody_brings_a_secret_of_their_own() -> None:
    headers = passed("GET", "/api/session", x_origin_secret="guessed").headers
    assert [value for name, value in headers if name == "x-origin-secret"] == ["secret"]


def test_a_photo_s_bucket_gets_no_cookie_and_is_asked_as_the_functions_have_signed() -> None:
    found = passed("PUT", "/photos/1/2/3?X-Amz-Signature=x", cookie="s=1", content_type="image/png")
    headers = dict(found.headers)
    assert found.path == "/photos/photos/1/2/3?X-Amz-Signature=x"
    assert headers["host"] == "127.0.0.1:4566"
    assert headers["content-type"] == "image/png"
    assert "cookie" not in headers
    assert "x-origin-secret" not in headers


def test_who_says_whom_they_pass_on_is_only_the_last_but_one() -> None:
    headers = dict(passed("GET", "/api/session", x_forwarded_for="203.0.113.9").headers)
    assert headers["x-forwarded-for"] == "203.0.113.9, 127.0.0.1"


def test_answers_get_the_headers_of_the_policy() -> None:
    template = Template.read()
    wanted = policy_headers(template, "ApiHeaders")
    assert passed("GET", "/api/session").set_headers == wanted


def test_pages_are_left_to_the_engine_and_methods_are_refused_as_deployed() -> None:
    assert EDGE.passes("GET", "/", [("host", HOST)]) is None
    assert EDGE.passes("TRACE", "/api/session", [("host", HOST)]) == 403
