"""A machine's readings through their whole life, in any order of events."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule
from meterportal.domain.exchange.exports import (
    Acknowledgement,
    ExportLine,
    answers_after,
    apply_answers,
    export_lines,
)
from meterportal.domain.portfolio.machines import Machine
from meterportal.domain.refusals import (
    AlreadyReleased,
    ChangedMeanwhile,
    NeedsConfirmation,
    NotFound,
)
from meterportal.domain.release.judging import Decision, judge, release_by_hand
from meterportal.domain.reporting import entry
from meterportal.domain.reporting.readings import ReadingState, reading_id

from tests.support.builders import DUE, a_machine

NOW = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
TODAY = date(2026, 11, 23)
METERS = st.sampled_from(["1", "2"])
VALUES = st.sampled_from([3_000, 4_250, 4_300, 10_850, 10_900, 90_000])


class Life(RuleBasedStateMachine):
    """Customer, staff, run and ERP act as they like; what was released stays as it was released."""

    def __init__(self) -> None:
        super().__init__()
        self.machine: Machine = a_machine()
        self.released: dict[str, int] = {}
        self.exported: list[ExportLine] = []
        self.answers: dict[str, str] = {}

    @rule(meter_id=METERS, value=VALUES, reason=st.sampled_from(["", "Messe"]), stale=st.booleans())
    def report(self, meter_id: str, value: int, reason: str, *, stale: bool) -> None:
        seen = self.machine.version - stale
        reasons = {meter_id: reason} if reason else {}
        said = entry.read(self.machine, {meter_id: value}, read_on=TODAY, reasons=reasons)
        try:
            done = entry.submit(self.machine, said, seen=seen, by="5001", now=NOW, today=TODAY)
        except AlreadyReleased:
            assert reading_id(self.machine.id, meter_id, DUE, 1) in self.released
        except (NeedsConfirmation, ChangedMeanwhile):
            return
        else:
            self._becomes(done.machine, changed=bool(done.changed))

    @rule(stale=st.booleans())
    def run(self, *, stale: bool) -> None:
        seen = self.machine.version - stale
        decision = judge(
            self.machine.id, self.machine, seen=seen, now=NOW, today=TODAY, by="staff-1"
        )
        assert not (stale and decision.released)
        assert decision.lines
        self._is_released(decision)

    @rule(meter_id=METERS)
    def by_hand(self, meter_id: str) -> None:
        try:
            decision = release_by_hand(
                self.machine,
                meter_id,
                DUE,
                seen=self.machine.version,
                reason="Telefonat",
                now=NOW,
                today=TODAY,
                by="staff-1",
            )
        except (AlreadyReleased, NotFound):
            return
        self._is_released(decision)

    @rule(meter_id=METERS, reason=st.sampled_from(["", "zu hoch"]))
    def answer(self, meter_id: str, reason: str) -> None:
        number = reading_id(self.machine.id, meter_id, DUE, 1)
        said = Acknowledgement(frozenset([number]), {})
        if reason:
            said = Acknowledgement(frozenset(), {number: reason})
        after = answers_after(self.exported, self.answers, said)
        news = {name: why for name, why in after.items() if self.answers.get(name) != why}
        changed, readings = apply_answers(self.machine, self.exported, news, batch="b1")
        self.answers = after
        self._becomes(changed, changed=bool(readings))

    def _is_released(self, decision: Decision) -> None:
        for reading in decision.released:
            number = reading_id(self.machine.id, reading.meter_id, reading.due_on, reading.number)
            assert number not in self.released, "released twice"
            self.released[number] = reading.value
        if decision.changed is not None:
            self.exported += export_lines(decision.changed, decision.released)
            self._becomes(decision.changed, changed=bool(decision.released))

    def _becomes(self, machine: Machine, *, changed: bool) -> None:
        assert machine.version == self.machine.version + changed
        self.machine = replace(machine, rev=self.machine.rev + 1)

    @invariant()
    def what_is_released_stays(self) -> None:
        final = {
            reading_id(
                self.machine.id, reading.meter_id, reading.due_on, reading.number
            ): reading.value
            for reading in self.machine.readings
            if reading.state is not ReadingState.REPORTED
        }
        assert final == self.released
        assert {line["reading_id"]: line["value"] for line in self.exported} == self.released

    @invariant()
    def what_is_released_is_history_once(self) -> None:
        for meter in self.machine.meters:
            number = reading_id(self.machine.id, meter.id, DUE, 1)
            today = [e for e in meter.history if e.read_on == TODAY]
            released = [self.released[number]] if number in self.released else []
            assert [effective.value for effective in today] == released
            reading = self.machine.reading(meter.id)
            billed = reading is not None and reading.state is ReadingState.BILLED
            assert all(effective.billed == billed for effective in today)


TestLife = Life.TestCase
