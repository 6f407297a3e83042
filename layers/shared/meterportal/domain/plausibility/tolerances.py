"""Tolerances: how much unusual usage a dealer wants to be asked about.

Dealer, model family, meter kind and contract may each set some of them; the narrower one stands
over the wider one, value by value, in this order.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from meterportal.domain.machines import Machine, Meter, MeterKind


@dataclass(frozen=True, slots=True)
class Tolerances:
    """`ceiling`: above so many times the expected usage a value is always asked about (the default
    is the factor of rule 476 of the ERP that this portal completes). `width`: the usual range is
    so many times as wide as measured to be best. `quiet_pages`: a difference of so many pages from
    the expected usage is never asked about.
    """

    ceiling: float = 3.0
    width: float = 1.0
    quiet_pages: int = 20


USUAL = Tolerances()


@dataclass(frozen=True, slots=True)
class Setting:
    """What one level sets; None leaves it to the wider level."""

    ceiling: float | None = None
    width: float | None = None
    quiet_pages: int | None = None


@dataclass(frozen=True, slots=True)
class ToleranceSettings:
    """All settings of a dealer. `families` are by the beginning of a model's name ("bizhub C").

    The longest beginning that fits a model stands over shorter ones.
    """

    dealer: Setting = Setting()
    families: Mapping[str, Setting] = field(default_factory=dict)
    kinds: Mapping[MeterKind, Setting] = field(default_factory=dict)
    contracts: Mapping[str, Setting] = field(default_factory=dict)

    def of(self, machine: Machine, meter: Meter) -> Tolerances:
        """The tolerances that a meter of a machine is judged with."""
        model = _name(machine.model)
        fitting = sorted(
            (family for family in self.families if model.startswith(_name(family))), key=len
        )
        return resolved(
            self.dealer,
            *(self.families[family] for family in fitting),
            self.kinds.get(meter.kind),
            self.contracts.get(machine.contract_id),
        )


def resolved(*settings: Setting | None) -> Tolerances:
    """The usual tolerances with what the settings say, wider levels first."""
    found = USUAL
    for setting in settings:
        if setting is not None:
            found = replace(
                found,
                ceiling=found.ceiling if setting.ceiling is None else setting.ceiling,
                width=found.width if setting.width is None else setting.width,
                quiet_pages=(
                    found.quiet_pages if setting.quiet_pages is None else setting.quiet_pages
                ),
            )
    return found


def _name(model: str) -> str:
    return " ".join(model.casefold().split())
