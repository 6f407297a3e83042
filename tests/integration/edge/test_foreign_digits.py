"""Digits of other scripts: whatever carries them, nothing is read from them in silence."""

from __future__ import annotations

import pytest
from meterportal.adapters import Adapters

from tests.support.customers import put, signed_in
from tests.support.field_base import ROWS, base, table, taken_in
from tests.support.field_base import told as faults
from tests.support.spreadsheets import XLSX, as_workbook, fleet, hand_in, reasons, told, values
from tests.support.stage import Stage

SCRIPTS = {
    "Arabic": "٠١٢٣٤٥٦٧٨٩",
    "Persian": "۰۱۲۳۴۵۶۷۸۹",
    "Devanagari": "०१२३४५६७८९",
    "full width": "０１２３４５６７８９",
    "mathematical": "𝟎𝟏𝟐𝟑𝟒𝟓𝟔𝟕𝟖𝟗",
}

written = pytest.mark.parametrize("digits", SCRIPTS.values(), ids=SCRIPTS)


def foreign(text: str, digits: str) -> str:
    return text.translate({ord("0") + n: digits[n] for n in range(10)})


@written
def test_a_value_in_json_is_refused(stage: Stage, adapters: Adapters, digits: str) -> None:
    signed_in(stage, adapters)
    answer = put(stage, values={"1": foreign("11000", digits)}, version=1)
    assert (answer.status, answer.json["code"]) == (422, "not_a_whole_number")
    mixed = put(stage, values={"1": "1100" + digits[1]}, version=1)
    assert (mixed.status, mixed.json["code"]) == (422, "not_a_whole_number")


@written
def test_a_parameter_of_a_query_is_refused(stage: Stage, adapters: Adapters, digits: str) -> None:
    signed_in(stage, adapters)
    assert stage.customer("GET", f"/api/machines?limit={foreign('5', digits)}").status == 400
    day = foreign("2026-11-23", digits)
    assert stage.staff("GET", f"/api/staff/imports?limit={foreign('5', digits)}").status == 400
    assert stage.staff("POST", f"/api/staff/imports?as_of={day}", b"x").status == 400


@written
def test_cells_of_a_fleet_s_sheet_are_refused(
    stage: Stage, adapters: Adapters, digits: str
) -> None:
    fleet(stage, adapters)
    lines = [
        ["Seriennummer", "Zähler", "Neuer Stand", "Ablesedatum"],
        ["SN200001", "S/W", foreign("11000", digits), "20.11.2026"],
        ["SN200002", "S/W", "11000", foreign("20.11.2026", digits)],
    ]
    text = "\n".join(";".join(line) for line in lines)
    expected = [(2, "not_a_whole_number"), (3, "day_unreadable")]
    assert reasons(told(stage, text)) == expected
    workbook = hand_in(stage, as_workbook(lines), **{"content-type": XLSX})
    assert reasons(workbook.json) == expected
    assert values(adapters, "200001") == values(adapters, "200002") == {}


@written
def test_cells_of_an_export_are_refused(stage: Stage, digits: str) -> None:
    base(stage)
    ours = ["820001", "1", "20.11.2026", "24100", "Techniker", "J", "", ""]
    rows = [
        [foreign(cell, digits) if place == n else cell for n, cell in enumerate(ours)]
        for place in (0, 1, 2, 3)
    ]
    found = taken_in(stage, "zaehlerstaende", table("zaehlerstaende", *rows))
    assert [line for line, _ in faults(found, "error")] == [2, 3, 4, 5]
    contract = list(ROWS["vertraege"][0])
    for place in (0, 1, 3, 6, 8):
        row = [foreign(cell, digits) if place == n else cell for n, cell in enumerate(contract)]
        assert taken_in(stage, "vertraege", table("vertraege", row))["accepted"] == 0, place
