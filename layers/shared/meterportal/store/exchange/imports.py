"""Imports: header, age of the newest export, and which machine has which serial number.

Each transaction of an import also adds its counts to the header and writes its findings to a
journal row: after an interruption the next run finds both.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import astuple
from datetime import date, datetime

from meterportal.domain.exchange.import_runs import FileCount, Import, Pointer
from meterportal.domain.portfolio.machines import fold_serial
from meterportal.store import keys, runs
from meterportal.store.items import Item
from meterportal.store.table import Table
from meterportal.store.writes import Write

_AGES = ("IMPORT#AGES", "AGES")
_OPTIONAL = ("checksum", "etag", "full", "seen", "applies")
"""Attributes of a header that stand there only where they say something."""


def create(started: Import) -> Write:
    """The header of a new import; fails when there is one already."""
    item = {
        **runs.header("IMPORT", started.id, by=started.by, at=started.created_at),
        "as_of": started.as_of,
        "file": started.file,
        "place": list(started.place),
        "dry_run": started.dry_run,
        "state": started.state,
        **{name: value for name in _OPTIONAL if (value := getattr(started, name))},
    }
    return Write(put=item, condition="attribute_not_exists(pk)")


def load(table: Table, import_id: str) -> Import | None:
    item = table.get(*keys.run("IMPORT", import_id))
    return _unpack(item) if item else None


def newest(table: Table, *, before: str | None = None) -> Iterator[tuple[str, Import]]:
    """(place in the list, import), newest first; starts after the place `before`."""
    for item in runs.newest(table, "IMPORT", before=before):
        yield runs.place(item), _unpack(item)


def count(import_id: str, changes: Mapping[tuple[str, str], int]) -> Write:
    """Adds a transaction's changes to the counts, by (kind, "new" | "changed"); fails when the
    import has ended.
    """
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


def finish(table: Table, ended: Import) -> None:
    """Stores the result; fails when the import had ended before."""
    table.write(
        Write(
            key=keys.run("IMPORT", ended.id),
            update="SET #state = :state, #files = :files, #changes = :changes,"
            " #findings = :findings, #reports = :reports, #missing = :missing, #seen = :seen",
            condition="#state = :running",
            values={
                "running": "running",
                "state": ended.state,
                "files": [list(astuple(file)) for file in ended.files],
                "changes": {kind: dict(numbers) for kind, numbers in ended.changes.items()},
                "findings": ended.findings,
                "reports": ended.reports,
                "missing": {kind: list(numbers) for kind, numbers in ended.missing.items()},
                "seen": ended.seen,
            },
        )
    )


def tell_progress(table: Table, import_id: str, done: int, of: int) -> None:
    """Notes how many rows are planned, of how many."""
    table.write(
        Write(
            key=keys.run("IMPORT", import_id),
            update="SET #progress = :progress",
            condition="attribute_exists(pk)",
            values={"progress": [done, of]},
        )
    )


def go_on(table: Table, seen: Import, work: str, *, progress: tuple[int, int]) -> None:
    """Notes where it stands how far a long import has come; fails when it has ended, or when another
    worker was faster."""
    table.write(
        Write(
            key=keys.run("IMPORT", seen.id),
            update="SET #work = :work, #progress = :progress",
            condition="#state = :running AND "
            + ("#work = :seen" if seen.work else "attribute_not_exists(#work)"),
            values={
                "running": "running",
                "work": work,
                "progress": list(progress),
                **({"seen": seen.work} if seen.work else {}),
            },
        )
    )


def take_over(dry_run: Import, number: str) -> Write:
    """Notes which import takes over a dry run; fails when there is one already, when its file goes, or it is
    forgotten."""
    return Write(
        key=keys.run("IMPORT", dry_run.id),
        update="SET #applied = :number",
        condition="attribute_exists(pk) AND attribute_not_exists(#applied)"
        " AND attribute_not_exists(#let_go)",
        values={"number": number},
    )


def let_file_go(seen: Import) -> Write:
    """Notes that an import's file is going to be deleted: nobody takes the import over any more. Fails
    when somebody has since it was read, or it is forgotten."""
    untaken = "attribute_exists(pk) AND attribute_not_exists(#applied)"
    return Write(
        key=keys.run("IMPORT", seen.id),
        update="SET #let_go = :yes",
        condition="#applied = :applied" if seen.applied else untaken,
        values={"yes": True, **({"applied": seen.applied} if seen.applied else {})},
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
        broken=runs.broken(item),
        checksum=item.get("checksum", ""),
        etag=item.get("etag", ""),
        full=item.get("full", False),
        missing={kind: tuple(numbers) for kind, numbers in item.get("missing", {}).items()},
        progress=tuple(item.get("progress", (0, 0))),
        seen=item.get("seen", ""),
        applies=item.get("applies", ""),
        applied=item.get("applied", ""),
        work=item.get("work", ""),
    )


# age of the newest export of each kind of file


def ages(table: Table) -> dict[str, str]:
    """Kind of file -> `as_of` of its newest import."""
    return standing(table)[0]


def standing(table: Table) -> tuple[dict[str, str], str]:
    """The ages, and the newest import that was no dry run ("" before there is one)."""
    item = table.get(*_AGES) or {}
    found = {name: value for name, value in item.items() if name not in {"pk", "sk", "latest"}}
    return found, item.get("latest", "")


def older(one: str, other: str) -> bool:
    """Whether `one` is older; a bare date and an instant of the same day are equally old."""
    shared = min(len(one), len(other))
    return one[:shared] < other[:shared]


def move_ages(
    table: Table,
    seen: tuple[Mapping[str, str], str],
    new: Mapping[str, str],
    *,
    latest: str,
) -> None:
    """Stores the new ages of these kinds, and that this import is the latest; fails when another
    import stored anything since the standing that was `seen`."""
    known = {**seen[0], **({"latest": seen[1]} if seen[1] else {})}
    stored = {**new, "latest": latest}
    names = sorted(stored)
    values = {f"new_{name}": stored[name] for name in names}
    values |= {f"seen_{name}": known[name] for name in names if name in known}
    conditions = [
        f"#{name} = :seen_{name}" if name in known else f"attribute_not_exists(#{name})"
        for name in names
    ]
    table.write(
        Write(
            key=_AGES,
            update="SET " + ", ".join(f"#{name} = :new_{name}" for name in names),
            condition=" AND ".join(conditions),
            values=values,
        )
    )


def still_newest(kinds: Iterable[str], ages: Mapping[str, str]) -> Write:
    """Checks that no newer import of these kinds has begun."""
    names = sorted(kinds)
    return Write(
        key=_AGES,
        condition=" AND ".join(f"#{name} = :{name}" for name in names),
        values={name: ages[name] for name in names},
    )


def still_latest(import_id: str) -> Write:
    """Checks that no import has begun since this one."""
    return Write(key=_AGES, condition="#latest = :latest", values={"latest": import_id})


# at which company records are


def pointers(table: Table, kind: str, numbers: Iterable[str]) -> dict[str, Pointer]:
    """Pointers by number; `kind` as in the key: CONTACT, CONTRACT, MACHINE. One read per hundred."""
    found = table.batch_get(keys.pointer(kind, number) for number in sorted(numbers))
    return {
        pk.partition("#")[2]: Pointer(
            item["company_id"], date.fromisoformat(item["since"]) if item.get("since") else None
        )
        for (pk, _), item in found.items()
        if "company_id" in item
    }


def point(kind: str, number: str, company_id: str, *, since: date | None = None) -> Write:
    """Points to the company of a record; fails for a contact that was erased."""
    pk, sk = keys.pointer(kind, number)
    item: Item = {"pk": pk, "sk": sk, "company_id": company_id}
    if since:
        item["since"] = since.isoformat()
    return Write(put=item, condition="attribute_not_exists(#erased)")


def holders(table: Table, serials: Iterable[str]) -> dict[str, frozenset[str]]:
    """Folded serial number -> the machines that have it."""
    found = table.batch_get(keys.serial(fold_serial(serial)) for serial in sorted(serials))
    return {
        pk.partition("#")[2]: frozenset(item.get("machines", ())) for (pk, _), item in found.items()
    }


def let_go(serial: str, machine_id: str) -> Write:
    key = keys.serial(fold_serial(serial))
    return Write(key=key, update="DELETE #machines :who", values={"who": {machine_id}})
