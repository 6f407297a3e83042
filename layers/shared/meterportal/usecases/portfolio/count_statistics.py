"""Counts the months around today whenever a snapshot is built, from its rows.

The lines of a month lie in a file, so that what has gone on to its next due date is still counted. Of two
builds at once the later one stays; what the earlier one alone knew is counted again by the next.
"""

from __future__ import annotations

import gzip
import json
from collections.abc import Sequence
from typing import Any

from meterportal.adapters import Adapters
from meterportal.domain.portfolio.snapshots import Portfolio, zipped
from meterportal.domain.portfolio.statistics import (
    by_company,
    lines_of,
    merged,
    months_around,
    packed,
    summed_up,
    unpacked,
)
from meterportal.settings import Moment
from meterportal.store.portfolio import statistics


def lines_key(month: str) -> str:
    """Where the lines of a month lie in the bucket."""
    return f"statistics/{month}/lines"


def companies_key(month: str) -> str:
    """Where the sums of a month by company lie."""
    return f"statistics/{month}/companies"


def count_statistics(adapters: Adapters, at: Moment, found: Portfolio) -> None:
    """Each month: a file fetched, a write, two files; no write where nothing is or was due."""
    months = months_around(at.today)
    for month, now in lines_of(found, months).items():
        known = _fetched(adapters, lines_key(month))
        lines = merged(unpacked(known), now)
        if not lines or not statistics.keep(adapters.table, month, summed_up(lines), at=at.now):
            continue
        _put(adapters, companies_key(month), by_company(lines))
        _put(adapters, lines_key(month), packed(lines))


def _fetched(adapters: Adapters, key: str) -> list[Any]:
    content = adapters.files.find(adapters.settings.portfolio_bucket, key)
    found: list[Any] = json.loads(gzip.decompress(content)) if content else []
    return found


def _put(adapters: Adapters, key: str, rows: Sequence[Sequence[Any]]) -> None:
    content = zipped(json.dumps(rows, separators=(",", ":")).encode())
    bucket = adapters.settings.portfolio_bucket
    adapters.files.put(bucket, key, content, content_type="application/gzip")
