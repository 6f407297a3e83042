"""Release runs: header, selection, chunks of work, and the release report.

What the report says of a machine is written in the same transaction as the machine: it says what was
done, exactly once. The machines of a chunk's part share a row of it; who was written meanwhile, and every
machine of a dry run, has one of its own.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from meterportal.batches import batches
from meterportal.domain.exchange.exports import export_lines
from meterportal.domain.plausibility.findings import Finding, Severity
from meterportal.domain.portfolio.selections import Selection
from meterportal.domain.release.judging import Code, Decision, LineOutcome, ReportLine
from meterportal.domain.release.runs import MachineLines, Release, ReportPlace, Tally
from meterportal.domain.runs import RunKind
from meterportal.store import keys, runs
from meterportal.store.exchange import exports
from meterportal.store.items import Item, Key, day_of
from meterportal.store.packing import packed, unpacked
from meterportal.store.portfolio import machines, selected
from meterportal.store.portfolio.reasons import pieces
from meterportal.store.table import HIGHEST, Table
from meterportal.store.writes import ConditionFailed, Write

REPORT = "report"
"""The name of the write that puts a row of the report."""

_SHARED = "#-"
"""Behind the first machine of a part in the name of its row."""

Entry = tuple[str, int | None]
"""A machine's number and the version that staff saw (None in a dry run: the current one)."""

_CHUNKS_KEPT = timedelta(days=90)


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


# the selection


def keep_selection(table: Table, release_id: str, selection: Selection) -> None:
    """Keeps the selection of a run; call it before the header is written."""
    pk, _ = keys.run("RELEASE", release_id)
    selected.keep(table, RunKind.RELEASE, release_id, selection)
    for n, text in enumerate(pieces(sorted(selection.versions.items()))):
        table.write(Write(put={"pk": pk, "sk": f"VERSIONS#{n:04d}", "versions": text}))


def selection_of(table: Table, release: Release) -> Selection:
    """The selection of a run, with the versions that staff sent."""
    pk, _ = keys.run("RELEASE", release.id)
    kept = selected.load(table, RunKind.RELEASE, release.id)
    versions = {
        machine_id: version
        for item in table.query(pk, begins="VERSIONS#")
        for machine_id, version in json.loads(item["versions"])
    }
    return Selection(kept.ids, versions, kept.filter, release.snapshot, kept.exceptions)


# chunks


def keep_chunks(
    table: Table, release: Release, plan: str, chunks: Iterable[Sequence[Entry]]
) -> tuple[int, int]:
    """Writes the chunks of a plan; returns the number of chunks and of machines. When another plan
    is settled first, these chunks stay unused.
    """
    count = machines_ = 0
    for group in batches(enumerate(chunks), 25):
        table.batch_write([_chunk(release, plan, number, entries) for number, entries in group])
        count += len(group)
        machines_ += sum(len(entries) for _, entries in group)
    return count, machines_


def _chunk(release: Release, plan: str, number: int, entries: Sequence[Entry]) -> Item:
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


def settle(table: Table, release: Release, *, plan: str, chunks: int, machines: int) -> Release:
    """The release with its plan: this plan, or the one that was stored before."""
    write = Write(
        key=keys.run("RELEASE", release.id),
        update="SET #plan = :plan, #chunks = :chunks, #machines = :machines",
        condition="attribute_exists(pk) AND attribute_not_exists(#plan)",
        values={"plan": plan, "chunks": chunks, "machines": machines},
    )
    try:
        table.write(write)
    except ConditionFailed as lost:
        stored = lost.stood()
        return unpack(stored) if stored else release
    return replace(release, plan=plan, chunks=chunks, machines=machines)


def mark_queued(table: Table, release_id: str, *, at: datetime) -> None:
    table.write(
        Write(
            key=keys.run("RELEASE", release_id),
            update="SET #queued_at = if_not_exists(#queued_at, :at)",
            condition="attribute_exists(pk)",
            values={"at": _text(at)},
        )
    )


def mark_done(table: Table, release_id: str, number: int, tally: Tally) -> None:
    """Keeps the sums of a chunk whose machines all have their row of the report. Repeating writes
    the same.
    """
    pk, sk = _done(release_id, number)
    table.write(Write(put={"pk": pk, "sk": sk, **_pack_tally(tally)}))


def is_done(table: Table, release_id: str, number: int) -> bool:
    return table.get(*_done(release_id, number)) is not None


def done(table: Table, release_id: str) -> list[Tally]:
    """The sums of the finished chunks."""
    pk, _ = keys.run("RELEASE", release_id)
    return [_unpack_tally(item) for item in table.query(pk, begins="DONE#")]


def finish(table: Table, release_id: str, result: Tally, *, at: datetime) -> None:
    """Notes the result after the last chunk; fails when it was noted before."""
    table.write(
        Write(
            key=keys.run("RELEASE", release_id),
            update="SET #result = :result, #finished_at = :at",
            condition="attribute_exists(pk) AND attribute_not_exists(#result)",
            values={"result": _pack_tally(result), "at": _text(at)},
        )
    )


# the report


def line_key(release_id: str, machine_id: str) -> Key:
    return keys.run("RELEASE", release_id)[0], f"LINE#{machine_id}"


def line_write(release_id: str, machine_lines: MachineLines) -> Write:
    """A machine's row of the report; fails when the row exists already."""
    pk, sk = line_key(release_id, machine_lines.machine_id)
    item = {
        "pk": pk,
        "sk": sk,
        "seen": machine_lines.seen,
        "company_id": machine_lines.company_id,
        "company": machine_lines.company,
        "serial": machine_lines.serial,
        "lines": _json([_pack_line(line) for line in machine_lines.lines]),
    }
    return Write(put=item, condition="attribute_not_exists(pk)", part=REPORT)


def shared_key(release_id: str, first: str) -> Key:
    """The row of the report about the machines of a chunk's part, by the first one's number."""
    pk, sk = line_key(release_id, first)
    return pk, f"{sk}{_SHARED}"


def shared_write(release_id: str, first: str, rows: Iterable[MachineLines]) -> Write:
    """A row of the report about some machines of that part, maybe none; fails when the row exists already."""
    pk, sk = shared_key(release_id, first)
    told = [
        [
            *(one.machine_id, one.seen, one.company_id, one.company, one.serial),
            [_pack_line(line) for line in one.lines],
        ]
        for one in rows
    ]
    item = {"pk": pk, "sk": sk, "machines": packed(told)}
    return Write(put=item, condition="attribute_not_exists(pk)", part=REPORT)


def fed_at(release_id: str, first: str) -> tuple[str, str]:
    """Where that row stands in the ERP's feed, when it tells of what a part has released."""
    return keys.fed_together(release_id, first)


def told(
    table: Table, release_id: str, machine_ids: Iterable[str], *, parts: Iterable[str] = ()
) -> dict[str, MachineLines]:
    """What the report says by machine, in rows of their own, and in those of the parts that begin with the
    machines `parts`. One read per hundred."""
    own = [line_key(release_id, machine_id) for machine_id in machine_ids]
    found = table.batch_get([*(shared_key(release_id, first) for first in parts), *own])
    return {row.machine_id: row for item in found.values() for row in unpack_rows(item)}


def report(
    table: Table, release_id: str, *, after: ReportPlace | None = None, limit: int | None = None
) -> Iterator[tuple[ReportPlace, MachineLines]]:
    """The release report in the order of its rows, each machine with its place; starts after the place
    `after`. `limit` is how many are wanted at most."""
    pk, sk = line_key(release_id, after[0] if after else "")
    # From the row itself: there may be more in it. Rows of earlier versions hold one machine.
    low = (sk, f"LINE#{HIGHEST}")
    page = limit // 8 + 2 if limit else None
    for item in table.query(pk, between=low, page=page):
        name = item["sk"].removeprefix("LINE#")
        for n, row in enumerate(unpack_rows(item)):
            if after is None or (name, n) > after:
                yield (name, n), row


def store(
    release_id: str, decision: Decision, machine_lines: MachineLines, *, by: str, at: datetime
) -> list[Write]:
    """All writes for one machine's decision, for one transaction, with a row of its own that waits for the
    next export where readings are released.
    """
    told = line_write(release_id, machine_lines)
    writes = [told, *changes(decision, by=by, at=at)]
    if decision.changed is None or not decision.released:
        return writes
    return [*writes, exports.waiting_row(decision.changed, lines_of(decision))]


def lines_of(decision: Decision) -> list[dict[str, Any]]:
    """What a decision releases, as it waits for the next export."""
    return export_lines(decision.changed, decision.released) if decision.changed else []


def changes(decision: Decision, *, by: str, at: datetime) -> list[Write]:
    """The writes for one machine's decision beside its report, for one transaction with that, and with the
    row in which its `lines_of` wait.

    Where something changes, the machine under its `rev`; where readings are released, also its history row.
    """
    if decision.changed is None:
        return []
    if not decision.released:
        return machines.save(decision.changed, seen=decision.machine, event=None)
    channel = decision.released[0].channel
    event = machines.event("released", decision.released, at=at, by=by, channel=channel)
    return machines.save(decision.changed, seen=decision.machine, event=event)


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
        broken=runs.broken(item),
    )


def unpack_rows(item: Item) -> Iterator[MachineLines]:
    """What a row of the report says of its machine, or of its machines."""
    if "machines" not in item:
        rows = [
            [
                *(item["sk"].partition("#")[2], item["seen"], item["company_id"]),
                *(item["company"], item["serial"], json.loads(item["lines"])),
            ]
        ]
    else:
        rows = unpacked(item["machines"])
    for machine_id, seen, company_id, company, serial, lines in rows:
        told_ = tuple(map(_unpack_line, lines))
        yield MachineLines(machine_id, seen, company_id, company, serial, told_)


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


def _pack_line(line: ReportLine) -> dict[str, Any]:
    full = {
        "x": line.outcome.value,
        "c": line.code,
        "m": line.meter_id,
        "l": line.label,
        "d": line.due_on.isoformat() if line.due_on else None,
        "n": line.number if line.number > 1 else None,
        "v": line.value,
        "r": line.read_on.isoformat() if line.read_on else None,
        "why": line.customer_reason,
        "rwhy": line.release_reason,
        "f": [_pack_finding(finding) for finding in line.at_entry],
        "g": [_pack_finding(finding) for finding in line.at_release],
    }
    return {name: value for name, value in full.items() if value not in (None, "", [])}


def _unpack_line(row: Mapping[str, Any]) -> ReportLine:
    return ReportLine(
        outcome=LineOutcome(row["x"]),
        code=Code(row["c"]) if "c" in row else None,
        meter_id=row.get("m", ""),
        label=row.get("l", ""),
        due_on=day_of(row.get("d")),
        number=row.get("n", 1),
        value=row.get("v"),
        read_on=day_of(row.get("r")),
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
