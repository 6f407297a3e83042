"""Conditions and updates as DynamoDB judges them, over items as they are on the wire: {"name": {"S": "..."}}.

Only what the store's own expressions use: anything else is a ValueError, never a guess.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from decimal import Decimal
from functools import cache
from typing import Any

Wire = Mapping[str, Any]
Item = dict[str, Any]

_TOKEN = re.compile(r"\s*(?:(?P<word>[#:]?\w+)|(?P<sign><>|<=|>=|[=<>(),.+-]))")
_CLAUSES = ("SET", "REMOVE", "ADD", "DELETE")
_SETS = ("SS", "NS", "BS")


@cache
def _tokens(text: str) -> tuple[str, ...]:
    found, place = [], 0
    while text[place:].strip():
        token = _TOKEN.match(text, place)
        if token is None:
            raise ValueError(text)
        found.append(token["word"] or token["sign"])
        place = token.end()
    return tuple(found)


class _Reader:
    """An expression's words, read from left to right, with what its placeholders mean."""

    def __init__(self, text: str, names: Wire, values: Wire, item: Wire) -> None:
        self._left, self._names, self._values, self.item = list(_tokens(text)), names, values, item

    @property
    def coming(self) -> str:
        return self._left[0] if self._left else ""

    def take(self, expected: str = "") -> str:
        word = self._left.pop(0)
        if expected and word != expected:
            raise ValueError(f"{expected} expected, not {word}")
        return word

    def path(self) -> list[str]:
        names = [self._name(self.take())]
        while self.coming == ".":
            self.take()
            names.append(self._name(self.take()))
        return names

    def _name(self, word: str) -> str:
        return str(self._names[word]) if word.startswith("#") else word

    def operand(self) -> Any:
        """A value of the request, of the item, or one of both; None where there is none."""
        if self.coming.startswith(":"):
            return self._values[self.take()]
        if self.coming == "size":
            self.take()
            self.take("(")
            found = found_at(self.item, self.path())
            self.take(")")
            return None if found is None else {"N": str(_size(found))}
        if self.coming == "if_not_exists":
            self.take()
            self.take("(")
            found = found_at(self.item, self.path())
            self.take(",")
            other = self.operand()
            self.take(")")
            return other if found is None else found
        return found_at(self.item, self.path())


def found_at(item: Wire, path: list[str]) -> Any:
    """The value at a path, None where there is none."""
    found = item.get(path[0])
    for name in path[1:]:
        found = found.get("M", {}).get(name) if found is not None else None
    return found


def _size(value: Wire) -> int:
    ((kind, content),) = value.items()
    if kind not in {"S", "L", "M", *_SETS}:
        raise ValueError(f"size of {kind}")
    return len(content.encode() if kind == "S" else content)


def holds(condition: str, names: Wire, values: Wire, item: Wire) -> bool:
    """Whether an item ({}: there is none) meets a condition."""
    reader = _Reader(condition, names, values, item)
    met = _either(reader)
    if reader.coming:
        raise ValueError(condition)
    return met


def _either(reader: _Reader) -> bool:
    met = _both(reader)
    while reader.coming == "OR":
        reader.take()
        met = _both(reader) or met
    return met


def _both(reader: _Reader) -> bool:
    met = _one(reader)
    while reader.coming == "AND":
        reader.take()
        met = _one(reader) and met
    return met


def _one(reader: _Reader) -> bool:
    if reader.coming == "NOT":
        reader.take()
        return not _one(reader)
    if reader.coming == "(":
        reader.take()
        met = _either(reader)
        reader.take(")")
        return met
    if reader.coming in {"attribute_exists", "attribute_not_exists"}:
        wanted = reader.take() == "attribute_exists"
        reader.take("(")
        found = found_at(reader.item, reader.path())
        reader.take(")")
        return (found is not None) is wanted
    if reader.coming in {"contains", "begins_with"}:
        return _function(reader)
    left, sign = reader.operand(), reader.take()
    if sign == "IN":
        reader.take("(")
        options = [reader.operand()]
        while reader.coming == ",":
            reader.take()
            options.append(reader.operand())
        reader.take(")")
        return any(_same(left, option) for option in options)
    if sign == "BETWEEN":
        low = reader.operand()
        reader.take("AND")
        return _compared(">=", left, low) and _compared("<=", left, reader.operand())
    return _compared(sign, left, reader.operand())


def _function(reader: _Reader) -> bool:
    name = reader.take()
    reader.take("(")
    held = reader.operand()
    reader.take(",")
    wanted = reader.operand()
    reader.take(")")
    if held is None:
        return False
    ((kind, content),) = held.items()
    ((_, part),) = wanted.items()
    if name == "begins_with":
        return bool(content.startswith(part))
    return wanted in content if kind == "L" else part in content


def _same(left: Any, right: Any) -> bool:
    if left is None or right is None:
        return False
    ((kind, one),) = left.items()
    ((other_kind, other),) = right.items()
    if kind != other_kind:
        return False
    if kind == "N":
        return Decimal(one) == Decimal(other)
    if kind in _SETS:
        return sorted(one) == sorted(other)
    if kind == "L":
        return len(one) == len(other) and all(map(_same, one, other))
    if kind == "M":
        return one.keys() == other.keys() and all(_same(one[name], other[name]) for name in one)
    return bool(one == other)


_ORDERS: Mapping[str, Callable[[Any, Any], bool]] = {
    "<": lambda a, b: a < b,
    "<=": lambda a, b: a <= b,
    ">": lambda a, b: a > b,
    ">=": lambda a, b: a >= b,
}


def _compared(sign: str, left: Any, right: Any) -> bool:
    if sign == "=":
        return _same(left, right)
    if sign == "<>":
        return not _same(left, right)
    if left is None or right is None or left.keys() != right.keys():
        return False
    (kind,) = left
    if kind not in {"S", "N"}:
        raise ValueError(f"{kind} {sign}")
    worth = Decimal if kind == "N" else str.encode
    return _ORDERS[sign](worth(left[kind]), worth(right[kind]))


def updated(update: str, names: Wire, values: Wire, item: Wire) -> Item:
    """The item that an update leaves; every value in it is that of the item before."""
    reader = _Reader(update, names, values, item)
    after = dict(item)
    clause = ""
    while reader.coming:
        if reader.coming in _CLAUSES:
            clause = reader.take()
        elif reader.coming == ",":
            reader.take()
        path = reader.path()
        if clause == "REMOVE":
            _put(after, path, None)
        elif clause == "SET":
            reader.take("=")
            value = reader.operand()
            if reader.coming in {"+", "-"}:
                sign = 1 if reader.take() == "+" else -1
                value = _sum(value, reader.operand(), sign)
            _put(after, path, value)
        else:
            given, held = reader.operand(), found_at(item, path)
            _put(after, path, _added(held, given) if clause == "ADD" else _less(held, given))
    return after


def _put(item: Item, path: list[str], value: Any) -> None:
    """Copies the maps on the way, which the item before has, too."""
    *above, last = path
    for name in above:
        item[name] = {"M": dict(item[name]["M"])}
        item = item[name]["M"]
    if value is None:
        item.pop(last, None)
    else:
        item[last] = value


def _sum(one: Any, other: Any, sign: int) -> Any:
    return {"N": str(Decimal(one["N"]) + sign * Decimal(other["N"]))}


def _added(held: Any, given: Wire) -> Any:
    (kind,) = given
    if kind in _SETS:
        return {kind: sorted({*(held or {kind: ()})[kind], *given[kind]})}
    return _sum(held or {"N": "0"}, given, 1)


def _less(held: Any, given: Wire) -> Any:
    (kind,) = given
    left = sorted(set((held or {kind: ()})[kind]) - set(given[kind]))
    return {kind: left} if left else None
