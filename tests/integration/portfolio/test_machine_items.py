"""A machine's item: small, and read as earlier versions left it."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import date, timedelta

import pytest
from meterportal.adapters import Adapters
from meterportal.domain.portfolio.machines import Effective
from meterportal.store import keys
from meterportal.store.items import marshal_item, stored
from meterportal.store.packing import unpacked
from meterportal.store.portfolio import machines, packed_histories
from meterportal.store.portfolio.packed_histories import PackedHistory

from tests.support.builders import a_colour_meter, a_machine, a_meter, settle
from tests.support.customers import change
from tests.support.customers import stored as found
from tests.support.units import weight, write_units


def four_years(seed: int) -> tuple[Effective, ...]:
    """One meter's months, like no other's."""
    value, entries = 10_000 * seed, []
    for n in range(48):
        value += 400 + (n * n * 7919 * seed) % 1_201
        day = date(2022, 11, 28) + timedelta(days=30 * n + (n * seed) % 3)
        entries.append(Effective(day, value, billed=True))
    return tuple(entries)


def test_four_years_of_three_meters_take_two_units() -> None:
    meters = [replace(a_meter(str(n)), history=four_years(n)) for n in range(1, 4)]
    item = marshal_item(machines.pack(a_machine(meters=tuple(meters))))
    assert write_units(weight(item)) == 2


def test_an_item_of_an_earlier_version_is_read_and_written_anew(adapters: Adapters) -> None:
    settle(adapters)
    before = found(adapters)
    key = keys.machine(before.company_id, before.id)
    item = adapters.table.get(*key)
    assert item is not None
    text = json.dumps(unpacked(item["body"]))
    adapters.table.batch_write([item | {"body": text}])
    assert found(adapters) == before
    change(adapters, serial="SN-NEW")
    item = adapters.table.get(*key)
    assert item is not None
    assert isinstance(item["body"], bytes)
    assert unpacked(item["body"])["card"][0] == "SN-NEW"


def test_a_packed_history_is_the_tuple_of_its_entries() -> None:
    machine = a_machine(meters=(a_meter(), replace(a_colour_meter(), history=())))
    again = machines.unpack(stored(machines.pack(machine)))
    read, empty = again.meters[0].history, again.meters[1].history
    kept = machine.meters[0].history
    assert isinstance(read, PackedHistory)
    assert (read[0], read[-1], read[2:4], len(read)) == (kept[0], kept[-1], kept[2:4], len(kept))
    assert [*reversed(read)] == [*reversed(kept)]
    assert (kept[3] in read, hash(read), repr(read)) == (True, hash(kept), repr(kept))
    assert read == kept
    assert kept == read
    assert read != kept[:-1]
    assert again.meters == machine.meters
    assert (empty == (), bool(empty)) == (True, False)


def test_what_nobody_changes_is_stored_as_it_was_read() -> None:
    packed = PackedHistory([[739_000, 1, "PORTAL", 2]] * 70)
    assert packed_histories.pack(packed) == [[739_000, 1, "PORTAL", 2]] * 64
    assert packed_histories.pack(tuple(packed)) == packed_histories.pack(packed)


def test_meters_that_nobody_changes_are_stored_as_they_were_read(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Whatever stands in a text, or behind the meters."""
    names = {"serial": ',"meters":[],"readings":', "customer_no": "Ü", "former": "portal-1"}
    meters = (a_meter(label=',"readings":[]'), a_colour_meter())
    machine = a_machine(meters=meters, **names)
    again = machines.unpack(stored(machines.pack(machine)))
    renamed = a_machine(meters=(a_meter(label="other"), a_colour_meter()), **names)
    assert unpacked(machines.pack(replace(again, meters=renamed.meters))["body"]) == unpacked(
        machines.pack(renamed)["body"]
    )
    monkeypatch.delattr(machines, "_pack_meter")
    assert machines.pack(again) == machines.pack(again) == stored(machines.pack(again))
    assert machines.unpack(stored(machines.pack(again))) == machine
    assert machines.pack(replace(again, customer_no="K-2"))["body"] != machines.pack(again)["body"]
