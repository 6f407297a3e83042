"""Release for billing: start a run, plan it, work off its chunks.

A run is a header, its selection and a message. The queue's first step plans chunks of machines,
each chunk is a message of its own, each machine one transaction that also writes its protocol row.
Every step may come again at any time: what is told already is left alone.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date, timedelta

from meterportal import crypto
from meterportal.batches import batches
from meterportal.domain import release as domain
from meterportal.domain.contracts import Company
from meterportal.domain.machines import Machine
from meterportal.domain.plausibility.tolerances import ToleranceSettings
from meterportal.domain.refusals import NotFound, Unavailable, VersionMissing
from meterportal.domain.release import (
    Decision,
    SnapshotDiffers,
    SnapshotMissing,
    SnapshotRunning,
    SnapshotUnknown,
)
from meterportal.domain.selections import Filter, Selection
from meterportal.doors import Doors
from meterportal.settings import Moment
from meterportal.store import machines, portfolio, releases, tolerances
from meterportal.store.releases import Entry, MachineLines, Release, Tally
from meterportal.store.table import ConditionFailed, Item, Table
from meterportal.usecases import once as starting
from meterportal.usecases.neighbours import OfCompanies
from meterportal.usecases.once import Once

CHUNK = 100
"""Machines per chunk: as many as one batched read takes."""

ATTEMPTS = 5
FORGOTTEN = timedelta(minutes=15)
GIVEN_UP = timedelta(hours=6)
"""A run not done after this long has failed: its messages ended in the dead-letter queue."""


@dataclass(frozen=True, slots=True)
class _Bench:
    """What a chunk is judged by: the dealer's tolerances, other machines of a company, this moment."""

    tolerances: ToleranceSettings
    neighbours: OfCompanies
    at: Moment


def start(
    doors: Doors,
    selection: Selection,
    *,
    dry_run: bool,
    by: str,
    at: Moment,
    request_key: str | None = None,
) -> str:
    """Start a run and give back its id. Raises VersionMissing or a refusal of the snapshot.

    `request_key` (Idempotency-Key) makes repeating harmless for a day; raises ReusedKey when it
    came with another request.
    """
    table = doors.table
    once = Once(by, request_key, _digest(selection, dry_run)) if request_key else None
    earlier = starting.started_before(table, once, now=at.now)
    if earlier:
        # Whoever asked before may have died between the header and its message.
        _queue(doors, [{"release_id": earlier, "step": "plan"}])
        return earlier
    seen = _seen(table, selection, dry_run=dry_run)
    release = Release(doors.new_number(), by, at.now, dry_run=dry_run, snapshot=selection.snapshot)
    releases.keep_selection(table, release.id, seen)
    started = starting.start(table, once, releases.create(release), release.id, now=at.now)
    if started == release.id:
        _queue(doors, [{"release_id": release.id, "step": "plan"}])
    return started


def _digest(selection: Selection, dry_run: bool) -> str:
    return crypto.digest(f"release {selection.spelled()} {dry_run}")


def _seen(table: Table, selection: Selection, *, dry_run: bool) -> Selection:
    """The selection with a version for every number, refused where the clerk cannot have seen it."""
    if selection.snapshot is not None:
        _refuse_snapshot(table, selection.snapshot, selection.filter)
    if selection.ids is None:
        if not dry_run and selection.snapshot is None:
            raise SnapshotMissing(field="selection.snapshot")
        return selection
    versions = {number: n for number, n in selection.versions.items() if number in selection.ids}
    unseen = [number for number in selection.ids if number not in versions]
    if selection.snapshot is not None:
        told = releases.told(table, selection.snapshot, unseen)
        versions |= {number: row.seen or 0 for number, row in told.items()}
    missing = [number for number in unseen if number not in versions]
    if missing and not dry_run:
        raise VersionMissing(field="selection.versions", ids=missing)
    return replace(selection, versions=versions)


def _refuse_snapshot(table: Table, snapshot: str, chosen: Filter | None) -> None:
    found = releases.load(table, snapshot)
    if found is None or not found.dry_run:
        raise SnapshotUnknown(field="selection.snapshot")
    if found.result is None:
        raise SnapshotRunning(field="selection.snapshot")
    if chosen not in (None, Filter()) and releases.selection_of(table, found).filter != chosen:
        raise SnapshotDiffers(field="selection.filter")


def state_of(release: Release, at: Moment) -> str:
    """running, done or failed."""
    if release.result is not None:
        return "done"
    return "failed" if at.now - release.created_at > GIVEN_UP else "running"


# the queue's steps


def plan(doors: Doors, release_id: str, at: Moment) -> None:
    """Cut what was selected into chunks, once, and queue them; then take along forgotten runs.

    Raises NotFound without a header.
    """
    table = doors.table
    release = releases.load(table, release_id)
    if release is None:
        raise NotFound
    if release.plan is None:
        release = _planned(doors, release)
    messages = (
        {"release_id": release.id, "step": "chunk", "chunk": n} for n in range(release.chunks)
    )
    _queue(doors, messages)
    table.write(releases.mark_queued(release.id, at=at.now))
    if not release.chunks:
        _finish_if_complete(table, release, at)
    _queue(doors, _forgotten(table, release, at))


def _planned(doors: Doors, release: Release) -> Release:
    """Write the chunks under a name of their own, then settle for them unless somebody else did."""
    name, count, total = doors.new_number(), 0, 0

    def rows() -> Iterator[Item]:
        nonlocal count, total
        for entries in batches(_entries(doors.table, release), CHUNK):
            yield releases.chunk_row(release, name, count, entries)
            count, total = count + 1, total + len(entries)

    for some in batches(rows(), 25):
        doors.table.batch_write(some)
    settled = releases.finish_planning(release.id, plan=name, chunks=count, machines=total)
    try:
        doors.table.write(settled)
    except ConditionFailed as lost:
        stood = lost.items[0]
        return releases.unpack(stood) if stood else release
    return replace(release, plan=name, chunks=count, machines=total)


def _entries(table: Table, release: Release) -> Iterator[Entry]:
    """Each selected machine once, with the version seen. In a run none is without: 0 fits nothing."""
    selection = releases.selection_of(table, release)
    entries: Iterable[Entry]
    if selection.ids is not None:
        entries = ((number, selection.versions.get(number)) for number in selection.ids)
    elif selection.snapshot is not None:
        rows = releases.protocol(table, selection.snapshot)
        entries = ((row.machine_id, row.seen or 0) for row in rows)
    else:
        entries = ((number, None) for number in _waiting(table, selection.filter or Filter()))
    given = set(selection.exceptions)
    for number, seen in entries:
        if number not in given:
            given.add(number)
            yield number, seen if release.dry_run else seen or 0


def _waiting(table: Table, chosen: Filter) -> Iterator[str]:
    """Machines with reported readings that a filter means."""
    if chosen.state not in (None, "reported"):
        return
    company_id = chosen.company_id
    if chosen.contract_id is not None:
        owner = portfolio.companies_of(table, "CONTRACT", [chosen.contract_id])
        if company_id not in (None, owner.get(chosen.contract_id)):
            return
        company_id = owner.get(chosen.contract_id, "")
    if company_id is not None:
        holding = portfolio.load(table, company_id)
        own = holding.machines.values() if holding else ()
        yield from _fitting(table, own, chosen)
        return
    found = machines.listed(table, ["reported"])
    until = chosen.due_before.isoformat() if chosen.due_before else "~"
    inside = (row for row in found if row.due_on <= until)
    if chosen.reading_channel is None:
        yield from (row.machine_id for row in inside)
        return
    for rows in batches(inside, CHUNK):
        loaded = machines.load_many(table, ((row.company_id, row.machine_id) for row in rows))
        yield from _fitting(table, loaded.values(), chosen)


def _fitting(table: Table, loaded: Iterable[Machine], chosen: Filter) -> Iterator[str]:
    until = chosen.due_before or date.max
    waiting = [
        machine
        for machine in loaded
        if machine.state == "reported"
        and chosen.contract_id in (None, machine.contract_id)
        and (machine.due_on or date.min) <= until
    ]
    if chosen.reading_channel is not None:
        papers = portfolio.contracts(table, {(m.company_id, m.contract_id) for m in waiting})
        fitting = {n for n, c in papers.items() if c.reading_channel is chosen.reading_channel}
        waiting = [machine for machine in waiting if machine.contract_id in fitting]
    yield from (machine.id for machine in waiting)


def _forgotten(table: Table, release: Release, at: Moment) -> list[dict[str, str]]:
    """Runs of today that were written and never queued: whoever started them died in between."""
    found = []
    for _, run in releases.newest(table):
        if at.now - run.created_at > timedelta(days=1):
            break
        if run.id != release.id and not run.queued_at and at.now - run.created_at > FORGOTTEN:
            found.append({"release_id": run.id, "step": "plan"})
    return found


def work(
    doors: Doors, release_id: str, number: int, *, at: Moment, has_time: Callable[[], bool]
) -> None:
    """Work off a chunk: every machine of it gets its protocol row, in one transaction each.

    Without time left the rest is handed on by a message. Raises NotFound for a chunk that was
    never planned.
    """
    table = doors.table
    release = releases.load(table, release_id)
    entries = releases.chunk(table, release, number) if release else None
    if release is None or entries is None:
        raise NotFound
    if not releases.is_done(table, release_id, number):
        told = releases.told(table, release_id, (machine_id for machine_id, _ in entries))
        waiting = [entry for entry in entries if entry[0] not in told]
        found = machines.find(table, (machine_id for machine_id, _ in waiting))
        owners = {machine.company_id for machine in found.values()}
        names, settings = tolerances.beside_companies(table, owners)
        bench = _Bench(settings, OfCompanies(table), at)
        for machine_id, seen in waiting:
            if not has_time():
                _queue(doors, [{"release_id": release_id, "step": "chunk", "chunk": number}])
                return
            machine = found.get(machine_id)
            company = names.get(machine.company_id) if machine else None
            told[machine_id] = _settle(table, release, (machine_id, seen), machine, company, bench)
        sums = sum((row.tally for row in told.values()), Tally())
        table.write(releases.mark_done(release_id, number, sums))
    _finish_if_complete(table, release, at)


def _settle(
    table: Table,
    release: Release,
    entry: Entry,
    machine: Machine | None,
    company: Company | None,
    bench: _Bench,
) -> MachineLines:
    """One machine: judge, store, tell. Whoever wrote in between makes us judge again."""
    (machine_id, seen), at = entry, bench.at
    for _ in range(ATTEMPTS):
        decision = domain.judge(
            machine_id,
            machine,
            seen=seen,
            now=at.now,
            today=at.today,
            by=release.by,
            tolerances=bench.tolerances,
            neighbours=bench.neighbours.of(machine) if machine else None,
        )
        if release.dry_run:
            lines = tuple(domain.as_dry_run(line) for line in decision.lines)
            decision = Decision(machine_id, decision.seen, machine, lines)
        told = MachineLines.of(decision, company)
        writes = releases.store(release.id, decision, told, by=release.by, at=at.now)
        try:
            if len(writes) == 1:
                table.write(writes[0])
            else:
                table.transact(writes)
        except ConditionFailed as lost:
            if 0 in lost.failed:
                return releases.told(table, release.id, [machine_id])[machine_id]
            machine = machines.find(table, [machine_id]).get(machine_id)
        else:
            return told
    raise Unavailable


def _finish_if_complete(table: Table, release: Release, at: Moment) -> None:
    sums = releases.done(table, release.id)
    if release.result is not None or len(sums) < release.chunks:
        return
    try:
        table.write(releases.finish(release.id, sum(sums, Tally()), at=at.now))
    except ConditionFailed:
        return  # another worker came first with the same sums


def _queue(doors: Doors, messages: Iterable[Mapping[str, object]]) -> None:
    doors.queues.send(doors.settings.release_queue, messages)
