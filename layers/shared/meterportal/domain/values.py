"""Values of which runs make hundreds of thousands."""

from __future__ import annotations

from dataclasses import fields, make_dataclass
from typing import Any, TypeVar

_Class = TypeVar("_Class", bound=type)


def quickly_made(cls: _Class) -> _Class:
    """A frozen dataclass that is frozen for the type checker alone. At work, guarding each field would be four
    fifths of what it takes to make a value of twenty."""
    guarded: Any = cls
    told = [(one.name, one.type, one) for one in fields(guarded)]
    open_: Any = make_dataclass(cls.__name__, told, repr=False, eq=False, match_args=False)
    guarded.__init__ = open_.__init__
    del guarded.__setattr__, guarded.__delattr__
    return cls
