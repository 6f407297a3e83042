"""The short ways through moto's expressions lead where moto's own lead: the same item, the same refusal."""

from __future__ import annotations

import copy
from collections.abc import Callable
from typing import Any, cast

import pytest
from moto.dynamodb.comparisons import ConditionExpressionParser
from moto.dynamodb.models.dynamo_type import DynamoType, Item
from moto.dynamodb.parsing import validators
from moto.dynamodb.parsing.executors import UpdateExpressionExecutor
from moto.dynamodb.parsing.expressions import (  # type: ignore[attr-defined]
    UpdateExpressionParser,
)

from tests.support import quick_expressions

NAMES = {
    "#a": "a",
    "#b": "b",
    "#list": "list",
    "#pk": "pk",
    "#map": "map",
    "#n": "n",
    "#set": "set",
}
VALUES: dict[str, dict[str, Any]] = {
    ":one": {"N": "1"},
    ":text": {"S": "new"},
    ":empty": {"L": []},
    ":more": {"L": [{"S": "x"}]},
    ":set": {"SS": ["q"]},
}
OTHERS = {
    **VALUES,
    ":one": {"N": "2"},
    ":text": {"S": "other"},
    ":more": {"L": [{"S": "y"}, {"S": "z"}]},
}
ITEM = {
    "a": {"S": "old"},
    "n": {"N": "5"},
    "list": {"L": [{"S": "0"}, {"S": "1"}, {"S": "2"}, {"S": "3"}]},
    "map": {"M": {"inside": {"N": "7"}}},
    "set": {"SS": ["p", "q"]},
}
GOOD = [
    "SET #a = :text",
    "SET #a = :text, #b = :one, #n = #n + :one, #map.inside = #a",
    "SET #a = if_not_exists(#a, :one), #b = if_not_exists(#b, :one)",
    "SET #list = list_append(#list, :more), #b = list_append(if_not_exists(#b, :empty), :more)",
    "SET #n = #n - :one REMOVE #a, #list[1], #list[3] ADD #b :one DELETE #set :set",
    "REMOVE #list[0], #list[2] ADD #n :one",
    "SET #list[1] = :text, #map.inside = :one",
]
BAD = [
    "SET #a = :text SET #b = :one",
    "ADD #n :one ADD #b :one",
    "SET #a = :text, #b = :one, #a = :one",
    "SET #a = :text, plain.deep = :one, plain = :text",
    "SET #pk = :text",
    "SET #b = #map.missing",
    "SET #b.deep.er = :one",
    "SET #a = :text, #n = #a + :one",
    "SET #b = :unknown",
    "SET #a = ",
]
CONDITIONS = [
    "attribute_exists(#a) AND #n = :one",
    "#n >= :one AND (attribute_not_exists(#b) OR #map.inside <> :one)",
    "#a IN (:one, :text) AND #n BETWEEN :one AND :one",
    "NOT contains(#a, :text)",
    "",
]


class _Table:
    table_key_attrs = ("pk", "sk")
    attribute_keys = ("pk", "sk")
    attr: tuple[dict[str, str], ...] = (
        {"AttributeName": "pk", "AttributeType": "S"},
        {"AttributeName": "sk", "AttributeType": "S"},
    )


def _updated(expression: str, values: dict[str, dict[str, Any]]) -> Any:
    item = Item(DynamoType({"S": "1"}), DynamoType({"S": "2"}), attrs=copy.deepcopy(ITEM))
    try:
        tree = validators.UpdateExpressionValidator(
            UpdateExpressionParser.make(expression), NAMES, values, item, cast(Any, _Table())
        ).validate()
        tree.normalize()
        UpdateExpressionExecutor(tree, item, NAMES).execute()
    except Exception as refused:  # noqa: BLE001 - whatever moto refuses it with
        return type(refused), str(refused)
    return item.to_json()


def _judged(condition: str, values: dict[str, dict[str, Any]]) -> str:
    item = Item(DynamoType({"S": "1"}), DynamoType({"S": "2"}), attrs=copy.deepcopy(ITEM))
    read = ConditionExpressionParser(condition, NAMES, values).parse()
    return f"{read} {read.expr(item)}"


def _both(result: Callable[[str, dict[str, dict[str, Any]]], Any], text: str) -> tuple[Any, Any]:
    """What moto's own way comes to, and the short one where the text is known, from a use with other values."""
    with pytest.MonkeyPatch.context() as patching:
        for owner, name, own, _ in quick_expressions.ways():
            patching.setattr(owner, name, own)
        expected = result(text, VALUES)
        for owner, name, _, short in quick_expressions.ways():
            patching.setattr(owner, name, short)
        result(text, OTHERS)
        return expected, result(text, VALUES)


@pytest.mark.parametrize("expression", GOOD)
def test_an_update_makes_the_same_item(expression: str) -> None:
    expected, found = _both(_updated, expression)
    assert "Attributes" in expected, expected
    assert found == expected


@pytest.mark.parametrize("expression", BAD)
def test_an_update_is_refused_for_the_same_reason(expression: str) -> None:
    expected, found = _both(_updated, expression)
    assert isinstance(expected, tuple), expected
    assert found == expected


@pytest.mark.parametrize("condition", CONDITIONS)
def test_a_condition_is_read_and_judged_the_same(condition: str) -> None:
    expected, found = _both(_judged, condition)
    assert found == expected
