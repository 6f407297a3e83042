"""What was uploaded, as files: one CSV, or the CSVs inside a zip archive, within limits."""

from __future__ import annotations

import io
import zipfile
import zlib
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import PurePosixPath

from meterportal.domain.imports.faults import Fault, Severity, refusal

MAX_FILES = 100
MAX_UNPACKED = 64 * 1024 * 1024
"""About 1.4 million readings, as rows 1 GB of the worker's memory; also the wall against zip bombs."""

_ZIP_BEGINS = (b"PK\x03\x04", b"PK\x05\x06", b"PK\x07\x08")
_TEXTS = {".csv", ".txt", ".tsv"}
_PIECE = 1024 * 1024


@dataclass(frozen=True, slots=True)
class SourceFile:
    name: str
    content: bytes


def is_zip(content: bytes) -> bool:
    return content.startswith(_ZIP_BEGINS)


def unpack(name: str, content: bytes) -> tuple[list[SourceFile], list[Fault]]:
    """The CSV files of an upload, in order, and notes on what was passed over.

    Raises `Refused` for an archive that is broken, encrypted, too large when unpacked or without
    any CSV file.
    """
    if not is_zip(content):
        if len(content) > MAX_UNPACKED:
            raise refusal(name, "too_large_unpacked", limit=MAX_UNPACKED // _PIECE)
        return [SourceFile(name, content)], []
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            return _unzip(name, archive)
    except (
        zipfile.BadZipFile,
        zlib.error,
        EOFError,
        NotImplementedError,
        ValueError,
        OSError,
    ) as error:
        raise refusal(name, "zip_broken") from error


def _unzip(name: str, archive: zipfile.ZipFile) -> tuple[list[SourceFile], list[Fault]]:
    entries = [entry for entry in archive.infolist() if not entry.is_dir()]
    if any(entry.filename == "[Content_Types].xml" for entry in entries):
        raise refusal(name, "spreadsheet")
    if len(entries) > MAX_FILES:
        raise refusal(name, "too_many_files", limit=MAX_FILES)
    if any(entry.flag_bits & 1 for entry in entries):
        raise refusal(name, "zip_encrypted")
    entries = [entry for entry in entries if not _hidden(entry.filename)]
    wanted = [entry for entry in entries if PurePosixPath(entry.filename).suffix.lower() in _TEXTS]
    notes = [
        Fault(entry.filename, None, None, "file_ignored", Severity.INFO)
        for entry in entries
        if entry not in wanted
    ]
    if not wanted:
        raise refusal(name, "no_files")
    bare = Counter(PurePosixPath(entry.filename).name.casefold() for entry in wanted)
    files, left = [], MAX_UNPACKED
    for entry in wanted:
        content = b"".join(_pieces(name, archive, entry, left))
        left -= len(content)
        short = PurePosixPath(entry.filename).name
        files.append(SourceFile(short if bare[short.casefold()] == 1 else entry.filename, content))
    return files, notes


def _pieces(
    name: str, archive: zipfile.ZipFile, entry: zipfile.ZipInfo, left: int
) -> Iterator[bytes]:
    """The entry piece by piece; what its header says of the size is not believed."""
    with archive.open(entry) as stream:
        while piece := stream.read(_PIECE):
            left -= len(piece)
            if left < 0:
                raise refusal(name, "too_large_unpacked", limit=MAX_UNPACKED // _PIECE)
            yield piece


def _hidden(path: str) -> bool:
    """Left behind by the operating system that packed: resource forks, dot files, Thumbs.db."""
    parts = PurePosixPath(path.replace("\\", "/")).parts
    return (
        "__MACOSX" in parts
        or any(part.startswith(".") for part in parts)
        or parts[-1].casefold() in {"thumbs.db", "desktop.ini"}
    )
