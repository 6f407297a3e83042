"""Machines as lists need them, of their items: the row for an outline, the body for what a page shows."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date
from functools import lru_cache, partial
from typing import Any

from meterportal.domain.portfolio.machine_rows import flags_of
from meterportal.domain.portfolio.machines import Location, current_of
from meterportal.domain.portfolio.outlines import LastValue, Outline, OverviewMachine, OverviewMeter
from meterportal.store.items import Item, day_of
from meterportal.store.packing import inflated, read
from meterportal.store.portfolio import machines, packed_histories, packed_readings
from meterportal.store.table import Table

OF_A_MACHINE = ("pk", "sk", "contract_id", "due_on", "version", "rev", "body", "row")
"""A machine's attributes without its places in the indexes, which are a third of the answer."""

OF_A_COMPANY = (
    *OF_A_MACHINE,
    *("name", "language", "street", "postcode", "city"),
    *(
        "salutation",
        "first_name",
        "last_name",
        "email",
        "phone",
        "role",
        "active",
        "main",
        "rights",
    ),
    *(
        "mailbox",
        "former_mailboxes",
        "from_portal",
        "email_in_erp",
        "phone_in_erp",
        "active_in_erp",
    ),
    *("starts_on", "ends_on", "interval", "next_billing_on", "reading_channel", "reporters"),
    *("asked_for", "asked", "mailed", "reporters_in_erp", "channel_in_erp"),
    *("mended_at", "mended_by"),
)
"""The same of all its items. Whoever unpacks an attribute more names it here: a test compares them."""

_day_of = lru_cache(maxsize=4096)(day_of)
_day_numbered = lru_cache(maxsize=4096)(date.fromordinal)
"""Kept, because the days of a company's machines are mostly the same few."""

Rows = Sequence[list[Any]]
"""Meters as they stand in a body: nobody changes them, since machines share them."""


def of_company(table: Table, company_id: str, *, most: int, after: str) -> Iterator[Outline]:
    """The outlines of a company's machines by number, at most `most`, starting after the number `after`.
    One query (more pages over 1 MB, read as needed)."""
    return map(
        outline, machines.items_of(table, company_id, most=most, after=after, only=OF_A_MACHINE)
    )


def outline(item: Item) -> Outline:
    """What lists ask of a machine, of its row; of the machine itself in an item without one."""
    if "row" in item:
        _, _, _, _, site, building, floor, room, flags, *_ = read(item["row"])
        location = Location(site, building, floor, room)
    else:
        machine = machines.unpack(item)
        location, flags = machine.location, flags_of(machine)
    return Outline(
        item["sk"].partition("#")[2],
        item["contract_id"],
        _day_of(item["due_on"]),
        location,
        flags,
        partial(shown, item),
    )


def shown(item: Item) -> OverviewMachine:
    """What a page shows of a machine."""
    body, meters = _parts_of(inflated(item["body"]))
    serial, maker, model, customer_no = body["card"]
    due_on, problem = _day_of(item["due_on"]), machines.unpack_problem(body)
    alone = problem is not None and (problem.strikes_off or problem.sets_aside(due_on))
    current = current_of([*map(packed_readings.unpack, body["readings"])], due_on)
    return OverviewMachine(
        item["sk"].partition("#")[2],
        serial,
        maker,
        model,
        customer_no,
        Location(*body["place"]),
        due_on,
        item["version"],
        problem if alone else None,
        [
            OverviewMeter(row[0], row[1], row[3], row[2], _last(steps), current.get(row[0]))
            for row, steps in zip(meters, body["histories"], strict=True)
            if row[6]
        ],
    )


def _parts_of(text: str) -> tuple[dict[str, Any], Rows]:
    """A machine's body and its meters, which are read apart and kept: machines of a model mostly have the
    same ones."""
    before, _, rest = text.partition(machines.METERS)
    meters, found, behind = rest.partition(machines.HISTORIES)
    if found:
        return read(f"{before}{found}{behind}"), _rows(meters)
    body = read(text)
    if "histories" not in body:  # of an earlier version: each stands in its meter's row
        body["histories"] = [row[10][-1:] for row in body["meters"]]
    return body, body["meters"]


@lru_cache(maxsize=512)
def _rows(text: str) -> Rows:
    return tuple(read(text))


def _last(steps: packed_histories.Steps) -> LastValue | None:
    """Of a history the last entry, from which its steps go back."""
    if not steps:
        return None
    read_on, value, _, flags, *_ = steps[0]
    return value, _day_numbered(read_on), bool(flags & packed_histories.ESTIMATED)
