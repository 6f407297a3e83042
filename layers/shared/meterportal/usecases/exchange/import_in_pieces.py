"""An import that does not fit into memory or into one invocation: in pieces, each of which moves the
import's state by one conditional write.

First all sheets are examined, then their rows are read and sorted into parts (the rows of some hundred
companies), then part after part is imported like a small file. What a piece makes are files beside the
upload; the header names the last state. A piece that was interrupted is done anew from the state before;
of two workers the faster one's state counts. The files go when the import ends.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from contextlib import closing
from dataclasses import astuple, replace

from meterportal.adapters import Adapters
from meterportal.domain.exchange.import_runs import FileCount, Import
from meterportal.domain.exchange.imports.batch import gather
from meterportal.domain.exchange.imports.causes import FaultCause, added_up, causes_of
from meterportal.domain.exchange.imports.columns import KINDS, Columns
from meterportal.domain.exchange.imports.decisions import Examination, form_faults
from meterportal.domain.exchange.imports.directory import Directory
from meterportal.domain.exchange.imports.effects import MonthEffect
from meterportal.domain.exchange.imports.faults import Fault, Refused, in_order, refusal
from meterportal.domain.exchange.imports.long_imports import (
    LongImport,
    LongSheet,
    Stage,
    as_json,
    faults_of_lines,
    lines_of_faults,
    merged,
    unpacked_rows,
)
from meterportal.domain.exchange.imports.missing import LISTED, missing_from
from meterportal.domain.exchange.imports.planning import Sample
from meterportal.domain.exchange.imports.reading import chunked, order_values
from meterportal.domain.exchange.imports.rows import ReadFile
from meterportal.domain.exchange.imports.sheets import OpenSheet
from meterportal.domain.refusals import NotFound
from meterportal.domain.unreadable import ArchiveTooLarge
from meterportal.queues import OutOfTime
from meterportal.settings import Moment
from meterportal.store.exchange import imports
from meterportal.store.portfolio import changes
from meterportal.store.writes import ConditionFailed
from meterportal.usecases.exchange import sort_rows
from meterportal.usecases.exchange.apply_import import (
    ImportOutcome,
    ImportOver,
    apply_import,
    count_written,
)
from meterportal.usecases.exchange.import_findings import MAX_FINDINGS, Findings
from meterportal.usecases.exchange.read_upload import LongUpload
from meterportal.usecases.exchange.sort_rows import Sorter
from meterportal.usecases.exchange.unpack_upload import in_words

PART_ROWS = 40_000
"""Rows of a part, on average: some hundred companies, which are compared at once."""
MAX_PARTS = 2_000

Standing = Callable[[set[str], bool], tuple[Mapping[str, str], str]]
"""Enters the age of these kinds of files unless the import has begun (the second argument); their ages,
and the newest import before."""


class LongRun:
    """A worker at a long import."""

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
        self._files, self._bucket = adapters.files, adapters.settings.import_bucket
        self._directory = Directory()
        self.state = LongImport()

    def run(self) -> tuple[ImportOutcome, Findings]:
        """All pieces that are left. Raises `Refused`, `ImportOver`, OutOfTime or Unavailable."""
        self._load()
        piece = {
            Stage.EXAMINE: self._examine,
            Stage.SORT: self._sort,
            Stage.APPLY: self._apply,
        }
        while self.state.stage is not Stage.TOLD:
            if not self._has_time():
                raise OutOfTime("the next piece of the import")
            self._move(piece[self.state.stage]())
        return self._told()

    def refused(self, faults: list[Fault]) -> Findings:
        """What is to be told of an import that is refused as a whole."""
        for sheet in self.state.sheets:
            sheet.refused = True
        return self._findings(faults)

    # ---- the state between two pieces

    def _load(self) -> None:
        """The state as the header names it, and what the pieces before have entered."""
        if not self._running.work:
            return
        try:
            self.state = LongImport.unpacked(self._files.get(self._bucket, self._running.work))
            for key in self.state.entered:
                self._directory.go_on(json.loads(self._files.get(self._bucket, key)))
        except NotFound:
            found = imports.load(self._adapters.table, self._running.id)
            if found is not None and found.state == "running":
                raise refusal(self._running.file, "file_gone") from None
            # Another worker has ended the import and taken its files along.
            raise ImportOver from None

    def _move(self, faults: Iterable[Fault]) -> None:
        """Keeps the findings of a piece and the state behind it."""
        ordered = in_order(faults, [sheet.name for sheet in self.state.sheets])
        state = self.state
        if ordered:
            state.told.append(self._keep("findings", lines_of_faults(ordered[:MAX_FINDINGS])))
            state.findings += len(ordered)
            before = [FaultCause(Fault.unpacked(one), count) for one, count in state.causes]
            causes = added_up([*before, *causes_of(ordered)])
            state.causes = [[cause.example.packed(), cause.count] for cause in causes]
        state.step += 1
        work = self._keep("state", state.packed())
        read = sum(sheet.read for sheet in state.taken)
        progress = (read + state.applied) // 2, state.rows
        try:
            imports.go_on(self._adapters.table, self._running, work, progress=progress)
        except ConditionFailed:
            # Another worker was faster: its state counts.
            found = imports.load(self._adapters.table, self._running.id)
            if found is None or found.state != "running":
                raise ImportOver from None
            self._running, self._directory = found, Directory()
            self._load()
        else:
            self._running = replace(self._running, work=work)

    def _keep(self, kind: str, content: bytes) -> str:
        """Stores a file beside the upload, under a key that nobody else makes."""
        number = self._adapters.new_number()
        key = f"{self._running.work_folder}{self.state.step:05d}-{kind}-{number}"
        self._files.put(self._bucket, key, content, content_type="application/octet-stream")
        return key

    # ---- the pieces

    def _upload(self) -> LongUpload:
        running, state = self._running, self.state
        try:
            stream = self._files.open(*running.place, etag=state.etag or running.etag)
        except NotFound:
            raise refusal(running.file, "file_gone") from None
        state.etag = stream.etag
        return LongUpload(running.file, stream)

    def _examine(self) -> list[Fault]:
        """Opens the next file, or goes on with the columns of a sheet."""
        with closing(self._upload()) as upload:
            return self._examine_next(upload)

    def _examine_next(self, upload: LongUpload) -> list[Fault]:
        state = self.state
        if state.sheet < len(state.sheets):
            sheet = state.sheets[state.sheet]
            try:
                return [] if sheet.refused else self._examine_sheet(sheet, upload)
            except Refused as refused:
                # Something is wrong further down in the file: nothing of it is taken.
                for one in state.sheets:
                    one.refused = one.refused or one.path == sheet.path
                return [refused.fault]
            finally:
                done = sheet.refused or sheet.forms is not None
                state.sheet += done
        paths = list(upload.files)
        if state.opened < len(paths):
            faults = list(upload.notes) if not state.opened else []
            return faults + self._open(upload, paths[state.opened])
        if not state.taken:
            raise Refused(faults_of_lines(self._files.get(self._bucket, state.told[0]))[0])
        state.stage, state.sheet = Stage.SORT, 0
        state.parts = min(max(-(-state.rows // PART_ROWS), 1), MAX_PARTS)
        return []

    def _open(self, upload: LongUpload, path: str) -> list[Fault]:
        self.state.opened += 1
        try:
            opened, faults = upload.opened(path, self._words)
        except Refused as refused:
            if refused.fault.code == ArchiveTooLarge.code:
                raise
            opened = [ReadFile(upload.files[path], faults=[refused.fault], refused=True)]
            faults = []
        for number, one in enumerate(opened):
            sheet = one.sheet if isinstance(one, OpenSheet) else one
            faults = [*faults, *sheet.faults]
            known = LongSheet.of(path, number, sheet)
            if isinstance(one, OpenSheet):
                known.width = one.width
                if one.file is not None:
                    known.file = one.file
            self.state.sheets.append(known)
        return faults

    def _examine_sheet(self, known: LongSheet, upload: LongUpload) -> list[Fault]:
        with in_words(known.name):
            return self._examine_rows(known, upload.sheet(known, self._words))

    def _examine_rows(self, known: LongSheet, opened: OpenSheet) -> list[Fault]:
        examined = Examination(opened.sheet, self._words)
        examined.go_on(known.evidence)
        begin, most = known.begin, known.count + sort_rows.PIECE_ROWS
        records = opened.records((begin[0], begin[1]) if begin else None)
        for chunk, _ in chunked(records, min(sort_rows.CHUNK, sort_rows.PIECE_ROWS)):
            late = not self._has_time()
            if known.count >= most or (late and known.count > 0):
                known.begin = [chunk[0].line, chunk[0].offset]
                known.evidence = examined.packed()
                return []
            examined.add(chunk)
            known.count += len(chunk)
        columns = examined.columns()
        known.decide(columns)
        if not known.count:
            known.refused = True
            return [refusal(known.name, "no_rows", line=known.headings_line).fault]
        return list(form_faults(opened.sheet, columns))

    def _sort(self) -> list[Fault]:
        """Reads rows until they are enough for a file, and sorts them into the parts."""
        state = self.state
        sorter = Sorter(
            self._adapters, state, self._directory, self._words, self._at, self._has_time
        )
        with closing(self._upload()) as upload:
            faults = sorter.sort(upload)
        ends = [0]
        for rows in sorter.parts:
            ends.append(ends[-1] + len(rows))
        state.sorted_rows.append((self._keep("rows", b"".join(sorter.parts)), ends))
        if news := self._directory.news():
            state.entered.append(self._keep("entered", as_json(news)))
        if state.sheet == len(state.taken):
            state.stage = Stage.APPLY
        return faults

    def _apply(self) -> list[Fault]:
        """Compares a part with the table, and writes what changes unless it is a dry run."""
        state, running = self.state, self._running
        ages, latest = self._standing({sheet.kind for sheet in state.taken}, state.part > 0)
        outcome = self._outcome()
        if not state.part:
            outcome.seen = latest
        read = unpacked_rows(
            state.sheets,
            (
                self._files.part(self._bucket, key, ends[state.part], ends[state.part + 1])
                for key, ends in state.sorted_rows
            ),
            order_values,
        )
        rows = sum(len(sheet.rows) for sheet in read)
        batch = gather(read)
        apply_import(
            self._adapters,
            running,
            batch,
            ages,
            self._at,
            outcome=outcome,
            has_time=self._has_time,
            others=self._directory,
        )
        names = {sheet.name: sheet for sheet in state.sheets}
        for sheet in read:
            names[sheet.name].rejected += len(sheet.rejected)
            # The records that rows with a changed number mean.
            self._directory.name(sheet.kind, sheet.named)
        if news := self._directory.news():
            state.entered.append(self._keep("entered", as_json(news)))
        state.part, state.applied = state.part + 1, state.applied + rows
        faults = [*batch.faults, *outcome.faults]
        outcome.faults = []
        self._keep_outcome(outcome)
        if state.part == state.parts:
            state.stage = Stage.TOLD
            state.applied = sum(sheet.read for sheet in state.taken)
        return faults

    # ---- what it comes to

    def _outcome(self) -> ImportOutcome:
        """What the parts before have come to."""
        outcome, kept = ImportOutcome(), self.state.outcome
        outcome.counts = Counter({(kind, how): n for kind, how, n in kept.get("counts", ())})
        outcome.samples = [Sample(*row) for row in kept.get("samples", ())]
        outcome.effects = Counter({MonthEffect(e): n for e, n in kept.get("effects", {}).items()})
        outcome.fields.go_on(kept.get("fields", ()))
        outcome.seen = kept.get("seen", "")
        return outcome

    def _keep_outcome(self, outcome: ImportOutcome) -> None:
        self.state.outcome = {
            "counts": [[*key, n] for key, n in outcome.counts.items()],
            "samples": [list(astuple(sample)) for sample in outcome.samples],
            "effects": {effect.value: n for effect, n in outcome.effects.items()},
            "fields": outcome.fields.packed(),
            "seen": outcome.seen,
        }

    def _told(self) -> tuple[ImportOutcome, Findings]:
        running, outcome = self._running, self._outcome()
        if not running.dry_run:
            count_written(self._adapters, running, outcome)
        if running.full:
            if not self._has_time():
                raise OutOfTime("the list of what is missing")
            listed = {sheet.kind for sheet in self.state.taken} & set(LISTED)
            named = {kind: self._directory.named(kind) for kind in KINDS if kind in listed}
            known = changes.everything(self._adapters.table)
            outcome.missing = missing_from(named, known, self._at.today)
            outcome.unnamed = {
                kind: sum(sheet.nameless for sheet in self.state.taken if sheet.kind == kind)
                for kind in listed
            }
        return outcome, self._findings(outcome.faults)

    def _findings(self, last: list[Fault]) -> Findings:
        state = self.state
        names = [sheet.name for sheet in state.sheets]
        kept: list[Fault] = []
        for key in state.told:
            told = faults_of_lines(self._files.get(self._bucket, key))
            kept = merged(kept, told, names, MAX_FINDINGS)
        known = set(kept)
        last = [fault for fault in last if fault not in known]
        kept = merged(kept, last, names, MAX_FINDINGS)
        before = [FaultCause(Fault.unpacked(example), count) for example, count in state.causes]
        causes = added_up([*before, *causes_of(last)])
        files = tuple(_counted(sheet) for sheet in state.sheets)
        return Findings(files, tuple(kept), state.findings + len(last), tuple(causes))


def _counted(sheet: LongSheet) -> FileCount:
    taken = 0 if sheet.refused else sheet.count - sheet.rejected
    return FileCount(
        *(sheet.name, sheet.kind, sheet.count, taken, sheet.count - taken),
        *(sheet.encoding, sheet.delimiter, sheet.headings_line),
    )
