"""Writes of a transaction: named parts that are carried out together, and the error when a
condition fails.

In expressions `#name` stands for the attribute `name` and `:value` for the key `value` of `values`.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from types import MappingProxyType
from typing import Any, NamedTuple

from meterportal.domain.refusals import Refusal
from meterportal.store.items import Item, Key, marshal, marshal_item, marshal_key, stored
from meterportal.store.updates import carried_out

_NAME = re.compile(r"#(\w+)")
_NOTHING: Mapping[str, Any] = MappingProxyType({})


@lru_cache(maxsize=512)
def _named_in(*expressions: str) -> tuple[tuple[str, str], ...]:
    """The names in expressions, behind their placeholders. A run has the same few for thousands of writes."""
    return tuple((f"#{name}", name) for name in _NAME.findall(" ".join(expressions)))


@lru_cache(maxsize=512)
def _stamping(update: str, stamps: tuple[str, ...]) -> str:
    """An update's expression with what every change of a row sets."""
    places = ", ".join(f"#{name} = :{name}" for name in stamps)
    rest = update.removeprefix("SET ")
    joint = ", " if rest != update else " "
    return f"SET {places}{joint}{rest} ADD #rev :one"


class ConditionFailed(Exception):
    """The condition of a write was not met.

    `parts` are the names of the writes whose condition failed ("" for those without a name).
    """

    def __init__(self, failed: Iterable[tuple[Write, Item | None]]) -> None:
        self._stood = {write.part: item for write, item in failed}
        self.parts = frozenset(self._stood)
        super().__init__(f"conditions failed: {sorted(self.parts)}")

    def on(self, part: str) -> bool:
        """Whether the condition of the part of that name failed."""
        return part in self.parts

    def only_on(self, part: str) -> bool:
        """Whether only parts of that name failed."""
        return self.parts == {part}

    def stood(self, part: str = "") -> Item | None:
        """The item found by a part whose condition failed; None: there was no item."""
        return self._stood[part]


def moment(at: datetime) -> str:
    """A moment as the index of changes orders it: UTC, to the microsecond, so that of two writes of
    an item no two have the same."""
    return at.astimezone(UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")


class Write(NamedTuple):
    """One write of a transaction: a put, an update, a delete or a condition check.

    Exactly one of `put` (item) and `key` is given. With `key`: `update` holds the expression,
    `delete` deletes, neither only checks the condition. `part` is a name, so that the caller can
    see whose condition failed.

    `change` is (partition, id) of the row that this write leaves in the index `changes`; `stamp` is
    its place there, which every attempt sets anew, and always behind the moment `behind`. An update with a `change` raises `rev` by one; a
    put says its own. `refusal` is what a transaction raises instead of `ConditionFailed` where this
    write's condition fails.
    """

    put: Mapping[str, Any] | None = None
    key: Key | None = None
    update: str | None = None
    delete: bool = False
    condition: str | None = None
    values: Mapping[str, Any] = _NOTHING
    names: Mapping[str, str] = _NOTHING
    part: str = ""
    change: tuple[str, str] | None = None
    stamp: Mapping[str, str] = _NOTHING
    behind: str = ""
    refusal: type[Refusal] | None = None

    def stamped(self, at: str) -> Write:
        """The same write with its place in the index of changes, where it has one, as of `at`."""
        if self.change is None:
            return self
        partition, number = self.change
        if at <= self.behind:  # The clock that wrote then goes ahead of this one.
            at = moment(datetime.fromisoformat(self.behind) + timedelta(microseconds=1))
        return self._replace(stamp={"changes_pk": partition, "changes_sk": f"{at}#{number}"})

    def named(self, part: str) -> Write:
        """The same write with that name."""
        return self._replace(part=part)

    def request(self, table: str) -> tuple[str, dict[str, Any]]:
        """The operation and its parameters, for DynamoDB's API."""
        assert self.change is None or self.stamp, "a change has a place in the index"
        parameters: dict[str, Any] = {"TableName": table}
        update, values = self._update(), self.values
        if self.put is not None:
            operation, parameters["Item"] = "Put", marshal_item(self._item())
        else:
            assert self.key is not None, "a write needs an item or a key"
            parameters["Key"] = marshal_key(self.key)
            operation = "Update" if self.update else "Delete" if self.delete else "ConditionCheck"
        if update:
            parameters["UpdateExpression"] = update
            values = {**values, **self.stamp, "one": 1} if self.stamp else values
        if self.condition:
            parameters["ConditionExpression"] = self.condition
            parameters["ReturnValuesOnConditionCheckFailure"] = "ALL_OLD"
        if named := _named_in(update, self.condition or ""):
            parameters["ExpressionAttributeNames"] = {
                place: self.names.get(name, name) for place, name in named
            }
        if values:
            parameters["ExpressionAttributeValues"] = {
                f":{name}": marshal(value) for name, value in values.items()
            }
        return operation, parameters

    def stands_in(self, item: Item | None) -> bool:
        """Whether an item (None: no item) is already what this write would store."""
        if self.delete or item is None:
            return self.delete and item is None
        if self.put is not None:
            return item == stored(self._item())
        if any(item.get(name) != value for name, value in self.stamp.items()):
            return False
        return bool(self.update) and carried_out(
            self.update or "", self.names, stored(self.values), item
        )

    def _item(self) -> Item:
        """What a put leaves behind."""
        return {**(self.put or {}), **self.stamp}

    def _update(self) -> str:
        """The expression of an update, with what every change of a row sets."""
        if not self.update or not self.stamp:
            return self.update or ""
        return _stamping(self.update, tuple(self.stamp))
