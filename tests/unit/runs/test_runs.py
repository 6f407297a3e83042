"""When a run has failed, and what people are told of it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from meterportal.domain.runs import (
    GIVEN_UP,
    NOT_BROKEN,
    BrokenOff,
    RunKind,
    RunProblem,
    RunState,
    answer_part,
    state_of,
)

NOW = datetime(2026, 11, 28, 10, 0, tzinfo=UTC)
FACTS = {"changes": 7, "sent": 3, "left": 1, "planned": 4, "done": 2, "machines": 5}


def judged(broken: BrokenOff = NOT_BROKEN, **more: Any) -> tuple[str, RunProblem | None]:
    given: dict[str, Any] = {"finished": False, "created_at": NOW, "now": NOW} | more
    found = state_of(broken=broken, **given)
    return found.state, found.problem


def test_done_wins_over_whatever_was_noted() -> None:
    dead = BrokenOff(frozenset({"run"}), NOW, lease_until=NOW - timedelta(days=1))
    assert judged(dead) == ("failed", RunProblem.BROKEN_OFF)
    assert judged(dead, finished=True) == ("done", None)


@pytest.mark.parametrize(
    ("minutes", "expected"),
    [(-1, ("failed", RunProblem.INTERRUPTED)), (0, ("running", None)), (1, ("running", None))],
)
def test_a_run_is_interrupted_once_its_worker_s_time_is_over(
    minutes: int, expected: tuple[str, RunProblem | None]
) -> None:
    assert judged(BrokenOff(lease_until=NOW + timedelta(minutes=minutes))) == expected


def test_a_run_is_lost_hours_after_it_was_begun_or_begun_again() -> None:
    old = NOW - GIVEN_UP - timedelta(seconds=1)
    assert judged(created_at=NOW - GIVEN_UP) == ("running", None)
    assert judged(created_at=old) == ("failed", RunProblem.LOST)
    assert judged(BrokenOff(restarted_at=NOW), created_at=old) == ("running", None)
    assert judged(BrokenOff(restarted_at=old), created_at=old) == ("failed", RunProblem.LOST)


def test_what_came_too_late_is_never_started_again() -> None:
    assert judged(finished=True, late=True) == ("failed", RunProblem.LATE)
    assert not RunState("failed", RunProblem.LATE).restartable
    assert not RunState("failed").restartable
    assert RunState("done", RunProblem.ANSWER_LEFT).restartable


def test_the_answers_of_the_erp_are_told_from_other_parts() -> None:
    parts = frozenset({"run", answer_part("b"), answer_part("a")})
    assert BrokenOff(parts).answers == ["a", "b"]


@pytest.mark.parametrize("kind", RunKind)
@pytest.mark.parametrize("problem", RunProblem)
def test_every_problem_of_every_kind_has_words_in_both_languages(
    kind: RunKind, problem: RunProblem
) -> None:
    found = RunState("failed", problem, at=NOW)
    german, english = (found.text(kind, language, **FACTS) for language in ("de", "en"))
    assert german and english and german != english  # noqa: PT018 - one thing: two texts
    assert not {"{", "}"} & {*german, *english}
    assert RunState("done").text(kind, "de") is None
    if found.restartable:
        assert "„Erneut starten“" in german
        assert "“Start again”" in english


def test_the_words_say_when_it_was_noticed() -> None:
    found = RunState("failed", RunProblem.BROKEN_OFF, at=NOW)
    assert " (28.11.2026, 10:00 Uhr)." in str(found.text(RunKind.EXPORT, "de"))
    assert " (2026-11-28 10:00)." in str(found.text(RunKind.EXPORT, "en"))
