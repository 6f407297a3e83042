"""Import runs: which file was handed in, how it was read, and the result; when a dry run may be taken
over."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import field
from datetime import date, datetime

from meterportal.domain.frozen import frozen
from meterportal.domain.refusals import Conflict
from meterportal.domain.runs import NOT_BROKEN, BrokenOff


class NoDryRun(Conflict):
    code = "no_dry_run"
    de = "Übernommen werden kann nur ein Probelauf, der fertig ist und etwas zu übernehmen hat."
    en = "Only a dry run that is done and has something to take can be taken over."


class ImportedMeanwhile(Conflict):
    code = "imported_meanwhile"
    de = "Seitdem ist ein anderer Import gelaufen. Bitte starten Sie den Probelauf noch einmal."
    en = "Another import has run since. Please start the dry run again."


class NoFullExport(Conflict):
    code = "no_full_export"
    de = "Beenden lässt sich nur, was in einem übernommenen vollen Export fehlt."
    en = "Only what is missing in a full export that was taken over can be ended."


class NotLatest(Conflict):
    code = "not_the_latest_import"
    de = "Seit diesem Export ist ein anderer Import gelaufen. Bitte entscheiden Sie nach dem nächsten vollen Export."
    en = "Another import has run since this export. Please decide after the next full export."


class FileGone(Conflict):
    code = "file_gone"
    de = "Die Datei liegt nicht mehr bereit. Bitte wählen Sie sie noch einmal."
    en = "The file is no longer kept. Please choose it again."


@frozen
class FileCount:
    """A file of an import: its rows and how many of them were accepted. `kind` "": unknown.

    `encoding`, `delimiter` and `headings_line` are how it was read, "" and 0 if that is not known.
    """

    file: str
    kind: str
    rows: int
    accepted: int
    rejected: int
    encoding: str = ""
    delimiter: str = ""
    headings_line: int = 0


@frozen
class Import:
    """An import's header. `state` is running, done or failed; the numbers are set when it ended.

    `as_of` is the date of the export's data: a date, or date and time (ISO, business time) if only
    the upload's time is known. `place` is (bucket, key) of the upload, `checksum` the beginning of
    its SHA-256, `etag` its version if somebody could put another one in its place. `changes`: kind -> numbers of new, changed and unchanged records.

    `full`: the file is meant to hold everything, so that what it lacks is worth a list; `missing`:
    kind -> how many records it lacks, how many of these are due until the end of the month, and how
    many of its rows have no readable number. `progress` is how many rows are planned, of how many.
    `work`: of a long import, the file that says how far it has come.

    `seen`: of a dry run, the newest import ("" for none) when it was planned. `applies` is the dry
    run that an import takes over, `applied` the import that has taken over a dry run.
    """

    id: str
    by: str
    created_at: datetime
    as_of: str
    file: str
    place: tuple[str, str]
    dry_run: bool = False
    state: str = "running"
    files: tuple[FileCount, ...] = ()
    changes: Mapping[str, Mapping[str, int]] = field(default_factory=dict)
    findings: int = 0
    reports: int = 0
    counted: Mapping[str, int] = field(default_factory=dict)
    broken: BrokenOff = NOT_BROKEN
    checksum: str = ""
    etag: str = ""
    full: bool = False
    missing: Mapping[str, tuple[int, int, int]] = field(default_factory=dict)
    progress: tuple[int, int] = (0, 0)
    seen: str = ""
    applies: str = ""
    applied: str = ""
    work: str = ""

    @property
    def work_folder(self) -> str:
        """Where the files of a long import lie: they hold what the upload holds."""
        return f"uploads/{self.id}/work/"

    @property
    def rows(self) -> int:
        return sum(file.rows for file in self.files)

    @property
    def accepted(self) -> int:
        return sum(file.accepted for file in self.files)

    @property
    def rejected(self) -> int:
        return sum(file.rejected for file in self.files)


@frozen
class Pointer:
    """The company of a record; `since` is the first day of a machine's history at that company."""

    company_id: str
    since: date | None = None
