"""Row 9: what an export writes of released readings, beside csv.writer that gets finished cells.

First its lines of CSV alone, then all three files with their sums, from the stored rows to the bucket; AWS's
answers are given again.
"""

from __future__ import annotations

import csv
import io
import logging
from collections.abc import Iterator
from dataclasses import replace

import pytest
from meterportal.adapters import Adapters, adapters
from meterportal.batches import batches
from meterportal.domain.exchange.batches import BatchState, Export, Writing
from meterportal.domain.exchange.exports import as_columns
from meterportal.domain.sheets import csv_of
from meterportal.settings import moment
from meterportal.store.exchange import exports
from meterportal.usecases.exchange import export_readings, write_export

from tests.benchmarks.figures import Row, at_most_times
from tests.benchmarks.replay import alternating, as_shipped, replayed
from tests.conftest import built
from tests.support.builders import settle_machine
from tests.support.reported import a_reported_machine, release_at_once, settle_reported
from tests.support.stage import ANNA

MACHINES = 1_000
"""Of two readings each."""

_AT_ONCE = 100


def rows(*, machines: int = MACHINES) -> Iterator[Row]:
    """Readings a second of processor time would say the same; milliseconds are told."""
    logging.disable()
    with pytest.MonkeyPatch.context() as monkeypatch, built(monkeypatch):
        as_shipped(monkeypatch)
        made = adapters()
        sealed = _sealed(made, machines)
        lines = [line for row in exports.rows(made.table, sealed.id) for line in row.lines]
        cells = [list(as_columns(line)) for line in lines]

        def written() -> None:
            for part in batches(lines, _AT_ONCE):
                csv_of(map(as_columns, part)).encode()

        def files() -> None:
            done = write_export.write_files(made, sealed, has_time=lambda: True)
            assert done is not None
            assert done.count == 2 * machines

        def reference() -> None:
            text = io.StringIO()
            csv.writer(text, delimiter=";").writerows(cells)
            text.getvalue().encode()

        with replayed(made.table._client, made.files._client):
            took, all_three, plain = alternating(written, files, reference)
    name = f"9 export of {len(lines):,} readings"
    yield Row(f"{name}, CSV", took * 1_000, "ms CPU", plain * 1_000, at_most_times(3))
    yield Row(f"{name}, all files", all_three * 1_000, "ms CPU", plain * 1_000, at_most_times(8))


def _sealed(made: Adapters, machines: int) -> Export:
    """An export of released machines as it stands before its files are written."""
    settle_reported(made, [])
    for n in range(machines):
        release_at_once(made, settle_machine(made, a_reported_machine(str(200_000 + n))))
    number = export_readings.start(made, by=ANNA, at=moment())
    export_readings.export(made, number, at=moment(), has_time=lambda: True)
    found = exports.load(made.table, number)
    assert found is not None
    return replace(found, state=BatchState.SEALED, writing=Writing())
