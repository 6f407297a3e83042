"""Device lists that fleet customers have, and rows that come back to be mended."""

from __future__ import annotations

import csv
import io

import pytest
from meterportal.adapters import Adapters
from meterportal.domain.portfolio.machines import MeterKind

from tests.support.builders import a_colour_meter, a_machine, a_meter
from tests.support.spreadsheets import XLSX, fleet, reasons, sheet_of, told, values
from tests.support.stage import Stage

GIVEN = {"1": 11_000, "2": 4300}


def as_list(*rows: list[str], delimiter: str = ",") -> str:
    text = io.StringIO()
    csv.writer(text, delimiter=delimiter).writerows(rows)
    return text.getvalue()


@pytest.mark.parametrize(
    ("serial", "black", "colour", "total"),
    [
        ("Serial Number", "B&W Total", "Color Total", "Total Counter"),
        ("Device Serial Number", "B&W Total", "Color Total", "Total"),
        ("Serial no.", "Total (Black)", "Total (Full Color)", "Total 1"),
        ("Serial Number", "Black & White Total Print Count", "Color Total Print Count", "Total Print Count"),
        ("Serial Number", "Total Mono Impressions", "Total Color Impressions", "Total Impressions"),
        ("S/N", "Mono Page Count", "Colour Page Count", "Page Count"),
        ("Serial Number", "Total Black Counter", "Total Color Counter", "Total Counter"),
        ("Serial", "Black Impressions", "Color Impressions", "Total Impressions"),
        ("Serial", "Lifetime Mono Page Count", "Color Lifetime Page Count", "Lifetime Page Count"),
        ("Seriennummer", "S/W gesamt", "Farbe gesamt", "Gesamtzähler"),
        ("Seriennummer", "Zählerstand S/W", "Zählerstand Farbe", "Gesamtseiten"),
    ],
)  # fmt: skip
def test_the_heads_of_device_lists_are_known(
    stage: Stage, adapters: Adapters, serial: str, black: str, colour: str, total: str
) -> None:
    fleet(stage, adapters, a_machine("200001"))
    answer = told(
        stage,
        as_list(
            ["IP Address", "Device Name", serial, total, "Copier B&W Counter", black, colour],
            ["10.1.1.20", "IM C3000", "SN200001", "15300", "900", "11000", "4300"],
        ),
    )
    assert (reasons(answer), values(adapters)) == ([], GIVEN)
    assert [(r["label"], r["value"]) for r in answer["taken"][0]["readings"]] == [
        ("S/W", 11_000),
        ("Farbe", 4300),
    ]
    assert answer["sums"] == {
        "entries": 3, "taken": 2, "to_check": 0, "not_recognised": 0, "ignored": 1, "blank": 0,
    }  # fmt: skip
    assert answer["progress"] == {"reported": 1, "total": 1}


def test_what_a_device_does_not_count_is_no_fault_of_its_row(
    stage: Stage, adapters: Adapters
) -> None:
    mono = a_machine("200001", meters=(a_meter("1"),))
    colour = a_machine("200002")
    total = a_machine("200003", meters=(a_meter("1", label="Gesamt", kind=MeterKind.TOTAL),))
    fleet(stage, adapters, mono, colour, total)
    answer = told(
        stage,
        as_list(
            ["Serial Number", "Total Counter", "B&W Total", "Color Total"],
            ["SN200001", "11000", "", ""],
            ["SN200002", "15300", "11000", "4300"],
            ["SN200003", "11000", "9000", "2000"],
        ),
    )
    assert values(adapters, "200001") == {"1": 11_000}
    assert values(adapters, "200002") == GIVEN
    assert reasons(answer) == [(4, "unknown_meter"), (4, "unknown_meter")]
    assert values(adapters, "200003") == {"1": 11_000}


def test_a_colour_machine_s_total_is_no_black_counter(stage: Stage, adapters: Adapters) -> None:
    billed_black = a_machine("200001", meters=(a_meter("1"), a_colour_meter("2", billable=False)))
    fleet(stage, adapters, billed_black)
    answer = told(stage, as_list(["Serial Number", "Total Counter"], ["SN200001", "15300"]))
    assert reasons(answer) == [(2, "unknown_meter")]
    assert values(adapters) == {}


def test_a_heading_says_that_the_month_leads(stage: Stage, adapters: Adapters) -> None:
    fleet(stage, adapters, a_machine("200001"))
    heads = ["Device Serial Number", "Acquisition Date (mm/dd/yyyy)", "B&W Total", "Color Total"]
    told(stage, as_list(heads, ["SN200001", "11/20/2026", "11000", "4300"]))
    assert values(adapters) == GIVEN


def test_the_delimiter_is_told_by_the_headings(stage: Stage, adapters: Adapters) -> None:
    fleet(stage, adapters, a_machine("200001"), a_machine("200002"))
    answer = told(
        stage,
        'Serial number,Location,Meter,New reading\nSN200001,"Head office; 1st floor",S/W,11000\n'
        "SN200002,Annex | back,S/W,11000\n",
    )
    assert (reasons(answer), answer["blank"], len(answer["taken"])) == ([], 0, 2)


def test_a_row_that_holds_text_is_never_blank(stage: Stage, adapters: Adapters) -> None:
    fleet(stage, adapters, a_machine("200001"))
    table = "Seriennummer;Zähler;Stand\nSN200001;S/W;\nSN999999;S/W;\n;S/W;\n;;\nBitte beachten;;\n"
    answer = told(stage, table)
    assert answer["blank"] == 1
    assert reasons(answer) == [
        (3, "unknown_machine"),
        (4, "number_missing"),
        (6, "unknown_machine"),
    ]


@pytest.mark.parametrize(
    "bad", ['SN200001;"S/W" x;11000', 'SN200001;"S/W;11000', "SN200001;S/W;\0 11"]
)
def test_a_broken_row_costs_only_itself(stage: Stage, adapters: Adapters, bad: str) -> None:
    fleet(stage, adapters, a_machine("200001"), a_machine("200002"))
    table = f"Seriennummer;Zähler;Stand\n{bad}\nSN200002;S/W;11000\n"
    answer = told(stage, table)
    assert reasons(answer) == [(2, "row_broken")]
    assert values(adapters, "200002") == {"1": 11_000}


@pytest.mark.parametrize(
    ("cells", "taken"),
    [
        (["11000.000", "345.000"], {"200001": 11_000, "200002": 345}),
        (["11.000", "11.050"], {"200001": 11_000, "200002": 11_050}),
        (["11000,00", "11.050,00"], {"200001": 11_000, "200002": 11_050}),
    ],
)
def test_the_column_decides_whether_a_point_groups_or_divides(
    stage: Stage, adapters: Adapters, cells: list[str], taken: dict[str, int]
) -> None:
    fleet(stage, adapters, a_machine("200001"), a_machine("200002"))
    rows = [[f"SN20000{n}", "S/W", cell] for n, cell in enumerate(cells, start=1)]
    answer = told(stage, as_list(["Seriennummer", "Zähler", "Stand"], *rows, delimiter=";"))
    claimed = {
        one["machine_id"]: one["values"]["1"] if "values" in one else one["readings"][0]["value"]
        for one in (*answer["taken"], *answer["to_check"])
    }
    assert claimed == taken


def test_rejected_rows_come_back_as_a_workbook_to_mend(stage: Stage, adapters: Adapters) -> None:
    fleet(stage, adapters, a_machine("200001"), a_machine("200002"), a_machine("200003"))
    table = (
        "Liste der Geräte\nSeriennummer;Raum;Zähler;Stand\nSN200001;1;S/W;11000\n"
        "SN200002;2;Fax;11000\nSN200003;3;S/W;zwölf\n"
    )
    answer = told(stage, table)
    assert len(answer["not_recognised"]) == 2
    back = stage.customer("POST", "/api/fleet/rejected.xlsx", table.encode())
    assert (back.status, back.headers["Content-Type"]) == (200, XLSX)
    headings, *rows = sheet_of(back)
    assert headings == ["Seriennummer", "Raum", "Zähler", "Stand", "Zeile der Datei", "Grund"]
    assert [row[:5] for row in rows] == [
        ["SN200002", "2", "Fax", "11000", 4],
        ["SN200003", "3", "S/W", "zwölf", 5],
    ]
    assert "Fax" in rows[0][5]
    assert values(adapters, "200002") == {}
    rows[0][2], rows[1][3] = "S/W", "11050"
    mended = as_list(headings, *[[str(cell) for cell in row] for row in rows], delimiter=";")
    answer = told(stage, mended)
    assert (reasons(answer), len(answer["taken"])) == ([], 2)
    assert values(adapters, "200003") == {"1": 11_050}
    assert answer["progress"] == {"reported": 0, "total": 3}


def test_a_sheet_without_headings_comes_back_with_some(stage: Stage, adapters: Adapters) -> None:
    fleet(stage, adapters, a_machine("200001"))
    back = stage.customer("POST", "/api/fleet/rejected.xlsx", b"SN200001\tFax\t5\n", language="en")
    headings, row = sheet_of(back)
    assert headings == ["Serial number", "Meter", "New reading", "Row of the file", "Why not taken"]
    assert row[:4] == ["SN200001", "Fax", "5", 1]


def test_a_sheet_that_came_as_text_and_lost_letters_is_refused(
    stage: Stage, adapters: Adapters
) -> None:
    fleet(stage, adapters, a_machine("200001"))
    answer = stage.customer(
        "POST",
        "/api/fleet",
        "Seriennummer;Z\ufffdhler;Stand\n",
        headers={"content-type": "text/csv"},
    )
    assert (answer.status, answer.json["code"]) == (415, "letters_lost")


@pytest.mark.parametrize("word", ["NULL", "n/a", "-", "(leer)"])
def test_words_for_nothing_are_no_readings(stage: Stage, adapters: Adapters, word: str) -> None:
    fleet(stage, adapters, a_machine("200001"))
    heads = ["Serial Number", "B&W Total", "Color Total"]
    answer = told(stage, as_list(heads, ["SN200001", "11000", word]))
    assert (reasons(answer), values(adapters)) == ([], {"1": 11_000})
