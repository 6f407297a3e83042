"""A meter's value of the current period, as every staff route tells it."""

from __future__ import annotations

from meterportal.domain.portfolio.period_values import PeriodValue
from meterportal.domain.portfolio.progress import is_exported
from meterportal.domain.release.buckets import needs_a_person
from meterportal.http import last_as_json

from staff_api.answers.read_model import MeterValueJson


def value_as_json(one: PeriodValue) -> MeterValueJson:
    meter, reading, previous = one.meter, one.reading, one.previous
    return {
        "meter_id": meter.id,
        "label": meter.label,
        "kind": meter.kind,
        "value": reading.value if reading else None,
        "read_on": reading.read_on.isoformat() if reading else None,
        "state": reading.state if reading else None,
        "verdict": reading.verdict if reading else None,
        "exported": reading is not None and is_exported(reading),
        "needs_a_person": reading is not None and needs_a_person(reading),
        "decision": reading.decision.kind if reading and reading.decision else None,
        "previous": last_as_json(previous),
        "usage": one.usage,
    }
