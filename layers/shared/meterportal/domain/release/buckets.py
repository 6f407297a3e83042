"""The buckets into which staff sort readings while a period is collected."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from enum import StrEnum

from meterportal.domain.frozen import frozen
from meterportal.domain.portfolio.contracts import Contract, ReadingChannel
from meterportal.domain.portfolio.machines import Machine, Meter
from meterportal.domain.portfolio.progress import Grace, still_open
from meterportal.domain.reporting.readings import Reading, ReadingState, Verdict


class Bucket(StrEnum):
    """`reported`: waits for release. `implausible`: waits, and a person has to decide. `decided`:
    waits, and staff have decided something about it.

    `released`: released or billed. `missing`: asked for and not reported.
    """

    REPORTED = "reported"
    IMPLAUSIBLE = "implausible"
    DECIDED = "decided"
    RELEASED = "released"
    MISSING = "missing"


@frozen
class ShownMeter:
    """A meter's period in a bucket; `reading` is None where it is missing."""

    meter: Meter
    due_on: date
    reading: Reading | None


def needs_a_person(reading: Reading, today: date = date.max) -> bool:
    """Whether a reading that waits was confirmed with a reason or refused by a release run, and nobody
    has decided. A deferred one needs a person on its day: who knows no `today` counts it all along."""
    waits = reading.state is ReadingState.REPORTED
    unusual = reading.verdict is Verdict.CONFIRMED or reading.refused is not None
    return waits and unusual and not (reading.decision and reading.decision.rests(today))


def shown(
    bucket: Bucket, machine: Machine, contract: Contract | None, *, today: date, grace: Grace
) -> list[ShownMeter]:
    """The meters of a machine that a bucket shows; empty if the machine is not in it.

    Missing are open billable meters of machines under a running contract that is reported in the
    portal.
    """
    if bucket is Bucket.MISSING:
        return _missing(machine, contract, today, grace)
    meters = {meter.id: meter for meter in machine.meters}
    return [
        ShownMeter(meters[reading.meter_id], reading.due_on, reading)
        for reading in machine.readings
        if reading.meter_id in meters and _belongs(bucket, reading, today)
    ]


def _belongs(bucket: Bucket, reading: Reading, today: date) -> bool:
    match bucket:
        case Bucket.REPORTED:
            return reading.state is ReadingState.REPORTED
        case Bucket.IMPLAUSIBLE:
            return needs_a_person(reading, today)
        case Bucket.DECIDED:
            return reading.state is ReadingState.REPORTED and reading.decision is not None
        case _:
            return reading.state in {ReadingState.RELEASED, ReadingState.BILLED}


def _missing(
    machine: Machine, contract: Contract | None, today: date, grace: Grace
) -> list[ShownMeter]:
    if contract is None or machine.due_on is None or not contract.running(today):
        return []
    if contract.reading_channel is not ReadingChannel.PORTAL:
        return []
    return [
        ShownMeter(meter, machine.due_on, None)
        for meter in machine.billable_meters
        if still_open(replace(machine, meters=(meter,)), grace)
    ]
