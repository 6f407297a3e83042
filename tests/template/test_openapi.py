"""The OpenAPI document tells of every operation what it answers, and with which statuses."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest

from infra import openapi

DOCUMENT: dict[str, Any] = json.loads(openapi.DOCUMENT.read_text(encoding="utf-8"))
SCHEMAS: dict[str, Any] = DOCUMENT["components"]["schemas"]
OPERATIONS = {
    f"{method.upper()} {path}": operation
    for path, operations in DOCUMENT["paths"].items()
    for method, operation in operations.items()
}
every_operation = pytest.mark.parametrize(
    "operation", OPERATIONS.values(), ids=list(OPERATIONS.keys())
)


def test_the_document_is_up_to_date() -> None:
    """`make openapi` writes it."""
    assert openapi.DOCUMENT.read_text(encoding="utf-8") == openapi.text()


def successes(operation: dict[str, Any]) -> dict[str, Any]:
    return {
        status: answer
        for status, answer in operation["responses"].items()
        if status.startswith("2")
    }


@every_operation
def test_an_operation_says_what_it_is_for_and_what_it_answers(operation: dict[str, Any]) -> None:
    assert operation["summary"]
    assert successes(operation)
    for status, answer in successes(operation).items():
        assert answer["description"]
        if status == "204":
            assert "content" not in answer
            continue
        ((kind, content),) = answer["content"].items()
        if kind == "application/json":
            assert content["schema"].keys() == {"$ref"}, "a named type"
        elif kind == "application/cloudevents-batch+json":
            assert content["schema"]["items"].keys() == {"$ref"}, "a list of a named type"
        else:
            assert content["schema"]["type"] == "string"


@every_operation
def test_an_operation_lists_its_statuses_one_by_one(operation: dict[str, Any]) -> None:
    statuses = set(operation["responses"])
    assert all(status.isdecimal() for status in statuses)
    assert {"400", "403", "503"} <= statuses
    assert "401" in statuses or not operation["security"] or {} in operation["security"]
    assert ("413" in statuses) is ("requestBody" in operation)


def objects(node: Any) -> Iterator[dict[str, Any]]:
    """All schemas of objects within a part of the document."""
    if isinstance(node, list):
        for one in node:
            yield from objects(one)
    elif isinstance(node, dict):
        if node.get("type") == "object":
            yield node
        for one in node.values():
            yield from objects(one)


@pytest.mark.parametrize("name", sorted(SCHEMAS))
def test_no_object_is_left_undescribed(name: str) -> None:
    for schema in objects(SCHEMAS[name]):
        assert "additionalProperties" in schema, schema


ANYTHING = {
    # Rows of every kind that names a person, each with what is stored in it.
    "PersonalDataJson.data.*[]",
    # What a form was told beside the tolerances may come back with them; nobody reads it.
    "TolerancesBody.usual",
    "TolerancesBody.changes",
    "TriedBody.usual",
    "TriedBody.changes",
}
"""Where a schema allows whatever there is."""


def schemas(node: dict[str, Any], place: str) -> Iterator[tuple[str, dict[str, Any]]]:
    """(place, schema) of a schema and of all within it."""
    yield place, node
    for name, one in node.get("properties", {}).items():
        yield from schemas(one, f"{place}.{name}")
    for word, sign in (("additionalProperties", ".*"), ("items", "[]")):
        if isinstance(node.get(word), dict):
            yield from schemas(node[word], place + sign)
    for word in ("anyOf", "oneOf", "allOf", "prefixItems"):
        for one in node.get(word, ()):
            yield from schemas(one, place)


def says_nothing(schema: dict[str, Any]) -> bool:
    described = schema.keys() - {"title", "description", "default"}
    open_to_all = schema.get("additionalProperties") in (True, {}) and "properties" not in schema
    return not described or open_to_all or (schema.get("type") == "array" and not schema["items"])


def test_nothing_is_described_as_anything_but_what_is_named_here() -> None:
    found = (pair for name in SCHEMAS for pair in schemas(SCHEMAS[name], name))
    assert {place for place, schema in found if says_nothing(schema)} == ANYTHING


@pytest.mark.parametrize(
    ("schema", "place"),
    [
        ({"type": "object", "additionalProperties": True}, "A"),
        ({"type": "object", "properties": {"b": {"title": "B"}}}, "A.b"),
        ({"type": "array", "items": {}}, "A"),
        ({"anyOf": [{"type": "object", "additionalProperties": {}}, {"type": "null"}]}, "A"),
    ],
)
def test_a_schema_that_says_nothing_is_noticed(schema: dict[str, Any], place: str) -> None:
    assert place in [there for there, one in schemas(schema, "A") if says_nothing(one)]


@pytest.mark.parametrize("name", sorted(name for name in SCHEMAS if name.endswith("Json")))
def test_a_type_of_answers_is_described_in_words_and_closed(name: str) -> None:
    assert SCHEMAS[name]["description"]
    assert SCHEMAS[name]["additionalProperties"] is False
