"""What API Gateway's HTTP API does between the wire and a function: routes, events, answers.

Payload format 2.0, as AWS documents it; where the documentation is silent, the form observed there:
paths arrive percent-decoded (but for %25), bodies as text for text/*, JSON, XML and JavaScript and
in base64 otherwise, several headers of one name joined by commas, cookies apart.
"""

from __future__ import annotations

import base64
import json
import re
import uuid
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from urllib.parse import parse_qsl, unquote

from infra.local.template import Template

MAX_BODY = 10 * 1024 * 1024
_TEXT = {"application/json", "application/xml", "application/javascript"}
_PARAMETER = re.compile(r"^\{([A-Za-z_][A-Za-z0-9_]*)\}$")
_ESCAPES = re.compile(r"(?:%[0-9A-Fa-f]{2})+")

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
    """Every HttpApi event of the template's functions, with the authorizer that applies to it."""
    default, authorizers = _authorizers(template)
    found = []
    for function in template.functions():
        for event in template.events(function, "HttpApi"):
            name = event.properties.get("Auth", {}).get("Authorizer", default)
            found.append(
                Route(
                    method=str(event.properties["Method"]).upper(),
                    path=str(event.properties["Path"]),
                    package=function.package,
                    authorizer=None if name in (None, "NONE") else authorizers[name],
                )
            )
    return sorted(found, key=lambda route: route.path.count("{"))


def _authorizers(template: Template) -> tuple[str | None, dict[str, JwtAuthorizer]]:
    default, found = None, {}
    for api in template.resources("AWS::Serverless::HttpApi"):
        auth = template.resolve(api.properties.get("Auth", {}))
        default = auth.get("DefaultAuthorizer")
        for name, body in auth.get("Authorizers", {}).items():
            jwt = body["JwtConfiguration"]
            found[name] = JwtAuthorizer(name, str(jwt["issuer"]), tuple(jwt["audience"]))
    return default, found


def find(known: Iterable[Route], method: str, path: str) -> tuple[Route, dict[str, str]] | None:
    for route in known:
        parameters = route.match(method, path)
        if parameters is not None:
            return route, parameters
    return None


def decoded(path: str) -> str:
    """Percent-escapes resolved as an HTTP API does for rawPath: each but %25."""

    def run(match: re.Match[str]) -> str:
        parts = re.split(r"(%25)", match[0])
        return "".join(part if part == "%25" else unquote(part) for part in parts)

    return _ESCAPES.sub(run, path)


def event(
    route: Route,
    parameters: Mapping[str, str],
    request: Request,
    claims: Mapping[str, Any] | None,
    at: datetime,
) -> dict[str, Any]:
    """The event for the function; `claims` are those of the checked token, None without one."""
    at = at.astimezone(UTC)
    host = request.header("host") or ""
    path = decoded(request.path)
    headers = {
        name: value
        for name in dict.fromkeys(key.lower() for key, _ in request.headers)
        if name != "cookie" and (value := request.header(name)) is not None
    }
    context: dict[str, Any] = {
        "accountId": "000000000000",
        "apiId": "local",
        "domainName": host,
        "domainPrefix": host.split(".")[0],
        "http": {
            "method": request.method,
            "path": path,
            "protocol": "HTTP/1.1",
            "sourceIp": request.source_ip,
            "userAgent": request.header("user-agent") or "",
        },
        "requestId": uuid.uuid4().hex,
        "routeKey": route.key,
        "stage": "$default",
        "time": at.strftime("%d/%b/%Y:%H:%M:%S +0000"),
        "timeEpoch": int(at.timestamp() * 1000),
    }
    if claims is not None:
        stringified = {name: claim_text(value) for name, value in claims.items()}
        context["authorizer"] = {"jwt": {"claims": stringified, "scopes": None}}
    made: dict[str, Any] = {
        "version": "2.0",
        "routeKey": route.key,
        "rawPath": path,
        "rawQueryString": request.query,
        "headers": headers,
        "requestContext": context,
        "isBase64Encoded": False,
    }
    cookies = [
        v.strip() for k, line in request.headers if k.lower() == "cookie" for v in line.split(";")
    ]
    if cookies:
        made["cookies"] = cookies
    if parameters:
        made["pathParameters"] = dict(parameters)
    if request.query:
        joined: dict[str, str] = {}
        for name, value in parse_qsl(request.query, keep_blank_values=True):
            joined[name] = f"{joined[name]},{value}" if name in joined else value
        made["queryStringParameters"] = joined
    if request.body:
        made["body"], made["isBase64Encoded"] = _body(request)
    return made


def _body(request: Request) -> tuple[str, bool]:
    kind = (request.header("content-type") or "").split(";")[0].strip().lower()
    if kind.startswith("text/") or kind in _TEXT:
        try:
            return request.body.decode("utf-8"), False
        except UnicodeDecodeError:
            pass  # AWS does not say what it does; base64 keeps every byte (CSV in CP1252)
    return base64.b64encode(request.body).decode("ascii"), True


def claim_text(value: Any) -> str:
    """A claim as the gateway hands it on: text; a list as "[a b]"; numbers and flags as in JSON."""
    if isinstance(value, str):
        return value
    if isinstance(value, list):
        return "[" + " ".join(claim_text(item) for item in value) + "]"
    return json.dumps(value)


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
