"""Which column of a spreadsheet holds what, told by its heading in any order, wording and case."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum

from meterportal.domain.imports.cells import clean
from meterportal.domain.imports.columns import default_columns, fold

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
    Role.SERIAL: ["S/N", "SN", "Serien-Nummer", "Fabriknummer"],
    Role.VALUE: ["Neuer Stand", "Neuer Zählerstand", "Zählerstand neu", "New reading", "New value"],
    Role.READ_ON: ["Abgelesen am", "Reading taken on", "Date of reading"],
}
"""Beside the words that an export of the ERP may use for the same."""

_AMBIGUOUS = {fold("Bezeichnung"), fold("Label")}
"""In a customer's own list these describe the device, not the meter."""


@dataclass(frozen=True, slots=True)
class Layout:
    """Places of the columns. `meters` are columns that hold the values of one meter: place -> the
    heading, which names it."""

    roles: Mapping[Role, int]
    meters: Mapping[int, str] = field(default_factory=dict)

    @property
    def usable(self) -> bool:
        """Whether it tells which machine and which value."""
        numbered = Role.MACHINE in self.roles or Role.SERIAL in self.roles
        return numbered and (Role.VALUE in self.roles or bool(self.meters))


def layout_of(cells: Sequence[object], labels: Iterable[str]) -> Layout:
    """What a row says as headings; `labels` are the names that meters have here.

    A heading that says the same as one before it is passed over, an unknown one too.
    """
    named = {fold(label) for label in labels}
    known = _known()
    roles: dict[Role, int] = {}
    meters: dict[int, str] = {}
    for place, cell in enumerate(cells[:MOST_COLUMNS]):
        if not isinstance(cell, str) or not (heading := fold(clean(cell))):
            continue
        role = known.get(heading)
        if role is not None:
            roles.setdefault(role, place)
        elif heading in named or default_columns().word("kind", heading):
            meters[place] = clean(cell)
    return Layout(roles, meters)


def bare_layout(width: int) -> Layout | None:
    """The layout of a table without headings: number and value, or number, meter and value.

    None: it cannot be told. The number may be that of the machine or its serial number.
    """
    if width == 2:
        return Layout({Role.SERIAL: 0, Role.VALUE: 1})
    if width == 3:
        return Layout({Role.SERIAL: 0, Role.LABEL: 1, Role.VALUE: 2})
    return None


def _known() -> dict[str, Role]:
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
