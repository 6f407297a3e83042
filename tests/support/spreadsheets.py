"""Spreadsheets of a fleet, as tests hand them out and in."""

from __future__ import annotations

import io
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from meterportal.adapters import Adapters
from meterportal.domain.portfolio.machines import Machine
from openpyxl import Workbook, load_workbook

from tests.support.builders import a_holding, a_machine
from tests.support.customers import signed_in, stored
from tests.support.packed import without_clock
from tests.support.stage import Answer, Stage

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
GOOD = {"1": 11_000, "2": 4300}


def fleet(stage: Stage, adapters: Adapters, *machines: Machine) -> None:
    """A signed-in contact with these machines, two unless told otherwise."""
    devices = machines or (a_machine("200001"), a_machine("200002"))
    signed_in(stage, adapters, a_holding(machines=devices))


def hand_in(stage: Stage, content: str | bytes, *, query: str = "", **headers: str) -> Answer:
    sent = content.encode() if isinstance(content, str) else content
    return stage.customer("POST", f"/api/fleet{query}", sent, headers=headers)


def told(stage: Stage, content: str | bytes, **more: Any) -> Any:
    """What was told about a sheet that could be read."""
    answer = hand_in(stage, content, **more)
    assert answer.status == 200, answer.text
    return answer.json


def reasons(answer: Any) -> list[tuple[int, str]]:
    """Line and code of the rows that were not taken."""
    return [(left["line"], left["code"]) for left in answer["not_recognised"]]


def values(adapters: Adapters, machine_id: str = "200001") -> dict[str, int]:
    """What is reported for a machine, by meter id."""
    return {reading.meter_id: reading.value for reading in stored(adapters, machine_id).readings}


def sheet_of(answer: Answer) -> list[list[Any]]:
    """The cells of a workbook that was handed out."""
    sheet = load_workbook(io.BytesIO(answer.content)).worksheets[0]
    return [[cell.value for cell in row] for row in sheet.iter_rows()]


def as_workbook(rows: Iterable[Sequence[Any]]) -> bytes:
    """A workbook of one sheet, the same on every day."""
    return as_sheets({"Sheet": list(rows)})


def as_sheets(sheets: Mapping[str, Iterable[Sequence[Any]]], hidden: str = "") -> bytes:
    """A workbook of these sheets, the same on every day; the one named `hidden` is not shown."""
    book = Workbook()
    book.remove(book.worksheets[0])
    for name, rows in sheets.items():
        sheet = book.create_sheet(name)
        for row in rows:
            sheet.append(list(row))
        if name == hidden:
            sheet.sheet_state = "hidden"
    written = io.BytesIO()
    book.save(written)
    return without_clock(written.getvalue())
