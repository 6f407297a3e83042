"""Cognito as the tests of sessions of staff have it: it knows one code."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.support.staff_pool import Pool, serving, turn_to
from tests.support.stage import Stage


@pytest.fixture
def pool(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> Iterator[Pool]:
    with serving() as pool:
        turn_to(pool.url, monkeypatch)
        pool.codes["good"] = "mine"
        yield pool
