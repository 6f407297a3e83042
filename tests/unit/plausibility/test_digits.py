"""P1 where the ERP knows fewer digits than the meter shows: asked about, not refused."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from meterportal.domain.plausibility.findings import Severity
from meterportal.domain.plausibility.texts import finding_text, reasons
from meterportal.domain.portfolio.machines import Effective, Meter
from meterportal.domain.reporting.readings import Verdict

from tests.support.builders import a_meter
from tests.unit.plausibility.examples import LAST_ON, READ_ON, check, codes


def nearly_full(**fields: Any) -> Meter:
    """Five digits known, and the last value near their end."""
    return a_meter(digits=5, last_value=99_400, **fields)


@pytest.mark.parametrize("value", [100_050, 100_400, 100_900])
def test_more_digits_than_known_are_asked_about_where_the_usage_fits(value: int) -> None:
    checked = check(nearly_full(), value)
    (finding,) = checked.findings
    assert (finding.code, finding.severity) == ("too_many_digits", Severity.WARN)
    assert finding.suggestion is None
    assert checked.verdict("1") is Verdict.UNCHECKED
    assert checked.verdict("1", "Es sind sechs Stellen") is Verdict.CONFIRMED
    number = f"{value:,}"
    assert finding_text(finding, "de") == (
        f"{number.replace(',', '.')} hat mehr Stellen als der Zähler, der höchstens 5 anzeigt, "
        "passt aber zum bisherigen Verbrauch: Zeigt das Gerät wirklich so viele Stellen?"
    )
    assert finding_text(finding, "en") == (
        f"{number} has more digits than the meter, which shows at most 5, "
        "but it fits the usage so far: does the machine really show that many?"
    )
    assert "Das Gerät zeigt so viele Stellen an." in reasons(finding, "de")


@pytest.mark.parametrize(
    ("meter", "value"),
    [
        (nearly_full(), 109_940),
        (nearly_full(), 994_000),
        (nearly_full(readings=1, volume=12_000), 100_400),
        (nearly_full(readings=1), 100_400),
        (a_meter(digits=5, last_value=None), 100_400),
    ],
    ids=["far too much", "a digit too many", "only a volume", "no forecast", "no history"],
)
def test_more_digits_than_known_stay_refused_where_nothing_says_that_they_are_right(
    meter: Meter, value: int
) -> None:
    checked = check(meter, value)
    assert checked.blocked
    assert codes(checked)[0] == "too_many_digits"


def test_a_day_that_cannot_be_is_refused_also_with_more_digits() -> None:
    checked = check(nearly_full(), 100_400, today=LAST_ON)
    assert [(f.code, f.severity) for f in checked.findings] == [("in_the_future", Severity.BLOCK)]


def test_a_released_value_teaches_the_meter_its_digits() -> None:
    grown = replace(nearly_full(), history=(*nearly_full().history, Effective(READ_ON, 100_400)))
    later = READ_ON + timedelta(days=30)
    assert check(grown, 101_400, read_on=later, today=later).findings == ()
