"""Staff take over a dry run: the same file again, this time for good."""

from __future__ import annotations

from meterportal.adapters import Adapters
from meterportal.domain.access.journal import StaffMember
from meterportal.domain.exchange.import_runs import FileGone, Import, ImportedMeanwhile, NoDryRun
from meterportal.domain.refusals import NotFound
from meterportal.settings import Moment
from meterportal.store.exchange import imports
from meterportal.store.writes import ConditionFailed
from meterportal.usecases.exchange.start_imports import noted_start


def take_over(adapters: Adapters, import_id: str, at: Moment, *, by: StaffMember) -> str:
    """Starts the import of a dry run's file and returns its id; a repeated request gives the same one.

    The import refuses to begin if another one came in between: what it would do is no longer what the
    dry run has shown. Raises NotFound, NoDryRun, FileGone or ImportedMeanwhile.
    """
    found = imports.load(adapters.table, import_id)
    if found is None:
        raise NotFound
    if found.applied:
        return _queued(adapters, found.applied)
    if not found.dry_run or found.state != "done" or not found.accepted:
        raise NoDryRun
    if imports.standing(adapters.table)[1] != found.seen:
        raise ImportedMeanwhile
    if adapters.files.beginning(*found.place, 1) is None:
        raise FileGone
    new = Import(
        *(adapters.new_number(), by.id, at.now, found.as_of, found.file, found.place),
        checksum=found.checksum,
        etag=found.etag,
        full=found.full,
        seen=found.seen,
        applies=found.id,
    )
    taken = imports.take_over(found, new.id).named("dry run")
    try:
        adapters.table.transact([imports.create(new), taken, *noted_start(adapters, new, by)])
    except ConditionFailed as failed:
        stood = failed.stood("dry run") if failed.on("dry run") else None
        if stood is None:
            raise
        if "applied" not in stood:
            raise FileGone from None
        return _queued(adapters, stood["applied"])
    return _queued(adapters, new.id)


def _queued(adapters: Adapters, number: str) -> str:
    """Queued once more by a repeated request: the first one may have been cut off before it was."""
    adapters.queues.send(adapters.settings.import_queue, [{"import_id": number}])
    return number
