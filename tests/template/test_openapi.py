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


@pytest.mark.parametrize("name", sorted(name for name in SCHEMAS if name.endswith("Json")))
def test_a_type_of_answers_is_described_in_words_and_closed(name: str) -> None:
    assert SCHEMAS[name]["description"]
    assert SCHEMAS[name]["additionalProperties"] is False
