"""Readings as they stand in a machine's item: short names, no empty values."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from meterportal.domain.plausibility.findings import Finding, Severity
from meterportal.domain.portfolio.contracts import ReadingChannel
from meterportal.domain.reporting.readings import (
    DecisionKind,
    Reading,
    ReadingState,
    StaffDecision,
    Verdict,
)


def pack(reading: Reading) -> dict[str, Any]:
    """A reading with short names and without empty values, for the machine's body."""
    full: dict[str, Any] = {
        "m": reading.meter_id,
        "d": reading.due_on.isoformat(),
        "v": reading.value,
        "r": reading.read_on.isoformat(),
        "s": reading.state,
        "j": reading.verdict,
        "f": [
            [
                f.meter_id,
                f.code,
                f.severity.value,
                dict(f.numbers),
                f.suggestion and dict(f.suggestion),
            ]
            for f in reading.findings
        ],
        "why": reading.reason,
        "by": reading.reported_by,
        "c": reading.channel,
        "at": _moment(reading.reported_at),
        "no": reading.refused,
        "rat": _moment(reading.released_at),
        "rby": reading.released_by,
        "rwhy": reading.release_reason,
        "b": reading.batch,
        "bno": reading.export_refused,
        "n": reading.number if reading.number > 1 else None,
        "w": reading.row,
        "dec": _pack_decision(reading.decision) if reading.decision else None,
    }
    return {name: value for name, value in full.items() if value or value == 0}


def unpack(row: dict[str, Any]) -> Reading:
    """The reading of a row that `pack` made."""
    return Reading(
        meter_id=row["m"],
        due_on=date.fromisoformat(row["d"]),
        value=row["v"],
        read_on=date.fromisoformat(row["r"]),
        state=ReadingState(row["s"]),
        verdict=Verdict(row["j"]),
        findings=tuple(
            Finding(meter, code, Severity(severity), numbers, suggestion)
            for meter, code, severity, numbers, suggestion in row.get("f", ())
        ),
        reason=row.get("why", ""),
        reported_by=row.get("by", ""),
        channel=ReadingChannel(row["c"]),
        reported_at=_aware(row.get("at")),
        refused=row.get("no"),
        released_at=_aware(row.get("rat")),
        released_by=row.get("rby", ""),
        release_reason=row.get("rwhy", ""),
        batch=row.get("b"),
        export_refused=row.get("bno"),
        number=row.get("n", 1),
        row=row.get("w", ""),
        decision=_unpack_decision(row["dec"]) if "dec" in row else None,
    )


def _pack_decision(decision: StaffDecision) -> dict[str, Any]:
    full: dict[str, Any] = {
        "k": decision.kind.value,
        "by": decision.by,
        "at": _moment(decision.at),
        "t": decision.note,
        "u": decision.until.isoformat() if decision.until else None,
        "f": list(decision.findings),
        "two": 1 if decision.needs_second else None,
        "by2": decision.second_by,
        "old": pack(decision.before) if decision.before else None,
        "q": decision.question,
    }
    return {name: value for name, value in full.items() if value not in (None, "", [])}


def _unpack_decision(row: dict[str, Any]) -> StaffDecision:
    return StaffDecision(
        kind=DecisionKind(row["k"]),
        by=row["by"],
        at=datetime.fromisoformat(row["at"]),
        note=row.get("t", ""),
        until=date.fromisoformat(row["u"]) if "u" in row else None,
        findings=tuple(row.get("f", ())),
        needs_second=bool(row.get("two")),
        second_by=row.get("by2", ""),
        before=unpack(row["old"]) if "old" in row else None,
        question=row.get("q", ""),
    )


def _moment(at: datetime | None) -> str | None:
    return at.isoformat(timespec="milliseconds") if at else None


def _aware(text: str | None) -> datetime | None:
    return datetime.fromisoformat(text) if text else None
