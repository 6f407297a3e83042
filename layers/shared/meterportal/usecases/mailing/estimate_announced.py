"""The schedule's last step: what was announced and is still missing on its day is estimated.

Each machine has a transaction of its own under its version, so a value that came meanwhile stands, and a
run that is carried out twice finds nothing left.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping

from meterportal.adapters import Adapters
from meterportal.domain.mailing.last_steps import may_be_estimated
from meterportal.domain.mailing.mails import MailState, OutboxMail
from meterportal.domain.mailing.marks import announcements
from meterportal.domain.mailing.requests import SCHEDULE
from meterportal.domain.mailing.schedules import Schedule
from meterportal.domain.portfolio.contracts import Contract
from meterportal.domain.portfolio.holdings import Holding
from meterportal.settings import Moment
from meterportal.store.mailing import rounds
from meterportal.store.portfolio import holdings
from meterportal.usecases.mailing.schedule_now import schedule_now
from meterportal.usecases.reporting.estimate_missing import estimate_by_schedule

Place = tuple[str, str]
"""A round and a mailbox."""


def estimate_announced(adapters: Adapters, at: Moment, *, has_time: Callable[[], bool]) -> bool:
    """Estimates what is missing under contracts whose announced day has come, where the mail went out.
    False: out of time. A query over all contracts, one for each company concerned, and one read for its
    mails."""
    schedule = schedule_now(adapters)
    if not schedule.estimates:
        return True
    numbers = [
        holding.company.id
        for holding in holdings.everybody(adapters.table)
        if any(may_be_estimated(one, schedule, at.today) for one in holding.contracts.values())
    ]
    for number in numbers:
        if not has_time():
            return False
        held = holdings.load(adapters.table, number)
        if held is not None:
            _estimate(adapters, at, held, schedule)
    return True


def _estimate(adapters: Adapters, at: Moment, held: Holding, schedule: Schedule) -> None:
    due = [one for one in held.contracts.values() if may_be_estimated(one, schedule, at.today)]
    places = {contract.id: list(_places(contract, held)) for contract in due}
    found = rounds.mails_at(adapters.table, {one for some in places.values() for one in some})
    for contract in due:
        if not _told(places[contract.id], found):
            continue
        for machine in held.machines.values():
            if machine.contract_id == contract.id:
                estimate_by_schedule(adapters, at, machine, contract, schedule, by=SCHEDULE)


def _places(contract: Contract, held: Holding) -> Iterable[Place]:
    """Where the mails that announced it lie, of contacts who still have that address."""
    for contact_id, mail in announcements(contract):
        contact = held.contacts.get(contact_id)
        if contact is not None and contact.mailbox:
            yield mail.round_id, contact.mailbox


def _told(places: Iterable[Place], found: Mapping[Place, OutboxMail]) -> bool:
    """Whether somebody was told, and nobody's mail waits yet."""
    states = [found[place].state for place in places if place in found]
    return MailState.SENT in states and MailState.PLANNED not in states
