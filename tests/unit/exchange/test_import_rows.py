"""Rows of an export: every fault has its line, its field and its words; a sound row beside it stays."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.support.erp_exports import (
    COMPANIES,
    CONTACTS,
    CONTRACTS,
    FILES,
    MACHINES,
    METERS,
    READINGS,
    Table,
    as_csv,
    demo_table,
    taken,
    told,
    with_cells,
)


@pytest.mark.parametrize(
    ("name", "line", "cells", "field", "code"),
    [
        ("firmen.csv", 3, {"firmennummer": ""}, "Firmennummer", "missing_value"),
        ("firmen.csv", 3, {"firmennummer": "1,23E+11"}, "Firmennummer", "bad_key"),
        ("firmen.csv", 3, {"firmennummer": "10007#CONTACT"}, "Firmennummer", "bad_key"),
        ("firmen.csv", 3, {"ort": "K" * 201}, "Ort", "too_long"),
        ("firmen.csv", 3, {"firmennummer": "10000"}, "Firmennummer", "duplicate_key"),
        ("ansprechpartner.csv", 2, {"firmennummer": "99999"}, "Firmennummer", "unknown_company"),
        ("ansprechpartner.csv", 2, {"aktiv": "vielleicht"}, "Aktiv", "bad_flag"),
        ("vertraege.csv", 3, {"firmennummer": "99999"}, "Firmennummer", "unknown_company"),
        ("vertraege.csv", 3, {"intervall": "stündlich"}, "Intervall", "unknown_word"),
        ("vertraege.csv", 3, {"zahlermeldung": "Brieftaube"}, "Zählermeldung durch", "unknown_word"),
        ("vertraege.csv", 3, {"zahlermeldung": ""}, "Zählermeldung durch", "missing_value"),
        ("vertraege.csv", 3, {"vertragsende": "28.11.2022"}, "Vertragsende", "ends_before_start"),
        ("vertraege.csv", 3, {"vertragsende": "30.02.2027"}, "Vertragsende", "impossible_date"),
        ("vertraege.csv", 3, {"nachste": "11/28/2026"}, "Nächste Abrechnung", "bad_date"),
        ("maschinen.csv", 2, {"vertragsnummer": "99999"}, "Vertragsnummer", "unknown_contract"),
        ("zaehler.csv", 5, {"maschinennummer": "299999"}, "Maschinennummer", "unknown_machine"),
        ("zaehler.csv", 5, {"art": "lila"}, "Art", "unknown_word"),
        ("zaehler.csv", 5, {"art": ""}, "Art", "missing_value"),
        ("zaehler.csv", 5, {"stellen": "0"}, "Stellen", "number_out_of_range"),
        ("zaehler.csv", 5, {"stellen": "sieben"}, "Stellen", "not_a_whole_number"),
        ("zaehlerstaende.csv", 2, {"maschinennummer": "299999"}, "Maschinennummer", "unknown_machine"),
        ("zaehlerstaende.csv", 2, {"zahlernummer": "9"}, "Zählernummer", "unknown_meter"),
        ("zaehlerstaende.csv", 2, {"datum": "31.02.2026"}, "Datum", "impossible_date"),
        ("zaehlerstaende.csv", 2, {"datum": "08/28/2026"}, "Datum", "bad_date"),
        ("zaehlerstaende.csv", 2, {"datum": "28.08.26"}, "Datum", "bad_date"),
        ("zaehlerstaende.csv", 2, {"datum": "24.11.2026"}, "Datum", "date_in_future"),
        ("zaehlerstaende.csv", 2, {"datum": "00.00.0000"}, "Datum", "missing_value"),
        ("zaehlerstaende.csv", 2, {"stand": ""}, "Stand", "missing_value"),
        ("zaehlerstaende.csv", 2, {"stand": "12,5"}, "Stand", "not_a_whole_number"),
        ("zaehlerstaende.csv", 2, {"stand": "-1"}, "Stand", "not_a_whole_number"),
        ("zaehlerstaende.csv", 2, {"stand": "1,23E+11"}, "Stand", "not_a_whole_number"),
        ("zaehlerstaende.csv", 2, {"stand": "12345678"}, "Stand", "too_many_digits"),
        ("zaehlerstaende.csv", 2, {"stand": "9" * 5000}, "Stand", "too_many_digits"),
        ("zaehlerstaende.csv", 2, {"stand": "١٢"}, "Stand", "not_a_whole_number"),
        ("zaehlerstaende.csv", 2, {"meldung": "Rauchzeichen"}, "Meldung durch", "unknown_word"),
        ("zaehlerstaende.csv", 5, {"nullungbei": ""}, "Nullung bei", "reset_without_end"),
        ("zaehlerstaende.csv", 5, {"nullungbei": "98000000"}, "Nullung bei", "too_many_digits"),
        ("zaehlerstaende.csv", 3, {"datum": "28.08.2026"}, "Maschinennummer", "duplicate_key"),
    ],
)  # fmt: skip
def test_a_faulty_row_is_named_and_only_it_is_left_out(
    name: str, line: int, cells: dict[str, str], field: str, code: str
) -> None:
    files = {**FILES, name: with_cells(FILES[name], line, **cells)}
    batch, plans = taken(files)
    faulty = [f for f in batch.faults if f.file == name and f.severity.value == "error"]
    assert [(f.line, f.field, f.code) for f in faulty] == [(line, field, code)]
    for language in ("de", "en"):
        assert faulty[0].text(language)
    sheet = next(s for s in batch.sheets if s.name == name)
    assert sheet.taken == sheet.count - 1
    assert plans


def test_sound_rows_have_no_faults() -> None:
    batch, plans = taken(FILES)
    assert told(batch.faults) == []
    assert [(made.company_id, len(made.records), len(made.machines)) for made in plans] == [
        ("10000", 4, 2),
        ("10007", 3, 1),
    ]


def test_rows_with_too_many_or_too_few_fields_are_named() -> None:
    lines = as_csv(COMPANIES).split(b"\r\n")
    lines[1] += b";x"
    lines[2] = b"10007;Beispiel AG"
    lines.insert(3, b"10014;Dritte;;;;DE;;")
    batch, _ = taken({"firmen.csv": b"\r\n".join(lines)})
    assert told(batch.faults) == [
        (2, None, "wrong_field_count"),
        (3, None, "wrong_field_count"),
    ]
    assert batch.sheets[0].taken == 1
    assert batch.faults[0].text("de") == "Der Datensatz hat 7 Felder statt 6."


def test_the_same_row_twice_is_only_noted() -> None:
    batch, _ = taken({"firmen.csv": [*COMPANIES, COMPANIES[1]]})
    assert [(f.line, f.code, f.severity.value) for f in batch.faults] == [
        (4, "repeated_row", "info")
    ]
    assert batch.sheets[0].taken == 3
    batch, _ = taken({**FILES, "zaehlerstaende.csv": [*READINGS, READINGS[1]]})
    assert [(f.line, f.code) for f in batch.faults] == [(7, "repeated_row")]


def test_a_key_in_two_files_of_one_kind_is_the_same_key() -> None:
    second = with_cells(COMPANIES, 2, firma="Anders GmbH")[:2]
    batch, _ = taken({"firmen_1.csv": COMPANIES, "firmen_2.csv": second})
    assert [(f.file, f.line, f.code) for f in batch.faults] == [
        ("firmen_2.csv", 2, "duplicate_key")
    ]
    assert batch.faults[0].text("de") == (
        "10000 steht schon in firmen_1.csv, Zeile 2, mit anderen Angaben."
    )


def test_what_refers_to_a_rejected_row_is_rejected_too() -> None:
    files = {**FILES, "maschinen.csv": with_cells(MACHINES, 4, vertragsnummer="99999")}
    batch, _ = taken(files)
    assert [(f.file, f.line, f.code) for f in batch.faults if f.severity.value == "error"] == [
        ("maschinen.csv", 4, "unknown_contract"),
        ("zaehler.csv", 5, "unknown_machine"),
        ("zaehlerstaende.csv", 6, "unknown_machine"),
    ]


def test_a_number_without_its_leading_zeros_is_recognised() -> None:
    companies = with_cells(COMPANIES, 2, firmennummer="0010000")
    batch, _ = taken({"firmen.csv": companies, "ansprechpartner.csv": CONTACTS[:2]})
    assert batch.faults[0].text("de") == (
        "Die Firma 10000 ist nicht bekannt. Gemeint ist vielleicht 0010000: "
        "Tabellenprogramme verändern Nummern."
    )


@pytest.mark.parametrize(
    ("cells", "field", "code"),
    [
        ({"email": ""}, "E-Mail", "email_missing"),
        ({"email": "c.schaefer at muster.example"}, "E-Mail", "email_invalid"),
        ({"email": "a@muster.example; b@muster.example"}, "E-Mail", "email_several"),
        ({"email": "clаra@muster.example"}, "E-Mail", "email_lookalike"),
        ({"email": "c.sch?fer@muster.example"}, "E-Mail", "letters_lost"),
        ({"nachname": "Dvo?ák"}, "Nachname", "letters_lost"),
        ({"nachname": "SchÃ¤fer"}, "Nachname", "letters_lost"),
        ({"sprache": "FR"}, "Sprache", "unknown_language"),
    ],
)
def test_a_doubtful_contact_is_stored_with_a_warning(
    cells: dict[str, str], field: str, code: str
) -> None:
    changed = with_cells(CONTACTS, 2, **cells)
    batch, plans = taken(
        {"firmen.csv": COMPANIES, "ansprechpartner.csv": as_csv(changed, encoding="utf-8")}
    )
    assert told(batch.faults) == [(2, field, code)]
    assert batch.sheets[1].taken == 3
    assert len(plans[0].records) == 3


def test_a_named_reporter_without_an_address_is_doubted_even_without_the_role() -> None:
    files: dict[str, Table] = {
        "firmen.csv": COMPANIES,
        "ansprechpartner.csv": with_cells(CONTACTS, 3, email=""),
        "vertraege.csv": with_cells(CONTRACTS, 2, meldeansprech="5002, 5003, 5999"),
    }
    batch, _ = taken(files)
    assert [(f.file, f.line, f.field, f.code, f.severity.value) for f in batch.faults] == [
        ("ansprechpartner.csv", 3, "E-Mail", "email_missing", "warning"),
        ("vertraege.csv", 2, "Melde-Ansprechpartner", "foreign_reporter", "warning"),
        ("vertraege.csv", 2, "Melde-Ansprechpartner", "unknown_reporter", "warning"),
    ]


_WHOLE = {name: demo_table(name) for name in FILES}


@st.composite
def _parts(draw: st.DrawFn) -> dict[str, Table]:
    """Some of the demo's files, some of their rows, in any order, some cells gone wrong."""
    files: dict[str, Table] = {}
    for name in draw(st.sets(st.sampled_from(sorted(FILES)), min_size=1)):
        head, *rows = _WHOLE[name]
        chosen = draw(st.lists(st.sampled_from(rows), min_size=1, max_size=25))
        order = draw(st.permutations(range(len(head))))
        table = [[head[n] for n in order], *([row[n] for n in order] for row in chosen)]
        if draw(st.booleans()):
            line = draw(st.integers(1, len(table) - 1))
            place = draw(st.integers(0, len(head) - 1))
            table[line][place] = draw(
                st.text(max_size=30)
                | st.sampled_from(["", "0", "-1", "31.02.2026", "1E+11", "\0", '"', "Summe"])
            )
        files[name] = table
    return files


@settings(max_examples=200, deadline=None)
@given(files=_parts(), encoding=st.sampled_from(["cp1252", "utf-8", "utf-16"]))
def test_every_row_has_a_result_whatever_comes(files: dict[str, Table], encoding: str) -> None:
    packed = {
        name: as_csv(table, encoding="utf-8" if encoding == "cp1252" else encoding)
        for name, table in files.items()
    }
    batch, plans = taken(packed)
    assert len(batch.sheets) == len(files)
    for sheet in batch.sheets:
        errors = {
            f.line for f in batch.faults if f.file == sheet.name and f.severity.value == "error"
        }
        assert sheet.count == sheet.taken + (sheet.count if sheet.refused else len(sheet.rejected))
        if not sheet.refused:
            assert sheet.rejected == errors
    for fault in batch.faults:
        assert fault.text("de")
        assert fault.text("en")
    stored = sum(n for made in plans for n in made.counts.values())
    repeated = sum(f.code == "repeated_row" for f in batch.faults)
    assert stored == sum(sheet.taken for sheet in batch.sheets) - repeated


@settings(max_examples=200, deadline=None)
@given(st.binary(max_size=400) | st.text(max_size=400).map(str.encode))
def test_no_bytes_whatever_break_the_reading(content: bytes) -> None:
    batch, _ = taken({"firmen.csv": content, "mehr.csv": b"Firmennummer;Firma\n" + content})
    for sheet in batch.sheets:
        assert sheet.count >= sheet.taken >= 0
        assert sheet.faults or sheet.taken


def test_meters_beyond_the_limit_are_refused() -> None:
    rows = [["200001", str(n), "S/W", "sw", "", "7", "J", "1", "J", "0"] for n in range(1, 33)]
    batch, _ = taken({**FILES, "zaehler.csv": [METERS[0], *rows]})
    over = [f for f in batch.faults if f.code == "too_many_meters"]
    assert [f.line for f in over] == [32, 33]
