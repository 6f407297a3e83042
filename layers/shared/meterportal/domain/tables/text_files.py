"""Text files as tables: examined once, then read from any place, never completely in memory."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import accumulate, dropwhile, islice
from typing import BinaryIO

from meterportal.domain.frozen import frozen
from meterportal.domain.tables.dialect import DELIMITERS, Dialect, Score, dialect_of, separator
from meterportal.domain.tables.encoding import Encoding, encoding_of, runs_of
from meterportal.domain.tables.records import LONGEST_FIELD, Record, TextRun, is_plain
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
    empty = all(map(_blank, _lines(stream, encoding)))
    beginning = [*islice(_lines(stream, encoding), _BEGINNING)]
    return TextFile(encoding, dialect_of(beginning, score), empty)


def read_records(
    stream: BinaryIO, file: TextFile, *, begin: tuple[int, int] = _BEGIN
) -> Iterator[Record]:
    """The records, beginning with the headings; all records if there are no headings.

    `begin` is (line, offset) of a record that was read before: reading continues there.
    """
    dialect = file.dialect
    width = dialect.width if dialect.line else 0
    found = records_of(_runs(stream, file.encoding, begin), dialect.delimiter, width=width)
    return dropwhile(
        lambda one: one.line < dialect.line or (one.line == 1 and separator(one.cells)), found
    )


def counted_lines(stream: BinaryIO, encoding: Encoding) -> int:
    """How many lines are not empty: the number of rows of a file that could not be read as a
    table."""
    return sum(1 for line in _lines(stream, encoding) if not _blank(line))


def _blank(line: str) -> bool:
    return not line.strip("\r\n\t ;,|\0\ufeff")


def _lines(stream: BinaryIO, encoding: Encoding) -> Iterator[str]:
    for run in _runs(stream, encoding, _BEGIN):
        yield from run.texts


def _runs(stream: BinaryIO, encoding: Encoding, begin: tuple[int, int]) -> Iterator[TextRun]:
    first, offset = begin
    for place, lines in runs_of(stream, encoding, offset=offset, longest=_LONGEST_LINE):
        offsets = accumulate(map(len, lines), initial=place)
        yield TextRun(first, [*offsets], encoding.texts(lines), is_plain(lines))
        first += len(lines)
