"""Update expressions: whether an item already has the values that an update would store."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

_CLAUSE = re.compile(r"\b(SET|REMOVE|ADD|DELETE)\b")
_PATH = r"#\w+(?:\.#\w+)*"
_SET = re.compile(
    rf"(?P<path>{_PATH}) = (?::(?P<value>\w+)|if_not_exists\((?P=path), :\w+\))(?: |,|$)"
)
_REMOVE = re.compile(rf"(?P<path>{_PATH})(?: |,|$)")
_ABSENT = object()


def carried_out(
    update: str, names: Mapping[str, str], values: Mapping[str, Any], item: Mapping[str, Any]
) -> bool:
    """Whether `item` has all that `update` sets and nothing of what it removes.

    False for updates with sums, or with elements added to or removed from sets: there the item does
    not show it. `names` are the attributes that differ from their placeholder, `values` as they are
    read from the table.
    """
    _, *parts = _CLAUSE.split(update)
    for clause, text in zip(parts[::2], parts[1::2], strict=True):
        form = {"SET": _SET, "REMOVE": _REMOVE}.get(clause)
        if form is None or form.sub("", text).strip(", "):
            return False
        for found in form.finditer(text):
            current = _at(item, found["path"], names)
            value = found.groupdict().get("value")
            if clause == "REMOVE":
                fits = current is _ABSENT
            elif value is None:
                fits = current is not _ABSENT
            else:
                fits = current is not _ABSENT and current == values[value]
            if not fits:
                return False
    return True


def _at(item: Mapping[str, Any], path: str, names: Mapping[str, str]) -> Any:
    """The value at a path like "#asked.#contact"."""
    found: Any = item
    for placeholder in path.split("."):
        name = placeholder.removeprefix("#")
        if not isinstance(found, Mapping):
            return _ABSENT
        found = found.get(names.get(name, name), _ABSENT)
    return found
