"""Exports of the ERP for tests: small ones made of rows, and the demo's own six files in many forms."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import Any

from meterportal.domain.exchange.imports.archives import SourceFile
from meterportal.domain.exchange.imports.batch import (
    Batch,
    Known,
    Portion,
    gather,
    portions,
    settle_people,
)
from meterportal.domain.exchange.imports.columns import Columns, default_columns, fold
from meterportal.domain.exchange.imports.faults import Fault
from meterportal.domain.exchange.imports.planning import CompanyPlan, StoredCompany, plan
from meterportal.domain.exchange.imports.reading import read_text
from meterportal.domain.exchange.imports.rows import ReadFile
from meterportal.mail.addresses import mailbox

from tests.support.packed import packed
from tests.support.stage import Answer, Stage

TODAY = date(2026, 11, 23)
DEMO = Path(__file__).parents[2] / "infra" / "local" / "demo"
DEMO_FILES = tuple(sorted(path.name for path in DEMO.glob("*.csv")))

Table = list[list[str]]
"""A file as rows of cells, headings first."""

COMPANIES: Table = [
    ["Firmennummer", "Firma", "Straße", "PLZ", "Ort", "Sprache"],
    ["10000", "Muster GmbH", "Hauptstraße 1", "53111", "Bonn", "DE"],
    ["10007", "Beispiel AG", "Ring 2", "50667", "Köln", "EN"],
]
CONTACTS: Table = [
    ["Ansprechpartnernummer", "Firmennummer", "Anrede", "Vorname", "Nachname", "E-Mail", "Rolle", "Sprache", "Aktiv"],
    ["5001", "10000", "Frau", "Clara", "Schäfer", "c.schaefer@muster.example", "Zählermeldung", "DE", "J"],
    ["5002", "10000", "Herr", "Björn", "Groß", "b.gross@muster.example", "Einkauf", "DE", "J"],
    ["5003", "10007", "Frau", "Anna", "Lange", "anna@beispiel.example", "Zählermeldung", "EN", "J"],
]  # fmt: skip
CONTRACTS: Table = [
    ["Vertragsnummer", "Firmennummer", "Bezeichnung", "Vertragsbeginn", "Vertragsende", "Intervall", "Nächste Abrechnung", "Zählermeldung durch", "Melde-Ansprechpartner"],
    ["70001", "10000", "Service 1", "28.11.2023", "28.06.2030", "vierteljährlich", "28.11.2026", "CO Portal", "5001"],
    ["70002", "10007", "Service 2", "28.11.2023", "28.06.2030", "monatlich", "28.11.2026", "CO Portal", ""],
]  # fmt: skip
MACHINES: Table = [
    ["Maschinennummer", "Vertragsnummer", "Seriennummer", "Hersteller", "Modell", "Kundenmaschinen-Nr.", "Standort", "Gebäude", "Etage", "Raum", "Aktiv"],
    ["200001", "70001", "SN200001", "Ricoh", "IM C3000", "K-1", "Zentrale", "A", "EG", "101", "J"],
    ["200002", "70001", "SN200002", "Kyocera", "ECOSYS", "", "Zentrale", "A", "1. OG", "110", "J"],
    ["200003", "70002", "SN200003", "Canon", "DX", "", "Werk 2", "B", "UG", "1", "J"],
]  # fmt: skip
METERS: Table = [
    ["Maschinennummer", "Zählernummer", "Zähler", "Art", "Gerätebezeichnung", "Stellen", "Kumulierend", "Klickfaktor", "Abrechnungsrelevant", "Freikopien"],
    ["200001", "1", "S/W", "schwarz/weiss", "Schwarz", "7", "J", "1", "J", "1000"],
    ["200001", "2", "Farbe", "Farbe", "Vollfarbe", "6", "J", "1", "J", "0"],
    ["200002", "1", "S/W", "schwarz/weiss", "Schwarz", "7", "J", "1", "J", "0"],
    ["200003", "1", "S/W", "schwarz/weiss", "Schwarz", "7", "J", "1", "J", "0"],
]  # fmt: skip
READINGS: Table = [
    ["Maschinennummer", "Zählernummer", "Datum", "Stand", "Meldung durch", "Melder", "Geschätzt", "Abgerechnet", "Nullung bei", "Nullung Startzähler"],
    ["200001", "1", "28.08.2026", "4000", "CO Portal", "Schäfer", "", "J", "", ""],
    ["200001", "1", "28.05.2026", "3000", "Techniker", "Groß", "", "J", "", ""],
    ["200001", "2", "28.08.2026", "900", "Schätzung", "", "J", "J", "", ""],
    ["200002", "1", "28.08.2026", "150", "Techniker", "Groß", "", "J", "9800", "0"],
    ["200003", "1", "28.10.2026", "7000", "MPS", "", "", "", "", ""],
]  # fmt: skip

FILES: Mapping[str, Table] = {
    "firmen.csv": COMPANIES,
    "ansprechpartner.csv": CONTACTS,
    "vertraege.csv": CONTRACTS,
    "maschinen.csv": MACHINES,
    "zaehler.csv": METERS,
    "zaehlerstaende.csv": READINGS,
}


def with_cells(table: Table, line: int, **cells: str) -> Table:
    """The table with other cells in a line (the first row after the headings is line 2).

    Cells are named by the beginning of their heading, folded: `nachste` for "Nächste Abrechnung".
    """
    changed = [list(row) for row in table]
    for name, cell in cells.items():
        place = next(n for n, head in enumerate(table[0]) if fold(head).startswith(fold(name)))
        changed[line - 1][place] = cell
    return changed


def as_csv(
    table: Iterable[Sequence[str]],
    *,
    encoding: str | None = None,
    delimiter: str = ";",
    newline: str = "\r\n",
) -> bytes:
    """The table as a file: Windows-1252 as the ERP writes it, or UTF-8 where that has no letter for it."""
    file = io.StringIO()
    csv.writer(file, delimiter=delimiter, lineterminator=newline).writerows(table)
    text = file.getvalue()
    if encoding is None:
        encoding = "utf-8" if text.encode("cp1252", "ignore").decode("cp1252") != text else "cp1252"
    return text.encode(encoding)


def as_zip(files: Mapping[str, bytes | Table], *, folder: str = "") -> bytes:
    return packed(
        {
            folder + name: content if isinstance(content, bytes) else as_csv(content)
            for name, content in files.items()
        }
    )


def demo_table(name: str) -> Table:
    with (DEMO / name).open(encoding="cp1252", newline="") as file:
        return list(csv.reader(file, delimiter=";"))


def demo_zip() -> bytes:
    return as_zip({name: (DEMO / name).read_bytes() for name in DEMO_FILES})


_OWNERS = {
    "ansprechpartner.csv": ("Firmennummer", "firmen.csv"),
    "vertraege.csv": ("Firmennummer", "firmen.csv"),
    "maschinen.csv": ("Vertragsnummer", "vertraege.csv"),
    "zaehler.csv": ("Maschinennummer", "maschinen.csv"),
    "zaehlerstaende.csv": ("Maschinennummer", "maschinen.csv"),
}


def demo_part(every: int) -> bytes:
    """The demo's export with every n-th company alone."""
    tables = {name: demo_table(name) for name in DEMO_FILES}
    head, *companies = tables["firmen.csv"]
    tables["firmen.csv"] = [head, *companies[::every]]
    for name, (column, owner) in _OWNERS.items():
        place = tables[name][0].index(column)
        known = {row[0] for row in tables[owner]}  # headings, too
        tables[name] = [row for row in tables[name] if row[place] in known]
    return as_zip(tables)


# by the front door


def upload(
    stage: Stage, content: bytes, *, kind: str = "application/zip", **parameters: str
) -> Answer:
    query = "&".join(f"{name}={value}" for name, value in parameters.items())
    path = "/api/staff/imports" + (f"?{query}" if query else "")
    return stage.staff("POST", path, content, headers={"content-type": kind})


def imported(stage: Stage, content: bytes | Mapping[str, Table], **parameters: str) -> Any:
    """Upload, let the queue work, and give back the report."""
    sent = content if isinstance(content, bytes) else as_zip(content)
    kind = "application/zip" if sent.startswith(b"PK") else "application/octet-stream"
    started = upload(stage, sent, kind=kind, **parameters)
    assert started.status == 202, started.text
    stage.drain()
    return report(stage, started.json["id"])


def report(stage: Stage, import_id: str, *, language: str = "de") -> Any:
    answer = stage.staff("GET", f"/api/staff/imports/{import_id}", language=language)
    assert answer.status == 200, answer.text
    return answer.json


def codes(found: Any) -> list[tuple[str, int | None, str | None, str]]:
    """(file, line, field, code) of a report's findings."""
    return [(f["file"], f["line"], f["field"], f["code"]) for f in found["findings"]]


# without any store


def read(name: str, content: bytes | Table, columns: Columns | None = None) -> ReadFile:
    given = content if isinstance(content, bytes) else as_csv(content)
    return read_text(
        SourceFile(name, given), columns or default_columns(), today=TODAY, address=mailbox
    )


def taken(files: Mapping[str, bytes | Table]) -> tuple[Batch, list[CompanyPlan]]:
    """The files against an empty table: everything that the domain alone decides."""
    sheets = [read(name, content) for name, content in files.items()]
    batch = gather(sheets)
    known = Known()
    settle_people(batch, known)
    plans = [_planned(part) for part in portions(batch, known)]
    for made in plans:
        batch.faults += made.faults
        batch.faults += [row.reject(fault) for row, fault in made.rejected]
    for sheet in sheets:
        batch.faults += sheet.faults
    return batch, plans


def _planned(part: Portion) -> CompanyPlan:
    return plan(part, StoredCompany(), since={}, away=frozenset(), released={})


def told(faults: Iterable[Fault]) -> list[tuple[int | None, str | None, str]]:
    """(line, field, code), without what is only noted."""
    return [(f.line, f.field, f.code) for f in faults if f.severity.value != "info"]
