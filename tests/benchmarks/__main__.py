"""`python -m tests.benchmarks [10 ...]`: all rows, or those of the numbers; no time fails it.

Prints each row's table as soon as it is measured and writes build/bench.json: by row its value,
unit, reference, ratio, goal and whether that is met. Rows that were not measured stay as they were.
"""

from __future__ import annotations

import argparse
import json
import pkgutil
import re
from collections.abc import Callable, Iterable, Sequence
from importlib import import_module
from pathlib import Path

from tests import benchmarks
from tests.benchmarks.figures import Data, Row, as_data, table

WRITTEN = Path(__file__).parents[2] / "build" / "bench.json"

Measure = Callable[[], Iterable[Row]]


def found() -> dict[int, str]:
    """The modules with rows by their number, lowest first. One number twice is a ValueError."""
    modules: dict[int, str] = {}
    for module in pkgutil.iter_modules(benchmarks.__path__):
        if named := re.fullmatch(r"row_(\d+)_\w+", module.name):
            number = int(named[1])
            if number in modules:
                raise ValueError(f"row {number} is in {modules[number]} and in {module.name}")
            modules[number] = module.name
    return dict(sorted(modules.items()))


def measured_by(module: str) -> Measure:
    """The function `rows` of a module, which is only imported now."""
    rows: Measure = import_module(f"{benchmarks.__name__}.{module}").rows
    return rows


def run(measures: Iterable[Measure], written: Path) -> None:
    """Measure, print and write, each as soon as it is known. Whether goals are met is told, never raised."""
    everything: list[Row] = []
    written.parent.mkdir(exist_ok=True)
    for measure in measures:
        rows = list(measure())
        print(table(rows), end="\n\n", flush=True)
        everything += rows
        _write(rows, written)
    missed = [row.name for row in everything if row.met is False]
    print("\n  ".join([f"{len(everything)} rows, goals not met: {len(missed)}", *missed]))


def _write(rows: Sequence[Row], written: Path) -> None:
    """In place of the rows of the same numbers, in the order of numbers."""
    before: dict[str, Data] = (
        json.loads(written.read_text(encoding="utf-8")) if written.exists() else {}
    )
    measured = {_number(row.name) for row in rows}
    kept = {name: data for name, data in before.items() if _number(name) not in measured}
    everything = sorted((kept | as_data(rows)).items(), key=lambda one: _number(one[0]))
    text = json.dumps(dict(everything), indent=1, ensure_ascii=False)
    written.write_text(text + "\n", encoding="utf-8")


def _number(name: str) -> int:
    """The number that a row's name begins with; one without stands before all others."""
    first = name.partition(" ")[0]
    return int(first) if first.isdecimal() else 0


def main(arguments: Sequence[str] | None = None) -> None:
    modules = found()
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("numbers", nargs="*", type=int, metavar="number", help="only these rows")
    numbers = parser.parse_args(arguments).numbers or [*modules]
    if unknown := [number for number in numbers if number not in modules]:
        parser.error(f"no row {unknown[0]}: there are {', '.join(map(str, modules))}")
    run((measured_by(modules[number]) for number in numbers), WRITTEN)


if __name__ == "__main__":
    main()
