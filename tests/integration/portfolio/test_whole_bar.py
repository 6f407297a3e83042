"""Opened, exported, billed: what the console's rows say of a period beyond what was reported."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from meterportal.adapters import Adapters
from meterportal.domain.portfolio.machine_rows import ESTIMATES, MachineFlag
from meterportal.domain.portfolio.rows import MachineRow, OpeningRow
from meterportal.domain.reporting.readings import ReadingState
from meterportal.settings import Moment
from meterportal.store import keys
from meterportal.store.portfolio import changes, snapshots
from meterportal.store.writes import Write
from meterportal.usecases.portfolio.build_portfolio import build

from tests.support.access import PASSWORD, a_password
from tests.support.builders import DUE
from tests.support.customers import CLARA, before_the_next_write, change, open_by, stored
from tests.support.read_model import base_rows, fetched
from tests.support.reminding import days_after, remind
from tests.support.reported import (
    a_reported_machine,
    export,
    release_at_once,
    settle_reported,
)
from tests.support.requesting import FACILITY, a_company, ask, token_of
from tests.support.snapshot_reader import ColumnReader
from tests.support.stage import Stage
from tests.support.wire import counted

HANDED_OVER = MachineFlag.EXPORTED | MachineFlag.BILLED


def openings(adapters: Adapters) -> list[OpeningRow]:
    rows = [change.row for change in changes.everything(adapters.table)]
    return [row for row in rows if isinstance(row, OpeningRow)]


def flags_of(adapters: Adapters, number: str = "200001") -> int:
    row = base_rows(adapters.table)["machine", "10000", number]
    assert isinstance(row, MachineRow)
    return row.flags


def handed_over(adapters: Adapters, number: str = "200001") -> int:
    """What the row of a machine says of its way into the ERP."""
    return flags_of(adapters, number) & HANDED_OVER


def grid(adapters: Adapters, at: Moment) -> ColumnReader:
    made = build(adapters, at, has_time=lambda: True)
    assert made is not None
    return ColumnReader(fetched(adapters, made)["grid"])


def acknowledge(stage: Stage, run: Any, body: dict[str, Any]) -> None:
    answer = stage.staff("POST", f"/api/staff/exports/{run['id']}/ack", body, groups="release")
    assert answer.status == 200, answer.text


def exported(stage: Stage, adapters: Adapters, *numbers: str) -> Any:
    for machine in settle_reported(adapters, [a_reported_machine(n) for n in numbers]):
        release_at_once(adapters, machine)
    return export(stage)


def bill_later(adapters: Adapters, number: str) -> None:
    """An import brings a contract's next billing date."""
    adapters.table.write(
        Write(
            key=keys.contract("100001", number),
            update="SET #next_billing_on = :on",
            values={"on": "2027-02-28"},
            change=keys.change("100001", f"CONTRACT#{number}"),
        )
    )


# opened


def test_the_first_session_since_a_mail_opens_all_that_it_asked_for(
    stage: Stage, adapters: Adapters, at: Moment
) -> None:
    first, second = a_company(adapters, 1, contracts=2)
    (third,) = a_company(adapters, 2)
    a_company(adapters, 3, "otter@haus.example")
    ask(stage)
    assert openings(adapters) == []
    letter = next(mail for mail in stage.mails() if mail["To"] == FACILITY)
    assert open_by(stage, token_of(letter)).status == 201

    (opening,) = openings(adapters)
    due_on = DUE.isoformat()
    assert sorted(opening.contracts) == [
        ("100001", first, due_on),
        ("100001", second, due_on),
        ("100002", third, due_on),
    ]
    part = grid(adapters, at)
    assert part.numbers("contracts.asked") == [1, 1, 1, 1]
    assert part.numbers("contracts.opened") == [1, 1, 1, 0]


def test_a_console_is_told_of_an_opening_among_the_changes(
    stage: Stage, adapters: Adapters, monkeypatch: pytest.MonkeyPatch
) -> None:
    (number,) = a_company(adapters, 1)
    round_id = ask(stage)["id"]
    stage.staff("POST", "/api/staff/portfolio")
    stage.drain()
    after = stage.staff("GET", "/api/staff/portfolio").json["after"]
    open_by(stage, token_of(stage.mails()[0]))
    monkeypatch.setattr(
        "meterportal.usecases.portfolio.read_changes.HELD_BACK", -timedelta(minutes=1)
    )
    told = stage.staff("GET", f"/api/staff/portfolio/changes?after={after}").json["rows"]
    assert [row for row in told if row[0] == "opening"] == [
        ["opening", "100001", f"{round_id}#{FACILITY}", 1, [["100001", number, DUE.isoformat()]]]
    ]


def test_only_the_first_session_writes_and_a_reminder_is_a_mail_of_its_own(
    stage: Stage, adapters: Adapters, monkeypatch: pytest.MonkeyPatch
) -> None:
    a_company(adapters, 1)
    ask(stage)
    request = token_of(stage.mails()[0])
    open_by(stage, request)
    before = openings(adapters)
    with counted(adapters.table._client) as calls:
        open_by(stage, request)
    assert calls["dynamodb.UpdateItem"] == 1, "one write that fails"
    assert openings(adapters) == before
    days_after(monkeypatch, 3)
    remind(stage)
    open_by(stage, token_of(stage.mails()[1]))
    assert len(openings(adapters)) == 2


def test_who_comes_by_password_opens_the_newest_mail(
    stage: Stage, adapters: Adapters, at: Moment
) -> None:
    a_company(adapters, 1, CLARA)
    round_id = ask(stage)["id"]
    a_password(adapters, at)
    body = {"email": CLARA, "password": PASSWORD}
    assert stage.customer("POST", "/api/session?overview=1", body).status == 201
    assert [row.id for row in openings(adapters)] == [f"{round_id}#{CLARA}"]


def test_an_opening_tells_nothing_of_the_next_period(
    stage: Stage, adapters: Adapters, at: Moment
) -> None:
    (number,) = a_company(adapters, 1)
    ask(stage)
    open_by(stage, token_of(stage.mails()[0]))
    assert grid(adapters, at).numbers("contracts.opened") == [1]
    bill_later(adapters, number)
    assert grid(adapters, at).numbers("contracts.opened") == [0]


# exported and billed


def test_a_batch_tells_its_machines_and_an_answer_of_the_erp_does(
    stage: Stage, adapters: Adapters, at: Moment
) -> None:
    for machine in settle_reported(adapters, [a_reported_machine("200001")]):
        release_at_once(adapters, machine)
    assert handed_over(adapters) == 0
    version = stored(adapters).version
    run = export(stage)
    assert handed_over(adapters) == MachineFlag.EXPORTED
    assert stored(adapters).version == version, "no value has changed"
    part = grid(adapters, at)
    assert (part.numbers("contracts.exported"), part.numbers("contracts.billed")) == ([1], [0])
    acknowledge(stage, run, {"accepted": "all"})
    assert handed_over(adapters) == HANDED_OVER
    part = grid(adapters, at)
    assert (part.numbers("contracts.exported"), part.numbers("contracts.billed")) == ([1], [1])


def test_a_refused_line_is_released_and_not_exported(stage: Stage, adapters: Adapters) -> None:
    run = exported(stage, adapters, "200001", "200002")
    line = "200001.1.2026-11-28"
    acknowledge(
        stage,
        run,
        {"accepted": [], "refused": [{"reading_id": line, "reason": "Vertrag gesperrt"}]},
    )
    assert handed_over(adapters, "200001") == 0
    assert handed_over(adapters, "200002") == MachineFlag.EXPORTED


def test_a_machine_of_which_a_counter_waits_is_not_exported(
    stage: Stage, adapters: Adapters
) -> None:
    run = exported(stage, adapters, "200001")
    assert run["count"] == 2
    machine = stored(adapters)
    one, other = machine.readings
    waits = change(adapters, readings=(one, replace(other, batch=None)))
    assert waits.readings[1].state is ReadingState.RELEASED
    assert handed_over(adapters) == 0


def test_what_somebody_writes_while_it_is_exported_is_kept(
    stage: Stage, adapters: Adapters, monkeypatch: pytest.MonkeyPatch
) -> None:
    for machine in settle_reported(adapters, [a_reported_machine("200001")]):
        release_at_once(adapters, machine)
    started = stage.staff("POST", "/api/staff/exports", {}).json["id"]
    before_the_next_write(monkeypatch, adapters, lambda: change(adapters, serial="NEU"))
    stage.drain()
    assert stage.staff("GET", f"/api/staff/exports/{started}").json["count"] == 2
    assert stored(adapters).serial == "NEU"
    assert handed_over(adapters) == MachineFlag.EXPORTED


# upgrades


def test_rows_of_an_earlier_form_are_packed_anew_by_the_next_build(
    stage: Stage, adapters: Adapters, at: Moment
) -> None:
    run = exported(stage, adapters, "200001")
    acknowledge(stage, run, {"accepted": "all"})
    made = build(adapters, at, has_time=lambda: True)
    assert made is not None
    number = "200001"
    item = adapters.table.get(*keys.machine("10000", number)) or {}
    old = item["row"].replace(str(flags_of(adapters)), str(flags_of(adapters) & ~HANDED_OVER))
    adapters.table.write(
        Write(
            key=keys.machine("10000", number),
            update="SET #row = :row",
            values={"row": old},
            change=keys.change("10000", f"MACHINE#{number}"),
        )
    )
    adapters.table.write(Write(key=keys.filling(), update="REMOVE #form"))
    assert handed_over(adapters) == 0
    assert build(adapters, at, has_time=lambda: True) is not None
    assert handed_over(adapters) == HANDED_OVER
    assert snapshots.filled_up_to(adapters.table) is None


def test_flags_say_how_often_a_machine_was_estimated(stage: Stage, adapters: Adapters) -> None:
    settle_reported(adapters, [a_reported_machine("200001")])
    for times in range(5):
        machine = stored(adapters)
        first = machine.meters[0]
        last = first.history[-1]
        more = last._replace(read_on=last.read_on + timedelta(1), estimated=True)
        history = (*first.history, more) if times else first.history
        change(adapters, meters=(replace(first, history=history), *machine.meters[1:]))
        assert flags_of(adapters) >> ESTIMATES == min(times, 3)


def test_an_opening_leaves_the_index_when_its_period_is_over(
    stage: Stage, adapters: Adapters, at: Moment
) -> None:
    (number,) = a_company(adapters, 1)
    round_id = ask(stage)["id"]
    open_by(stage, token_of(stage.mails()[0]))
    grid(adapters, at)
    assert len(openings(adapters)) == 1
    bill_later(adapters, number)
    grid(adapters, at)
    assert openings(adapters) == []
    mail = adapters.table.get(f"ROUND#{round_id}", f"MAIL#{FACILITY}") or {}
    assert mail["opened_at"]
    open_by(stage, token_of(stage.mails()[0]))
    assert openings(adapters) == [], "it was the first session that counts"
