"""The HTTP API of a deployed stack, in MiniStack's place: its own knows no cookies.

Routes, authorizers and integrations are those of the definition that CloudFormation got; the
functions run where they are deployed.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

from infra.local.authorizer import pool_keys
from infra.local.deployment_gaps import Client, deployed_template
from infra.local.functions import FunctionFailed, FunctionTimedOut
from infra.local.gateway import HttpApi
from infra.local.http_api import defined


def deployed_api(client: Client, stack: str, endpoint: str) -> tuple[str, HttpApi]:
    """The API's host name and the API."""
    template = deployed_template(client, stack)
    (api,) = template.resources("AWS::ApiGatewayV2::Api")
    host = f"{template.resolve({'Ref': api.name})}.execute-api.{template.region}.amazonaws.com"
    found = defined(template.resolve(dict(api.properties["Body"])))
    pool = template.resolve({"Ref": "UserPool"})
    return host, HttpApi(found, DeployedFunctions(client("lambda")), pool_keys(endpoint, pool))


@dataclass(frozen=True)
class DeployedFunctions:
    """Functions by their ARNs, invoked as the gateway invokes them."""

    client: Any

    def invoke(self, package: str, event: Any) -> Any:
        given = self.client.invoke(FunctionName=package, Payload=json.dumps(event).encode())
        result = json.loads(given["Payload"].read() or b"null")
        if "FunctionError" not in given:
            return result
        message = str(result.get("errorMessage", "")) if isinstance(result, dict) else ""
        raise (FunctionTimedOut if "timed out" in message else FunctionFailed)(message)
