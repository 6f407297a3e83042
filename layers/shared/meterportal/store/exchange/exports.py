"""Exports: released readings that wait, and batches with their lines.

A row holds the lines of all readings of a machine that were released together. It waits under
RELEASED#, and one transaction moves it into exactly one batch. A batch takes rows only while its
state is "gathering". Lines that are already billed at that moment are left out and counted, in the
same transaction.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from meterportal.domain.exchange.batches import (
    AnswerCounts,
    BatchFile,
    BatchState,
    Export,
    ReleasedRow,
    Writing,
)
from meterportal.domain.exchange.exports import Acknowledgement, ExportLine
from meterportal.domain.portfolio.machines import Machine
from meterportal.store import keys, runs
from meterportal.store.items import Item
from meterportal.store.packing import compact, packed, unpacked, unpacked_parts
from meterportal.store.table import SHARDS, Table, shard
from meterportal.store.writes import Write


@dataclass(frozen=True, slots=True)
class Waiting:
    """A row that waits for its export; `item` is the stored item."""

    item: Item
    lines: tuple[ExportLine, ...]

    @property
    def place(self) -> tuple[str, str]:
        """(company id, machine id) at the time of the release."""
        return self.item["company_id"], self.item["sk"].rpartition("#")[0]


def waiting_row(machine: Machine, lines: Sequence[ExportLine]) -> Write:
    """The row with lines that wait for the next export; `machine` has the version in which they
    were released.
    """
    row = {
        "pk": f"RELEASED#{shard(machine.company_id)}",
        "sk": f"{machine.id}#{machine.version:08d}",
        "company_id": machine.company_id,
        "lines": packed(lines),
    }
    return Write(put=row, condition="attribute_not_exists(pk)")


def waiting_with(table: Table, machine: Machine, reading_id: str) -> Waiting | None:
    """The row of a machine in which a reading waits for its export, None where it waits no more. One
    query."""
    for found in waiting_of(table, machine):
        if any(line["reading_id"] == reading_id for line in found.lines):
            return found
    return None


def waiting_of(table: Table, machine: Machine) -> Iterator[Waiting]:
    """The rows of a machine that wait for their export. One query."""
    for item in table.query(f"RELEASED#{shard(machine.company_id)}", begins=f"{machine.id}#"):
        yield Waiting(item, tuple(unpacked(item["lines"])))


def take_out(row: Waiting, reading_id: str) -> Write:
    """Takes a reading out of a row that waits; fails when an export was faster, or somebody took
    another one out."""
    left = [line for line in row.lines if line["reading_id"] != reading_id]
    key, seen = (row.item["pk"], row.item["sk"]), {"seen": row.item["lines"]}
    if not left:
        return Write(key=key, delete=True, condition="#lines = :seen", values=seen)
    return Write(
        key=key,
        update="SET #lines = :left",
        condition="#lines = :seen",
        values={**seen, "left": packed(left)},
    )


def waiting(table: Table) -> Iterator[Waiting]:
    """All rows that wait, shard by shard, read one page at a time."""
    for number in range(SHARDS):
        for item in table.query(f"RELEASED#{number}"):
            yield Waiting(item, tuple(unpacked(item["lines"])))


def move(export_id: str, row: Waiting, lines: Sequence[ExportLine]) -> list[Write]:
    """Moves these lines of a waiting row into a batch (none if `lines` is empty) and deletes the
    waiting row; fails when another batch took it, or a line of it was withdrawn.
    """
    item = row.item
    taken = Write(
        key=(item["pk"], item["sk"]),
        delete=True,
        condition="#lines = :seen",
        values={"seen": item["lines"]},
    )
    if not lines:
        return [taken]
    pk, _ = keys.run("EXPORT", export_id)
    placed = item | {"pk": pk, "sk": f"LINE#{item['sk']}", "lines": packed(lines), "answers": {}}
    return [Write(put=placed, condition="attribute_not_exists(pk)"), taken]


def still_gathering(export_id: str, *, gathered: int, already_billed: int) -> Write:
    """Checks that the batch still takes rows; adds the numbers of its rows and of lines left out to its
    header."""
    return Write(
        key=keys.run("EXPORT", export_id),
        update="ADD #gathered :gathered, #already_billed :left_out",
        condition="#state = :gathering",
        values={
            "gathering": BatchState.GATHERING.value,
            "gathered": gathered,
            "left_out": already_billed,
        },
    )


def create(started: Export) -> Write:
    """The header of a new export; fails when there is one already."""
    item = {
        **runs.header("EXPORT", started.id, by=started.by, at=started.created_at),
        "state": started.state.value,
    }
    return Write(put=item, condition="attribute_not_exists(pk)")


def load(table: Table, export_id: str) -> Export | None:
    item = table.get(*keys.run("EXPORT", export_id))
    return unpack(item) if item else None


def newest(table: Table, *, before: str | None = None) -> Iterator[tuple[str, Export]]:
    """(place in the list, export), newest first."""
    for item in runs.newest(table, "EXPORT", before=before):
        yield runs.place(item), unpack(item)


def seal(export_id: str) -> Write:
    """Closes a batch for new rows; fails when that was done before."""
    return Write(
        key=keys.run("EXPORT", export_id),
        update="SET #state = :sealed",
        condition="#state = :gathering",
        values={"sealed": BatchState.SEALED.value, "gathering": BatchState.GATHERING.value},
    )


def keep_writing(export_id: str, writing: Writing) -> Write:
    """Notes that a piece of the files is written, with what `writing` says behind it; fails when another
    worker noted it before, or the files are done."""
    first = writing.pieces == 1
    return Write(
        key=keys.run("EXPORT", export_id),
        update="SET #pieces = :pieces, #writing = :writing",
        condition="#state = :sealed AND "
        + ("attribute_not_exists(#pieces)" if first else "#pieces = :seen"),
        values={
            "sealed": BatchState.SEALED.value,
            "pieces": writing.pieces,
            "writing": {
                "after": writing.after,
                "rows": writing.rows,
                "count": writing.count,
                "total": writing.total,
                "uploads": list(writing.uploads),
                "sizes": list(writing.sizes),
                "ended": writing.ended,
            },
            **({} if first else {"seen": writing.pieces - 1}),
        },
    )


def write_anew(export_id: str, writing: Writing) -> Write:
    """Has the files written from their start; fails when another worker has come further than
    `writing`."""
    return Write(
        key=keys.run("EXPORT", export_id),
        update="REMOVE #pieces, #writing",
        condition="#state = :sealed AND #pieces = :seen",
        values={"sealed": BatchState.SEALED.value, "seen": writing.pieces},
    )


def finish(done: Export) -> Write:
    """Notes the files of a batch; fails when that was done before."""
    return Write(
        key=keys.run("EXPORT", done.id),
        update="SET #state = :done, #rows = :rows, #count = :count, #total = :total, #files = :files"
        " REMOVE #pieces, #writing",
        condition="#state = :sealed",
        values={
            "done": BatchState.DONE.value,
            "sealed": BatchState.SEALED.value,
            "rows": done.rows,
            "count": done.count,
            "total": done.total,
            "files": [[file.name, file.size, file.sha256] for file in done.files],
        },
    )


def rows(table: Table, export_id: str, *, after: str | None = None) -> Iterator[ReleasedRow]:
    """A batch's rows, always in the same order; starts after the row with the `sk` `after`."""
    pk, _ = keys.run("EXPORT", export_id)
    start = {"pk": pk, "sk": after} if after else None
    yield from map(_unpack_row, table.query(pk, begins="LINE#", start=start))


def rows_of(table: Table, export_id: str, machine_id: str) -> list[ReleasedRow]:
    """A machine's rows in a batch. One query."""
    pk, _ = keys.run("EXPORT", export_id)
    return [_unpack_row(item) for item in table.query(pk, begins=f"LINE#{machine_id}#")]


def answer_row(export_id: str, row: ReleasedRow, answers: Mapping[str, str]) -> Write:
    """Notes the ERP's answers on a row; fails when others were noted meanwhile."""
    return Write(
        key=(keys.run("EXPORT", export_id)[0], row.sk),
        update="SET #answers = :answers",
        condition="#answers = :before",
        values={"answers": dict(answers), "before": dict(row.answers)},
    )


def keep_acknowledgement(
    export_id: str, number: str, answer: Acknowledgement, *, by: str, at: datetime
) -> Write:
    """Keeps the ERP's acknowledgement under this number; it is applied later."""
    accepted = None if answer.accepted is None else sorted(answer.accepted)
    item = {
        "pk": keys.run("EXPORT", export_id)[0],
        "sk": f"ACK#{number}",
        "by": by,
        "at": _text(at),
        "said": compact(
            {
                "accepted": accepted,
                "refused": dict(answer.refused),
                "only_open": answer.only_open,
            }
        ),
    }
    return Write(put=item, condition="attribute_not_exists(pk)")


def acknowledgement(
    table: Table, export_id: str, number: str
) -> tuple[Acknowledgement, str] | None:
    """The acknowledgement kept under a number, and who sent it."""
    item = table.get(keys.run("EXPORT", export_id)[0], f"ACK#{number}")
    if item is None:
        return None
    answer = json.loads(item["said"])
    accepted = None if answer["accepted"] is None else frozenset(answer["accepted"])
    only_open = answer.get("only_open", False)
    return Acknowledgement(accepted, answer["refused"], only_open), item["by"]


def keep_answered(table: Table, export_id: str, answered: AnswerCounts, *, at: datetime) -> None:
    """Keeps the numbers of accepted and refused readings, as counted from the rows."""
    table.write(
        Write(
            key=keys.run("EXPORT", export_id),
            update="SET #answered = :answered, #answered_at = :at",
            condition="attribute_exists(pk)",
            values={"answered": [answered.accepted, answered.refused], "at": _text(at)},
        )
    )


def unpack(item: Item) -> Export:
    answered_at = item.get("answered_at")
    return Export(
        id=item["pk"].partition("#")[2],
        by=item["by"],
        created_at=datetime.fromisoformat(item["created_at"]),
        state=BatchState(item["state"]),
        rows=item.get("rows", 0),
        count=item.get("count", 0),
        total=item.get("total", 0),
        files=tuple(BatchFile(*file) for file in item.get("files", ())),
        answered=AnswerCounts(*item.get("answered", (0, 0))),
        answered_at=datetime.fromisoformat(answered_at) if answered_at else None,
        already_billed=item.get("already_billed", 0),
        broken=runs.broken(item),
        gathered=item.get("gathered", 0),
        writing=_unpack_writing(item),
    )


def _unpack_writing(item: Item) -> Writing:
    if "writing" not in item:
        return Writing()
    stored = item["writing"]
    return Writing(
        pieces=item["pieces"],
        after=stored["after"],
        rows=stored["rows"],
        count=stored["count"],
        total=stored["total"],
        uploads=(stored["uploads"][0], stored["uploads"][1]),
        sizes=(stored["sizes"][0], stored["sizes"][1]),
        ended=stored["ended"],
    )


def _unpack_row(item: Item) -> ReleasedRow:
    lines, texts = zip(*unpacked_parts(item["lines"]), strict=True)
    return ReleasedRow(item["sk"], item["company_id"], lines, texts, dict(item["answers"]))


def _text(at: datetime) -> str:
    return at.isoformat(timespec="milliseconds")
