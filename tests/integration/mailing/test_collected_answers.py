"""The collected messages, each through the front door: what is reported, what staff get, what is ignored."""

from __future__ import annotations

from datetime import date

import pytest
from meterportal.adapters import Adapters
from meterportal.domain.mailing.answers.arrived import Outcome, TaskState
from meterportal.store.portfolio import machines

from tests.support.answering import EXPECTED, arrive, collected
from tests.support.stage import Stage

MAILS = EXPECTED["mails"]
OUTCOMES = {"reported": Outcome.REPORTED, "staff": Outcome.TASK, "ignore": Outcome.IGNORED}
FROM_DEVICES = {name for name, told in MAILS.items() if told["recipient"].startswith("geraete@")}


def standing(adapters: Adapters) -> dict[str, dict[str, tuple[int, str, date]]]:
    """The values that stand in the open periods, with how they came: by machine and kind of counter."""
    found: dict[str, dict[str, tuple[int, str, date]]] = {}
    serials = list(EXPECTED["context"]["machines"])
    for machine in machines.find(adapters.table, serials).values():
        for meter in machine.meters:
            if reading := machine.reading(meter.id):
                told = (reading.value, reading.channel.value, reading.read_on)
                found.setdefault(machine.id, {})[meter.kind.value] = told
    return found


@pytest.mark.parametrize("name", sorted(MAILS))
def test_a_collected_message(stage: Stage, adapters: Adapters, name: str) -> None:
    told = MAILS[name]
    world = collected(stage, adapters, name)
    source = "" if told.get("reason") == "auto_reply" else told["from"]
    end = arrive(
        stage,
        adapters,
        world.raw(name),
        world.recipient(name),
        source=source,
        verdicts=told["verdicts"],
    )
    assert (end.outcome, end.doubts) == (OUTCOMES[told["outcome"]], end.doubts)
    wanted = told.get("values", {})
    channel = "MPS" if name in FROM_DEVICES else "EMAIL"
    day = date.fromisoformat(told.get("read_on", "2026-11-23"))
    assert standing(adapters) == {
        machine: {kind: (value, channel, day) for kind, value in values.items()}
        for machine, values in wanted.items()
    }
    if told["outcome"] != "reported":
        assert told["reason"] in (end.reason, *end.doubts)
    if told["outcome"] == "staff":
        assert end.state is TaskState.OPEN
        assert end.attachments == tuple(told.get("attachments", ()))
        (listed,) = stage.staff("GET", "/api/staff/answers").json["answers"]
        proposed = {
            machine["id"]: {meter["kind"]: meter["value"] for meter in machine["meters"]}
            for machine in listed["machines"]
        }
        assert proposed == told["proposal"]["values"]
        assert listed["remind_on"] == told["proposal"].get("remind_on")
    else:
        assert stage.staff("GET", "/api/staff/answers").json["answers"] == []
