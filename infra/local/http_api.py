"""What API Gateway's HTTP API does between the wire and a function: routes and answers."""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import unquote

from infra.local.template import Template

MAX_BODY = 10 * 1024 * 1024
_PARAMETER = re.compile(r"^\{([A-Za-z_][A-Za-z0-9_]*)\}$")
_FUNCTION = re.compile(r"/functions/(?P<arn>arn:[^/]+)/invocations$")

Headers = list[tuple[str, str]]


@dataclass(frozen=True)
class Request:
    """A request as it came: the path still encoded, header names in any case."""

    method: str
    path: str
    query: str
    headers: Headers
    body: bytes
    source_ip: str

    def header(self, name: str) -> str | None:
        values = [value for key, value in self.headers if key.lower() == name]
        return ",".join(values) if values else None


@dataclass(frozen=True)
class Answer:
    status: int
    headers: Headers
    body: bytes


@dataclass(frozen=True)
class JwtAuthorizer:
    name: str
    issuer: str
    audience: tuple[str, ...]


@dataclass(frozen=True)
class Route:
    method: str
    path: str
    package: str
    authorizer: JwtAuthorizer | None
    scopes: tuple[str, ...] = ()

    @property
    def key(self) -> str:
        return f"{self.method} {self.path}"

    def match(self, method: str, path: str) -> dict[str, str] | None:
        """The path parameters if the request is meant, else None."""
        if self.method not in (method, "ANY"):
            return None
        wanted, given = self.path.split("/"), path.split("/")
        if len(wanted) != len(given):
            return None
        parameters = {}
        for pattern, segment in zip(wanted, given, strict=True):
            parameter = _PARAMETER.match(pattern)
            if parameter and segment:
                parameters[parameter[1]] = unquote(segment)
            elif pattern != unquote(segment):
                return None
        return parameters


def routes(template: Template) -> list[Route]:
    """The routes of the template's HTTP API, each with its authorizer and its function's package."""
    packages = {
        template.resolve({"Fn::GetAtt": [function.name, "Arn"]}): function.package
        for function in template.functions()
    }
    (api,) = template.resources("AWS::Serverless::HttpApi")
    found = defined(template.resolve(api.properties["DefinitionBody"]))
    return [replace(route, package=packages[route.package]) for route in found]


def defined(body: Mapping[str, Any]) -> list[Route]:
    """The routes of an API's definition; `package` is the ARN of the function behind it."""
    parts = body["components"]
    authorizers = {
        name: _authorizer(name, scheme["x-amazon-apigateway-authorizer"])
        for name, scheme in parts["securitySchemes"].items()
    }
    found = []
    for path, methods in body["paths"].items():
        for method, operation in methods.items():
            reference = operation["x-amazon-apigateway-integration"]["$ref"]
            uri = parts["x-amazon-apigateway-integrations"][reference.rsplit("/", 1)[1]]["uri"]
            function = _FUNCTION.search(uri)
            if function is None:
                raise ValueError(f"{method} {path} leads to no function: {uri}")
            needed = [pair for one in operation.get("security", []) for pair in one.items()]
            name, scopes = needed[0] if needed else ("", [])
            closed = authorizers[name] if name else None
            found.append(Route(method.upper(), path, function["arn"], closed, tuple(scopes)))
    return sorted(found, key=lambda route: route.path.count("{"))


def _authorizer(name: str, told: Mapping[str, Any]) -> JwtAuthorizer:
    jwt = told["jwtConfiguration"]
    return JwtAuthorizer(name, str(jwt["issuer"]), tuple(jwt["audience"]))


def find(known: Iterable[Route], method: str, path: str) -> tuple[Route, dict[str, str]] | None:
    for route in known:
        parameters = route.match(method, path)
        if parameters is not None:
            return route, parameters
    return None


def answer(result: Any) -> Answer:
    """A function's result -> what goes over the wire; a result without statusCode is a 200."""
    if not isinstance(result, dict) or "statusCode" not in result:
        return Answer(200, [("content-type", "application/json")], json.dumps(result).encode())
    body = result.get("body") or ""
    content = base64.b64decode(body) if result.get("isBase64Encoded") else body.encode()
    headers = [(str(name).lower(), str(value)) for name, value in result.get("headers", {}).items()]
    headers += [("set-cookie", str(cookie)) for cookie in result.get("cookies", [])]
    if content and not any(name == "content-type" for name, _ in headers):
        headers.append(("content-type", "text/plain; charset=utf-8"))
    return Answer(int(result["statusCode"]), headers, content)


def refusal(status: int, message: str, *extra: tuple[str, str]) -> Answer:
    """An answer of the gateway itself, in AWS's form."""
    body = json.dumps({"message": message}, separators=(",", ":")).encode()
    return Answer(status, [("content-type", "application/json"), *extra], body)
