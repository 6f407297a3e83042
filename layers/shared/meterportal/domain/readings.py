"""Readings and their life: reported, released, billed."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from meterportal.domain.contracts import ReadingChannel
from meterportal.domain.findings import Finding


class ReadingState(StrEnum):
    REPORTED = "reported"
    RELEASED = "released"
    BILLED = "billed"


class Verdict(StrEnum):
    """`unchecked` is never shown as a green tick."""

    PLAUSIBLE = "plausible"
    CONFIRMED = "confirmed"
    UNCHECKED = "unchecked"


@dataclass(frozen=True, slots=True)
class Reading:
    """One value in a slot (meter, due_on).

    `refused` is the code why a release run left it (None: not refused). `export_refused` is the
    ERP's reason for refusing the exported line. `reported_by` is a contact's or staff member's id.
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


def reading_id(machine_id: str, meter_id: str, due_on: date) -> str:
    """A reading's id: `machine.meter.due_on`, as in 200001.1.2026-11-28."""
    return f"{machine_id}.{meter_id}.{due_on.isoformat()}"
