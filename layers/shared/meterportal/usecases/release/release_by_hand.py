"""Release by hand: staff release one reading with a reason, whatever the checks say."""

from __future__ import annotations

from datetime import date

from meterportal import crypto
from meterportal.adapters import Adapters
from meterportal.domain.access.journal import Action, Deed, FieldChange, StaffMember
from meterportal.domain.refusals import AlreadyReleased, NotFound, Unavailable
from meterportal.domain.release import judging
from meterportal.domain.release.judging import Decision
from meterportal.domain.release.runs import MachineLines, Release
from meterportal.domain.release.second_person import needs_second, refuse_single_person
from meterportal.domain.reporting.readings import ReadingState
from meterportal.domain.reporting.readings import reading_id as spelled
from meterportal.settings import Moment
from meterportal.store.access import journal
from meterportal.store.plausibility import tolerances
from meterportal.store.portfolio import machines
from meterportal.store.release import limits, releases
from meterportal.store.writes import ConditionFailed

ATTEMPTS = 5


def release_by_hand(
    adapters: Adapters, reading_id: str, *, reason: str, seen: int, by: StaffMember, at: Moment
) -> tuple[Release, Decision]:
    """Releases one reading with a reason, as a run of one line. Four reads, one transaction.

    The same request of the same person again gives the same run. Raises NotFound, AlreadyReleased,
    ChangedMeanwhile, SecondPersonMissing or SamePerson.
    """
    machine_id, meter_id, due_on, n = parts_of(reading_id)
    table = adapters.table
    number = f"hand-{crypto.digest(f'{reading_id} {seen}')[:20]}"
    for _ in range(ATTEMPTS):
        machine = machines.find(table, [machine_id]).get(machine_id)
        reading = machine.reading(meter_id, due_on) if machine else None
        if machine is None or reading is None or reading.number != n:
            raise NotFound
        names, settings = tolerances.beside_companies(table, [machine.company_id])
        try:
            decision = judging.release_by_hand(
                machine,
                meter_id,
                due_on,
                seen=seen,
                reason=reason,
                now=at.now,
                today=at.today,
                by=by.id,
                tolerances=settings,
            )
        except AlreadyReleased:
            earlier = releases.load(table, number)
            if earlier and (earlier.by, reading.release_reason) == (by.id, reason):
                return earlier, Decision(machine.id, seen, machine, (), machine, (reading,))
            raise
        found = decision.lines[0].at_release
        if needs_second(limits.load(table).limits, machine, reading, found):
            refuse_single_person(reading.decision, by=by.id)
        machine_lines = MachineLines.of(decision, names[machine.company_id])
        release = Release(
            number,
            by.id,
            at.now,
            kind="manual",
            machines=1,
            finished_at=at.now,
            result=machine_lines.tally,
        )
        stored = releases.store(release.id, decision, machine_lines, by=by.id, at=at.now)
        noted = journal.entries(adapters.new_number(), by, at.now, _deed(reading_id, decision))
        try:
            table.transact([releases.create(release), *stored, *noted])
        except ConditionFailed:
            continue
        return release, decision
    raise Unavailable


def _deed(reading_id: str, decision: Decision) -> Deed:
    machine, reading = decision.machine, decision.released[0]
    assert machine is not None, "a release by hand changes its machine"
    return Deed(
        Action.RELEASED_BY_HAND,
        "reading",
        reading_id,
        machine.company_id,
        machine.contract_id,
        machine.id,
        changes=(
            FieldChange("state", ReadingState.REPORTED.value, reading.state.value),
            FieldChange("value", reading.value, reading.value),
        ),
    )


def parts_of(reading_id: str) -> tuple[str, str, date, int]:
    """Machine, meter, due date and number of a reading's id; raises NotFound for an invalid id."""
    first, _, last = reading_id.partition("~")
    parts = first.rsplit(".", 2)
    number = int(last) if last.isascii() and last.isdecimal() and len(last) < 5 else 1
    try:
        due_on = date.fromisoformat(parts[-1])
    except ValueError:
        raise NotFound from None
    if len(parts) != 3 or spelled(parts[0], parts[1], due_on, number) != reading_id:
        raise NotFound
    return parts[0], parts[1], due_on, number
