"""The fields of each kind of file: how a cell becomes a value, and what a file cannot do without."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from meterportal.domain.imports import cells
from meterportal.domain.imports.cells import Reader


@dataclass(frozen=True, slots=True)
class Field:
    """`needed`: "column" (the file needs it), "value" (every row needs it), "" (optional)."""

    read: Reader
    needed: str = ""


FIELDS: Mapping[str, Mapping[str, Field]] = {
    "companies": {
        "id": Field(cells.key, "value"),
        "name": Field(cells.text, "value"),
        "street": Field(cells.text),
        "postcode": Field(cells.text),
        "city": Field(cells.text),
        "language": Field(cells.language),
    },
    "contacts": {
        "id": Field(cells.wide_key, "value"),
        "company_id": Field(cells.key, "value"),
        "salutation": Field(cells.text),
        "first_name": Field(cells.text),
        "last_name": Field(cells.text),
        "email": Field(cells.text),
        "role": Field(cells.role),
        "language": Field(cells.language),
        "active": Field(cells.flag),
        "main": Field(cells.flag),
        "phone": Field(cells.text),
    },
    "contracts": {
        "id": Field(cells.wide_key, "value"),
        "company_id": Field(cells.key, "value"),
        "name": Field(cells.text),
        "starts_on": Field(cells.day),
        "ends_on": Field(cells.day),
        "interval": Field(cells.word("interval")),
        "next_billing_on": Field(cells.day, "column"),
        "reading_channel": Field(cells.word("reading_channel"), "value"),
        "reporters": Field(cells.keys),
    },
    "machines": {
        "id": Field(cells.key, "value"),
        "contract_id": Field(cells.wide_key, "value"),
        "serial": Field(cells.text),
        "maker": Field(cells.text),
        "model": Field(cells.text),
        "customer_no": Field(cells.text),
        "site": Field(cells.text),
        "building": Field(cells.text),
        "floor": Field(cells.text),
        "room": Field(cells.text),
        "active": Field(cells.flag),
    },
    "meters": {
        "machine_id": Field(cells.key, "value"),
        "id": Field(cells.key, "value"),
        "label": Field(cells.text),
        "kind": Field(cells.word("kind"), "value"),
        "display_label": Field(cells.text),
        "digits": Field(cells.between(1, cells.MAX_DIGITS)),
        "cumulative": Field(cells.flag),
        "click_factor": Field(cells.between(1, 1000)),
        "billable": Field(cells.flag),
        "free_copies": Field(cells.counter),
        "volume": Field(cells.counter),
    },
    "readings": {
        "machine_id": Field(cells.key, "value"),
        "meter_id": Field(cells.key, "value"),
        "read_on": Field(cells.day, "value"),
        "value": Field(cells.counter, "value"),
        "channel": Field(cells.word("reading_channel")),
        "reporter": Field(cells.text),
        "estimated": Field(cells.flag),
        "billed": Field(cells.flag),
        "reset_end": Field(cells.counter),
        "reset_start": Field(cells.counter),
    },
}

KEY: Mapping[str, tuple[str, ...]] = {
    "companies": ("id",),
    "contacts": ("id",),
    "contracts": ("id",),
    "machines": ("id",),
    "meters": ("machine_id", "id"),
    "readings": ("machine_id", "meter_id", "read_on"),
}
"""What names a record of each kind; twice in one import is a fault."""

NOT_STORED = frozenset({"reporter"})
"""Looked through, but not kept: what is wrong in them is a note."""
