"""P10's second look: a doubtful value beside the company's other machines, where that may explain it.

Most values need no such look, and the others' readings have to be fetched for it: so it is taken
only after a first check, and never changes what has to be confirmed.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from meterportal.domain.findings import Severity
from meterportal.domain.machines import Machine
from meterportal.domain.plausibility.verdict import EXPLAINED, Check, PreparedMachine

Neighbours = Callable[[int], Sequence[Machine]]
"""Given how many values are in doubt, the machines to compare them with: no more than it may cost."""

_IN_DOUBT = frozenset({Severity.BLOCK, Severity.WARN})


def check_closely(
    prepared: PreparedMachine, values: Mapping[str, int], neighbours: Neighbours | None
) -> Check:
    """The check of the `values`, with a second look where one may tell more."""
    return look_closer(prepared, values, prepared.check(values), neighbours)


def look_closer(
    prepared: PreparedMachine,
    values: Mapping[str, int],
    check: Check,
    neighbours: Neighbours | None,
) -> Check:
    """The `check` of these values again, beside the other machines, if those explain a doubt.

    The same meters are in doubt afterwards, for the same reason to refuse or to ask: where a
    neighbour would lift a doubt from another meter (of a pair taken to be swapped), the first check
    stands.
    """
    doubted = _to_explain(check)
    others = neighbours(doubted) if neighbours is not None and doubted else ()
    if not others:
        return check
    closer = prepared.check(values, others=others)
    return closer if _asked(closer) == _asked(check) else check


def _to_explain(check: Check) -> int:
    """How many values are in a doubt that another machine's value may be behind."""
    return sum(
        any(
            found.severity in _IN_DOUBT and found.numbers.get("doubt", found.code) in EXPLAINED
            for found in check.of(meter_id)
        )
        for meter_id in check.meters
    )


def _asked(check: Check) -> set[tuple[str, Severity]]:
    return {(f.meter_id, f.severity) for f in check.findings if f.severity in _IN_DOUBT}
