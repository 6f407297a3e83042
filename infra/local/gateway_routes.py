"""What MiniStack leaves out of SAM's HttpApi: authorizers, integrations and routes.

They sit in the OpenAPI body of the processed template, which CloudFormation on AWS reads and
MiniStack does not. Nothing is invented here: every route comes from that body.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any

from infra.local.template import Template

Client = Callable[[str], Any]


def create_routes(client: Client, stack: str) -> list[str]:
    """Creates the HTTP API's routes of a deployed stack; returns their keys ("GET /api/...")."""
    template = _deployed(client, stack)
    gateway = client("apigatewayv2")
    created = []
    for api in template.resources("AWS::ApiGatewayV2::Api"):
        api_id = template.resolve({"Ref": api.name})
        body = template.resolve(dict(api.properties["Body"]))
        authorizers = _authorizers(gateway, api_id, body)
        integrations: dict[str, str] = {}
        for path, methods in body["paths"].items():
            for method, operation in methods.items():
                uri = operation["x-amazon-apigateway-integration"]["uri"]
                if uri not in integrations:
                    integrations[uri] = gateway.create_integration(
                        ApiId=api_id,
                        IntegrationType="AWS_PROXY",
                        IntegrationUri=uri,
                        PayloadFormatVersion="2.0",
                    )["IntegrationId"]
                key = f"{method.upper()} {path}"
                gateway.create_route(
                    ApiId=api_id,
                    RouteKey=key,
                    Target=f"integrations/{integrations[uri]}",
                    **_security(operation, authorizers),
                )
                created.append(key)
    return created


def _deployed(client: Client, stack: str) -> Template:
    """The processed template, knowing the names of what was created from it."""
    cloudformation = client("cloudformation")
    body = cloudformation.get_template(StackName=stack, TemplateStage="Processed")["TemplateBody"]
    document = json.loads(body) if isinstance(body, str) else body
    described = cloudformation.describe_stacks(StackName=stack)["Stacks"][0]
    parameters = {
        given["ParameterKey"]: given["ParameterValue"] for given in described.get("Parameters", [])
    }
    account = client("sts").get_caller_identity()["Account"]
    template = Template(document, parameters, stack=stack, account=account)
    for page in cloudformation.get_paginator("list_stack_resources").paginate(StackName=stack):
        for resource in page["StackResourceSummaries"]:
            known = {}
            if resource["ResourceType"] == "AWS::Lambda::Function":
                name = resource["PhysicalResourceId"]
                known["Arn"] = client("lambda").get_function(FunctionName=name)["Configuration"][
                    "FunctionArn"
                ]
            template.know(resource["LogicalResourceId"], resource["PhysicalResourceId"], **known)
    return template


def _authorizers(gateway: Any, api_id: str, body: Mapping[str, Any]) -> dict[str, str]:
    """Name in the OpenAPI document -> id of the authorizer created for it."""
    created = {}
    for name, scheme in body.get("components", {}).get("securitySchemes", {}).items():
        told = scheme["x-amazon-apigateway-authorizer"]
        created[name] = gateway.create_authorizer(
            ApiId=api_id,
            AuthorizerType="JWT",
            Name=name,
            IdentitySource=[told["identitySource"]],
            JwtConfiguration={
                "Issuer": told["jwtConfiguration"]["issuer"],
                "Audience": told["jwtConfiguration"]["audience"],
            },
        )["AuthorizerId"]
    return created


def _security(operation: Mapping[str, Any], authorizers: Mapping[str, str]) -> dict[str, str]:
    names = [name for requirement in operation.get("security", []) for name in requirement]
    if not names:
        return {}
    return {"AuthorizationType": "JWT", "AuthorizerId": authorizers[names[0]]}
