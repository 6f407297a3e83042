"""Hostile files at the front doors: a clear answer, nothing stored, no import that never ends."""

from __future__ import annotations

import zipfile
from collections.abc import Iterable
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from meterportal.adapters import Adapters

from tests.support.customers import everything
from tests.support.erp_exports import COMPANIES, as_csv, as_zip, codes, imported, report, upload
from tests.support.hostile import ods, xlsx, zips
from tests.support.hostile.mutations import mutated
from tests.support.packed import Entry, packed, raw
from tests.support.spreadsheets import as_workbook, fleet, hand_in, reasons, told, values
from tests.support.stage import Answer, Stage

FILES = Path(__file__).parents[2] / "files"
ODS = "application/vnd.oasis.opendocument.spreadsheet"


def an_ods() -> bytes:
    """A fleet sheet behind a cover sheet, as LibreOffice writes it."""
    day = '<table:table-cell office:value-type="date" office:date-value="2026-11-20"/>'
    rows = [
        ods.row(*map(ods.text, ("Seriennummer", "Zähler", "Neuer Stand", "Ablesedatum"))),
        ods.row(ods.text("SN200001"), ods.text("S/W"), ods.number("11000"), day),
        ods.row(ods.text("SN200002"), ods.text("S/W"), ods.number("11050"), day),
        ods.row(ods.empty(ods.repeated(2**20)[0]), more=ods.repeated(1, 2**20)[1]),
    ]
    return ods.book(ods.table("", name="Leer"), ods.table("".join(rows), name="Zähler"))


def refused(answer: Answer) -> str:
    """The words of a refusal of the whole sheet."""
    assert (answer.status, answer.json["code"]) == (422, "sheet_refused"), answer.text
    words: str = answer.json["detail"]
    return words


def ended(stage: Stage) -> list[Any]:
    """The imports, each run to its end."""
    stage.drain()
    found: list[Any] = stage.staff("GET", "/api/staff/imports?limit=100").json["imports"]
    assert {one["state"] for one in found} <= {"done", "failed"}
    return found


def test_an_open_document_spreadsheet_is_taken_like_any_other(
    stage: Stage, adapters: Adapters
) -> None:
    fleet(stage, adapters)
    answer = told(stage, an_ods(), **{"content-type": ODS})
    assert [(one["machine_id"], one["line"]) for one in answer["taken"]] == [
        ("200001", 2),
        ("200002", 3),
    ]
    assert reasons(answer) == []
    assert values(adapters) == {"1": 11_000}
    assert answer["taken"][0]["readings"][0]["read_on"] == date(2026, 11, 20).isoformat()


@pytest.mark.parametrize(
    ("content", "words"),
    [
        ((FILES / "libreoffice.xls").read_bytes(), "alten Format von Excel"),
        ((FILES / "locked.xlsx").read_bytes(), "mit einem Kennwort geschützt"),
        (b"%PDF-1.7\n", "ein PDF"),
        (b"<html><table>", "Internetseite"),
        (as_zip({"firmen.csv": COMPANIES}), "packen Sie es aus"),
        (packed(xlsx.parts(xlsx.PLAIN), method=zipfile.ZIP_LZMA), "LZMA"),
        (raw(Entry(b"xl/workbook.xml", b"<x/>", flags=1) for _ in range(1)), "Kennwort"),
        (xlsx.with_parts({"xl/vbaProject.bin": b"\0"}), "Makros"),
        (as_workbook([["x"]])[:-40], "beschädigt"),
        (ods.book(ods.table(ods.row(ods.text("x" * 40_000)))), "länger als 32767 Zeichen"),
    ],
    ids=["xls", "locked", "pdf", "html", "zip", "lzma", "encrypted", "macros", "cut", "long"],
)
def test_a_fleet_sheet_that_is_none_is_refused_in_the_right_words(
    stage: Stage, adapters: Adapters, content: bytes, words: str
) -> None:
    fleet(stage, adapters)
    before = everything(adapters)
    assert words in refused(hand_in(stage, content))
    assert everything(adapters) == before


def test_a_formula_that_nobody_calculated_is_no_blank_row(stage: Stage, adapters: Adapters) -> None:
    fleet(stage, adapters)
    table = [["Seriennummer", "Zähler", "Neuer Stand"], ["SN200001", "S/W", "=1+1"]]
    answer = told(stage, as_workbook(table))
    assert (answer["blank"], answer["taken"]) == (0, [])
    assert [line for line, _ in reasons(answer)] == [2]


def test_a_hostile_export_ends_as_failed_with_words(stage: Stage) -> None:
    small = {name: made for name, made in zips.MAKERS.items() if "100,000" not in name}
    # An import reads it in pieces, other than a request: what is too large for it is a long import's.
    small["zip of 70 MB in 70 KB"] = small["zip of 70 MB in 70 KB"][0], "unknown_file"
    started = {upload(stage, make()).json["id"]: code for make, code in small.values()}
    assert len(ended(stage)) == len(small)
    for number, code in started.items():
        german, english = report(stage, number), report(stage, number, language="en")
        assert german["state"] == ("failed" if code else "done"), code
        assert [one[3] for one in codes(german)] == [code] or not code
        for one, other in zip(german["findings"], english["findings"], strict=True):
            assert one["text"] != other["text"]


def test_the_files_of_an_export_are_looked_at_one_by_one(stage: Stage) -> None:
    """What is no table, or an archive in the archive, is told; the others are taken."""
    nested = as_zip({"firmen.csv": COMPANIES})
    found = imported(
        stage, packed({"firmen.csv": as_csv(COMPANIES), "alt.zip": nested, "zaehler.csv": nested})
    )
    assert (found["state"], found["accepted"]) == ("done", 2)
    assert [(one["file"], one["code"]) for one in found["findings"]] == [
        ("zaehler.csv", "zip_of_files"),
        ("alt.zip", "file_ignored"),
    ]


def mutated_sheets_get_an_answer(stage: Stage, numbers: Iterable[int]) -> set[int]:
    statuses = set()
    for number in numbers:
        answer = hand_in(stage, mutated(number), query="?dry_run=1")
        assert answer.status in {200, 422}, f"mutated({number}): {answer.text}"
        statuses.add(answer.status)
    return statuses


def mutated_exports_come_to_an_end(stage: Stage, numbers: Iterable[int]) -> None:
    for number in numbers:
        started = upload(stage, mutated(number), dry_run="true")
        assert started.status == 202, f"mutated({number}): {started.text}"
    for one in ended(stage):
        found = report(stage, one["id"])
        assert found["state"] == "done" or found["findings"]


def test_mutated_sheets_and_exports_get_an_answer(stage: Stage, adapters: Adapters) -> None:
    fleet(stage, adapters)
    before = everything(adapters)
    assert mutated_sheets_get_an_answer(stage, range(60)) == {200, 422}
    assert everything(adapters) == before
    mutated_exports_come_to_an_end(stage, range(60, 90))


@pytest.mark.long
def test_a_thousand_mutated_sheets_and_exports_get_an_answer(
    stage: Stage, adapters: Adapters
) -> None:
    fleet(stage, adapters)
    mutated_sheets_get_an_answer(stage, range(1_000, 2_000))
    for first in range(2_000, 3_000, 100):
        mutated_exports_come_to_an_end(stage, range(first, first + 100))
