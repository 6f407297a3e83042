"""Tolerances: how unusual usage must be before a dealer's contacts are asked about it.

Dealer, model family, meter kind and contract may each set some of them. The narrower one overrides
the wider one, value by value, in this order. Settings are written and read as plain data (`plain`,
`read_settings`); values out of bounds are refused.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, field
from datetime import datetime
from typing import Any

from meterportal.domain.frozen import frozen
from meterportal.domain.portfolio.machines import Machine, Meter, MeterKind
from meterportal.domain.refusals import Refusal

MOST_FAMILIES = 100
MOST_CONTRACTS = 500
LONGEST_NAME = 64
"""The longest model family or contract number, in characters."""


@frozen
class Tolerances:
    """`ceiling`: a value above so many times the expected usage is always in doubt (the default is
    the factor of rule 476 of the ERP that this portal completes). `width`: the usual range is so
    many times as wide as the one that was best in tests. `quiet_pages`: a difference of so many
    pages from the expected usage is never in doubt."""

    ceiling: float = 3.0
    width: float = 1.0
    quiet_pages: int = 20


USUAL = Tolerances()


@frozen
class Setting:
    """The values of one level; None: the wider level decides."""

    ceiling: float | None = None
    width: float | None = None
    quiet_pages: int | None = None


@frozen
class ToleranceSettings:
    """All settings of a dealer. `families` are by the beginning of a model's name ("bizhub C").

    If several beginnings fit a model, longer ones override shorter ones.
    """

    dealer: Setting = Setting()
    families: Mapping[str, Setting] = field(default_factory=dict)
    kinds: Mapping[MeterKind, Setting] = field(default_factory=dict)
    contracts: Mapping[str, Setting] = field(default_factory=dict)

    def of(self, machine: Machine, meter: Meter) -> Tolerances:
        """The tolerances for a meter of a machine."""
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
    """The usual tolerances, overridden by the settings, which are given from wide to narrow."""
    found = USUAL
    for setting in settings:
        if setting is not None:
            found = Tolerances(
                ceiling=found.ceiling if setting.ceiling is None else setting.ceiling,
                width=found.width if setting.width is None else setting.width,
                quiet_pages=(
                    found.quiet_pages if setting.quiet_pages is None else setting.quiet_pages
                ),
            )
    return found


def _name(model: str) -> str:
    return " ".join(model.casefold().split())


class CeilingRefused(Refusal):
    code = "ceiling_refused"
    de = "Die Obergrenze ist eine Zahl von 1 bis 100: so viele Male der erwartete Verbrauch."
    en = "The ceiling is a number from 1 to 100: so many times the expected usage."


class WidthRefused(Refusal):
    code = "width_refused"
    de = "Die Breite ist eine Zahl von 0,2 bis 10: so viele Male der übliche Bereich."
    en = "The width is a number from 0.2 to 10: so many times the usual range."


class QuietPagesRefused(Refusal):
    code = "quiet_pages_refused"
    de = "Nicht nachgefragt wird bis zu einer ganzen Zahl von 0 bis 100.000 Seiten."
    en = "The pages never asked about are a whole number from 0 to 100,000."


class FamilyRefused(Refusal):
    """Facts: `longest`."""

    code = "family_refused"
    de = (
        "Eine Modellfamilie ist der Anfang eines Modellnamens mit 1 bis {longest} lesbaren Zeichen."
    )
    en = "A model family is the beginning of a model's name, of 1 to {longest} readable characters."


class FamilyTwice(Refusal):
    code = "family_twice"
    de = "Diese Modellfamilie steht mehrmals in den Einstellungen."
    en = "This model family stands in the settings more than once."


class UnknownKind(Refusal):
    """Facts: `kinds`, the existing ones."""

    code = "unknown_kind"
    de = "Diese Zählerart gibt es nicht; es gibt {kinds}."
    en = "There is no such kind of meter; there are {kinds}."


class ContractNumberRefused(Refusal):
    """Facts: `longest`."""

    code = "contract_number_refused"
    de = "Eine Vertragsnummer hat 1 bis {longest} lesbare Zeichen."
    en = "A contract's number has 1 to {longest} readable characters."


class TooManySettings(Refusal):
    """Facts: `most`."""

    code = "too_many_settings"
    de = "Hier sind höchstens {most} Einstellungen möglich."
    en = "At most {most} settings are possible here."


class SettingsMalformed(Refusal):
    """Data without the shape of settings: only stored data can raise this."""

    code = "settings_malformed"
    de = "Diese Einstellungen sind nicht lesbar."
    en = "These settings cannot be read."


def read_settings(given: Mapping[str, Any]) -> ToleranceSettings:
    """Settings from plain data: `dealer`, `families`, `kinds` and `contracts`, each optional.

    A level's values are `ceiling` (1 to 100), `width` (0.2 to 10) and `quiet_pages` (0 to 100,000),
    missing or None if the wider level decides; entries without any value are dropped. A contract
    may be unknown: settings may be made before the import. Raises the refusals above, which name
    their field.
    """
    families = _level(given, "families", MOST_FAMILIES)
    kinds = _level(given, "kinds", None)
    contracts = _level(given, "contracts", MOST_CONTRACTS)
    return ToleranceSettings(
        dealer=_setting(given.get("dealer") or {}, "dealer"),
        families=_families(families),
        kinds={
            _kind(kind): found
            for kind, setting in kinds.items()
            if (found := _setting(setting, f"kinds.{_kind(kind)}")) != Setting()
        },
        contracts={
            _contract(number): found
            for number, setting in contracts.items()
            if (found := _setting(setting, f"contracts.{_contract(number)}")) != Setting()
        },
    )


def plain(settings: ToleranceSettings) -> dict[str, Any]:
    """Settings as plain data, without values that a wider level decides."""
    return {
        "dealer": _told(settings.dealer),
        "families": {name: _told(setting) for name, setting in settings.families.items()},
        "kinds": {kind.value: _told(setting) for kind, setting in settings.kinds.items()},
        "contracts": {number: _told(setting) for number, setting in settings.contracts.items()},
    }


def _told(setting: Setting) -> dict[str, float | int]:
    return {name: value for name, value in asdict(setting).items() if value is not None}


def _level(given: Mapping[str, Any], name: str, most: int | None) -> Mapping[str, Any]:
    found = given.get(name) or {}
    if not isinstance(found, Mapping):
        raise SettingsMalformed(field=name)
    if most is not None and len(found) > most:
        raise TooManySettings(field=name, most=most)
    return found


def _families(given: Mapping[str, Any]) -> dict[str, Setting]:
    families: dict[str, Setting] = {}
    known: set[str] = set()
    for name, setting in given.items():
        if not _readable(name):
            raise FamilyRefused(field="families", longest=LONGEST_NAME)
        if _name(name) in known:
            raise FamilyTwice(field=f"families.{name}")
        known.add(_name(name))
        found = _setting(setting, f"families.{name}")
        if found != Setting():
            families[" ".join(name.split())] = found
    return families


def _kind(name: str) -> MeterKind:
    try:
        return MeterKind(name)
    except ValueError:
        raise UnknownKind(field="kinds", kinds=", ".join(MeterKind)) from None


def _contract(number: str) -> str:
    if not _readable(number):
        raise ContractNumberRefused(field="contracts", longest=LONGEST_NAME)
    return number.strip()


def _readable(name: str) -> bool:
    return bool(name.strip()) and len(name) <= LONGEST_NAME and name.isprintable()


def _setting(given: object, where: str) -> Setting:
    if not isinstance(given, Mapping):
        raise SettingsMalformed(field=where)
    ceiling, width, quiet = (given.get(name) for name in ("ceiling", "width", "quiet_pages"))
    if ceiling is not None and not _between(ceiling, 1, 100):
        raise CeilingRefused(field=f"{where}.ceiling")
    if width is not None and not _between(width, 0.2, 10):
        raise WidthRefused(field=f"{where}.width")
    if quiet is not None and not (isinstance(quiet, int) and _between(quiet, 0, 100_000)):
        raise QuietPagesRefused(field=f"{where}.quiet_pages")
    return Setting(
        None if ceiling is None else float(ceiling), None if width is None else float(width), quiet
    )


def _between(number: object, least: float, most: float) -> bool:
    """Whether this is a number within the bounds; not for True, False and NaN."""
    if isinstance(number, bool) or not isinstance(number, int | float):
        return False
    return least <= number <= most


@frozen
class Change:
    """Who set the tolerances to a version, and when."""

    version: int
    at: datetime
    by: str


@frozen
class StoredTolerances:
    """The settings, and how many times they were changed: 0 if nobody ever set any."""

    settings: ToleranceSettings = field(default_factory=ToleranceSettings)
    version: int = 0
