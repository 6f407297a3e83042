"""`make openapi`: the OpenAPI document of the whole interface, generated from all routers.

Parameters and bodies are the routers' own; what a route answers is the type of its return annotation,
of which pydantic makes a schema here. The document is served as a static file at /api/openapi.json; a
test keeps it equal to the routers.
"""

from __future__ import annotations

import importlib
import inspect
import json
from collections.abc import Iterator
from dataclasses import dataclass
from http import HTTPStatus
from pathlib import Path
from types import UnionType
from typing import Any, Union, get_args, get_origin, get_type_hints

from aws_lambda_powertools.event_handler import APIGatewayHttpResolver
from meterportal.domain import refusals
from meterportal.http import (
    CODES,
    JSON,
    PROBLEM,
    CloudEvents,
    Malformed,
    NoContent,
    ProblemDetails,
    TooLarge,
    Workbook,
    WrongContentType,
    refuses,
)
from pydantic import TypeAdapter
from pydantic.json_schema import GenerateJsonSchema, JsonSchemaValue
from pydantic_core import core_schema

DOCUMENT = Path(__file__).resolve().parents[1] / "static_site" / "api" / "openapi.json"
ROUTERS = ("customer_api.whole", "staff_session.app", "staff_api.app", "erp_api.app")

_SECURITY = {
    "session": {
        "type": "apiKey",
        "in": "cookie",
        "name": "__Host-session",
        "description": "Set by POST /api/session; for contacts.",
    },
    "staff_session": {
        "type": "apiKey",
        "in": "cookie",
        "name": "__Secure-staff",
        "description": "Set by POST /api/staff/session; renews the token.",
    },
    "staff": {
        "type": "http",
        "scheme": "bearer",
        "bearerFormat": "JWT",
        "description": "Id token of the staff's Cognito user pool.",
    },
    "erp": {
        "type": "http",
        "scheme": "bearer",
        "bearerFormat": "JWT",
        "description": "Access token of the ERP's own client, with the scope erp/feed.",
    },
}
_FILES = {
    "/api/fleet": "A workbook, a CSV file or pasted cells",
    "/api/fleet/rejected.xlsx": "The sheet as it was handed in",
    "/api/staff/imports": "A zip of CSV files, or one CSV file",
}
"""Routes that take a file as it is."""

_OPEN = {
    ("get", "/api/door"),
    ("post", "/api/session"),
    ("post", "/api/links"),
    ("post", "/api/staff/session"),
}
"""Routes for those who are not signed in yet."""

_SIGN_OUT = ("delete", "/api/staff/session")
_EITHER = {("post", "/api/password/mail"), ("put", "/api/password"), _SIGN_OUT}
"""Routes for those who are signed in and for those who are not."""

DECIDING = frozenset(
    {HTTPStatus.CONFLICT, HTTPStatus.PRECONDITION_FAILED, HTTPStatus.TOO_MANY_REQUESTS}
)
"""Statuses whose codes the document lists; there are no others."""

_EVERYWHERE = refuses(
    refusals.NotAllowed, refusals.ForeignOrigin, refusals.BadPage, refusals.Unavailable
)
"""What every route may refuse: a caller without the right or past the CDN, a foreign site, a query
that is not as described; and trouble of AWS."""

_OF_BODIES = refuses(Malformed, TooLarge, WrongContentType)
_OF_JSON = refuses(refusals.Invalid)
_OF_NUMBERS = refuses(refusals.NotFound)
_OF_SESSIONS = refuses(refusals.NotSignedIn)

_UNIONS = {Union, UnionType}  # the second is that of plain classes
_REF = "#/components/schemas/{model}"
_RESPONSES: dict[str, Any] = {
    "Refused": {
        "description": "Refused; `code` says why",
        "content": {PROBLEM: {"schema": {"$ref": _REF.format(model=ProblemDetails.__name__)}}},
    },
    "NoToken": {
        "description": "Refused by the gateway: no token, or not one that it takes; or by the function: the"
        " person's rights were changed since the token was made",
        "content": {
            PROBLEM: {"schema": {"$ref": _REF.format(model=ProblemDetails.__name__)}},
            JSON: {
                "schema": {
                    "type": "object",
                    "properties": {"message": {"type": "string"}},
                    "required": ["message"],
                }
            },
        },
    },
}


class TwoMeanings(Exception):
    """Two routers use one name (of a path or a schema) for different things."""


class _Closed(GenerateJsonSchema):
    """Schemas of answers: a field that is not described is an error."""

    def typed_dict_schema(self, schema: core_schema.TypedDictSchema) -> JsonSchemaValue:
        return super().typed_dict_schema(schema) | {"additionalProperties": False}


@dataclass(frozen=True)
class _Told:
    """One way in which a route answers: the class of its answer, and the type of its JSON if it is some."""

    kind: Any
    content: Any = None

    @property
    def description(self) -> str:
        return (inspect.getdoc(self.content or self.kind) or "").partition("\n\n")[0]


def document() -> dict[str, Any]:
    """The merged document, OpenAPI 3.1, in a stable order."""
    paths: dict[str, Any] = {}
    schemas: dict[str, Any] = {}
    answers: dict[tuple[str, str], list[_Told]] = {}
    refused: dict[tuple[str, str], dict[int, Any]] = {}
    for name in ROUTERS:
        router: APIGatewayHttpResolver = importlib.import_module(name).app
        part = _without_titles(
            json.loads(
                router.get_openapi_json_schema(
                    title="Meterportal", version="1", openapi_version="3.1.0"
                )
            )
        )
        _join(paths, part["paths"])
        _join(schemas, part["components"]["schemas"])
        # Powertools has no public list of its routes.
        for route in (*router._static_routes, *router._dynamic_routes):
            key = (route.method.lower(), route.openapi_path)
            answers[key] = list(_told(get_type_hints(route.func, include_extras=True)["return"]))
            refused[key] = route.responses or {}
    contents = {
        told.content for ways in answers.values() for told in ways if told.content is not None
    }
    references, described = _described(contents | {ProblemDetails})
    _join(schemas, described)
    for path, operations in paths.items():
        for method, operation in operations.items():
            _finish(method, path, operation)
            responses = {
                int(told.kind.status): _response(told, references) for told in answers[method, path]
            } | _refusals(method, path, operation, set(refused[method, path]))
            operation["responses"] = {
                str(status): responses[status] for status in sorted(responses)
            }
            if codes := _codes(refused[method, path]):
                operation[CODES] = codes
    merged = {
        "openapi": "3.1.0",
        "info": {
            "title": "Meterportal",
            "version": "1",
            "description": (
                "Contacts report counters (session cookie), staff ask, release and export "
                "(bearer token). Integers for counters, RFC 3339 dates, problem+json refusals."
            ),
        },
        "servers": [{"url": "/"}],
        "paths": {path: paths[path] for path in sorted(paths)},
        "components": {
            "schemas": schemas,
            "responses": _RESPONSES,
            "securitySchemes": _SECURITY,
        },
    }
    _drop_unused(merged)
    return merged


def _join(into: dict[str, Any], more: dict[str, Any]) -> None:
    for name, value in more.items():
        if into.setdefault(name, value) != value:
            raise TwoMeanings(name)


def _without_titles(node: Any, *, of_names: bool = False) -> Any:
    """A part of the document without the titles that pydantic makes up of names."""
    if isinstance(node, list):
        return [_without_titles(one) for one in node]
    if not isinstance(node, dict):
        return node
    return {
        name: _without_titles(value, of_names=name == "properties")
        for name, value in node.items()
        if of_names or name != "title"
    }


def _told(returned: Any) -> Iterator[_Told]:
    """The ways of a route's return annotation, `Answer[OneJson] | Accepted[OtherJson]`."""
    for way in get_args(returned) if get_origin(returned) in _UNIONS else (returned,):
        yield _Told(get_origin(way) or way, *get_args(way))


def _described(contents: set[Any]) -> tuple[dict[Any, Any], dict[str, Any]]:
    """References to the schemas of types, and the schemas by name."""
    ordered = sorted(contents, key=lambda one: str(one.__name__))
    references, rest = TypeAdapter.json_schemas(
        [(one, "serialization", TypeAdapter(one)) for one in ordered],
        ref_template=_REF,
        schema_generator=_Closed,
    )
    found = {one: reference for (one, _), reference in references.items()}
    schemas: dict[str, Any] = _without_titles(rest["$defs"], of_names=True)
    return found, schemas


def _response(told: _Told, references: dict[Any, Any]) -> dict[str, Any]:
    response: dict[str, Any] = {"description": told.description}
    if told.content is not None:
        schema = references[told.content]
        if told.kind is CloudEvents:
            schema = {"type": "array", "items": schema}
        response["content"] = {told.kind.media_type: {"schema": schema}}
    elif told.kind is not NoContent:
        schema = {"type": "string"}
        if told.kind is Workbook:
            schema["format"] = "binary"
        response["content"] = {told.kind.media_type: {"schema": schema}}
    return response


def _codes(declared: dict[int, Any]) -> dict[str, list[str]]:
    """By status, the codes of refusals by which a client decides how to go on. What is wrong with a value
    is told in words."""
    return {str(one): declared[one][CODES] for one in sorted(declared) if one in DECIDING}


def _refusals(
    method: str, path: str, operation: dict[str, Any], declared: set[int]
) -> dict[int, Any]:
    """What an operation may be refused with: what its route declares, and what follows from the rest."""
    statuses = declared | set(_EVERYWHERE)
    if "{" in path:
        statuses |= set(_OF_NUMBERS)
    if "requestBody" in operation:
        statuses |= set(_OF_BODIES)
        if JSON in operation["requestBody"]["content"]:
            statuses |= set(_OF_JSON)
    schemes = {name for way in operation["security"] for name in way}
    if schemes & {"session", "staff_session"} and (method, path) != _SIGN_OUT:
        statuses |= set(_OF_SESSIONS)
    found = {status: {"$ref": "#/components/responses/Refused"} for status in statuses}
    if schemes & {"staff", "erp"}:
        found[HTTPStatus.UNAUTHORIZED] = {"$ref": "#/components/responses/NoToken"}
    return found


def _finish(method: str, path: str, operation: dict[str, Any]) -> None:
    """What no router says of itself: a name, who may call, which file comes in."""
    words = path.replace("{", "").replace("}", "").replace(".", "_").strip("/").split("/")
    operation["operationId"] = "_".join([method, *words[1:]])
    staff = path.startswith("/api/staff/")
    is_open = (method, path) in _OPEN
    by_cookie = path.startswith("/api/staff/session")
    scheme = "staff_session" if by_cookie else "staff" if staff else "session"
    if path == "/api/staff/readings/feed":
        scheme = "erp"
    operation["security"] = [] if is_open else [{scheme: []}]
    if (method, path) in _EITHER:
        operation["security"].append({})
    if method == "post" and path in _FILES:
        content = {"application/octet-stream": {"schema": {"type": "string", "format": "binary"}}}
        operation["requestBody"] = {
            "description": _FILES[path],
            "content": content,
            "required": True,
        }


def _drop_unused(merged: dict[str, Any]) -> None:
    """The routers' own error schemas, which no answer of ours has; whatever nothing refers to."""
    schemas = merged["components"]["schemas"]
    while True:
        text = json.dumps(merged)
        unused = [name for name in schemas if f'"#/components/schemas/{name}"' not in text]
        if not unused:
            return
        for name in unused:
            del schemas[name]


def text() -> str:
    """The document as it lies on the disk."""
    return json.dumps(document(), indent=1, ensure_ascii=False, sort_keys=False) + "\n"


def main() -> None:
    DOCUMENT.parent.mkdir(parents=True, exist_ok=True)
    DOCUMENT.write_text(text(), encoding="utf-8")


if __name__ == "__main__":
    main()
