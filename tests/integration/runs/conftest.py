"""What tests of AWS that fails play on."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

import pytest
from meterportal.adapters import Adapters
from meterportal.settings import Moment

from tests.support.outages.faults import Wire, wired
from tests.support.outages.trial import Scene
from tests.support.stage import Stage


@pytest.fixture(autouse=True)
def _empty_queues(stage: Stage) -> None:
    stage.drain()


@pytest.fixture(scope="module")
def tried(request: pytest.FixtureRequest) -> Iterator[Counter[str]]:
    """Counts the faults tried, and says at the end how many."""
    counts: Counter[str] = Counter()
    yield counts
    lines = request.config.pluginmanager.getplugin("terminalreporter")
    if lines is not None:
        lines.write_line(f"\nfaults of AWS tried: {counts.total()} {dict(counts)}")


@pytest.fixture
def wire(monkeypatch: pytest.MonkeyPatch) -> Wire:
    return wired(monkeypatch)


@pytest.fixture
def scene(stage: Stage, adapters: Adapters, at: Moment) -> Scene:
    """The stage, with its secrets read."""
    assert adapters.keys
    assert adapters.origin_secret
    return Scene(stage, adapters, at)
