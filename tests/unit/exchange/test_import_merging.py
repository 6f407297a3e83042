"""Readings that come by import: known, new, corrected, in conflict; and the machine around them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest
from meterportal.domain.exchange.imports.fitting import MachineChange, fit_machine
from meterportal.domain.portfolio.contracts import ReadingChannel
from meterportal.domain.portfolio.machines import HISTORY_KEPT, Effective, Machine
from meterportal.domain.reporting.readings import Reading, ReadingState

from tests.support.builders import DUE, a_contract, a_machine, a_meter
from tests.support.erp_exports import MACHINES, READINGS, read

LAST = date(2026, 10, 28)


def a_reading(state: ReadingState, value: int, read_on: date, **more: Any) -> Reading:
    return Reading("1", DUE, value, read_on, state=state, **more)


def fitted(
    machine: Machine | None,
    *rows: Sequence[str],
    coming: Machine | None = None,
    card: Sequence[str] | None = None,
    **more: Any,
) -> MachineChange:
    """The machine after reading rows (meter, date, value, then any further cells)."""
    padded = [["200001", *row, *[""] * (9 - len(row))] for row in rows]
    sheet = read("zaehlerstaende.csv", [READINGS[0], *padded]) if rows else None
    cards = read("maschinen.csv", [MACHINES[0], list(card)]) if card else None
    given: dict[str, Any] = {
        "contracts": {"70001": a_contract(), "70002": a_contract("70002")},
        "since": None,
        "released": None,
    }
    return fit_machine(
        "200001",
        "10000",
        seen=machine,
        coming=coming,
        card=cards.rows[0] if cards else None,
        meters=(),
        readings=sheet.rows if sheet else (),
        **given | more,
    )


def history(change: MachineChange) -> list[tuple[date, int]]:
    meter = change.machine.meter("1")
    assert meter is not None
    return [(entry.read_on, entry.value) for entry in meter.history]


def test_a_known_reading_changes_nothing() -> None:
    machine = a_machine()
    change = fitted(machine, ["1", "28.10.2026", "10.000", "CO Portal", "", "", "J"])
    assert not change.writes
    assert change.counts == {("readings", "unchanged"): 1}


def test_new_readings_stand_in_order_and_make_one_new_version() -> None:
    machine = a_machine(version=4)
    change = fitted(
        machine,
        ["1", "20.11.2026", "10800", "Techniker"],
        ["1", "05.11.2026", "10300", "Schätzung"],
        ["1", "01.01.2020", "1"],
    )
    assert history(change)[0] == (date(2020, 1, 1), 1)
    assert history(change)[-2:] == [(date(2026, 11, 5), 10300), (date(2026, 11, 20), 10800)]
    assert change.machine.version == 5
    assert len(change.entries) == 3
    meter = change.machine.meter("1")
    assert meter is not None
    assert [(e.channel, e.estimated) for e in meter.history[-2:]] == [
        (ReadingChannel.ESTIMATE, True),
        (ReadingChannel.TECHNICIAN, False),
    ]


def test_a_reset_needs_no_start_to_begin_at_zero() -> None:
    change = fitted(a_machine(), ["1", "20.11.2026", "150", "Techniker", "", "", "", "10500"])
    meter = change.machine.meter("1")
    assert meter is not None
    assert (meter.history[-1].reset_end, meter.history[-1].reset_start) == (10500, 0)


def test_a_billed_flag_that_comes_later_is_a_change_without_a_warning() -> None:
    meter = a_meter(readings=1)
    open_meter = replace(meter, history=(meter.history[0]._replace(billed=False),))
    change = fitted(
        a_machine(meters=(open_meter,)), ["1", "28.10.2026", "10000", "CO Portal", "", "", "J"]
    )
    assert change.counts == {("readings", "changed"): 1}
    assert change.faults == []
    assert history(change) == [(LAST, 10000)]


def test_another_value_of_an_imported_reading_corrects_it_with_a_warning() -> None:
    change = fitted(a_machine(), ["1", "28.10.2026", "10010"])
    assert history(change)[-1] == (LAST, 10010)
    assert [(f.code, f.severity.value) for f in change.faults] == [("reading_corrected", "warning")]
    assert change.faults[0].text("de") == "Der Stand vom 28.10.2026 war bisher 10000, jetzt 10010."
    assert change.entries[0]["was"] == 10000
    assert change.disputed, "only its whole history tells whether it was ours"


def test_our_released_reading_coming_back_is_its_acknowledgement() -> None:
    ours = a_reading(ReadingState.RELEASED, 11000, date(2026, 11, 20), export_refused="no")
    meter = a_meter()
    meter = replace(meter, history=(*meter.history, Effective(date(2026, 11, 20), 11000)))
    machine = a_machine(meters=(meter,), readings=(ours,), version=3)
    change = fitted(machine, ["1", "20.11.2026", "11000", "CO Portal"])
    assert change.machine.readings == (
        replace(ours, state=ReadingState.BILLED, export_refused=None),
    )
    last = change.machine.meters[0].last
    assert last is not None
    assert last.billed
    assert change.machine.version == 4
    again = fitted(change.machine, ["1", "20.11.2026", "11000", "CO Portal"])
    assert not again.writes


def test_another_value_for_a_released_day_is_a_conflict_and_changes_nothing() -> None:
    for state in (ReadingState.RELEASED, ReadingState.BILLED):
        ours = a_reading(state, 11000, date(2026, 11, 20))
        meter = a_meter()
        meter = replace(meter, history=(*meter.history, Effective(date(2026, 11, 20), 11000)))
        machine = a_machine(meters=(meter,), readings=(ours,))
        change = fitted(machine, ["1", "20.11.2026", "11001", "Techniker"])
        assert not change.writes
        assert [fault.code for _, fault in change.rejected] == ["conflict"]
        assert change.rejected[0][1].text("de") == (
            "Für den 20.11.2026 ist der Stand 11000 zur Berechnung freigegeben, "
            "der Export nennt 11001. Der freigegebene Stand bleibt."
        )


def test_a_reading_released_long_ago_cannot_be_corrected_either() -> None:
    change = fitted(a_machine(), ["1", "28.10.2026", "10010"], released={("1", LAST): 10000})
    assert not change.writes
    assert [fault.code for _, fault in change.rejected] == ["conflict"]


def test_a_later_day_within_a_released_period_counts_but_reopens_nothing() -> None:
    ours = a_reading(ReadingState.RELEASED, 11000, date(2026, 11, 10))
    machine = a_machine(readings=(ours,))
    change = fitted(machine, ["1", "20.11.2026", "11000", "Techniker"])
    assert change.machine.readings == (ours,)
    assert history(change)[-1] == (date(2026, 11, 20), 11000)
    assert [f.code for f in change.faults] == ["released_period"]


def test_what_is_only_reported_is_left_alone() -> None:
    ours = a_reading(ReadingState.REPORTED, 11000, date(2026, 11, 20))
    change = fitted(a_machine(readings=(ours,)), ["1", "20.11.2026", "11500", "Techniker"])
    assert change.machine.readings == (ours,)
    assert change.rejected == []


def test_more_than_is_kept_changes_nothing_the_second_time() -> None:
    days = [date(2026, 11, 20) - timedelta(days=n) for n in range(HISTORY_KEPT + 30)]
    rows = [["1", day.strftime("%d.%m.%Y"), str(20000 - n)] for n, day in enumerate(days)]
    first = fitted(a_machine(meters=(a_meter(last_value=None),)), *rows)
    assert len(history(first)) == HISTORY_KEPT
    assert first.counts == {("readings", "new"): HISTORY_KEPT, ("readings", "unchanged"): 30}
    assert not fitted(first.machine, *rows).writes


def test_the_period_moves_with_the_contract_and_what_is_billed_leaves() -> None:
    readings = (
        a_reading(ReadingState.BILLED, 1, date(2026, 11, 20)),
        replace(a_reading(ReadingState.REPORTED, 2, date(2026, 11, 20)), meter_id="2"),
    )
    machine = a_machine(readings=readings, version=7)
    later = a_contract(next_billing_on=date(2027, 2, 28))
    change = fitted(machine, contracts={"70001": later})
    assert change.machine.due_on == date(2027, 2, 28)
    assert change.machine.readings == readings[1:]
    assert (change.machine.version, change.entries) == (7, [])


def test_master_data_alone_make_no_new_version() -> None:
    card = [
        "200001",
        "70001",
        "SN200001",
        "Ricoh",
        "IM C3000",
        "K-1",
        "Zentrale",
        "A",
        "2. OG",
        "5",
        "J",
    ]
    machine = a_machine(version=7)
    change = fitted(machine, card=card)
    assert change.writes
    assert change.machine.version == 7
    assert [(name, old, new) for _, name, old, new in change.changed] == [
        ("floor", "EG", "2. OG"),
        ("room", "101", "5"),
    ]


@pytest.mark.parametrize("contract_comes", [True, False])
def test_a_machine_that_comes_from_another_company_begins_with_its_last_values(
    contract_comes: bool,
) -> None:
    coming = a_machine(
        company_id="10007",
        contract_id="70001" if contract_comes else "70009",
        version=9,
        readings=(a_reading(ReadingState.REPORTED, 5, date(2026, 11, 20)),),
    )
    card = [
        "200001",
        "70001",
        "SN200001",
        "Ricoh",
        "IM C3000",
        "K-1",
        "Zentrale",
        "A",
        "EG",
        "101",
        "J",
    ]
    change = fitted(
        None, ["1", "28.09.2026", "9000"], ["1", "05.11.2026", "10100"], coming=coming, card=card
    )
    assert history(change) == [(LAST, 10000), (date(2026, 11, 5), 10100)]
    here, there = (coming.readings, ()) if contract_comes else ((), coming.readings)
    assert change.machine.readings == here
    assert (change.machine.company_id, change.machine.version) == ("10000", 10)
    assert change.since == LAST
    closed = change.closed
    assert closed is not None
    assert (closed.company_id, closed.active, closed.readings) == ("10007", False, there)


def test_a_machine_that_returns_goes_on_where_it_was() -> None:
    before = a_machine(active=False, version=5)
    away = a_machine(
        company_id="10007",
        version=8,
        meters=(a_meter(readings=1, last_value=12000, until=date(2026, 11, 1)),),
    )
    card = [
        "200001",
        "70001",
        "SN200001",
        "Ricoh",
        "IM C3000",
        "K-1",
        "Zentrale",
        "A",
        "EG",
        "101",
        "J",
    ]
    change = fitted(before, coming=away, card=card)
    assert history(change)[-2:] == [(LAST, 10000), (date(2026, 11, 1), 12000)]
    assert (change.machine.version, change.machine.active) == (9, True)
