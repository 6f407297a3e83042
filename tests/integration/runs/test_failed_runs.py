"""A run whose worker died at every delivery ends as failed, in words; and can be brought to its end."""

from __future__ import annotations

from datetime import timedelta

import pytest
from meterportal.adapters import Adapters
from meterportal.store.writes import Write

from tests.support import clock, world
from tests.support.broken_runs import (
    FATE,
    RUNS,
    Run,
    dead,
    every_kind,
    header,
    its_time_is_over,
    restart,
    show,
    state,
)
from tests.support.dying import FATES, die, forget, letters, look, redrive
from tests.support.faults import killed
from tests.support.stage import Context, Stage, delivery


@pytest.mark.parametrize("fate", FATES)
@every_kind
def test_a_run_whose_every_delivery_failed_has_failed_and_says_what_to_do(
    stage: Stage, adapters: Adapters, run: Run, fate: str
) -> None:
    number = run.begin(stage, adapters)
    assert state(stage, run, number) == ("running", None)
    assert die(stage, run.package, run.url(adapters), fate) == (3 if run.kind == "imports" else 5)
    assert state(stage, run, number) == ("running", None)
    assert look(stage) == 1
    told = show(stage, run, number)
    assert (told["state"], told["problem"], told["restartable"]) == ("failed", "broken_off", True)
    assert told["problem_text"].startswith("Dieser Lauf ist abgebrochen, auch beim letzten Versuch")
    assert "„Erneut starten“" in told["problem_text"]
    assert "“Start again”" in show(stage, run, number, language="en")["problem_text"]
    if run.kind != "readiness":
        listed = stage.staff("GET", f"/api/staff/{run.kind}").json[run.kind]
        assert next(one for one in listed if one["id"] == number)["state"] == "failed"


@every_kind
def test_the_letter_stays_and_tells_its_news_once(
    stage: Stage, adapters: Adapters, run: Run
) -> None:
    dead(stage, adapters, run)
    before = letters(stage, run.url(adapters))
    assert len(before) == 1
    assert look(stage) == 0
    assert letters(stage, run.url(adapters)) == before


@every_kind
def test_a_redriven_letter_carries_the_run_to_its_end(
    stage: Stage, adapters: Adapters, run: Run
) -> None:
    number = dead(stage, adapters, run)
    assert redrive(stage, run.url(adapters)) == 1
    sqs = stage.client("sqs")
    (message,) = sqs.receive_message(QueueUrl=run.url(adapters))["Messages"]
    event = delivery(message["Body"])
    # Killed once more in the middle: then it runs, and comes back.
    for call in range(2, 6):
        with killed(call, reads=True):
            stage.handler(run.package)(event, Context())
        if state(stage, run, number)[0] != "failed":
            break
    assert state(stage, run, number)[0] in {"running", "done"}
    stage.drain()
    assert state(stage, run, number) == ("done", None)
    assert look(stage) == 0


@every_kind
def test_staff_start_it_again_and_the_old_letter_means_nothing_any_more(
    stage: Stage, adapters: Adapters, run: Run
) -> None:
    number = dead(stage, adapters, run)
    assert restart(stage, run, number).status == 202
    assert state(stage, run, number) == ("running", None)
    assert look(stage) == 0
    assert state(stage, run, number) == ("running", None)
    assert restart(stage, run, number).status == 202, "said again, it is the same"
    stage.drain()
    ended = show(stage, run, number)
    assert ended["state"] == "done"
    assert redrive(stage, run.url(adapters)) == 1
    stage.drain()
    again = show(stage, run, number)
    for told in (ended, again):
        for file in told.get("files", ()):
            file.pop("url", None)  # signed anew each time
    assert again == ended
    assert len(stage.mails()) == {"round": 1, "reminders": 2}.get(_name(run), 0)


def _name(run: Run) -> str:
    return next(name for name, one in RUNS.items() if one is run)


@every_kind
def test_a_second_death_is_news_again(stage: Stage, adapters: Adapters, run: Run) -> None:
    number = dead(stage, adapters, run)
    assert restart(stage, run, number).status == 202
    die(stage, run.package, run.url(adapters), FATE)
    assert look(stage) >= 1
    assert state(stage, run, number) == ("failed", "broken_off")


@pytest.mark.parametrize("by_staff", [False, True], ids=["by itself", "by staff"])
@pytest.mark.parametrize("run", [one for one in RUNS.values() if one.kind != "releases"])
def test_a_run_whose_worker_ended_without_an_end_is_interrupted_until_it_comes_again(
    stage: Stage, adapters: Adapters, run: Run, by_staff: bool
) -> None:
    number = run.begin(stage, adapters)
    (message,) = stage.client("sqs").receive_message(QueueUrl=run.url(adapters))["Messages"]
    event = delivery(message["Body"])
    with killed(4, reads=True):
        stage.handler(run.package)(event, Context())
    assert state(stage, run, number) == ("running", None)
    its_time_is_over(adapters, run, number)
    told = show(stage, run, number)
    assert (told["state"], told["problem"]) == ("failed", "interrupted")
    assert "Er geht von selbst weiter" in told["problem_text"]
    if by_staff:
        assert restart(stage, run, number).status == 202
        assert state(stage, run, number) == ("running", None)
    else:
        world.reveal()  # the visibility timeout has passed
    stage.drain()
    assert state(stage, run, number) == ("done", None)


@every_kind
def test_after_hours_without_a_sign_of_life_a_run_is_lost_and_can_be_started_again(
    stage: Stage, adapters: Adapters, run: Run
) -> None:
    number = run.begin(stage, adapters)
    forget(stage, run.url(adapters))
    long_ago = (clock.now() - timedelta(hours=7)).isoformat(timespec="milliseconds")
    begun = Write(key=header(run, number), update="SET #created_at = :at", values={"at": long_ago})
    adapters.table.write(begun)
    told = show(stage, run, number)
    assert (told["state"], told["problem"]) == ("failed", "lost")
    assert "seit mehr als 6 Stunden" in told["problem_text"]
    assert restart(stage, run, number).status == 202
    assert state(stage, run, number) == ("running", None)
    stage.drain()
    assert state(stage, run, number) == ("done", None)


@every_kind
def test_a_run_that_has_not_broken_off_is_not_started_again(
    stage: Stage, adapters: Adapters, run: Run
) -> None:
    number = run.begin(stage, adapters)
    refused = restart(stage, run, number)
    assert (refused.status, refused.json["code"]) == (409, "not_failed")
    stage.drain()
    assert restart(stage, run, number).status == 409
    assert restart(stage, run, "unknown").status == 404


@pytest.mark.parametrize(
    ("kind", "group"),
    [
        ("imports", "admin"),
        ("rounds", "remind"),
        ("readiness", "remind"),
        ("releases", "release"),
        ("exports", "release"),
    ],
)
def test_who_may_begin_a_run_may_start_it_again(stage: Stage, kind: str, group: str) -> None:
    path = f"/api/staff/runs/{kind}/none/restart"
    for groups in ("read", "remind", "release"):
        expected = 404 if groups == group else 403
        assert stage.staff("POST", path, groups=groups).status == expected
    assert stage.staff("POST", path, groups="admin").status == 404
    assert stage.staff("POST", "/api/staff/runs/machines/none/restart").status == 400
