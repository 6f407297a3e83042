"""Portal Ready: which contracts can be asked by mail, and why others cannot; and the rights for it.

A check that is not a dry run gives portal rights to the valid reporters of ready contracts: the
contact's rights and the claim on the address change in one transaction. If both exist already,
nothing is written.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence, Set
from contextlib import suppress
from dataclasses import dataclass, replace

from meterportal import crypto
from meterportal.adapters import Adapters
from meterportal.domain import runs
from meterportal.domain.access.journal import Action, Deed, StaffMember, added, chosen
from meterportal.domain.access.mailboxes import Mailbox
from meterportal.domain.access.permissions import granted
from meterportal.domain.mailing.requests import SCHEDULE
from meterportal.domain.portfolio import readiness, rights
from meterportal.domain.portfolio.checks import ReadinessCheck
from meterportal.domain.portfolio.contracts import Contact
from meterportal.domain.portfolio.readiness import Granted, Readiness, ReadinessOutcome, Reason
from meterportal.domain.portfolio.selections import Filter, Selection
from meterportal.domain.refusals import NotFound, Unavailable
from meterportal.domain.runs import RunKind, RunState
from meterportal.queues import OutOfTime, UnknownMessage
from meterportal.settings import Moment
from meterportal.store.access import journal, mailboxes
from meterportal.store.portfolio import checks, holdings, selected
from meterportal.store.writes import ConditionFailed, Write
from meterportal.usecases.portfolio.select_contracts import (
    Chosen,
    grouped,
    looked_at,
    people,
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

_GRANTS = 24
"""Contacts in one transaction: three or four writes for each with the journal's, and two for all."""


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
    for company in looked_at(adapters, selection, where):
        contracts += len(company.contracts)
        looked += company.weight(selection)
        found += [company] if company.contracts else []
        if contracts > AT_ONCE or looked > LOOKED_AT:
            return _queue(adapters, _keep(adapters, started, selection, once, noted))
    outcome = _unknown(where.unknown)
    for part in _judge_all(adapters, found, at, by, dry_run=dry_run):
        outcome.add(part)
    return outcome


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

    Fired too late, the check is stored with a problem and gives no rights. Raises `OutOfTime`.
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
    """Carries out a queued check. Raises `OutOfTime`; rights given so far stay, so a later try has
    less to do and ends.

    A check that is done does not change.
    """
    table = adapters.table
    check = checks.load(table, check_id)
    if check is None:
        raise UnknownMessage("no such check")
    if check.done_at is not None or check.problem:
        return
    begin(adapters, RunKind.CHECK, check_id, now=at.now)
    selection = selected.load(table, RunKind.CHECK, check_id)
    where = places(adapters, selection)
    outcome = _unknown(where.unknown)
    for part in _judge_all(
        adapters,
        people(adapters, selection, where),
        replace(at, today=check.as_of),
        _staff_member(adapters, check),
        dry_run=check.dry_run,
        check_id=check_id,
    ):
        outcome.add(part)
        if not has_time():
            raise OutOfTime
    rows = list(checks.result_rows(check_id, outcome))
    for row in rows:
        table.write(row)
    checks.finish(table, check_id, rows=len(rows), at=at.now)


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
    for number in range(row, min(row + rows, check.rows)):
        outcome.add(checks.result(adapters.table, check, number))
    return check, outcome


# judging and granting


def _judge_all(
    adapters: Adapters,
    chosen: Iterable[Chosen],
    at: Moment,
    by: StaffMember | None,
    *,
    dry_run: bool,
    check_id: str | None = None,
) -> Iterator[ReadinessOutcome]:
    """The outcomes, company by company. Rights that a stored check (`check_id`) gave before an
    interruption are again reported as new.
    """
    before = checks.granted(adapters.table, check_id) if check_id else frozenset()
    for group, boxes in grouped(adapters, chosen):
        left = group
        for _ in range(4):
            judged = [(company, _judge(company, boxes, at)) for company in left]
            failed = set() if dry_run else _grant(adapters, judged, boxes, at, by, check_id)
            done = [pair for pair in judged if pair[0].holding.company.id not in failed]
            yield _outcome(done, boxes, before)
            # Somebody wrote meanwhile: those companies are read and judged again.
            left = [
                _again(adapters, company)
                for company, _ in judged
                if company.holding.company.id in failed
            ]
            if not left:
                break
            boxes = boxes | _boxes(adapters, left)
        if left:
            raise Unavailable


def _judge(chosen: Chosen, boxes: Mapping[str, Mailbox], at: Moment) -> list[Readiness]:
    contacts = chosen.holding.contacts
    return [readiness.judge(contract, contacts, boxes, at.today) for contract in chosen.contracts]


def _again(adapters: Adapters, chosen: Chosen) -> Chosen:
    holding = holdings.people(adapters.table, chosen.holding.company.id) or chosen.holding
    numbers = {contract.id for contract in chosen.contracts}
    return Chosen(holding, tuple(c for c in holding.contracts.values() if c.id in numbers))


def _boxes(adapters: Adapters, group: Sequence[Chosen]) -> dict[str, Mailbox]:
    found = (contact.mailbox for chosen in group for contact in chosen.holding.contacts.values())
    return mailboxes.load_many(adapters.table, {address for address in found if address})


@dataclass(frozen=True, slots=True)
class _Grant:
    contact: Contact
    writes: tuple[Write, ...]


def _grant(
    adapters: Adapters,
    judged: Sequence[tuple[Chosen, list[Readiness]]],
    boxes: Mapping[str, Mailbox],
    at: Moment,
    by: StaffMember | None,
    check_id: str | None,
) -> set[str]:
    """Gives the missing rights; returns the ids of companies that somebody else wrote meanwhile."""
    missing = [
        _Grant(contact, _writes(contact, chosen, boxes, at))
        for chosen, found in judged
        for contact in _reporters(found)
        if not granted(contact, boxes.get(contact.mailbox or ""))
    ]
    failed: set[str] = set()
    while missing:
        batch, missing = _distinct(missing)
        if not _carried_out(adapters, batch, at, by, check_id):
            alone = (g for g in batch if not _carried_out(adapters, [g], at, by, check_id))
            failed |= {grant.contact.company_id for grant in alone}
    return failed


def _carried_out(
    adapters: Adapters,
    batch: Sequence[_Grant],
    at: Moment,
    by: StaffMember | None,
    check_id: str | None,
) -> bool:
    """Gives all rights of a batch in one transaction; False when somebody else wrote meanwhile."""
    writes = [write for grant in batch for write in grant.writes]
    if check_id is not None:
        writes.append(checks.note_granted(check_id, [grant.contact.id for grant in batch]))
    if by is not None:
        deeds = (_deed(grant.contact) for grant in batch)
        writes += journal.entries(adapters.new_number(), by, at.now, *deeds)
    try:
        adapters.table.transact(writes)
    except ConditionFailed:
        return False
    return True


def _deed(contact: Contact) -> Deed:
    given = rights.resolve(contact=contact.rights)
    return Deed(
        Action.RIGHTS_GRANTED,
        "contact",
        contact.id,
        contact.company_id,
        contact_id=contact.id,
        changes=added(
            readings=given.readings, machines=given.machines, service_orders=given.service_orders
        ),
    )


def _staff_member(adapters: Adapters, check: ReadinessCheck) -> StaffMember | None:
    """Who started a stored check; None for the schedule."""
    if check.by == SCHEDULE:
        return None
    return StaffMember(check.by, journal.names(adapters.table, [check.by]).get(check.by, ""))


def _distinct(grants: list[_Grant]) -> tuple[list[_Grant], list[_Grant]]:
    """A batch in which every mailbox occurs once, as a transaction requires; and the rest."""
    batch: dict[str | None, _Grant] = {}
    rest: list[_Grant] = []
    for grant in grants:
        fits = len(batch) < _GRANTS and grant.contact.mailbox not in batch
        if fits:
            batch[grant.contact.mailbox] = grant
        else:
            rest.append(grant)
    return list(batch.values()), rest


def _writes(
    contact: Contact, chosen: Chosen, boxes: Mapping[str, Mailbox], at: Moment
) -> tuple[Write, ...]:
    """Rights and claim; if a former contact still holds the claim, also a check that it no longer
    has the address.
    """
    address = contact.mailbox or ""
    former = readiness.stale_holder(contact, chosen.holding.contacts, boxes.get(address))
    given = rights.resolve(contact=contact.rights)
    grant = holdings.grant(contact, given, at=at.now.isoformat(timespec="seconds"))
    if former is None:
        return grant, mailboxes.claim(contact)
    gone = holdings.left(contact.company_id, former, address)
    return grant, mailboxes.claim(contact, instead_of=former), gone


def _reporters(found: Iterable[Readiness]) -> list[Contact]:
    """The valid reporters of the ready contracts, each of them once."""
    people = {contact.id: contact for r in found if r.ready for contact in r.reporters}
    return list(people.values())


def _outcome(
    judged: Sequence[tuple[Chosen, list[Readiness]]],
    boxes: Mapping[str, Mailbox],
    before: Set[str],
) -> ReadinessOutcome:
    outcome = ReadinessOutcome()
    for _, found in judged:
        for contract_readiness in found:
            if contract_readiness.ready:
                outcome.ready.append(contract_readiness.contract.id)
            else:
                outcome.not_ready.append(
                    (contract_readiness.contract.id, contract_readiness.errors)
                )
            outcome.notes += [
                (contract_readiness.contract.id, note) for note in contract_readiness.notes
            ]
        outcome.granted += [
            Granted(
                contact.id,
                contact.company_id,
                rights.resolve(contact=contact.rights),
                contact.id in before or not granted(contact, boxes.get(contact.mailbox or "")),
            )
            for contact in _reporters(found)
        ]
    return outcome


def _unknown(numbers: Iterable[str]) -> ReadinessOutcome:
    return ReadinessOutcome(
        not_ready=[(number, (Reason("contract_unknown"),)) for number in numbers]
    )
