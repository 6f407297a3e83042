"""Text files as tables: examined once, then read from any place, never completely in memory."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice
from typing import BinaryIO

from meterportal.domain.frozen import frozen
from meterportal.domain.tables.dialect import DELIMITERS, Dialect, Score, dialect_of, separator
from meterportal.domain.tables.encoding import Encoding, encoding_of, lines_of
from meterportal.domain.tables.records import LONGEST_FIELD, Record, TextLine
from meterportal.domain.tables.records import records as records_of

_LONGEST_LINE = 4 * LONGEST_FIELD
"""Bytes of one physical line that are read; a field that long is refused."""
_BEGINNING = 60
"""Lines from which the dialect is recognised."""
_BEGIN = (1, 0)


@frozen
class TextFile:
    """How a file is read. `empty`: it has only blank lines and delimiters."""

    encoding: Encoding
    dialect: Dialect
    empty: bool = False


def survey(stream: BinaryIO, score: Score) -> TextFile:
    """Encoding and dialect of a file; `score` says how well a row of cells fits as headings."""

    def known(line: str) -> int:
        return max(score(line.strip("\r\n").split(delimiter)) for delimiter in DELIMITERS)

    encoding = encoding_of(stream, known)
    lines = (line.text for line in _lines(stream, encoding, _BEGIN) if not _blank(line.text))
    empty = next(lines, None) is None
    beginning = [line.text for line in islice(_lines(stream, encoding, _BEGIN), _BEGINNING)]
    return TextFile(encoding, dialect_of(beginning, score), empty)


def read_records(
    stream: BinaryIO, file: TextFile, *, begin: tuple[int, int] = _BEGIN
) -> Iterator[Record]:
    """The records, beginning with the headings; all records if there are no headings.

    `begin` is (line, offset) of a record that was read before: reading continues there.
    """
    dialect = file.dialect
    lines = _lines(stream, file.encoding, begin)
    for record in records_of(lines, dialect.delimiter, width=dialect.width if dialect.line else 0):
        if record.line >= dialect.line and not (record.line == 1 and separator(record.cells)):
            yield record


def counted_lines(stream: BinaryIO, encoding: Encoding) -> int:
    """How many lines are not empty: the number of rows of a file that could not be read as a
    table."""
    return sum(1 for line in _lines(stream, encoding, _BEGIN) if not _blank(line.text))


def _blank(line: str) -> bool:
    return not line.strip("\r\n\t ;,|\0\ufeff")


def _lines(stream: BinaryIO, encoding: Encoding, begin: tuple[int, int]) -> Iterator[TextLine]:
    first, offset = begin
    found = lines_of(stream, encoding, offset=offset, longest=_LONGEST_LINE)
    for number, (place, line) in enumerate(found, start=first):
        yield TextLine(number, place, encoding.text(line))
