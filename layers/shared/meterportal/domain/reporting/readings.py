"""Readings and their states: reported, released, billed."""

from __future__ import annotations

from datetime import date, datetime
from enum import StrEnum

from meterportal.domain.frozen import frozen
from meterportal.domain.plausibility.findings import Finding
from meterportal.domain.portfolio.contracts import ReadingChannel


class ReadingState(StrEnum):
    REPORTED = "reported"
    RELEASED = "released"
    BILLED = "billed"


class Verdict(StrEnum):
    """`unchecked` is never shown with a green tick."""

    PLAUSIBLE = "plausible"
    CONFIRMED = "confirmed"
    UNCHECKED = "unchecked"


class DecisionKind(StrEnum):
    """What staff decide about a value that waits. `taken`: the suggestion took its place; `estimated`:
    an estimate did; `asked_back`: the customer is asked about it by mail."""

    ACCEPTED = "accepted"
    TAKEN = "taken"
    ESTIMATED = "estimated"
    DEFERRED = "deferred"
    ASKED_BACK = "asked_back"


@frozen
class StaffDecision:
    """What staff decided about a reading. It stands at that reading: another value is another reading,
    about which nothing is decided.

    `note` is for colleagues, `until` the day on which a deferred value comes back. An acceptance is
    about the doubts whose codes are `findings`; above the dealer's limit it `needs_second` and counts
    once somebody else (`second_by`) has accepted, too. `before` is the reading whose place was taken,
    by this decision or an earlier one, `question` the number of the mail that asks.
    """

    kind: DecisionKind
    by: str
    at: datetime
    note: str = ""
    until: date | None = None
    findings: tuple[str, ...] = ()
    needs_second: bool = False
    second_by: str = ""
    before: Reading | None = None
    question: str = ""

    @property
    def accepts(self) -> bool:
        """Whether it is an acceptance that counts."""
        complete = bool(self.second_by) or not self.needs_second
        return self.kind is DecisionKind.ACCEPTED and complete

    def rests(self, today: date) -> bool:
        """Whether nobody has to decide at present: it is accepted, deferred, or the customer is asked."""
        if self.kind in {DecisionKind.DEFERRED, DecisionKind.ASKED_BACK}:
            return self.until is not None and self.until > today
        return self.accepts


@frozen
class Reading:
    """One value in a period (meter, due_on).

    `refused` is the code of the reason for which a release run did not release it (None: not
    refused). `export_refused` is the ERP's reason for refusing the exported line. `reported_by` is
    the id of a contact or staff member. `number` counts corrections after the release: 1 for none,
    then 3, 5, ... (between them stand the reversing entries). `row` is the row in which it waits for its
    export together with other machines, and by which it is found in its batch.
    """

    meter_id: str
    due_on: date
    value: int
    read_on: date
    state: ReadingState = ReadingState.REPORTED
    verdict: Verdict = Verdict.UNCHECKED
    findings: tuple[Finding, ...] = ()
    reason: str = ""
    reported_by: str = ""
    channel: ReadingChannel = ReadingChannel.PORTAL
    reported_at: datetime | None = None
    refused: str | None = None
    released_at: datetime | None = None
    released_by: str = ""
    release_reason: str = ""
    batch: str | None = None
    export_refused: str | None = None
    number: int = 1
    row: str = ""
    decision: StaffDecision | None = None

    @property
    def asked_back(self) -> bool:
        """Whether the customer is being asked about it: the same value again is an answer, too."""
        return self.decision is not None and self.decision.kind is DecisionKind.ASKED_BACK

    @property
    def way_back(self) -> StaffDecision | None:
        """What is left of a decision that a run did not follow: the way back to the value whose place
        was taken. It keeps nobody from deciding anew."""
        decision = self.decision
        if decision is None or decision.before is None:
            return None
        estimated = self.channel is ReadingChannel.ESTIMATE
        kind = DecisionKind.ESTIMATED if estimated else DecisionKind.TAKEN
        return StaffDecision(kind, decision.by, decision.at, before=decision.before)


def reading_id(machine_id: str, meter_id: str, due_on: date, number: int) -> str:
    """A reading's id: `machine.meter.due_on`, as in 200001.1.2026-11-28. What a correction after the
    release brings has a `number` behind it: 200001.1.2026-11-28~3."""
    first = f"{machine_id}.{meter_id}.{due_on.isoformat()}"
    return first if number == 1 else f"{first}~{number}"
