"""Workbooks from outside: read, or refused in words; never believed and never too much."""

from __future__ import annotations

import io
import random
import zipfile
from collections.abc import Callable
from datetime import date, datetime

import pytest
from meterportal import workbooks
from meterportal.domain.fleet.refusals import SheetRefused
from openpyxl import Workbook, load_workbook

Parts = dict[str, bytes]


def a_workbook(*table: list[object], name: str = "Tabelle1") -> bytes:
    book = Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.title = name
    for row in table:
        sheet.append(row)
    written = io.BytesIO()
    book.save(written)
    return written.getvalue()


def changed(content: bytes, change: Callable[[Parts], None]) -> bytes:
    """The archive with its parts changed."""
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    change(parts)
    written = io.BytesIO()
    with zipfile.ZipFile(written, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, part in parts.items():
            archive.writestr(name, part)
    return written.getvalue()


def with_part(name: str, part: bytes) -> bytes:
    return changed(a_workbook(["a", 1]), lambda parts: parts.update({name: part}))


def sheet(data: str) -> bytes:
    """The XML of a sheet with these rows."""
    space = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
    return f'<worksheet xmlns="{space}"><sheetData>{data}</sheetData></worksheet>'.encode()


def told(content: bytes) -> str:
    """What somebody is told about a file: nothing where it can be read."""
    try:
        workbooks.rows(content, most=10)
    except SheetRefused as refused:
        return refused.text("en")
    return ""


def refusal(content: bytes) -> str:
    with pytest.raises(SheetRefused) as refused:
        workbooks.rows(content, most=100)
    assert refused.value.text("en") != refused.value.text("de")
    return refused.value.text("en")


def test_cells_keep_their_kinds() -> None:
    content = a_workbook(["SN", 12_345, 12.5, True, date(2026, 11, 20), None, "=1+1"])
    ((line, cells),) = workbooks.rows(content, most=10)
    assert line == 1
    assert cells[:4] == ("SN", 12_345, 12.5, True)
    assert cells[4] == datetime(2026, 11, 20)  # noqa: DTZ001 - a sheet knows no zone
    assert cells[5:] == ()


def test_the_first_sheet_with_anything_in_it_counts_and_empty_rows_do_not() -> None:
    book = Workbook()
    second = book.create_sheet("Zähler")
    second["A3"] = "SN1"
    second["A5"] = "SN2"
    book.create_sheet("Mehr")["A1"] = "nicht dies"
    written = io.BytesIO()
    book.save(written)
    found = workbooks.rows(written.getvalue(), most=10)
    assert [(line, cells[0]) for line, cells in found] == [(3, "SN1"), (5, "SN2")]


def test_one_row_more_than_wanted_tells_that_there_are_more() -> None:
    content = a_workbook(*([n] for n in range(50)))
    assert len(workbooks.rows(content, most=10)) == 11


def test_what_we_write_is_read_again_and_nothing_becomes_a_formula() -> None:
    table = [("Nr.", "Stand"), ("=cmd|' /C calc'!A0", 10_000), ("001234567890", None)]
    written = workbooks.workbook(
        [*table, ("SN", date(2026, 10, 28))], title="Zählerstände", widths=(10, 12)
    )
    found = load_workbook(io.BytesIO(written))["Zählerstände"]
    cells = [[cell.value for cell in row] for row in found.iter_rows()]
    assert cells[1:3] == [["'=cmd|' /C calc'!A0", 10_000], ["001234567890", None]]
    assert {cell.data_type for row in found.iter_rows(min_row=2, max_col=1) for cell in row} == {
        "s"
    }
    assert found["B4"].number_format == "DD.MM.YYYY"
    assert found.freeze_panes == "A2"
    assert [cells for _, cells in workbooks.rows(written, most=10)][1] == tuple(cells[1])


def test_an_old_or_locked_workbook_says_how_to_save_it() -> None:
    assert "old format" in refusal(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600)


def test_an_archive_of_something_else_is_no_workbook() -> None:
    written = io.BytesIO()
    with zipfile.ZipFile(written, "w") as archive:
        archive.writestr("mimetype", "application/vnd.oasis.opendocument.spreadsheet")
    assert "no workbook" in refusal(written.getvalue())


def test_macros_are_refused() -> None:
    assert "macros" in refusal(with_part("xl/vbaProject.bin", b"\0"))


def test_an_archive_that_unpacks_to_too_much_is_refused() -> None:
    bomb = with_part("xl/media/image1.png", b"\0" * (workbooks.MOST_UNPACKED + 1))
    assert len(bomb) < 1_000_000
    assert "too large" in refusal(bomb)


def test_an_archive_of_too_many_parts_is_refused() -> None:
    def many(parts: Parts) -> None:
        parts |= {f"xl/media/{n}": b"" for n in range(600)}

    assert "too large" in refusal(changed(a_workbook(["a"]), many))


@pytest.mark.parametrize("name", ["xl/workbook.xml", "xl/worksheets/sheet1.xml", "xl/styles.xml"])
def test_entities_are_refused_unread(name: str) -> None:
    laughs = b'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "ha"><!ENTITY b "&a;&a;">]><x>&b;</x>'
    assert "damaged" in refusal(with_part(name, laughs))
    assert "damaged" in refusal(with_part(name, laughs.decode().encode("utf-16")))


def test_a_sheet_that_goes_on_for_a_million_rows_is_refused() -> None:
    far = sheet('<row r="1"><c r="A1"><v>1</v></c></row><row r="1048576"/>')
    assert "100000" in refusal(with_part("xl/worksheets/sheet1.xml", far))
    empty = sheet("<row/>" * 150_000)
    assert "100000" in refusal(with_part("xl/worksheets/sheet1.xml", empty))


def test_a_cell_far_to_the_right_costs_nothing() -> None:
    wide = sheet('<row r="1"><c r="A1"><v>1</v></c><c r="XFD1"><v>2</v></c></row>')
    ((_, cells),) = workbooks.rows(with_part("xl/worksheets/sheet1.xml", wide), most=10)
    assert cells == (1,)


@pytest.mark.parametrize(
    "data",
    [
        '<row r="x"><c r="A1"><v>1</v></c></row>',
        '<row r="1"><c r="1A"><v>1</v></c></row>',
        '<row r="1"><c r="A1" t="s"><v>99</v></c></row>',
        '<row r="1"><c r="A1" t="s"><v>x</v></c></row>',
        '<row r="1"><c r="A1" s="77"><v>1</v></c></row>',
        '<row r="1"><c r="A1"><v>1e999</v></c></row>',
        '<row r="1"><c r="A1" t="d"><v>2026-99-99</v></c></row>',
        '<row r="1"><c r="A1"><v>eins</v></c></row>',
        "<row",
    ],
)
def test_a_damaged_sheet_is_refused_or_read_but_never_an_error(data: str) -> None:
    content = with_part("xl/worksheets/sheet1.xml", sheet(data))
    assert "damaged" in (told(content) or "damaged")


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
@pytest.mark.parametrize("part", [b"", b"<x/>", b"<x>", b"\xff\xfe", b"\0" * 9])
def test_a_part_that_is_missing_or_spoilt_is_no_error(name: str, part: bytes) -> None:
    content = a_workbook(["Seriennummer", "Stand"], ["SN", 1])
    for broken in (
        with_part(name, part),
        changed(content, lambda parts: parts.pop(name, None) and None),
    ):
        assert "save" in (told(broken) or "saved")


def test_bytes_turned_over_anywhere_are_no_error() -> None:
    content = a_workbook(*([f"SN{n}", n, date(2026, 11, 20)] for n in range(20)))
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        names = archive.namelist()
    chance = random.Random(20261123)  # noqa: S311 - the same every time

    def spoil(parts: Parts) -> None:
        name = chance.choice(names)
        part = bytearray(parts[name])
        for _ in range(chance.randint(1, 8)):
            place = chance.randrange(len(part))
            part[place : place + chance.randint(0, 2)] = bytes([chance.randrange(256)])
        parts[name] = bytes(part)

    read = 0
    for n in range(300):
        spoilt = bytearray(content)
        if n % 2:
            spoilt[chance.randrange(len(spoilt))] ^= 1 << chance.randrange(8)
        try:
            workbooks.rows(changed(content, spoil) if n % 2 == 0 else bytes(spoilt), most=100)
        except SheetRefused:
            continue
        read += 1
    assert 0 < read < 300
