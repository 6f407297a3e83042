"""Portal Ready: which contracts can be asked by mail, why the others cannot; and the rights for it.

Running it grants portal rights to the valid reporters of ready contracts: the contact's row and the
claim on the address change together. Where both stand already nothing is written.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace

from meterportal.domain import readiness, rights
from meterportal.domain.contracts import Contact
from meterportal.domain.readiness import Granted, Outcome, Readiness, Reason
from meterportal.domain.refusals import NotFound, Unavailable
from meterportal.domain.selections import Filter, Selection
from meterportal.doors import Doors
from meterportal.queues import OutOfTime, UnknownMessage
from meterportal.settings import Moment
from meterportal.store import checks, keys, mailboxes, portfolio, selected
from meterportal.store.checks import Check
from meterportal.store.mailboxes import Mailbox
from meterportal.store.table import ConditionFailed, Table, Write
from meterportal.usecases.fire_schedules import Firing
from meterportal.usecases.select_contracts import Chosen, grouped, people, places

AT_ONCE = 1000
"""Contracts that are checked while the caller waits; more go through the queue."""

_GRANTS = 33
"""Contacts granted in one transaction: two or three writes each."""


def check_selection(
    doors: Doors, selection: Selection, at: Moment, *, dry_run: bool, by: str
) -> Outcome | str:
    """The outcome at once; for more than `AT_ONCE` contracts the id of a check that was queued."""
    if selection.ids is not None and len(selection.ids) > AT_ONCE:
        return _queue(doors, selection, at, dry_run=dry_run, by=by)
    where = places(doors.table, selection)
    found: list[Chosen] = []
    contracts = 0
    for chosen in people(doors.table, selection, where):
        found.append(chosen)
        contracts += len(chosen.contracts)
        if contracts > AT_ONCE:
            return _queue(doors, selection, at, dry_run=dry_run, by=by)
    outcome = _unknown(where.unknown)
    for part in _judge_all(doors, found, at, dry_run=dry_run):
        outcome.add(part)
    return outcome


def _queue(doors: Doors, selection: Selection, at: Moment, *, dry_run: bool, by: str) -> str:
    started = Check(doors.new_number(), by, at.now, at.today, dry_run=dry_run)
    _keep(doors.table, started, selection)
    doors.queues.send(doors.settings.readiness_queue, [{"check_id": started.id}])
    return started.id


def _keep(table: Table, started: Check, selection: Selection) -> None:
    for write in selected.keep(keys.run("CHECK", started.id)[0], selection):
        table.write(write)
    table.write(checks.create(started))


def check_portfolio(
    doors: Doors, check_id: str, due: Firing, at: Moment, *, has_time: Callable[[], bool]
) -> None:
    """The whole portfolio under a given id; the same id again only finishes what was left.

    Too late: kept as a check with a problem, nothing is granted. Raises `OutOfTime`.
    """
    problem = "late" if due.late else ""
    started = Check(check_id, "schedule", at.now, due.day, problem=problem)
    with suppress(ConditionFailed):  # fired before
        _keep(doors.table, started, Selection(filter=Filter()))
    if not due.late:
        run_check(doors, check_id, at, has_time=has_time)


def run_check(doors: Doors, check_id: str, at: Moment, *, has_time: Callable[[], bool]) -> None:
    """Work off a queued check. Raises `OutOfTime`: what was granted stands, so trying again ends.

    A check that is done stays as it is.
    """
    table = doors.table
    check = checks.load(table, check_id)
    if check is None:
        raise UnknownMessage("no such check")
    if check.done_at is not None or check.problem:
        return
    selection = selected.load(table, keys.run("CHECK", check_id)[0])
    where = places(table, selection)
    outcome = _unknown(where.unknown)
    for part in _judge_all(
        doors,
        people(table, selection, where),
        replace(at, today=check.as_of),
        dry_run=check.dry_run,
    ):
        outcome.add(part)
        if not has_time():
            raise OutOfTime
    rows = list(checks.result_rows(check_id, outcome))
    for row in rows:
        table.write(row)
    table.write(checks.finish(check_id, rows=len(rows), at=at.now))


def result(doors: Doors, check_id: str, *, row: int, rows: int) -> tuple[Check, Outcome]:
    """A check and what up to `rows` of its result rows hold, from `row` on; raises `NotFound`."""
    check = checks.load(doors.table, check_id)
    if check is None:
        raise NotFound
    outcome = Outcome()
    for number in range(row, min(row + rows, check.rows)):
        outcome.add(checks.result(doors.table, check, number))
    return check, outcome


# judging and granting


def _judge_all(
    doors: Doors, chosen: Iterable[Chosen], at: Moment, *, dry_run: bool
) -> Iterator[Outcome]:
    for group, posts in grouped(doors.table, chosen):
        left = group
        for _ in range(4):
            judged = [(one, _judge(one, posts, at)) for one in left]
            failed = set() if dry_run else _grant(doors.table, judged, posts, at)
            done = [pair for pair in judged if pair[0].holding.company.id not in failed]
            yield _outcome(done, posts)
            # Somebody wrote in between: those companies are read and judged afresh.
            left = [
                _again(doors.table, one) for one, _ in judged if one.holding.company.id in failed
            ]
            if not left:
                break
            posts = posts | _posts(doors.table, left)
        if left:
            raise Unavailable


def _judge(one: Chosen, posts: Mapping[str, Mailbox], at: Moment) -> list[Readiness]:
    contacts = one.holding.contacts
    return [readiness.judge(contract, contacts, posts, at.today) for contract in one.contracts]


def _again(table: Table, one: Chosen) -> Chosen:
    holding = portfolio.people(table, one.holding.company.id) or one.holding
    numbers = {contract.id for contract in one.contracts}
    return Chosen(holding, tuple(c for c in holding.contracts.values() if c.id in numbers))


def _posts(table: Table, group: Sequence[Chosen]) -> dict[str, Mailbox]:
    found = (contact.mailbox for one in group for contact in one.holding.contacts.values())
    return mailboxes.load_many(table, {address for address in found if address})


@dataclass(frozen=True, slots=True)
class _Grant:
    contact: Contact
    writes: tuple[Write, ...]


def _grant(
    table: Table,
    judged: Sequence[tuple[Chosen, list[Readiness]]],
    posts: Mapping[str, Mailbox],
    at: Moment,
) -> set[str]:
    """Grant what is missing; the ids of companies where somebody else wrote meanwhile."""
    missing = [
        _Grant(contact, _writes(contact, one, posts, at))
        for one, found in judged
        for contact in _reporters(found)
        if not readiness.may_report(contact, posts.get(contact.mailbox or ""))
    ]
    failed: set[str] = set()
    while missing:
        batch, missing = _distinct(missing)
        try:
            table.transact([write for grant in batch for write in grant.writes])
        except ConditionFailed:
            failed |= _one_by_one(table, batch)
    return failed


def _distinct(grants: list[_Grant]) -> tuple[list[_Grant], list[_Grant]]:
    """A batch in which every mailbox stands once, as a transaction demands; and the others."""
    batch: dict[str | None, _Grant] = {}
    rest: list[_Grant] = []
    for grant in grants:
        fits = len(batch) < _GRANTS and grant.contact.mailbox not in batch
        if fits:
            batch[grant.contact.mailbox] = grant
        else:
            rest.append(grant)
    return list(batch.values()), rest


def _one_by_one(table: Table, batch: Sequence[_Grant]) -> set[str]:
    failed = set()
    for grant in batch:
        try:
            table.transact(grant.writes)
        except ConditionFailed:
            failed.add(grant.contact.company_id)
    return failed


def _writes(
    contact: Contact, one: Chosen, posts: Mapping[str, Mailbox], at: Moment
) -> tuple[Write, ...]:
    """Rights and claim; where somebody who has left still holds the claim, a check that they have."""
    address = contact.mailbox or ""
    former = readiness.stale_holder(contact, one.holding.contacts, posts.get(address))
    given = rights.resolve(contact=contact.rights)
    grant = portfolio.grant(contact, given, at=at.now.isoformat(timespec="seconds"))
    if former is None:
        return grant, mailboxes.claim(contact)
    gone = portfolio.left(contact.company_id, former, address)
    return grant, mailboxes.claim(contact, instead_of=former), gone


def _reporters(found: Iterable[Readiness]) -> list[Contact]:
    """The valid reporters of the ready contracts, each once."""
    people = {contact.id: contact for r in found if r.ready for contact in r.reporters}
    return list(people.values())


def _outcome(
    judged: Sequence[tuple[Chosen, list[Readiness]]], posts: Mapping[str, Mailbox]
) -> Outcome:
    outcome = Outcome()
    for _, found in judged:
        for one in found:
            if one.ready:
                outcome.ready.append(one.contract.id)
            else:
                outcome.not_ready.append((one.contract.id, one.errors))
            outcome.notes += [(one.contract.id, note) for note in one.notes]
        outcome.granted += [
            Granted(
                contact.id,
                contact.company_id,
                rights.resolve(contact=contact.rights),
                not readiness.may_report(contact, posts.get(contact.mailbox or "")),
            )
            for contact in _reporters(found)
        ]
    return outcome


def _unknown(numbers: Iterable[str]) -> Outcome:
    return Outcome(not_ready=[(number, (Reason("contract_unknown"),)) for number in numbers])
