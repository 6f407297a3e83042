"""The combining verdict: pure, free of contradictions, never a silent tick."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from meterportal.domain.plausibility.findings import Severity
from meterportal.domain.plausibility.numbers import Negative, TooManyDigits
from meterportal.domain.plausibility.verdict import (
    BeforeBilled,
    Check,
    InTheFuture,
    TooEarly,
)
from meterportal.domain.portfolio.machines import Effective, Machine, Meter, MeterKind
from meterportal.domain.refusals import NotFound, Refusal
from meterportal.domain.reporting.readings import Reading, Verdict

from tests.support.builders import DUE, a_colour_meter, a_machine, a_meter
from tests.unit.plausibility.examples import (
    CAUSES,
    EXAMPLES,
    UNHURRIED,
    a_new_meter,
    check,
    check_machine,
    codes,
    with_total,
)

START = date(2024, 2, 1)
RANKS = [Severity.BLOCK, Severity.WARN, Severity.INFO, Severity.OK]
NOTES = {
    "rolled_over",
    "no_history",
    "cannot_be_checked",
    "base_doubtful",
    "last_was_estimate",
    "estimate_was_high",
}
"""Every other finding says what is wrong: only one of those may be told of a value."""


@st.composite
def meters(draw: st.DrawFn, number: str, kind: MeterKind) -> Meter:
    """Any meter, its history in order of days, sound or not."""
    on, history = START, []
    for _ in range(draw(st.integers(0, 7))):
        on += timedelta(days=draw(st.sampled_from([0, 1, 30, 31, 92, 365])))
        history.append(
            Effective(
                on,
                draw(st.sampled_from([0, 5, 500, 900, 1_000, 1_300, 5_000, 98_900, 99_990])),
                estimated=draw(st.booleans()),
                billed=draw(st.booleans()),
                reset_end=draw(st.none() | st.integers(0, 99_999)),
                reset_start=draw(st.none() | st.integers(0, 100)),
            )
        )
    return Meter(
        number,
        number,
        kind,
        digits=draw(st.sampled_from([4, 5])),
        cumulative=draw(st.booleans()),
        volume=draw(st.none() | st.integers(1, 50_000)),
        history=tuple(history),
    )


@st.composite
def checks(draw: st.DrawFn) -> tuple[Machine, dict[str, int], dict[str, Any]]:
    """A machine, values for some of its meters, and the rest of a call of check_machine."""
    kinds = [MeterKind.BW, MeterKind.COLOUR, MeterKind.TOTAL, MeterKind.SCAN]
    made = tuple(draw(meters(str(n), kind)) for n, kind in enumerate(kinds, start=1))
    count = st.integers(0, 120_000) | st.sampled_from([0, 5, 500, 1_000, 1_100, 99_990])
    values = {meter.id: draw(count) for meter in made if draw(st.booleans())}
    read_on = START + timedelta(days=draw(st.integers(0, 1_500)))
    reported = tuple(
        Reading(meter.id, DUE, draw(count), read_on) for meter in made if draw(st.booleans())
    )
    context = {
        "read_on": read_on,
        "today": read_on + timedelta(days=draw(st.integers(-1, 2))),
        "pages_per_minute": draw(st.none() | st.just(1)),
        "model_volume": draw(st.none() | st.just(6_000)),
    }
    return a_machine(meters=made, readings=reported), values, context


@given(checks())
@UNHURRIED
def test_no_two_findings_of_a_meter_contradict_each_other(
    call: tuple[Machine, dict[str, int], dict[str, Any]],
) -> None:
    machine, values, context = call
    checked = check_machine(machine, values, **context)
    for meter_id in values:
        told = [finding.code for finding in checked.of(meter_id)]
        assert len(told) == len(set(told))
        assert len([code for code in told if code not in NOTES]) <= 1
        assert not {"no_history", "cannot_be_checked"} <= set(told)
        if checked.warned(meter_id):
            assert "cannot_be_checked" not in told
        if "rolled_over" in told:
            assert not {"lower_than_last", "lower_than_estimate", "unchanged"} & set(told)
        ranks = [RANKS.index(finding.severity) for finding in checked.of(meter_id)]
        assert ranks == sorted(ranks)


@given(checks())
@UNHURRIED
def test_a_check_is_pure_and_complete(
    call: tuple[Machine, dict[str, int], dict[str, Any]],
) -> None:
    machine, values, context = call
    checked = check_machine(machine, values, **context)
    turned = dict(reversed(values.items()))
    assert check_machine(machine, turned, **context) == checked
    assert set(checked.meters) == set(values)
    assert checked.findings == tuple(f for m in checked.meters for f in checked.of(m))
    assert all(f.meter_id in values for f in checked.findings)
    assert all(f.code in EXAMPLES | CAUSES for f in checked.findings)
    for number in (n for f in checked.findings for n in f.numbers.values()):
        assert number is None or type(number) in {int, str}


@given(checks())
@UNHURRIED
def test_a_tick_is_given_only_to_what_was_judged_and_found_in_order(
    call: tuple[Machine, dict[str, int], dict[str, Any]],
) -> None:
    machine, values, context = call
    checked = check_machine(machine, values, **context)
    for meter_id in values:
        told = {finding.severity for finding in checked.of(meter_id)}
        known = {finding.code for finding in checked.of(meter_id)}
        if checked.verdict(meter_id) is Verdict.PLAUSIBLE:
            assert not told & {Severity.BLOCK, Severity.WARN}
            assert "cannot_be_checked" not in known
            meter = machine.meter(meter_id)
            assert meter is not None
            assert meter.history
        confirmed = checked.verdict(meter_id, "Messewoche") is Verdict.CONFIRMED
        assert confirmed == checked.warned(meter_id)


def test_a_warning_needs_a_reason_that_says_something() -> None:
    checked = check(a_meter(), 90_000)
    assert checked.warned("1")
    assert checked.verdict("1", "Es wurde mehr gedruckt.") is Verdict.CONFIRMED
    for reason in (None, "", "  \n"):
        assert checked.verdict("1", reason) is Verdict.UNCHECKED


def test_a_reason_for_a_plausible_value_changes_nothing() -> None:
    assert check(a_meter(), 11_000).verdict("1", "weil") is Verdict.PLAUSIBLE
    assert check(a_new_meter(), 900).verdict("1", "weil") is Verdict.UNCHECKED


def test_a_meter_that_was_not_checked_has_no_verdict() -> None:
    assert check(a_meter(), 11_000).verdict("2") is Verdict.UNCHECKED
    assert Check().verdict("1") is Verdict.UNCHECKED


def test_a_meter_of_another_machine_is_not_found() -> None:
    with pytest.raises(NotFound) as refused:
        check(with_total(), {"9": 1})
    assert refused.value.field == "values.9"


@pytest.mark.parametrize(
    ("code", "kind", "field"),
    [
        ("in_the_future", InTheFuture, "read_on"),
        ("before_billed", BeforeBilled, "read_on"),
        ("too_early", TooEarly, "read_on"),
        ("negative", Negative, "values.1"),
        ("too_many_digits", TooManyDigits, "values.1"),
    ],
)
def test_what_blocks_is_refused_in_words(code: str, kind: type[Refusal], field: str) -> None:
    checked = EXAMPLES[code]()
    assert checked.blocked
    assert checked.verdict("1", "trotzdem") is Verdict.UNCHECKED
    with pytest.raises(kind) as refused:
        checked.refuse_blocked()
    assert (refused.value.code, refused.value.field) == (code, field)
    assert refused.value.text("de") != refused.value.text("en")


def test_what_does_not_block_is_not_refused() -> None:
    for checked in (check(a_meter(), 90_000), check(a_meter(), 11_000)):
        assert not checked.blocked
        checked.refuse_blocked()


def test_a_blocked_meter_does_not_hide_the_findings_of_another() -> None:
    machine = with_total()
    unbilled = replace(
        machine.meters[0],
        history=tuple(e._replace(billed=False) for e in machine.meters[0].history),
    )
    machine = replace(machine, meters=(unbilled, *machine.meters[1:]))
    checked = check(machine, {"1": 90_000, "2": 3_900}, read_on=date(2026, 10, 20))
    assert [(f.meter_id, f.code) for f in checked.findings] == [
        ("1", "higher_than_later"),
        ("2", "before_billed"),
    ]


def test_a_doubt_without_a_cause_does_not_keep_the_next_meter_from_its_own() -> None:
    for value in (10_000, 25_000):  # No usage, which is no slip; a usage that no slip explains.
        checked = check(a_machine(), {"1": value, "2": 43_300})
        assert checked.warned("1")
        assert checked.of("2")[0].code in {"digit_doubled", "digit_added"}


def test_a_meter_swapped_with_a_new_one_is_asked_about_and_nothing_else_is_said() -> None:
    new = replace(a_colour_meter(), history=a_colour_meter().history[-1:])
    checked = check(a_machine(meters=(a_meter(), new)), {"1": 4_310, "2": 11_030})
    assert codes(checked, "1") == codes(checked, "2") == ["meters_swapped"]
