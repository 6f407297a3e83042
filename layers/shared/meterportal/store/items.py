"""Items as the table stores them: dicts of str, int, bool, None, bytes, dict, list and set[str]."""

from __future__ import annotations

from base64 import b64decode
from collections.abc import Mapping
from collections.abc import Set as AbstractSet
from datetime import date
from typing import Any

Item = dict[str, Any]
Key = tuple[str, str]


def marshal(value: object) -> dict[str, Any]:
    # The exact types first, the most frequent ones before the others: an import's history has
    # millions of values.
    kind = type(value)
    if kind is str:
        return {"S": value}
    if kind is int:
        return {"N": str(value)}
    if value is None:
        return {"NULL": True}
    if isinstance(value, dict):
        return {"M": marshal_item(value)}
    if isinstance(value, list | tuple):
        return {
            "L": [
                {"M": marshal_item(part)} if type(part) is dict else marshal(part) for part in value
            ]
        }
    return _marshal_other(value)


def _marshal_other(value: object) -> dict[str, Any]:
    match value:
        case bool():
            return {"BOOL": value}
        case str():
            return {"S": value}
        case int():
            return {"N": str(value)}
        case bytes():
            return {"B": value}
        case set() | frozenset():
            return {"SS": sorted(value)}
    raise TypeError(f"the table does not hold {type(value).__name__}")


def unmarshal(stored: Mapping[str, Any]) -> Any:
    ((kind, value),) = stored.items()
    match kind:
        case "S" | "BOOL":
            return value
        case "N":
            return int(value)
        case "NULL":
            return None
        case "B":
            return b64decode(value) if isinstance(value, str) else value
        case "SS":
            return set(value)
        case "L":
            return [unmarshal(part) for part in value]
        case "M":
            return {key: unmarshal(part) for key, part in value.items()}
    raise TypeError(f"the table does not hold {kind}")


def marshal_item(item: Mapping[str, Any]) -> dict[str, Any]:
    return {
        key: {"S": value}
        if (kind := type(value)) is str
        else {"N": str(value)}
        if kind is int
        else marshal(value)
        for key, value in item.items()
    }


def unmarshal_item(stored: Mapping[str, Any]) -> Item:
    # As above: most attributes are texts and numbers, and a call for each would be the better part of the work.
    return {
        key: value["S"] if "S" in value else int(value["N"]) if "N" in value else unmarshal(value)
        for key, value in stored.items()
    }


def marshal_key(key: Key) -> dict[str, Any]:
    return {"pk": {"S": key[0]}, "sk": {"S": key[1]}}


def stored(item: Mapping[str, Any]) -> Item:
    """An item in the form in which a read returns it."""
    return unmarshal_item(marshal_item(item))


def as_told(item: Mapping[str, Any], *, without: AbstractSet[str]) -> dict[str, Any]:
    """What an item holds, as JSON can say it, without these names and the moment of its expiry."""
    return {
        name: sorted(value) if isinstance(value, set) else value
        for name, value in item.items()
        if name not in {"expires_at", *without}
    }


def iso_of(day: date | None) -> str | None:
    """A day as items hold it."""
    return day.isoformat() if day else None


def day_of(text: str | None) -> date | None:
    """The day that an item holds; None for none and for ""."""
    return date.fromisoformat(text) if text else None
