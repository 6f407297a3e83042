"""The demo's export by the front door: every planted fault in words, every row with a result."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Callable
from typing import Any

import pytest
from meterportal.adapters import Adapters
from meterportal.domain.portfolio.contracts import METER_REPORTING, ReadingChannel
from meterportal.store.access import mailboxes
from meterportal.store.portfolio import holdings, machines

from tests.support.erp_exports import (
    DEMO,
    DEMO_FILES,
    Table,
    as_csv,
    as_zip,
    codes,
    demo_table,
    demo_zip,
    imported,
)
from tests.support.stage import Stage

ROWS = {
    "firmen.csv": (40, 0),
    "ansprechpartner.csv": (104, 0),
    "vertraege.csv": (57, 0),
    "maschinen.csv": (292, 1),
    "zaehler.csv": (682, 0),
    "zaehlerstaende.csv": (5573, 2),
}
ERRORS = [
    ("maschinen.csv", 293, "Vertragsnummer", "unknown_contract"),
    ("zaehlerstaende.csv", 5573, "Datum", "impossible_date"),
    ("zaehlerstaende.csv", 5574, "Zählernummer", "unknown_meter"),
]
CODES = Counter(
    {
        ("error", "unknown_contract"): 1,
        ("error", "impossible_date"): 1,
        ("error", "unknown_meter"): 1,
        ("warning", "letters_lost"): 18,
        ("warning", "email_missing"): 5,
        ("warning", "email_invalid"): 2,
        ("warning", "serial_doubled"): 4,
        ("warning", "serial_spoilt"): 1,
        ("warning", "no_usage"): 5,
        ("warning", "usage_too_low"): 2,
        ("warning", "usage_too_high"): 1,
        ("info", "mailbox_at_companies"): 4,
        ("info", "letters_lost"): 227,
    }
)

JUDGED = {"no_usage", "usage_too_low", "usage_too_high"}


def counted(found: Any) -> Counter[tuple[str, str]]:
    return Counter((f["severity"], f["code"]) for f in found["findings"])


def test_the_demo_is_imported_with_every_planted_fault_reported(
    stage: Stage, adapters: Adapters
) -> None:
    preview = imported(stage, demo_zip(), dry_run="true")
    assert holdings.load(adapters.table, "10000") is None
    found = imported(stage, demo_zip())

    assert found["state"] == preview["state"] == "done"
    assert (found["rows"], found["accepted"], found["rejected"]) == (6748, 6745, 3)
    per_file = {f["file"]: (f["rows"], f["rejected"]) for f in found["files"]}
    assert per_file == ROWS
    assert all(f["rows"] == f["accepted"] + f["rejected"] for f in found["files"])
    assert counted(found) == CODES
    assert codes(found)[:3] == ERRORS
    assert found["findings"][1]["text"] == "Den Tag 31.02.2026 gibt es nicht."
    assert found["changes"]["readings"] == {"new": 5571, "changed": 0, "unchanged": 0}
    assert found["changes"]["machines"]["new"] == 291

    assert preview["changes"] == found["changes"]
    assert preview["findings"] == found["findings"]
    assert len(preview["sample"]) == 200
    assert found["sample"] == []

    _is_stored(adapters)
    again = imported(stage, demo_zip())
    # A reading is judged when it comes, not whenever it is told again.
    assert again["findings"] == [f for f in found["findings"] if f["code"] not in JUDGED]
    for kind, numbers in again["changes"].items():
        assert (numbers["new"], numbers["changed"]) == (0, 0), kind
        assert numbers["unchanged"] == found["changes"][kind]["new"], kind


def _is_stored(adapters: Adapters) -> None:
    holding = holdings.load(adapters.table, "10000")
    assert holding is not None
    assert holding.company.name == "Anwaltskanzlei Lange KG"
    assert holding.contacts["5001"].role == METER_REPORTING
    assert holding.contacts["5001"].mailbox == "c.schaefer5001@firma10000.example"
    contract = holding.contracts["70001"]
    assert (contract.reading_channel, contract.reporters) == (ReadingChannel.PORTAL, ("5001",))
    machine = holding.machines["200001"]
    assert (machine.version, machine.state, machine.due_on) == (1, "open", contract.due_on)
    assert [meter.id for meter in machine.meters] == ["1", "2"]
    events = list(machines.history(adapters.table, "10000", "200001"))
    assert [(e["event"], e["version"]) for e in events] == [("imported", 1)]
    assert len(events[0]["entries"]) == sum(len(meter.history) for meter in machine.meters)
    reset = machines.find(adapters.table, ["200081"])["200081"].meters[0].history
    assert [(e.reset_end, e.reset_start) for e in reset if e.reset_end] == [(11478, 0)]
    shared = mailboxes.load(adapters.table, "facility@hausverwaltung.example")
    assert {company for company, _ in shared.listed} == {"10021", "10182", "10189", "10224"}


def _shuffled(table: Table) -> Table:
    order = list(range(len(table[0])))
    random.Random(3).shuffle(order)  # noqa: S311 - any order will do
    return [[row[n] for n in order] for row in table]


def _english(table: Table) -> Table:
    head = {
        "Firmennummer": "Company number", "Firma": "Company", "Straße": "Street", "PLZ": "Postcode",
        "Ort": "City", "Sprache": "Language", "Ansprechpartnernummer": "Contact number",
        "Anrede": "Salutation", "Vorname": "First name", "Nachname": "Last name",
        "E-Mail": "E-mail address", "Rolle": "Role", "Aktiv": "Active",
        "Vertragsnummer": "Contract number", "Bezeichnung": "Description",
        "Vertragsbeginn": "Contract start", "Vertragsende": "Contract end",
        "Intervall": "Billing interval", "Nächste Abrechnung": "Next billing",
        "Zählermeldung durch": "Reading channel", "Melde-Ansprechpartner": "Reporting contacts",
        "Maschinennummer": "Machine number", "Seriennummer": "Serial number",
        "Hersteller": "Manufacturer", "Modell": "Model",
        "Kundenmaschinen-Nr.": "Customer's machine number", "Standort": "Site",
        "Gebäude": "Building", "Etage": "Floor", "Raum": "Room", "Zählernummer": "Meter number",
        "Zähler": "Meter", "Art": "Kind", "Gerätebezeichnung": "Label on the device",
        "Stellen": "Digits", "Kumulierend": "Cumulative", "Klickfaktor": "Click factor",
        "Abrechnungsrelevant": "Billable", "Freikopien": "Free copies", "Datum": "Date",
        "Stand": "Value", "Meldung durch": "Channel", "Melder": "Reported by",
        "Geschätzt": "Estimated", "Abgerechnet": "Billed", "Nullung bei": "Reset at",
        "Nullung Startzähler": "Reset start",
    }  # fmt: skip
    words = {
        "J": "Y", "N": "N", "Zählermeldung": "Meter reporting", "vierteljährlich": "quarterly",
        "monatlich": "monthly", "halbjährlich": "half-yearly", "jährlich": "yearly",
        "Techniker": "Technician", "Telefon": "Phone", "Schätzung": "Estimate",
        "schwarz/weiss": "b/w", "Farbe": "Colour",
    }  # fmt: skip
    titles = [head[cell] for cell in table[0]]
    wordy = {"Active", "Role", "Billing interval", "Reading channel", "Channel", "Kind", "Cumulative",
             "Billable", "Estimated", "Billed"}  # fmt: skip
    return [titles] + [
        [
            words.get(cell, cell) if title in wordy else cell
            for title, cell in zip(titles, row, strict=True)
        ]
        for row in table[1:]
    ]


def _as(**form: Any) -> Callable[[Table], bytes]:
    return lambda table: as_csv(table, **form)


@pytest.mark.parametrize(
    ("form", "folder"),
    [
        # Each encoding, delimiter and newline has a small file of its own in tests/unit/exchange.
        pytest.param(_as(encoding="utf-8-sig", delimiter=","), "", marks=pytest.mark.long),
        pytest.param(_as(encoding="utf-8", newline="\n"), "export/heute/", marks=pytest.mark.long),
        pytest.param(_as(encoding="utf-16", delimiter="\t"), "", marks=pytest.mark.long),
        pytest.param(
            _as(encoding="cp1252", delimiter="|", newline="\r"), "", marks=pytest.mark.long
        ),
        (lambda table: as_csv(_shuffled(table)), ""),
        (lambda table: as_csv(_english(table), encoding="utf-8", delimiter=",", newline="\n"), ""),
    ],
    ids=["utf8-bom-commas", "utf8-lf-folders", "utf16-tabs", "bars-cr", "shuffled", "english"],
)
def test_the_form_of_the_export_does_not_matter(
    stage: Stage, form: Callable[[Table], bytes], folder: str
) -> None:
    files = {name: form(demo_table(name)) for name in DEMO_FILES}
    found = imported(stage, as_zip(files, folder=folder), dry_run="true")
    assert (found["rows"], found["accepted"], found["rejected"]) == (6748, 6745, 3)
    assert {f["file"]: (f["rows"], f["rejected"]) for f in found["files"]} == ROWS
    assert counted(found) == CODES
    assert [(file, line, code) for file, line, _, code in codes(found)[:3]] == [
        (file, line, code) for file, line, _, code in ERRORS
    ]
    assert found["changes"]["readings"]["new"] == 5571


def test_single_files_one_after_the_other_come_to_the_same(
    stage: Stage, adapters: Adapters
) -> None:
    """In the order of their dependence; the big one is left to the zip's own test."""
    for name in ("firmen.csv", "ansprechpartner.csv", "vertraege.csv", "maschinen.csv"):
        found = imported(stage, (DEMO / name).read_bytes(), file=name)
        assert (found["state"], found["rows"], found["rejected"]) == ("done", *ROWS[name]), name
        assert {f["file"] for f in found["findings"]} <= {name}
    assert next(code for *_, code in codes(found)) == "unknown_contract"
    held = machines.find(adapters.table, ["200001"])["200001"]
    assert held.meters == ()
    orphans = imported(stage, (DEMO / "zaehlerstaende.csv").read_bytes(), dry_run="true")
    assert orphans["files"][0]["file"] == "export.csv"
    assert (orphans["rows"], orphans["accepted"]) == (5573, 0)
    assert orphans["finding_count"] > 5573
    assert orphans["next_cursor"]
