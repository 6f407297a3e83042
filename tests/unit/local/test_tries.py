"""Another try of a browser test has another application."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[3]
TESTS = """
import pytest

made = []
ended = []

@pytest.fixture(scope="session")
def application():
    made.append(len(made) + 1)
    yield made[-1]
    ended.append(made[-1])

def test_first(application):
    assert application == 1

@pytest.mark.flaky(reruns=2)
def test_that_needs_three_tries(application):
    assert ended == list(range(1, application))
    assert application == 3

def test_that_keeps_what_is_there(application):
    assert (application, ended) == (3, [1, 2])
"""


def test_each_further_try_has_new_fixtures_of_the_session(tmp_path: Path) -> None:
    (tmp_path / "test_tries_inside.py").write_text(TESTS, encoding="utf-8")
    (tmp_path / "conftest.py").write_text(
        "from tests.support.tries import pytest_runtest_setup\n", encoding="utf-8"
    )
    quiet = ["-q", "-o", "addopts=", "-p", "no:randomly", "-p", "no:cacheprovider"]
    run = subprocess.run(
        [sys.executable, "-m", "pytest", *quiet, f"--rootdir={tmp_path}", str(tmp_path)],
        cwd=ROOT,
        env={"PYTHONPATH": str(ROOT), "PATH": ""},
        capture_output=True,
        text=True,
        check=False,
    )
    assert run.returncode == 0, run.stdout + run.stderr
    assert "3 passed, 2 rerun" in run.stdout
