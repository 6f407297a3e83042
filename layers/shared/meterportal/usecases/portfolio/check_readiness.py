"""Portal Ready: which contracts can be asked by mail, and why others cannot; and the rights for it.

A check that is not a dry run gives portal rights to the valid reporters of ready contracts: the
contact's rights and the claim on the address change in one transaction. If both exist already,
nothing is written. A check behind the queue goes in pieces; one that was interrupted goes on with the piece
at which it stood.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from dataclasses import replace

from meterportal import crypto
from meterportal.adapters import Adapters
from meterportal.domain import runs
from meterportal.domain.access.journal import Action, Deed, StaffMember, chosen
from meterportal.domain.frozen import frozen
from meterportal.domain.mailing.requests import SCHEDULE
from meterportal.domain.portfolio.checks import ReadinessCheck
from meterportal.domain.portfolio.readiness import ReadinessOutcome, Reason
from meterportal.domain.portfolio.selections import Filter, Selection
from meterportal.domain.refusals import NotFound
from meterportal.domain.runs import RunKind, RunState
from meterportal.queues import UnknownMessage
from meterportal.settings import Moment
from meterportal.store import runs as store
from meterportal.store.access import journal
from meterportal.store.portfolio import checks, selected, snapshots
from meterportal.store.portfolio.order import stand_of
from meterportal.store.writes import ConditionFailed, Write
from meterportal.usecases.portfolio.judge_readiness import judge_group
from meterportal.usecases.portfolio.select_contracts import (
    GROUP,
    Chosen,
    Places,
    grouped,
    looked_at,
    places,
)
from meterportal.usecases.runs import once as starting
from meterportal.usecases.runs.fire_schedules import Firing
from meterportal.usecases.runs.once import Once
from meterportal.usecases.runs.take_up import begin

AT_ONCE = 1000
"""Highest number of contracts that are checked while the caller waits; more go through the queue."""

LOOKED_AT = 5000
"""Highest `weight` of what is looked at for it; a filter that passes over more is queued, too."""

PIECE = 800
"""Companies of a piece, which are kept in memory without their machines: some seconds of a worker's five
minutes. Their rights fill transactions, their addresses batches."""


def check_selection(
    adapters: Adapters,
    selection: Selection,
    at: Moment,
    *,
    dry_run: bool,
    by: StaffMember,
    request_key: str | None = None,
) -> ReadinessOutcome | str:
    """The outcome at once; for more than `AT_ONCE` contracts, or `LOOKED_AT`, the id of a queued check.

    `request_key` (Idempotency-Key) makes starting a queued check harmless to repeat for a day;
    raises `ReusedKey` when it came with another request.
    """
    started = ReadinessCheck(adapters.new_number(), by.id, at.now, at.today, dry_run=dry_run)
    asked = crypto.digest(f"readiness {selection.spelled()} {dry_run}")
    once = Once(by.id, request_key, asked) if request_key is not None else None
    earlier = starting.started_before(adapters, once, now=at.now)
    if earlier is not None:
        return _queue(adapters, earlier)
    noted = [] if dry_run else _noted(adapters, by, started, selection)
    if selection.ids is not None and len(selection.ids) > AT_ONCE:
        return _queue(adapters, _keep(adapters, started, selection, once, noted))
    where = places(adapters, selection)
    found: list[Chosen] = []
    contracts = looked = 0
    for company in looked_at(adapters, selection, where, only=checks.JUDGED):
        contracts += len(company.contracts)
        looked += company.weight(selection)
        found += [company] if company.contracts else []
        if contracts > AT_ONCE or looked > LOOKED_AT:
            return _queue(adapters, _keep(adapters, started, selection, once, noted))
    outcome = _unknown(where.unknown)
    for group, boxes in grouped(adapters, found, _at_a_time(selection)):
        for part in judge_group(adapters, group, boxes, at, by, dry_run=dry_run):
            outcome.add(part)
    return outcome


def _at_a_time(selection: Selection) -> int:
    """How many companies are kept in memory: fewer with machines, which a filter may need."""
    heavy = selection.filter is not None and selection.filter.needs_machines
    return min(GROUP, PIECE) if heavy else PIECE


def _queue(adapters: Adapters, check_id: str) -> str:
    adapters.queues.send(adapters.settings.readiness_queue, [{"check_id": check_id}])
    return check_id


def _noted(
    adapters: Adapters, by: StaffMember, started: ReadinessCheck, selection: Selection
) -> list[Write]:
    """What the journal says of a check that goes through the queue."""
    deed = Deed(Action.READINESS_STARTED, "readiness", started.id, changes=chosen(selection))
    return journal.entries(adapters.new_number(), by, started.created_at, deed)


def _keep(
    adapters: Adapters,
    started: ReadinessCheck,
    selection: Selection,
    once: Once | None = None,
    noted: Sequence[Write] = (),
) -> str:
    """Stores a check; returns the id of the check that was started."""
    selected.keep(adapters.table, RunKind.CHECK, started.id, selection)
    header, at = checks.create(started), started.created_at
    return starting.start(adapters, once, header, started.id, now=at, noted=noted)


def check_portfolio(
    adapters: Adapters, check_id: str, due: Firing, at: Moment, *, has_time: Callable[[], bool]
) -> None:
    """Checks the whole portfolio under a given id; with the same id again it only does the rest.

    Fired too late, the check is stored with a problem and gives no rights.
    """
    _keep_portfolio(adapters, check_id, due, at)
    if not due.late:
        run_check(adapters, check_id, at, has_time=has_time)


def nightly_check(adapters: Adapters, due: Firing, at: Moment) -> str:
    """Stores the check of a night unless it is stored already; returns its id."""
    check_id = nightly(due)
    _keep_portfolio(adapters, check_id, due, at)
    return check_id


def nightly(due: Firing) -> str:
    """The id of a night's check: one per business day."""
    return f"nightly-{due.day}"


def _keep_portfolio(adapters: Adapters, check_id: str, due: Firing, at: Moment) -> None:
    problem = "late" if due.late else ""
    started = ReadinessCheck(check_id, SCHEDULE, at.now, due.day, problem=problem)
    with suppress(ConditionFailed):  # stored by an earlier event of this schedule
        _keep(adapters, started, Selection(filter=Filter()))


def run_check(
    adapters: Adapters, check_id: str, at: Moment, *, has_time: Callable[[], bool]
) -> None:
    """Carries out a queued check piece by piece, from where it stands. Out of time it queues itself and
    goes on later.

    A check that is done does not change.
    """
    check = _stored(adapters, check_id)
    if check.ended:
        return
    begin(adapters, RunKind.CHECK, check_id, now=at.now)
    selection = selected.load(adapters.table, RunKind.CHECK, check_id)
    where = places(adapters, selection)
    of = check.progress[1] or _of(adapters, selection, where)
    worker = _Worker(
        adapters, selection, where, at, _staff_member(adapters, check), adapters.new_number(), of
    )
    while not check.ended:
        check = worker.go_on(check, has_time)
        if not check.ended and not has_time():
            store.hand_on(adapters.table, RunKind.CHECK, check_id)
            _queue(adapters, check_id)
            return


def _stored(adapters: Adapters, check_id: str) -> ReadinessCheck:
    check = checks.load(adapters.table, check_id)
    if check is None:
        raise UnknownMessage("no such check")
    return check


def _of(adapters: Adapters, selection: Selection, where: Places) -> int:
    """How many contracts were chosen by number; of the whole portfolio companies and contracts, by the
    newest snapshot; 0 where nobody knows."""
    if selection.ids is not None:
        return len(selection.ids)
    newest = snapshots.newest(adapters.table) if where.companies is None else None
    return next((part.rows for part in newest.parts if part.name == "grid"), 0) if newest else 0


@frozen
class _Worker:
    """An invocation that carries out a check; `name` is nobody else's."""

    adapters: Adapters
    selection: Selection
    where: Places
    at: Moment
    by: StaffMember | None
    name: str
    of: int

    def go_on(self, check: ReadinessCheck, has_time: Callable[[], bool]) -> ReadinessCheck:
        """Carries out pieces until the check is done, time is up, or another worker was faster; where
        it stands then."""
        left = looked_at(
            self.adapters, self.selection, self.where, after=check.after, only=checks.JUDGED
        )
        walk = grouped(self.adapters, left, _at_a_time(self.selection))
        coming = next(walk, None)
        before = checks.granted_at_once(self.adapters.table, check)
        while True:
            outcome = ReadinessOutcome() if check.pieces else _unknown(self.where.unknown)
            behind = self._stands(check, (), unknown=len(outcome.not_ready))
            given = before | checks.granted(self.adapters.table, check)
            if coming is not None:
                group, boxes = coming
                for part in judge_group(
                    self.adapters,
                    group,
                    boxes,
                    replace(self.at, today=check.as_of),
                    self.by,
                    dry_run=check.dry_run,
                    check=check,
                    before=given,
                ):
                    outcome.add(part)
                behind = self._stands(behind, group)
                coming = next(walk, None)
            done_at = self.at.now if coming is None else None
            behind = replace(behind, pieces=check.pieces + 1, done_at=done_at)
            try:
                check = checks.keep_piece(self.adapters.table, behind, outcome, self.name)
            except ConditionFailed:
                return _stored(self.adapters, check.id)  # its pieces count
            if check.ended or not has_time():
                return check

    def _stands(
        self, check: ReadinessCheck, group: Sequence[Chosen], unknown: int = 0
    ) -> ReadinessCheck:
        """Where a check stands behind some companies."""
        by_number = self.selection.ids is not None
        gone = unknown + sum(
            len(one.contracts) if by_number else 1 + len(one.holding.contracts) for one in group
        )
        progress = min(check.progress[0] + gone, self.of), self.of
        after = stand_of(group[-1].holding.company.id) if group else check.after
        return replace(check, after=after, progress=progress)


def state_of(check: ReadinessCheck, at: Moment) -> RunState:
    return runs.state_of(
        finished=check.done_at is not None,
        broken=check.broken,
        created_at=check.created_at,
        now=at.now,
        late=bool(check.problem),
    )


def result(
    adapters: Adapters, check_id: str, *, row: int, rows: int
) -> tuple[ReadinessCheck, ReadinessOutcome]:
    """A check and the content of up to `rows` result rows, starting at `row`; raises `NotFound`."""
    check = checks.load(adapters.table, check_id)
    if check is None:
        raise NotFound
    outcome = ReadinessOutcome()
    told = check.rows if check.ended else 0
    for number in range(row, min(row + rows, told)):
        outcome.add(checks.result(adapters.table, check, number))
    return check, outcome


def _staff_member(adapters: Adapters, check: ReadinessCheck) -> StaffMember | None:
    """Who started a stored check; None for the schedule."""
    if check.by == SCHEDULE:
        return None
    return StaffMember(check.by, journal.names(adapters.table, [check.by]).get(check.by, ""))


def _unknown(numbers: Iterable[str]) -> ReadinessOutcome:
    return ReadinessOutcome(
        not_ready=[(number, (Reason("contract_unknown"),)) for number in numbers]
    )
