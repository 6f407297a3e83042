"""When the template's schedules fire, across the year and its two changes of the clock."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import pairwise
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from infra.local.schedules import Cron, Firings, Rate, Schedule, UnknownExpression, schedules
from infra.local.template import Template

BERLIN = ZoneInfo("Europe/Berlin")


def at(text: str) -> datetime:
    """A Berlin time as an instant in UTC."""
    return datetime.fromisoformat(text).replace(tzinfo=BERLIN).astimezone(UTC)


@pytest.mark.parametrize(
    ("expression", "moment", "fires"),
    [
        ("cron(0 7 * * ? *)", "2026-11-23T06:59", "2026-11-23T07:00"),
        ("cron(0 7 * * ? *)", "2026-11-23T07:00", "2026-11-24T07:00"),
        ("cron(0/15 8-9 ? * MON-FRI *)", "2026-11-20T09:45", "2026-11-23T08:00"),
        ("cron(30 6 1,15 * ? *)", "2026-11-02T00:00", "2026-11-15T06:30"),
        ("cron(0 0 L * ? *)", "2028-02-01T00:00", "2028-02-29T00:00"),
        ("cron(0 12 ? JAN,JUL 1 *)", "2026-11-23T00:00", "2027-01-03T12:00"),
        ("cron(0 7 * * ? 2028)", "2026-11-23T00:00", "2028-01-01T07:00"),
        # Winter time begins on 25.10.2026, summer time on 28.03.2027.
        ("cron(0 7 * * ? *)", "2026-10-24T07:00", "2026-10-25T07:00"),
        ("cron(0 7 * * ? *)", "2027-03-27T07:00", "2027-03-28T07:00"),
        ("cron(30 2 * * ? *)", "2027-03-27T02:30", "2027-03-29T02:30"),
    ],
)
def test_a_cron_expression_fires_at_its_local_time(
    expression: str, moment: str, fires: str
) -> None:
    assert Cron.parse(expression).after(at(moment), BERLIN) == at(fires)


def test_an_hour_that_comes_twice_fires_once_the_first_time() -> None:
    cron = Cron.parse("cron(30 2 * * ? *)")

    first = cron.after(at("2026-10-24T12:00"), BERLIN)
    assert first == datetime(2026, 10, 25, 0, 30, tzinfo=UTC)
    assert cron.after(first, BERLIN) == at("2026-10-26T02:30")


@given(st.integers(0, 23), st.integers(0, 59), st.integers(0, 3))
def test_every_business_day_has_one_firing_except_where_the_clock_leaps(
    hour: int, minute: int, years: int
) -> None:
    """Once per local business time, also on the last Sundays of March and October."""
    cron = Cron.parse(f"cron({minute} {hour} * * ? *)")
    moment, days = at(f"{2026 + years}-01-01T00:00") - timedelta(minutes=1), []
    for _ in range(364):
        fired = cron.after(moment, BERLIN)
        assert fired is not None
        days.append(fired.astimezone(BERLIN).date())
        moment = fired
    gaps = {later - earlier for earlier, later in pairwise(days)}
    assert len(set(days)) == 364
    assert gaps <= {timedelta(days=1), timedelta(days=2)}
    assert gaps == {timedelta(days=1)} or hour == 2


def test_a_year_that_is_over_never_fires_again() -> None:
    assert Cron.parse("cron(0 7 * * ? 2020)").after(at("2026-11-23T00:00"), BERLIN) is None


def test_a_rate_fires_after_its_interval() -> None:
    assert Rate.parse("rate(5 minutes)").after(at("2026-11-23T07:00"), BERLIN) == at(
        "2026-11-23T07:05"
    )


@pytest.mark.parametrize(
    "expression",
    [
        "cron(0 7 * * *)",
        "cron(0 7 * * * *)",
        "cron(0 24 * * ? *)",
        "cron(0 7 15W * ? *)",
        "at(now)",
    ],
)
def test_an_expression_that_is_not_understood_is_refused(expression: str) -> None:
    kind = Cron if expression.startswith("cron") else Rate
    with pytest.raises(UnknownExpression):
        kind.parse(expression)


def test_the_scheduled_time_stands_in_the_input() -> None:
    schedule = Schedule(
        name="Daily",
        package="plan_requests",
        expression="cron(0 7 * * ? *)",
        zone=BERLIN,
        input='{"kind": "daily_plan", "scheduled_at": "<aws.scheduler.scheduled-time>"}',
    )

    assert schedule.event(at("2026-11-23T07:00")) == {
        "kind": "daily_plan",
        "scheduled_at": "2026-11-23T06:00:00Z",
    }


def a_schedule(expression: str, oldest: timedelta) -> Schedule:
    return Schedule("name", "package", expression, BERLIN, "{}", oldest)


@pytest.mark.parametrize(
    ("now", "due"),
    [
        ("2026-11-23T06:59", "2026-11-23T07:00"),
        ("2026-11-23T08:30", "2026-11-23T07:00"),  # missed, made good
        ("2026-11-23T09:00", "2026-11-23T07:00"),
        ("2026-11-23T09:01", "2026-11-24T07:00"),  # too old by now
        ("2027-02-01T08:00", "2027-02-01T07:00"),  # only the last of many
    ],
)
def test_what_was_missed_is_made_good_while_it_is_not_too_old(now: str, due: str) -> None:
    daily = a_schedule("cron(0 7 * * ? *)", timedelta(hours=2))
    assert daily.due(at("2026-11-22T07:00"), at(now)) == at(due)


def test_a_rate_goes_on_counting_over_a_pause() -> None:
    often = a_schedule("rate(5 minutes)", timedelta(minutes=5))
    last = at("2026-11-23T07:00")
    assert often.due(last, at("2026-11-23T07:03")) == at("2026-11-23T07:05")
    assert often.due(last, at("2026-11-23T09:02")) == at("2026-11-23T09:00")


def test_firings_are_remembered_and_a_new_schedule_counts_from_now(tmp_path: Path) -> None:
    file = tmp_path / "firings.json"
    firings = Firings(file)
    assert firings.last("daily", at("2026-11-23T07:00")) == at("2026-11-23T07:00")
    firings.note("daily", at("2026-11-24T07:00"))

    again = Firings(file)
    assert again.last("daily", at("2026-11-30T12:00")) == at("2026-11-24T07:00")
    assert again.last("new", at("2026-11-30T12:00")) == at("2026-11-30T12:00")


def test_every_schedule_of_the_template_has_a_next_firing() -> None:
    found = schedules(Template.read(Stage="local"))

    packages = {"check_readiness", "mark_failed_runs", "plan_requests", "queue_receipts"}
    assert {schedule.package for schedule in found} == packages | {"build_portfolio"}
    for schedule in found:
        assert schedule.zone == BERLIN
        assert schedule.after(at("2026-11-23T10:00")) is not None
