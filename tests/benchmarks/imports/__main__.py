"""`python -m tests.benchmarks.imports CONTRACTS ...`: imports an export of each size, in a process of its
own, and tells rows a second of process time, beside the peer's, peak memory, pieces and requests; then the
exponent.

`--quarters 4`: a shorter history. `--again`: the same export once more, so that nothing changes.
"""

from __future__ import annotations

import argparse
import json
import math
import os
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from meterportal.adapters import Adapters
from meterportal.crypto import KeyRing
from meterportal.domain.exchange.import_runs import Import
from meterportal.queues import Queues
from meterportal.settings import Moment, Settings, settings
from meterportal.store.exchange import imports
from meterportal.usecases.exchange import import_master_data
from meterportal.usecases.exchange.import_master_data import run_import

from tests.benchmarks.imports import reference
from tests.benchmarks.imports.export import written
from tests.benchmarks.imports.in_process import DiskFiles, DiskTable
from tests.benchmarks.memory import peak

NOW = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
_HALF = 450.0
"""Seconds of an invocation, half of the function's time: then the import goes on in the next one."""


class _Nobody(Queues):
    """A queue that nobody reads: the import is called again here."""

    def __init__(self) -> None:
        super().__init__(None)

    def send(self, url: str, messages: Iterable[Mapping[str, Any]], *, delay: int = 0) -> None:
        """Does nothing."""


def measured(contracts: int, quarters: int, *, again: bool) -> dict[str, Any]:
    """One import, or two of the same file; figures of the last one."""
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        export = folder / "imports" / "drop" / "export.zip"
        export.parent.mkdir(parents=True)
        rows = written(export, contracts, quarters=quarters)
        took_reference = _by_reference(export, rows)
        begun_with = peak()
        adapters = on_disk(folder)
        figures: dict[str, Any] = {}
        for run in range(1 + again):
            figures = imported(adapters, f"run{run}", rows)
        peak_mib = peak()
        # Again behind the import: a machine that others use is not the same speed all the time.
        took_reference = (took_reference + _by_reference(export, rows)) / 2
        return figures | {
            "contracts": contracts,
            "rows": rows,
            "bytes": export.stat().st_size,
            "reference_rows_a_second": rows / took_reference,
            "peak_mib": peak_mib,
            "grown_mib": peak_mib - begun_with,
        }


def alone(contracts: int, quarters: int, *, again: bool = False) -> dict[str, Any]:
    """What `measured` finds in a process of its own."""
    command = [sys.executable, "-m", "tests.benchmarks.imports", str(contracts), "--alone"]
    command += ["--quarters", str(quarters), *(["--again"] if again else [])]
    told = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    found: dict[str, Any] = json.loads(told.splitlines()[-1])
    return found


def _by_reference(export: Path, rows: int) -> float:
    """Seconds of the peer."""
    begun = time.process_time()
    assert reference.read(export) == rows
    return time.process_time() - begun


def _until(end: float) -> Callable[[], bool]:
    return lambda: time.process_time() < end


def imported(adapters: Adapters, number: str, rows: int) -> dict[str, Any]:
    """Imports the export in the folder of `on_disk`, in pieces; its figures."""
    table, files = adapters.table, adapters.files
    assert isinstance(table, DiskTable)
    assert isinstance(files, DiskFiles)
    table.counts, files.counts = Counter(), Counter()
    table.seconds = 0.0
    import_master_data.AT_ONCE = 0  # in pieces, whatever its size
    at = Moment(NOW, NOW.date())
    bucket = adapters.settings.import_bucket
    table.write(
        imports.create(
            Import(number, "drop", at.now, "2026-11-23", "export.zip", (bucket, "drop/export.zip"))
        )
    )
    begun = time.process_time()
    invocations = 0
    state = "running"
    while state == "running":
        end = time.process_time() + _HALF
        ended = run_import(adapters, number, at, has_time=_until(end))
        state, invocations = ended.state, invocations + 1
    spent = time.process_time() - begun - table.seconds
    assert (ended.state, ended.rows, ended.rejected) == ("done", rows, 0), ended
    return {
        "seconds": spent,
        "rows_a_second": rows / spent,
        "table_seconds": table.seconds,
        "invocations": invocations,
        "table": dict(table.counts),
        "bucket": dict(files.counts),
    }


def on_disk(folder: Path) -> Adapters:
    """A process whose table and bucket lie in a folder."""
    os.environ.setdefault("TABLE", "table")
    chosen: Settings = replace(settings(), import_bucket="imports", import_queue="queue")
    adapters = Adapters(chosen, client=lambda _: None)
    made: dict[str, Any] = {
        "table": DiskTable(folder / "table.sqlite"),
        "files": DiskFiles(folder),
        "queues": _Nobody(),
        "keys": KeyRing.from_secret("any", stage="bench"),
    }
    vars(adapters).update(made)
    return adapters


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("contracts", nargs="+", type=int)
    parser.add_argument("--quarters", type=int, default=16)
    parser.add_argument("--again", action="store_true")
    parser.add_argument("--alone", action="store_true", help="in this process")
    asked = parser.parse_args()
    if asked.alone:
        (contracts,) = asked.contracts
        print(json.dumps(measured(contracts, asked.quarters, again=asked.again)))
        return
    found: list[dict[str, Any]] = []
    for contracts in asked.contracts:
        found.append(alone(contracts, asked.quarters, again=asked.again))
        print(json.dumps(found[-1]), flush=True)
    if len(found) > 1:
        first, last = found[0], found[-1]
        steps = math.log(last["rows"] / first["rows"])
        print("exponent", round(math.log(last["seconds"] / first["seconds"]) / steps, 3))


if __name__ == "__main__":
    main()
