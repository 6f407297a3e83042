"""A small customer as an ERP exports it, for files that the field does something to."""

from __future__ import annotations

from typing import Any

from tests.support.erp_exports import Table, as_csv, imported, report, upload
from tests.support.stage import Stage

HEADS: dict[str, list[str]] = {
    "firmen": ["Firmennummer", "Firma", "Straße", "PLZ", "Ort", "Sprache"],
    "ansprechpartner": ["Ansprechpartnernummer", "Firmennummer", "Vorname", "Nachname", "E-Mail", "Rolle", "Aktiv", "Telefon"],
    "vertraege": ["Vertragsnummer", "Firmennummer", "Bezeichnung", "Vertragsbeginn", "Vertragsende", "Intervall", "Nächste Abrechnung", "Zählermeldung durch", "Melde-Ansprechpartner"],
    "maschinen": ["Maschinennummer", "Vertragsnummer", "Seriennummer", "Hersteller", "Modell", "Kundenmaschinen-Nr.", "Standort", "Etage", "Raum", "Aktiv"],
    "zaehler": ["Maschinennummer", "Zählernummer", "Zähler", "Art", "Stellen", "Kumulierend", "Klickfaktor", "Abrechnungsrelevant", "Freikopien"],
    "zaehlerstaende": ["Maschinennummer", "Zählernummer", "Datum", "Stand", "Meldung durch", "Abgerechnet", "Nullung bei", "Nullung Startzähler"],
}  # fmt: skip

ROWS: dict[str, list[list[str]]] = {
    "firmen": [["81000", "Tischlerei Ödön GmbH", "Weg 1", "01067", "Dresden", "DE"]],
    "ansprechpartner": [["8501", "81000", "Jörg", "Süß", "joerg@oedoen.example", "Zählermeldung", "J", "0351 123"]],
    "vertraege": [["87001", "81000", "Wartung", "01.01.2024", "31.12.2030", "vierteljährlich", "28.11.2026", "CO Portal", "8501"]],
    "maschinen": [[f"82000{n}", "87001", f"GX0{n}", "Kyocera", "ECOSYS M6635cidn", f"K-{n}", "Zentrale", "EG", f"{n}", "J"] for n in (1, 2, 3, 4)],
    "zaehler": [[f"82000{n}", "1", "S/W", "schwarz/weiss", "7", "J", "1", "J", "0"] for n in (1, 2, 3, 4)],
    "zaehlerstaende": [
        [f"82000{n}", "1", day, value, "CO Portal", "J", "", ""]
        for n in (1, 2, 3, 4)
        for day, value in (("28.08.2025", "10000"), ("28.11.2025", "13000"), ("28.02.2026", "16000"), ("28.05.2026", "19000"), ("28.08.2026", "22000"))
    ],
}  # fmt: skip


def base(stage: Stage) -> None:
    """The customer is imported."""
    found = imported(stage, {f"{kind}.csv": [HEADS[kind], *ROWS[kind]] for kind in HEADS})
    assert (found["state"], found["rejected"], found["findings"]) == ("done", 0, [])


def table(kind: str, *rows: list[str]) -> Table:
    return [HEADS[kind], *rows]


def taken_in(stage: Stage, kind: str, content: bytes | Table, **parameters: str) -> Any:
    """The report of one file, sent as the console sends it."""
    sent = content if isinstance(content, bytes) else as_csv(content, encoding="utf-8")
    answer = upload(stage, sent, kind="application/octet-stream", file=f"{kind}.csv", **parameters)
    assert answer.status == 202, answer.text
    stage.drain()
    return report(stage, answer.json["id"])


def told(found: Any, *severities: str) -> list[tuple[int | None, str]]:
    """(line, code) of the findings of these severities, all but notes unless told otherwise."""
    wanted = severities or ("error", "warning")
    return [(f["line"], f["code"]) for f in found["findings"] if f["severity"] in wanted]


def whole_export() -> dict[str, list[list[str]]]:
    """All of it: its tables by kind, each with its headings."""
    return {kind: [HEADS[kind], *ROWS[kind]] for kind in HEADS}
