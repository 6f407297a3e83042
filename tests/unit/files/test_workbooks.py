"""Workbooks of Excel from outside: every kind of cell is read for what it is, or refused in words."""

from __future__ import annotations

import io
import random
from dataclasses import replace
from datetime import date, datetime

import pytest
from meterportal import workbooks
from meterportal.archives import REQUEST
from meterportal.domain.tables.cells import Marker
from openpyxl import load_workbook

from tests.support.hostile.xlsx import (
    MAIN,
    book,
    parts,
    relations,
    sheet,
    strings,
    styles,
    with_parts,
    workbook,
)
from tests.support.packed import packed, unpacked
from tests.support.reading import cells, opened, refusal, rows, sheets
from tests.support.spreadsheets import as_workbook

ONE = "<row><c><v>1</v></c></row>"


def dated(serial: str, *, code: str = "", before: str = "") -> object:
    """What a number shows under a format: that of its built-in day, or the one given."""
    formats = f'<numFmt numFmtId="164" formatCode="{code}"/>' if code else ""
    made = parts(
        sheet(f'<row><c s="1"><v>{serial}</v></c></row>'),
        styles=styles(formats, f'<xf numFmtId="0"/><xf numFmtId="{164 if code else 14}"/>'),
    )
    made["xl/workbook.xml"] = workbook('<sheet name="T" sheetId="1" r:id="rId1"/>', before=before)
    return cells(packed(made))[0]


def test_cells_keep_their_kinds() -> None:
    content = as_workbook([["SN", 12_345, 12.5, True, date(2026, 11, 20), None, "0012"]])
    assert cells(content) == ("SN", 12_345, 12.5, True, date(2026, 11, 20), None, "0012")


def test_what_we_write_is_read_again_and_nothing_becomes_a_formula() -> None:
    table: list[tuple[str, str | int | None]] = [
        ("Nr.", "Stand"),
        ("=cmd|' /C calc'!A0", 10_000),
        ("001234567890", None),
    ]
    written = workbooks.workbook(
        [*table, ("SN", date(2026, 10, 28))], title="Zählerstände", widths=(10, 12)
    )
    found = load_workbook(io.BytesIO(written))["Zählerstände"]
    shown = [[cell.value for cell in row] for row in found.iter_rows()]
    assert shown[1:3] == [["'=cmd|' /C calc'!A0", 10_000], ["001234567890", None]]
    assert {cell.data_type for row in found.iter_rows(min_row=2, max_col=1) for cell in row} == {
        "s"
    }
    assert found["B4"].number_format == "DD.MM.YYYY"
    assert found.freeze_panes == "A2"
    assert rows(written)[3] == (4, ("SN", date(2026, 10, 28)))


@pytest.mark.parametrize(
    ("cell", "value"),
    [
        ("<c><v>11000</v></c>", 11_000),
        ("<c><v>11000.0</v></c>", 11_000),
        ("<c><v>1.1E4</v></c>", 11_000),
        ("<c><v>4.3</v></c>", 4.3),
        ("<c><v>-1</v></c>", -1),
        ("<c><v> 7 </v></c>", 7),
        ("<c><v>123456789012345</v></c>", 123_456_789_012_345),
        ("<c><v>12345678901234567</v></c>", 1.2345678901234568e16),
        ('<c t="n"><v>0</v></c>', 0),
        ('<c t="b"><v>1</v></c>', True),
        ('<c t="e"><v>#N/A</v></c>', "#N/A"),
        ('<c t="str"><v>SN1</v></c>', "SN1"),
        ('<c t="str"><f>A1</f><v>SN1</v></c>', "SN1"),
        ('<c t="d"><v>2026-11-20</v></c>', date(2026, 11, 20)),
        ('<c t="d"><v>2026-11-20T08:30:00</v></c>', datetime(2026, 11, 20, 8, 30)),  # noqa: DTZ001
        ('<c t="d"><v>2026-11-20T23:30:00Z</v></c>', datetime(2026, 11, 21, 0, 30)),  # noqa: DTZ001
        ('<c t="inlineStr"><is><t>SN1</t></is></c>', "SN1"),
        ('<c t="inlineStr"><is><r><t>SN</t></r><r><rPr><b/></rPr><t>1</t></r></is></c>', "SN1"),
        ('<c t="inlineStr"><is><t>東</t><rPh sb="0" eb="1"><t>ヒガシ</t></rPh></is></c>', "東"),
        ('<c t="inlineStr"><is><t xml:space="preserve"> a\nb </t></is></c>', " a\nb "),
        ('<c t="str"><v>a_x000D_b_x005F_x0041_</v></c>', "a\rb_x0041_"),
        ('<c t="str"><v>_xD83D__xDE00__xD83D_</v></c>', "\N{GRINNING FACE}\ufffd"),
        ("<c><f>1+1</f><v>2</v></c>", 2),
        ("<c><f>1+1</f></c>", Marker.UNCALCULATED),
        ("<c><f>1+1</f><v/></c>", Marker.UNCALCULATED),
        ('<c><f t="shared" si="0"/><v></v></c>', Marker.UNCALCULATED),
        ('<c t="str"><f>A1</f></c>', Marker.UNCALCULATED),
        ("<c><v>1<!-- -->2</v></c>", 12),
        ("<c><v><![CDATA[12]]></v></c>", 12),
        ("<c><extLst><ext><v>9</v></ext></extLst><v>1</v></c>", 1),
    ],
)
def test_a_cell_is_read_for_what_it_is(cell: str, value: object) -> None:
    (found,) = cells(book(sheet(f"<row>{cell}</row>")))
    assert (found, type(found)) == (value, type(value))


@pytest.mark.parametrize(
    "cell", ["<c/>", "<c><v/></c>", '<c t="str"><f>A1</f><v></v></c>', '<c t="s"/>', '<c s="0"/>']
)
def test_an_empty_cell_is_none(cell: str) -> None:
    assert rows(book(sheet(f"<row>{cell}</row>"), styles=styles())) == []


def test_a_library_that_calculates_nothing_writes_0_and_asks_to_calculate() -> None:
    made = parts(
        sheet("<row><c><f>A2</f><v>0</v></c><c><f>A2</f><v>7</v></c><c><v>0</v></c></row>")
    )
    assert cells(packed(made)) == (0, 7, 0)
    asks = workbook(
        '<sheet name="T" sheetId="1" r:id="rId1"/>', behind='<calcPr fullCalcOnLoad="1"/>'
    )
    assert cells(packed(made | {"xl/workbook.xml": asks})) == (Marker.UNCALCULATED, 7, 0)


def test_shared_texts_are_what_is_shown() -> None:
    items = (
        "<si><t>SN1</t></si><si><r><t>zwei </t></r><r><t>Stücke</t></r></si>"
        '<si><t>東</t><rPh sb="0" eb="1"><t>ヒガシ</t></rPh></si><si><t/></si><si/><si><t>ä_x0041_</t></si>'
    )
    row = "".join(f'<c t="s"><v>{n}</v></c>' for n in range(6))
    found = cells(book(sheet(f"<row>{row}</row>"), strings=strings(items)))
    assert found == ("SN1", "zwei Stücke", "東", None, None, "äA")


@pytest.mark.parametrize(
    ("serial", "day"),
    [
        ("46346", date(2026, 11, 20)),
        ("46346.0", date(2026, 11, 20)),
        ("46346.354166666664", datetime(2026, 11, 20, 8, 30)),  # noqa: DTZ001 - a sheet knows no zone
        ("46346.999999999", date(2026, 11, 21)),
        ("1", date(1900, 1, 1)),
        ("59", date(1900, 2, 28)),
        ("61", date(1900, 3, 1)),
        ("0", date(1899, 12, 30)),
        ("0.5", "12:00:00"),
        ("2958465", date(9999, 12, 31)),
        ("4000000", 4_000_000),
        ("-1", -1),
    ],
)
def test_a_number_under_a_format_of_days_is_that_day(serial: str, day: object) -> None:
    assert dated(serial) == day


def test_days_may_be_counted_from_1904() -> None:
    assert dated("44884", before='<workbookPr date1904="1"/>') == date(2026, 11, 20)
    assert dated("44884", before='<workbookPr date1904="false"/>') == date(2022, 11, 19)


@pytest.mark.parametrize(
    ("code", "shows"),
    [
        ("dd.mm.yyyy", True),
        ("[$-407]d\\. mmmm yyyy", True),
        ("TT.MM.JJJJ", True),
        ("mmm-yy;@", True),
        ("hh:mm", True),
        ("[h]:mm:ss", False),
        ("General", False),
        ("Standard", False),
        ("0.00E+00", False),
        ("#,##0", False),
        ("#,##0 &quot;Stück&quot;", False),
        ("#,##0\\ \\d", False),
        ("_-* #,##0.00 [$€-407]_-", False),
        ("0;[Red]-0;&quot;dd.mm.yyyy&quot;", False),
        ("@", False),
        ("d" * 300, False),
        ("[" * 250, False),
    ],
)
def test_a_format_says_whether_a_number_is_a_day(code: str, shows: bool) -> None:
    assert (dated("46346", code=code) == date(2026, 11, 20)) is shows


@pytest.mark.parametrize(
    ("limited", "code"), [({"shared": 20}, "too_much_text"), ({"cells": 3}, "too_many_cells")]
)
def test_shared_texts_are_kept_within_limits(limited: dict[str, int], code: str) -> None:
    content = book(sheet(ONE), strings=strings("<si><t>Text 1</t></si>" * 4))
    assert refusal(content) == ""
    assert refusal(content, replace(REQUEST, **limited)) == code


def test_sheets_come_in_order_and_hidden_ones_behind_the_others() -> None:
    made = parts(sheet(ONE), sheet(""), sheet(ONE))
    made["xl/workbook.xml"] = workbook(
        '<sheet name="Geheim" sheetId="1" state="veryHidden" r:id="rId1"/>'
        '<sheet name="Deckblatt" sheetId="2" r:id="rId2"/>'
        '<sheet name="Zähler_x0026_" sheetId="3" r:id="rId3"/>'
    )
    found = opened(packed(made)).sheets
    assert [(one.name, one.hidden, len(one.head)) for one in found] == [
        ("Deckblatt", False, 0),
        ("Zähler&", False, 1),
        ("Geheim", True, 1),
    ]


def test_a_sheet_shows_its_first_rows_before_it_is_read() -> None:
    content = as_workbook([[n, "x" * n] for n in range(1, 60)])
    found = opened(content)
    (one,) = found.sheets
    assert [number for number, _ in one.head] == list(range(1, 21))
    assert not one.whole
    assert [number for number, _ in found.rows(one)] == list(range(1, 60))
    assert len(list(found.rows(one))) == 59


def test_rows_and_cells_stand_where_they_say() -> None:
    made = sheet(
        '<row r="3"><c r="B3"><v>1</v></c><c><v>2</v></c><c r="F3"><v>3</v></c></row>'
        '<row/><row><c><v>4</v></c></row><row r="1048576"><c r="AA1048576"><v>5</v></c></row>'
    )
    assert rows(book(made)) == [
        (3, (None, 1, 2, None, None, 3)),
        (5, (4,)),
        (1_048_576, (None,) * 26 + (5,)),
    ]


def test_charts_external_links_and_whatever_else_is_there_are_passed_over() -> None:
    made = parts(sheet(ONE))
    made["xl/workbook.xml"] = workbook(
        '<sheet name="Bild" sheetId="1" r:id="c"/><sheet name="T" sheetId="3" r:id="rId1"/>'
    )
    made["xl/_rels/workbook.xml.rels"] = relations(
        {"rId1": ("worksheet", "/xl/worksheets/sheet1.xml"), "c": ("chartsheet", "chart.xml")},
        more='<Relationship Id="x" Type="a/externalLink" Target="http://x.example/" TargetMode="External"/>',
    )
    made["xl/media/logo.svg"] = b'<!DOCTYPE svg PUBLIC "x" "y"><svg/>'
    assert list(sheets(packed(made))) == ["T"]


@pytest.mark.parametrize("more", ["", 'r:id="rId9"', 'r:id="x"'])
def test_a_sheet_that_is_nowhere_in_the_file_is_not_just_left_out(more: str) -> None:
    made = parts(sheet(""))
    made["xl/workbook.xml"] = workbook(f'<sheet name="T" sheetId="1" {more}/>')
    made["xl/_rels/workbook.xml.rels"] = relations(
        {},
        more='<Relationship Id="x" Type="a/worksheet" Target="http://x.example/" TargetMode="External"/>',
    )
    assert refusal(packed(made)) == "workbook_broken"


def test_prefixes_names_and_places_of_parts_are_the_writers_choice() -> None:
    strict = "http://purl.oclc.org/ooxml"
    made = {
        "_rels/.rels": relations({"r": ("officeDocument", "xl/Workbook%20a.xml")}),
        "[Content_Types].xml": b"<Types/>",
        "XL\\Workbook a.xml": (
            f'<x:workbook xmlns:x="{strict}/spreadsheetml/main" xmlns:q="{strict}/officeDocument/relationships">'
            '<x:sheets><x:sheet name="T" q:id="i"/></x:sheets></x:workbook>'
        ).encode("utf-16"),
        "xl/_rels/workbook a.xml.rels": relations({"i": ("worksheet", "../data/one.dat")}),
        "data/one.dat": f'<y:worksheet xmlns:y="{MAIN}"><y:sheetData><y:row><y:c><y:v>1</y:v></y:c></y:row></y:sheetData></y:worksheet>'.encode(),
    }
    assert cells(packed(made)) == (1,)


def test_a_cell_far_to_the_right_costs_nothing() -> None:
    wide = sheet('<row r="1"><c r="A1"><v>1</v></c><c r="XFD1"><v>2</v></c></row>')
    assert rows(book(wide)) == [(1, (1,))]


@pytest.mark.parametrize(
    "data",
    [
        '<row r="x"><c r="A1"><v>1</v></c></row>',
        '<row r="0"><c r="A0"><v>1</v></c></row>',
        '<row r="2"/><row r="2"/>',
        '<row r="1048577"><c><v>1</v></c></row>',
        '<row r="1"><c r="1A"><v>1</v></c></row>',
        '<row r="1"><c r="XFE1"><v>1</v></c></row>',
        '<row r="1"><c r="B1"><v>1</v></c><c r="B1"><v>2</v></c></row>',
        '<row r="1"><c r="A1" t="s"><v>99</v></c></row>',
        '<row r="1"><c r="A1" t="s"><v>-1</v></c></row>',
        '<row r="1"><c r="A1" t="s"><v>x</v></c></row>',
        '<row r="1"><c r="A1" s="77"><v>1</v></c></row>',
        '<row r="1"><c r="A1"><v>1e999</v></c></row>',
        '<row r="1"><c r="A1"><v>1_000</v></c></row>',
        '<row r="1"><c r="A1"><v>١٢</v></c></row>',
        '<row r="1"><c r="A1"><v>NaN</v></c></row>',
        '<row r="1"><c r="A1" t="b"><v>yes</v></c></row>',
        '<row r="1"><c r="A1" t="d"><v>2026-99-99</v></c></row>',
        '<row r="1"><c r="A1" t="?"><v>1</v></c></row>',
        '<row r="1"><c r="A1"><v>eins</v></c></row>',
        '<row r="1"><c r="A1"><v>&undefined;</v></c></row>',
        "<row",
    ],
)
def test_a_damaged_sheet_is_refused(data: str) -> None:
    assert refusal(with_parts({"xl/worksheets/sheet1.xml": sheet(data)})) == "workbook_broken"


@pytest.mark.parametrize(
    "name",
    [
        "[Content_Types].xml",
        "_rels/.rels",
        "xl/workbook.xml",
        "xl/_rels/workbook.xml.rels",
        "xl/worksheets/sheet1.xml",
        "xl/styles.xml",
        "xl/sharedStrings.xml",
    ],
)
@pytest.mark.parametrize("part", [None, b"", b"<x/>", b"<x>", b"\xff\xfe", b"\0" * 9])
def test_a_part_that_is_missing_or_spoilt_is_no_error(name: str, part: bytes | None) -> None:
    made = parts(
        sheet('<row><c t="s" s="0"><v>0</v></c></row>'),
        strings=strings("<si><t>SN1</t></si>"),
        styles=styles(),
    )
    if part is None:
        del made[name]
    else:
        made[name] = part
    read = name == "[Content_Types].xml"
    assert refusal(packed(made)) in {"workbook_broken", "zip_of_files", "" if read else "-"}


def test_bytes_turned_over_anywhere_are_no_error() -> None:
    """Of the archive as it is, and of a part that is packed again soundly."""
    content = as_workbook([f"SN{n}", n, date(2026, 11, 20)] for n in range(20))
    chance = random.Random(20261123)  # noqa: S311 - the same every time
    read = 0
    for n in range(300):
        if n % 2:
            spoilt = bytearray(content)
            spoilt[chance.randrange(len(spoilt))] ^= 1 << chance.randrange(8)
            changed = bytes(spoilt)
        else:
            made = unpacked(content)
            name = chance.choice(list(made))
            part = bytearray(made[name])
            for _ in range(chance.randint(1, 8)):
                place = chance.randrange(len(part))
                part[place : place + chance.randint(0, 2)] = bytes([chance.randrange(256)])
            changed = packed(made | {name: bytes(part)})
        read += refusal(changed) == ""
    assert 0 < read < 300


def test_a_flag_of_encryption_is_no_error() -> None:
    """Which a byte turned over in the directory sets: zipfile asks for a password then."""
    content = bytearray(as_workbook([["SN1", 1]]))
    content[content.index(b"PK\1\2") + 8] ^= 1
    assert refusal(bytes(content)) == "zip_encrypted"
