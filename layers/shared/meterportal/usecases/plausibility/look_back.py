"""The back-test: what the check would have asked about past readings with other tolerances. Nothing
is stored.

The portfolio is read in parts: each answer counts one part, and says where the next one begins.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import date, timedelta

from meterportal.adapters import Adapters
from meterportal.domain.frozen import frozen
from meterportal.domain.plausibility.backtest import Hint, backtest
from meterportal.domain.plausibility.tolerances import ToleranceSettings
from meterportal.domain.portfolio.machines import Machine
from meterportal.domain.refusals import NotFound, Refusal
from meterportal.settings import Moment
from meterportal.store.plausibility import tolerances
from meterportal.store.portfolio import holdings, machines

USUAL_SPAN = timedelta(days=365)
MOST_JUDGED = 20_000
"""Highest number of readings in one part: each needs two forecasts, together some seconds."""

MOST_MACHINES = 5_000
"""Highest number of machines in one part, including those without a reading in the span."""


class SpanInTheFuture(Refusal):
    code = "span_in_the_future"
    de = "Der Zeitraum endet heute oder früher."
    en = "The span ends today or earlier."


class SpanReversed(Refusal):
    code = "span_reversed"
    de = "Der Zeitraum beginnt nach seinem Ende."
    en = "The span begins after its end."


@frozen
class BacktestPlace:
    """The machine after which a part begins, in the order of shards, companies and machines.

    Without a machine: after the whole company.
    """

    shard: int = 0
    company_id: str = ""
    machine_id: str = ""


@frozen
class Question:
    """The request: without `settings` the stored ones are used; readings from `since` to `until`.

    `hints` is how many of them are returned one by one; all are counted.
    """

    settings: ToleranceSettings | None
    since: date
    until: date
    company_id: str | None
    hints: int


@dataclass(slots=True)
class Count:
    """Number of hints of one kind of tolerances."""

    total: int = 0
    by_code: Counter[str] = field(default_factory=Counter)

    def add(self, hints: tuple[Hint, ...]) -> None:
        self.total += len(hints)
        self.by_code.update(hint.finding.code for hint in hints)


@dataclass(slots=True)
class BacktestPart:
    """The result for a part of the portfolio: with the requested tolerances, and `stored` with
    those of `stored_version`. `after` is where the next part begins, None after the last one.
    """

    stored_version: int
    machines: int = 0
    judged: int = 0
    count: Count = field(default_factory=Count)
    stored: Count = field(default_factory=Count)
    hints: list[tuple[Machine, Hint]] = field(default_factory=list)
    after: BacktestPlace | None = None

    @property
    def full(self) -> bool:
        return self.judged >= MOST_JUDGED or self.machines >= MOST_MACHINES


def span(at: Moment, since: date | None, until: date | None) -> tuple[date, date]:
    """The requested span, by default the year up to today. Raises SpanInTheFuture, SpanReversed."""
    last = until or at.today
    if last > at.today:
        raise SpanInTheFuture(field="until")
    first = since or max(last, date.min + USUAL_SPAN) - USUAL_SPAN
    if first > last:
        raise SpanReversed(field="since")
    return first, last


def look_back(
    adapters: Adapters,
    asked: Question,
    *,
    after: BacktestPlace | None,
    has_time: Callable[[], bool],
) -> BacktestPart:
    """Reads the machines after `after` until the part is full or there is no time left.

    Every part contains at least one step, so that repeated calls end. One read, a query for each
    company and one for each shard of the portfolio. Raises NotFound for an unknown company.
    """
    stored = tolerances.load(adapters.table)
    settings = stored.settings if asked.settings is None else asked.settings
    part = BacktestPart(stored.version)
    for place, machine in _fleet(adapters, asked.company_id, after or BacktestPlace()):
        full = part.full and machine is not None
        if part.after and (full or not has_time()):
            return part
        part.after = place
        if machine is None:
            continue
        part.machines += 1
        found = backtest([machine], settings, asked.since, asked.until)
        same = settings == stored.settings
        usual = found if same else backtest([machine], stored.settings, asked.since, asked.until)
        part.judged += found.judged
        part.count.add(found.hints)
        part.stored.add(usual.hints)
        room = asked.hints - len(part.hints)
        part.hints += [(machine, hint) for hint in found.hints[:room]]
    part.after = None
    return part


def _fleet(
    adapters: Adapters, company_id: str | None, after: BacktestPlace
) -> Iterator[tuple[BacktestPlace, Machine | None]]:
    """Machines with their places; after each company the place after it (with None)."""
    if company_id is not None:
        if company_id not in holdings.companies(adapters.table, [company_id]):
            raise NotFound(field="company_id")
        yield from _of_company(adapters, 0, company_id, after.machine_id)
        return
    if after.machine_id:
        yield from _of_company(adapters, after.shard, after.company_id, after.machine_id)
    for shard, number in holdings.company_ids(
        adapters.table, after=(after.shard, after.company_id)
    ):
        yield from _of_company(adapters, shard, number, "")


def _of_company(
    adapters: Adapters, shard: int, company_id: str, after: str
) -> Iterator[tuple[BacktestPlace, Machine | None]]:
    for machine in machines.of_company(adapters.table, company_id, after=after):
        yield BacktestPlace(shard, company_id, machine.id), machine
    yield BacktestPlace(shard, company_id), None
