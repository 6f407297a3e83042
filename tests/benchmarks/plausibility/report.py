"""The figures of the check: from seeds to shares, and the shares as tables."""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from typing import Any

from tests.benchmarks.plausibility.fleets import fleet
from tests.benchmarks.plausibility.measure import EAGER, Quality, measure
from tests.benchmarks.plausibility.reference import REFERENCE_RULES
from tests.benchmarks.plausibility.slips import KINDS


def of_seed(seed: int, companies: int) -> tuple[Quality, Quality]:
    """With the usual tolerances, and with eager ones."""
    fleets = list(fleet(seed, companies))
    return measure(fleets, seed=seed), measure(fleets, seed=seed, tolerances=EAGER)


def of_seeds(seeds: Sequence[int], companies: int) -> tuple[Quality, Quality]:
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
