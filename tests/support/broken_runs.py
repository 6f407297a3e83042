"""Runs of every kind: how each is begun, how it dies, and what staff are shown of it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import pytest
from meterportal.adapters import Adapters
from meterportal.store import keys
from meterportal.store.writes import Write
from meterportal.usecases.portfolio import check_readiness

from tests.support.builders import a_contact, a_holding, settle
from tests.support.dying import die, look
from tests.support.erp_exports import FILES, as_zip, upload
from tests.support.outages.staff import EVERYTHING, with_few
from tests.support.reported import a_reported_machine, release_at_once, seen, settle_reported
from tests.support.stage import Answer, Stage

FATE = "killed each time"


def started(answer: Answer) -> str:
    assert answer.status == 202, answer.text
    number: str = answer.json["id"]
    return number


def _import(stage: Stage, adapters: Adapters) -> str:
    return started(upload(stage, as_zip(FILES)))


def _round(stage: Stage, adapters: Adapters) -> str:
    settle(adapters)
    return started(stage.staff("POST", "/api/staff/rounds", EVERYTHING))


def _reminders(stage: Stage, adapters: Adapters) -> str:
    _round(stage, adapters)
    stage.drain()
    body = EVERYTHING | {"kind": "reminder", "early": True}
    return started(stage.staff("POST", "/api/staff/rounds", body))


def _release(stage: Stage, adapters: Adapters) -> str:
    body = {"selection": seen(*settle_reported(adapters))}
    return started(stage.staff("POST", "/api/staff/releases", body))


def _chunk(stage: Stage, adapters: Adapters) -> str:
    """A release run whose plan is made and whose chunk waits."""
    number = _release(stage, adapters)
    stage.drain(rounds=1, worth_asking=lambda name: "Release" in name, ends=False)
    return number


def _export(stage: Stage, adapters: Adapters) -> str:
    for machine in settle_reported(adapters, [a_reported_machine("200001")]):
        release_at_once(adapters, machine)
    return started(stage.staff("POST", "/api/staff/exports", {}))


def _readiness(stage: Stage, adapters: Adapters) -> str:
    settle(adapters, a_holding(contacts=[a_contact(rights=None)]), claimed=False)
    send = with_few(
        check_readiness, lambda: stage.staff("POST", "/api/staff/readiness", EVERYTHING)
    )
    return started(send())


@dataclass(frozen=True)
class Run:
    """A kind of run: its route, its worker, the setting that names its queue, and how one is begun."""

    kind: str
    package: str
    queue: str
    begin: Callable[[Stage, Adapters], str]

    def url(self, adapters: Adapters) -> str:
        url: str = getattr(adapters.settings, self.queue)
        return url


RUNS = {
    "import": Run("imports", "import_master_data", "import_queue", _import),
    "round": Run("rounds", "plan_requests", "plan_queue", _round),
    "reminders": Run("rounds", "plan_requests", "plan_queue", _reminders),
    "release": Run("releases", "release_readings", "release_queue", _release),
    "chunk of a release": Run("releases", "release_readings", "release_queue", _chunk),
    "export": Run("exports", "export_readings", "export_queue", _export),
    "readiness": Run("readiness", "check_readiness", "readiness_queue", _readiness),
}


every_kind = pytest.mark.parametrize("run", RUNS.values(), ids=RUNS)


def show(stage: Stage, run: Run, number: str, **more: Any) -> Any:
    answer = stage.staff("GET", f"/api/staff/{run.kind}/{number}", **more)
    assert answer.status == 200, answer.text
    return answer.json


def state(stage: Stage, run: Run, number: str) -> tuple[str, str | None]:
    told = show(stage, run, number)
    return told["state"], told["problem"]


def restart(stage: Stage, run: Run, number: str, **more: Any) -> Answer:
    return stage.staff("POST", f"/api/staff/runs/{run.kind}/{number}/restart", **more)


def dead(stage: Stage, adapters: Adapters, run: Run, fate: str = FATE) -> str:
    """A run whose message has died, and which is known to have failed."""
    number = run.begin(stage, adapters)
    die(stage, run.package, run.url(adapters), fate)
    assert look(stage) == 1
    return number


def its_time_is_over(adapters: Adapters, run: Run, number: str) -> None:
    item = adapters.table.get(*header(run, number))
    assert item is not None
    over = datetime.fromisoformat(item["lease_until"]) - timedelta(minutes=17)
    values = {"over": over.isoformat(timespec="seconds")}
    adapters.table.write(
        Write(key=header(run, number), update="SET #lease_until = :over", values=values)
    )


def header(run: Run, number: str) -> tuple[str, str]:
    kind = {"readiness": "CHECK"}.get(run.kind, run.kind.upper().removesuffix("S"))
    return keys.run(kind, number)
