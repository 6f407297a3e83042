"""Row 16: the console's read model over 40,000 companies with 100,000 contracts and 300,000 machines.

Bytes of the snapshot's parts, and what a build and a poll cost; the build runs in a process of its own.
"""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

from meterportal.store.portfolio import changes
from meterportal.store.table import Table

from tests.benchmarks.figures import Row, at_most
from tests.benchmarks.portfolio.generate import FULL, Size, portfolio
from tests.benchmarks.portfolio.index_pages import Consumed, client, write_pages

_MB = 1_000_000


def rows(*, size: Size = FULL) -> Iterator[Row]:
    """Goals are those of the full size."""
    with TemporaryDirectory() as directory:
        folder = Path(directory)
        write_pages(portfolio(size), folder)
        command = [sys.executable, "-m", "tests.benchmarks.portfolio.measure", str(folder)]
        told = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    built = json.loads(told)
    sizes = built["bytes"]
    yield Row("16 grid", sizes["grid"] / _MB, "MB", goal=at_most(1.0))
    yield Row("16 machines", sizes["machines"] / _MB, "MB")
    yield Row("16 people", sizes["people"] / _MB, "MB")
    yield Row("16 all parts", sum(sizes.values()) / _MB, "MB", goal=at_most(8))
    yield Row("16 build, rows", built["rows"], "rows")
    yield Row("16 build, reading", built["read_s"], "s CPU")
    yield Row("16 build, packing", built["pack_s"], "s CPU")
    yield Row("16 build, statistics", built["count_s"], "s CPU")
    yield Row("16 build, memory", built["memory_mb"], "MiB", goal=at_most(1_400))
    yield Row("16 build, requests", built["requests"], "requests")
    yield Row("16 build, units", built["units"], "RRU")
    idle = Consumed()
    table = Table(client(Path(), idle), "table")
    assert not list(changes.between(table, "2026-11-23T10", "2026-11-23T11", page=500))
    yield Row("16 idle poll, requests", idle.requests, "requests", goal=at_most(8))
    yield Row("16 idle poll, units", idle.units, "RRU", goal=at_most(4))
