"""Staff approve or refuse successors, and see which changes must still be entered in the ERP."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from itertools import islice

from meterportal.adapters import Adapters
from meterportal.domain.access.journal import Action, Deed, FieldChange, StaffMember
from meterportal.domain.access.mailboxes import Mailbox
from meterportal.domain.frozen import frozen
from meterportal.domain.plain_text import plain
from meterportal.domain.portfolio import readiness, rights
from meterportal.domain.portfolio.contracts import Company, Contact
from meterportal.domain.portfolio.holdings import Holding
from meterportal.domain.refusals import NotFound, Unavailable
from meterportal.domain.reporting import successors
from meterportal.domain.reporting.successors import Successor, SuccessorDecided, SuccessorState
from meterportal.settings import Moment
from meterportal.store.access import journal, mailboxes
from meterportal.store.portfolio import holdings
from meterportal.store.reporting import successors as store
from meterportal.store.writes import ConditionFailed, Write

_ATTEMPTS = 5


@frozen
class ListedSuccessor:
    """A request with its company and contacts for the list of staff; `carry_over` are contracts
    whose change must be entered in the ERP.

    `contact` is who asked, `person` who reports after the approval; None when gone.
    """

    asked: Successor
    company: Company | None
    contact: Contact | None
    person: Contact | None
    carry_over: tuple[str, ...]


def list_successors(
    adapters: Adapters, *, waits: bool, limit: int, before: str | None
) -> tuple[list[ListedSuccessor], str | None]:
    """Requests, newest first, and the place where the next page starts. Four reads, more for many
    contracts.
    """
    found = list(islice(store.newest(adapters.table, waits=waits, before=before), limit + 1))
    page = [asked for _, asked in found[:limit]]
    return _named(adapters, page), found[limit - 1][0] if len(found) > limit else None


def decide_successor(
    adapters: Adapters, at: Moment, number: str, *, approve: bool, note: str, by: StaffMember
) -> ListedSuccessor:
    """Decides an open request; repeating the same decision changes nothing.

    An approval makes the person a reporter of the contracts, with rights and the claim on the
    address, in one transaction. Raises NotFound, TextRefused, SuccessorDecided, and the refusals of
    `successors.person_at` and `successors.hand_over`.
    """
    taken = plain(note, field="note", longest=successors.LONGEST_TEXT, lines=True, needed=False)
    wanted = SuccessorState.APPROVED if approve else SuccessorState.REFUSED
    for _ in range(_ATTEMPTS):
        asked = store.load(adapters.table, number)
        if asked is None:
            raise NotFound
        if asked.state is not SuccessorState.OPEN:
            if asked.state is wanted:
                return _named(adapters, [asked])[0]
            raise SuccessorDecided(state=asked.state.value)
        if approve:
            writes = _approval(adapters, at, asked, note=taken, by=by.id)
        else:
            writes = store.decide(asked, wanted, by=by.id, at=at.now, note=taken)
        deed = Deed(
            Action.SUCCESSOR_DECIDED,
            "successor",
            asked.id,
            asked.company_id,
            contact_id=asked.contact_id,
            changes=(FieldChange("state", asked.state.value, wanted.value),),
        )
        noted = journal.entries(adapters.new_number(), by, at.now, deed)
        try:
            adapters.table.transact([*writes, *noted])
        except ConditionFailed:
            continue
        return _named(adapters, [store.load(adapters.table, number) or asked])[0]
    raise Unavailable


def _approval(
    adapters: Adapters, at: Moment, asked: Successor, *, note: str, by: str
) -> list[Write]:
    """All writes of an approval, each conditional on what was read here."""
    held = holdings.people(adapters.table, asked.company_id)
    if held is None:
        raise NotFound
    box = mailboxes.load(adapters.table, asked.mailbox)
    known = successors.person_at(asked.mailbox, held.contacts.values(), box)
    moment = at.now.isoformat(timespec="seconds")
    new = successors.new_person(f"portal-{adapters.new_number()}", asked)
    person = known or replace(new, mended_at=moment, mended_by=by)
    changed = [
        replace(contract, mended_at=moment, mended_by=by)
        for contract in successors.hand_over(asked, held.contracts, held.contacts, person.id)
    ]
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
        *decided,
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


def _former(person: Contact, held: Holding, box: Mailbox) -> str | None:
    """The contact that still holds the claim on the address but no longer has the address; None if
    there is none.
    """
    return readiness.stale_holder(person, held.contacts, box)


def _named(adapters: Adapters, page: Sequence[Successor]) -> list[ListedSuccessor]:
    people = holdings.contacts(
        adapters.table,
        {(a.company_id, number) for a in page for number in (a.contact_id, a.person_id) if number},
    )
    companies = holdings.companies(adapters.table, {asked.company_id for asked in page})
    contracts = holdings.contracts(
        adapters.table,
        {(asked.company_id, number) for asked in page for number in asked.handed_over},
    )
    return [
        ListedSuccessor(
            asked,
            companies.get(asked.company_id),
            people.get((asked.company_id, asked.contact_id)),
            people.get((asked.company_id, asked.person_id)),
            tuple(
                successors.to_carry_over(
                    asked, [contracts[n] for n in asked.handed_over if n in contracts]
                )
            ),
        )
        for asked in page
    ]
