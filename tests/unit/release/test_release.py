"""The judge of a release: what of a machine may be billed, and why the rest may not."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime

import pytest
from meterportal.domain.portfolio.contracts import ReadingChannel
from meterportal.domain.portfolio.machines import Effective, Machine, MeterKind
from meterportal.domain.refusals import AlreadyReleased, ChangedMeanwhile, NotFound
from meterportal.domain.release.effective import make_effective
from meterportal.domain.release.judging import (
    Code,
    Decision,
    LineOutcome,
    as_dry_run,
    judge,
    release_by_hand,
)
from meterportal.domain.reporting.readings import ReadingState, Verdict

from tests.support.builders import DUE, a_colour_meter, a_meter
from tests.support.reported import READ_ON, a_confirmed_reading, a_reading, a_reported_machine

NOW = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
TODAY = date(2026, 11, 23)


def judged(machine: Machine | None, *, seen: int | None = 2) -> Decision:
    return judge("200001", machine, seen=seen, now=NOW, today=TODAY, by="staff-1")


def codes(decision: Decision) -> list[tuple[str, Code | None]]:
    return [(line.meter_id, line.code) for line in decision.lines]


def test_plausible_readings_are_released_and_become_history() -> None:
    decision = judged(a_reported_machine())

    assert [line.outcome for line in decision.lines] == [LineOutcome.RELEASED] * 2
    assert decision.changed is not None
    assert decision.changed.version == 3
    first = decision.changed.reading("1")
    assert first is not None
    assert (first.state, first.released_at, first.released_by) == (
        ReadingState.RELEASED,
        NOW,
        "staff-1",
    )
    assert decision.changed.meters[0].last == Effective(READ_ON, 10_850, ReadingChannel.PORTAL)
    assert decision.released == decision.changed.readings


def test_a_machine_that_nobody_knows_gets_its_line() -> None:
    decision = judged(None)

    assert codes(decision) == [("", Code.UNKNOWN_MACHINE)]
    assert decision.seen == 2
    assert decision.changed is None


def test_nothing_is_released_that_staff_did_not_see() -> None:
    decision = judged(a_reported_machine(), seen=1)

    assert codes(decision) == [("1", Code.CHANGED_MEANWHILE), ("2", Code.CHANGED_MEANWHILE)]
    assert [line.value for line in decision.lines] == [10_850, 4_250]
    assert decision.changed is None


def test_a_dry_run_takes_the_machine_as_it_stands() -> None:
    decision = judged(a_reported_machine(), seen=None)

    assert decision.seen == 2
    assert {as_dry_run(line).outcome for line in decision.lines} == {LineOutcome.RELEASABLE}


def test_a_machine_without_readings_has_nothing_to_release() -> None:
    machine = replace(a_reported_machine(), readings=())

    assert codes(judged(machine)) == [("", Code.NOTHING_REPORTED)]


@pytest.mark.parametrize("state", [ReadingState.RELEASED, ReadingState.BILLED])
def test_what_is_released_is_not_released_again(state: ReadingState) -> None:
    machine = a_reported_machine("200001", a_reading("1", state=state))

    assert codes(judged(machine)) == [("1", Code.ALREADY_RELEASED)]
    assert codes(judged(machine, seen=1)) == [("1", Code.ALREADY_RELEASED)]


def test_a_confirmed_reading_waits_for_a_person_and_the_rest_goes() -> None:
    decision = judged(a_reported_machine("200001", a_confirmed_reading(), a_reading("2")))

    assert codes(decision) == [("1", Code.CONFIRMED_BY_CUSTOMER), ("2", None)]
    assert decision.lines[0].customer_reason == "Großauftrag im Herbst"
    assert decision.changed is not None
    refused = decision.changed.reading("1")
    assert refused is not None
    assert (refused.state, refused.refused) == (
        ReadingState.REPORTED,
        Code.CONFIRMED_BY_CUSTOMER.value,
    )
    assert [reading.meter_id for reading in decision.released] == ["2"]


def test_a_mark_of_refusal_alone_leaves_the_version() -> None:
    decision = judged(a_reported_machine("200001", a_confirmed_reading()))

    assert decision.changed is not None
    assert decision.changed.version == 2
    assert judged(decision.changed).changed is None


def test_a_later_fact_makes_a_plausible_reading_implausible() -> None:
    technician = Effective(date(2026, 11, 20), 12_000, ReadingChannel.TECHNICIAN)
    meter = a_meter()
    meters = (replace(meter, history=(*meter.history, technician)), a_colour_meter())
    decision = judged(replace(a_reported_machine(), meters=meters))

    assert codes(decision) == [("1", Code.IMPLAUSIBLE_NOW), ("2", None)]
    assert {finding.code for finding in decision.lines[0].at_release} == {"lower_than_last"}
    assert "12.000" in (decision.lines[0].reason("de") or "")
    assert "12,000" in (decision.lines[0].reason("en") or "")


def test_what_blocks_at_entry_is_refused_at_release() -> None:
    decision = judged(
        a_reported_machine("200001", a_reading("1", read_on=date(2026, 12, 24)), a_reading("2"))
    )

    assert codes(decision) == [("2", None), ("1", Code.IMPLAUSIBLE_NOW)]


def test_a_reading_that_cannot_be_checked_passes_with_a_note() -> None:
    meters = (a_meter(last_value=None), a_colour_meter())
    reading = a_reading("1", 500, verdict=Verdict.UNCHECKED)
    decision = judged(replace(a_reported_machine("200001", reading), meters=meters))

    assert [line.outcome for line in decision.lines] == [LineOutcome.RELEASED]
    assert [finding.code for finding in decision.lines[0].at_release] == ["cannot_be_checked"]
    assert decision.lines[0].reason("de")


def test_a_machine_refused_before_is_released_once_it_fits() -> None:
    reading = a_reading("1", refused=Code.IMPLAUSIBLE_NOW.value)
    decision = judged(a_reported_machine("200001", reading))

    assert decision.changed is not None
    released = decision.changed.reading("1")
    assert released is not None
    assert (released.state, released.refused) == (ReadingState.RELEASED, None)


def test_an_earlier_period_is_history_for_a_later_one() -> None:
    early = a_reading("1", 11_000, due_on=date(2026, 10, 28), read_on=date(2026, 10, 30))
    late = a_reading("1", 10_850)
    decision = judged(a_reported_machine("200001", late, early))

    assert [(line.due_on, line.code) for line in decision.lines] == [
        (date(2026, 10, 28), Code.IMPLAUSIBLE_NOW),
        (DUE, None),
    ]


def test_the_meters_of_one_day_are_compared_with_each_other() -> None:
    total = a_meter("3", last_value=14_000, a_month=1_300, kind=MeterKind.TOTAL, label="Gesamt")
    machine = replace(a_reported_machine(), meters=(a_meter(), a_colour_meter(), total))
    reported = (a_reading("1"), a_reading("2"), a_reading("3", 15_500))
    decision = judged(replace(machine, readings=reported))

    told = {finding.code for line in decision.lines for finding in line.at_release}
    assert told == {"digit_wrong"}
    assert Code.IMPLAUSIBLE_NOW in {line.code for line in decision.lines}


def test_a_reading_takes_its_day_s_place_in_the_history() -> None:
    technician = Effective(date(2026, 11, 23), 10_900, ReadingChannel.TECHNICIAN)
    meter = a_meter()
    machine = replace(
        a_reported_machine(), meters=(replace(meter, history=(*meter.history, technician)),)
    )
    after = make_effective(machine, a_reading("1"))

    assert [entry.value for entry in after.meters[0].history[-3:]] == [10_000, 10_850, 10_900]
    assert make_effective(after, a_reading("1")) == after


def test_by_hand_anything_reported_can_be_released_with_a_reason() -> None:
    machine = a_reported_machine("200001", a_confirmed_reading(), a_reading("2"))
    decision = release_by_hand(
        machine, "1", DUE, seen=2, reason="Telefonat", now=NOW, today=TODAY, by="staff-1"
    )

    assert decision.changed is not None
    released = decision.changed.reading("1")
    assert released is not None
    assert (released.state, released.release_reason) == (ReadingState.RELEASED, "Telefonat")
    assert decision.changed.version == 3
    other = decision.changed.reading("2")
    assert other is not None
    assert other.state is ReadingState.REPORTED
    (line,) = decision.lines
    assert line.outcome is LineOutcome.RELEASED
    assert {finding.code for finding in line.at_release} == {"usage_too_high"}
    assert "Telefonat" in (line.reason("de") or "")


def by_hand(machine: Machine, meter_id: str = "1", *, seen: int = 2) -> Decision:
    return release_by_hand(
        machine, meter_id, DUE, seen=seen, reason="Telefonat", now=NOW, today=TODAY, by="staff-1"
    )


def test_by_hand_nothing_unseen_unknown_or_released_goes() -> None:
    with pytest.raises(NotFound):
        by_hand(a_reported_machine(), "9")
    with pytest.raises(ChangedMeanwhile) as moved:
        by_hand(a_reported_machine(), seen=1)
    assert moved.value.facts["version"] == 2
    released = a_reported_machine(
        "200001", a_reading("1", state=ReadingState.RELEASED, released_at=NOW)
    )
    with pytest.raises(AlreadyReleased) as done:
        by_hand(released, seen=1)
    assert done.value.facts == {"state": "released", "released_on": "2026-11-23"}
