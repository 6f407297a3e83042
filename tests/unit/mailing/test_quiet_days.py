"""Quiet days: the table of holidays is the library's, and what it says by day and Land."""

from __future__ import annotations

from datetime import date

import pytest
from holidays import country_holidays
from meterportal.domain.mailing.quiet_days import Land, last_year, why_quiet

from infra import quiet_days


def test_the_table_is_what_the_library_says() -> None:
    assert quiet_days.TABLE.read_text(encoding="utf-8") == quiet_days.table()
    assert last_year() == quiet_days.YEARS[-1]
    assert set(Land) == {one for one in country_holidays("DE").subdivisions if len(one) == 2}


@pytest.mark.parametrize(
    ("day", "weekends", "land", "why"),
    [
        (date(2026, 11, 18), True, Land.SN, "Buß- und Bettag"),
        (date(2026, 11, 18), True, Land.BY, None),
        (date(2026, 11, 18), True, None, None),
        (date(2026, 12, 26), True, None, "Samstag"),
        (date(2026, 12, 26), True, Land.HH, "Zweiter Weihnachtstag"),
        (date(2026, 12, 26), False, None, None),
        (date(2028, 2, 29), True, Land.HH, None),
        (date(2099, 12, 25), False, Land.HH, None),
    ],
)
def test_a_day_is_quiet_for_a_reason(
    day: date, weekends: bool, land: Land | None, why: str | None
) -> None:
    found = why_quiet(day, weekends=weekends, land=land)
    assert (found.text("de") if found else None) == why
