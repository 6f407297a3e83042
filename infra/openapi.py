"""`make openapi`: the OpenAPI document of the whole interface, generated from both routers.

It is served as a static file at /api/openapi.json; a test keeps it equal to the routers.
"""

from __future__ import annotations

import importlib
import json
from pathlib import Path
from typing import Any

from aws_lambda_powertools.event_handler import APIGatewayHttpResolver

DOCUMENT = Path(__file__).resolve().parents[1] / "static_site" / "api" / "openapi.json"
ROUTERS = ("customer_api.app", "staff_api.app")

_SECURITY = {
    "session": {
        "type": "apiKey",
        "in": "cookie",
        "name": "__Host-session",
        "description": "Set by POST /api/session; for contacts.",
    },
    "staff": {
        "type": "http",
        "scheme": "bearer",
        "bearerFormat": "JWT",
        "description": "Id token of the staff's Cognito user pool.",
    },
}
_PROBLEM = {
    "type": "object",
    "description": "RFC 9457, application/problem+json. More fields may stand beside these.",
    "required": ["type", "title", "status", "code", "detail", "correlation_id"],
    "properties": {
        "type": {"type": "string"},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "code": {"type": "string", "description": "Stable; texts may change."},
        "detail": {"type": "string", "description": "In the language of Accept-Language."},
        "field": {"type": ["string", "null"]},
        "correlation_id": {"type": "string"},
    },
}
_FILES = {
    "/api/fleet": "A workbook, a CSV file or pasted cells",
    "/api/staff/imports": "A zip of CSV files, or one CSV file",
}
"""Routes that take a file as it is."""

_UNTOLD = "Successful Response"
"""What the router says of an answer that its route does not describe: it takes it for a text."""

_OPEN = {("post", "/api/session"), ("post", "/api/links")}
"""Routes for those who are not signed in yet."""

_ANY_ANSWER = {
    "description": "As asked",
    "content": {"application/json": {"schema": {"type": "object"}}},
}
_REFUSED = {
    "description": "Refused; `code` says why.",
    "content": {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}},
}


class TwoMeanings(Exception):
    """Both routers use one name (of a path or a schema) for different things."""


def document() -> dict[str, Any]:
    """The merged document, OpenAPI 3.1, in a stable order."""
    merged: dict[str, Any] = {
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
        "paths": {},
        "components": {"schemas": {"Problem": _PROBLEM}, "securitySchemes": _SECURITY},
    }
    for name in ROUTERS:
        router: APIGatewayHttpResolver = importlib.import_module(name).app
        part = json.loads(
            router.get_openapi_json_schema(
                title="Meterportal", version="1", openapi_version="3.1.0"
            )
        )
        _join(merged["paths"], part.get("paths", {}))
        _join(merged["components"]["schemas"], part.get("components", {}).get("schemas", {}))
    for path, operations in merged["paths"].items():
        for method, operation in operations.items():
            _finish(method, path, operation)
    _drop_unused(merged)
    merged["paths"] = {path: merged["paths"][path] for path in sorted(merged["paths"])}
    return merged


def _join(into: dict[str, Any], more: dict[str, Any]) -> None:
    for name, value in more.items():
        if into.setdefault(name, value) != value:
            raise TwoMeanings(name)


def _finish(method: str, path: str, operation: dict[str, Any]) -> None:
    """What no router says of itself: who may call, how refusals look."""
    words = path.replace("{", "").replace("}", "").replace(".", "_").strip("/").split("/")
    operation["operationId"] = "_".join([method, *words[1:]])
    staff = path.startswith("/api/staff/")
    is_open = (method, path) in _OPEN
    operation["security"] = [] if is_open else [{"staff" if staff else "session": []}]
    if method == "post" and path in _FILES:
        content = {"application/octet-stream": {"schema": {"type": "string", "format": "binary"}}}
        operation["requestBody"] = {
            "description": _FILES[path],
            "content": content,
            "required": True,
        }
    responses = operation["responses"]
    responses.pop("422", None)
    if responses.get("200", {}).get("description") == _UNTOLD:
        responses["200"] = _ANY_ANSWER
    responses.get("204", {}).pop("content", None)
    responses["4XX"] = _REFUSED
    responses["503"] = _REFUSED


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
