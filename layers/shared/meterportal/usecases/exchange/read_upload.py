"""An upload of any size, read from its bucket as a stream and never completely in memory."""

from __future__ import annotations

import io
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import IO, BinaryIO, cast

from meterportal import workbooks
from meterportal.archives import DROP, MAX_UPLOAD, MIB, REQUEST, Archive, Limits, is_zip
from meterportal.domain.exchange.imports.archives import chosen
from meterportal.domain.exchange.imports.columns import Columns
from meterportal.domain.exchange.imports.faults import Fault, refusal
from meterportal.domain.exchange.imports.long_imports import LongSheet
from meterportal.domain.exchange.imports.rows import ReadFile
from meterportal.domain.exchange.imports.sheets import OpenSheet, open_book, open_text, text_sheet
from meterportal.domain.unreadable import Unreadable
from meterportal.files import RemoteFile
from meterportal.usecases.exchange.unpack_upload import in_words, sheets_of
from meterportal.workbooks import FileKind, recognised

_LOOKED_AT = MIB
_BOOK = 256 * MIB
"""Bytes of the largest workbook in an archive: it is copied beside the function."""


def is_long(stream: RemoteFile) -> bool:
    """Whether an archive says that more is in it than is read at once."""
    try:
        return is_zip(stream.read(4)) and Archive(stream, DROP).stated > REQUEST.unpacked
    except Unreadable:
        return False


class LongUpload:
    """The files of an upload: those of an archive, or the upload itself under the path ""."""

    def __init__(self, name: str, stream: RemoteFile, limits: Limits = DROP) -> None:
        """Raises `Refused` for what cannot be read at all."""
        self._stream, self._limits = stream, limits
        self._copy: tuple[str, IO[bytes]] | None = None
        self._archive: Archive | None = None
        self.files, self.notes = {"": name}, list[Fault]()
        if stream.size > MAX_UPLOAD:
            raise refusal(name, "too_large_upload", limit=MAX_UPLOAD // MIB)
        with in_words(name):
            if recognised(_sparing(stream), limits) is FileKind.ARCHIVE:
                self._archive = Archive(stream, limits)
                self.files, self.notes = chosen(name, self._archive.names)

    def opened(self, path: str, words: Columns) -> tuple[list[OpenSheet | ReadFile], list[Fault]]:
        """The sheets of a file, and notes on others. Raises `Refused`."""
        shown = self.files[path]
        with in_words(shown):
            stream = self._seekable(path)
            if recognised(_sparing(stream), self._limits) is FileKind.TEXT:
                return [open_text(shown, stream, words)], []
            book = workbooks.opened(stream, replace(self._limits, unpacked=self._left))
            return open_book(shown, tuple(sheets_of(book)), words)

    def sheet(self, known: LongSheet, words: Columns) -> OpenSheet:
        """A sheet that was opened before. Raises `Refused`."""
        if known.text is not None:
            stream = self._seekable(known.path)
            return text_sheet(known.empty(), known.width, stream, known.file)
        found = self.opened(known.path, words)[0][known.number]
        assert isinstance(found, OpenSheet), "it could be opened before"
        return found

    def close(self) -> None:
        """Its sheets cannot be read any more."""
        self._drop_copy()
        self._stream.close()

    @property
    def _left(self) -> int:
        """Bytes that may still be unpacked."""
        return self._limits.unpacked - (self._archive.unpacked if self._archive else 0)

    def _seekable(self, path: str) -> BinaryIO:
        if self._archive is None:
            return self._stream
        if self._copy is not None and self._copy[0] == path:
            return cast("BinaryIO", self._copy[1])
        archive = self._archive
        again = _Again(lambda: archive.open(path))
        if not is_zip(again.read(_LOOKED_AT)[:4]):
            return cast("BinaryIO", again)
        self._drop_copy()
        copy = tempfile.TemporaryFile()  # noqa: SIM115 - closed with the upload, or for the next one
        self._copy = "", copy
        again.seek(0)
        size = 0
        while piece := again.read(MIB):
            size += len(piece)
            if size > _BOOK:
                raise refusal(self.files[path], "too_large_unpacked", limit=_BOOK // MIB)
            copy.write(piece)
        self._copy = path, copy
        return cast("BinaryIO", copy)

    def _drop_copy(self) -> None:
        """The function's disk has room for one."""
        if self._copy is not None:
            self._copy[1].close()
            self._copy = None


def _sparing(stream: BinaryIO) -> BinaryIO:
    """A stream by which a file is recognised: of one that is no archive only the beginning, which is
    looked at here and there."""
    stream.seek(0)
    beginning = stream.read(_LOOKED_AT)
    stream.seek(0)
    return stream if is_zip(beginning) else io.BytesIO(beginning)


class _Again:
    """A packed file at any place: to go back it is unpacked from its start."""

    def __init__(self, begin: Callable[[], BinaryIO]) -> None:
        self._begin, self._content, self._place = begin, begin(), 0

    def read(self, size: int = -1, /) -> bytes:
        piece = self._content.read(size)
        self._place += len(piece)
        return piece

    def seek(self, place: int, _whence: int = io.SEEK_SET, /) -> int:
        if place < self._place:
            self._content, self._place = self._begin(), 0
        for _ in self._skipped(place):
            pass
        return self._place

    def _skipped(self, place: int) -> Iterator[bytes]:
        while self._place < place and (piece := self.read(min(MIB, place - self._place))):
            yield piece
