"""What a file is, told by its bytes and never by its name; what is no table is refused by its name.

A workbook that is locked or of the time before xlsx lies in a compound file ([MS-CFB]); the names
in that file's directory tell which of the two it is.
"""

from __future__ import annotations

import re
import struct
from collections.abc import Iterable, Mapping
from enum import StrEnum
from typing import BinaryIO

from meterportal.archives import Archive, Limits, is_zip
from meterportal.domain.unreadable import (
    IsDatabase,
    IsDocument,
    IsMail,
    IsNumbers,
    IsPackage,
    IsPdf,
    IsPicture,
    IsWebPage,
    IsXml,
    Unreadable,
    WorkbookBinary,
    WorkbookLocked,
    WorkbookMacros,
    WorkbookOld,
    WorkbookOldOrLocked,
)

_LOOKED_AT = 1024
_MOST_SECTORS = 256


class FileKind(StrEnum):
    """`TEXT` is everything that nothing else is known of: CSV, or something like it."""

    TEXT = "text"
    ARCHIVE = "archive"
    XLSX = "xlsx"
    ODS = "ods"


_COMPOUND = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_STREAMS: Mapping[str, type[Unreadable]] = {
    "encryptedpackage": WorkbookLocked,
    "encryptioninfo": WorkbookLocked,
    "workbook": WorkbookOld,
    "book": WorkbookOld,
    "worddocument": IsDocument,
    "powerpoint document": IsDocument,
    "__properties_version1.0": IsMail,
}
_BEGINS: Mapping[bytes, type[Unreadable]] = {
    b"%PDF-": IsPdf,
    b"{\\rtf": IsDocument,
    b"\x89PNG\r\n\x1a\n": IsPicture,
    b"\xff\xd8\xff": IsPicture,
    b"GIF87a": IsPicture,
    b"GIF89a": IsPicture,
    b"II*\0": IsPicture,
    b"MM\0*": IsPicture,
    b"SQLite format 3\0": IsDatabase,
    b"\0\1\0\0Standard Jet DB": IsDatabase,
    b"\0\1\0\0Standard ACE DB": IsDatabase,
    # Excel 2 to 5 without a compound file around the sheet
    b"\x09\0\4\0": WorkbookOld,
    b"\x09\2\6\0": WorkbookOld,
    b"\x09\4\6\0": WorkbookOld,
    b"\x09\x08\x08\0": WorkbookOld,
    b"\x09\x08\x10\0": WorkbookOld,
    b"Return-Path:": IsMail,
    b"Received: from": IsMail,
    b"Delivered-To:": IsMail,
}
_PACKAGES: Mapping[bytes, str] = {
    b"Rar!\x1a\x07": "RAR",
    b"7z\xbc\xaf\x27\x1c": "7z",
    b"\x1f\x8b\x08": "gzip",
    b"BZh91AY&SY": "bzip2",
    b"\xfd7zXZ\0": "xz",
    b"\x28\xb5\x2f\xfd": "zstd",
    b"MSCF\0\0\0\0": "CAB",
}
_PHOTOS = {b"heic", b"heix", b"hevc", b"mif1", b"msf1", b"avif"}
_BEFORE = re.compile(r"(?:\s|<\?xml.*?\?>|<!--.*?-->)*", re.DOTALL)
_WEB_PAGE = re.compile(r"<(?:!doctype\s+html|html|head|body|meta|style|table|div)\b", re.IGNORECASE)
_ODF = "application/vnd.oasis.opendocument."
_OLD_ODF = "application/vnd.sun.xml.calc"
_LONGEST_TYPE = 200


def recognised(stream: BinaryIO, limits: Limits) -> FileKind:
    """What a file is. Raises Unreadable with the right words for what is neither text nor an archive
    or a workbook that is read here."""
    stream.seek(0)
    beginning = stream.read(_LOOKED_AT)
    if is_zip(beginning):
        return kind_of(Archive(stream, limits))
    if beginning.startswith(_COMPOUND):
        raise _compound(stream)
    _refuse_binary(beginning)
    _refuse_markup(beginning)
    return FileKind.TEXT


def kind_of(archive: Archive) -> FileKind:
    """What an archive is, told by the names in it. Raises Unreadable."""
    names = [name.casefold() for name in archive.names]
    folders = {name.partition("/")[0] for name in names if "/" in name}
    if archive.find("mimetype") or {"content.xml", "meta-inf/manifest.xml"} <= set(names):
        return _open_document(archive, folders)
    if any(name.endswith(".iwa") for name in names) or "index.zip" in names:
        raise IsNumbers
    if "[content_types].xml" not in names and "xl/workbook.xml" not in names:
        return FileKind.ARCHIVE
    if folders & {"word", "ppt", "visio"}:
        raise IsDocument
    if any(name.startswith("xl/") and name.endswith("workbook.bin") for name in names):
        raise WorkbookBinary
    if any(name.endswith("vbaproject.bin") or "/macrosheets/" in name for name in names):
        raise WorkbookMacros
    return FileKind.XLSX


def _open_document(archive: Archive, folders: set[str]) -> FileKind:
    told = archive.find("mimetype")
    mimetype = archive.open(told).read(_LONGEST_TYPE).decode("latin-1") if told else ""
    if mimetype.startswith(_OLD_ODF):
        raise WorkbookOldOrLocked
    if told and not mimetype.startswith(_ODF + "spreadsheet"):
        raise IsDocument
    if folders & {"basic", "scripts"}:
        raise WorkbookMacros
    return FileKind.ODS


def _refuse_binary(beginning: bytes) -> None:
    for begin, kind in _BEGINS.items():
        if beginning.startswith(begin):
            raise kind
    for begin, package in _PACKAGES.items():
        if beginning.startswith(begin):
            raise IsPackage(kind=package)
    if beginning[257:262] == b"ustar":
        raise IsPackage(kind="tar")
    bitmap = beginning.startswith(b"BM") and beginning[6:10] == b"\0\0\0\0"
    photo = beginning[4:8] == b"ftyp" and beginning[8:12] in _PHOTOS
    if bitmap or photo or (beginning.startswith(b"RIFF") and beginning[8:12] == b"WEBP"):
        raise IsPicture


def _refuse_markup(beginning: bytes) -> None:
    """A web page or XML that calls itself a workbook, as many programs export it."""
    wide = beginning[:2] in {b"\xff\xfe", b"\xfe\xff"}
    text = beginning.decode("utf-16" if wide else "latin-1", "ignore")
    text = text.removeprefix("ï»¿").lstrip("\ufeff \t\r\n")
    if text.startswith("MIME-Version:"):
        raise IsWebPage if "Workbook" in text or "multipart/related" in text else IsMail
    if _WEB_PAGE.match(text, _end_of_prolog(text)):
        raise IsWebPage
    if text.startswith("<?xml"):
        raise IsXml


def _end_of_prolog(text: str) -> int:
    found = _BEFORE.match(text)
    return found.end() if found else 0


def _compound(stream: BinaryIO) -> Unreadable:
    """Which of the kinds of files that share this form it is."""
    try:
        names = {name.casefold() for name in _directory(stream)}
    except (struct.error, ValueError, OSError):
        names = set()
    return next((kind() for name, kind in _STREAMS.items() if name in names), WorkbookOldOrLocked())


def _directory(stream: BinaryIO) -> Iterable[str]:
    """The names in a compound file's directory, as far as it can be followed."""
    stream.seek(0)
    header = stream.read(512)
    (shift,) = struct.unpack_from("<H", header, 30)
    if shift not in {9, 12}:
        raise ValueError("no size of sectors")
    (sector,) = struct.unpack_from("<L", header, 48)
    tables = struct.unpack_from("<109L", header, 76)
    size, seen = 1 << shift, set[int]()
    while sector not in seen and len(seen) < _MOST_SECTORS:
        seen.add(sector)
        stream.seek((sector + 1) << shift)
        content = stream.read(size)
        for place in range(0, len(content) - 127, 128):
            (length,) = struct.unpack_from("<H", content, place + 64)
            yield content[place : place + max(length - 2, 0)].decode("utf-16-le", "ignore")
        table, entry = divmod(sector, size // 4)
        if table >= len(tables):
            return
        stream.seek(((tables[table] + 1) << shift) + 4 * entry)
        (sector,) = struct.unpack("<L", stream.read(4))
