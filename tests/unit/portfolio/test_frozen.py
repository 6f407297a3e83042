"""Values that are frozen for the type checker are those that a frozen dataclass would make."""

from __future__ import annotations

import copy
import importlib
import pickle
import pkgutil
from dataclasses import asdict, dataclass, field, is_dataclass, replace
from functools import cached_property
from typing import Any

import meterportal
import pytest
from meterportal.domain.frozen import frozen

_ROOMS = tuple(f"meterportal.{room}." for room in ("domain", "store", "usecases", "mail", "http"))


@dataclass(frozen=True, slots=True)
class Guarded:
    number: str
    names: tuple[str, ...] = ()
    told: list[str] = field(default_factory=list, compare=False, repr=False)
    rev: int = field(default=0, compare=False, kw_only=True)


@frozen
class Frozen:
    number: str
    names: tuple[str, ...] = ()
    told: list[str] = field(default_factory=list, compare=False, repr=False)
    rev: int = field(default=0, compare=False, kw_only=True)


@frozen
class Nothing:
    pass


@frozen
class Single:
    number: str


@frozen
class Shown:
    number: str

    def __repr__(self) -> str:
        return "as it says"


@frozen
class Keeping:
    number: int

    @cached_property
    def half(self) -> int:
        return self.number // 2


@pytest.mark.parametrize(
    "parts", [("1",), ("1", ("a",)), ("2", ("a",), ["told"]), ("1", (), ["other"])]
)
def test_a_value_is_the_one_that_a_guarded_dataclass_would_be(parts: Any) -> None:
    one: Any = Frozen(*parts, rev=2)
    guarded: Any = Guarded(*parts, rev=2)
    assert hash(one) == hash(guarded)
    assert asdict(one) == asdict(guarded)
    assert repr(one) == repr(guarded).replace("Guarded", "Frozen")
    for other in (("1",), ("1", ("a",)), ("3",)):
        assert (one == Frozen(*other)) is (guarded == Guarded(*other))
    assert one != guarded
    assert replace(one, number="9") == Frozen("9", *parts[1:])
    assert Frozen("1").told is not Frozen("1").told
    for again in (copy.copy(one), copy.deepcopy(one), pickle.loads(pickle.dumps(one))):  # noqa: S301 - our own
        assert (again, again.rev, again.told) == (one, 2, one.told)


def test_a_value_of_one_field_or_none_compares_too() -> None:
    assert (Nothing(), hash(Nothing()), repr(Nothing())) == (Nothing(), hash(()), "Nothing()")
    assert Single("1") == Single("1") != Single("2")
    assert len({Single("1"), Single("1"), Single("2")}) == 2


def test_a_class_says_itself_how_it_is_shown() -> None:
    assert repr(Shown("1")) == "as it says"


def test_a_value_may_keep_what_it_has_found_out() -> None:
    one = Keeping(3)
    assert (one.half, vars(one)) == (1, {"number": 3, "half": 1})
    assert one == Keeping(3)


def test_what_a_value_is_made_of_is_checked() -> None:
    with pytest.raises(TypeError, match="number"):
        Frozen()  # type: ignore[call-arg]
    with pytest.raises(TypeError, match="revision"):
        Frozen("1", revision=1)  # type: ignore[call-arg]
    with pytest.raises(AttributeError):
        Frozen("1").other = 1  # type: ignore[attr-defined]


def test_no_room_guards_its_fields_at_work() -> None:
    """That is a call for each field, and text that is compiled for each class whenever a function starts."""
    ours = {
        thing
        for module in pkgutil.walk_packages(meterportal.__path__, "meterportal.")
        if module.name.startswith(_ROOMS)
        for thing in vars(importlib.import_module(module.name)).values()
        if isinstance(thing, type) and is_dataclass(thing) and thing.__module__ == module.name
    }
    assert len(ours) > 250
    guarded = [one.__qualname__ for one in ours if "__setattr__" in vars(one)]
    assert guarded == []
