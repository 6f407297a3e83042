"""moto's table without what grows with everything that lies in it.

moto sorts the whole table for each query and compares keys through decimals. Here a query by key looks
at the rows of that key, and texts are compared as texts. What comes out is the same.
"""

from __future__ import annotations

import copy
from typing import Any

from moto.dynamodb.models.dynamo_type import DDBType, DynamoType
from moto.dynamodb.models.table import Table

_query = Table.query
_cast = vars(DynamoType)["cast_value"].fget
_equal = DynamoType.__eq__
_SCALARS = frozenset({DDBType.STRING, DDBType.BINARY, DDBType.BOOLEAN})


def put_up() -> None:
    """From here on, in this process."""
    Table.query = _query_of_rows  # type: ignore[method-assign, assignment]
    Table.all_items = _all_items  # type: ignore[method-assign]
    DynamoType.cast_value = property(_cast_value)  # type: ignore[assignment, method-assign]
    DynamoType.__eq__ = _same  # type: ignore[method-assign]
    DynamoType.__ne__ = _different  # type: ignore[method-assign]


def _query_of_rows(
    self: Table,
    hash_key: Any,
    comparison: Any,
    range_keys: Any,
    limit: Any,
    start: Any,
    forward: Any,
    projected: Any,
    index: Any,
    *rest: Any,
    **more: Any,
) -> Any:
    asked = (comparison, range_keys, limit, start, forward, projected, index, *rest)
    if index is not None:
        return _query(self, hash_key, *asked, **more)
    of_key = copy.copy(self)
    of_key.items = {hash_key: self.items.get(hash_key, {})}  # type: ignore[assignment]
    return _query(of_key, hash_key, *asked, **more)


def _all_items(self: Table) -> list[Any]:
    rows = [row for of_key in self.items.values() for row in of_key.values()]
    # Keys are texts in this application; moto compares them as texts, too.
    return sorted(rows, key=lambda row: (row.hash_key.value, row.range_key.value))


def _cast_value(self: DynamoType) -> Any:
    return self.value if self.type in _SCALARS else _cast(self)


def _same(self: DynamoType, other: DynamoType) -> bool:
    if self.type in _SCALARS:
        return self.type == other.type and bool(self.value == other.value)
    return _equal(self, other)


def _different(self: DynamoType, other: DynamoType) -> bool:
    return not _same(self, other)
