"""Which column of a table holds what. The heading decides, in any order, wording and case."""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import field
from enum import StrEnum
from functools import cache
from importlib import resources

from meterportal.domain.exchange.imports.columns import default_columns, fold
from meterportal.domain.frozen import frozen
from meterportal.domain.portfolio.machines import MeterKind
from meterportal.domain.tables.cleaning import clean_cell

MOST_COLUMNS = 60


class Role(StrEnum):
    MACHINE = "machine"
    SERIAL = "serial"
    METER = "meter"
    LABEL = "label"
    VALUE = "value"
    READ_ON = "read_on"


_ALSO = {
    Role.MACHINE: ["Maschine", "Gerät", "Geräte-ID", "Machine", "Device", "Device no."],
    Role.SERIAL: [
        "S/N",
        "SN",
        "Serien-Nummer",
        "Fabriknummer",
        "Device serial number",
        "Device serial no.",
        "Machine serial number",
        "Serial #",
        "Geräteseriennummer",
    ],
    Role.VALUE: ["Neuer Stand", "Neuer Zählerstand", "Zählerstand neu", "New reading", "New value"],
    Role.READ_ON: [
        "Abgelesen am",
        "Reading taken on",
        "Date of reading",
        "Acquisition date",
        "Acquisition date (mm/dd/yyyy)",
        "Acquisition date (dd/mm/yyyy)",
        "Meter date",
        "Counter date",
        "Last updated",
        "Last update",
        "Send date",
        "Letzte Aktualisierung",
        "Erfasst am",
        "Stand vom",
    ],
}
"""Further words for the same; the words that the ERP's export may use are known already."""

_AMBIGUOUS = {fold("Bezeichnung"), fold("Label")}
"""In a customer's own list these describe the device, not the meter."""

_MONTH_FIRST = fold("mm/dd")


@frozen
class Layout:
    """Places of the columns. `meters` are columns with the values of one meter: place -> heading,
    which names the meter. `month_first`: the heading of the day column says that the month comes
    first."""

    roles: Mapping[Role, int]
    meters: Mapping[int, str] = field(default_factory=dict)
    month_first: bool = False

    @property
    def usable(self) -> bool:
        """Whether the columns say which machine and which value."""
        numbered = Role.MACHINE in self.roles or Role.SERIAL in self.roles
        return numbered and (Role.VALUE in self.roles or bool(self.meters))

    @property
    def fit(self) -> int:
        """How many headings are known, and whether they are enough."""
        return len(self.roles) + len(self.meters) + (100 if self.usable else 0)


def layout_of(cells: Sequence[object], labels: Iterable[str]) -> Layout:
    """The layout if the row holds headings; `labels` are the names that meters have here.

    Unknown headings are skipped, and so is a second heading with the same meaning.
    """
    named = {fold(label) for label in labels}
    known = _known()
    roles: dict[Role, int] = {}
    meters: dict[int, str] = {}
    month_first = False
    for place, cell in enumerate(cells[:MOST_COLUMNS]):
        if not isinstance(cell, str) or not (heading := fold(clean_cell(cell))):
            continue
        role = known.get(heading)
        if role is not None:
            month_first |= (
                role is Role.READ_ON and roles.get(role) is None and _MONTH_FIRST in heading
            )
            roles.setdefault(role, place)
        elif heading in named or kind_of(heading):
            meters[place] = clean_cell(cell)
    return Layout(roles, meters, month_first)


def bare_layout(width: int) -> Layout | None:
    """The layout of a table without headings: number and value, or number, meter and value.

    None for any other width. The number may be the machine's number or its serial number.
    """
    if width == 2:
        return Layout({Role.SERIAL: 0, Role.VALUE: 1})
    if width == 3:
        return Layout({Role.SERIAL: 0, Role.LABEL: 1, Role.VALUE: 2})
    return None


def kind_of(heading: str) -> MeterKind | None:
    """The kind of meter that a word names, in the ERP's words or those of the makers' device
    lists."""
    word = default_columns().word("kind", heading)
    return MeterKind(word) if word else _device_lists().get(fold(heading))


@cache
def _device_lists() -> Mapping[str, MeterKind]:
    shipped = resources.files(__package__).joinpath("device_lists.toml").read_text("utf-8")
    return {
        fold(word): MeterKind(kind)
        for kind, words in tomllib.loads(shipped).items()
        for word in words
    }


@cache
def _known() -> Mapping[str, Role]:
    shipped = default_columns().headings
    sources = [
        (Role.MACHINE, shipped["readings"], "machine_id"),
        (Role.SERIAL, shipped["machines"], "serial"),
        (Role.METER, shipped["readings"], "meter_id"),
        (Role.LABEL, shipped["meters"], "label"),
        (Role.LABEL, shipped["meters"], "kind"),
        (Role.VALUE, shipped["readings"], "value"),
        (Role.READ_ON, shipped["readings"], "read_on"),
    ]
    known = {
        heading: role
        for role, headings, wanted in sources
        for heading, meant in headings.items()
        if meant == wanted and heading not in _AMBIGUOUS
    }
    return known | {fold(word): role for role, words in _ALSO.items() for word in words}
