"""`python -m tests.benchmarks.plausibility`: quality on the reporting seeds and the demo, and speed.

Prints the tables of docs/plausibility.md and writes build/bench-plausibility.json. `--tuning` takes
the tuning seeds instead, `--companies` per seed (60).
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path

from tests.benchmarks.plausibility.demo import demo_companies
from tests.benchmarks.plausibility.fleets import REPORTING_SEEDS, TUNING_SEEDS
from tests.benchmarks.plausibility.measure import EAGER, measure
from tests.benchmarks.plausibility.report import as_data, of_seeds, table
from tests.benchmarks.plausibility.speed import speed

BUILD = Path(__file__).parents[3] / "build"


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--tuning", action="store_true")
    arguments.add_argument("--companies", type=int, default=60)
    given = arguments.parse_args()
    seeds = TUNING_SEEDS if given.tuning else REPORTING_SEEDS
    title = "tuning fleets" if given.tuning else "reporting fleets"
    demo = demo_companies()
    results = {
        title: as_data(*of_seeds(seeds, given.companies)),
        "demo export": as_data(measure(demo, seed=1), measure(demo, seed=1, tolerances=EAGER)),
    }
    for name, data in results.items():
        print(table(name, data))
    measured = speed()
    print(json.dumps(measured, indent=1))
    BUILD.mkdir(exist_ok=True)
    written = json.dumps({**results, "speed": measured}, indent=1, ensure_ascii=False)
    (BUILD / "bench-plausibility.json").write_text(written, encoding="utf-8")


if __name__ == "__main__":
    main()
