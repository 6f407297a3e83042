"""Values that nobody changes: dataclasses that are frozen for the type checker, which knows all code, and not at work.

A guard at work is a call for each field, four fifths of what it takes to make a value of twenty fields. What all of them do
alike is not made and compiled as text for each class, as the library does: that was an eighth of a function's start.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, fields
from functools import cached_property
from operator import attrgetter
from typing import Any, TypeVar, dataclass_transform

_Class = TypeVar("_Class", bound=type)


@dataclass_transform(frozen_default=True, field_specifiers=(field,))
def frozen(cls: _Class) -> _Class:
    """A dataclass that compares, hashes and shows its values as `dataclass(frozen=True)` does, but where the class
    says how itself. It has slots, unless it keeps what it has found out (`cached_property`)."""
    keeps = any(isinstance(one, cached_property) for one in vars(cls).values())
    made: Any = dataclass(slots=not keeps, eq=False, repr=False)(cls)
    content = _content(one.name for one in fields(made) if one.compare)
    told = [one.name for one in fields(made) if one.repr]

    def equal(self: Any, other: object) -> Any:
        same = self.__class__ is other.__class__
        return content(self) == content(other) if same else NotImplemented

    def hashed(self: Any) -> int:
        return hash(content(self))

    def shown(self: Any) -> str:
        parts = ", ".join(f"{name}={getattr(self, name)!r}" for name in told)
        return f"{self.__class__.__qualname__}({parts})"

    for name, method in {"__eq__": equal, "__hash__": hashed, "__repr__": shown}.items():
        if name not in vars(cls):
            setattr(made, name, method)
    return made  # type: ignore[no-any-return]


def _content(names: Iterable[str]) -> Callable[[Any], Any]:
    """What of a value counts when it is compared."""
    told = tuple(names)
    return attrgetter(*told) if told else lambda _: ()
