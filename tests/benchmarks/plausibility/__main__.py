"""`python -m tests.benchmarks.plausibility`: quality on the reporting seeds and the demo, and speed.

Prints the tables of docs/plausibility.md and writes build/bench-plausibility.json. `--tuning` takes
the tuning seeds instead, `--companies` per seed (60).
"""

from __future__ import annotations

import argparse
import json
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from pathlib import Path
from typing import Any

from tests.benchmarks.plausibility.demo import demo_companies
from tests.benchmarks.plausibility.fleets import REPORTING_SEEDS, TUNING_SEEDS, fleet
from tests.benchmarks.plausibility.measure import EAGER, Quality, measure
from tests.benchmarks.plausibility.reference import REFERENCE_RULES
from tests.benchmarks.plausibility.slips import KINDS
from tests.benchmarks.plausibility.speed import speed

BUILD = Path(__file__).parents[3] / "build"


def of_seed(seed: int, companies: int) -> tuple[Quality, Quality]:
    """With the usual tolerances, and with eager ones."""
    fleets = list(fleet(seed, companies))
    return measure(fleets, seed=seed), measure(fleets, seed=seed, tolerances=EAGER)


def of_seeds(seeds: range, companies: int) -> tuple[Quality, Quality]:
    """All seeds together, on two processes."""
    usual, eager = Quality(), Quality()
    with ProcessPoolExecutor(2) as pool:
        for found in pool.map(partial(of_seed, companies=companies), seeds):
            usual.add(found[0])
            eager.add(found[1])
    return usual, eager


def as_data(quality: Quality, eager: Quality) -> dict[str, Any]:
    """Everything that the table shows, as shares."""
    return {
        "eager": {
            "false_alarms": eager.false_alarms(),
            "found_beyond_half": eager.share_found("half"),
            "found_beyond_twice": eager.share_found("twice"),
        },
        "meters": quality.true["goal"],
        "false_alarms": quality.false_alarms(),
        "false_alarms_by_group": {
            group: [quality.asked[group], quality.true[group]] for group in sorted(quality.true)
        },
        "found_beyond_half": quality.share_found("half"),
        "found_beyond_twice": quality.share_found("twice"),
        "kinds": {
            kind: {
                "planted": quality.planted[kind, "all"],
                "found": quality.share_found("all", kind),
                "found_beyond_half": quality.share_found("half", kind),
                "found_beyond_twice": quality.share_found("twice", kind),
                "named": quality.share_of_found(quality.named, kind),
                "right_first": quality.share_of_found(quality.first, kind),
                "right_offered": quality.share_of_found(quality.offered, kind),
                "no_number": quality.share_of_found(quality.silent, kind),
            }
            for kind in KINDS
        },
        "reference": {
            f"{rule.name}{' as quiet' if quiet else ''}": {
                "limit": limit,
                "false_alarms": quality.asked_by(rule, "true", limit=limit),
                "found_beyond_half": quality.asked_by(rule, "half", limit=limit),
                "found_beyond_twice": quality.asked_by(rule, "twice", limit=limit),
            }
            for rule in REFERENCE_RULES
            for quiet in (False, True)
            for limit in [quality.limit_as_quiet(rule) if quiet else rule.limit]
        },
    }


def table(title: str, data: dict[str, Any]) -> str:
    """The shares as a table in Markdown."""
    lines = [
        f"## {title}: {data['meters']} meters",
        "",
        "| | false alarms | found, beyond half | found, beyond twice |",
        "|---|---|---|---|",
        _row(
            "the check", data["false_alarms"], data["found_beyond_half"], data["found_beyond_twice"]
        ),
    ]
    lines.append(_row("the check, set eager", *data["eager"].values()))
    for name, rule in data["reference"].items():
        named = f"{name} ({rule['limit']:.2f})"
        found = rule["found_beyond_half"], rule["found_beyond_twice"]
        lines.append(_row(named, rule["false_alarms"], *found))
    lines += [
        "",
        "| slip | planted | found | beyond half | beyond twice | named | right first | right offered | no number |",
        "|---|---|---|---|---|---|---|---|---|",
    ]
    for kind, found in data["kinds"].items():
        planted, *shares = found.values()
        lines.append(_row(f"{kind} | {planted}", *shares))
    lines += ["", "| true values | asked | of |", "|---|---|---|"]
    for group, (asked, of) in data["false_alarms_by_group"].items():
        lines.append(f"| {group} | {asked} | {of} |")
    return "\n".join([*lines, ""])


def _row(name: str, *shares: float) -> str:
    return f"| {name} | " + " | ".join(f"{share:.2%}" for share in shares) + " |"


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
