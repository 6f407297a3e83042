"""Routes, login and site: who can come in by which door."""

from __future__ import annotations

import importlib
import json
import re
from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

import pytest
from meterportal.http import STATUS

from infra import openapi
from infra.aws.site import keys, served
from infra.local import site as local_site
from tests.template.reading import (
    API,
    DEFINITION,
    FUNCTIONS,
    ROUTES,
    TEMPLATE,
    listed,
    plain,
    statements,
)

APIS = ("customer_api", "staff_session", "staff_api", "erp_api")
SIGN_IN = "/api/staff/session"
FEED = "/api/staff/readings/feed"


_INTEGRATIONS = "#/components/x-amazon-apigateway-integrations/"


def template_routes(package: str) -> dict[tuple[str, str], Mapping[str, Any]]:
    here = {"$ref": f"{_INTEGRATIONS}{package}"}
    return {
        route: operation
        for route, operation in ROUTES.items()
        if operation["x-amazon-apigateway-integration"] == here
    }


def router_routes(package: str) -> set[tuple[str, str]]:
    module = importlib.import_module(f"{package}.app")
    if package == "customer_api":
        module.include_all()
    app = module.app
    # Powertools has no public list of its routes.
    known = [*app._static_routes, *app._dynamic_routes]
    return {(route.method, route.path.replace("<", "{").replace(">", "}")) for route in known}


@pytest.mark.parametrize("package", APIS)
def test_router_and_template_have_the_same_routes(package: str) -> None:
    assert router_routes(package) == set(template_routes(package))


def test_every_route_leads_to_one_of_the_apis() -> None:
    assert ROUTES.keys() == {route for package in APIS for route in template_routes(package)}
    integrations = DEFINITION["components"]["x-amazon-apigateway-integrations"]
    assert set(integrations) == set(APIS)
    for package, integration in integrations.items():
        function = FUNCTIONS[package].name
        assert f"functions/${{{function}.Arn}}/invocations" in integration["uri"]["Fn::Sub"]
        assert (integration["type"], integration["payloadFormatVersion"]) == ("aws_proxy", "2.0")


def test_the_openapi_document_has_the_same_routes() -> None:
    document = json.loads(openapi.DOCUMENT.read_text(encoding="utf-8"))
    documented = {
        (method.upper(), path) for path, methods in document["paths"].items() for method in methods
    }
    assert documented == {route for package in APIS for route in template_routes(package)}


@pytest.mark.parametrize("package", APIS)
def test_every_route_is_spelled_out(package: str) -> None:
    for method, path in template_routes(package):
        assert method in {"GET", "POST", "PUT", "PATCH", "DELETE"}
        assert "+" not in path
        assert path.startswith("/api/staff/") is (package != "customer_api")
        assert path.startswith(SIGN_IN) is (package == "staff_session")
        assert (path == FEED) is (package == "erp_api")


def test_every_staff_route_but_the_sign_in_asks_the_authorizer_and_no_other_does() -> None:
    for operation in template_routes("staff_api").values():
        assert operation["security"] == [{"Staff": []}]
    for package in ("customer_api", "staff_session"):
        for operation in template_routes(package).values():
            assert "security" not in operation


def test_the_erp_s_only_route_asks_for_its_own_client_and_scope() -> None:
    routes = template_routes("erp_api")
    assert {route: operation["security"] for route, operation in routes.items()} == {
        ("GET", FEED): [{"Erp": ["erp/feed"]}]
    }


@pytest.mark.parametrize(("name", "client"), [("Staff", "UserPoolClient"), ("Erp", "ErpClient")])
def test_an_authorizer_trusts_this_stack_s_pool_and_one_client_only(name: str, client: str) -> None:
    schemes = DEFINITION["components"]["securitySchemes"]
    jwt = schemes[name]["x-amazon-apigateway-authorizer"]["jwtConfiguration"]
    assert set(schemes) == {"Staff", "Erp"}
    assert jwt["audience"] == [{"Ref": client}]
    assert "/${UserPool}" in jwt["issuer"]["Fn::Sub"]


def test_the_api_is_throttled_and_logs() -> None:
    limits = API.properties["DefaultRouteSettings"]
    assert 0 < limits["ThrottlingRateLimit"] <= limits["ThrottlingBurstLimit"] <= 1000


# What the access log may hold, each with a value as it comes: none of them ever holds a quote or a
# backslash, which the gateway would write as it is. "-" stands for what a request has not got.
LOGGED = {
    "$context.requestId": "JKJaXmPLvHcESHA=",
    "$context.routeKey": "PUT /api/machines/{machine_id}/readings",
    "$context.status": "401",
    "$context.responseLatency": "12",
    "$context.error.responseType": "UNAUTHORIZED",
}


def test_a_line_of_the_access_log_is_json_whatever_was_asked() -> None:
    form = API.properties["AccessLogSettings"]["Format"]
    assert set(re.findall(r"\$context\.[\w.]+", form)) <= set(LOGGED)
    for values in (LOGGED, dict.fromkeys(LOGGED, "-")):
        line = form
        for variable, value in values.items():
            line = line.replace(variable, value)
        assert set(json.loads(line).values()) <= set(values.values())


def permissions() -> dict[str, list[str]]:
    """Which addresses of the API may call a function, by its package."""
    found: dict[str, list[str]] = {package: [] for package in FUNCTIONS}
    packages = {function.name: package for package, function in FUNCTIONS.items()}
    for resource in TEMPLATE.resources("AWS::Lambda::Permission"):
        properties = resource.properties
        assert properties["Principal"] == "apigateway.amazonaws.com"
        source = properties["SourceArn"]["Fn::Sub"]
        found[packages[properties["FunctionName"]["Ref"]]].append(source)
    return found


def test_the_api_may_call_each_function_under_their_own_addresses_only() -> None:
    here = "arn:${AWS::Partition}:execute-api:${AWS::Region}:${AWS::AccountId}:${HttpApi}/*/*"
    called = {package: sources for package, sources in permissions().items() if sources}
    assert called == {
        "customer_api": [f"{here}/api/*"],
        "staff_session": [f"{here}{SIGN_IN}*"],
        "staff_api": [f"{here}/api/staff/*"],
        "erp_api": [f"{here}{FEED}"],
    }


@pytest.mark.parametrize("package", APIS)
def test_a_function_s_resource_policy_stays_small(package: str) -> None:
    """Lambda takes 20,480 bytes: some fifty statements, so no route may cost one of its own."""
    name = f"a-stack-with-a-long-name-{FUNCTIONS[package].name}-ABCDEFGHIJKL"
    statements = [
        {
            "Sid": f"{name}Permission-ABCDEFGHIJKLMNOPQ",
            "Effect": "Allow",
            "Principal": {"Service": "apigateway.amazonaws.com"},
            "Action": "lambda:InvokeFunction",
            "Resource": f"arn:aws:lambda:eu-central-1:123456789012:function:{name}",
            "Condition": {"ArnLike": {"AWS:SourceArn": source}},
        }
        for source in permissions()[package]
    ]
    by_events = list(TEMPLATE.events(FUNCTIONS[package], "HttpApi"))
    assert not by_events, "SAM adds a statement for each route that is an event"
    assert len(json.dumps(statements)) < 2_048


def test_staff_log_in_with_a_second_factor_and_without_the_password_flow() -> None:
    (pool,) = TEMPLATE.resources("AWS::Cognito::UserPool")
    assert pool.properties["MfaConfiguration"] == "ON"
    assert pool.properties["EnabledMfas"] == ["SOFTWARE_TOKEN_MFA"]
    assert pool.properties["AdminCreateUserConfig"] == {"AllowAdminCreateUserOnly": True}
    assert pool.properties["DeletionProtection"] == "ACTIVE"
    client = TEMPLATE.resource("UserPoolClient")
    assert set(client.properties["ExplicitAuthFlows"]) == {
        "ALLOW_USER_SRP_AUTH",
        "ALLOW_REFRESH_TOKEN_AUTH",
    }
    assert client.properties["AllowedOAuthFlows"] == ["code"]
    assert client.properties["GenerateSecret"] is False
    assert client.properties["PreventUserExistenceErrors"] == "ENABLED"
    # A token that is out cannot be called back.
    units = client.properties["TokenValidityUnits"]
    assert (client.properties["IdTokenValidity"], units["IdToken"]) == (5, "minutes")


def test_the_erp_s_client_is_a_program_with_one_scope() -> None:
    client = TEMPLATE.resource("ErpClient")
    assert client.properties["GenerateSecret"] is True
    assert client.properties["AllowedOAuthFlows"] == ["client_credentials"]
    assert client.properties["AllowedOAuthScopes"] == ["erp/feed"]
    # Without a list a client may sign people in.
    assert client.properties["ExplicitAuthFlows"] == ["ALLOW_REFRESH_TOKEN_AUTH"]
    (server,) = TEMPLATE.resources("AWS::Cognito::UserPoolResourceServer")
    assert server.properties["Identifier"] == "erp"
    assert [scope["ScopeName"] for scope in server.properties["Scopes"]] == ["feed"]
    assert client.body["DependsOn"] == server.name, "a client of an unknown scope is refused"
    everybody = TEMPLATE.resource("UserPoolClient").properties["AllowedOAuthScopes"]
    assert "erp/feed" not in everybody


def test_the_erp_s_function_reads_the_feed_and_nothing_else() -> None:
    (table, secrets) = statements(FUNCTIONS["erp_api"])
    assert listed(table["Action"]) == ["dynamodb:Query"]
    assert plain(table["Resource"]) == "${Table.Arn}/index/changes"
    keys = table["Condition"]["ForAllValues:StringLike"]["dynamodb:LeadingKeys"]
    assert keys == ["FEED#*"]
    assert listed(secrets["Action"]) == ["secretsmanager:GetSecretValue"]


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
        ("/uploads/*", "uploads"),
        ("/portfolio/*", "portfolio"),
        ("/api/*", "api"),
        ("*", "site"),
    ]
    for pattern, found in behaviours().items():
        assert found["ViewerProtocolPolicy"] in {"https-only", "redirect-to-https"}
        assert "ResponseHeadersPolicyId" in found, pattern


# CloudFront keeps these for ten seconds unless told otherwise, also where nothing else is cached;
# the AWS documentation lists them ("HTTP 4xx and 5xx status codes that CloudFront caches"). It keeps
# 410, too, and takes no time for it: no route may answer it.
KEPT_BY_CLOUDFRONT = {400, 403, 404, 405, 414, 500, 501, 502, 503, 504}


def test_cloudfront_keeps_no_error() -> None:
    (distribution,) = TEMPLATE.resources("AWS::CloudFront::Distribution")
    errors = distribution.properties["DistributionConfig"]["CustomErrorResponses"]
    assert {error["ErrorCode"] for error in errors} == KEPT_BY_CLOUDFRONT
    # No page in its place either: the API's own words and the pages' own way out must arrive.
    assert all(set(error) == {"ErrorCode", "ErrorCachingMinTTL"} for error in errors)
    assert {error["ErrorCachingMinTTL"] for error in errors} == {0}


def test_no_refusal_has_the_status_that_cloudfront_always_keeps() -> None:
    assert HTTPStatus.GONE not in STATUS.values()


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
    headers = dict(local_site.policy_headers(TEMPLATE, "ApiHeaders"))
    assert found["ResponseHeadersPolicyId"] == {"Ref": "ApiHeaders"}
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["content-security-policy"].startswith("default-src 'none'")


def test_snapshots_pass_like_photos_and_are_only_fetched() -> None:
    (distribution,) = TEMPLATE.resources("AWS::CloudFront::Distribution")
    origins = {o["Id"]: o for o in distribution.properties["DistributionConfig"]["Origins"]}
    assert "OriginAccessControlId" not in origins["portfolio"]
    bucket = {"Fn::GetAtt": ["PortfolioBucket", "RegionalDomainName"]}
    assert origins["portfolio"]["DomainName"] == bucket
    found, photos = behaviours()["/portfolio/*"], behaviours()["/photos/*"]
    assert found["AllowedMethods"] == ["GET", "HEAD"]
    for name in ("ViewerProtocolPolicy", "CachePolicyId", "OriginRequestPolicyId"):
        assert found[name] == photos[name]
    assert found["ResponseHeadersPolicyId"] == {"Ref": "ApiHeaders"}


def test_large_exports_come_in_like_photos() -> None:
    (distribution,) = TEMPLATE.resources("AWS::CloudFront::Distribution")
    origins = {o["Id"]: o for o in distribution.properties["DistributionConfig"]["Origins"]}
    assert "OriginAccessControlId" not in origins["uploads"]
    bucket = {"Fn::GetAtt": ["ImportBucket", "RegionalDomainName"]}
    assert origins["uploads"]["DomainName"] == bucket
    found, photos = dict(behaviours()["/uploads/*"]), dict(behaviours()["/photos/*"])
    for one in (found, photos):
        del one["PathPattern"], one["TargetOriginId"]
    assert found == photos


def test_pages_come_with_strict_headers() -> None:
    headers = dict(local_site.policy_headers(TEMPLATE, "SiteHeaders"))
    policy = headers["content-security-policy"]
    assert policy.startswith("default-src 'self';")
    assert "unsafe" not in policy
    assert "frame-ancestors 'none'" in policy
    assert "connect-src 'self';" in policy
    assert headers["strict-transport-security"].startswith("max-age=63072000")
    assert "noindex" in headers["x-robots-tag"]
    assert headers["referrer-policy"] == "no-referrer"


def test_a_page_has_the_same_address_here_and_deployed() -> None:
    found = keys()
    assert {
        "index.html",
        "staff/index.html",
        "staff/styles.css",
        "precache.js",
        "api/openapi.json",
    } <= set(found)
    for key in found:
        assert local_site.serve(f"/{key}", {}, []).body == served(key, ""), key
