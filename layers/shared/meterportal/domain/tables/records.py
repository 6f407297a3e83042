"""Lines of a text file to records. Quotation marks are respected; wrong ones are reported by line.

One bad record affects only itself: reading goes on with the next line.
"""

from __future__ import annotations

import csv
from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from typing import Any, NamedTuple

LONGEST_FIELD = 100_000
"""In characters; the csv module's own limit is higher."""

_MOST_LINES = 200
"""Physical lines of one record. Without it a quotation mark that is never closed takes in all the
rest of the file."""


class TextLine(NamedTuple):
    """A physical line with its line end: its number from 1 and the offset at which it begins."""

    number: int
    offset: int
    text: str


class TextRun(NamedTuple):
    """Physical lines one behind the other: the number of the first, and where each begins (and, maybe,
    where the last one ends). `plain`: the csv module would do nothing but split them. Almost all are so,
    and it takes longer than splitting them."""

    number: int
    offsets: Sequence[int]
    texts: Sequence[str]
    plain: bool

    def lines(self) -> Iterator[TextLine]:
        for number, (offset, text) in enumerate(
            zip(self.offsets, self.texts, strict=False), start=self.number
        ):
            yield TextLine(number, offset, text)


class Record(NamedTuple):
    """The cells of a record and where it begins. Cells are texts, in workbooks also numbers and
    days. With a `fault` (`open_quote`, `huge_field` or `null_character`) the cells must not be
    used; the record is only counted."""

    line: int
    offset: int
    cells: Sequence[Any]
    fault: str = ""


class _TooManyLines(Exception):
    pass


def is_plain(lines: list[bytes]) -> bool:
    """Whether lines have neither quotation marks nor null characters nor fields that are too long."""
    run = b"".join(lines)
    return b'"' not in run and b"\0" not in run and max(map(len, lines), default=0) < LONGEST_FIELD


def records(runs: Iterable[TextRun], delimiter: str, *, width: int = 0) -> Iterator[Record]:
    """The records without blank ones. `width` is the number of cells of a correct record. A record
    over several lines with another number of cells is badly quoted: its lines are read one by
    one."""
    feed = _Feed(runs)
    reader = csv.reader(feed, delimiter=delimiter, strict=True)
    while True:
        feed.taken.clear()
        while (run := feed.plain()) is not None:
            number = run.number
            for offset, text in zip(run.offsets, run.texts, strict=False):
                cells = text.rstrip("\r\n").split(delimiter)
                if cells[0].strip() or _any_text(cells):
                    yield Record(number, offset, cells)
                number += 1
        fault = ""
        try:
            cells = next(reader)
        except StopIteration:
            return
        except (csv.Error, _TooManyLines):
            cells, fault = [], "open_quote"
            # After an error the reader is still inside a field.
            reader = csv.reader(feed, delimiter=delimiter, strict=True)
        taken = feed.taken
        if not fault and len(taken) > 1 and width and _swallowed(taken, delimiter, cells, width):
            fault = "open_quote"
        if fault:
            feed.give_back(taken[1:])
            cells = taken[0].text.split(delimiter)
        for line in taken if not fault else taken[:1]:
            if len(line.text) > LONGEST_FIELD and any(len(c) > LONGEST_FIELD for c in cells):
                fault = "huge_field"
            if "\0" in line.text:
                fault = "null_character"
        if fault or _any_text(cells):
            yield Record(taken[0].number, taken[0].offset, cells, fault)


def _any_text(cells: list[str]) -> bool:
    return any(map(str.strip, cells))


def _swallowed(lines: list[TextLine], delimiter: str, cells: list[str], width: int) -> bool:
    """Whether a record over several lines is really several records, joined by a quotation mark
    that was opened by mistake: its width is wrong, or its lines look like complete records."""
    if len(cells) != width:
        return True
    complete = [line.text.count(delimiter) >= width - 1 for line in lines]
    return width > 1 and (any(complete[1:-1]) or (complete[0] and complete[-1]))


class _Feed:
    """Gives lines to the csv module and remembers the lines of the current record."""

    def __init__(self, runs: Iterable[TextRun]) -> None:
        self._runs = iter(runs)
        self._again: deque[TextLine] = deque()
        self.taken: list[TextLine] = []

    def __iter__(self) -> Iterator[str]:
        return self

    def __next__(self) -> str:
        if len(self.taken) >= _MOST_LINES:
            raise _TooManyLines
        if not self._again:
            self._again.extend(next(self._runs).lines())
        line = self._again.popleft()
        self.taken.append(line)
        return line.text

    def plain(self) -> TextRun | None:
        """The next lines if they are plain; None at the end, or if the csv module must read the next."""
        if not self._again:
            run = next(self._runs, None)
            if run is None or run.plain:
                return run
            self._again.extend(run.lines())
        line = self._again[0]
        if '"' in line.text or len(line.text) >= LONGEST_FIELD or "\0" in line.text:
            return None
        self._again.popleft()
        return TextRun(line.number, [line.offset], [line.text], plain=True)

    def give_back(self, lines: list[TextLine]) -> None:
        self._again.extendleft(reversed(lines))
