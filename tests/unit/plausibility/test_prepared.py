"""Preparing, tolerances, back-testing, and what was confirmed once."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from typing import Any, NoReturn

import pytest
from hypothesis import given
from meterportal.domain.plausibility import prepared as prepared_meters
from meterportal.domain.plausibility import usage, verdict
from meterportal.domain.plausibility.backtest import as_known_on, backtest
from meterportal.domain.plausibility.findings import Severity
from meterportal.domain.plausibility.prepared import NOTHING_QUIET, Prepared, prepare
from meterportal.domain.plausibility.tolerances import (
    USUAL,
    Setting,
    Tolerances,
    ToleranceSettings,
    resolved,
)
from meterportal.domain.plausibility.verdict import PreparedMachine, prepare_machine
from meterportal.domain.portfolio.machines import Effective, Machine, Meter, MeterKind
from meterportal.domain.refusals import NotFound
from meterportal.domain.reporting.readings import Reading
from meterportal.store.portfolio.machines import pack, unpack

from tests.support.builders import DUE, a_colour_meter, a_machine, a_meter
from tests.unit.plausibility.examples import (
    LAST_ON,
    READ_ON,
    UNHURRIED,
    a_new_meter,
    a_restarting_meter,
    check,
    doubts,
    expectation,
    with_last,
    with_total,
)
from tests.unit.plausibility.test_verdict import checks


def counted_calls(monkeypatch: pytest.MonkeyPatch, owner: Any, name: str) -> list[tuple[Any, ...]]:
    """The arguments of every call of `owner.name` from now on, which goes on as before."""
    calls: list[tuple[Any, ...]] = []
    called = getattr(owner, name)

    def noted(*arguments: Any, **named: Any) -> Any:
        calls.append(arguments)
        return called(*arguments, **named)

    monkeypatch.setattr(owner, name, noted)
    return calls


# The quiet range


def _closely(machine: Machine, values: dict[str, int], context: dict[str, Any]) -> Any:
    """The same check without its short cut."""
    prepared: PreparedMachine = prepare_machine(machine, **context)
    return replace(prepared, quiet={}).check(values)


@given(checks())
@UNHURRIED
def test_the_short_cut_says_what_the_rules_say(
    call: tuple[Machine, dict[str, int], dict[str, Any]],
) -> None:
    machine, values, context = call
    prepared = prepare_machine(machine, **context)
    assert prepared.check(values).findings == _closely(machine, values, context).findings
    for meter_id in values:
        low, high = prepared.meters[meter_id].quiet
        for value in {low - 1, low, (low + high) // 2, high, high + 1} - {-1}:
            shifted = values | {meter_id: value}
            quick = prepared.check(shifted)
            assert quick.findings == _closely(machine, shifted, context).findings
            assert quick.meters == tuple(m.id for m in machine.meters if m.id in values)


def test_a_usual_value_lies_in_the_quiet_range_and_an_unusual_one_outside() -> None:
    low, high = prepare(a_meter(), read_on=READ_ON).quiet
    assert 10_000 < low < 10_600 < 11_500 < high < 12_000
    assert prepare(a_restarting_meter(), read_on=READ_ON).quiet[1] < 3_200


@pytest.mark.parametrize(
    "meter",
    [a_meter(last_value=None), a_new_meter(volume=12_000), with_last(a_meter(), estimated=True)],
)
def test_where_something_has_to_be_said_nothing_is_quiet(meter: Meter) -> None:
    assert prepare(meter, read_on=READ_ON).quiet == NOTHING_QUIET


def test_the_speed_of_the_model_bounds_the_quiet_range() -> None:
    fast = prepare(a_meter(), read_on=LAST_ON + timedelta(days=1), pages_per_minute=40)
    slow = prepare(a_meter(), read_on=LAST_ON + timedelta(days=1), pages_per_minute=1)
    assert slow.quiet[1] <= fast.quiet[1]


def test_a_prepared_machine_judges_as_often_as_asked() -> None:
    prepared = prepare_machine(with_total(), read_on=READ_ON, today=READ_ON)
    good = {"1": 11_000, "2": 4_300, "3": 15_300}
    assert prepared.check(good).findings == ()
    assert prepared.check(good | {"3": 16_077}).warned("3")
    assert prepared.check(good).findings == ()


def test_what_is_quiet_takes_no_closer_look(monkeypatch: pytest.MonkeyPatch) -> None:
    """Two comparisons a value and one addition a sum: what makes 100,000 checks a second."""

    def looked_closely(*_: object) -> NoReturn:
        raise AssertionError("no rule has anything to say here")

    alone = prepare_machine(
        a_machine(meters=(a_meter(),)), read_on=READ_ON, today=READ_ON, earliest=READ_ON
    )
    low, high = alone.meters["1"].quiet
    summed = prepare_machine(with_total(), read_on=READ_ON, today=READ_ON)
    monkeypatch.setattr(PreparedMachine, "_closely", looked_closely)
    for value in (low, 11_000, high):
        assert alone.check({"1": value}).meters == ("1",)
    assert summed.check({"1": 11_000, "2": 4_300, "3": 15_300}).findings == ()
    assert summed.check({"2": 4_300}).findings == ()
    for values in ({"1": low - 1}, {"1": high + 1}):
        with pytest.raises(AssertionError):
            alone.check(values)
    with pytest.raises(AssertionError):
        summed.check({"1": 11_000, "2": 4_300, "3": 15_301})


def test_a_doubt_reads_the_history_behind_the_last_reading_once(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    machine = prepare_machine(a_machine(meters=(a_meter(),)), read_on=READ_ON, today=READ_ON)
    read = counted_calls(monkeypatch, prepared_meters, "doubtful_base")
    for _ in range(2):
        assert machine.check({"1": 110_044}).of("1")[0].suggestion
    assert len(read) == 1


def test_only_meters_outside_their_quiet_ranges_are_judged(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    machine = prepare_machine(a_machine(), read_on=READ_ON, today=READ_ON)
    judged = counted_calls(monkeypatch, verdict, "_judge")
    low, high = (machine.meters["1"].quiet[0], machine.meters["2"].quiet[1])
    assert machine.check({"1": low, "2": high + 1}).findings
    assert [case.meter.id for case, *_ in judged] == ["2"]


def test_a_number_that_cannot_be_meant_gets_no_usage(monkeypatch: pytest.MonkeyPatch) -> None:
    """Of some 130 numbers that one slip turns into six digits, few have usual pages."""
    machine = prepare_machine(a_machine(meters=(a_meter(),)), read_on=READ_ON, today=READ_ON)
    looked_at = counted_calls(monkeypatch, Prepared, "usage")
    assert machine.check({"1": 110_044}).of("1")[0].suggestion
    assert 1 < len(looked_at) <= 12


def test_what_was_read_after_the_day_is_not_known() -> None:
    meter = a_meter()
    day = meter.history[4].read_on + timedelta(days=25)
    known = prepare(replace(meter, history=meter.history[:5]), read_on=day)
    told = prepare(meter, read_on=day)
    assert told.expected == known.expected
    assert (told.last, told.later) == (known.last, meter.history[5])


def test_a_meter_s_days_are_put_in_order_once(monkeypatch: pytest.MonkeyPatch) -> None:
    asked = [
        counted_calls(monkeypatch, module, name)
        for module in (prepared_meters, usage)
        for name in ("daily", "capacity")
    ]
    assert prepare(a_meter(), read_on=READ_ON).expected
    assert [len(calls) for calls in asked] == [1, 1, 0, 0]


def test_a_prepared_machine_says_for_which_day_and_meters() -> None:
    prepared = prepare_machine(a_machine(), read_on=READ_ON, today=READ_ON, meter_ids=["2"])
    assert prepared.read_on == READ_ON
    assert prepared.meters.keys() == {"2"}


def test_a_meter_that_was_not_prepared_is_not_found() -> None:
    prepared = prepare_machine(a_machine(), read_on=READ_ON, today=READ_ON, meter_ids=["2"])
    for values in ({"1": 11_000}, {"2": 4_300, "9": 1}):
        with pytest.raises(NotFound) as refused:
            prepared.check(values)
        assert refused.value.field == f"values.{[*values][-1]}"


# Tolerances


def test_the_narrower_setting_stands_over_the_wider_one() -> None:
    settings = ToleranceSettings(
        dealer=Setting(ceiling=4.0, width=1.5, quiet_pages=50),
        families={"IM": Setting(width=1.2), "im c": Setting(width=1.1), "bizhub": Setting(9.0)},
        kinds={MeterKind.COLOUR: Setting(quiet_pages=5)},
        contracts={"70001": Setting(ceiling=2.0)},
    )
    machine = a_machine()
    black, colour = machine.meters
    assert settings.of(machine, black) == Tolerances(2.0, 1.1, 50)
    assert settings.of(machine, colour) == Tolerances(2.0, 1.1, 5)
    elsewhere = replace(machine, contract_id="70002", model="bizhub 4752")
    assert settings.of(elsewhere, black) == Tolerances(9.0, 1.5, 50)
    assert resolved() == resolved(None, Setting()) == USUAL


def test_tolerances_move_the_range() -> None:
    usual = expectation(a_meter(), read_on=READ_ON)
    wide = expectation(a_meter(), read_on=READ_ON, tolerances=Tolerances(width=2.0))
    low = expectation(a_meter(), read_on=READ_ON, tolerances=Tolerances(ceiling=1.2))
    calm = expectation(a_meter(), read_on=READ_ON, tolerances=Tolerances(quiet_pages=2_000))
    assert usual
    assert wide
    assert low
    assert calm
    assert wide.low < usual.low < usual.pages < usual.high < wide.high <= 3_001
    assert (low.high, calm.high, calm.low) == (1_200, 3_000, 0)


def test_a_check_takes_the_tolerances_of_its_dealer() -> None:
    strict = ToleranceSettings(dealer=Setting(ceiling=1.1))
    assert check(a_meter(), 11_500).findings == ()
    assert doubts(check(a_meter(), 11_500, tolerances=strict)) == ["usage_too_high"]


# A confirmed value widens, once


def _confirmed(pages: int, *, times: int = 1) -> Meter:
    """Twelve steady periods of a thousand pages, the last `times` of so many, each confirmed."""
    meter = a_meter()
    history, value = list(meter.history), meter.history[-1].value
    for n in range(times):
        value += pages
        on = LAST_ON + timedelta(days=30 * (n + 1))
        history.append(Effective(on, value, confirmed=True))
    return replace(meter, history=tuple(history))


def _next(meter: Meter) -> Any:
    assert meter.last is not None
    return expectation(meter, read_on=meter.last.read_on + timedelta(days=30))


def test_what_was_confirmed_and_released_is_not_asked_about_again() -> None:
    confirmed = _next(_confirmed(9_000))
    plain = replace(_confirmed(9_000), history=_plain(_confirmed(9_000)))
    assert _next(plain).high < 9_000 <= confirmed.high <= 9_001


def _plain(meter: Meter) -> tuple[Effective, ...]:
    return tuple(entry._replace(confirmed=False) for entry in meter.history)


def test_confirming_again_widens_no_further() -> None:
    assert _next(_confirmed(9_000, times=3)).high <= 9_001


def test_the_latest_confirmation_counts_downwards_too() -> None:
    assert _next(_confirmed(60)).low <= 60


def test_a_machine_keeps_the_mark_through_its_packing() -> None:
    confirmed = a_meter().history[-1]._replace(confirmed=True, reset_end=5, reset_start=0)
    history = (*a_meter().history[:-2], a_meter().history[-2]._replace(confirmed=True), confirmed)
    machine = a_machine(meters=(a_meter(history=history), a_colour_meter()))
    assert unpack(pack(machine)).meters == machine.meters


# Judging as of a past day, and back-testing


def test_a_past_day_knows_only_what_was_read_before() -> None:
    day = a_meter().history[6].read_on
    open_then = Reading("1", DUE, 5_000, day - timedelta(days=1))
    machine = a_machine(readings=(open_then, Reading("2", DUE, 5_000, day)))
    known = as_known_on(machine, day)
    assert [len(meter.history) for meter in known.meters] == [6, 7]
    assert known.readings == (open_then,)
    assert as_known_on(machine, date(2020, 1, 1)).meters[0].history == ()


def _with_a_peak() -> Machine:
    """One period of 4,000 instead of 1,000 pages, half a year ago."""
    meter = a_meter(last_value=14_000, readings=14)
    history = tuple(
        entry._replace(value=entry.value + (3_000 if place >= 8 else 0))
        for place, entry in enumerate(meter.history)
    )
    return a_machine(meters=(replace(meter, history=history),))


def test_a_back_test_tells_how_many_hints_there_would_have_been_and_which() -> None:
    found = backtest([_with_a_peak()], ToleranceSettings(), date(2026, 1, 1), date(2026, 12, 31))
    assert found.judged == 11
    assert [(hint.machine_id, hint.meter_id) for hint in found.hints] == [("200001", "1")]
    assert found.hints[0].finding.severity is Severity.WARN
    assert sum(found.by_code.values()) == len(found.hints)


def test_wider_tolerances_ask_less_in_a_back_test() -> None:
    generous = ToleranceSettings(dealer=Setting(ceiling=6.0, width=5.0))
    strict = ToleranceSettings(dealer=Setting(ceiling=1.05, quiet_pages=1))
    span = (date(2026, 1, 1), date(2026, 12, 31))
    assert backtest([_with_a_peak()], generous, *span).hints == ()
    many = backtest([_with_a_peak(), replace(_with_a_peak(), id="200002")], strict, *span)
    assert len(many.hints) >= 2
    assert many.judged == 22


def test_estimates_and_changed_boards_are_not_tested_back() -> None:
    machine = _with_a_peak()
    history = machine.meters[0].history
    guessed = history[8]._replace(estimated=True)
    swapped = history[9]._replace(reset_end=history[9].value, reset_start=0)
    changed = replace(machine.meters[0], history=(*history[:8], guessed, swapped, *history[10:]))
    span = (history[8].read_on, history[9].read_on)
    assert backtest([replace(machine, meters=(changed,))], ToleranceSettings(), *span).judged == 0
