"""Values that are made quickly are the values that they were."""

from __future__ import annotations

import copy
import pickle
from dataclasses import FrozenInstanceError, asdict, dataclass, field, replace

import pytest
from meterportal.domain.portfolio.contracts import Contact, Contract
from meterportal.domain.portfolio.machines import Machine, Meter
from meterportal.domain.reporting.readings import Reading
from meterportal.domain.values import quickly_made


@dataclass(frozen=True, slots=True)
class Guarded:
    number: str
    names: list[str] = field(default_factory=list, hash=False)
    rev: int = field(default=0, compare=False, kw_only=True)


@quickly_made
@dataclass(frozen=True, slots=True)
class Quick:
    number: str
    names: list[str] = field(default_factory=list, hash=False)
    rev: int = field(default=0, compare=False, kw_only=True)


def test_a_value_made_quickly_is_the_value_that_it_was() -> None:
    one, other = Quick("1", ["a"], rev=2), Quick("1", ["a"], rev=3)
    assert one == other
    assert hash(one) == hash(other) == hash(Guarded("1", ["a"]))
    assert asdict(one) == asdict(Guarded("1", ["a"], rev=2))
    assert repr(one) == "Quick(number='1', names=['a'], rev=2)"
    assert replace(one, number="2") == Quick("2", ["a"])
    assert Quick("1").names is not Quick("1").names
    for again in (copy.copy(one), copy.deepcopy(one), pickle.loads(pickle.dumps(one))):  # noqa: S301 - our own
        assert (again, again.rev) == (one, 2)


def test_what_it_is_made_of_is_checked_as_before() -> None:
    with pytest.raises(TypeError, match="number"):
        Quick()  # type: ignore[call-arg]
    with pytest.raises(TypeError, match="revision"):
        Quick("1", revision=1)  # type: ignore[call-arg]
    with pytest.raises(AttributeError):
        Quick("1").other = 1  # type: ignore[attr-defined]


def test_only_making_costs_less() -> None:
    """A guarded value calls for each of its fields."""
    assert "__setattr__" in Guarded.__init__.__code__.co_names
    assert "__setattr__" not in Quick.__init__.__code__.co_names
    with pytest.raises(FrozenInstanceError):
        Guarded("1").rev = 1  # type: ignore[misc]


@pytest.mark.parametrize("often", [Contact, Contract, Machine, Meter, Reading])
def test_what_runs_make_most_is_made_quickly(often: type) -> None:
    assert "__setattr__" not in vars(often)
