"""Export lines as the ERP reads them, and spreadsheets that run nothing."""

from __future__ import annotations

import csv
import io
from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from meterportal.domain.exchange.exports import (
    CHANNELS,
    COLUMNS,
    KINDS,
    Acknowledgement,
    Place,
    answers_after,
    as_columns,
    export_lines,
)
from meterportal.domain.exchange.standing import Stood, unbilled
from meterportal.domain.portfolio.contracts import ReadingChannel
from meterportal.domain.portfolio.machines import Effective, Machine, MeterKind
from meterportal.domain.reporting.readings import ReadingState
from meterportal.domain.sheets import cell, csv_of

from tests.support.reported import a_reading, a_reported_machine

NOW = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)


def a_line(**fields: object) -> dict[str, object]:
    reading = a_reading("1", state=ReadingState.RELEASED, released_at=NOW, released_by="staff-1")
    (line,) = export_lines(a_reported_machine(), [reading])
    return {**line, **fields}


def test_a_line_speaks_the_erp_s_language() -> None:
    row = dict(zip(COLUMNS, [cell(value) for value in as_columns(a_line())], strict=True))

    assert row == {
        "Meldungsnummer": "200001.1.2026-11-28",
        "Firmennummer": "10000",
        "Vertragsnummer": "70001",
        "Maschinennummer": "200001",
        "Seriennummer": "SN200001",
        "Zählernummer": "1",
        "Art": "schwarz/weiss",
        "Fällig am": "28.11.2026",
        "Datum": "22.11.2026",
        "Stand": "10850",
        "Meldung durch": "CO Portal",
        "Melder": "5001",
        "Begründung": "",
        "Freigegeben am": "23.11.2026 10:00:00",
        "Freigabegrund": "",
        "Buchung": "Meldung",
        "Storno zu": "",
        "Nullung am": "",
        "Endstand alt": "",
        "Anfangsstand neu": "",
        "Austausch am": "",
        "Ausgetauscht gegen": "",
        "Ersetzt Gerät": "",
        "Anfangsstand Gerät": "",
    }


def test_a_reset_is_told_with_the_first_reading_behind_it() -> None:
    """The ERP knows its own resets; one that staff entered here it learns of once."""
    swap = Effective(date(2026, 11, 10), 0, reset_end=10_400, reset_start=0)
    here = swap._replace(entered_here=True)
    later = Effective(date(2026, 11, 15), 100)

    def told(*history: Effective) -> object:
        machine = a_reported_machine()
        meter = machine.meters[0]
        meters = (replace(meter, history=(*meter.history, *history)), machine.meters[1])
        (line,) = export_lines(replace(machine, meters=meters), [a_reading("1", 430)])
        return line["reset"]

    assert told(here) == {"read_on": "2026-11-10", "end": 10_400, "start": 0}
    assert told(here, Effective(date(2026, 11, 22), 430)) == told(here), "its own place in history"
    assert told(swap) is None
    assert told(here, later) is None
    assert told(here._replace(read_on=date(2026, 11, 23))) is None


def test_every_channel_and_kind_has_its_word() -> None:
    assert set(CHANNELS) == set(ReadingChannel)
    assert set(KINDS) == set(MeterKind)


def test_a_meter_that_is_gone_leaves_its_words_empty() -> None:
    machine = replace(a_reported_machine(), meters=())
    (line,) = export_lines(machine, [a_reading("1")])

    assert (line["label"], line["kind"], as_columns(line)[6]) == ("", None, "")


@pytest.mark.parametrize("text", ["=1+1", "+49", "-1", "@cmd", "\tx", "\rx"])
def test_text_that_looks_like_a_formula_is_disarmed(text: str) -> None:
    assert cell(text) == f"'{text}"
    assert cell(text[1:]) == text[1:]


def test_numbers_and_days_stay_what_they_are() -> None:
    assert [cell(value) for value in (-5, 0, None, date(2026, 3, 1))] == [
        "-5",
        "0",
        "",
        "01.03.2026",
    ]


@given(st.lists(st.lists(st.text(), min_size=1, max_size=4), max_size=5))
def test_what_is_written_is_read_again(rows: list[list[str]]) -> None:
    read = csv.reader(io.StringIO(csv_of(rows), newline=""), delimiter=";")

    assert list(read) == [[cell(value) for value in row] for row in rows]


def test_answers_are_for_what_was_named_and_billed_is_for_good() -> None:
    lines = [a_line(reading_id="a"), a_line(reading_id="b"), a_line(reading_id="c")]
    all_but_b = answers_after(lines, {}, Acknowledgement(None, {"b": "zu hoch"}))
    assert all_but_b == {"a": "", "b": "zu hoch", "c": ""}

    only_a = answers_after(lines, {}, Acknowledgement(frozenset({"a"}), {}))
    assert only_a == {"a": ""}

    later = answers_after(lines, all_but_b, Acknowledgement(frozenset({"b"}), {"a": "doch nicht"}))
    assert later == {"a": "", "b": "", "c": ""}


def at(machine: Machine) -> dict[Place, Stood]:
    return {(machine.company_id, machine.id): (machine,)}


def test_a_line_whose_reading_is_billed_is_left_out() -> None:
    first, second = (a_reading(n, state=ReadingState.RELEASED) for n in "12")
    machine = a_reported_machine("200001", first, second)
    both = export_lines(machine, [first, second])
    billed = replace(first, state=ReadingState.BILLED)

    assert unbilled(at(machine), both) == both
    assert unbilled(at(replace(machine, readings=(billed, second))), both) == both[1:]
    assert unbilled(at(replace(machine, readings=(billed,))), both[:1]) == []
    assert unbilled({}, both) == both


@pytest.mark.parametrize(
    ("shown", "left"),
    [({}, 0), ({"billed": False}, 1), ({"value": 10_851}, 1), ({"read_on": date(2026, 11, 21)}, 1)],
)
def test_a_reading_that_has_left_the_machine_is_judged_by_the_meter(
    shown: dict[str, Any], left: int
) -> None:
    reading = a_reading("1", state=ReadingState.RELEASED)
    machine = a_reported_machine("200001", reading)
    lines = export_lines(machine, [reading])
    fields: dict[str, Any] = {"read_on": reading.read_on, "value": reading.value, "billed": True}
    meter = machine.meters[0]
    meter = replace(meter, history=(*meter.history, Effective(**fields | shown)))

    assert len(unbilled(at(replace(machine, readings=(), meters=(meter,))), lines)) == left
    assert len(unbilled(at(replace(machine, readings=(), meters=())), lines)) == 1
    assert unbilled(at(replace(machine, meters=(meter,))), lines) == lines
