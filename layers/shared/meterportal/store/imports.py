"""Imports: header, report, how old the newest export was, and who has which serial number.

While an import writes, each of its transactions counts what it changed on the header and keeps its
own findings as a journal row: whoever is killed in the middle and starts again finds both.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any

from meterportal.domain.imports.doubts import fold_serial
from meterportal.domain.imports.faults import Fault
from meterportal.domain.imports.planning import Sample
from meterportal.store import keys, runs
from meterportal.store.table import Item, Table, Write

PAGE = 1000
"""Findings of one report row, and of one page of the report."""

_KEPT = timedelta(days=90)
"""Reports name people: they go when the uploads go."""

_AGES = ("IMPORT#AGES", "AGES")
_ROW_SIZE = 300_000


@dataclass(frozen=True, slots=True)
class FileCount:
    """A file of an import: what it held and how many of its rows were taken. `kind` "": unknown."""

    file: str
    kind: str
    rows: int
    accepted: int
    rejected: int


@dataclass(frozen=True, slots=True)
class Import:
    """An import's header. `state` is running, done or failed; the numbers are there when it ended.

    `as_of` is how old the export is: a date, or date and time (ISO, business time) where only the
    upload's time is known. `place` is (bucket, key) of the upload. `changes`: kind -> new, changed, unchanged.
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

    @property
    def rows(self) -> int:
        return sum(file.rows for file in self.files)

    @property
    def accepted(self) -> int:
        return sum(file.accepted for file in self.files)

    @property
    def rejected(self) -> int:
        return sum(file.rejected for file in self.files)


def create(started: Import) -> Write:
    """The header of a new import; fails when there is one already."""
    item = {
        **runs.header("IMPORT", started.id, by=started.by, at=started.created_at),
        "as_of": started.as_of,
        "file": started.file,
        "place": list(started.place),
        "dry_run": started.dry_run,
        "state": started.state,
    }
    return Write(put=item, condition="attribute_not_exists(pk)")


def load(table: Table, import_id: str) -> Import | None:
    item = table.get(*keys.run("IMPORT", import_id))
    return _unpack(item) if item else None


def newest(table: Table, *, before: str | None = None) -> Iterator[tuple[str, Import]]:
    """(place in the list, import), newest first; `before` is such a place, left out itself."""
    for item in runs.newest(table, "IMPORT", before=before):
        yield runs.place(item), _unpack(item)


def count(import_id: str, changes: Mapping[tuple[str, str], int]) -> Write:
    """Add what a transaction changes, by (kind, "new" | "changed"); fails when the import is over."""
    added = {f"{status}_{kind}": n for (kind, status), n in changes.items() if n}
    update = "SET #state = :running"
    if added:
        update += " ADD " + ", ".join(f"#{name} :{name}" for name in added)
    return Write(
        key=keys.run("IMPORT", import_id),
        update=update,
        condition="#state = :running",
        values={"running": "running", **added},
    )


def finish(ended: Import) -> Write:
    """Keep the result; fails when the import was over before."""
    return Write(
        key=keys.run("IMPORT", ended.id),
        update="SET #state = :state, #files = :files, #changes = :changes,"
        " #findings = :findings, #reports = :reports",
        condition="#state = :running",
        values={
            "running": "running",
            "state": ended.state,
            "files": [[f.file, f.kind, f.rows, f.accepted, f.rejected] for f in ended.files],
            "changes": {kind: dict(numbers) for kind, numbers in ended.changes.items()},
            "findings": ended.findings,
            "reports": ended.reports,
        },
    )


def _unpack(item: Item) -> Import:
    bucket, key = item["place"]
    return Import(
        id=item["pk"].partition("#")[2],
        by=item["by"],
        created_at=datetime.fromisoformat(item["created_at"]),
        as_of=item["as_of"],
        file=item["file"],
        place=(bucket, key),
        dry_run=item["dry_run"],
        state=item["state"],
        files=tuple(FileCount(*row) for row in item.get("files", ())),
        changes=item.get("changes", {}),
        findings=item.get("findings", 0),
        reports=item.get("reports", 0),
        counted={n: v for n, v in item.items() if n.startswith(("new_", "changed_"))},
    )


# the report


def keep_report(
    table: Table,
    import_id: str,
    faults: Sequence[Fault],
    samples: Sequence[Sample],
    *,
    at: datetime,
) -> int:
    """Store findings (and the sample of a dry run) in rows of up to `PAGE`; the number of rows."""
    pk, _ = keys.run("IMPORT", import_id)
    expires = {"expires_at": int((at + _KEPT).timestamp())}
    rows: list[Item] = []
    packed: list[str] = []
    size = 0
    for fault in faults:
        text = _json(fault.packed())
        if len(packed) == PAGE or size + len(text) > _ROW_SIZE:
            rows.append(
                {"pk": pk, "sk": f"REPORT#{len(rows):06d}", "faults": _list(packed), **expires}
            )
            packed, size = [], 0
        packed.append(text)
        size += len(text.encode())
    rows.append({"pk": pk, "sk": f"REPORT#{len(rows):06d}", "faults": _list(packed), **expires})
    count = len(rows)
    if samples:
        told = [[s.file, s.line, s.key, s.field, s.old, s.new] for s in samples]
        rows.append({"pk": pk, "sk": "SAMPLE", "samples": _json(told), **expires})
    table.batch_write(rows)
    return count


def report(table: Table, import_id: str, number: int) -> list[Fault]:
    """The findings of one report row, counted from 0; none when it is gone."""
    item = table.get(keys.run("IMPORT", import_id)[0], f"REPORT#{number:06d}")
    return [Fault.unpacked(row) for row in json.loads(item["faults"])] if item else []


def samples(table: Table, import_id: str) -> list[Sample]:
    item = table.get(keys.run("IMPORT", import_id)[0], "SAMPLE")
    return [Sample(*row) for row in json.loads(item["samples"])] if item else []


def journal(import_id: str, number: str, faults: Iterable[Fault], *, at: datetime) -> Write:
    """Findings that can be made only once, kept with the change that they are about."""
    pk, _ = keys.run("IMPORT", import_id)
    told = [_json(fault.packed()) for fault in faults]
    return Write(
        put={
            "pk": pk,
            "sk": f"JOURNAL#{number}",
            "faults": _list(told),
            "expires_at": int((at + _KEPT).timestamp()),
        }
    )


def journals(table: Table, import_id: str) -> list[Fault]:
    pk, _ = keys.run("IMPORT", import_id)
    items = table.query(pk, begins="JOURNAL#")
    return [Fault.unpacked(row) for item in items for row in json.loads(item["faults"])]


# how old the newest export of each kind of file was


def ages(table: Table) -> dict[str, str]:
    """Kind of file -> `as_of` of the newest import that brought it."""
    item = table.get(*_AGES) or {}
    return {name: value for name, value in item.items() if name not in {"pk", "sk"}}


def older(one: str, other: str) -> bool:
    """Whether `one` is older; a bare date and an instant of the same day are equally old."""
    shared = min(len(one), len(other))
    return one[:shared] < other[:shared]


def move_ages(seen: Mapping[str, str], new: Mapping[str, str]) -> Write:
    """Note how old these kinds are now; fails when another import came between."""
    names = sorted(new)
    values = {f"new_{name}": new[name] for name in names}
    values |= {f"seen_{name}": seen[name] for name in names if name in seen}
    conditions = [
        f"#{name} = :seen_{name}" if name in seen else f"attribute_not_exists(#{name})"
        for name in names
    ]
    return Write(
        key=_AGES,
        update="SET " + ", ".join(f"#{name} = :new_{name}" for name in names),
        condition=" AND ".join(conditions),
        values=values,
    )


def still_newest(kinds: Iterable[str], ages: Mapping[str, str]) -> Write:
    """The condition that no newer import of these kinds has begun."""
    names = sorted(kinds)
    return Write(
        key=_AGES,
        condition=" AND ".join(f"#{name} = :{name}" for name in names),
        values={name: ages[name] for name in names},
    )


# where records live


@dataclass(frozen=True, slots=True)
class Pointer:
    """The company of a record; `since` is the first day of a machine's history there."""

    company_id: str
    since: date | None = None


def pointers(table: Table, kind: str, numbers: Iterable[str]) -> dict[str, Pointer]:
    """Pointers by number; `kind` as in the key: CONTACT, CONTRACT, MACHINE. One read per hundred."""
    found = table.batch_get(keys.pointer(kind, number) for number in sorted(numbers))
    return {
        pk.partition("#")[2]: Pointer(
            item["company_id"], date.fromisoformat(item["since"]) if item.get("since") else None
        )
        for (pk, _), item in found.items()
    }


def point(kind: str, number: str, company_id: str, *, since: date | None = None) -> Write:
    pk, sk = keys.pointer(kind, number)
    item: Item = {"pk": pk, "sk": sk, "company_id": company_id}
    if since:
        item["since"] = since.isoformat()
    return Write(put=item)


def _serial_key(serial: str) -> tuple[str, str]:
    return f"SERIAL#{fold_serial(serial)}", "SERIAL"


def holders(table: Table, serials: Iterable[str]) -> dict[str, frozenset[str]]:
    """Folded serial number -> the machines that have it."""
    found = table.batch_get(_serial_key(serial) for serial in sorted(serials))
    return {
        pk.partition("#")[2]: frozenset(item.get("machines", ())) for (pk, _), item in found.items()
    }


def hold(serial: str, machine_id: str) -> Write:
    return Write(key=_serial_key(serial), update="ADD #machines :who", values={"who": {machine_id}})


def let_go(serial: str, machine_id: str) -> Write:
    return Write(
        key=_serial_key(serial), update="DELETE #machines :who", values={"who": {machine_id}}
    )


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def _list(parts: Iterable[str]) -> str:
    return f"[{','.join(parts)}]"
