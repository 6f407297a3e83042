"""Rows whose values cannot all be true."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

from meterportal.domain.exchange.imports.faults import Fault
from meterportal.domain.exchange.imports.rows import ReadFile, SheetRow


def contradiction(row: SheetRow, today: date) -> Fault | None:
    """A fault if two values of a row cannot both be true."""
    if row.sheet.kind == "contracts":
        return contradiction_of_days(row, row["starts_on"], row["ends_on"], row["next_billing_on"])
    if row.sheet.kind == "readings":
        read_on, reset_end, reset_start = row.pick(("read_on", "reset_end", "reset_start"))
        if read_on > today:
            return row.fault("read_on", "date_in_future", value=read_on.isoformat())
        if reset_start is not None and reset_end is None:
            place = "reset_end" if row.has("reset_end") else "reset_start"
            return row.fault(place, "reset_without_end")
    return None


def may_contradict(sheet: ReadFile, columns: Sequence[Sequence[Any]], today: date) -> bool:
    """Whether there may be such a row among several, of which the values are given by column. Readings
    are many, and almost none is so."""
    if sheet.kind != "readings":
        return sheet.kind == "contracts"
    starts = sheet.order.get("reset_start")
    if starts is not None and any(start is not None for start in columns[starts]):
        return True
    days = {*columns[sheet.order["read_on"]]}
    return any(on is None or on > today for on in days)


def contradiction_of_days(
    row: SheetRow, start: date | None, end: date | None, billing: date | None
) -> Fault | None:
    """A fault if a contract ends, or is billed next, before it starts."""
    if start and end and end < start:
        return row.fault(
            "ends_on", "ends_before_start", start=start.isoformat(), end=end.isoformat()
        )
    if start and billing and billing < start:
        return row.fault(
            "next_billing_on",
            "billed_before_start",
            start=start.isoformat(),
            value=billing.isoformat(),
        )
    return None
