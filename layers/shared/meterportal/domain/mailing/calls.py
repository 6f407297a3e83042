"""Whom to call: contracts for which further mails are useless, or which never get any.

Either the last reminder was sent and something is still missing that is not estimated as the schedule's
last step, or mails do not reach a reporter. Of
the other channels: who reports by telephone is called as soon as it is due; what should come in another
way is asked for once its day has come and it is not there.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import date, timedelta

from meterportal.domain.access.mailboxes import Mailbox
from meterportal.domain.frozen import frozen
from meterportal.domain.mailing.marks import REMINDERS, estimate_on, mailed, reminders
from meterportal.domain.mailing.requests import why_not
from meterportal.domain.mailing.schedules import LastStep, Schedule
from meterportal.domain.portfolio import readiness
from meterportal.domain.portfolio.contracts import Contact, Contract, ReadingChannel, reporters_of
from meterportal.domain.portfolio.machines import Machine
from meterportal.domain.portfolio.progress import still_open
from meterportal.domain.portfolio.readiness import Reason
from meterportal.domain.reporting.estimates import has_basis

_UNTOLD = timedelta(days=14)
"""An estimate that is so late in being announced comes no more: somebody calls."""

_DEAD = {"email_bounced", "email_complained"}


@frozen
class CallTerms:
    """Mails that came back matter only from the schedule's lead days before the due date on."""

    today: date
    schedule: Schedule

    def last(self, contract: Contract) -> int:
        """The number of a contract's last reminder. Where the schedule sends none, staff do."""
        return len(self.schedule.reminders_of(contract.id)) or REMINDERS

    def due(self, contract: Contract) -> bool:
        horizon = self.today + timedelta(days=self.schedule.lead_days_of(contract.id))
        return contract.due_on is not None and contract.due_on <= horizon

    def estimates(self, contract: Contract, machine: Machine) -> bool:
        """Whether the schedule estimates a machine in place of a call: there is something to go by, and
        nothing has kept the schedule from it."""
        if self.schedule.last_step_of(contract.id) is not LastStep.ESTIMATE or not contract.due_on:
            return False
        announced = contract.due_on + timedelta(days=self.schedule.announce_after) + _UNTOLD
        return (estimate_on(contract) or announced) >= self.today and has_basis(machine)

    def expected(self, contract: Contract) -> bool:
        """Whether a contract that does not report by the portal should have reported by now, or be
        called for it."""
        if contract.reading_channel is ReadingChannel.PHONE:
            return self.due(contract)
        return contract.due_on is not None and contract.due_on <= self.today


@frozen
class Call:
    """One contract to call about: whom, why, what is missing. `mailed_on` is the day of the last
    mail."""

    contract: Contract
    contacts: tuple[Contact, ...]
    machines: tuple[Machine, ...]
    reasons: tuple[Reason, ...]
    mailed_on: date | None


def may_need_a_call(
    contract: Contract,
    contacts: Mapping[str, Contact],
    unreachable: Collection[str],
    terms: CallTerms,
) -> bool:
    """Whether a contract may need a call, judged by its contacts alone, without its machines.
    `unreachable` are addresses."""
    if not contract.running(terms.today):
        return False
    if contract.reading_channel is not ReadingChannel.PORTAL:
        return terms.expected(contract)
    people = reporters_of(contract, dict(contacts))
    if terms.due(contract) and any(person.mailbox in unreachable for person in people):
        return True
    return bool(_worn_out(contract, people, terms))


def call_for(
    contract: Contract,
    contacts: Mapping[str, Contact],
    machines: Collection[Machine],
    posts: Mapping[str, Mailbox],
    terms: CallTerms,
) -> Call | None:
    """The call that a contract needs, None if it needs none.

    `contacts` are all of its company, `machines` all of the contract, `posts` by address.
    """
    waiting = [machine for machine in machines if still_open(machine, terms.schedule.grace_days_of)]
    if not waiting or contract.due_on is None:
        return None
    if contract.reading_channel is not ReadingChannel.PORTAL:
        return _other_way(contract, contacts, waiting, terms)
    if any(readiness.about_contract(contract, terms.today, machines)):
        return None
    judged = readiness.judge(contract, contacts, posts, terms.today, sending=True)
    dead = (
        [reason for reason in judged.errors if reason.code in _DEAD] if terms.due(contract) else []
    )
    if judged.ready and not dead:
        waiting = [one for one in waiting if not terms.estimates(contract, one)]
    if not waiting:
        return None
    worn_out = _worn_out(contract, reporters_of(contract, dict(contacts)), terms)
    reasons = dead + [
        why_not("reminded_enough", person.id, person.name, contract.due_on)
        for person in worn_out
        if person.id not in {reason.contact_id for reason in dead}
    ]
    people = dict.fromkeys(reason.contact_id for reason in reasons if reason.contact_id)
    if not people:
        return None
    days = [mail.on for number in contacts for mail in mailed(contract, number)]
    return Call(
        contract,
        tuple(contacts[number] for number in people if number in contacts),
        tuple(waiting),
        tuple(reasons),
        max(days, default=None),
    )


def _other_way(
    contract: Contract,
    contacts: Mapping[str, Contact],
    waiting: Collection[Machine],
    terms: CallTerms,
) -> Call | None:
    if not contract.running(terms.today) or not terms.expected(contract):
        return None
    channel = contract.reading_channel.value
    kind = {"kind": "phone"} if contract.reading_channel is ReadingChannel.PHONE else {}
    reason = Reason("other_way", facts={"channel": channel, **kind})
    people = tuple(reporters_of(contract, dict(contacts)))
    return Call(contract, people, tuple(waiting), (reason,), None)


def _worn_out(contract: Contract, people: list[Contact], terms: CallTerms) -> list[Contact]:
    """The contacts who were sent the last reminder; empty while another of those asked has not had
    it yet."""
    asked = [person for person in people if mailed(contract, person.id)]
    if any(len(reminders(contract, person.id)) < terms.last(contract) for person in asked):
        return []
    return asked
