"""Release runs: header, what was selected, chunks of work, and the protocol, one row per machine.

A protocol row is written in the transaction of its machine, so it tells what was done, exactly once.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from meterportal.domain.contracts import Company
from meterportal.domain.exports import export_lines
from meterportal.domain.findings import Finding, Severity
from meterportal.domain.release import Code, Decision, Line, Outcome
from meterportal.domain.selections import Selection
from meterportal.store import exports, keys, machines, runs, selected
from meterportal.store.reasons import pieces
from meterportal.store.table import Item, Key, Table, Write

Entry = tuple[str, int | None]
"""A machine's number and the version that the clerk saw (None in a dry run: as it stands)."""

_CHUNKS_KEPT = timedelta(days=90)


@dataclass(frozen=True, slots=True)
class Tally:
    """Protocol lines by outcome, over so many machines."""

    machines: int = 0
    released: int = 0
    releasable: int = 0
    refused: int = 0

    def __add__(self, other: Tally) -> Tally:
        return Tally(
            self.machines + other.machines,
            self.released + other.released,
            self.releasable + other.releasable,
            self.refused + other.refused,
        )


@dataclass(frozen=True, slots=True)
class Release:
    """A run's header. `kind` is "run" or "manual"; `snapshot` the dry run that was seen.

    `plan` names the chunks that count, with their number and that of their machines, once planning
    ended; `queued_at` is set when all of them were queued; `result` when the last one was done.
    """

    id: str
    by: str
    created_at: datetime
    kind: str = "run"
    dry_run: bool = False
    snapshot: str | None = None
    plan: str | None = None
    chunks: int = 0
    machines: int = 0
    queued_at: datetime | None = None
    finished_at: datetime | None = None
    result: Tally | None = None


def create(started: Release) -> Write:
    """The header of a new run; fails when there is one already."""
    item: Item = {
        **runs.header("RELEASE", started.id, by=started.by, at=started.created_at),
        "kind": started.kind,
        "dry_run": started.dry_run,
        "snapshot": started.snapshot,
    }
    if started.result and started.finished_at:
        item["machines"] = started.machines
        item["result"] = _pack_tally(started.result)
        item["queued_at"] = item["finished_at"] = _text(started.finished_at)
    return Write(put=item, condition="attribute_not_exists(pk)")


def load(table: Table, release_id: str) -> Release | None:
    item = table.get(*keys.run("RELEASE", release_id))
    return unpack(item) if item else None


def newest(table: Table, *, before: str | None = None) -> Iterator[tuple[str, Release]]:
    """(place in the list, run), newest first."""
    for item in runs.newest(table, "RELEASE", before=before):
        yield runs.place(item), unpack(item)


# what was selected


def keep_selection(table: Table, release_id: str, selection: Selection) -> None:
    """Keep what a run was started for, to be done before its header."""
    pk, _ = keys.run("RELEASE", release_id)
    for write in selected.keep(pk, selection):
        table.write(write)
    for n, text in enumerate(pieces(sorted(selection.versions.items()))):
        table.write(Write(put={"pk": pk, "sk": f"VERSIONS#{n:04d}", "versions": text}))


def selection_of(table: Table, release: Release) -> Selection:
    """What a run was started for, with the versions that came along."""
    pk, _ = keys.run("RELEASE", release.id)
    kept = selected.load(table, pk)
    versions = {
        machine_id: version
        for item in table.query(pk, begins="VERSIONS#")
        for machine_id, version in json.loads(item["versions"])
    }
    return Selection(kept.ids, versions, kept.filter, release.snapshot, kept.exceptions)


# chunks


def chunk_row(release: Release, plan: str, number: int, entries: Sequence[Entry]) -> Item:
    """One chunk of a plan; plans that lost the race for the header leave theirs unused."""
    return {
        "pk": keys.run("RELEASE", release.id)[0],
        "sk": f"CHUNK#{plan}#{number:06d}",
        "entries": json.dumps(entries, separators=(",", ":")),
        "expires_at": int((release.created_at + _CHUNKS_KEPT).timestamp()),
    }


def chunk(table: Table, release: Release, number: int) -> list[Entry] | None:
    pk, _ = keys.run("RELEASE", release.id)
    item = table.get(pk, f"CHUNK#{release.plan}#{number:06d}")
    if item is None:
        return None
    return [(machine_id, seen) for machine_id, seen in json.loads(item["entries"])]


def finish_planning(release_id: str, *, plan: str, chunks: int, machines: int) -> Write:
    """These are the chunks; fails when another plan was settled before."""
    return Write(
        key=keys.run("RELEASE", release_id),
        update="SET #plan = :plan, #chunks = :chunks, #machines = :machines",
        condition="attribute_exists(pk) AND attribute_not_exists(#plan)",
        values={"plan": plan, "chunks": chunks, "machines": machines},
    )


def mark_queued(release_id: str, *, at: datetime) -> Write:
    return Write(
        key=keys.run("RELEASE", release_id),
        update="SET #queued_at = if_not_exists(#queued_at, :at)",
        condition="attribute_exists(pk)",
        values={"at": _text(at)},
    )


def mark_done(release_id: str, number: int, tally: Tally) -> Write:
    """A chunk's machines all have their lines: keep the sums. Repeating writes the same."""
    pk, sk = _done(release_id, number)
    return Write(put={"pk": pk, "sk": sk, **_pack_tally(tally)})


def is_done(table: Table, release_id: str, number: int) -> bool:
    return table.get(*_done(release_id, number)) is not None


def done(table: Table, release_id: str) -> list[Tally]:
    """The sums of the chunks that are done."""
    pk, _ = keys.run("RELEASE", release_id)
    return [_unpack_tally(item) for item in table.query(pk, begins="DONE#")]


def finish(release_id: str, result: Tally, *, at: datetime) -> Write:
    """The last chunk is done; fails when that was noted before."""
    return Write(
        key=keys.run("RELEASE", release_id),
        update="SET #result = :result, #finished_at = :at",
        condition="attribute_exists(pk) AND attribute_not_exists(#result)",
        values={"result": _pack_tally(result), "at": _text(at)},
    )


# the protocol


@dataclass(frozen=True, slots=True)
class MachineLines:
    """The protocol of one machine in a run. `seen` is the version that the clerk saw."""

    machine_id: str
    seen: int | None
    company_id: str
    company: str
    serial: str
    lines: tuple[Line, ...]

    @classmethod
    def of(cls, decision: Decision, company: Company | None) -> MachineLines:
        machine = decision.machine
        return cls(
            decision.machine_id,
            decision.seen,
            machine.company_id if machine else "",
            company.name if company else "",
            machine.serial if machine else "",
            decision.lines,
        )

    @property
    def tally(self) -> Tally:
        counts = dict.fromkeys(Outcome, 0)
        for line in self.lines:
            counts[line.outcome] += 1
        return Tally(
            1, counts[Outcome.RELEASED], counts[Outcome.RELEASABLE], counts[Outcome.REFUSED]
        )


def line_key(release_id: str, machine_id: str) -> Key:
    return keys.run("RELEASE", release_id)[0], f"LINE#{machine_id}"


def line_write(release_id: str, told: MachineLines) -> Write:
    """A machine's protocol row; fails when it has been told already."""
    pk, sk = line_key(release_id, told.machine_id)
    item = {
        "pk": pk,
        "sk": sk,
        "seen": told.seen,
        "company_id": told.company_id,
        "company": told.company,
        "serial": told.serial,
        "lines": _json([_pack_line(line) for line in told.lines]),
    }
    return Write(put=item, condition="attribute_not_exists(pk)")


def told(table: Table, release_id: str, machine_ids: Iterable[str]) -> dict[str, MachineLines]:
    """Protocol rows by machine, as far as they exist. One read per hundred."""
    found = table.batch_get(line_key(release_id, machine_id) for machine_id in machine_ids)
    return {row.machine_id: row for row in map(unpack_lines, found.values())}


def protocol(
    table: Table, release_id: str, *, after: str | None = None, limit: int | None = None
) -> Iterator[MachineLines]:
    """The protocol by machine number; `after` is a machine's number, left out itself."""
    pk, sk = line_key(release_id, after or "")
    start = {"pk": pk, "sk": sk} if after else None
    yield from map(unpack_lines, table.query(pk, begins="LINE#", start=start, limit=limit))


def store(
    release_id: str, decision: Decision, told: MachineLines, *, by: str, at: datetime
) -> list[Write]:
    """Everything that one machine's decision writes, for one transaction.

    First the protocol row. Then, where something changes, the machine under its `rev`; where
    something is released, its history row and the row that waits for the next export.
    """
    writes = [line_write(release_id, told)]
    if decision.changed is None:
        return writes
    if not decision.released:
        return writes + machines.save(decision.changed, seen=decision.machine, event=None)
    machine, channel = decision.changed, decision.released[0].channel
    event = machines.event("released", decision.released, at=at, by=by, channel=channel)
    waiting = exports.waiting_row(machine, export_lines(machine, decision.released))
    return [*writes, *machines.save(machine, seen=decision.machine, event=event), waiting]


def unpack(item: Item) -> Release:
    result = item.get("result")
    return Release(
        id=item["pk"].partition("#")[2],
        by=item["by"],
        created_at=datetime.fromisoformat(item["created_at"]),
        kind=item["kind"],
        dry_run=item["dry_run"],
        snapshot=item.get("snapshot"),
        plan=item.get("plan"),
        chunks=item.get("chunks", 0),
        machines=item.get("machines", 0),
        queued_at=_moment(item.get("queued_at")),
        finished_at=_moment(item.get("finished_at")),
        result=_unpack_tally(result) if result else None,
    )


def unpack_lines(item: Item) -> MachineLines:
    return MachineLines(
        machine_id=item["sk"].partition("#")[2],
        seen=item["seen"],
        company_id=item["company_id"],
        company=item["company"],
        serial=item["serial"],
        lines=tuple(_unpack_line(row) for row in json.loads(item["lines"])),
    )


def _done(release_id: str, number: int) -> Key:
    return keys.run("RELEASE", release_id)[0], f"DONE#{number:06d}"


def _pack_tally(tally: Tally) -> dict[str, int]:
    return {
        "machines": tally.machines,
        "released": tally.released,
        "releasable": tally.releasable,
        "refused": tally.refused,
    }


def _unpack_tally(item: Mapping[str, int]) -> Tally:
    return Tally(item["machines"], item["released"], item["releasable"], item["refused"])


def _pack_line(line: Line) -> dict[str, Any]:
    full = {
        "x": line.outcome.value,
        "c": line.code,
        "m": line.meter_id,
        "l": line.label,
        "d": line.due_on.isoformat() if line.due_on else None,
        "v": line.value,
        "r": line.read_on.isoformat() if line.read_on else None,
        "why": line.customer_reason,
        "rwhy": line.release_reason,
        "f": [_pack_finding(finding) for finding in line.at_entry],
        "g": [_pack_finding(finding) for finding in line.at_release],
    }
    return {name: value for name, value in full.items() if value not in (None, "", [])}


def _unpack_line(row: Mapping[str, Any]) -> Line:
    return Line(
        outcome=Outcome(row["x"]),
        code=Code(row["c"]) if "c" in row else None,
        meter_id=row.get("m", ""),
        label=row.get("l", ""),
        due_on=_day(row.get("d")),
        value=row.get("v"),
        read_on=_day(row.get("r")),
        customer_reason=row.get("why", ""),
        release_reason=row.get("rwhy", ""),
        at_entry=tuple(_unpack_finding(found) for found in row.get("f", ())),
        at_release=tuple(_unpack_finding(found) for found in row.get("g", ())),
    )


def _pack_finding(finding: Finding) -> list[Any]:
    return [finding.meter_id, finding.code, finding.severity.value, dict(finding.numbers)]


def _unpack_finding(row: Sequence[Any]) -> Finding:
    meter_id, code, severity, numbers = row
    return Finding(meter_id, code, Severity(severity), numbers)


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def _text(at: datetime) -> str:
    return at.isoformat(timespec="milliseconds")


def _moment(text: str | None) -> datetime | None:
    return datetime.fromisoformat(text) if text else None


def _day(text: str | None) -> date | None:
    return date.fromisoformat(text) if text else None
