"""What a file is, whatever it calls itself; and what other programs make of the same table."""

from __future__ import annotations

import io
import struct
from datetime import date, datetime
from pathlib import Path

import pytest
from meterportal.archives import REQUEST
from meterportal.domain import unreadable
from meterportal.domain.tables.cells import Marker
from meterportal.workbooks import FileKind, recognised

from tests.support.hostile import ods, xlsx
from tests.support.packed import packed
from tests.support.reading import refusal, sheets

FILES = Path(__file__).parents[2] / "files"
MORNING = datetime(2026, 11, 28, 8, 30)  # noqa: DTZ001 - a sheet knows no zone
COMPOUND = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"


def compound(*names: str, sector: int = 0, table: int = 1) -> bytes:
    """A compound file whose directory, in `sector`, holds these names, four to a sector."""
    header = bytearray(512)
    header[:8] = COMPOUND
    struct.pack_into("<H", header, 30, 9)
    struct.pack_into("<L", header, 48, sector)
    struct.pack_into("<109L", header, 76, table, *[0xFFFFFFFF] * 108)
    entries = bytearray()
    for name in ("Root Entry", *names):
        entry = bytearray(128)
        entry[: 2 * len(name)] = name.encode("utf-16-le")
        struct.pack_into("<H", entry, 64, 2 * len(name) + 2)
        entries += entry
    first, second = bytes(entries[:512]), bytes(entries[512:])
    chain = struct.pack("<128L", 2, 0xFFFFFFFD, 0xFFFFFFFE, *[0xFFFFFFFF] * 125)
    return bytes(header) + first.ljust(512, b"\0") + chain + second.ljust(512, b"\0")


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"%PDF-1.7\n", "is_pdf"),
        (b"\xef\xbb\xbf<!DOCTYPE html>\n<html>", "is_web_page"),
        (b"\r\n <HTML xmlns:o='urn:schemas-microsoft-com:office:office'>", "is_web_page"),
        (b"<table border=1><tr><td>1", "is_web_page"),
        (b"<!-- Generator --><html>", "is_web_page"),
        (b"<?xml version='1.0'?>\n<!DOCTYPE html PUBLIC ''><html>", "is_web_page"),
        ("<html><table>".encode("utf-16"), "is_web_page"),
        (b"MIME-Version: 1.0\r\nX-Document-Type: Workbook\r\n", "is_web_page"),
        (b"MIME-Version: 1.0\r\nSubject: Zaehler\r\n", "is_mail"),
        (b"Return-Path: <a@b.example>\r\n", "is_mail"),
        (b"<?xml version='1.0'?><?mso-application progid='Excel.Sheet'?><Workbook>", "is_xml"),
        ("<?xml version='1.0'?><office:document>".encode("utf-16"), "is_xml"),
        (b"\x89PNG\r\n\x1a\n", "is_picture"),
        (b"\xff\xd8\xff\xe0\0\x10JFIF", "is_picture"),
        (b"GIF89a", "is_picture"),
        (b"BM\x36\x10\0\0\0\0\0\0\x36", "is_picture"),
        (b"RIFF\x24\0\0\0WEBPVP8 ", "is_picture"),
        (b"\0\0\0\x18ftypheic\0\0\0\0", "is_picture"),
        (b"II*\0\x08\0\0\0", "is_picture"),
        (b"Rar!\x1a\x07\x01\0", "is_package"),
        (b"7z\xbc\xaf\x27\x1c\0\4", "is_package"),
        (b"\x1f\x8b\x08\0\0\0\0\0", "is_package"),
        (b"BZh91AY&SY", "is_package"),
        (b"\xfd7zXZ\0\0", "is_package"),
        (b"firmen.csv".ljust(257, b"\0") + b"ustar\x0000", "is_package"),
        (b"{\\rtf1\\ansi", "is_document"),
        (b"SQLite format 3\0", "is_database"),
        (b"\0\1\0\0Standard Jet DB\0", "is_database"),
        (b"\x09\x08\x10\0\0\6\5\0", "workbook_old"),
        (COMPOUND + b"\0" * 600, "workbook_old_or_locked"),
        (COMPOUND, "workbook_old_or_locked"),
        (compound("Workbook", "\5SummaryInformation"), "workbook_old"),
        (compound("Book"), "workbook_old"),
        (compound("a", "b", "c", "d", "Workbook"), "workbook_old"),
        (compound("\6DataSpaces", "EncryptionInfo", "EncryptedPackage"), "workbook_locked"),
        (compound("a", "b", "c", "EncryptedPackage"), "workbook_locked"),
        (compound("WordDocument"), "is_document"),
        (compound("PowerPoint Document"), "is_document"),
        (compound("__properties_version1.0"), "is_mail"),
        (compound("etwas anderes"), "workbook_old_or_locked"),
        (compound("Workbook", sector=0xFFFFFFFE), "workbook_old_or_locked"),
        (compound("a", "b", "c", "d", "Workbook", table=0x7FFFFFFF), "workbook_old_or_locked"),
        (packed({"[Content_Types].xml": b"", "word/document.xml": b""}), "is_document"),
        (packed({"[Content_Types].xml": b"", "ppt/presentation.xml": b""}), "is_document"),
        (packed({"[Content_Types].xml": b"", "xl/workbook.bin": b""}), "workbook_binary"),
        (xlsx.with_parts({"xl/vbaProject.bin": b"\0"}), "workbook_macros"),
        (xlsx.with_parts({"xl/macrosheets/sheet1.xml": b"<x/>"}), "workbook_macros"),
        (packed({"Index/Document.iwa": b"", "Index/Tables/a.iwa": b""}), "is_numbers"),
        (packed({"Index.zip": b"", "Data/x.png": b""}), "is_numbers"),
        (packed({"mimetype": b"application/vnd.oasis.opendocument.text"}), "is_document"),
        (packed({"mimetype": b"application/epub+zip"}), "is_document"),
        (packed({"mimetype": b"application/vnd.sun.xml.calc"}), "workbook_old_or_locked"),
        (packed({"mimetype": ods.MIMETYPE, "Basic/script-lc.xml": b""}), "workbook_macros"),
    ],
)  # fmt: skip
def test_what_is_no_table_is_called_by_its_name(content: bytes, code: str) -> None:
    assert refusal(content) == code


@pytest.mark.parametrize(
    ("content", "kind"),
    [
        (b"", FileKind.TEXT),
        (b"Firmennummer;Firma\n1;A\n", FileKind.TEXT),
        (b"<Firma>;<Ort>\n", FileKind.TEXT),
        (b"BMW;Standort\n", FileKind.TEXT),
        (b"\0\1\2", FileKind.TEXT),
        ("Firmennummer;Firma\n".encode("utf-16"), FileKind.TEXT),
        (packed({"firmen.csv": b"a"}), FileKind.ARCHIVE),
        (packed({}), FileKind.ARCHIVE),
        (xlsx.with_parts({}), FileKind.XLSX),
        (ods.book(), FileKind.ODS),
        (
            packed({"mimetype": b"application/vnd.oasis.opendocument.spreadsheet-template"}),
            FileKind.ODS,
        ),
    ],
)
def test_tables_are_told_by_their_bytes(content: bytes, kind: FileKind) -> None:
    assert recognised(io.BytesIO(content), REQUEST) is kind


def test_every_refusal_has_words_in_both_languages_and_a_code_of_its_own() -> None:
    kinds = unreadable.Unreadable.__subclasses__()
    assert len({kind.code for kind in kinds}) == len(kinds) == len(unreadable.WORDS)
    for german, english in unreadable.WORDS.values():
        assert german != english
        assert german.endswith(".")
        assert english.endswith(".")


@pytest.mark.parametrize(
    "name", ["libreoffice.ods", "libreoffice.xlsx", "gnumeric.ods", "gnumeric.xlsx"]
)
def test_other_programs_tables_say_the_same(name: str) -> None:
    found = sheets((FILES / name).read_bytes())
    assert found["Zähler"][:3] == [
        (1, ("Seriennummer", "Stand", "Datum", "Preis", "Formel", "Fehler", "Uhr", "Notiz")),
        (2, ("0012300456", 11_000, date(2026, 11, 20), 12.5, 11_001, "#N/A", "08:30:00", "zwei\nZeilen")),
        (3, ("SN 2", 4300, MORNING, 0.5, None, "#DIV/0!", "23:59:59", "drei   Leerzeichen")),
    ]  # fmt: skip
    assert [number for number, _ in found["Zähler"]] == [1, 2, 3, 5, 12]
    assert found["Versteckt"] == [(1, ("geheim",))]
    assert found["Leer"] == []
    if name.startswith("libreoffice"):  # Gnumeric loses in xlsx that a sheet is hidden
        assert list(found) == ["Zähler", "Leer", "Versteckt"]


def test_a_formula_that_nobody_calculated_is_told_from_one_with_a_value() -> None:
    found = sheets((FILES / "xlsxwriter.xlsx").read_bytes())["Zähler"]
    assert [cells[1] for _, cells in found] == ["Stand", Marker.UNCALCULATED, 2]
    assert found[1][1][3] == "fett und nicht"


def test_old_and_locked_workbooks_of_other_programs_are_told_apart() -> None:
    assert refusal((FILES / "libreoffice.xls").read_bytes()) == "workbook_old"
    assert refusal((FILES / "locked.xlsx").read_bytes()) == "workbook_locked"
