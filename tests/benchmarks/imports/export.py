"""An export of the ERP of any size, written as a stream: per contract three machines, nine meters and a
reading of each for every quarter; five contracts and six contacts for every two companies."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterable, Iterator, Sequence
from datetime import date, timedelta
from pathlib import Path

MACHINES, METERS = 3, 3
"""Of a contract, and of a machine."""
_LAST = date(2026, 8, 28)

Cells = Sequence[object]


def written(path: Path, contracts: int, *, quarters: int = 16) -> int:
    """Writes the archive; returns how many rows are in it."""
    rows = 0
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
        for name, table in _tables(contracts, quarters):
            with archive.open(name, "w", force_zip64=True) as entry:
                text = io.TextIOWrapper(entry, encoding="utf-8", newline="")
                for number, cells in enumerate(table):
                    text.write(";".join(map(str, cells)) + "\r\n")
                    rows += number > 0
                text.flush()
                text.detach()
    return rows


def _tables(contracts: int, quarters: int) -> Iterator[tuple[str, Iterable[Cells]]]:
    companies = -(-contracts * 2 // 5)
    yield "firmen.csv", _companies(companies)
    yield "ansprechpartner.csv", _contacts(companies)
    yield "vertraege.csv", _contracts(contracts)
    yield "maschinen.csv", _machines(contracts)
    yield "zaehler.csv", _meters(contracts)
    yield "zaehlerstaende.csv", _readings(contracts, quarters)


def _companies(count: int) -> Iterator[Cells]:
    yield "Firmennummer", "Firma", "Straße", "PLZ", "Ort", "Sprache"
    for n in range(count):
        yield (
            f"1{n:06}",
            f"Muster {n} GmbH",
            f"Ring {n % 90}",
            f"{50_000 + n % 9_000}",
            "Köln",
            "DE",
        )


def _contacts(companies: int) -> Iterator[Cells]:
    yield "Ansprechpartnernummer", "Firmennummer", "Vorname", "Nachname", "E-Mail", "Rolle", "Aktiv"
    for n in range(companies):
        for place, role in enumerate(("Zählermeldung", "Einkauf", "IT")):
            address = f"{role[:2].lower().replace('ä', 'a')}{n}@firma{n}.example"
            yield f"5{n:06}{place}", f"1{n:06}", "Clara", f"Schäfer {place}", address, role, "J"


def _contracts(count: int) -> Iterator[Cells]:
    yield (
        *("Vertragsnummer", "Firmennummer", "Bezeichnung", "Vertragsbeginn", "Vertragsende"),
        *("Intervall", "Nächste Abrechnung", "Zählermeldung durch", "Melde-Ansprechpartner"),
    )
    for n in range(count):
        company = n * 2 // 5
        yield (
            *(f"7{n:07}", f"1{company:06}", f"Service {n}", "28.11.2022", "28.06.2030"),
            *("vierteljährlich", "28.11.2026", "CO Portal", f"5{company:06}0"),
        )


def _machines(contracts: int) -> Iterator[Cells]:
    yield (
        *("Maschinennummer", "Vertragsnummer", "Seriennummer", "Hersteller", "Modell"),
        *("Standort", "Gebäude", "Etage", "Raum", "Aktiv"),
    )
    for n in range(contracts * MACHINES):
        yield (
            *(f"2{n:07}", f"7{n // MACHINES:07}", f"SN{n:08}", "Ricoh", "IM C3000"),
            *("Zentrale", "A", f"{n % 4}. OG", f"{n % 300}", "J"),
        )


def _meters(contracts: int) -> Iterator[Cells]:
    yield (
        "Maschinennummer",
        "Zählernummer",
        "Zähler",
        "Art",
        "Stellen",
        "Kumulierend",
        "Abrechnungsrelevant",
    )
    kinds = (("S/W", "schwarz/weiss"), ("Farbe", "Farbe"), ("Scan", "Scan"))
    for n in range(contracts * MACHINES):
        for place, (label, kind) in enumerate(kinds[:METERS], start=1):
            yield f"2{n:07}", place, label, kind, "7", "J", "J"


def _readings(contracts: int, quarters: int) -> Iterator[Cells]:
    yield "Maschinennummer", "Zählernummer", "Datum", "Stand", "Meldung durch", "Abgerechnet"
    days = [
        (_LAST - timedelta(days=91 * back)).strftime("%d.%m.%Y")
        for back in reversed(range(quarters))
    ]
    for n in range(contracts * MACHINES):
        for meter in range(1, METERS + 1):
            for place, day in enumerate(days):
                yield f"2{n:07}", meter, day, value_of(n, meter, place), "CO Portal", "J"


def value_of(machine: int, meter: int, place: int) -> int:
    """The value of a meter after so many quarters."""
    return 1_000 + machine % 977 + place * (900 + machine % 200 + 40 * meter)
