"""Exports: released readings that wait, and batches with their lines.

A row holds the lines of all readings that were released together, of one machine or of some that a run
released in one transaction. It waits under RELEASED#, and one transaction moves it into exactly one batch.
A batch takes rows only while its state is "gathering". Lines that are already billed at that moment are left out and counted, in the
same transaction.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime

from meterportal.domain.exchange.batches import (
    AnswerCounts,
    BatchFile,
    BatchState,
    Export,
    ReleasedRow,
    Writing,
)
from meterportal.domain.exchange.exports import ExportLine, Place, own_id, places
from meterportal.domain.frozen import frozen
from meterportal.domain.portfolio.machines import Machine
from meterportal.domain.reporting.readings import ReadingState
from meterportal.store import keys, runs
from meterportal.store.items import Item, Key
from meterportal.store.packing import compact, packed, unpacked, unpacked_parts
from meterportal.store.table import SHARDS, Table, shard
from meterportal.store.writes import Write


@frozen
class Waiting:
    """A row that waits for its export; `item` is the stored item."""

    item: Item
    lines: tuple[ExportLine, ...]

    @property
    def key(self) -> Key:
        return self.item["pk"], self.item["sk"]

    @property
    def places(self) -> list[Place]:
        """The machines of its lines, at the time of the release."""
        return places(self.lines)


def waiting_row(machine: Machine, lines: Sequence[ExportLine]) -> Write:
    """The row with a machine's lines that wait for the next export; `machine` has the version in which
    they were released.
    """
    pk = f"RELEASED#{shard(machine.company_id)}"
    return _waits((pk, f"{machine.id}#{machine.version:08d}"), lines)


def row_of_many(first: str, number: str) -> str:
    """The name of a row for several machines: files have the order of names, so it begins with the number of the
    `first` and stands before that one's own rows. `number` makes it unique."""
    return f"{first}#-{number}"


def waiting_row_of_many(row: str, lines: Sequence[ExportLine]) -> Write:
    """The row of that name with lines that wait for the next export. Their readings know the name, by which
    they are found."""
    return _waits(_key_of_many(row), lines)


def _key_of_many(row: str) -> Key:
    return f"RELEASED#{shard(row.rpartition('#-')[0])}", row


def _waits(key: Key, lines: Sequence[ExportLine]) -> Write:
    pk, sk = key
    item = {"pk": pk, "sk": sk, "lines": packed(lines)}
    return Write(put=item, condition="attribute_not_exists(pk)")


def waiting_with(table: Table, machine: Machine, reading_id: str) -> Waiting | None:
    """The row in which a machine's reading waits for its export, None where it waits no more. One read or
    one query."""
    for found in waiting_of(table, machine):
        if any(line["reading_id"] == reading_id for line in found.lines):
            return found
    return None


def waiting_of(table: Table, machine: Machine) -> Iterator[Waiting]:
    """The rows that wait for their export with lines of a machine's readings. One read, and one query where
    readings wait in a row of their own; one a shard where the machine may have come from another company."""
    # Billed ones, too: an import may have brought them back while they wait.
    final = [one for one in machine.readings if one.state is not ReadingState.REPORTED]
    shared = dict.fromkeys(_key_of_many(one.row) for one in final if one.row)
    yield from again(table, shared)
    alone = [one for one in final if not one.row]
    sought = {own_id(machine, one) for one in alone if one.batch is None}
    own = shard(machine.company_id)
    for number in [own, *(n for n in range(SHARDS) if n != own)] if alone else ():
        if number != own and not sought:
            return
        for item in table.query(f"RELEASED#{number}", begins=f"{machine.id}#"):
            if (item["pk"], item["sk"]) not in shared:
                row = _waiting(item)
                sought -= {line["reading_id"] for line in row.lines}
                yield row


def again(table: Table, keys_: Iterable[Key]) -> list[Waiting]:
    """The rows of these keys that wait still, as they are now. One read per hundred."""
    return [_waiting(item) for item in table.batch_get(keys_).values()]


def _waiting(item: Item) -> Waiting:
    return Waiting(item, tuple(unpacked(item["lines"])))


def take_out(row: Waiting, reading_id: str) -> Write:
    """Takes a reading out of a row that waits; fails when an export was faster, or somebody took
    another one out."""
    left = [line for line in row.lines if line["reading_id"] != reading_id]
    key, seen = row.key, {"seen": row.item["lines"]}
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
        yield from map(_waiting, table.query(f"RELEASED#{number}"))


def move(export_id: str, row: Waiting, lines: Sequence[ExportLine]) -> list[Write]:
    """Moves these lines of a waiting row into a batch (none if `lines` is empty) and deletes the
    waiting row; fails when another batch took it, or a line of it was withdrawn.
    """
    item = row.item
    taken = Write(
        key=row.key,
        delete=True,
        condition="#lines = :seen",
        values={"seen": item["lines"]},
    )
    if not lines:
        return [taken]
    pk, _ = keys.run("EXPORT", export_id)
    placed = {"pk": pk, "sk": f"LINE#{item['sk']}", "lines": packed(lines), "answers": ""}
    return [Write(put=placed, condition="attribute_not_exists(pk)"), taken]


def still_gathering(export_id: str, *, gathered: int, already_billed: int) -> Write:
    """Checks that the batch still takes rows; adds the numbers of their machines and of lines left out to
    its header."""
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


def rows_of(
    table: Table, export_id: str, machine_id: str, machine: Machine | None
) -> Iterator[ReleasedRow]:
    """The rows of a batch with lines of a machine, as far as its own number or its readings name them. One
    query, one read."""
    pk, _ = keys.run("EXPORT", export_id)
    found = {item["sk"]: item for item in table.query(pk, begins=f"LINE#{machine_id}#")}
    named = {f"LINE#{one.row}" for one in machine.readings if one.row} if machine else set()
    for (_, sk), item in table.batch_get((pk, sk) for sk in sorted(named - set(found))).items():
        found[sk] = item
    yield from map(_unpack_row, found.values())


def row_now(table: Table, export_id: str, row: ReleasedRow) -> ReleasedRow:
    """A row of a batch, read again."""
    item = table.get(keys.run("EXPORT", export_id)[0], row.sk)
    assert item is not None, "nothing takes a row out of a batch"
    return _unpack_row(item)


def answered(row: ReleasedRow, answers: Mapping[str, str]) -> ReleasedRow:
    """The row with these answers of the ERP."""
    return replace(row, answers=answers, held=_pack_answers(row.lines, answers))


def answer_row(export_id: str, row: ReleasedRow, after: ReleasedRow) -> Write:
    """Notes on a row the answers that it has `after`; fails when others were noted meanwhile."""
    return Write(
        key=(keys.run("EXPORT", export_id)[0], row.sk),
        update="SET #answers = :answers",
        condition="#answers = :before",
        values={"answers": after.held, "before": row.held},
    )


def _pack_answers(lines: Iterable[ExportLine], answers: Mapping[str, str]) -> str:
    """The answers in the order of the lines: a mapping of a hundred ids would be most of a row."""
    return compact([answers.get(line["reading_id"]) for line in lines])


def _unpack_answers(
    lines: Iterable[ExportLine], held: str | Mapping[str, str]
) -> Mapping[str, str]:
    """Rows of earlier versions have a mapping."""
    if not isinstance(held, str):
        return dict(held)
    told = zip(lines, json.loads(held or "[]"), strict=False)
    return {line["reading_id"]: reason for line, reason in told if reason is not None}


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
    held = item["answers"]
    return ReleasedRow(item["sk"], lines, texts, _unpack_answers(lines, held), held)


def _text(at: datetime) -> str:
    return at.isoformat(timespec="milliseconds")
