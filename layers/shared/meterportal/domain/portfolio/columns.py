"""Columns in a container: many values of a kind side by side, in a form that a browser reads as it is.

A container is 4 bytes (the head's length, little-endian), the head as JSON, and the columns' bytes one
after another. The head is `{name: [type, offset, bytes]}`, an offset counts from the head's end; a
fourth place "delta" says that each value but the first is the difference to the one before. Types:

    B H I   unsigned, 1, 2, 4 bytes        h i   signed, 2, 4 bytes
    s       texts in UTF-8, each one ended by a line feed

Of wide numbers all lowest bytes come first, then all of the next place, and so on: they pack better so.
Words that recur stand once, as texts under `<name>.d`, and the column holds their places.
Days are counted from 1999-12-31, so that 0 is "none" and 1 the first day of 2000.
"""

from __future__ import annotations

import json
from array import array
from collections.abc import Iterable, Sequence
from datetime import date

_WIDTH = {"B": 1, "H": 2, "h": 2, "I": 4, "i": 4}
_UNSIGNED = (("B", 1 << 8), ("H", 1 << 16), ("I", 1 << 32))
_DAY_ZERO = date(1999, 12, 31).toordinal()
_DELTAS = 1 << 31
"""Numbers below can be told as differences of 4 bytes."""

Head = dict[str, list[str | int]]


class EndOfLine(ValueError):
    """A text holds an end of line: a row would become two."""


class ColumnWriter:
    """Collects the columns of one container."""

    def __init__(self) -> None:
        self._head: Head = {}
        self._buffers: list[bytes] = []
        self._size = 0

    def numbers(self, name: str, values: Sequence[int]) -> None:
        """Numbers from 0, as narrow as the largest allows."""
        most = max(values, default=0)
        kind = next(kind for kind, end in _UNSIGNED if most < end)
        self._add(name, kind, _planes(kind, values))

    def deltas(self, name: str, values: Sequence[int]) -> None:
        """Numbers from 0 that are close to the one before."""
        steps = [value - before for value, before in zip(values, [0, *values], strict=False)]
        narrow = all(-(1 << 15) <= step < 1 << 15 for step in steps)
        kind = "h" if narrow else "i"
        self._add(name, kind, _planes(kind, steps), "delta")

    def signed(self, name: str, values: Sequence[int]) -> None:
        """Numbers around 0, as narrow as they allow."""
        if min(values, default=0) >= 0:
            self.numbers(name, values)
        else:
            narrow = all(-(1 << 15) <= value < 1 << 15 for value in values)
            kind = "h" if narrow else "i"
            self._add(name, kind, _planes(kind, values))

    def ids(self, name: str, values: Sequence[str]) -> None:
        """Numbers of the ERP: as differences where all of them are plain numbers, else as texts."""
        if all(map(_is_plain, values)):
            self.deltas(name, [int(value) for value in values])
        else:
            self.texts(name, values)

    def days(self, name: str, values: Iterable[str]) -> None:
        """ISO days, "" for none."""
        known = {"": 0}
        for value in values:
            if value not in known:
                known[value] = date.fromisoformat(value).toordinal() - _DAY_ZERO
        self.numbers(name, [known[value] for value in values])

    def texts(self, name: str, values: Iterable[str]) -> None:
        """Texts, one a line; raises `EndOfLine`."""
        lines = list(values)
        joined = "\n".join([*lines, ""]) if lines else ""
        if joined.count("\n") != len(lines):
            raise EndOfLine(name)
        self._add(name, "s", joined.encode())

    def words(self, name: str, values: Sequence[str]) -> None:
        """Texts of which many may be the same; where they are not, as `texts`."""
        places: dict[str, int] = {}
        codes = [places.setdefault(value, len(places)) for value in values]
        if len(places) * 2 > len(values):
            self.texts(name, values)
            return
        self.texts(f"{name}.d", places)
        self.numbers(name, codes)

    def packed(self) -> bytes:
        head = json.dumps(self._head, separators=(",", ":")).encode()
        return b"".join([len(head).to_bytes(4, "little"), head, *self._buffers])

    def _add(self, name: str, kind: str, content: bytes, *more: str) -> None:
        assert name not in self._head, name
        self._head[name] = [kind, self._size, len(content), *more]
        self._buffers.append(content)
        self._size += len(content)


def _is_plain(text: str) -> bool:
    return text.isascii() and text.isdigit() and str(int(text)) == text and int(text) < _DELTAS


def _planes(kind: str, values: Sequence[int]) -> bytes:
    raw = array(kind, values)
    if raw.itemsize != _WIDTH[kind]:
        raise TypeError(kind)
    content = raw.tobytes()
    width = raw.itemsize
    return content if width == 1 else b"".join(content[n::width] for n in range(width))
