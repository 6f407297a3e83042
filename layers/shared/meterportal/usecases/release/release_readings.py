"""Release for billing: starts a run, plans it, carries out its chunks.

A run is a header, its selection and a message. The first step behind the queue plans chunks of
machines. Each chunk is a message of its own, and what releases a machine's readings is one transaction
with what the report says of it (`settle_chunk`). Every step may be repeated at any time: machines of which
the report tells are skipped.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import replace
from datetime import date, timedelta

from meterportal import crypto
from meterportal.adapters import Adapters
from meterportal.batches import batches
from meterportal.domain import runs
from meterportal.domain.access.journal import Action, Deed, StaffMember, chosen
from meterportal.domain.portfolio.machines import Machine
from meterportal.domain.portfolio.selections import Filter, Selection
from meterportal.domain.refusals import NotFound, VersionMissing
from meterportal.domain.release.runs import (
    Release,
    SnapshotDiffers,
    SnapshotMissing,
    SnapshotRunning,
    SnapshotUnknown,
    Tally,
)
from meterportal.domain.runs import PLAN, RunKind, RunState, chunk_part
from meterportal.settings import Moment
from meterportal.store.access import journal
from meterportal.store.plausibility import tolerances
from meterportal.store.portfolio import holdings, machines
from meterportal.store.release import releases
from meterportal.store.release.releases import Entry
from meterportal.store.writes import ConditionFailed
from meterportal.usecases.plausibility.neighbours import OfCompanies
from meterportal.usecases.portfolio.build_portfolio import ask_for_snapshot
from meterportal.usecases.release.settle_chunk import TOGETHER, Chunk
from meterportal.usecases.runs import once as starting
from meterportal.usecases.runs.once import Once
from meterportal.usecases.runs.take_up import take_up

CHUNK = 3 * TOGETHER
"""Machines per chunk: as many as one batched read takes, with the rows that tell of its parts."""

FORGOTTEN = timedelta(minutes=15)


def start(
    adapters: Adapters,
    selection: Selection,
    *,
    dry_run: bool,
    by: StaffMember,
    at: Moment,
    request_key: str | None = None,
) -> str:
    """Starts a run and returns its id. Raises VersionMissing or a refusal of the snapshot.

    `request_key` (Idempotency-Key) makes repeating harmless for a day; raises ReusedKey when it
    came with another request.
    """
    table = adapters.table
    once = Once(by.id, request_key, _digest(selection, dry_run)) if request_key else None
    earlier = starting.started_before(adapters, once, now=at.now)
    if earlier:
        # The earlier request may have been interrupted between header and message.
        _queue(adapters, [{"release_id": earlier, "step": "plan"}])
        return earlier
    seen = _seen(adapters, selection, dry_run=dry_run)
    release = Release(
        adapters.new_number(), by.id, at.now, dry_run=dry_run, snapshot=selection.snapshot
    )
    releases.keep_selection(table, release.id, seen)
    deed = Deed(Action.RELEASE_STARTED, "release", release.id, changes=chosen(selection))
    started = starting.start(
        adapters,
        once,
        releases.create(release),
        release.id,
        now=at.now,
        noted=[] if dry_run else journal.entries(adapters.new_number(), by, at.now, deed),
    )
    if started == release.id:
        _queue(adapters, [{"release_id": release.id, "step": "plan"}])
    return started


def _digest(selection: Selection, dry_run: bool) -> str:
    return crypto.digest(f"release {selection.spelled()} {dry_run}")


def _seen(adapters: Adapters, selection: Selection, *, dry_run: bool) -> Selection:
    """The selection with a version for every number; refused if staff cannot have seen that
    version.
    """
    if selection.snapshot is not None:
        _refuse_snapshot(adapters, selection.snapshot, selection.filter)
    if selection.ids is None:
        if not dry_run and selection.snapshot is None:
            raise SnapshotMissing(field="selection.snapshot")
        return selection
    versions = {number: n for number, n in selection.versions.items() if number in selection.ids}
    unseen = [number for number in selection.ids if number not in versions]
    if selection.snapshot is not None:
        report = releases.told(adapters.table, selection.snapshot, unseen)
        versions |= {number: row.seen or 0 for number, row in report.items()}
    missing = [number for number in unseen if number not in versions]
    if missing and not dry_run:
        raise VersionMissing(field="selection.versions", ids=missing)
    return replace(selection, versions=versions)


def _refuse_snapshot(adapters: Adapters, snapshot: str, chosen: Filter | None) -> None:
    found = releases.load(adapters.table, snapshot)
    if found is None or not found.dry_run:
        raise SnapshotUnknown(field="selection.snapshot")
    if found.result is None:
        raise SnapshotRunning(field="selection.snapshot")
    if (
        chosen not in (None, Filter())
        and releases.selection_of(adapters.table, found).filter != chosen
    ):
        raise SnapshotDiffers(field="selection.filter")


def state_of(release: Release, at: Moment) -> RunState:
    return runs.state_of(
        finished=release.result is not None,
        broken=release.broken,
        created_at=release.created_at,
        now=at.now,
    )


# the steps behind the queue


def plan(adapters: Adapters, release_id: str, at: Moment) -> None:
    """Divides the selection into chunks, once, and queues them; then queues forgotten runs again.

    Raises NotFound without a header.
    """
    table = adapters.table
    release = releases.load(table, release_id)
    if release is None:
        raise NotFound
    take_up(adapters, RunKind.RELEASE, release_id, PLAN, release.broken)
    if release.plan is None:
        release = _planned(adapters, release)
    messages = (
        {"release_id": release.id, "step": "chunk", "chunk": n} for n in range(release.chunks)
    )
    _queue(adapters, messages)
    releases.mark_queued(table, release.id, at=at.now)
    if not release.chunks:
        _finish_if_complete(adapters, release, at)
    _queue(adapters, _forgotten(adapters, release, at))


def _planned(adapters: Adapters, release: Release) -> Release:
    """Writes chunks under a new plan number and makes it the run's plan, unless another worker has
    set one.
    """
    plan, chunks = adapters.new_number(), batches(_entries(adapters, release), CHUNK)
    count, total = releases.keep_chunks(adapters.table, release, plan, chunks)
    return releases.settle(adapters.table, release, plan=plan, chunks=count, machines=total)


def _entries(adapters: Adapters, release: Release) -> Iterator[Entry]:
    """Each selected machine once, by number, with the version that staff saw. In a real run a missing version
    becomes 0, which no machine has.
    """
    selection = releases.selection_of(adapters.table, release)
    entries: Iterable[Entry]
    if selection.ids is not None:
        entries = ((number, selection.versions.get(number)) for number in sorted(selection.ids))
    elif selection.snapshot is not None:
        rows = releases.report(adapters.table, selection.snapshot)
        entries = ((row.machine_id, row.seen or 0) for _, row in rows)
    else:
        entries = ((number, None) for number in _waiting(adapters, selection.filter or Filter()))
    given = set(selection.exceptions)
    for number, seen in entries:
        if number not in given:
            given.add(number)
            yield number, seen if release.dry_run else seen or 0


def _waiting(adapters: Adapters, chosen: Filter) -> Iterator[str]:
    """Machines with reported readings that match a filter."""
    if chosen.state not in (None, "reported"):
        return
    company_id = chosen.company_id
    if chosen.contract_id is not None:
        owner = holdings.companies_of(adapters.table, "CONTRACT", [chosen.contract_id])
        if company_id not in (None, owner.get(chosen.contract_id)):
            return
        company_id = owner.get(chosen.contract_id, "")
    if company_id is not None:
        holding = holdings.load(adapters.table, company_id)
        own = holding.machines.values() if holding else ()
        yield from _fitting(adapters, own, chosen)
        return
    found = machines.listed(adapters.table, ["reported"])
    until = chosen.due_before.isoformat() if chosen.due_before else "~"
    inside = (row for row in found if row.due_on <= until)
    if chosen.reading_channel is None:
        yield from (row.machine_id for row in inside)
        return
    for rows in batches(inside, CHUNK):
        loaded = machines.load_many(
            adapters.table, ((row.company_id, row.machine_id) for row in rows)
        )
        yield from _fitting(adapters, loaded.values(), chosen)


def _fitting(adapters: Adapters, loaded: Iterable[Machine], chosen: Filter) -> Iterator[str]:
    until = chosen.due_before or date.max
    waiting = [
        machine
        for machine in loaded
        if machine.state == "reported"
        and chosen.contract_id in (None, machine.contract_id)
        and (machine.due_on or date.min) <= until
    ]
    if chosen.reading_channel is not None:
        contracts = holdings.contracts(
            adapters.table, {(m.company_id, m.contract_id) for m in waiting}
        )
        fitting = {n for n, c in contracts.items() if c.reading_channel is chosen.reading_channel}
        waiting = [machine for machine in waiting if machine.contract_id in fitting]
    yield from (machine.id for machine in waiting)


def _forgotten(adapters: Adapters, release: Release, at: Moment) -> list[dict[str, str]]:
    """Runs of today that were stored but never queued, because their start was interrupted."""
    found = []
    for _, run in releases.newest(adapters.table):
        if at.now - run.created_at > timedelta(days=1):
            break
        if run.id != release.id and not run.queued_at and at.now - run.created_at > FORGOTTEN:
            found.append({"release_id": run.id, "step": "plan"})
    return found


def work(
    adapters: Adapters, release_id: str, number: int, *, at: Moment, has_time: Callable[[], bool]
) -> None:
    """Carries out a chunk: the report tells of each of its machines, by the transaction that releases its
    readings.

    Without time left a message continues the chunk. Raises NotFound for a chunk that was never
    planned.
    """
    table = adapters.table
    release = releases.load(table, release_id)
    entries = releases.chunk(table, release, number) if release else None
    if release is None or entries is None:
        raise NotFound
    take_up(adapters, RunKind.RELEASE, release_id, chunk_part(number), release.broken)
    if not releases.is_done(table, release_id, number):
        parts = [*batches(entries, TOGETHER)]
        report = releases.told(
            table,
            release_id,
            (machine_id for machine_id, _ in entries),
            parts=() if release.dry_run else (part[0][0] for part in parts),
        )
        waiting = [entry for entry in entries if entry[0] not in report]
        found = machines.find(table, (machine_id for machine_id, _ in waiting))
        owners = {machine.company_id for machine in found.values()}
        names, settings = tolerances.beside_companies(table, owners)
        chunk = Chunk(adapters, release, names, settings, OfCompanies(adapters), at)
        for part in parts:
            settled = chunk.settle(part, report.keys(), found, has_time)
            report |= {row.machine_id: row for row in settled}
        if len(report) < len(entries):
            _queue(adapters, [{"release_id": release_id, "step": "chunk", "chunk": number}])
            return
        sums = sum((row.tally for row in report.values()), Tally())
        releases.mark_done(table, release_id, number, sums)
    _finish_if_complete(adapters, release, at)


def _finish_if_complete(adapters: Adapters, release: Release, at: Moment) -> None:
    sums = releases.done(adapters.table, release.id)
    if release.result is not None or len(sums) < release.chunks:
        return
    if not release.dry_run:
        ask_for_snapshot(adapters, at)
    try:
        releases.finish(adapters.table, release.id, sum(sums, Tally()), at=at.now)
    except ConditionFailed:
        return  # another worker has stored the same sums


def _queue(adapters: Adapters, messages: Iterable[Mapping[str, object]]) -> None:
    adapters.queues.send(adapters.settings.release_queue, messages)
