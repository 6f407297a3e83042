"""Spoilt values never replace correct ones: lost letters, shortened numbers, lost zeros."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from meterportal.domain.exchange.imports.cells import letters_lost, shortened
from meterportal.domain.exchange.imports.faults import Fault, FaultSeverity
from meterportal.domain.exchange.imports.rows import SheetRow

_MAY_LOSE_ZEROS = frozenset({"serial", "customer_no", "postcode", "phone"})
"""Texts of digits that a spreadsheet takes for numbers."""


def kept(row: SheetRow, name: str, stored: Any) -> bool:
    """Whether the stored value of a field stays, although the row has another one."""
    if not isinstance(stored, str) or not stored or letters_lost(stored) or shortened(stored):
        return False
    return name in row.spoilt or _lost_zeros(name, row[name], stored)


def texts_of(row: SheetRow, base: object, names: Iterable[str]) -> dict[str, Any]:
    """The texts of a row for a record, without those that would replace a correct value."""
    return {
        name: row[name] or ""
        for name in names
        if row.has(name) and not kept(row, name, getattr(base, name))
    }


def kept_faults(row: SheetRow, record: object) -> Iterator[Fault]:
    """A warning for each spoilt cell if a correct stored value stays; `record` is the stored
    one."""
    for name in sorted(row.spoilt | _MAY_LOSE_ZEROS):
        stored = getattr(record, name, None)
        if row.has(name) and kept(row, name, stored) and (row[name] or "") != stored:
            yield row.fault(name, "sound_value_kept", FaultSeverity.WARNING, kept=str(stored))


def _lost_zeros(name: str, given: Any, stored: str) -> bool:
    return (
        name in _MAY_LOSE_ZEROS
        and isinstance(given, str)
        and given.isdecimal()
        and given != stored
        and stored.startswith("0")
        and stored.lstrip("0") == given
    )
