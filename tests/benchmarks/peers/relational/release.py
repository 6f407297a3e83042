"""Release: judges what is reported by the second check, keeps state, report, history, and what waits for the export."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from datetime import date, datetime

from django.db import transaction
from django.db.models import F
from meterportal.domain.plausibility.tolerances import ToleranceSettings
from meterportal.domain.portfolio.machines import Effective, Machine, Meter, MeterKind
from meterportal.domain.release import judging
from meterportal.domain.release.judging import Decision, ReportLine
from meterportal.domain.reporting.readings import Reading, ReadingState, Verdict

from tests.benchmarks.peers.relational import models, pages

Place = tuple[str, str]
"""A machine, and the number of one of its meters."""


def release(now: datetime, today: date) -> int:
    """How many readings were released. Leaves nothing behind."""
    with transaction.atomic():
        released = sum(_released(page, now, today) for page in pages(models.Machine.objects))
        transaction.set_rollback(True)
    return released


def _released(page: Sequence[str], now: datetime, today: date) -> int:
    meters, rows = _meters(page), _readings(page)
    decided = [
        judging.judge(
            machine.id,
            machine,
            seen=machine.version,
            now=now,
            today=today,
            by="staff-1",
            tolerances=ToleranceSettings(),
        )
        for machine in _machines(page, meters, rows)
    ]
    models.ReportLine.objects.bulk_create(
        models.ReportLine(
            machine_id=one.machine_id,
            meter=line.meter_id,
            outcome=line.outcome.value,
            code=line.code,
            value=line.value,
            findings=_codes(line),
        )
        for one in decided
        for line in one.lines
    )
    done = [one for one in decided if one.changed is not None]
    every = [((one.machine_id, r.meter_id), r) for one in done for r in one.released]
    changed = [rows[place][reading.due_on][0] for place, reading in every]
    models.Reading.objects.filter(pk__in=changed).update(
        state=ReadingState.RELEASED.value, released_at=now, released_by="staff-1"
    )
    models.Effective.objects.bulk_create(
        models.Effective(meter_id=meters[place][0], read_on=r.read_on, value=r.value, billed=False)
        for place, r in every
    )
    models.Waiting.objects.bulk_create(models.Waiting(reading_id=number) for number in changed)
    models.HistoryEntry.objects.bulk_create(
        models.HistoryEntry(
            machine_id=one.machine_id,
            version=(one.seen or 0) + 1,
            event="released",
            at=now,
            who="staff-1",
            entries=[(r.meter_id, r.due_on.isoformat(), r.value) for r in one.released],
        )
        for one in done
    )
    _raise_versions(done)
    return len(every)


def _raise_versions(done: Sequence[Decision]) -> None:
    """Guarded by what was seen, all of a version at once."""
    seen: dict[int, list[str]] = defaultdict(list)
    for one in done:
        seen[one.seen or 0].append(one.machine_id)
    for version, numbers in seen.items():
        machines = models.Machine.objects.filter(pk__in=numbers, version=version)
        assert machines.update(version=F("version") + 1) == len(numbers), "nobody else writes here"


def _codes(line: ReportLine) -> list[str]:
    return [finding.code for finding in (*line.at_entry, *line.at_release)]


def _machines(
    page: Sequence[str],
    meters: Mapping[Place, tuple[int, Meter]],
    readings: Mapping[Place, Mapping[date, tuple[int, Reading]]],
) -> Iterator[Machine]:
    own: dict[str, list[Place]] = defaultdict(list)
    for place in meters:
        own[place[0]].append(place)
    for number, company, contract, serial, model, due_on, version in models.Machine.objects.filter(
        pk__in=page
    ).values_list("pk", "company_id", "contract_id", "serial", "model", "due_on", "version"):
        yield Machine(
            number,
            company,
            contract,
            serial,
            model=model,
            due_on=due_on,
            version=version,
            meters=tuple(meters[place][1] for place in own[number]),
            readings=tuple(one for place in own[number] for _, one in readings[place].values()),
        )


def _meters(page: Sequence[str]) -> dict[Place, tuple[int, Meter]]:
    """With the keys of their rows."""
    histories: dict[int, list[Effective]] = defaultdict(list)
    for key, read_on, value, billed in models.Effective.objects.filter(
        meter__machine__in=page
    ).values_list("meter_id", "read_on", "value", "billed"):
        histories[key].append(Effective(read_on, value, billed=billed))
    found = models.Meter.objects.filter(machine__in=page).values_list(
        "pk", "machine_id", "number", "label", "kind", "digits"
    )
    return {
        (machine, number): (
            key,
            Meter(number, label, MeterKind(kind), digits=digits, history=tuple(histories[key])),
        )
        for key, machine, number, label, kind, digits in found
    }


def _readings(page: Sequence[str]) -> dict[Place, dict[date, tuple[int, Reading]]]:
    """By day on which they are due, with the keys of their rows."""
    found: dict[Place, dict[date, tuple[int, Reading]]] = defaultdict(dict)
    for (
        key,
        machine,
        meter,
        due_on,
        value,
        read_on,
        state,
        verdict,
        by,
        at,
    ) in models.Reading.objects.filter(meter__machine__in=page).values_list(
        "pk",
        "meter__machine_id",
        "meter__number",
        "due_on",
        "value",
        "read_on",
        "state",
        "verdict",
        "reported_by",
        "reported_at",
    ):
        found[machine, meter][due_on] = (
            key,
            Reading(
                meter,
                due_on,
                value,
                read_on,
                ReadingState(state),
                Verdict(verdict),
                reported_by=by,
                reported_at=at,
            ),
        )
    return found
