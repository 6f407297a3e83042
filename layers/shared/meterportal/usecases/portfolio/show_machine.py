"""Everything about a machine: its meters with history, period and expected range, photos, what happened."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from itertools import islice

from meterportal.adapters import Adapters
from meterportal.domain.frozen import frozen
from meterportal.domain.plausibility.models import pages_per_minute, pages_per_year
from meterportal.domain.plausibility.prepared import prepare
from meterportal.domain.plausibility.tolerances import ToleranceSettings
from meterportal.domain.portfolio.contracts import Company, Contract
from meterportal.domain.portfolio.machines import Machine, Meter
from meterportal.domain.portfolio.period_values import PeriodValue, period_values
from meterportal.domain.portfolio.timelines import Event, newest_first, of_note
from meterportal.domain.release.judging import FINAL
from meterportal.domain.reporting.history import HistoryEntry, entries
from meterportal.domain.reporting.problems import ProblemRow
from meterportal.domain.reporting.readings import Reading, ReadingState, reading_id
from meterportal.settings import Moment
from meterportal.store.exchange import exports
from meterportal.store.portfolio import notes, timelines
from meterportal.store.reporting import problems
from meterportal.usecases.portfolio.show_company import ShownEvents, names_of
from meterportal.usecases.reporting.enter_readings import machine_for_staff
from meterportal.usecases.reporting.show_photos import ShownPhoto, joined, photos_beside

EVENTS = 100
"""The newest changes of its readings that are told; the meters' histories go further back."""

NOTES = 200
"""The newest notes of its company that are looked through for those about the machine."""


@frozen
class ExpectedRange:
    """The pages expected in the `days` since the last effective value, until that of the period or
    until today: what lies between `low` and `high` raises no doubt."""

    pages: int
    low: int
    high: int
    days: int


@frozen
class ShownMachineMeter:
    """A meter with its values, newest first; `period` is None where the contract does not bill it,
    `expected` where nothing is known to judge by."""

    meter: Meter
    period: PeriodValue | None
    expected: ExpectedRange | None
    history: Sequence[HistoryEntry]


@frozen
class ReleasedValue:
    """A released reading with its id. `exported`: the ERP has it, or an export is taking it."""

    id: str
    reading: Reading
    exported: bool


@frozen
class ShownMachine:
    """`names` in `events` are those of contacts and staff by id."""

    machine: Machine
    company: Company
    contract: Contract
    meters: list[ShownMachineMeter]
    released: list[ReleasedValue]
    photos: Sequence[ShownPhoto]
    problem: ProblemRow | None
    events: ShownEvents


def show_machine(adapters: Adapters, at: Moment, machine_id: str) -> ShownMachine:
    """Any machine by its number. Five reads and two queries; one read more for an open problem and for
    each new photo, one query more where something is released, or where it stood here under a provisional
    number. Raises NotFound."""
    access = machine_for_staff(adapters, machine_id)
    machine, held = access.machine, access.held
    periods = {value.meter.id: value for value in period_values(machine)}
    places = [(machine.company_id, number) for number in machine.numbers]
    changes = [
        change
        for place in places
        for change in timelines.of_machine(adapters.table, *place, limit=EVENTS)
    ]
    albums = photos_beside(adapters, at, places)
    events = newest_first([*changes, *_notes(adapters, machine)])
    open_problem = machine.problem
    return ShownMachine(
        machine,
        held.company,
        held.contracts[machine.contract_id],
        [
            ShownMachineMeter(
                meter,
                periods.get(meter.id),
                expected_range(machine, meter, access.tolerances, today=at.today),
                entries(machine, meter),
            )
            for meter in machine.meters
        ],
        _released(adapters, machine),
        joined(albums, places),
        problems.load(adapters.table, open_problem.id) if open_problem else None,
        ShownEvents(events, names_of(adapters, held.contacts, events)),
    )


def _notes(adapters: Adapters, machine: Machine) -> list[Event]:
    """The notes about a machine, as far as they are among the newest of its company."""
    written = islice(notes.of_company(adapters.table, machine.company_id, page=NOTES), NOTES)
    return [of_note(note) for _, note in written if note.machine_id in machine.numbers]


def _released(adapters: Adapters, machine: Machine) -> list[ReleasedValue]:
    final = [one for one in machine.readings if one.state in FINAL]
    waiting: set[str] = set()
    if any(one.state is ReadingState.RELEASED for one in final):
        rows = exports.waiting_of(adapters.table, machine)
        waiting = {line["reading_id"] for row in rows for line in row.lines}
    found = []
    for one in final:
        number = reading_id(machine.id, one.meter_id, one.due_on, one.number)
        found.append(ReleasedValue(number, one, exported=number not in waiting))
    return found


def expected_range(
    machine: Machine, meter: Meter, tolerances: ToleranceSettings, *, today: date
) -> ExpectedRange | None:
    """What is expected of a meter in the current period; None where nothing is known to judge by."""
    reading = machine.reading(meter.id)
    prepared = prepare(
        meter,
        read_on=reading.read_on if reading else today,
        model_volume=pages_per_year(machine.model),
        pages_per_minute=pages_per_minute(machine.model),
        tolerances=tolerances.of(machine, meter),
    )
    expected = prepared.expected
    if expected is None:
        return None
    return ExpectedRange(expected.pages, expected.low, expected.high, expected.days)
