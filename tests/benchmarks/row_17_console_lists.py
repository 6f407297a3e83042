"""Row 17: the console's lists over 100,000 contracts and 300,000 machines, in a real browser.

The reference is the same page over 100 contracts, in the same run: what is left is what grows.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

from meterportal.domain.portfolio.rows import newest
from meterportal.domain.portfolio.snapshots import ordered, parts, zipped
from meterportal.store.portfolio import changes
from meterportal.store.table import Table

from tests.benchmarks.figures import Row, at_most
from tests.benchmarks.portfolio.generate import FULL, Size, portfolio
from tests.benchmarks.portfolio.index_pages import Consumed, client, write_pages

FEW = Size(40)


def rows(*, size: Size = FULL) -> Iterator[Row]:
    """Goals are those of the full size."""
    from tests.benchmarks.pages.console import measure, serving

    with serving(*_snapshot(FEW)) as url:
        few = measure(url)
    with serving(*_snapshot(size)) as url:
        many = measure(url)
    first, again = many.first_rows, many.after_reload
    yield Row("17 first rows", first, "ms", few.first_rows, goal=at_most(1_000))
    yield Row("17 first rows after a reload", again, "ms", few.after_reload, goal=at_most(1_000))
    yield Row("17 keystroke", many.keystroke, "ms CPU", few.keystroke, goal=at_most(50))
    yield Row("17 filter", many.filtering, "ms CPU", few.filtering, goal=at_most(50))
    yield Row("17 order", many.sorting, "ms CPU", few.sorting, goal=at_most(50))
    yield Row("17 scrolling", many.scrolling, "ms a task", few.scrolling, goal=at_most(50))


def _snapshot(size: Size) -> tuple[dict[str, bytes], dict[str, int]]:
    """The files of the parts, and how many rows each has."""
    with TemporaryDirectory() as directory:
        folder = Path(directory)
        write_pages(portfolio(size), folder)
        table = Table(client(folder, Consumed()), "table")
        found = parts(ordered(newest(changes.everything(table)).values()))
    files = {part.name: zipped(part.content) for part in found}
    return files, {part.name: part.rows for part in found}
