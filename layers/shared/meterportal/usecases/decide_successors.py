"""Staff agree to successors, or not, and see what is still to be carried over into the ERP."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import islice

from meterportal.domain import readiness, rights, successors
from meterportal.domain.contracts import Company, Contact
from meterportal.domain.plain_text import plain
from meterportal.domain.refusals import NotFound, Unavailable
from meterportal.domain.successors import Successor, SuccessorDecided, SuccessorState
from meterportal.doors import Doors
from meterportal.settings import Moment
from meterportal.store import mailboxes, portfolio
from meterportal.store import successors as store
from meterportal.store.portfolio import Holding
from meterportal.store.table import ConditionFailed, Table, Write

_ATTEMPTS = 5


@dataclass(frozen=True, slots=True)
class Listed:
    """A request with what staff need beside it; `carry_over` are contracts that the ERP must learn of.

    `contact` is who asked, `person` who reports once it is approved; None when gone.
    """

    asked: Successor
    company: Company | None
    contact: Contact | None
    person: Contact | None
    carry_over: tuple[str, ...]


def list_successors(
    doors: Doors, *, waits: bool, limit: int, before: str | None
) -> tuple[list[Listed], str | None]:
    """Requests, newest first, and the place to go on from. Four reads, more for many contracts."""
    found = list(islice(store.newest(doors.table, waits=waits, before=before), limit + 1))
    page = [asked for _, asked in found[:limit]]
    return _named(doors.table, page), found[limit - 1][0] if len(found) > limit else None


def decide_successor(
    doors: Doors, at: Moment, number: str, *, approve: bool, note: str, by: str
) -> Listed:
    """Decide an open request; the same decision again changes nothing.

    An approval makes the person a reporter of the contracts in one transaction with rights and the
    claim on the address, or changes nothing. Raises NotFound, TextRefused, SuccessorDecided, and
    the refusals of `successors.person_at` and `successors.hand_over`.
    """
    taken = plain(note, field="note", longest=successors.LONGEST_TEXT, lines=True, needed=False)
    wanted = SuccessorState.APPROVED if approve else SuccessorState.REFUSED
    for _ in range(_ATTEMPTS):
        asked = store.load(doors.table, number)
        if asked is None:
            raise NotFound
        if asked.state is not SuccessorState.OPEN:
            if asked.state is wanted:
                return _named(doors.table, [asked])[0]
            raise SuccessorDecided(state=asked.state.value)
        if approve:
            writes = _approval(doors, at, asked, note=taken, by=by)
        else:
            writes = [store.decide(asked, wanted, by=by, at=at.now, note=taken)]
        try:
            doors.table.transact(writes)
        except ConditionFailed:
            continue
        return _named(doors.table, [store.load(doors.table, number) or asked])[0]
    raise Unavailable


def _approval(doors: Doors, at: Moment, asked: Successor, *, note: str, by: str) -> list[Write]:
    """Everything that an approval changes, each write conditional on what was read here."""
    held = portfolio.people(doors.table, asked.company_id)
    if held is None:
        raise NotFound
    box = mailboxes.load(doors.table, asked.mailbox)
    known = successors.person_at(asked.mailbox, held.contacts.values(), box)
    person = known or successors.new_person(f"portal-{doors.new_number()}", asked)
    changed = successors.hand_over(asked, held.contracts, held.contacts, person.id)
    decided = store.decide(
        asked,
        SuccessorState.APPROVED,
        by=by,
        at=at.now,
        note=note,
        person_id=person.id,
        handed_over=[contract.id for contract in changed],
    )
    return [
        decided,
        *store.settle_person(
            person,
            rights.resolve(contact=person.rights),
            box,
            new=known is None,
            instead_of=_former(person, held, box),
            at=at.now,
        ),
        *(store.reporters(contract, seen=held.contracts[contract.id]) for contract in changed),
    ]


def _former(person: Contact, held: Holding, box: mailboxes.Mailbox) -> str | None:
    """Who still holds the claim on the address without standing there any more."""
    return readiness.stale_holder(person, held.contacts, box)


def _named(table: Table, page: Sequence[Successor]) -> list[Listed]:
    people = portfolio.contacts(
        table,
        {(a.company_id, number) for a in page for number in (a.contact_id, a.person_id) if number},
    )
    companies = portfolio.companies(table, {asked.company_id for asked in page})
    papers = portfolio.contracts(
        table, {(asked.company_id, number) for asked in page for number in asked.handed_over}
    )
    return [
        Listed(
            asked,
            companies.get(asked.company_id),
            people.get((asked.company_id, asked.contact_id)),
            people.get((asked.company_id, asked.person_id)),
            tuple(
                successors.to_carry_over(
                    asked, [papers[n] for n in asked.handed_over if n in papers]
                )
            ),
        )
        for asked in page
    ]
