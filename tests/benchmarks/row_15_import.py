"""Row 15: the import of an export, beside csv.DictReader and pydantic that store nothing; and its memory.

The table and the bucket lie on this machine's disk: what is measured is the import's own work.
"""

from __future__ import annotations

import math
from collections.abc import Iterator

from tests.benchmarks.figures import Row, at_least_times, at_most
from tests.benchmarks.imports.__main__ import alone

CONTRACTS = (200, 2_000)
QUARTERS = 16
"""A reading each, for four years."""


def rows(*, contracts: tuple[int, int] = CONTRACTS, quarters: int = QUARTERS) -> Iterator[Row]:
    """Goals are those of the larger one; rows a second of processor time."""
    few, many = (alone(count, quarters) for count in contracts)
    yield Row(
        f"15 import, {many['rows']:,} rows",
        many["rows_a_second"],
        "rows/s CPU",
        many["reference_rows_a_second"],
        at_least_times(0.3),
    )
    yield Row("15 import, memory", many["peak_mib"], "MiB", few["peak_mib"], at_most(512))
    exponent = math.log(many["seconds"] / few["seconds"]) / math.log(many["rows"] / few["rows"])
    seconds = {one["rows"]: one["seconds"] for one in (few, many)}
    yield Row("15 import, exponent", exponent, "", goal=at_most(1.1), points=seconds)
