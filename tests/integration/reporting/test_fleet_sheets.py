"""The fleet on a spreadsheet as it is handed out, and as it comes back filled in."""

from __future__ import annotations

import csv
import io

import pytest
from meterportal.adapters import Adapters
from meterportal.domain.portfolio.machines import Location

from tests.support.builders import a_contract, a_holding, a_machine
from tests.support.customers import everything, put, release, signed_in, stored
from tests.support.spreadsheets import GOOD, XLSX, as_workbook, fleet, sheet_of, told, values
from tests.support.stage import Stage


def test_the_workbook_has_a_row_for_each_meter_in_walking_order(
    stage: Stage, adapters: Adapters
) -> None:
    machines = [
        a_machine("200001", location=Location("Zentrale", "A", "1. OG", "7")),
        a_machine("200002", serial="0012300456", location=Location("Zentrale", "A", "UG", "1")),
        a_machine("200003", contract_id="70002"),
    ]
    contracts = [a_contract("70001"), a_contract("70002", reporters=("5009",))]
    signed_in(stage, adapters, a_holding(contracts=contracts, machines=machines))
    put(stage, "200001", values={"1": 11_000}, version=1)
    answer = stage.customer("GET", "/api/fleet.xlsx")
    assert (answer.status, answer.headers["Content-Type"]) == (200, XLSX)
    assert "zaehlerstaende-2026-11-23.xlsx" in str(answer.headers["Content-Disposition"])
    headings, *rows = sheet_of(answer)
    assert headings[:2] + headings[-2:] == [
        "Maschinennummer",
        "Seriennummer",
        "Neuer Stand",
        "Ablesedatum",
    ]
    assert [(row[0], row[6]) for row in rows] == [
        ("200002", "S/W"),
        ("200002", "Farbe"),
        ("200001", "S/W"),
        ("200001", "Farbe"),
    ]
    assert rows[0][1] == "0012300456"
    assert rows[0][3:5] == ["Ricoh IM C3000", "Zentrale, A, UG, 1"]
    assert (rows[0][7], rows[0][8].date().isoformat()) == (10_000, "2026-10-28")
    assert [row[9] for row in rows] == [None, None, 11_000, None]
    assert {(row[10], row[11]) for row in rows} == {(None, None)}


def test_csv_says_the_same_and_english_people_get_english_headings(
    stage: Stage, adapters: Adapters
) -> None:
    fleet(stage, adapters, a_machine("200001", serial="=HYPERLINK(1)", customer_no="@home"))
    answer = stage.customer("GET", "/api/fleet.csv", language="en")
    assert answer.headers["Content-Type"] == "text/csv; charset=utf-8"
    assert "meter-readings-2026-11-23.csv" in str(answer.headers["Content-Disposition"])
    assert answer.text.startswith("\ufeff")
    headings, first, _ = csv.reader(io.StringIO(answer.text[1:]), delimiter=";")
    workbook = sheet_of(stage.customer("GET", "/api/fleet.xlsx", language="en"))
    assert headings == workbook[0]
    assert (headings[1], headings[10]) == ("Serial number", "New reading")
    assert first[:3] == ["200001", "'=HYPERLINK(1)", "'@home"] == workbook[1][:3]


def test_what_is_released_says_so(stage: Stage, adapters: Adapters) -> None:
    fleet(stage, adapters, a_machine("200001"))
    put(stage, values=GOOD, version=1)
    release(adapters)
    rows = sheet_of(stage.customer("GET", "/api/fleet.xlsx"))
    assert [row[9] for row in rows[1:]] == ["freigegeben: 11000", "freigegeben: 4300"]


@pytest.mark.parametrize("form", ["xlsx", "csv"])
def test_the_sheet_comes_back_filled_in(stage: Stage, adapters: Adapters, form: str) -> None:
    fleet(stage, adapters, a_machine("200001"), a_machine("200002", serial="=1+1"))
    given = stage.customer("GET", f"/api/fleet.{form}")
    if form == "xlsx":
        rows = sheet_of(given)
        for row, value in zip(rows[1:4], [11_000, 4300, 11_050], strict=True):
            row[10] = value
        content = as_workbook(rows)
    else:
        lines = [line.split(";") for line in given.text.splitlines()]
        for cells, typed in zip(lines[1:4], ["11.000", "4.300", "11 050"], strict=True):
            cells[10] = typed
        content = "\r\n".join(";".join(cells) for cells in lines).encode("cp1252", "ignore")
    answer = told(stage, content)
    assert [(one["machine_id"], one["line"]) for one in answer["taken"]] == [
        ("200001", 2),
        ("200002", 4),
    ]
    assert answer["taken"][0]["lines"] == {"1": 2, "2": 3}
    assert (answer["blank"], answer["to_check"], answer["not_recognised"]) == (1, [], [])
    assert values(adapters, "200001") == GOOD
    assert values(adapters, "200002") == {"1": 11_050}
    assert stored(adapters).readings[0].read_on.isoformat() == "2026-11-23"


def test_the_untouched_sheet_changes_nothing(stage: Stage, adapters: Adapters) -> None:
    fleet(stage, adapters)
    before = everything(adapters)
    answer = told(stage, stage.customer("GET", "/api/fleet.xlsx").content)
    assert answer["blank"] == 4
    assert [answer[part] for part in ("taken", "to_check", "not_recognised")] == [[], [], []]
    assert everything(adapters) == before
