"""Every task of a month of staff has its tests: to the end, and with a failing server and a reload."""

from __future__ import annotations

import re

import pytest

from tests.e2e.tasks import TASKS, StaffTask
from tests.unit.pages.test_portal_flows import functions

FAILS = ("route(", "failing(", "failing_once(")
LOOKS = re.compile(r"application|downloaded\(|card\(|states\(|black\(|there\(|company\(|mails_to\(")
"""What of a test's text looks past the page: the application's API, its mails, its files."""

MONTH = {
    "import", "make ready", "mend an address", "request", "resend", "bounce and lift", "phone entry",
    "conspicuous value by key", "ask back", "estimate the missing", "replacement", "reset", "release",
    "correct after release", "export", "acknowledge line by line", "statistics", "audit",
}  # fmt: skip


def text_of(test: str) -> str:
    file, _, function = test.partition("::")
    found = functions(file)
    assert function in found, test
    return found[function].partition("-> None:")[2]


def test_the_list_is_the_month() -> None:
    assert {task.name for task in TASKS} == MONTH
    assert len(TASKS) == len(MONTH)


@pytest.mark.parametrize("task", TASKS, ids=[task.name for task in TASKS])
def test_a_task_is_carried_to_its_end(task: StaffTask) -> None:
    assert LOOKS.search(text_of(task.done)), task.done


@pytest.mark.parametrize("task", TASKS, ids=[task.name for task in TASKS])
def test_a_task_survives_a_failing_server_and_a_reload(task: StaffTask) -> None:
    text = text_of(task.stumbles)
    assert any(fails in text for fails in FAILS) or "pressed_twice(" in text, task.stumbles
    assert ".reload()" in text, task.stumbles
