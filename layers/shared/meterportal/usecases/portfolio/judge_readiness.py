"""Judges the contracts of some companies, and gives the valid reporters of the ready ones their rights."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence, Set

from meterportal.adapters import Adapters
from meterportal.domain.access.journal import Action, Deed, StaffMember, added
from meterportal.domain.access.mailboxes import Mailbox
from meterportal.domain.access.permissions import granted
from meterportal.domain.frozen import frozen
from meterportal.domain.portfolio import readiness, rights
from meterportal.domain.portfolio.checks import ReadinessCheck
from meterportal.domain.portfolio.contracts import Contact
from meterportal.domain.portfolio.readiness import Granted, Readiness, ReadinessOutcome
from meterportal.domain.refusals import Unavailable
from meterportal.settings import Moment
from meterportal.store.access import journal, mailboxes
from meterportal.store.portfolio import checks, holdings
from meterportal.store.writes import ConditionFailed, Write
from meterportal.usecases.portfolio.select_contracts import Chosen

_WRITES = 98
"""Of a transaction's hundred, those for contacts: two are for all of them, the check's and the journal's."""


def judge_group(
    adapters: Adapters,
    group: Sequence[Chosen],
    boxes: Mapping[str, Mailbox],
    at: Moment,
    by: StaffMember | None,
    *,
    dry_run: bool,
    check: ReadinessCheck | None = None,
    before: Set[str] = frozenset(),
) -> Iterator[ReadinessOutcome]:
    """The outcome for companies whose reporters have these mailboxes, in parts. Rights that a stored
    check gave to contacts `before` an interruption are again reported as new. Raises Unavailable."""
    left, known = group, dict(boxes)
    for _ in range(4):
        judged = [(company, _judge(company, known, at)) for company in left]
        failed = set() if dry_run else _grant(adapters, judged, known, at, by, check)
        done = [pair for pair in judged if pair[0].holding.company.id not in failed]
        yield _outcome(done, known, before)
        # Somebody wrote meanwhile: those companies are read and judged again.
        left = [
            _again(adapters, company)
            for company, _ in judged
            if company.holding.company.id in failed
        ]
        if not left:
            return
        known |= _boxes(adapters, left)
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


@frozen
class _Grant:
    contact: Contact
    writes: tuple[Write, ...]


def _grant(
    adapters: Adapters,
    judged: Sequence[tuple[Chosen, list[Readiness]]],
    boxes: Mapping[str, Mailbox],
    at: Moment,
    by: StaffMember | None,
    check: ReadinessCheck | None,
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
        batch, missing = _distinct(missing, noted=int(by is not None))
        if not _carried_out(adapters, batch, at, by, check):
            alone = (g for g in batch if not _carried_out(adapters, [g], at, by, check))
            failed |= {grant.contact.company_id for grant in alone}
    return failed


def _carried_out(
    adapters: Adapters,
    batch: Sequence[_Grant],
    at: Moment,
    by: StaffMember | None,
    check: ReadinessCheck | None,
) -> bool:
    """Gives all rights of a batch in one transaction; False when somebody else wrote meanwhile."""
    writes = [write for grant in batch for write in grant.writes]
    if check is not None:
        writes.append(checks.note_granted(check, [grant.contact.id for grant in batch]))
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


def _distinct(grants: list[_Grant], *, noted: int) -> tuple[list[_Grant], list[_Grant]]:
    """As many as a transaction takes, with `noted` rows of the journal for each, in which every mailbox
    occurs once, as it requires; and the rest."""
    batch: dict[str | None, _Grant] = {}
    rest: list[_Grant] = []
    room = _WRITES
    for place, grant in enumerate(grants):
        if grant.contact.mailbox in batch:
            rest.append(grant)
            continue
        room -= len(grant.writes) + noted
        if room < 0:
            rest += grants[place:]
            break
        batch[grant.contact.mailbox] = grant
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
