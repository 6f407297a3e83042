"""EventBridge Scheduler in small: when an expression of the template fires, in its own timezone.

cron(minutes hours day-of-month month day-of-week year) and rate(n unit). As AWS documents for
daylight saving: a time that the clock leaps over in spring is left out, one that comes twice in
autumn fires once, the first time.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from infra.local.template import Template

SCHEDULED_TIME = "<aws.scheduler.scheduled-time>"
_MONTHS = ["JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC"]
_DAYS = ["SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT"]  # 1 to 7, as AWS counts
_UNITS = {"minute": 60, "hour": 3600, "day": 86400}
_HORIZON = 366 * 4  # days searched for the next firing


class UnknownExpression(ValueError):
    """An expression, or a part of one, that is not understood here."""


def _values(text: str, low: int, high: int, names: list[str], base: int) -> frozenset[int]:
    """`5`, `1-5`, `*/2`, `MON-FRI`, `1,15` -> the values meant."""

    def number(part: str) -> int:
        value = names.index(part.upper()) + base if part.upper() in names else None
        if value is None and part.isdecimal():
            value = int(part)
        if value is None or not low <= value <= high:
            raise UnknownExpression(f"{part!r} in {text!r}")
        return value

    found: set[int] = set()
    for item in text.split(","):
        span, _, step = item.partition("/")
        if span in ("*", "?"):
            first, last = low, high
        elif "-" in span:
            start, end = span.split("-", 1)
            first, last = number(start), number(end)
        else:
            first = number(span)
            last = high if step else first
        found.update(range(first, last + 1, int(step) if step else 1))
    return frozenset(found)


@dataclass(frozen=True)
class Cron:
    """The six fields of a cron expression; `day_of_month` None stands for L, the month's last."""

    minutes: frozenset[int]
    hours: frozenset[int]
    days_of_month: frozenset[int] | None
    months: frozenset[int]
    days_of_week: frozenset[int]
    years: frozenset[int]

    @classmethod
    def parse(cls, expression: str) -> Cron:
        match = re.fullmatch(r"cron\((.+)\)", expression.strip())
        fields = match[1].split() if match else []
        if len(fields) != 6:
            raise UnknownExpression(expression)
        minutes, hours, day, month, weekday, year = fields
        if (day == "?") == (weekday == "?"):
            raise UnknownExpression(f"{expression}: one of the two days must be ?")
        return cls(
            _values(minutes, 0, 59, [], 0),
            _values(hours, 0, 23, [], 0),
            None if day == "L" else _values(day, 1, 31, [], 1),
            _values(month, 1, 12, _MONTHS, 1),
            _values(weekday, 1, 7, _DAYS, 1),
            _values(year, 1970, 2199, [], 0),
        )

    def _meets(self, day: date) -> bool:
        last = (day + timedelta(days=1)).day == 1
        return (
            day.year in self.years
            and day.month in self.months
            and (last if self.days_of_month is None else day.day in self.days_of_month)
            and day.isoweekday() % 7 + 1 in self.days_of_week
        )

    def _times(self, day: date, zone: ZoneInfo) -> Iterator[datetime]:
        for hour in sorted(self.hours):
            for minute in sorted(self.minutes):
                local = datetime(day.year, day.month, day.day, hour, minute, tzinfo=zone)
                instant = local.astimezone(UTC)
                if instant.astimezone(zone).replace(tzinfo=None) == local.replace(tzinfo=None):
                    yield instant

    def after(self, moment: datetime, zone: ZoneInfo) -> datetime | None:
        """The first firing later than `moment` (aware), in UTC; None if there is none."""
        day = moment.astimezone(zone).date() - timedelta(days=1)
        for _ in range(_HORIZON):
            if self._meets(day):
                for instant in sorted(self._times(day, zone)):
                    if instant > moment:
                        return instant
            day += timedelta(days=1)
        return None


@dataclass(frozen=True)
class Rate:
    """Every so many seconds, counted from the first start."""

    seconds: int

    @classmethod
    def parse(cls, expression: str) -> Rate:
        match = re.fullmatch(r"rate\((\d+) (minute|hour|day)s?\)", expression.strip())
        if not match:
            raise UnknownExpression(expression)
        return cls(int(match[1]) * _UNITS[match[2]])

    def after(self, moment: datetime, zone: ZoneInfo) -> datetime:  # noqa: ARG002 - one shape
        return moment + timedelta(seconds=self.seconds)


@dataclass(frozen=True)
class Schedule:
    """A ScheduleV2 event of the template: what fires when and with which input.

    A firing that is older than `oldest` is given up. `name` is its function's and its own: events of
    two functions may be called alike.
    """

    name: str
    package: str
    expression: str
    zone: ZoneInfo
    input: str
    oldest: timedelta = timedelta(days=1)

    def after(self, moment: datetime) -> datetime | None:
        kind = Cron if self.expression.startswith("cron") else Rate
        return kind.parse(self.expression).after(moment, self.zone)

    def due(self, last: datetime, now: datetime) -> datetime | None:
        """The next firing after the one of `last`: it may be past, but not too old at `now`."""
        moment = self.after(last)
        while moment is not None and moment + self.oldest < now:
            moment = self.after(moment)
        return moment

    def event(self, scheduled: datetime) -> Any:
        """The input of the firing that was due at `scheduled`."""
        text = scheduled.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
        return json.loads(self.input.replace(SCHEDULED_TIME, text))


def schedules(template: Template) -> list[Schedule]:
    """Every schedule of the template that is switched on."""
    return [
        Schedule(
            name=f"{function.package}.{event.name}",
            package=function.package,
            expression=str(event.properties["ScheduleExpression"]),
            zone=ZoneInfo(str(event.properties.get("ScheduleExpressionTimezone", "UTC"))),
            input=str(event.properties.get("Input", "{}")),
            oldest=timedelta(
                seconds=int(
                    event.properties.get("RetryPolicy", {}).get("MaximumEventAgeInSeconds", 86400)
                )
            ),
        )
        for function in template.functions()
        for event in template.events(function, "ScheduleV2")
        if event.properties.get("State", "ENABLED") == "ENABLED"
    ]


class Firings:
    """When each schedule fired last, by its name; kept in a file, if one is given."""

    def __init__(self, file: Path | None = None) -> None:
        self._file = file
        kept = json.loads(file.read_text(encoding="utf-8")) if file and file.exists() else {}
        self._last = {name: datetime.fromisoformat(text) for name, text in kept.items()}

    def last(self, name: str, now: datetime) -> datetime:
        """A schedule that is new here counts from `now` on."""
        if name not in self._last:
            self.note(name, now)
        return self._last[name]

    def note(self, name: str, moment: datetime) -> None:
        self._last[name] = moment
        if self._file:
            written = self._file.with_suffix(".part")
            known = {key: last.isoformat() for key, last in self._last.items()}
            written.write_text(json.dumps(known), encoding="utf-8")
            written.replace(self._file)
