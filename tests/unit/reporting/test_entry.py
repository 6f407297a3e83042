"""Entry on a machine as a value: read, judged, put into the period."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st
from meterportal.domain.plausibility.numbers import NotANumber
from meterportal.domain.plausibility.verdict import ReadOnRefused
from meterportal.domain.portfolio.machines import Machine, MeterKind
from meterportal.domain.refusals import (
    AlreadyReleased,
    ChangedMeanwhile,
    NeedsConfirmation,
)
from meterportal.domain.reporting import entry
from meterportal.domain.reporting.entry import (
    ReasonRefused,
    ReasonWithoutValue,
    Submission,
    UnknownMeter,
    ValuesMissing,
)
from meterportal.domain.reporting.readings import ReadingState, Verdict

from tests.support.builders import DUE, a_colour_meter, a_machine, a_meter

TODAY = date(2026, 11, 23)
NOW = datetime(2026, 11, 23, 9, tzinfo=UTC)


def send(
    machine: Machine,
    values: dict[str, object],
    *,
    seen: int | None = None,
    reasons: dict[str, str] | None = None,
    by: str = "5001",
    read_on: date = TODAY,
    starts_on: date | None = None,
) -> Submission:
    return entry.submit(
        machine,
        entry.read(machine, values, read_on=read_on, reasons=reasons),
        seen=machine.version if seen is None else seen,
        by=by,
        now=NOW,
        today=TODAY,
        starts_on=starts_on,
    )


def released(machine: Machine, meter_id: str) -> Machine:
    readings = tuple(
        replace(r, state=ReadingState.RELEASED, released_at=NOW) if r.meter_id == meter_id else r
        for r in machine.readings
    )
    return replace(machine, readings=readings, version=machine.version + 1)


def test_plausible_values_are_put_into_the_period() -> None:
    done = send(a_machine(), {"1": "11.000", "2": 4300})
    assert done.event == "reported"
    assert done.machine.version == 2
    assert done.machine.complete
    first = done.machine.reading("1")
    assert first is not None
    assert (first.value, first.due_on, first.read_on) == (11_000, DUE, TODAY)
    assert (first.verdict, first.state) == (Verdict.PLAUSIBLE, ReadingState.REPORTED)
    assert (first.reported_by, first.reported_at) == ("5001", NOW)


def test_values_are_optional_per_meter() -> None:
    done = send(a_machine(), {"2": "4300"})
    assert [reading.meter_id for reading in done.changed] == ["2"]
    assert not done.machine.complete


def test_a_correction_replaces_the_reading_and_keeps_the_other() -> None:
    first = send(a_machine(), {"1": 11_000, "2": 4300}).machine
    done = send(first, {"1": 11_010, "2": 4300}, by="5002")
    assert done.event == "corrected"
    assert done.before["1"].value == 11_000
    assert [reading.meter_id for reading in done.changed] == ["1"]
    assert done.machine.reading("2") == first.reading("2")
    assert len(done.machine.readings) == 2


def test_a_correction_lifts_the_refusal_of_a_release_run() -> None:
    first = send(a_machine(), {"1": 11_000}).machine
    refused = tuple(replace(r, refused="implausible_now") for r in first.readings)
    done = send(replace(first, readings=refused), {"1": 11_010})
    corrected = done.machine.reading("1")
    assert corrected is not None
    assert corrected.refused is None


def test_readings_of_other_periods_stay() -> None:
    first = send(a_machine(), {"1": 11_000}).machine
    later = replace(first, due_on=date(2026, 12, 28))
    done = send(later, {"1": 11_100})
    assert {reading.due_on for reading in done.machine.readings} == {DUE, later.due_on}
    assert done.event == "reported"


def test_a_warning_asks_for_a_reason_and_stores_nothing_without() -> None:
    with pytest.raises(NeedsConfirmation) as asked:
        send(a_machine(), {"1": 110_000, "2": 4300})
    findings = asked.value.facts["findings"]
    assert [(f.meter_id, f.code) for f in findings] == [("1", "digit_doubled")]  # type: ignore[attr-defined]


def test_a_reason_confirms_what_warns_and_only_that() -> None:
    done = send(
        a_machine(), {"1": 110_000, "2": 4300}, reasons={"1": " Messe ", "2": "ohne Anlass"}
    )
    first, second = done.machine.readings
    assert (first.verdict, first.reason) == (Verdict.CONFIRMED, "Messe")
    assert (second.verdict, second.reason) == (Verdict.PLAUSIBLE, "")
    assert [finding.code for finding in first.findings] == ["digit_doubled"]


def test_every_warning_needs_its_own_reason() -> None:
    with pytest.raises(NeedsConfirmation):
        send(a_machine(), {"1": 110_000, "2": 43_000}, reasons={"1": "Messe"})


def test_sent_again_at_the_current_version_nothing_is_written() -> None:
    first = send(a_machine(), {"1": 110_000}, reasons={"1": "Messe"}).machine
    again = send(first, {"1": "110.000"}, reasons={"1": "Messe"}, by="5002")
    assert again == Submission(first)


def test_another_reason_is_a_change() -> None:
    first = send(a_machine(), {"1": 110_000}, reasons={"1": "Messe"}).machine
    done = send(first, {"1": 110_000}, reasons={"1": "Hausmesse"})
    assert done.machine.version == 3
    assert done.event == "corrected"


def test_another_day_is_a_change() -> None:
    first = send(a_machine(), {"1": 11_000}).machine
    assert send(first, {"1": 11_000}, read_on=date(2026, 11, 22)).changed


def test_a_double_click_with_the_old_version_is_taken_as_done() -> None:
    values: dict[str, object] = {"1": 11_000, "2": 4300}
    first = send(a_machine(), values, reasons={"2": "unnötig"}).machine
    assert send(first, values, seen=1, reasons={"2": "unnötig"}) == Submission(first)


@pytest.mark.parametrize(
    ("values", "by"),
    [({"1": 11_001}, "5001"), ({"1": 11_000}, "5002"), ({"1": 11_000, "2": 4300}, "5001")],
    ids=["another value", "another contact", "one meter more"],
)
def test_an_old_version_is_refused_with_what_stands_there(
    values: dict[str, object], by: str
) -> None:
    first = send(a_machine(), {"1": 11_000}).machine
    with pytest.raises(ChangedMeanwhile) as refused:
        send(first, values, seen=1, by=by)
    assert refused.value.facts["version"] == 2
    assert refused.value.facts["readings"] == entry.shown(first)


def test_a_released_period_takes_nothing_of_the_whole_machine() -> None:
    machine = released(send(a_machine(), {"1": 11_000}).machine, "1")
    with pytest.raises(AlreadyReleased) as refused:
        send(machine, {"1": 11_010, "2": 4300}, seen=1)
    assert refused.value.facts == {"state": "released", "released_on": "2026-11-23"}
    with pytest.raises(AlreadyReleased):
        entry.judge(machine, entry.read(machine, {"1": 1}, read_on=TODAY), today=TODAY)


def test_release_is_per_meter() -> None:
    machine = released(send(a_machine(), {"1": 11_000}).machine, "1")
    assert send(machine, {"2": 4300}).machine.complete


@pytest.mark.parametrize("read_on", [date(2026, 11, 24), date(2026, 10, 27)])
def test_an_impossible_day_is_refused_with_its_findings(read_on: date) -> None:
    with pytest.raises(ReadOnRefused) as refused:
        send(a_machine(), {"1": 11_000}, read_on=read_on)
    assert refused.value.field == "read_on"
    assert refused.value.facts["findings"]


def test_a_day_is_too_early_before_the_contract_and_a_year_before_the_due_date() -> None:
    machine = a_machine(meters=(a_meter(last_value=None),))
    begun = date(2026, 11, 1)
    send(machine, {"1": 10}, read_on=date(2026, 1, 2), starts_on=begun)
    for starts_on in (begun, None):
        with pytest.raises(ReadOnRefused) as refused:
            send(machine, {"1": 10}, read_on=date(2025, 11, 1), starts_on=starts_on)
        assert refused.value.code == "too_early"
    send(machine, {"1": 10}, read_on=date(2025, 11, 1), starts_on=date(2025, 1, 1))


def test_what_cannot_be_judged_is_stored_unchecked() -> None:
    done = send(a_machine(meters=(a_meter(last_value=None),)), {"1": 500})
    assert done.machine.readings[0].verdict is Verdict.UNCHECKED


def test_a_value_that_is_no_number_is_refused_by_its_field() -> None:
    with pytest.raises(NotANumber) as refused:
        send(a_machine(), {"1": 11_000, "2": "12,5"})
    assert refused.value.field == "values.2"


def test_a_mere_check_gathers_all_faults() -> None:
    said = entry.read(a_machine(), {"1": "x", "2": 12.5}, read_on=TODAY)
    assert set(said.faults) == {"1", "2"}
    assert said.values == {}


def test_no_values_at_all_are_refused() -> None:
    with pytest.raises(ValuesMissing):
        entry.read(a_machine(), {}, read_on=TODAY)


@pytest.mark.parametrize("meter_id", ["9", "01", "", "3"])
def test_meters_that_are_not_billed_here_are_unknown(meter_id: str) -> None:
    scan = a_meter("3", kind=MeterKind.SCAN, billable=False)
    machine = a_machine(meters=(a_meter(), a_colour_meter(), scan))
    with pytest.raises(UnknownMeter) as refused:
        entry.read(machine, {meter_id: 1}, read_on=TODAY)
    assert refused.value.field == f"values.{meter_id}"


@pytest.mark.parametrize("meter_id", ["x" * 65, "\u202e1", "1\n"])
def test_a_field_never_repeats_what_cannot_be_a_number(meter_id: str) -> None:
    with pytest.raises(UnknownMeter) as refused:
        entry.read(a_machine(), {meter_id: 1}, read_on=TODAY)
    assert refused.value.field == "values"


@pytest.mark.parametrize("reason", ["", "  ", "x" * 501, "eine\nZeile", "a\x00b", "a\u2028b"])
def test_a_reason_is_one_readable_line(reason: str) -> None:
    with pytest.raises(ReasonRefused) as refused:
        entry.read(a_machine(), {"1": 1}, read_on=TODAY, reasons={"1": reason})
    assert refused.value.field == "confirm.1"
    assert "500" in refused.value.text("de")


def test_a_reason_may_be_five_hundred_characters_of_any_script() -> None:
    reason = "ÄÖÜß日本👍" + "x" * 493
    said = entry.read(a_machine(), {"1": 1}, read_on=TODAY, reasons={"1": f" {reason}\n"})
    assert said.reasons == {"1": reason}


def test_a_reason_needs_its_value() -> None:
    with pytest.raises(ReasonWithoutValue) as refused:
        entry.read(a_machine(), {"1": 1}, read_on=TODAY, reasons={"2": "Messe"})
    assert refused.value.field == "confirm.2"


@given(
    st.lists(
        st.dictionaries(st.sampled_from(["1", "2"]), st.integers(0, 10**7 - 1), min_size=1),
        min_size=1,
        max_size=6,
    )
)
def test_whatever_is_sent_versions_count_the_stored_changes(
    sent: list[dict[str, object]],
) -> None:
    machine, changes = a_machine(), 0
    for values in sent:
        before = machine
        done = send(before, values, reasons=dict.fromkeys(values, "gesehen"))
        machine = done.machine
        changes += bool(done.changed)
        assert machine.version == 1 + changes
        assert done.changed or machine is before
        for meter_id, value in values.items():
            reading = machine.reading(meter_id)
            assert reading is not None
            assert reading.value == value
            assert (reading.verdict is Verdict.CONFIRMED) == bool(reading.reason)
        assert len(machine.readings) <= 2
