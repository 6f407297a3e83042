"""Conditions and updates of writes, judged and carried out on items: as much of DynamoDB's language as sending
mails uses. What it does not know it refuses."""

from __future__ import annotations

import operator
import re
from collections.abc import Callable, Mapping
from functools import cache
from typing import Any

from meterportal.store.items import Item
from meterportal.store.writes import Write

Path = tuple[str, ...]
Test = Callable[[Item, Write], bool]

_COMPARED = {"=": operator.eq, "<>": operator.ne, "<=": operator.le, "<": operator.lt}
_PATH = r"#?\w+(?:\.#\w+)*"
_COMPARISON = re.compile(rf"({_PATH}) (=|<>|<=|<) :(\w+)")
_FUNCTION = re.compile(rf"attribute_(not_)?exists\(({_PATH})\)")
_CLAUSE = re.compile(r"\b(SET|REMOVE)\b")
_SET = re.compile(rf"({_PATH}) = :(\w+)")
_ABSENT = object()


def meets(write: Write, item: Item | None) -> bool:
    """Whether an item (None: none) meets a write's condition."""
    return not write.condition or _condition(write.condition)(item or {}, write)


def updated(write: Write, item: Item) -> Item:
    """The item after a write's update."""
    sets, removes = _steps(write.update or "")
    made = dict(item)
    for path, value in sets:
        _place(made, path, write)[_name(path, write)] = write.values[value]
    for path in removes:
        _place(made, path, write).pop(_name(path, write), None)
    return made


@cache
def _condition(text: str) -> Test:
    """Comparisons joined by AND, or by OR, never both."""
    joint = " OR " if " OR " in text else " AND "
    assert not (" OR " in text and " AND " in text), text
    tests = [_single(part) for part in text.split(joint)]
    decide = any if joint == " OR " else all
    return lambda item, write: decide(test(item, write) for test in tests)


def _single(text: str) -> Test:
    if found := _FUNCTION.fullmatch(text):
        absent, path = bool(found[1]), _path(found[2])
        return lambda item, write: (_at(item, path, write) is _ABSENT) is absent
    found = _COMPARISON.fullmatch(text)
    assert found, f"unknown condition: {text}"
    path, compare, value = _path(found[1]), _COMPARED[found[2]], found[3]

    def compared(item: Item, write: Write) -> bool:
        stood = _at(item, path, write)
        return stood is not _ABSENT and bool(compare(stood, write.values[value]))

    return compared


@cache
def _steps(text: str) -> tuple[tuple[tuple[Path, str], ...], tuple[Path, ...]]:
    """What an update sets, and what it removes."""
    sets: list[tuple[Path, str]] = []
    removes: list[Path] = []
    _, *parts = _CLAUSE.split(text)
    for clause, listed in zip(parts[::2], parts[1::2], strict=True):
        for one in listed.strip().split(", "):
            if clause == "REMOVE":
                removes.append(_path(one))
                continue
            found = _SET.fullmatch(one)
            assert found, f"unknown update: {one}"
            sets.append((_path(found[1]), found[2]))
    return tuple(sets), tuple(removes)


def _path(text: str) -> Path:
    return tuple(part.removeprefix("#") for part in text.split("."))


def _name(path: Path, write: Write) -> str:
    return write.names.get(path[-1], path[-1])


def _at(item: Item, path: Path, write: Write) -> Any:
    found: Any = item
    for part in path:
        if not isinstance(found, Mapping):
            return _ABSENT
        found = found.get(write.names.get(part, part), _ABSENT)
    return found


def _place(item: Item, path: Path, write: Write) -> Item:
    """The map in which the end of a path lies, copied on the way."""
    for part in path[:-1]:
        name = write.names.get(part, part)
        item[name] = dict(item[name])
        item = item[name]
    return item
