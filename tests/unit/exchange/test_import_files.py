"""Files as they come: every usual encoding, delimiter and newline; everything else is refused with its line."""

from __future__ import annotations

import random
from collections.abc import Iterable
from dataclasses import replace

import pytest
from meterportal.archives import MIB, REQUEST
from meterportal.domain.exchange.imports.faults import Fault, Refused
from meterportal.usecases.exchange.unpack_upload import Source, unpack

from tests.support.erp_exports import (
    COMPANIES,
    CONTACTS,
    FILES,
    READINGS,
    Table,
    as_csv,
    as_zip,
    read,
)

ENGLISH = ["Company number", "Company", "Street", "Postcode", "City", "Language"]


@pytest.mark.parametrize("encoding", ["cp1252", "utf-8", "utf-8-sig", "utf-16"])
@pytest.mark.parametrize("delimiter", [";", ",", "\t", "|"])
@pytest.mark.parametrize("newline", ["\r\n", "\n", "\r"])
def test_form_does_not_matter(encoding: str, delimiter: str, newline: str) -> None:
    content = as_csv(COMPANIES, encoding=encoding, delimiter=delimiter, newline=newline)
    sheet = read("irgendwas.csv", content)
    assert (sheet.kind, sheet.count, sheet.taken, sheet.faults) == ("companies", 2, 2, [])
    assert [row["name"] for row in sheet.rows] == ["Muster GmbH", "Beispiel AG"]
    assert [row["city"] for row in sheet.rows] == ["Bonn", "Köln"]
    assert [row.line for row in sheet.rows] == [2, 3]


@pytest.mark.parametrize("name", FILES)
def test_columns_may_stand_in_any_order(name: str) -> None:
    order = list(range(len(FILES[name][0])))
    random.Random(7).shuffle(order)  # noqa: S311 - any order will do
    shuffled = [[row[n] for n in order] for row in FILES[name]]
    straight, mixed = read(name, FILES[name]), read("export.csv", shuffled)
    assert mixed.kind == straight.kind
    fields = straight.order
    assert [[row[f] for f in fields] for row in mixed.rows] == [
        [row[f] for f in fields] for row in straight.rows
    ]


def test_english_headings_are_known() -> None:
    sheet = read("export.csv", [ENGLISH, *COMPANIES[1:]])
    assert (sheet.kind, sheet.taken) == ("companies", 2)


def test_blank_lines_and_a_separator_line_are_no_rows() -> None:
    content = b"sep=,\r\n\r\n" + as_csv(COMPANIES, delimiter=",") + b",,,,,\r\n\r\n"
    sheet = read("firmen.csv", content)
    assert (sheet.count, sheet.taken) == (2, 2)
    assert [row.line for row in sheet.rows] == [4, 5]


def test_a_record_over_several_lines_is_named_by_its_first() -> None:
    table = [
        COMPANIES[0],
        ["10000", "Muster\nGmbH", "", "", "", ""],
        ["", "Ohne Nummer", "", "", "", ""],
    ]
    sheet = read("firmen.csv", table)
    assert sheet.rows[0]["name"] == "Muster GmbH"
    assert [(f.line, f.code) for f in sheet.faults] == [(4, "missing_value")]


@pytest.mark.parametrize(
    ("content", "code", "line", "count"),
    [
        (b"", "empty_file", None, 0),
        (b"\xef\xbb\xbf \r\n\r\n", "empty_file", None, 0),
        (b"|", "empty_file", None, 0),
        (b";;;\r\n;;;\r\n", "empty_file", None, 0),
        (b"Firmennummer;Firma\r\n", "no_rows", 1, 0),
        (b"Firma;Ort\r\nA;B\r\n", "missing_column", 1, 1),
        (b"Rose;Tulpe\r\n1;2\r\n", "unknown_file", 1, 1),
        (bytes(range(256)) * 20, "null_character", 1, None),
    ],
)  # fmt: skip
def test_what_cannot_be_read_is_refused_with_its_line(
    content: bytes, code: str, line: int | None, count: int | None
) -> None:
    sheet = read("export.csv", content)
    assert [(f.code, f.line) for f in sheet.faults] == [(code, line)]
    assert (sheet.refused, sheet.taken) == (True, 0)
    assert count is None or sheet.count == count
    assert sheet.faults[0].text("de") != sheet.faults[0].text("en")


@pytest.mark.parametrize(
    ("spoilt", "code"),
    [
        (b'2;"B', "open_quote"),
        (b'2;"B"x', "open_quote"),
        (b'"2;B', "open_quote"),
        (b"2;B\0", "null_character"),
        (b"2;" + b"x" * 110_000, "huge_field"),
        (b"2;" + b"x" * 900_000, "huge_field"),
    ],
)
def test_a_bad_record_costs_only_itself(spoilt: bytes, code: str) -> None:
    content = b"Firmennummer;Firma\r\n1;A\r\n" + spoilt + b'\r\n3;"C\nD"\r\n4;E\r\n'
    sheet = read("firmen.csv", content)
    assert [(f.line, f.code) for f in sheet.faults] == [(3, code)]
    assert [(row.line, row["name"]) for row in sheet.rows] == [(2, "A"), (4, "C D"), (6, "E")]
    assert (sheet.count, sheet.taken) == (4, 3)


def test_a_quotation_mark_that_a_later_record_closes_costs_no_sound_record() -> None:
    content = b'Firmennummer;Firma;Ort\r\n1;A;X\r\n2;"B;X\r\n3;C;X\r\n4;D";X\r\n5;E;X\r\n'
    sheet = read("firmen.csv", content)
    assert [(f.line, f.code) for f in sheet.faults] == [(3, "open_quote")]
    assert [row["id"] for row in sheet.rows] == ["1", "3", "4", "5"]


def test_a_large_unclosed_quote_is_named_where_it_opens() -> None:
    rows = b"".join(b"%d;A\r\n" % n for n in range(30_000))
    sheet = read("firmen.csv", b'Firmennummer;Firma\r\nX;"offen\r\n' + rows)
    assert [(f.code, f.line) for f in sheet.faults] == [("open_quote", 2)]
    assert (sheet.count, sheet.taken) == (30_001, 30_000)


def test_unknown_columns_are_passed_over_with_a_word() -> None:
    table: Table = [[*row, "x"] for row in COMPANIES]
    table[0][-1] = "Schuhgröße"
    sheet = read("firmen.csv", table)
    assert sheet.taken == 2
    assert [(f.code, f.field, f.severity.value) for f in sheet.faults] == [
        ("unknown_column", "Schuhgröße", "warning")
    ]


@pytest.mark.parametrize("begin", ["Summe", "Gesamt:", "Total: 2", "Anzahl Datensätze 2"])
def test_a_last_line_of_totals_is_named_as_such(begin: str) -> None:
    sheet = read("firmen.csv", as_csv(COMPANIES) + f"{begin};;;;;\r\n".encode("cp1252"))
    assert (sheet.count, sheet.taken) == (3, 2)
    assert [(f.line, f.code) for f in sheet.faults] == [(4, "total_line")]
    short = read("zaehlerstaende.csv", as_csv(READINGS) + f"{begin};5\r\n".encode("cp1252"))
    assert [(f.line, f.code) for f in short.faults] == [(7, "total_line")]


def test_a_company_called_total_is_no_total() -> None:
    table: Table = [["Firma", "Firmennummer"], ["Total", "10000"]]
    assert read("firmen.csv", table).taken == 1


def _names(files: Iterable[Source]) -> list[str]:
    return [file.name for file in files if not isinstance(file, Fault)]


def test_a_zip_may_have_folders_and_what_a_mac_adds() -> None:
    content = as_zip(
        {
            "export/2026/firmen.csv": COMPANIES,
            "export/2026/ansprechpartner.csv": CONTACTS,
            "__MACOSX/export/._firmen.csv": b"\x00\x05\x16\x07",
            "export/.DS_Store": b"x",
            "export/LIESMICH.pdf": b"%PDF",
        }
    )
    files, notes = unpack("export.zip", content)
    assert _names(files) == ["firmen.csv", "ansprechpartner.csv"]
    assert [(n.file, n.code, n.severity.value) for n in notes] == [
        ("export/LIESMICH.pdf", "file_ignored", "info")
    ]


def test_files_of_one_name_are_told_apart_by_their_folders() -> None:
    files, _ = unpack("x.zip", as_zip({"nord/firmen.csv": COMPANIES, "sued/firmen.csv": COMPANIES}))
    assert _names(files) == ["nord/firmen.csv", "sued/firmen.csv"]


def _encrypted() -> bytes:
    content = bytearray(as_zip({"firmen.csv": COMPANIES}))
    content[6] |= 1
    place = content.index(b"PK\x01\x02")
    content[place + 8] |= 1
    return bytes(content)


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (as_zip({}), "no_files"),
        (as_zip({"bild.png": b"x"}), "no_files"),
        (as_zip({"[Content_Types].xml": b"<x/>", "xl/workbook.xml": b"<x/>"}), "workbook_broken"),
        (as_zip({f"{n}.csv": b"x" for n in range(101)}), "too_many_files"),
        (as_zip({"firmen.csv": COMPANIES})[:-30], "zip_broken"),
        (b"PK\x03\x04 and then nothing", "zip_broken"),
        (_encrypted(), "zip_encrypted"),
    ],
)
def test_a_zip_that_cannot_be_read_is_refused(content: bytes, code: str) -> None:
    with pytest.raises(Refused) as refused:
        unpack("export.zip", content)
    assert refused.value.fault.code == code


def test_a_damaged_entry_is_refused() -> None:
    content = bytearray(as_zip({"firmen.csv": COMPANIES}))
    content[50] ^= 0xFF
    with pytest.raises(Refused) as refused:
        unpack("export.zip", bytes(content))
    assert refused.value.fault.code == "zip_broken"


def test_a_zip_bomb_is_stopped_whatever_it_claims() -> None:
    limits = replace(REQUEST, unpacked=2 * MIB)
    bomb = as_zip({"a.csv": b"0" * 1_500_000, "b.csv": b"0" * 1_500_000})
    for name, content in (("export.zip", bomb), ("export.csv", b"0" * 3_000_000)):
        with pytest.raises(Refused) as refused:
            unpack(name, content, limits)
        assert refused.value.fault.code == "too_large_unpacked"


def test_what_is_no_export_is_called_by_its_name() -> None:
    with pytest.raises(Refused) as refused:
        unpack("export.csv", b"%PDF-1.7")
    assert refused.value.fault.code == "is_pdf"
    assert "PDF" in refused.value.fault.text("en")
