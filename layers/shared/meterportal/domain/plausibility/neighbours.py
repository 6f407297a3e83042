"""P10: a second check of doubtful values, compared with the company's other machines.

Most values do not need it, and it has to load the other machines' readings. So it is made only
after a first check that left a doubt, and it never changes which values have to be confirmed.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from meterportal.domain.plausibility.findings import Severity
from meterportal.domain.plausibility.verdict import EXPLAINED, Check, PreparedMachine
from meterportal.domain.portfolio.machines import Machine

Neighbours = Callable[[int], Sequence[Machine]]
"""For a number of doubtful values: the machines to compare them with, limited by what that may
cost."""

_IN_DOUBT = frozenset({Severity.BLOCK, Severity.WARN})


def check_closely(
    prepared: PreparedMachine, values: Mapping[str, int], neighbours: Neighbours | None
) -> Check:
    """The check of the `values`, with a second check if that may find more."""
    return look_closer(prepared, values, prepared.check(values), neighbours)


def look_closer(
    prepared: PreparedMachine,
    values: Mapping[str, int],
    check: Check,
    neighbours: Neighbours | None,
) -> Check:
    """The `check` of these values, repeated with the other machines if these explain a doubt.

    The same meters are in doubt afterwards, each with the same severity. If a comparison would
    remove a doubt of another meter (one of two that were taken to be swapped), the first check is
    returned.
    """
    doubted = _to_explain(check)
    others = neighbours(doubted) if neighbours is not None and doubted else ()
    if not others:
        return check
    closer = prepared.check(values, others=others)
    return closer if _asked(closer) == _asked(check) else check


def _to_explain(check: Check) -> int:
    """How many values have a doubt whose cause may be another machine's value."""
    return sum(
        any(
            found.severity in _IN_DOUBT and found.numbers.get("doubt", found.code) in EXPLAINED
            for found in check.of(meter_id)
        )
        for meter_id in check.meters
    )


def _asked(check: Check) -> set[tuple[str, Severity]]:
    return {(f.meter_id, f.severity) for f in check.findings if f.severity in _IN_DOUBT}
