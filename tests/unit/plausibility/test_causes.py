"""P9 to P11: what happened to a value, and which number was meant."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta
from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st
from meterportal.domain.plausibility import slips
from meterportal.domain.plausibility.findings import Finding, Severity, expected_reading
from meterportal.domain.plausibility.texts import finding_text, reasons
from meterportal.domain.plausibility.verdict import Check
from meterportal.domain.portfolio.machines import Effective, Machine, MeterKind
from meterportal.domain.reporting.readings import Reading, Verdict

from tests.support.builders import DUE, a_colour_meter, a_machine, a_meter
from tests.unit.plausibility.examples import (
    CAUSES,
    EXAMPLES,
    LAST_ON,
    READ_ON,
    UNHURRIED,
    a_restarting_meter,
    check,
    codes,
    with_total,
    with_values_of,
)


def offered(checked: Check, meter_id: str = "1") -> list[int]:
    finding = checked.of(meter_id)[0]
    first = dict(finding.suggestion or {}).get(meter_id)
    second = finding.numbers.get("or_meant")
    return [number for number in (first, second) if isinstance(number, int)]


@pytest.mark.parametrize(("code", "example"), CAUSES.items(), ids=CAUSES)
def test_every_cause_is_named_first_as_a_warning(code: str, example: Callable[[], Check]) -> None:
    first = example().findings[0]
    assert (first.code, first.severity) == (code, Severity.WARN)
    assert reasons(first, "de") != reasons(first, "en") != ()


def test_the_reasons_against_a_cause_are_those_of_its_doubt() -> None:
    """A value that is lower than the last one is right for other reasons than one that is too high."""
    lower = Finding("1", "digit_missing", Severity.WARN, {"doubt": "lower_than_last"})
    assert "Der letzte Stand war falsch." in reasons(lower, "de")
    higher = Finding("1", "digit_added", Severity.WARN, {"doubt": "usage_too_high"})
    assert "Es wurde mehr gedruckt als sonst." in reasons(higher, "de")
    assert "Der letzte Stand war falsch." not in reasons(higher, "de")
    assert reasons(Finding("1", "digit_slip", Severity.WARN, {}), "de") != ()


# P11: slips of a digit


def test_a_doubled_digit_is_named_and_the_number_offered() -> None:
    checked = check(a_meter(), 110_023)
    assert codes(checked) == ["digit_doubled"]
    assert checked.findings[0].suggestion == {"1": 11_023}
    assert finding_text(checked.findings[0], "de") == (
        "In 110.023 ist wohl eine Ziffer doppelt: Ist 11.023 gemeint?"
    )


def test_transposed_digits_are_named_and_the_number_offered() -> None:
    checked = check(a_meter(), 19_050)
    assert codes(checked) == ["digits_transposed"]
    assert offered(checked) == [10_950]


def test_a_missing_digit_is_named_without_a_number_where_many_fit() -> None:
    checked = check(a_meter(), 1_123)
    assert codes(checked) == ["digit_missing"]
    assert checked.findings[0].suggestion is None
    assert finding_text(checked.findings[0], "en") == (
        "A digit seems to be missing in 1,123; a reading of about 11,000 is expected."
    )
    reading, numbers = expected_reading(checked.findings[0]), checked.findings[0].numbers
    assert reading is not None
    assert reading.value - 10_000 == numbers["expected"]
    assert (reading.low - 10_000, reading.high - 10_000) == (numbers["low"], numbers["high"])


def test_two_numbers_at_most_are_offered() -> None:
    checked = check(a_meter(), 110_044)
    assert offered(checked) == [11_004, 11_044]
    assert finding_text(checked.findings[0], "de").endswith("Ist 11.004 oder 11.044 gemeint?")


def test_a_value_that_cannot_be_stored_still_says_what_may_be_meant() -> None:
    checked = check(a_meter(digits=5), 110_023)
    finding = checked.findings[0]
    assert (finding.code, finding.severity) == ("too_many_digits", Severity.BLOCK)
    assert finding.suggestion == {"1": 11_023}
    assert finding_text(finding, "de") == (
        "110.023 hat mehr Stellen als der Zähler, der höchstens 5 anzeigt: Ist 11.023 gemeint?"
    )
    assert checked.verdict("1", "doch") is Verdict.UNCHECKED


def test_nothing_is_offered_that_would_be_asked_about_itself() -> None:
    for value in range(0, 130_000, 97):
        checked = check(a_meter(), value)
        for number in offered(checked) if checked.findings else []:
            near = 10_000 + 2 * 1_740  # at most twice the usual range, for transpositions
            assert 10_000 <= number <= near


def test_the_mere_doubt_stands_where_no_error_explains_the_value() -> None:
    assert codes(check(a_meter(), 25_000)) == ["usage_too_high"]
    assert codes(check(a_meter(), 3_456)) == ["lower_than_last"]


def test_a_restarting_meter_has_its_slips_explained_too() -> None:
    checked = check(a_restarting_meter(), 10_023)
    assert codes(checked) == ["digit_doubled"]
    assert offered(checked) == [1_023]


def test_the_sum_of_the_other_meters_finds_the_number_that_was_meant() -> None:
    checked = check(with_total(), {"1": 11_040, "2": 4_310, "3": 15_380})
    assert [(f.meter_id, f.code) for f in checked.findings] == [("3", "digit_wrong")]
    assert offered(checked, "3") == [15_350]
    missing = check(with_total(), {"1": 1_104, "2": 4_310, "3": 15_350})
    assert codes(missing) == ["digit_missing"]
    assert offered(missing) == [11_040]


def _slipped(value: int) -> set[tuple[str, int]]:
    """Slow model: every slip of every number up to 2,000 that ends in `value`."""
    found: set[tuple[str, int]] = set()

    def type_(kind: str, number: int, typed: str) -> None:
        # Of zeros lost at the front only the transposed one is told: "015" for 105.
        lost = kind == slips.TRANSPOSED and typed == f"0{value}"
        if number != value and (typed == str(value) or lost):
            found.add((kind, number))

    for number in range(2_000):
        text = str(number)
        for place, digit in enumerate(text):
            type_(slips.MISSING, number, text[:place] + text[place + 1 :])
            type_(slips.DOUBLED, number, text[:place] + digit + text[place:])
            swapped = text[:place] + text[place : place + 2][::-1] + text[place + 2 :]
            type_(slips.TRANSPOSED, number, swapped)
            for other in "0123456789":
                type_(slips.WRONG, number, text[:place] + other + text[place + 1 :])
        for place, digit in product(range(len(text) + 1), "0123456789"):
            type_(slips.ADDED, number, text[:place] + digit + text[place:])
    return found


@pytest.mark.parametrize("value", [7, 10, 42, 99, 100, 101, 110, 123, 140, 199])
def test_the_numbers_meant_are_those_that_one_slip_turns_into_the_typed_one(value: int) -> None:
    found = {(kind, number) for kind, number, _ in slips.meant(value)}
    assert {(kind, number) for kind, number in found if number < 2_000} == _slipped(value)


@given(st.integers(0, 10**8 - 1))
@UNHURRIED
def test_the_chances_of_a_kind_are_chances(value: int) -> None:
    assert all(0 < chance <= 1 and number >= 0 for _, number, chance in slips.meant(value))


# P9: swapped meters


def test_swapped_meters_are_told_at_both_with_both_values() -> None:
    checked = check(a_machine(), {"1": 4_310, "2": 11_030})
    assert codes(checked, "1") == codes(checked, "2") == ["meters_swapped"]
    assert {tuple(sorted((f.suggestion or {}).items())) for f in checked.findings} == {
        (("1", 11_030), ("2", 4_310))
    }
    assert finding_text(checked.findings[0], "de").startswith("4.310 passt zum Zähler Farbe")
    put_right = check(a_machine(), dict(checked.findings[0].suggestion or {}))
    assert put_right.findings == ()


def test_a_single_value_may_belong_to_the_meter_that_is_still_empty() -> None:
    checked = check(a_machine(), {"1": 4_310})
    assert codes(checked) == ["value_of_other_meter"]
    assert checked.findings[0].suggestion is None


def test_a_meter_that_was_reported_already_is_not_swapped_behind_the_customers_back() -> None:
    reported = Reading("2", DUE, 11_030, READ_ON)
    checked = check(replace(a_machine(), readings=(reported,)), {"1": 4_310})
    assert "meters_swapped" not in codes(checked)


# P10: another machine of the company


def others(**fields: object) -> tuple[Machine, ...]:
    return (with_values_of("200002", **fields), with_values_of("200003", active=False))


def test_the_value_of_another_machine_is_named_with_the_machine() -> None:
    checked = check(a_meter(), 502_120, others=others())
    finding = checked.findings[0]
    assert (finding.code, finding.numbers["machine"]) == ("value_of_other_machine", "200002")
    assert finding.numbers["machine_meter"] == "1"
    assert finding.suggestion is None
    assert finding_text(finding, "de") == (
        "502.120 passt zum Gerät 200002 (S/W): Gehört der Wert dorthin?"
    )


def test_without_other_machines_the_doubt_stands() -> None:
    assert codes(check(a_meter(), 502_120)) == ["usage_too_high"]
    assert codes(check(a_meter(), 502_120, others=(with_values_of("200001"),))) == [
        "usage_too_high"
    ]


def test_what_another_machine_has_reported_already_is_recognised() -> None:
    there = replace(
        with_values_of("200002"), readings=(Reading("1", DUE, 777_777, READ_ON - timedelta(2)),)
    )
    assert codes(check(a_meter(), 777_777, others=(there,))) == ["value_of_other_machine"]


def test_a_plausible_value_is_no_other_machines_whatever_stands_there() -> None:
    there = replace(with_values_of("200002"), readings=(Reading("1", DUE, 11_000, READ_ON),))
    assert check(a_meter(), 11_000, others=(there,)).findings == ()


# P5, seen with the other meters


def test_a_busy_machine_explains_a_busy_meter() -> None:
    alone = check(a_machine(), {"1": 11_900, "2": 4_300})
    together = check(a_machine(), {"1": 11_900, "2": 4_510})
    assert alone.warned("1")
    assert together.findings == ()


def test_no_meter_explains_more_than_the_ceiling() -> None:
    assert check(a_machine(), {"1": 15_000, "2": 4_510}).warned("1")


def test_a_total_is_no_witness_of_its_parts() -> None:
    machine = with_total()
    black_and_total = replace(machine, meters=(machine.meters[0], machine.meters[2]))
    assert check(black_and_total, {"1": 11_900, "3": 16_300}).warned("1")


# Order and peace


def test_a_cause_takes_the_place_of_the_doubt_and_says_which_it_was() -> None:
    for example in CAUSES.values():
        for finding in example().findings:
            assert finding.numbers.get("doubt", "lower_than_last") in EXAMPLES


def test_a_day_that_cannot_be_is_not_explained_away() -> None:
    checked = check(a_meter(), 110_023, read_on=LAST_ON - timedelta(days=1))
    assert codes(checked) == ["before_billed"]
    assert checked.findings[0].suggestion is None


def test_the_colour_meter_may_bear_the_slip() -> None:
    machine = a_machine(meters=(a_meter(), a_colour_meter()))
    checked = check(machine, {"1": 11_000, "2": 43_300})
    assert codes(checked, "1") == []
    assert checked.of("2")[0].code in {"digit_doubled", "digit_added"}
    assert offered(checked, "2") == [4_300, 4_330]


def test_a_chance_too_small_for_a_computer_is_no_error() -> None:
    """What is left of a chance when usage is ten thousand times the expected is no number any more."""
    black = a_meter(
        history=(
            Effective(date(2024, 3, 2), 0),
            Effective(date(2024, 4, 1), 0, estimated=True),
            Effective(date(2024, 4, 2), 99_990),
            Effective(date(2024, 4, 3), 1_300, estimated=True, reset_end=462),
            Effective(date(2024, 5, 3), 98_900, reset_end=0),
            Effective(date(2024, 6, 2), 99_990, reset_end=6_460),
        ),
        digits=4,
    )
    total = a_meter(
        "3",
        history=(
            Effective(date(2024, 2, 2), 0),
            Effective(date(2024, 3, 3), 900, estimated=True),
            Effective(date(2025, 3, 3), 500),
            Effective(date(2025, 4, 2), 900, estimated=True, reset_end=2_723),
            Effective(date(2025, 5, 2), 1_300),
            Effective(date(2025, 8, 2), 0),
        ),
        kind=MeterKind.TOTAL,
        cumulative=False,
        digits=4,
    )
    on = date(2025, 8, 10)
    checked = check(a_machine(meters=(black, total)), {"1": 0, "3": 18}, read_on=on, today=on)
    assert checked.warned("3")
