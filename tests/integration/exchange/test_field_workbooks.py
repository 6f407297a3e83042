"""Workbooks that people hand in: the sheet that holds the data is found, what is no table is named."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

import pytest
from meterportal.adapters import Adapters
from meterportal.store.portfolio import holdings, machines

from tests.support.builders import a_machine
from tests.support.erp_exports import as_csv, as_zip, report, upload
from tests.support.field_base import HEADS, ROWS, base, table, taken_in, told, whole_export
from tests.support.hostile import ods
from tests.support.spreadsheets import as_sheets, fleet, reasons, values
from tests.support.spreadsheets import told as handed_in
from tests.support.stage import Stage

COVER = [["Export des ERP"], [], ["Bitte nicht ändern!"], ["Ansprechpartner: Frau Süß"]]


def test_an_export_may_be_one_workbook_with_a_sheet_for_each_kind(
    stage: Stage, adapters: Adapters
) -> None:
    answer = upload(stage, as_sheets({"Lies mich": COVER, **whole_export()}), file="export.xlsx")
    stage.drain()
    found = report(stage, answer.json["id"])
    assert (found["state"], found["rejected"], told(found)) == ("done", 0, [])
    assert {f["file"]: f["kind"] for f in found["files"]} == {
        "export.xlsx [firmen]": "companies",
        "export.xlsx [ansprechpartner]": "contacts",
        "export.xlsx [vertraege]": "contracts",
        "export.xlsx [maschinen]": "machines",
        "export.xlsx [zaehler]": "meters",
        "export.xlsx [zaehlerstaende]": "readings",
    }
    assert [f["text"] for f in found["findings"]] == [
        "Das Blatt „Lies mich“ wurde übergangen: An seinen Überschriften ist nicht zu erkennen, was es enthält."
    ]
    machine = machines.load(adapters.table, "81000", "820001")
    assert machine is not None
    assert len(machine.meters[0].history) == 5


def test_numbers_and_days_of_a_workbook_are_what_they_are(stage: Stage, adapters: Adapters) -> None:
    base(stage)
    rows: list[list[Any]] = [
        [820001, 1, date(2026, 11, 20), 24100, "Techniker", True, None, None],
        [820002.0, 1.0, datetime(2026, 11, 20, 14, 33), 24200.0, "Techniker", "J"],  # noqa: DTZ001
        ["820003", "1", "20.11.2026", "24.300", "Techniker", "J"],
        [820004, 1, date(2026, 11, 20), 24.345, "Techniker", "J"],
    ]
    content = as_sheets({"Stände": [["Zählerstände"], [], HEADS["zaehlerstaende"], *rows]})
    found = taken_in(stage, "zaehlerstaende", content)
    assert told(found) == [(7, "not_a_whole_number")]
    for number, value in ((1, 24_100), (2, 24_200), (3, 24_300)):
        machine = machines.load(adapters.table, "81000", f"82000{number}")
        assert machine is not None
        last = machine.meters[0].last
        assert last is not None
        assert (last.value, str(last.read_on)) == (value, "2026-11-20")


def test_an_open_document_is_read_like_a_workbook(stage: Stage, adapters: Adapters) -> None:
    base(stage)
    cells = "".join(
        ods.row(*(ods.text(cell) for cell in row))
        for row in table("firmen", ["81000", "Öl &amp; Süß", "", "", "Köln", "DE"])
    )
    cover = ods.table(ods.row(ods.text("Titel")), name="Deckblatt")
    content = ods.book(cover + ods.table(cells, name="Firmen"))
    found = taken_in(stage, "firmen", content)
    assert (found["accepted"], told(found)) == (1, [])
    assert holdings.companies(adapters.table, ["81000"])["81000"].name == "Öl & Süß"


def test_a_formula_without_a_stored_value_is_no_empty_cell(
    stage: Stage, adapters: Adapters
) -> None:
    base(stage)
    row = ["820001", "1", "20.11.2026", "=24000+100", "Techniker", "J", None, None]
    found = taken_in(stage, "zaehlerstaende", as_sheets({"S": [HEADS["zaehlerstaende"], row]}))
    assert told(found) == [(2, "uncalculated")]
    fleet(stage, adapters, a_machine("200001"))
    answer = handed_in(
        stage, as_sheets({"S": [["Seriennummer", "Zähler", "Stand"], ["SN200001", "S/W", "=1+1"]]})
    )
    assert reasons(answer) == [(2, "uncalculated")]
    assert answer["blank"] == 0


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"%PDF-1.7\n", "PDF"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600, "alten Format"),
        (b"<html><table><tr><td>Firmennummer</td></tr></table></html>", "HTML"),
        (b"PK\x03\x04 and then nothing", "beschädigt"),
    ],
)
def test_what_is_no_table_is_refused_by_its_name(stage: Stage, content: bytes, words: str) -> None:
    found = taken_in(stage, "firmen", content)
    assert found["state"] == "failed"
    assert words in found["findings"][0]["text"]


def test_one_unreadable_file_of_an_archive_leaves_the_others(stage: Stage) -> None:
    packed = as_zip(
        {
            "firmen.xlsx": as_sheets({"F": [HEADS["firmen"], *ROWS["firmen"]]}),
            "alt.xls": b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600,
            "ansprechpartner.csv": as_csv([HEADS["ansprechpartner"], *ROWS["ansprechpartner"]]),
        }
    )
    answer = upload(stage, packed)
    stage.drain()
    found = report(stage, answer.json["id"])
    assert (found["state"], found["accepted"]) == ("done", 2)
    assert [(f["file"], f["severity"]) for f in found["findings"]] == [("alt.xls", "error")]


def test_the_sheet_with_known_headings_is_handed_in_not_the_cover(
    stage: Stage, adapters: Adapters
) -> None:
    fleet(stage, adapters, a_machine("200001"))
    rows: list[list[Any]] = [
        ["Liste"],
        ["Serial Number", "B&W Total", "Color Total"],
        ["SN200001", 11000, 4300],
    ]
    answer = handed_in(stage, as_sheets({"Anleitung": COVER, "Data": rows}))
    assert (reasons(answer), values(adapters)) == ([], {"1": 11_000, "2": 4300})
