"""OpenDocument spreadsheets from outside: cells for what they are, repeats for what they cost."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime

import pytest
from meterportal.archives import REQUEST
from meterportal.domain.tables.cells import Marker

from tests.support.hostile.ods import (
    book,
    content,
    empty,
    number,
    parts,
    repeated,
    row,
    table,
    text,
)
from tests.support.packed import packed
from tests.support.reading import cells, opened, refusal, rows, sheets

WIDE = repeated(columns=2**31)[0]
HIGH = repeated(rows=2**31)[1]


def cell(attributes: str, inside: str = "") -> str:
    return f"<table:table-cell {attributes}>{inside}</table:table-cell>"


@pytest.mark.parametrize(
    ("made", "value"),
    [
        (text("SN1"), "SN1"),
        (text("zwei</text:p><text:p>Zeilen"), "zwei\nZeilen"),
        (text('a<text:s/>b<text:s text:c="3"/>c<text:tab/>d<text:line-break/>e'), "a b   c\td\ne"),
        (text('<text:span>SN</text:span><text:a xlink="">1</text:a>'), "SN1"),
        (text("SN1<text:note><text:p>nicht dies</text:p></text:note>"), "SN1"),
        (text("SN1<office:annotation><text:p>nicht dies</text:p></office:annotation>"), "SN1"),
        (cell('office:value-type="string" office:string-value="SN1"', "<text:p>x</text:p>"), "SN1"),
        (cell("", "<text:p>SN1</text:p>"), "SN1"),
        (number("11000"), 11_000),
        (number("11000.0"), 11_000),
        (number("4.3"), 4.3),
        (number("0.5", kind="percentage"), 0.5),
        (number("12.5", kind="currency"), 12.5),
        (cell('office:value-type="boolean" office:boolean-value="true"'), True),
        (cell('office:value-type="date" office:date-value="2026-11-20"'), date(2026, 11, 20)),
        (
            cell('office:value-type="date" office:date-value="2026-11-20T08:30:00.000000000"'),
            datetime(2026, 11, 20, 8, 30),  # noqa: DTZ001 - a sheet knows no zone
        ),
        (
            cell(
                'office:value-type="date" office:date-value="12851-07-15"',
                "<text:p>15.07.12851</text:p>",
            ),
            "15.07.12851",
        ),
        (cell('office:value-type="time" office:time-value="PT08H30M00S"'), "08:30:00"),
        (cell('table:formula="of:=1+1" office:value-type="float" office:value="2"'), 2),
        (cell('table:formula="of:=1+1"'), Marker.UNCALCULATED),
        (cell('table:formula="of:=1+1" office:value-type="float"'), Marker.UNCALCULATED),
        (
            cell(
                'table:formula="of:=NA()" office:value-type="string" office:string-value=""',
                "<text:p>#N/A</text:p>",
            ),
            "#N/A",
        ),
        (
            cell(
                'table:formula="of:=X" office:value-type="float" office:value="0"',
                "<text:p>Err:508</text:p>",
            ),
            "Err:508",
        ),
    ],
)
def test_a_cell_is_read_for_what_it_is(made: str, value: object) -> None:
    (found,) = cells(book(table(row(made))))
    assert (found, type(found)) == (value, type(value))


@pytest.mark.parametrize(
    "made",
    [
        empty(),
        text(""),
        cell('office:value-type="void"'),
        cell('table:formula="of:=A1"', "<text:p/>"),
        cell("", '<draw:frame xmlns:draw="d"><text:p>ein Bild</text:p></draw:frame>'),
        "<table:covered-table-cell><text:p>verdeckt</text:p></table:covered-table-cell>",
        cell("", f"<table:table>{row(text('darunter'))}</table:table>"),
    ],
)
def test_an_empty_cell_is_none(made: str) -> None:
    assert rows(book(table(row(made)))) == []


def test_repeats_are_counted_and_empty_ones_cost_nothing() -> None:
    twice, thrice = repeated(2, 3)
    made = (
        row(empty(repeated(2)[0]), text("SN1", more=twice), empty(WIDE)),
        row(empty(), more=repeated(rows=10)[1]),
        row(number("7"), more=thrice),
        row(empty(WIDE), more=HIGH),
    )
    assert rows(book(table("".join(made)))) == [
        (1, (None, None, "SN1", "SN1")),
        (12, (7,)),
        (13, (7,)),
        (14, (7,)),
    ]


def test_what_is_full_is_cut_at_the_last_column_and_refused_behind_the_last_row() -> None:
    assert len(cells(book(table(row(text("x", more=WIDE)))))) == REQUEST.columns
    limits = replace(REQUEST, rows=100)
    assert refusal(book(table(row(text("x"), more=repeated(rows=100)[1]))), limits) == ""
    many = book(table(row(text("x"), more=repeated(rows=101)[1])))
    assert refusal(many, limits) == "too_many_rows"


@pytest.mark.parametrize("times", ["0", "-1", "1.5", "x", "", "9" * 30, "²"])
@pytest.mark.parametrize("of", ["columns", "rows"])
def test_a_number_of_times_that_is_none_is_damage(times: str, of: str) -> None:
    told = f' table:number-{of}-repeated="{times}"'
    made = row(text("x", more=told)) if of == "columns" else row(text("x"), more=told)
    assert refusal(book(table(made))) == "workbook_broken"


def test_rows_may_stand_in_groups_and_drawings_hold_none() -> None:
    shapes = f"<table:shapes><draw:frame xmlns:draw='d'><table:table>{row(text('Bild'))}</table:table></draw:frame></table:shapes>"
    made = (
        shapes
        + f"<table:table-header-rows>{row(text('Kopf'))}</table:table-header-rows>"
        + f"<table:table-row-group><table:table-rows>{row(text('SN1'))}</table:table-rows></table:table-row-group>"
    )
    assert rows(book(table(made))) == [(1, ("Kopf",)), (2, ("SN1",))]


def test_sheets_come_in_order_and_hidden_ones_behind_the_others() -> None:
    hiding = '<style:style style:name="ta1" style:family="table"><style:table-properties table:display="false"/></style:style><style:style style:name="ta2" style:family="table"><style:table-properties table:display="true"/></style:style>'
    found = opened(
        book(
            table(row(text("x")), name="Geheim", more=' table:style-name="ta1"'),
            table("", name="Leer", more=' table:style-name="ta2"'),
            table(row(text("y")) * 30, name="Zähler"),
            styles=hiding,
        )
    )
    assert [(one.name, one.hidden, len(one.head), one.whole) for one in found.sheets] == [
        ("Leer", False, 0, True),
        ("Zähler", False, 20, False),
        ("Geheim", True, 1, True),
    ]
    assert [len(list(found.rows(one))) for one in found.sheets] == [0, 30, 1]
    assert len(list(found.rows(found.sheets[1]))) == 30


def test_only_tables_of_the_spreadsheet_itself_are_sheets() -> None:
    source = f"<table:dde-links><table:dde-link>{table(row(text('fern')))}</table:dde-link></table:dde-links>"
    assert list(sheets(book(source, table(row(text("x")), name="T")))) == ["T"]


def test_a_locked_workbook_says_so() -> None:
    manifest = b'<m:manifest xmlns:m="urn:oasis:names:tc:opendocument:xmlns:manifest:1.0"><m:file-entry><m:encryption-data/></m:file-entry></m:manifest>'
    made = parts(b"\x9f\x3a scrambled")
    assert refusal(packed(made | {"META-INF/manifest.xml": manifest})) == "workbook_locked"
    assert refusal(packed(made | {"encrypted-package": b"\x9f\x3a"})) == "workbook_locked"


@pytest.mark.parametrize(
    "made",
    [
        b"",
        b"<x/>",
        content("<table:table"),
        content(table(row(number("eins")))),
        content(table(row(number("1e999")))),
        content(table("")).replace(b"office:spreadsheet", b"office:text"),
    ],
)
def test_a_damaged_content_is_refused(made: bytes) -> None:
    assert refusal(packed(parts(made))) == "workbook_broken"


def test_without_its_content_it_is_damaged() -> None:
    made = parts(b"")
    del made["content.xml"]
    assert refusal(packed(made)) == "workbook_broken"
