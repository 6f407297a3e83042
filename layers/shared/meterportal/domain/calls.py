"""Whom to call: contracts that mails no longer bring any further.

Either the last reminder is out and something is still missing, or mails do not reach who reports.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date, timedelta

from meterportal.domain import readiness
from meterportal.domain.contracts import Contact, Contract, ReadingChannel, reporters_of
from meterportal.domain.machines import Machine
from meterportal.domain.marks import mailed, reminders
from meterportal.domain.progress import still_open
from meterportal.domain.readiness import Post, Reason
from meterportal.domain.requests import why_not

_DEAD = {"email_bounced", "email_complained"}


@dataclass(frozen=True, slots=True)
class CallTerms:
    """`last`: which reminder is the last one. Mails that came back matter from `lead_days` before
    the due date on."""

    today: date
    lead_days: int
    grace_days: int
    last: int

    def due(self, contract: Contract) -> bool:
        horizon = self.today + timedelta(days=self.lead_days)
        return contract.due_on is not None and contract.due_on <= horizon


@dataclass(frozen=True, slots=True)
class Call:
    """One contract to call about: who, why, what is missing. `mailed_on`: when the last mail went."""

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
    """What a contract and its people alone tell; `unreachable` are addresses. Machines may say no."""
    if contract.reading_channel is not ReadingChannel.PORTAL or not contract.running(terms.today):
        return False
    people = reporters_of(contract, dict(contacts))
    if terms.due(contract) and any(person.mailbox in unreachable for person in people):
        return True
    return bool(_worn_out(contract, people, terms))


def call_for(
    contract: Contract,
    contacts: Mapping[str, Contact],
    machines: Collection[Machine],
    posts: Mapping[str, Post],
    terms: CallTerms,
) -> Call | None:
    """The call that a contract needs, None when it needs none.

    `contacts` are all of its company, `machines` all of the contract, `posts` by address.
    """
    waiting = [machine for machine in machines if still_open(machine, terms.grace_days)]
    if not waiting or contract.due_on is None:
        return None
    if any(readiness.about_contract(contract, terms.today, machines)):
        return None
    judged = readiness.judge(contract, contacts, posts, terms.today, sending=True)
    dead = (
        [reason for reason in judged.errors if reason.code in _DEAD] if terms.due(contract) else []
    )
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


def _worn_out(contract: Contract, people: list[Contact], terms: CallTerms) -> list[Contact]:
    """Who has had the last reminder; nobody while another of those asked still waits for theirs."""
    asked = [person for person in people if mailed(contract, person.id)]
    if any(len(reminders(contract, person.id)) < terms.last for person in asked):
        return []
    return asked
