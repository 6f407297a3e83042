"""Rows of a long import: texts that are kept while they are read, and rows between two of its stages,
sorted into parts and read again."""

from __future__ import annotations

import json
from datetime import date
from typing import Any

import pytest
from meterportal.domain.exchange.imports import decisions, row_reading
from meterportal.domain.exchange.imports.archives import SourceFile
from meterportal.domain.exchange.imports.columns import default_columns
from meterportal.domain.exchange.imports.faults import Fault
from meterportal.domain.exchange.imports.long_imports import (
    LongSheet,
    packed_rows,
    unpacked_rows,
)
from meterportal.domain.exchange.imports.reading import order_values, read_text
from meterportal.domain.exchange.imports.rows import ReadFile, SheetRow
from meterportal.mail.addresses import mailbox

CONTRACTS = ReadFile(
    "vertraege.csv", "contracts", places={"id": 0, "starts_on": 1, "reporters": 2, "name": 3}
)
order_values(CONTRACTS)
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
    lines.append(json.dumps([1, [[4, values], [5, values, ["id"]]]]))
    day, people = date(2024, 2, 29), ("5001", "5002")
    expected = ("7001", day, people, "Service")
    assert read_again("\n".join(lines).encode()) == [
        (2, expected, frozenset()),
        (3, expected, frozenset({"name"})),
        (4, expected, frozenset()),
        (5, expected, frozenset({"id"})),
    ]


READINGS = """Maschinennummer;Zählernummer;Datum;Stand;Meldung durch;Melder;Nullung bei
20001;1;28.08.2026;12.345;CO Portal;M?ller;
20001;1;29.08.2026 10:30;12345;CO Portal;M?ller;
20001;2;28.08.2026;;Rauchzeichen;k.A.;7
20001;2;28.08.2026;007;CO Portal;k.A.;
20001;1;28.08.2026;1.234,00;;Schäfer;#NV
20001;1;30.02.2026;1234567890123;CO Portal;Schäfer;12
"""


def test_texts_of_columns_that_are_not_kept_are_read_alike(monkeypatch: pytest.MonkeyPatch) -> None:
    source = SourceFile("zaehlerstaende.csv", READINGS.encode())

    def found() -> tuple[list[Any], list[Fault], set[int], set[str]]:
        sheet = read_text(source, default_columns(), today=date(2026, 11, 23), address=mailbox)
        rows = [(row.line, row.values, row.spoilt) for row in sheet.rows]
        return rows, sheet.faults, sheet.rejected, sheet.named

    kept = found()
    monkeypatch.setattr(row_reading, "_KEPT", 0)
    monkeypatch.setattr(decisions, "_KEPT", 0)
    assert found() == kept
    rows, faults, *_ = kept
    assert len(rows) == 4
    assert [fault.line for fault in faults if fault.code == "letters_lost"] == [2, 3]
