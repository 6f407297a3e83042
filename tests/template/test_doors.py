"""Routes, login and site: who can come in by which door."""

from __future__ import annotations

import importlib
import json
from typing import Any

import pytest

from infra import openapi
from infra.aws.site import pages
from infra.local import site as local_site
from tests.template.reading import FUNCTIONS, TEMPLATE

APIS = ("customer_api", "staff_api")


def template_routes(package: str) -> dict[tuple[str, str], dict[str, Any]]:
    return {
        (event["Properties"]["Method"], event["Properties"]["Path"]): event["Properties"]
        for event in FUNCTIONS[package].properties["Events"].values()
        if event["Type"] == "HttpApi"
    }


def router_routes(package: str) -> set[tuple[str, str]]:
    app = importlib.import_module(f"{package}.app").app
    # Powertools has no public list of its routes.
    known = [*app._static_routes, *app._dynamic_routes]
    return {(route.method, route.path.replace("<", "{").replace(">", "}")) for route in known}


@pytest.mark.parametrize("package", APIS)
def test_router_and_template_have_the_same_routes(package: str) -> None:
    assert router_routes(package) == set(template_routes(package))


def test_only_the_two_apis_have_routes() -> None:
    assert {package for package in FUNCTIONS if template_routes(package)} == set(APIS)


def test_the_openapi_document_has_the_same_routes() -> None:
    document = json.loads(openapi.DOCUMENT.read_text(encoding="utf-8"))
    documented = {
        (method.upper(), path) for path, methods in document["paths"].items() for method in methods
    }
    assert documented == {route for package in APIS for route in template_routes(package)}


def test_the_openapi_document_is_up_to_date() -> None:
    """`make openapi` writes it."""
    assert openapi.DOCUMENT.read_text(encoding="utf-8") == openapi.text()


@pytest.mark.parametrize("package", APIS)
def test_every_route_is_spelled_out(package: str) -> None:
    for method, path in template_routes(package):
        assert method in {"GET", "POST", "PUT", "PATCH", "DELETE"}
        assert "+" not in path
        assert path.startswith("/api/staff/") is (package == "staff_api")


def test_every_staff_route_asks_the_authorizer_and_no_other_does() -> None:
    for properties in template_routes("staff_api").values():
        assert properties["Auth"] == {"Authorizer": "Staff"}
    for properties in template_routes("customer_api").values():
        assert "Auth" not in properties


def test_the_authorizer_trusts_this_stack_s_pool_and_client_only() -> None:
    (api,) = TEMPLATE.resources("AWS::Serverless::HttpApi")
    (staff,) = api.properties["Auth"]["Authorizers"].values()
    assert staff["JwtConfiguration"]["audience"] == [{"Ref": "UserPoolClient"}]
    assert "/${UserPool}" in staff["JwtConfiguration"]["issuer"]["Fn::Sub"]


def test_the_api_is_throttled_and_logs() -> None:
    (api,) = TEMPLATE.resources("AWS::Serverless::HttpApi")
    limits = api.properties["DefaultRouteSettings"]
    assert 0 < limits["ThrottlingRateLimit"] <= limits["ThrottlingBurstLimit"] <= 1000
    wanted = json.loads(api.properties["AccessLogSettings"]["Format"])
    assert "$context.identity.sourceIp" not in wanted.values()
    assert "DefinitionBody" not in api.properties


def test_staff_log_in_with_a_second_factor_and_without_the_password_flow() -> None:
    (pool,) = TEMPLATE.resources("AWS::Cognito::UserPool")
    assert pool.properties["MfaConfiguration"] == "ON"
    assert pool.properties["EnabledMfas"] == ["SOFTWARE_TOKEN_MFA"]
    assert pool.properties["AdminCreateUserConfig"] == {"AllowAdminCreateUserOnly": True}
    assert pool.properties["DeletionProtection"] == "ACTIVE"
    (client,) = TEMPLATE.resources("AWS::Cognito::UserPoolClient")
    assert set(client.properties["ExplicitAuthFlows"]) == {
        "ALLOW_USER_SRP_AUTH",
        "ALLOW_REFRESH_TOKEN_AUTH",
    }
    assert client.properties["AllowedOAuthFlows"] == ["code"]
    assert client.properties["GenerateSecret"] is False
    assert client.properties["PreventUserExistenceErrors"] == "ENABLED"


def test_the_groups_are_those_of_the_staff() -> None:
    groups = TEMPLATE.resources("AWS::Cognito::UserPoolGroup")
    assert {group.properties["GroupName"] for group in groups} == {
        "read",
        "remind",
        "release",
        "admin",
    }


def behaviours() -> dict[str, dict[str, Any]]:
    (distribution,) = TEMPLATE.resources("AWS::CloudFront::Distribution")
    config = distribution.properties["DistributionConfig"]
    ordered = {behaviour["PathPattern"]: behaviour for behaviour in config["CacheBehaviors"]}
    return {**ordered, "*": config["DefaultCacheBehavior"]}


def test_cloudfront_sends_each_path_to_its_origin() -> None:
    targets = {pattern: found["TargetOriginId"] for pattern, found in behaviours().items()}
    assert list(targets.items()) == [
        ("/api/openapi.json", "site"),
        ("/photos/*", "photos"),
        ("/api/*", "api"),
        ("*", "site"),
    ]
    for pattern, found in behaviours().items():
        assert found["ViewerProtocolPolicy"] in {"https-only", "redirect-to-https"}
        assert "ResponseHeadersPolicyId" in found, pattern


def test_the_api_gets_the_origin_header_and_the_bucket_answers_cloudfront_only() -> None:
    (distribution,) = TEMPLATE.resources("AWS::CloudFront::Distribution")
    origins = {o["Id"]: o for o in distribution.properties["DistributionConfig"]["Origins"]}
    (header,) = origins["api"]["OriginCustomHeaders"]
    assert header["HeaderName"].lower() == "x-origin-secret"
    assert header["HeaderValue"] == {"Fn::Sub": "{{resolve:secretsmanager:${OriginSecret}}}"}
    assert origins["site"]["OriginAccessControlId"] == {"Fn::GetAtt": ["SiteAccess", "Id"]}


def test_photos_pass_under_the_site_s_own_host_and_only_by_their_signature() -> None:
    (distribution,) = TEMPLATE.resources("AWS::CloudFront::Distribution")
    origins = {o["Id"]: o for o in distribution.properties["DistributionConfig"]["Origins"]}
    # An access control of CloudFront's own would sign every request, whoever it comes from.
    assert "OriginAccessControlId" not in origins["photos"]
    assert origins["photos"]["DomainName"] == {"Fn::GetAtt": ["PhotoBucket", "RegionalDomainName"]}
    found = behaviours()["/photos/*"]
    assert found["ViewerProtocolPolicy"] == "https-only"
    assert "PUT" in found["AllowedMethods"]
    assert found["CachePolicyId"] == behaviours()["/api/*"]["CachePolicyId"]
    (policy,) = TEMPLATE.resources("AWS::CloudFront::OriginRequestPolicy")
    assert found["OriginRequestPolicyId"] == {"Ref": policy.name}
    config = policy.properties["OriginRequestPolicyConfig"]
    assert config["QueryStringsConfig"] == {"QueryStringBehavior": "all"}
    assert config["CookiesConfig"] == {"CookieBehavior": "none"}
    # The signature covers the bucket's host name and the type, so the first is set and both pass.
    assert config["HeadersConfig"] == {"HeaderBehavior": "allExcept", "Headers": ["Host"]}
    headers = dict(local_site.policy_headers(TEMPLATE_KNOWN, "ApiHeaders"))
    assert found["ResponseHeadersPolicyId"] == {"Ref": "ApiHeaders"}
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["content-security-policy"].startswith("default-src 'none'")


def test_pages_come_with_strict_headers() -> None:
    headers = dict(local_site.policy_headers(TEMPLATE_KNOWN, "SiteHeaders"))
    policy = headers["content-security-policy"]
    assert policy.startswith("default-src 'self';")
    assert "unsafe" not in policy
    assert "frame-ancestors 'none'" in policy
    assert headers["strict-transport-security"].startswith("max-age=63072000")
    assert "noindex" in headers["x-robots-tag"]
    assert headers["referrer-policy"] == "no-referrer"


def test_a_page_has_the_same_address_here_and_deployed() -> None:
    found = pages()
    assert {"index.html", "staff/index.html", "api/openapi.json"} <= set(found)
    for key, file in found.items():
        assert local_site.serve(f"/{key}", {}, []).body == file.read_bytes(), key


def _knowing_the_login_domain() -> Any:
    template = type(TEMPLATE).read()
    template.know("UserPoolDomain", "login")
    return template


TEMPLATE_KNOWN = _knowing_the_login_domain()
