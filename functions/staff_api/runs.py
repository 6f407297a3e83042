"""What runs of every kind share: their state with the words for it, and starting one again."""

from __future__ import annotations

from dataclasses import replace

from aws_lambda_powertools.event_handler.router import APIGatewayHttpRouter
from meterportal.adapters import adapters
from meterportal.domain.runs import NotFailed, RunKind, RunState
from meterportal.http import Accepted, refuses
from meterportal.settings import BUSINESS_ZONE, moment
from meterportal.usecases.runs.restart_run import restart_run

from staff_api.answers.runs import RunStateJson, StartedJson
from staff_api.staff import staff_of

router = APIGatewayHttpRouter()

_GROUPS = {
    RunKind.IMPORT: "admin",
    RunKind.ROUND: "remind",
    RunKind.CHECK: "remind",
    RunKind.RELEASE: "release",
    RunKind.EXPORT: "release",
}


@router.post(
    "/api/staff/runs/<kind>/<run_id>/restart",
    summary="Start a run again that has broken off",
    responses=refuses(NotFailed),
)
def restart(kind: RunKind, run_id: str) -> Accepted[StartedJson]:
    """`kind` is the run's own route: imports, rounds, readiness, releases or exports. It goes on where
    it stopped; runs say by `restartable` whether they need it."""
    staff = staff_of(router.current_event.raw_event, _GROUPS[kind])
    restart_run(adapters(), kind, run_id, moment(), by=staff.member)
    return Accepted({"id": run_id})


def state_as_json(found: RunState, kind: RunKind, language: str, **facts: object) -> RunStateJson:
    """`facts` fill the words for a run of this kind."""
    found = replace(found, at=found.at and found.at.astimezone(BUSINESS_ZONE))
    return {
        "state": found.state,
        "problem": found.problem,
        "problem_text": found.text(kind, language, **facts),
        "restartable": found.restartable,
    }
