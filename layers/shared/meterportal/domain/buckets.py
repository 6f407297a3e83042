"""The buckets that staff sort readings into while a period is collected."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date
from enum import StrEnum

from meterportal.domain.contracts import Contract, ReadingChannel
from meterportal.domain.machines import Machine, Meter
from meterportal.domain.progress import still_open
from meterportal.domain.readings import Reading, ReadingState, Verdict


class Bucket(StrEnum):
    """`reported`: waits for release. `implausible`: of those, what a person has to decide.

    `released`: released or billed. `missing`: asked for and not there.
    """

    REPORTED = "reported"
    IMPLAUSIBLE = "implausible"
    RELEASED = "released"
    MISSING = "missing"


@dataclass(frozen=True, slots=True)
class Shown:
    """A meter's slot as a bucket shows it; `reading` is None where it is missing."""

    meter: Meter
    due_on: date
    reading: Reading | None


def needs_a_person(reading: Reading) -> bool:
    """Confirmed with a reason, or refused by a release run, and still waiting."""
    waits = reading.state is ReadingState.REPORTED
    return waits and (reading.verdict is Verdict.CONFIRMED or reading.refused is not None)


def shown(
    bucket: Bucket, machine: Machine, contract: Contract | None, *, today: date, grace_days: int
) -> list[Shown]:
    """What a bucket shows of a machine; empty: the machine is not in it.

    Missing are open billable meters of machines under a running contract of the portal.
    """
    if bucket is Bucket.MISSING:
        return _missing(machine, contract, today, grace_days)
    meters = {meter.id: meter for meter in machine.meters}
    return [
        Shown(meters[reading.meter_id], reading.due_on, reading)
        for reading in machine.readings
        if reading.meter_id in meters and _belongs(bucket, reading)
    ]


def _belongs(bucket: Bucket, reading: Reading) -> bool:
    match bucket:
        case Bucket.REPORTED:
            return reading.state is ReadingState.REPORTED
        case Bucket.IMPLAUSIBLE:
            return needs_a_person(reading)
        case _:
            return reading.state in {ReadingState.RELEASED, ReadingState.BILLED}


def _missing(
    machine: Machine, contract: Contract | None, today: date, grace_days: int
) -> list[Shown]:
    if contract is None or machine.due_on is None or not contract.running(today):
        return []
    if contract.reading_channel is not ReadingChannel.PORTAL:
        return []
    return [
        Shown(meter, machine.due_on, None)
        for meter in machine.billable_meters
        if still_open(replace(machine, meters=(meter,)), grace_days)
    ]
