"""Bytes to records: encoding, delimiter and newline are found out, and the reading is strict."""

from __future__ import annotations

import codecs
import csv
import io
import re
from collections.abc import Iterator, Sequence
from typing import Any

from meterportal.domain.imports.columns import Columns, fold
from meterportal.domain.imports.faults import refusal

Record = tuple[int, list[str]]
"""The physical line in which a record begins (from 1), and its cells."""

_DELIMITERS = ";,\t|"
_HUGE = 100_000
_SEPARATOR_LINE = re.compile(r"sep=(.)", re.IGNORECASE)


def decode(name: str, content: bytes) -> str:
    """The text of a file: UTF-16 by its mark, UTF-8 with or without, else Windows-1252.

    What Windows-1252 does not know becomes U+FFFD and is reported with its row. Raises `Refused`.
    """
    if content.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        try:
            return content.decode("utf-16")
        except UnicodeDecodeError as error:
            raise refusal(name, "bad_encoding", encoding="UTF-16") from error
    if content.startswith(codecs.BOM_UTF8):
        try:
            return content.decode("utf-8-sig")
        except UnicodeDecodeError as error:
            line = content.count(b"\n", 0, error.start) + 1
            raise refusal(name, "bad_encoding", line=line, encoding="UTF-8") from error
    try:
        return content.decode()
    except UnicodeDecodeError:
        return content.decode("cp1252", errors="replace")


def records(
    name: str, text: str, columns: Columns, *, delimiter: str | None = None
) -> Iterator[Record]:
    """The records of a CSV text, headings first, blank lines left out. Who does not give the
    `delimiter` has it found out.

    Raises `Refused` with the line at an open quotation mark, a null character or a huge field, and
    for an empty text.
    """
    if (place := text.find("\0")) >= 0:
        raise refusal(name, "null_character", line=_line_of(text, place))
    begin, first, named = _beginning(text)
    if not first:
        raise refusal(name, "empty_file")
    delimiter = delimiter or named or _delimiter_of(first, columns)
    reader = csv.reader(_lines(text), delimiter=delimiter, strict=True)
    line = 0
    while True:
        line = reader.line_num + 1
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            huge = any(len(part) > _HUGE for part in _lines(text))
            code = "huge_field" if huge else "open_quote"
            facts: dict[str, Any] = {"limit": _HUGE} if huge else {}
            raise refusal(name, code, line=line, **facts) from error
        if line < begin or not any(cell.strip() for cell in cells):
            continue
        if any(len(cell) > _HUGE for cell in cells):
            raise refusal(name, "huge_field", line=line, limit=_HUGE)
        yield line, cells


def counted_lines(text: str) -> int:
    """How many lines hold anything: the rows of a file that could not be read as such."""
    return sum(1 for line in _lines(text) if line.strip("\r\n\t ;,|\0\ufeff"))


def _lines(text: str) -> io.StringIO:
    """The physical lines, each with its own ending: CRLF, LF or CR."""
    return io.StringIO(text, newline="")


def _line_of(text: str, place: int) -> int:
    return sum(1 for _ in _lines(text[:place])) or 1


def _beginning(text: str) -> tuple[int, str, str]:
    """Line and text of the headings, and the delimiter if a first line `sep=;` names it."""
    delimiter = ""
    for number, line in enumerate(_lines(text), start=1):
        found = _SEPARATOR_LINE.fullmatch(line.rstrip("\r\n"))
        if number == 1 and found:
            delimiter = found[1]
        elif line.strip():
            return number, line, delimiter
    return 0, "", delimiter


def _delimiter_of(headings: str, columns: Columns) -> str:
    """The delimiter that makes the most known headings, then the one that stands there most."""
    known = {heading for kind in columns.headings.values() for heading in kind}

    def fit(delimiter: str) -> tuple[int, int]:
        parts: Sequence[str] = headings.replace('"', "").split(delimiter)
        return sum(fold(part) in known for part in parts), len(parts)

    return max(_DELIMITERS, key=fit)
