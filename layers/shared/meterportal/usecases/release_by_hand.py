"""Release by hand: one reading, with the clerk's reason, whatever the checks say."""

from __future__ import annotations

from datetime import date

from meterportal.domain import release as domain
from meterportal.domain.refusals import NotFound, Unavailable
from meterportal.domain.release import Decision
from meterportal.doors import Doors
from meterportal.settings import Moment
from meterportal.store import machines, releases, tolerances
from meterportal.store.releases import MachineLines, Release
from meterportal.store.table import ConditionFailed

ATTEMPTS = 5


def release_by_hand(
    doors: Doors, reading_id: str, *, reason: str, seen: int, by: str, at: Moment
) -> tuple[Release, Decision]:
    """Release one reading with a reason, as a run of one line. Three reads, one transaction.

    Raises NotFound, AlreadyReleased or ChangedMeanwhile.
    """
    machine_id, meter_id, due_on = parts_of(reading_id)
    table = doors.table
    for _ in range(ATTEMPTS):
        machine = machines.find(table, [machine_id]).get(machine_id)
        if machine is None:
            raise NotFound
        names, settings = tolerances.beside_companies(table, [machine.company_id])
        decision = domain.release_by_hand(
            machine,
            meter_id,
            due_on,
            seen=seen,
            reason=reason,
            now=at.now,
            today=at.today,
            by=by,
            tolerances=settings,
        )
        told = MachineLines.of(decision, names[machine.company_id])
        release = Release(
            doors.new_number(),
            by,
            at.now,
            kind="manual",
            machines=1,
            finished_at=at.now,
            result=told.tally,
        )
        stored = releases.store(release.id, decision, told, by=by, at=at.now)
        try:
            table.transact([releases.create(release), *stored])
        except ConditionFailed:
            continue
        return release, decision
    raise Unavailable


def parts_of(reading_id: str) -> tuple[str, str, date]:
    """Machine, meter and due date of a reading's id; raises NotFound for what is none."""
    parts = reading_id.rsplit(".", 2)
    try:
        due_on = date.fromisoformat(parts[-1])
    except ValueError:
        raise NotFound from None
    if len(parts) != 3 or parts[2] != due_on.isoformat():
        raise NotFound
    return parts[0], parts[1], due_on
