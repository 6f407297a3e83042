"""Exports: what waits for one, and batches with their lines.

A row of lines (all that was released of a machine in one go) waits under RELEASED# and is moved
into exactly one batch by a transaction. A batch takes rows while it is gathering, never afterwards.
Lines that are billed already by then are left out and counted, in the same transaction.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from typing import Any

from meterportal.domain.exports import Acknowledgement, ExportLine
from meterportal.domain.machines import Machine
from meterportal.store import keys, runs
from meterportal.store.table import SHARDS, Item, Table, Write, shard


class BatchState(StrEnum):
    GATHERING = "gathering"
    SEALED = "sealed"
    DONE = "done"


@dataclass(frozen=True, slots=True)
class BatchFile:
    """A file of a batch: its name, size in bytes and SHA-256 in hex."""

    name: str
    size: int
    sha256: str


@dataclass(frozen=True, slots=True)
class Answered:
    """How many readings of a batch the ERP took and refused so far."""

    accepted: int
    refused: int


@dataclass(frozen=True, slots=True)
class Export:
    """A batch's header. `rows`, `count` (readings), `total` (sum of values) and `files` once done.

    `already_billed`: readings left out because an import had acknowledged them; final once sealed.
    """

    id: str
    by: str
    created_at: datetime
    state: BatchState = BatchState.GATHERING
    rows: int = 0
    count: int = 0
    total: int = 0
    files: tuple[BatchFile, ...] = ()
    answered: Answered = Answered(0, 0)
    answered_at: datetime | None = None
    already_billed: int = 0


@dataclass(frozen=True, slots=True)
class Waiting:
    """A row that waits for its export; `item` is what stands in the table."""

    item: Item
    lines: tuple[ExportLine, ...]

    @property
    def place(self) -> tuple[str, str]:
        """(company id, machine id) at the time of the release."""
        return self.item["company_id"], self.item["sk"].rpartition("#")[0]


@dataclass(frozen=True, slots=True)
class Row:
    """What was released of one machine in one go. `answers` maps reading ids to the ERP's answer:
    "" for billed, else its reason for refusing."""

    sk: str
    company_id: str
    lines: tuple[ExportLine, ...]
    answers: Mapping[str, str]

    @property
    def machine_id(self) -> str:
        return self.sk.rpartition("#")[0].removeprefix("LINE#")


def waiting_row(machine: Machine, lines: Sequence[ExportLine]) -> Write:
    """Lines that wait for the next export; `machine` carries the version that they were released in."""
    row = {
        "pk": f"RELEASED#{shard(machine.company_id)}",
        "sk": f"{machine.id}#{machine.version:08d}",
        "company_id": machine.company_id,
        "lines": _json(lines),
    }
    return Write(put=row, condition="attribute_not_exists(pk)")


def waiting(table: Table) -> Iterator[Waiting]:
    """Every row that waits, shard by shard, read as it is asked for."""
    for number in range(SHARDS):
        for item in table.query(f"RELEASED#{number}"):
            yield Waiting(item, tuple(json.loads(item["lines"])))


def move(export_id: str, row: Waiting, lines: Sequence[ExportLine]) -> list[Write]:
    """Put these lines of a waiting row into a batch, or nothing where none is left, and let the row
    wait no longer; fails when another batch took it."""
    item = row.item
    taken = Write(key=(item["pk"], item["sk"]), delete=True, condition="attribute_exists(pk)")
    if not lines:
        return [taken]
    pk, _ = keys.run("EXPORT", export_id)
    placed = item | {"pk": pk, "sk": f"LINE#{item['sk']}", "lines": _json(lines), "answers": {}}
    return [Write(put=placed, condition="attribute_not_exists(pk)"), taken]


def still_gathering(export_id: str, *, already_billed: int) -> Write:
    """The condition that a batch takes rows; counts on its header what was left out of them."""
    gathering = Write(
        key=keys.run("EXPORT", export_id),
        condition="#state = :gathering",
        values={"gathering": BatchState.GATHERING.value},
    )
    if not already_billed:
        return gathering
    return replace(
        gathering,
        update="ADD #already_billed :left_out",
        values={**gathering.values, "left_out": already_billed},
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
    """Take no more rows; fails when that was done before."""
    return Write(
        key=keys.run("EXPORT", export_id),
        update="SET #state = :sealed",
        condition="#state = :gathering",
        values={"sealed": BatchState.SEALED.value, "gathering": BatchState.GATHERING.value},
    )


def finish(done: Export) -> Write:
    """The files are written; fails when that was noted before."""
    return Write(
        key=keys.run("EXPORT", done.id),
        update="SET #state = :done, #rows = :rows, #count = :count, #total = :total, #files = :files",
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


def rows(table: Table, export_id: str, *, after: str | None = None) -> Iterator[Row]:
    """A batch's rows, always in the same order; `after` is a row's `sk`, left out itself."""
    pk, _ = keys.run("EXPORT", export_id)
    start = {"pk": pk, "sk": after} if after else None
    yield from map(_unpack_row, table.query(pk, begins="LINE#", start=start))


def rows_of(table: Table, export_id: str, machine_id: str) -> list[Row]:
    """A machine's rows in a batch. One query."""
    pk, _ = keys.run("EXPORT", export_id)
    return [_unpack_row(item) for item in table.query(pk, begins=f"LINE#{machine_id}#")]


def answer_row(export_id: str, row: Row, answers: Mapping[str, str]) -> Write:
    """Note the ERP's answers on a row; fails when others were noted meanwhile."""
    return Write(
        key=(keys.run("EXPORT", export_id)[0], row.sk),
        update="SET #answers = :answers",
        condition="#answers = :before",
        values={"answers": dict(answers), "before": dict(row.answers)},
    )


def keep_acknowledgement(
    export_id: str, number: str, said: Acknowledgement, *, by: str, at: datetime
) -> Write:
    """Keep what the ERP said, to be worked off under this number."""
    accepted = None if said.accepted is None else sorted(said.accepted)
    item = {
        "pk": keys.run("EXPORT", export_id)[0],
        "sk": f"ACK#{number}",
        "by": by,
        "at": _text(at),
        "said": _json({"accepted": accepted, "refused": dict(said.refused)}),
    }
    return Write(put=item, condition="attribute_not_exists(pk)")


def acknowledgement(
    table: Table, export_id: str, number: str
) -> tuple[Acknowledgement, str] | None:
    """What the ERP said under a number, and who passed it on."""
    item = table.get(keys.run("EXPORT", export_id)[0], f"ACK#{number}")
    if item is None:
        return None
    said = json.loads(item["said"])
    accepted = None if said["accepted"] is None else frozenset(said["accepted"])
    return Acknowledgement(accepted, said["refused"]), item["by"]


def keep_answered(export_id: str, answered: Answered, *, at: datetime) -> Write:
    """Keep the sums of the answers, as counted from the rows."""
    return Write(
        key=keys.run("EXPORT", export_id),
        update="SET #answered = :answered, #answered_at = :at",
        condition="attribute_exists(pk)",
        values={"answered": [answered.accepted, answered.refused], "at": _text(at)},
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
        answered=Answered(*item.get("answered", (0, 0))),
        answered_at=datetime.fromisoformat(answered_at) if answered_at else None,
        already_billed=item.get("already_billed", 0),
    )


def _unpack_row(item: Item) -> Row:
    return Row(
        item["sk"], item["company_id"], tuple(json.loads(item["lines"])), dict(item["answers"])
    )


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def _text(at: datetime) -> str:
    return at.isoformat(timespec="milliseconds")
