"""A machine's open problem as its item holds it: a list without names."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from meterportal.domain.portfolio.machines import Problem, ProblemKind
from meterportal.store.items import day_of


def pack(problem: Problem) -> list[Any]:
    return [
        problem.id,
        problem.kind.value,
        problem.reported_on.isoformat(),
        problem.reported_by,
        problem.due_on.isoformat() if problem.due_on else "",
        problem.text,
        problem.meter_id,
        int(problem.accepted),
    ]


def of(body: Mapping[str, Any]) -> Problem | None:
    """The problem that a machine's body holds, if any."""
    if "problem" not in body:
        return None
    number, kind, reported_on, reported_by, due_on, text, meter_id, accepted = body["problem"]
    return Problem(
        id=number,
        kind=ProblemKind(kind),
        reported_on=date.fromisoformat(reported_on),
        reported_by=reported_by,
        due_on=day_of(due_on),
        text=text,
        meter_id=meter_id,
        accepted=bool(accepted),
    )
