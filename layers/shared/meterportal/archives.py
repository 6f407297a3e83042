"""Zip archives, workbooks among them; only this module opens them.

The sizes and names that an archive states are not trusted: they are limited before it is read, the
bytes are counted while it is read, and every error in reading becomes a refusal.
"""

from __future__ import annotations

import io
import re
import struct
import zipfile
import zlib
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import IO, Any, BinaryIO

from meterportal.domain.frozen import frozen
from meterportal.domain.unreadable import (
    ArchiveBroken,
    ArchiveEncrypted,
    ArchiveEntries,
    ArchiveMethod,
    ArchiveNames,
    ArchiveTooLarge,
)

KIB, MIB = 1024, 1024 * 1024


@frozen
class Limits:
    """How much of an archive, and of a workbook in it, is read before it is refused.

    `unpacked` counts the bytes of all entries that are read. A small archive may have less: `small`
    bytes, plus `ratio` for each byte of its size. Characters are counted in all cells together
    (`text`), in the shared texts of a workbook, which are kept in memory (`shared`), and in a
    single cell (`cell`).
    """

    entries: int
    name: int
    unpacked: int
    small: int
    ratio: int
    sheets: int
    rows: int
    columns: int
    cells: int
    tags: int
    text: int
    shared: int
    cell: int

    @property
    def directory(self) -> int:
        """The largest table of contents in bytes; a larger one is not read."""
        return self.entries * (self.name + 256)


REQUEST = Limits(
    entries=1_000,
    name=255,
    unpacked=64 * MIB,
    small=32 * MIB,
    ratio=100,
    sheets=256,
    rows=200_000,
    columns=256,
    cells=500_000,
    tags=2_000_000,
    text=16 * MIB,
    shared=16 * MIB,
    cell=32_767,
)
"""For files in a request: five seconds and 256 MB of memory, whatever the file contains.

64 MB are about 1.4 million readings as CSV, which as rows take 1 GB of the import's memory. Tags
are beginnings and ends of elements: a cell with a value has four, an empty one two.
"""

DROP = Limits(
    entries=10_000,
    name=255,
    unpacked=16 * KIB * MIB,
    small=256 * MIB,
    ratio=100,
    sheets=1_000,
    rows=1_048_576,
    columns=1_024,
    cells=20_000_000,
    tags=80_000_000,
    text=KIB * MIB,
    shared=128 * MIB,
    cell=32_767,
)
"""For files that are uploaded to the import bucket and read as a stream: up to 2 GB."""

MAX_UPLOAD = 2048 * MIB
"""Bytes of the largest upload."""

_BEGINS = (b"PK\3\4", b"PK\5\6", b"PK\7\x08")
_PLAIN = {zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED}
_METHODS = {9: "Deflate64", 12: "BZIP2", 14: "LZMA", 93: "Zstandard", 95: "XZ", 98: "PPMd"}
_ENCRYPTED = 0x1 | 0x40 | 0x2000
"""Flags of an entry: encrypted, strongly so, headers masked (APPNOTE 4.4.4)."""
_SIZES_BEHIND = 0x8
_SIZES_IN_EXTRA = 0xFFFFFFFF
_HEADER = struct.Struct("<4s5H3L2H")
_PIECE = 64 * KIB
_CONTROL = re.compile(r"[\x00-\x1f\x7f]")
_SHOWN = 60
_READ_ERRORS = (
    zipfile.BadZipFile,
    zlib.error,
    struct.error,
    EOFError,
    OSError,
    LookupError,
    ValueError,
    ArithmeticError,
    RuntimeError,
)
"""Exceptions that zipfile raises if headers are wrong."""


def is_zip(beginning: bytes) -> bool:
    """Whether a file with this beginning is an archive."""
    return beginning.startswith(_BEGINS)


class Archive:
    """The files of a zip archive by name, in order; all of them can be opened. `unpacked` is the
    number of bytes read from them; bytes that are read again count once.

    `stream` is read at any position, never completely. Its own errors have to be refusals.
    """

    def __init__(self, stream: BinaryIO, limits: Limits) -> None:
        """Raises ArchiveBroken, ArchiveEncrypted, ArchiveMethod, ArchiveNames, ArchiveEntries."""
        self.limits = limits
        self._stream = _Sparing(stream, limits)
        self._most = min(limits.unpacked, limits.small + limits.ratio * self._stream.size)
        self._read: dict[str, int] = {}
        self.unpacked = 0
        with _refusing():
            self._zip = zipfile.ZipFile(self._stream)
            found = self._zip.infolist()
            if len(found) > limits.entries:
                raise ArchiveEntries(limit=limits.entries)
            _check(found, self._zip.start_dir)
        self._entries = _named(found, limits.name)
        self._folded = {name.casefold(): name for name in self._entries}

    @property
    def stated(self) -> int:
        """How many bytes all files are said to have when unpacked: a hint, never a promise."""
        return sum(entry.file_size for entry in self._entries.values())

    @property
    def names(self) -> Sequence[str]:
        return tuple(self._entries)

    def find(self, name: str) -> str | None:
        """The name of a file as the archive spells it, for a name in any case."""
        return self._folded.get(name.casefold())

    def open(self, name: str) -> BinaryIO:
        """A file's content as a stream that counts its bytes. It must be read to the end, because
        only then its checksum is compared.

        Raises ArchiveBroken, at once or while it is read, and ArchiveTooLarge.
        """
        entry = self._entries[name]
        with _refusing():
            self._compare(entry)
            content = self._zip.open(entry)
        return io.BufferedReader(_Counting(content, lambda place: self._count(name, place)), _PIECE)

    @property
    def opened(self) -> Sequence[str]:
        """The names of the files that were read, in order."""
        return tuple(self._read)

    def _count(self, name: str, place: int) -> None:
        before = self._read.get(name, 0)
        self._read[name] = max(before, place)
        self.unpacked += self._read[name] - before
        if self.unpacked > self._most:
            raise ArchiveTooLarge(limit=self._most // MIB)

    def _compare(self, entry: zipfile.ZipInfo) -> None:
        """Raises BadZipFile if an entry's own header differs from the directory. zipfile compares
        the names."""
        self._stream.seek(entry.header_offset)
        header = _HEADER.unpack(self._stream.read(_HEADER.size))
        flags, method, packed, size = header[2], header[3], header[7], header[8]
        same = method == entry.compress_type and not flags & _ENCRYPTED
        if not flags & _SIZES_BEHIND and _SIZES_IN_EXTRA not in {packed, size}:
            same = same and (packed, size) == (entry.compress_size, entry.file_size)
        if not same:
            raise zipfile.BadZipFile("header and directory differ")


class _Sparing:
    """A stream that refuses to read more than a table of contents at a time."""

    def __init__(self, stream: BinaryIO, limits: Limits) -> None:
        self._stream, self._entries = stream, limits.entries
        self._most = max(limits.directory, 2 * _PIECE)
        self.size = stream.seek(0, io.SEEK_END)

    def read(self, count: int = -1, /) -> bytes:
        left = max(self.size - self._stream.tell(), 0)
        wanted = left if count < 0 else min(count, left)
        if wanted > self._most:
            raise ArchiveEntries(limit=self._entries)
        return self._stream.read(wanted)

    def seek(self, place: int, whence: int = io.SEEK_SET, /) -> int:
        return self._stream.seek(place, whence)

    def tell(self) -> int:
        return self._stream.tell()

    def seekable(self) -> bool:
        return True


class _Counting(io.RawIOBase):
    """A file's content; calls `count` with the bytes read so far, and raises refusals for its
    errors."""

    def __init__(self, content: IO[bytes], count: Callable[[int], None]) -> None:
        self._content, self._count, self._place = content, count, 0

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any, /) -> int:
        with memoryview(buffer) as view, _refusing():
            piece = self._content.read(len(view))
            view[: len(piece)] = piece
        self._place += len(piece)
        self._count(self._place)
        return len(piece)


@contextmanager
def _refusing() -> Iterator[None]:
    try:
        yield
    except _READ_ERRORS as error:
        raise ArchiveBroken from error


def _check(entries: Sequence[zipfile.ZipInfo], end: int) -> None:
    """Refuses entries that are encrypted, that are packed by another method than Deflate, or that
    overlap another entry or the directory, which begins at `end`."""
    for entry in entries:
        if entry.flag_bits & _ENCRYPTED:
            raise ArchiveEncrypted
        if entry.compress_type not in _PLAIN:
            method = _METHODS.get(entry.compress_type, str(entry.compress_type))
            raise ArchiveMethod(method=method)
    for entry in sorted(entries, key=lambda item: item.header_offset, reverse=True):
        length = _HEADER.size + len(entry.orig_filename) + entry.compress_size
        if entry.header_offset < 0 or entry.header_offset + length > end:
            raise zipfile.BadZipFile("entries overlap")
        end = entry.header_offset


def _named(entries: Sequence[zipfile.ZipInfo], longest: int) -> dict[str, zipfile.ZipInfo]:
    """The files by name, without folders. Raises ArchiveNames for an unusable name, and for one
    that appears twice: programs differ in which of the two they take."""
    named: dict[str, zipfile.ZipInfo] = {}
    folded: set[str] = set()
    for entry in entries:
        name = entry.orig_filename.replace("\\", "/")
        usable = 0 < len(name) <= longest and not _CONTROL.search(name)
        if not usable or name.casefold() in folded:
            raise ArchiveNames(name=_CONTROL.sub("\ufffd", name[:_SHOWN]))
        if not name.endswith("/"):
            folded.add(name.casefold())
            named[name] = entry
    return named
