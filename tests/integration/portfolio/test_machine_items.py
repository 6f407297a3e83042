"""A machine's item: small, and read as earlier versions left it."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from meterportal.adapters import Adapters
from meterportal.domain.portfolio.contracts import ReadingChannel
from meterportal.domain.portfolio.machines import (
    Effective,
    Location,
    Machine,
    Problem,
    ProblemKind,
)
from meterportal.domain.portfolio.outlines import OverviewMachine
from meterportal.store import keys
from meterportal.store.items import marshal_item, stored
from meterportal.store.packing import packed, unpacked
from meterportal.store.portfolio import holdings, machines, outlines, packed_histories
from meterportal.store.portfolio.packed_histories import PackedHistory

from tests.support.builders import a_colour_meter, a_machine, a_meter, settle
from tests.support.customers import change
from tests.support.customers import stored as found
from tests.support.reported import a_reading
from tests.support.units import weight


def four_years(seed: int) -> tuple[Effective, ...]:
    """One meter's months, like no other's."""
    value, entries = 10_000 * seed, []
    for n in range(48):
        value += 400 + (n * n * 7919 * seed) % 1_201
        day = date(2022, 11, 28) + timedelta(days=30 * n + (n * seed) % 3)
        entries.append(Effective(day, value, billed=True))
    return tuple(entries)


def test_four_years_of_three_meters_take_one_unit() -> None:
    """With room for what a period adds: readings, who released them, the batch."""
    meters = [replace(a_meter(str(n)), history=four_years(n)) for n in range(1, 4)]
    item = marshal_item(machines.pack(a_machine(meters=tuple(meters))))
    assert weight(item) <= 1_024 - 230


def rows_of(history: Sequence[Effective]) -> list[list[Any]]:
    """As earlier versions stored it."""
    return [
        [
            one.read_on.toordinal(),
            one.value,
            one.channel.value,
            sum(
                flag << n
                for n, flag in enumerate(
                    (one.estimated, one.billed, one.confirmed, one.entered_here)
                )
            ),
            *([one.reset_end, one.reset_start] if one.reset_end is not None else []),
        ]
        for one in history
    ]


HISTORIES = st.lists(
    st.builds(
        Effective,
        read_on=st.dates(date(2015, 1, 1), date(2030, 1, 1)),
        value=st.integers(0, 10**8),
        channel=st.sampled_from(ReadingChannel),
        estimated=st.booleans(),
        billed=st.booleans(),
        reset_end=st.none() | st.integers(0, 10**8),
        reset_start=st.none(),
        confirmed=st.booleans(),
        entered_here=st.booleans(),
    ).map(lambda one: one if one.reset_end is None else one._replace(reset_start=7)),
    max_size=12,
).map(tuple)


@given(st.lists(HISTORIES, max_size=4), st.booleans())
def test_histories_are_read_as_they_were_written(
    histories: list[tuple[Effective, ...]], alike: bool
) -> None:
    if alike and histories:
        histories.append(tuple(one._replace(value=one.value + 1) for one in histories[-1]))
    again = [*packed_histories.unpack(json.loads(json.dumps(packed_histories.pack(histories))))]
    assert again == histories
    assert packed_histories.pack(again) == packed_histories.pack(histories)
    assert [packed_histories.of_rows(rows_of(one)) for one in histories] == again
    for one, read in zip(histories, again, strict=True):
        assert len(read) == len(one)
        assert not one or PackedHistory(read.steps)[-1] == one[-1]


def test_days_of_several_meters_stand_in_an_item_once() -> None:
    meters = [replace(a_meter(str(n)), history=four_years(3)) for n in range(3)]
    first, *others = packed_histories.pack(meter.history for meter in meters)
    assert len(first[1].split()) == 47
    assert [one[1] for one in others] == [None, None]


def test_an_item_with_a_row_for_each_entry_is_read_and_written_anew(adapters: Adapters) -> None:
    settle(adapters)
    before = found(adapters)
    item = adapters.table.get(*keys.machine(before.company_id, before.id))
    assert item is not None
    body = unpacked(item["body"])
    del body["histories"]
    for row, meter in zip(body["meters"], before.meters, strict=True):
        row.append(rows_of(meter.history))
    adapters.table.batch_write([item | {"body": packed(body)}])
    assert found(adapters) == before
    change(adapters, serial="SN-NEW")
    item = adapters.table.get(*keys.machine(before.company_id, before.id))
    assert item is not None
    assert len(unpacked(item["body"])["histories"]) == len(before.meters)
    assert found(adapters).meters == before.meters


@given(st.lists(HISTORIES, max_size=4))
def test_steps_that_stand_as_numbers_are_read(histories: list[tuple[Effective, ...]]) -> None:
    """Earlier versions stored them so; some meters' may have been written anew since."""
    numbers = [
        [steps[0], *(text and [*map(int, text.split())] for text in steps[1:3]), *steps[3:]]
        if steps
        else []
        for steps in packed_histories.pack(histories)
    ]
    again = packed_histories.unpack(numbers)
    assert [len(one) for one in again] == [len(one) for one in histories]
    assert again == [*packed_histories.unpack(packed_histories.pack(histories))]
    assert again == histories
    assert packed_histories.unpack(packed_histories.pack([*again, *histories])) == [
        *histories,
        *histories,
    ]


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


SHOWN = ("id", "serial", "maker", "model", "customer_no", "location", "due_on", "version")


def assert_shown(shown: OverviewMachine, told: Machine) -> None:
    """A page shows of a machine what the machine says."""
    for name in (*SHOWN, "complete"):
        assert getattr(shown, name) == getattr(told, name), name
    assert shown.problem == (told.problem if told.set_aside or told.struck_off else None)
    assert [meter.reading for meter in shown.meters] == told.standing
    for meter, whole in zip(shown.meters, told.billable_meters, strict=True):
        names = (whole.id, whole.label, whole.display_label, whole.kind)
        assert (meter.id, meter.label, meter.display_label, meter.kind) == names
        last = whole.last
        assert meter.last == (last and (last.value, last.read_on, last.estimated))


OUTLINED = ("id", "contract_id", "due_on", "location")
JUDGED = ("active", "asked_for", "complete", "set_aside", "begun")


@pytest.mark.parametrize("row", [True, False], ids=["with its row", "of an earlier version"])
def test_an_outline_says_what_its_machine_says(adapters: Adapters, *, row: bool) -> None:
    machine = a_machine()
    one, other = (a_reading(meter_id=number, due_on=machine.due_on) for number in "12")
    waits = Problem("p", ProblemKind.CANNOT_READ, date(2026, 11, 20), "5001")
    machines_told = [
        machine,
        replace(machine, active=False),
        replace(machine, due_on=None, location=Location()),
        replace(machine, meters=()),
        replace(machine, meters=(a_meter(billable=False),)),
        replace(machine, readings=(one,)),
        replace(machine, readings=(one, other)),
        replace(machine, readings=(replace(one, due_on=date(2026, 10, 28)),)),
        replace(machine, problem=waits),
        replace(machine, problem=replace(waits, accepted=True)),
        replace(machine, problem=replace(waits, accepted=True, due_on=machine.due_on)),
        replace(machine, problem=replace(waits, kind=ProblemKind.GONE, accepted=True)),
    ]
    for told in machines_told:
        item = stored(machines.pack(told))
        if not row:
            del item["row"]
        outline = outlines.outline(item)
        for name in (*OUTLINED, *JUDGED):
            assert getattr(outline, name) == getattr(told, name), name
        assert_shown(outline.shown(), told)
    said = {tuple(getattr(told, name) for name in JUDGED) for told in machines_told}
    assert len(said) >= 6


@given(HISTORIES, HISTORIES, st.booleans())
def test_a_page_shows_what_a_machine_of_any_history_says(
    first: tuple[Effective, ...], second: tuple[Effective, ...], billable: bool
) -> None:
    """Also of a body that earlier versions wrote: a row for each entry, or text with spaces."""
    machine = a_machine(
        meters=(
            replace(a_meter(), history=first),
            replace(a_colour_meter(), history=second, billable=billable),
        )
    )
    item = stored(machines.pack(machine))
    assert_shown(outlines.shown(item), machine)
    body = unpacked(item["body"])
    assert_shown(outlines.shown(item | {"body": json.dumps(body)}), machine)
    del body["histories"]
    for row, history in zip(body["meters"], (first, second), strict=True):
        row.append(rows_of(history))
    assert_shown(outlines.shown(item | {"body": packed(body)}), machine)


class Noted(dict[str, Any]):
    """An item that notes which of its attributes are read."""

    def __init__(self, item: Mapping[str, Any], names: set[str]) -> None:
        super().__init__(item)
        self.names = names

    def __getitem__(self, name: str) -> Any:
        self.names.add(name)
        return super().__getitem__(name)

    def get(self, name: str, default: Any = None) -> Any:
        self.names.add(name)
        return super().get(name, default)


def test_a_company_s_outline_asks_for_what_is_read_of_it(adapters: Adapters) -> None:
    """Nothing that it leaves out has a silent default."""
    settle(adapters)
    names: set[str] = set()
    items = [Noted(item, names) for item in adapters.table.query(keys.company("10000")[0])]

    def read() -> set[str]:
        names.clear()
        held = holdings._gather(items, in_outline=True)
        assert held is not None
        for outline in held.outlines:
            outline.shown()
        return names - {"row"}

    asked = {*outlines.OF_A_COMPANY} - {"row"}
    assert read() == asked
    assert {"changes_sk", "machines_sk"} <= items[-1].keys() - asked
    for item in items:  # as before the read model: then the machine is asked
        item.pop("row", None)
    assert read() - {"changes_sk"} == asked


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
    rows = [[739_000 + n, n, "PORTAL", 2] for n in range(70)]
    (kept,) = packed_histories.pack([packed_histories.of_rows(rows)])
    assert kept == packed_histories.of_rows(rows[-64:]).steps
    (again,) = packed_histories.pack([PackedHistory(kept)])
    assert again is kept


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
