"""The fields of each kind of file: how a cell becomes a value, and which fields a file needs."""

from __future__ import annotations

from collections.abc import Mapping

from meterportal.domain.exchange.imports import cells
from meterportal.domain.exchange.imports.cells import Reader
from meterportal.domain.frozen import frozen


@frozen
class Field:
    """`needed`: "column" (the file needs it), "value" (every row needs it), "" (optional).

    `form`: whether the column's form is determined before it is read: "number", "day", "key" or "".
    """

    read: Reader
    needed: str = ""
    form: str = ""


FIELDS: Mapping[str, Mapping[str, Field]] = {
    "companies": {
        "id": Field(cells.key, "value", form="key"),
        "name": Field(cells.text, "value"),
        "street": Field(cells.text),
        "postcode": Field(cells.text),
        "city": Field(cells.text),
        "language": Field(cells.language),
    },
    "contacts": {
        "id": Field(cells.wide_key, "value", form="key"),
        "company_id": Field(cells.key, "value", form="key"),
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
        "id": Field(cells.wide_key, "value", form="key"),
        "company_id": Field(cells.key, "value", form="key"),
        "name": Field(cells.text),
        "starts_on": Field(cells.day, form="day"),
        "ends_on": Field(cells.day, form="day"),
        "interval": Field(cells.word("interval")),
        "next_billing_on": Field(cells.day, "column", form="day"),
        "reading_channel": Field(cells.word("reading_channel"), "value"),
        "reporters": Field(cells.keys, form="key"),
    },
    "machines": {
        "id": Field(cells.key, "value", form="key"),
        "contract_id": Field(cells.wide_key, "value", form="key"),
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
        "machine_id": Field(cells.key, "value", form="key"),
        "id": Field(cells.key, "value", form="key"),
        "label": Field(cells.text),
        "kind": Field(cells.word("kind"), "value"),
        "display_label": Field(cells.text),
        "digits": Field(cells.between(1, cells.MAX_DIGITS), form="number"),
        "cumulative": Field(cells.flag),
        "click_factor": Field(cells.between(1, 1000), form="number"),
        "billable": Field(cells.flag),
        "free_copies": Field(cells.counter, form="number"),
        "volume": Field(cells.counter, form="number"),
    },
    "readings": {
        "machine_id": Field(cells.key, "value", form="key"),
        "meter_id": Field(cells.key, "value", form="key"),
        "read_on": Field(cells.day, "value", form="day"),
        "value": Field(cells.counter, "value", form="number"),
        "channel": Field(cells.word("reading_channel")),
        "reporter": Field(cells.text),
        "estimated": Field(cells.flag),
        "billed": Field(cells.flag),
        "reset_end": Field(cells.counter, form="number"),
        "reset_start": Field(cells.counter, form="number"),
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
"""The fields that identify a record of each kind; the same key twice in one import is a fault."""

NOT_STORED = frozenset({"reporter"})
"""Checked, but not stored: faults in them are notes."""
