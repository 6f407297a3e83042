"""What a schedule's event means."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from meterportal.settings import Moment
from meterportal.usecases.runs.fire_schedules import Firing, firing

NOW = Moment(datetime(2026, 11, 23, 6, 0, 5, tzinfo=UTC), date(2026, 11, 23))


@pytest.mark.parametrize(
    "event",
    [
        {},
        {"scheduled_at": None},
        {"scheduled_at": 5},
        {"scheduled_at": "<aws.scheduler.scheduled-time>"},
        {"scheduled_at": "2026-11-23T06:00:00"},
        {"scheduled_at": "2026-11-24T06:00:00Z"},
    ],
)
def test_a_missing_odd_or_future_time_is_no_firing(event: dict[str, Any]) -> None:
    assert firing(event, NOW) is None


@pytest.mark.parametrize(
    ("scheduled", "day", "hour"),
    [
        ("2026-11-23T06:00:00Z", date(2026, 11, 23), 7),
        ("2026-11-22T23:30:00Z", date(2026, 11, 23), 0),
        ("2026-11-22T22:30:00Z", date(2026, 11, 22), 23),
        ("2026-07-01T05:00:00Z", date(2026, 7, 1), 7),
    ],
)
def test_the_business_date_is_that_of_the_scheduled_time_in_berlin(
    scheduled: str, day: date, hour: int
) -> None:
    found = firing({"scheduled_at": scheduled}, NOW)
    assert found is not None
    assert (found.day, found.hour) == (day, hour)


@pytest.mark.parametrize(("seconds", "late"), [(0, False), (1, True)])
def test_more_than_two_hours_late_is_too_late(seconds: int, late: bool) -> None:
    scheduled = NOW.now - timedelta(hours=2, seconds=seconds)
    found = firing({"scheduled_at": scheduled.isoformat()}, NOW)
    assert found is not None
    assert found.late is late


def test_an_installation_on_a_fixed_day_takes_its_own_day_as_now() -> None:
    pinned = date(2026, 5, 4)
    event = {"scheduled_at": "2026-05-04T05:00:00Z"}
    assert firing(event, NOW, pinned=pinned) == Firing(pinned, late=False, hour=7)
    now = {"scheduled_at": NOW.now.isoformat()}
    assert firing(now, NOW, pinned=pinned) == Firing(pinned, late=False, hour=7)
