"""The files of an upload: which files of an archive are read, and the name of each in the
report."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from pathlib import PurePosixPath

from meterportal.domain.exchange.imports.faults import Fault, FaultSeverity, refusal
from meterportal.domain.frozen import frozen

MAX_FILES = 100

_TABLES = {".csv", ".txt", ".tsv", ".xlsx", ".ods", ".xls", ".xlsm", ".xlsb"}
"""Old workbooks are listed, too, so that they are refused with a reason and not ignored."""


@frozen
class SourceFile:
    name: str
    content: bytes


def chosen(name: str, paths: Sequence[str]) -> tuple[dict[str, str], list[Fault]]:
    """The files of an archive that may be tables: path -> name in the report. And notes on those
    that are ignored.

    Raises `Refused` if there is none, or too many.
    """
    if len(paths) > MAX_FILES:
        raise refusal(name, "too_many_files", limit=MAX_FILES)
    seen = [path for path in paths if not _hidden(path)]
    wanted = [path for path in seen if PurePosixPath(path).suffix.lower() in _TABLES]
    if not wanted:
        raise refusal(name, "no_files")
    notes = [
        Fault(path, None, None, "file_ignored", FaultSeverity.INFO)
        for path in seen
        if path not in wanted
    ]
    bare = Counter(PurePosixPath(path).name.casefold() for path in wanted)
    shown = {path: PurePosixPath(path).name for path in wanted}
    return {
        path: file if bare[file.casefold()] == 1 else path for path, file in shown.items()
    }, notes


def _hidden(path: str) -> bool:
    """Files that the packing operating system added: resource forks, dot files, Thumbs.db."""
    parts = PurePosixPath(path).parts
    return (
        "__MACOSX" in parts
        or any(part.startswith(".") for part in parts)
        or parts[-1].casefold() in {"thumbs.db", "desktop.ini"}
    )
