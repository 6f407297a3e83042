"""Row 12: the overview of 2,000 machines with 8 counters each, audited by Lighthouse as a phone.

The reference is the same page with 5 machines, in the same run. Performance is the median of five
audits, opened with a session's cookie. Accessibility and best practices are asked of every screen
of the contact, with the demo's machines.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory

from tests.benchmarks.figures import Row, at_least

MACHINES, FEW, AUDITS = 2_000, 5, 5
SCREENS = (
    "",
    "account",
    "fleet",
    "stickers",
    "successor",
    "receipt",
    "history/900000",
    "help/900000",
    "problem/900000",
    "login",
)
_REPORTS = Path(__file__).parents[2] / "build" / "lighthouse-reports"


def rows() -> Iterator[Row]:
    """Scores from 0 to 100. Raises NoLighthouse, NotStarted, NothingHappened."""
    from tests.benchmarks.pages.fleet import visit
    from tests.benchmarks.pages.lighthouse import audit
    from tests.support.running import running as started

    with TemporaryDirectory() as state, started(Path(state)) as running:
        cookie = visit(running, FEW).cookie
        few = _median(running.url, cookie, f"overview-{FEW}")
        for screen in SCREENS:
            name = screen.partition("/")[0] or "overview"
            seen = audit(f"{running.url}/#/{screen}", cookie, into=_REPORTS / f"{name}.json")
            for category in ("accessibility", "best-practices"):
                score = seen.scores[category]
                yield Row(f"12 {name}: {category}", score, "points", goal=at_least(100))
            yield Row(f"12 {name}: performance", seen.scores["performance"], "points")
    with TemporaryDirectory() as state, started(Path(state)) as running:
        many = _median(running.url, visit(running, MACHINES).cookie, f"overview-{MACHINES}")
    name = f"12 performance, {MACHINES:,} machines"
    yield Row(name, many, "points", reference=few, goal=at_least(97))


def _median(url: str, cookie: str, name: str) -> float:
    from tests.benchmarks.pages.lighthouse import audit

    audits = [
        audit(f"{url}/", cookie, into=_REPORTS / f"{name}-{n}.json") for n in range(1, AUDITS + 1)
    ]
    return median(seen.scores["performance"] for seen in audits)
