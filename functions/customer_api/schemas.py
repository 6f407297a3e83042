"""Plain JSON schemas, put together by hand: they cost nothing when a function starts, unlike models."""

from __future__ import annotations

from typing import Any

Schema = dict[str, Any]

TEXT: Schema = {"type": "string"}
WHOLE: Schema = {"type": "integer"}
NUMBER: Schema = {"type": "number"}
YES_NO: Schema = {"type": "boolean"}
DAY: Schema = {"type": "string", "format": "date"}


def an_object(**properties: Schema) -> Schema:
    """All properties are there, and no others."""
    return {
        "type": "object",
        "properties": properties,
        "required": list(properties),
        "additionalProperties": False,
    }


def a_list(items: Schema) -> Schema:
    return {"type": "array", "items": items}


def maybe(schema: Schema) -> Schema:
    return {"anyOf": [schema, {"type": "null"}]}


def one_of(*words: str) -> Schema:
    return {"type": "string", "enum": list(words)}


def an_answer(status: int, description: str, schema: Schema) -> dict[int, Any]:
    """The part of a route's description that tells of its answer."""
    content = {"application/json": {"schema": schema}}
    return {status: {"description": description, "content": content}}
