"""One build of a snapshot over pages that lie in a folder, in a process of its own: JSON on stdout."""

from __future__ import annotations

import json
import sys
import time
from pathlib import Path
from typing import Any

from meterportal.domain.portfolio.rows import newest
from meterportal.domain.portfolio.snapshots import ordered, parts, zipped
from meterportal.domain.portfolio.statistics import (
    by_company,
    lines_of,
    merged,
    months_around,
    packed,
    summed_up,
    unpacked,
)
from meterportal.store.portfolio import changes
from meterportal.store.table import Table

from tests.benchmarks.memory import peak
from tests.benchmarks.portfolio.generate import TODAY
from tests.benchmarks.portfolio.index_pages import Consumed, client


def measured(folder: Path) -> dict[str, Any]:
    """Bytes a part, processor time of reading, packing and counting, memory, requests and units."""
    consumed = Consumed()
    table = Table(client(folder, consumed), "table")
    before = peak()
    begun = time.process_time()
    found = ordered(newest(changes.everything(table)).values())
    read = time.process_time()
    zipped_parts = {part.name: zipped(part.content) for part in parts(found)}
    ended = time.process_time()
    months = lines_of(found, months_around(TODAY))
    for lines in months.values():  # as if each had been counted before
        known = unpacked(json.loads(json.dumps(packed(lines))))
        summed_up(merged(known, lines))
        by_company(lines)
    counted = time.process_time()
    return {
        "bytes": {name: len(content) for name, content in zipped_parts.items()},
        "rows": len(found.companies)
        + len(found.contacts)
        + len(found.contracts)
        + len(found.machines),
        "read_s": read - begun,
        "pack_s": ended - read,
        "count_s": counted - ended,
        "memory_mb": peak() - before,
        "requests": consumed.requests,
        "units": consumed.units,
    }


if __name__ == "__main__":
    print(json.dumps(measured(Path(sys.argv[1]))))
