"""Rows of a long import between two of its stages: sorted into parts, and read again."""

from __future__ import annotations

import json
from datetime import date

import pytest
from meterportal.domain.exchange.imports.long_imports import (
    LongSheet,
    packed_rows,
    unpacked_rows,
)
from meterportal.domain.exchange.imports.reading import order_values
from meterportal.domain.exchange.imports.rows import ReadFile, SheetRow

CONTRACTS = ReadFile(
    "vertraege.csv", "contracts", places={"id": 0, "starts_on": 1, "reporters": 2, "name": 3}
)
VALUES = [
    ("7001", date(2024, 2, 29), ("5001", "5002"), "Größe\u2028\n"),
    ("7002", None, None, None),
    ("7003", date(2024, 2, 29), (), ""),
]


def read_again(*lines: bytes) -> list[tuple[int, tuple[object, ...], frozenset[str]]]:
    sheets = [LongSheet.of("", 0, ReadFile("firmen.csv")), LongSheet.of("", 1, CONTRACTS)]
    (found,) = unpacked_rows(sheets, lines, order_values)
    return [(row.line, row.values, row.spoilt) for row in found.rows]


@pytest.mark.parametrize("spoilt", [frozenset[str](), frozenset({"name", "id"})])
def test_rows_are_read_as_they_were_sorted(spoilt: frozenset[str]) -> None:
    rows = [SheetRow(CONTRACTS, n, values, spoilt) for n, values in enumerate(VALUES, start=2)]
    pieces = packed_rows(1, rows[:2]), packed_rows(1, rows[2:])
    expected = [(row.line, row.values, row.spoilt) for row in rows]
    assert read_again(*pieces) == read_again(b"".join(pieces)) == expected


def test_rows_that_an_earlier_version_has_sorted_are_read() -> None:
    values = ["7001", "2024-02-29", ["5001", "5002"], "Service"]
    lines = [json.dumps([1, 2, values]), json.dumps([1, 3, values, ["name"]])]
    day, people = date(2024, 2, 29), ("5001", "5002")
    expected = ("7001", day, people, "Service")
    assert read_again("\n".join(lines).encode()) == [
        (2, expected, frozenset()),
        (3, expected, frozenset({"name"})),
    ]
