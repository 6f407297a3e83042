"""Reads the rows of a long import and sorts them into its parts, some MB at a time."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from meterportal.adapters import Adapters
from meterportal.domain.exchange.imports.columns import Columns
from meterportal.domain.exchange.imports.decisions import Notes
from meterportal.domain.exchange.imports.directory import Directory, part_of
from meterportal.domain.exchange.imports.faults import Fault
from meterportal.domain.exchange.imports.long_imports import LongImport, LongSheet, packed_rows
from meterportal.domain.exchange.imports.reading import RowReader, chunked
from meterportal.domain.exchange.imports.rows import ReadFile, SheetRow
from meterportal.mail.addresses import mailbox
from meterportal.settings import Moment
from meterportal.store.exchange import imports
from meterportal.store.portfolio import holdings
from meterportal.usecases.exchange.import_findings import MAX_FINDINGS
from meterportal.usecases.exchange.read_upload import LongUpload

PIECE_ROWS = 1_000_000
"""Rows that one piece reads."""
PIECE_BYTES = 48 * 1024 * 1024
"""Bytes of sorted rows that one piece keeps in memory."""
CHUNK = 2_000
"""Rows whose companies are looked up together, and between two looks at the time."""


class Sorter:
    """`parts` are the rows that were sorted, by part, each on a line of its own."""

    def __init__(
        self,
        adapters: Adapters,
        state: LongImport,
        directory: Directory,
        words: Columns,
        at: Moment,
        has_time: Callable[[], bool],
    ) -> None:
        self.parts = [bytearray() for _ in range(state.parts)]
        self._adapters, self._state, self._directory = adapters, state, directory
        self._words, self._at, self._has_time = words, at, has_time

    def sort(self, upload: LongUpload) -> list[Fault]:
        """Sorts rows, from sheet to sheet, until there are enough of them; their findings."""
        state, faults, size = self._state, list[Fault](), 0
        while state.sheet < len(state.taken):
            known = state.taken[state.sheet]
            size += self._sort_sheet(known, upload, PIECE_BYTES - size, faults)
            if known.begin or size >= PIECE_BYTES or not self._has_time():
                break
        return faults

    def _sort_sheet(
        self,
        known: LongSheet,
        upload: LongUpload,
        most: int,
        faults: list[Fault],
    ) -> int:
        """Sorts rows of a sheet; returns how many bytes they take."""
        opened = upload.sheet(known, self._words)
        sheet, notes = opened.sheet, Notes.unpacked(known.notes)
        sheet.faults = faults
        reader = RowReader(
            opened,
            self._words,
            known.columns(self._words),
            today=self._at.today,
            address=mailbox,
            notes=notes,
        )
        number = self._state.sheets.index(known)
        begin = (known.begin[0], known.begin[1]) if known.begin else None
        size, following = 0, None
        for chunk, last in chunked(opened.records(begin), CHUNK):
            if sheet.count and (self._enough(sheet, size, most) or not self._has_time()):
                following = [chunk[0].line, chunk[0].offset]
                break
            size += self._into(number, reader.read(chunk, last=last))
        self._directory.name(known.kind, sheet.named)
        known.read += sheet.count
        known.rejected += len(sheet.rejected)
        known.nameless += len(sheet.nameless)
        known.begin, known.notes = following, notes.packed()
        if following is None:
            faults += notes.faults(sheet)
            self._state.sheet += 1
        return size

    def _enough(self, sheet: ReadFile, size: int, most: int) -> bool:
        """Whether a piece has read so much of a sheet that it has to be kept."""
        return size >= most or sheet.count >= PIECE_ROWS or len(sheet.faults) >= MAX_FINDINGS

    def _into(self, number: int, rows: list[SheetRow]) -> int:
        """Puts rows into the parts of their companies; returns how many bytes they take."""
        table, directory = self._adapters.table, self._directory
        unknown = directory.unknown(rows)
        stored = {
            "contracts": holdings.companies_of(table, "CONTRACT", unknown.get("contracts", ())),
            "machines": {
                machine: found.company_id
                for machine, found in imports.pointers(
                    table, "MACHINE", unknown.get("machines", ())
                ).items()
            },
        }
        size = 0
        for part, found in self._by_part(rows, stored).items():
            line = packed_rows(number, found)
            self.parts[part] += line
            size += len(line)
        return size

    def _by_part(
        self, rows: list[SheetRow], stored: Mapping[str, Mapping[str, str]]
    ) -> dict[int, list[SheetRow]]:
        found, parts = dict[int, list[SheetRow]](), dict[str, int]()
        place = rows[0].sheet.order.get("machine_id") if rows else None
        for row in rows:
            # Rows about one machine are many.
            machine = None if place is None else row.values[place]
            part = parts.get(machine) if machine else None
            if part is None:
                part = part_of(self._directory.home(row, stored), len(self.parts))
                if machine:
                    parts[machine] = part
            found.setdefault(part, []).append(row)
        return found
