"""An import whose files fit into memory together: read, compared and written in one go."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from meterportal.adapters import Adapters
from meterportal.domain.exchange.import_runs import FileCount, Import
from meterportal.domain.exchange.imports.archives import SourceFile
from meterportal.domain.exchange.imports.batch import gather
from meterportal.domain.exchange.imports.causes import causes_of
from meterportal.domain.exchange.imports.columns import Columns
from meterportal.domain.exchange.imports.faults import Fault, Refused, in_order, refusal
from meterportal.domain.exchange.imports.missing import missing_from, numbers_named, unnamed
from meterportal.domain.exchange.imports.reading import read_book, read_text
from meterportal.domain.exchange.imports.rows import ReadFile
from meterportal.domain.refusals import NotFound
from meterportal.domain.unreadable import (
    SheetCells,
    SheetRows,
    SheetText,
    Unreadable,
    WorkbookSheets,
)
from meterportal.mail.addresses import mailbox
from meterportal.queues import OutOfTime
from meterportal.settings import Moment
from meterportal.store.portfolio import changes
from meterportal.usecases.exchange.apply_import import (
    ImportOutcome,
    ProgressTeller,
    apply_import,
    count_written,
)
from meterportal.usecases.exchange.import_findings import MAX_FINDINGS, Findings
from meterportal.usecases.exchange.import_in_pieces import Standing
from meterportal.usecases.exchange.unpack_upload import Source, unpack

_TOO_LONG = frozenset(one.code for one in (WorkbookSheets, SheetRows, SheetCells, SheetText))


class TooLong(Exception):
    """More is in the files than is read at once. Nothing is written yet."""


class ShortRun:
    """A worker at a short import."""

    def __init__(
        self,
        adapters: Adapters,
        running: Import,
        words: Columns,
        at: Moment,
        *,
        has_time: Callable[[], bool],
        standing: Standing,
    ) -> None:
        self._adapters, self._running, self._words, self._at = adapters, running, words, at
        self._has_time, self._standing = has_time, standing
        self._sheets: list[ReadFile] = []
        self._faults: list[Fault] = []

    def run(self) -> tuple[ImportOutcome, Findings]:
        """The whole import. Raises `TooLong`, `Refused`, `ImportOver`, OutOfTime or Unavailable."""
        adapters, running, sheets = self._adapters, self._running, self._sheets
        try:
            content = adapters.files.get(*running.place)
        except NotFound:
            raise refusal(running.file, "file_gone") from None
        try:
            sources, notes = unpack(running.file, content)
        except Refused as refused:
            if refused.fault.code in _TOO_LONG:
                raise TooLong from None
            raise
        self._faults += notes
        for source in sources:
            sheets += self._read(source)
        if any(fault.code in _TOO_LONG for sheet in sheets for fault in sheet.faults):
            raise TooLong
        kinds = {sheet.kind for sheet in sheets if not sheet.refused}
        if not kinds:
            first = sheets[0].faults.pop()
            raise Refused(first)
        outcome = ImportOutcome()
        ages, outcome.seen = self._standing(kinds, False)
        batch = gather(sheets)
        apply_import(
            adapters,
            running,
            batch,
            ages,
            self._at,
            outcome=outcome,
            has_time=self._has_time,
            tell=ProgressTeller(adapters, running),
        )
        if not running.dry_run:
            count_written(adapters, running, outcome)
        if running.full:
            if not self._has_time():
                raise OutOfTime("the list of what is missing")
            known = changes.everything(adapters.table)
            outcome.missing = missing_from(numbers_named(batch), known, self._at.today)
            outcome.unnamed = unnamed(batch)
        self._faults += [*batch.faults, *outcome.faults]
        return outcome, self._findings()

    def refused(self, faults: list[Fault]) -> Findings:
        """What is to be told of an import that is refused as a whole."""
        self._faults += faults
        for sheet in self._sheets:
            sheet.refused = True
        return self._findings()

    def _read(self, source: Source) -> list[ReadFile]:
        """A file's sheets. A fault found after the last row refuses the sheet."""
        words, today = self._words, self._at.today
        match source:
            case Fault():
                return [ReadFile(source.file, faults=[source], refused=True)]
            case SourceFile():
                return [read_text(source, words, today=today, address=mailbox)]
        try:
            return read_book(source.name, source.sheets, words, today=today, address=mailbox)
        except Unreadable as unreadable:
            facts: dict[str, Any] = unreadable.facts
            fault = refusal(source.name, unreadable.code, **facts).fault
            return [ReadFile(source.name, faults=[fault], refused=True)]

    def _findings(self) -> Findings:
        names = [sheet.name for sheet in self._sheets]
        faults = [*self._faults, *(fault for sheet in self._sheets for fault in sheet.faults)]
        ordered = in_order(faults, names)
        return Findings(
            tuple(_counted(sheet) for sheet in self._sheets),
            tuple(ordered[:MAX_FINDINGS]),
            len(ordered),
            tuple(causes_of(ordered)),
        )


def _counted(sheet: ReadFile) -> FileCount:
    return FileCount(
        sheet.name,
        sheet.kind,
        sheet.count,
        sheet.taken,
        sheet.count - sheet.taken,
        sheet.encoding,
        sheet.delimiter,
        sheet.headings_line,
    )
