"""What a reading more in an export costs its import: calls of our own functions, and no unit of the table."""

from __future__ import annotations

import sys
from collections import Counter
from pathlib import Path

import pytest
from meterportal.usecases.exchange import import_master_data

from tests.benchmarks.imports.__main__ import imported, on_disk
from tests.benchmarks.imports.export import MACHINES, METERS, written
from tests.benchmarks.imports.in_process import DiskTable

CONTRACTS = 6


def calls(folder: Path, quarters: int) -> int:
    """Of an import in pieces, with so many readings of each meter."""
    export = folder / "imports" / "drop" / "export.zip"
    export.parent.mkdir(parents=True)
    rows = written(export, CONTRACTS, quarters=quarters)
    adapters, counts = on_disk(folder), Counter[bool]()
    assert isinstance(adapters.table, DiskTable)
    sys.setprofile(
        lambda frame, event, _: counts.update(
            [event == "call" and "/shared/meterportal/" in frame.f_code.co_filename]
        )
    )
    try:
        imported(adapters, "run", rows)
    finally:
        sys.setprofile(None)
        adapters.table.close()
    return counts[True]


def test_a_reading_more_takes_few_calls(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(import_master_data, "AT_ONCE", 0)  # the benchmark leaves it so
    monkeypatch.setenv("TABLE", "table")
    calls(tmp_path / "once", 8)  # what a process does once
    more = calls(tmp_path / "many", 16) - calls(tmp_path / "few", 8)
    assert more / (CONTRACTS * MACHINES * METERS * 8) < 16


def test_years_of_readings_are_a_unit_an_item(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(import_master_data, "AT_ONCE", 0)
    monkeypatch.setenv("TABLE", "table")
    export = tmp_path / "imports" / "drop" / "export.zip"
    export.parent.mkdir(parents=True)
    rows = written(export, CONTRACTS, quarters=16)
    adapters = on_disk(tmp_path)
    assert isinstance(adapters.table, DiskTable)
    try:
        written_to = imported(adapters, "run", rows)["table"]
    finally:
        adapters.table.close()
    assert written_to["items"] > CONTRACTS * MACHINES
    assert written_to["units"] == written_to["items"]
