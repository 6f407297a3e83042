"""Everything about a customer: people with the state of their mail, contracts, machines with their
values, and the time line.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Set
from datetime import datetime, time
from heapq import merge

from meterportal.adapters import Adapters
from meterportal.domain.access.mailboxes import Mailbox
from meterportal.domain.frozen import frozen
from meterportal.domain.mailing.marks import mailed
from meterportal.domain.portfolio import timelines
from meterportal.domain.portfolio.contracts import Contact
from meterportal.domain.portfolio.holdings import Holding
from meterportal.domain.portfolio.machines import Machine, walking_order
from meterportal.domain.portfolio.period_values import PeriodValue, period_values
from meterportal.domain.portfolio.progress import Progress, progress
from meterportal.domain.portfolio.timelines import TOLD_ELSEWHERE, Event
from meterportal.domain.refusals import NotFound
from meterportal.settings import BUSINESS_ZONE
from meterportal.store.access import journal, mailboxes
from meterportal.store.mailing import openings
from meterportal.store.portfolio import holdings, notes
from meterportal.store.portfolio import timelines as store
from meterportal.usecases.mailing.latest_mails import LatestMail, latest_mails

_LONGEST_ID = 64


@frozen
class ShownCompany:
    """`machines` are one page in walking order; `more`: others come behind them. `boxes` are the
    contacts' mailboxes by address, `mails` the newest mail to each contact by number, `opened` the
    mails (round, mailbox) that led somebody to the portal."""

    held: Holding
    boxes: Mapping[str, Mailbox]
    mails: Mapping[str, LatestMail]
    progress: Mapping[str, Progress]
    machines: list[tuple[Machine, list[PeriodValue]]]
    more: bool
    opened: Set[tuple[str, str]]


@frozen
class ShownEvents:
    """A page of a time line. `names` are those of contacts and staff by id; `before` is the place
    where the next page starts (None: this is the last one)."""

    events: list[Event]
    names: Mapping[str, str]
    before: str | None = None


def show_company(
    adapters: Adapters, company_id: str, *, limit: int, after: str | None
) -> ShownCompany:
    """A company with a page of its machines, which starts behind the machine `after`. One query, two
    reads per hundred addresses and one per hundred mails of present periods. Raises NotFound.
    """
    held = _held(holdings.load(adapters.table, company_id) if _sane(company_id) else None)
    found = sorted(held.machines.values(), key=walking_order)
    numbers = [machine.id for machine in found]
    under: dict[str, list[Machine]] = {}
    for machine in found:
        under.setdefault(machine.contract_id, []).append(machine)
    start = numbers.index(after) + 1 if after in held.machines else 0
    addresses = {contact.mailbox for contact in held.contacts.values() if contact.mailbox}
    return ShownCompany(
        held,
        mailboxes.load_many(adapters.table, addresses),
        latest_mails(adapters, held.contacts.values(), held.contracts),
        {number: progress(under.get(number, ())) for number in held.contracts},
        [(machine, period_values(machine)) for machine in found[start : start + limit]],
        len(found) > start + limit,
        openings.opened(adapters.table, _mails(held)),
    )


def _mails(held: Holding) -> Iterator[tuple[str, str]]:
    """(round, mailbox) of the mails about present periods."""
    for contract in held.contracts.values():
        for contact in map(held.contacts.get, contract.asked):
            if contact is not None and contact.mailbox:
                for mail in mailed(contract, contact.id):
                    yield mail.round_id, contact.mailbox


def show_timeline(
    adapters: Adapters, company_id: str, *, limit: int, before: str | None
) -> ShownEvents:
    """A page of a company's time line, newest first. Four queries, a read for the names. What the
    history of a machine or a note tells is not told again as an action.

    Mails are those of the current period; of changes and actions those since the portal keeps them.
    Raises NotFound.
    """
    held = _held(holdings.people(adapters.table, company_id) if _sane(company_id) else None)
    start, table = before or journal.LAST, adapters.table
    changes = store.of_company(table, company_id, before=start, page=limit)
    actions = journal.newest_of_company(
        table, company_id, since=journal.FIRST, before=start, page=limit
    )
    told = ((place, timelines.of_journal(entry)) for place, entry in actions)
    written = (
        (place, timelines.of_note(note))
        for place, note in notes.of_company(table, company_id, before=start, page=limit)
    )
    events: list[Event] = []
    following, last = None, start
    for looked_at, (place, event) in enumerate(
        merge(changes, told, written, key=lambda one: one[0], reverse=True)
    ):
        if len(events) == limit or looked_at == 4 * limit:
            following = last
            break
        if event.action not in TOLD_ELSEWHERE:
            events.append(event)
        last = place
    events += [mail for mail in timelines.mails(held) if _between(mail, following, before)]
    events = timelines.newest_first(events)
    return ShownEvents(events, names_of(adapters, held.contacts, events), following)


def _between(mail: Event, following: str | None, before: str | None) -> bool:
    """Whether a mail, of which the day is known, belongs to a page: it stands at the day's beginning."""
    begin = journal.place_of(datetime.combine(mail.on, time(), BUSINESS_ZONE))
    return (following is None or following <= begin) and (before is None or begin < before)


def names_of(
    adapters: Adapters, contacts: Mapping[str, Contact], events: Iterable[Event]
) -> dict[str, str]:
    """The names of everybody in some events: contacts, and staff as far as they are known."""
    ids = {event.by for event in events if event.by and event.by not in contacts}
    staff = journal.names(adapters.table, sorted(ids)) if ids else {}
    return staff | {number: contact.name for number, contact in contacts.items()}


def _sane(company_id: str) -> bool:
    return len(company_id) <= _LONGEST_ID


def _held(found: Holding | None) -> Holding:
    if found is None:
        raise NotFound
    return found
