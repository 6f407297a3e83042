"""What a row of a customer's own table means: any headings, any spelling of numbers, any names of meters."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from meterportal.domain.portfolio.machines import Machine, MeterKind
from meterportal.domain.refusals import Refusal
from meterportal.domain.reporting.fleet.filled import Filled, filled, read_text
from meterportal.domain.reporting.fleet.matching import match
from meterportal.domain.reporting.fleet.refusals import SheetRefused
from meterportal.domain.tables.records import Record

from tests.support.builders import a_colour_meter, a_machine, a_meter

FLEET = {
    machine.id: machine
    for machine in (
        a_machine("200001", serial="WX-12/345 A"),
        a_machine("200002", serial="0001234567"),
        a_machine("200003", serial="TWIN"),
        a_machine("200004", serial="twin"),
        a_machine("0815", serial="", meters=(a_meter("7", label="Gesamt", kind=MeterKind.TOTAL),)),
    )
}
LABELS = ["S/W", "Farbe", "Drucke gesamt S/W", "Gesamt"]


def read(text: str | bytes) -> Filled:
    return read_text(text.encode() if isinstance(text, str) else text, LABELS)


def claims(text: str | bytes, fleet: dict[str, Machine] | None = None) -> dict[str, dict[str, int]]:
    """What a table claims, by machine and meter; fails where anything is left over."""
    found = match(read(text), fleet or FLEET)
    assert [(one.line.text, one.reason.code) for one in found.left] == []
    return {claim.machine.id: claim.values for claim in found.claims}


def refused(text: str) -> list[tuple[int, str]]:
    return [(one.line.number, one.reason.code) for one in match(read(text), FLEET).left]


@pytest.mark.parametrize(
    "table",
    [
        "Seriennummer;Zähler;Neuer Stand\nWX-12/345 A;S/W;11000\n",
        "SERIENNUMMER;zähler;Zählerstand\nwx-12/345a;s/w;11.000\n",
        "Neuer Stand,Meter,Serial no.\n11000,b/w,WX12345A\n",
        "Machine number\tMeter no.\tNew reading\n200001\t1\t11,000\n",
        "Gerät|Art|Wert\n200001|schwarz|11 000 Seiten\n",
        "Maschine;S/N;Zähler-Nr.;Stand\nEmpfang;WX12345A;1;11000\n",
        "sep=;\nSeriennummer;Zähler;Stand\nWX12345A;Drucke gesamt S/W;11000\n",
        "Zählerstände Muster GmbH\n\nGerätenummer;S/W;Farbe\n200001;11.000;\n",
        "Seriennummer;Standort;Schwarzweiß\nWX12345A;EG;11000\n",
        "WX12345A\tS/W\t11.000\n",
        "200001;1;11000\n",
        '"WX12345A";"S/W";"11.000"\r\n',
    ],
)
def test_a_row_says_the_same_in_many_forms(table: str) -> None:
    assert claims(table) == {"200001": {"1": 11_000}}


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1252"])
def test_every_usual_encoding_is_read(encoding: str) -> None:
    table = "Maschinennummer;Zähler;Zählerstand\n200001;Farbe;4300\n"
    assert claims(table.encode(encoding)) == {"200001": {"2": 4300}}


def test_a_machine_of_one_meter_needs_no_name_of_it() -> None:
    assert claims("0815\t5000\n") == {"0815": {"7": 5000}}
    assert claims("Maschinennummer;Stand\n815;5000\n") == {"0815": {"7": 5000}}


def test_zeros_and_signs_that_a_spreadsheet_lost_do_not_matter() -> None:
    assert claims("1234567\tS/W\t5000\n") == {"200002": {"1": 5000}}
    assert claims("'0001234567\tS/W\t5000\n") == {"200002": {"1": 5000}}
    assert claims('="0001234567"\tS/W\t5000\n') == {"200002": {"1": 5000}}


def test_a_serial_number_of_two_machines_is_told_apart_by_the_machine_s_number() -> None:
    assert refused("TWIN\tS/W\t5000\n") == [(1, "serial_ambiguous")]
    table = "Maschinennummer;Seriennummer;Zähler;Stand\n200004;TWIN;S/W;5000\n"
    assert claims(table) == {"200004": {"1": 5000}}
    wrong = "Maschinennummer;Seriennummer;Zähler;Stand\n200001;TWIN;S/W;5000\n"
    assert refused(wrong) == [(2, "numbers_disagree")]


def test_an_exact_number_is_preferred_to_one_that_lost_its_zeros() -> None:
    fleet = {m.id: m for m in (a_machine("1", serial="0012"), a_machine("2", serial="12"))}
    assert claims("0012\tS/W\t1\n12\tS/W\t2\n", fleet) == {"1": {"1": 1}, "2": {"1": 2}}


def test_two_meters_of_one_kind_are_not_guessed() -> None:
    fleet = {"1": a_machine("1", meters=(a_meter("1", label="A4"), a_meter("2", label="A3")))}
    assert claims("1\tA3\t5\n", fleet) == {"1": {"2": 5}}
    left = match(read("1\tS/W\t5\n"), fleet).left
    assert [one.reason.code for one in left] == ["unknown_meter"]


def test_a_value_that_was_contradicted_is_claimed_by_nobody() -> None:
    table = "200001\tS/W\t1\n200001\tS/W\t2\n200001\tS/W\t1\n200001\tFarbe\t3\n"
    matched = match(read(table), FLEET)
    found, left = matched.claims, matched.left
    assert [claim.values for claim in found] == [{"2": 3}]
    assert [(one.line.number, one.reason.code) for one in left] == [
        (n, "two_values") for n in (1, 2, 3)
    ]


def test_a_line_with_two_meters_loses_only_the_contradicted_one() -> None:
    table = "Maschinennummer;S/W;Farbe\n200001;11000;4300\n200001;12000;\n"
    matched = match(read(table), FLEET)
    found, left = matched.claims, matched.left
    assert [claim.values for claim in found] == [{"2": 4300}]
    assert [one.line.number for one in left] == [2, 3]


@pytest.mark.parametrize(
    ("cell", "day"),
    [
        ("20.11.2026", date(2026, 11, 20)),
        ("2026-11-20", date(2026, 11, 20)),
        (datetime(2026, 11, 20, 8, 30), date(2026, 11, 20)),  # noqa: DTZ001 - as a sheet gives it
        (date(2026, 11, 20), date(2026, 11, 20)),
        ("", None),
        (None, None),
    ],
)
def test_the_day_of_reading_is_understood(cell: object, day: date | None) -> None:
    rows = [
        Record(1, 0, ["Seriennummer", "Zähler", "Stand", "Datum"]),
        Record(2, 0, ["WX12345A", "S/W", 11_000, cell]),
    ]
    matched = match(filled(rows, LABELS), FLEET)
    (claim,) = matched.claims
    assert (claim.read_on, matched.left) == (day, [])


@pytest.mark.parametrize("cell", ["11/20/2026", "gestern", "31.02.2026", 46_346, True])
def test_a_day_that_is_none_is_refused(cell: object) -> None:
    rows = [
        Record(1, 0, ["Seriennummer", "Zähler", "Stand", "Datum"]),
        Record(2, 0, ["WX12345A", "S/W", 11_000, cell]),
    ]
    (left,) = match(filled(rows, LABELS), FLEET).left
    assert left.reason.code == "day_unreadable"


@pytest.mark.parametrize("value", [12.5, 12.345, True, float("nan"), float("inf"), date.min])
def test_a_cell_that_is_no_whole_number_is_no_reading(value: object) -> None:
    rows = [Record(1, 0, ["WX12345A", "S/W", value])]
    (left,) = match(filled(rows, LABELS), FLEET).left
    assert left.reason.code == "not_a_whole_number"


def test_every_reason_is_a_sentence_in_both_languages() -> None:
    table = "X\tS/W\t1\nTWIN\tS/W\t1\n1,2E+11\tS/W\t1\nWX12345A\t\t1\nWX12345A\tFax\t1\n200001\tFarbe\tx\n"
    left = match(read(table), FLEET).left
    assert len(left) == 6
    for one in left:
        german, english = one.reason.text("de"), one.reason.text("en")
        assert german != english
        assert german.endswith(".")
        assert english.endswith(".")
        assert "{" not in german + english


_CELLS = st.one_of(
    st.none(),
    st.text(max_size=12),
    st.integers(-(10**12), 10**12),
    st.floats(),
    st.booleans(),
    st.dates(),
    st.datetimes(),
    st.sampled_from(["Seriennummer", "S/W", "Stand", "Datum", "200001", "TWIN", "11.000"]),
)


@given(st.lists(st.lists(_CELLS, max_size=6), max_size=8))
def test_any_cells_at_all_are_read_or_refused(table: list[list[Any]]) -> None:
    rows = [Record(number, 0, cells) for number, cells in enumerate(table, start=1)]
    try:
        found = filled(rows, LABELS)
    except SheetRefused:
        return
    matched = match(found, FLEET)
    assert all(isinstance(one.reason, Refusal) for one in matched.left)
    told = sum(len(claim.values) for claim in matched.claims) + len(matched.left)
    told += len(matched.ignored) + len(matched.blank)
    assert told == len(found.lines) + len(found.blank)


@given(st.binary(max_size=400))
def test_any_bytes_at_all_are_read_or_refused(content: bytes) -> None:
    try:
        found = read(content)
    except SheetRefused:
        return
    match(found, FLEET)


def test_a_meter_that_is_not_billed_is_not_asked_for() -> None:
    hidden = a_machine("1", meters=(a_meter("1"), a_colour_meter("2", billable=False)))
    assert claims("1\t5\n", {"1": hidden}) == {"1": {"1": 5}}
