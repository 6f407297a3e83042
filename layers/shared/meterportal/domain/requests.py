"""Who is asked or reminded for which readings: one planner for the dry run and for the run itself.

Due: reading channel PORTAL, contract running, due by the horizon (today + lead days), overdue
included, some billable meter still open. A selection by numbers is asked as selected, due or not.
One mail per mailbox and round, over all companies.

Reminded is who was asked for the slot and has not brought it to its end: by staff at any time, but
not twice on a day, by the schedule so many days after the request; at most twice.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from enum import StrEnum

from meterportal.domain import marks, readiness
from meterportal.domain.contracts import Contact, Contract, ReadingChannel, reporters_of
from meterportal.domain.machines import Machine
from meterportal.domain.marks import REMINDERS, asked_in_slot
from meterportal.domain.progress import still_open
from meterportal.domain.readiness import Post, Reason

SCHEDULE = "schedule"
"""Who starts the rounds that nobody of the staff starts."""

_NOT_YET = "reminder_later"
_SILENT = {"not_asked", "reminded_today", "reminded_enough", _NOT_YET}
"""Objections that a scheduled round of reminders meets every day."""


class Kind(StrEnum):
    REQUEST = "request"
    REMINDER = "reminder"


@dataclass(frozen=True, slots=True)
class Terms:
    """What a round asks by. `due_by` takes the place of today + lead days; `as_selected` asks
    contracts chosen by number, whether due or not (but never later than a given `due_by`).

    `remind_after` are the days after a request on which the schedule reminds; None for a round of
    staff, who decide by themselves."""

    round_id: str
    today: date
    lead_days: int
    grace_days: int
    due_by: date | None = None
    as_selected: bool = False
    kind: Kind = Kind.REQUEST
    remind_after: tuple[int, ...] | None = None

    @property
    def scheduled(self) -> bool:
        return self.remind_after is not None

    @property
    def horizon(self) -> date:
        return self.due_by or self.today + timedelta(days=self.lead_days)


@dataclass(frozen=True, slots=True)
class Request:
    """One contract asked of one contact for one slot; `machines` of it are still open. `reminder`:
    which one it is, 0 for the request itself."""

    mailbox: str
    company_id: str
    contract_id: str
    contact_id: str
    due_on: date
    machines: int
    reminder: int = 0


@dataclass(slots=True)
class Plan:
    """A round's outcome before anything is sent.

    `left_out` are contracts with their reasons; `not_due` counts those of a filter that are silently
    no part of the round.
    """

    requests: list[Request] = field(default_factory=list)
    left_out: dict[str, list[Reason]] = field(default_factory=dict)
    not_due: int = 0

    def leave_out(self, contract_id: str, reasons: Iterable[Reason]) -> None:
        self.left_out.setdefault(contract_id, []).extend(reasons)

    def mails(self) -> dict[str, list[Request]]:
        """Requests by mailbox; within one the company with the earliest due date comes first."""
        found: dict[str, list[Request]] = {}
        for request in self.requests:
            found.setdefault(request.mailbox, []).append(request)
        return {mailbox: in_order(found[mailbox]) for mailbox in sorted(found)}


def in_order(requests: Collection[Request]) -> list[Request]:
    """By company (earliest due date first), then due date, then number."""
    first: dict[str, date] = {}
    for request in requests:
        first[request.company_id] = min(
            first.get(request.company_id, request.due_on), request.due_on
        )
    return sorted(
        requests,
        key=lambda r: (first[r.company_id], r.company_id, r.due_on, r.contract_id),
    )


def may_be_due(contract: Contract, terms: Terms) -> bool:
    """What a contract alone tells: in a round by filter, no other contract needs a closer look."""
    if contract.reading_channel is not ReadingChannel.PORTAL or not contract.running(terms.today):
        return False
    if contract.due_on is None:
        return False
    if terms.kind is Kind.REMINDER:
        in_time = terms.due_by is None or contract.due_on <= terms.due_by
        return in_time and any(may_be_reminded(contract, one, terms) for one in contract.asked)
    return contract.due_on <= terms.horizon


def may_be_reminded(contract: Contract, contact_id: str, terms: Terms) -> bool:
    """Whether a contact was asked for the slot; on a scheduled round, whether it is time as well."""
    if asked_in_slot(contract, contact_id) is None:
        return False
    return not terms.scheduled or objection(contract, contact_id, terms) is None


def consider(
    plan: Plan,
    contract: Contract,
    contacts: Mapping[str, Contact],
    machines: Collection[Machine],
    posts: Mapping[str, Post],
    terms: Terms,
) -> None:
    """Add one selected contract to the plan: as requests, as left out, or as not due.

    `contacts` are all of its company, `machines` all of the contract, `posts` by address.
    """
    if not terms.as_selected and not may_be_due(contract, terms):
        plan.not_due += 1
        return
    judged = readiness.judge(
        contract, contacts, posts, terms.today, machines=machines, sending=True
    )
    if not judged.ready or contract.due_on is None:
        plan.leave_out(contract.id, judged.errors or [Reason("nothing_to_report")])
        return
    due_on = contract.due_on
    slot = {"due_on": due_on.isoformat()}
    if terms.due_by is not None and due_on > terms.due_by:
        plan.leave_out(contract.id, [Reason("not_due", facts=slot)])
        return
    waiting = [machine for machine in machines if still_open(machine, terms.grace_days)]
    if not waiting and terms.scheduled and terms.kind is Kind.REMINDER:
        plan.not_due += 1  # most of those asked, day after day: no news for anybody
        return
    if not waiting:
        plan.leave_out(contract.id, [_nothing_open(machines, terms.grace_days, slot)])
        return
    for contact in judged.reporters:
        code = objection(contract, contact.id, terms)
        if code is not None:
            if code not in _SILENT or not terms.scheduled:
                plan.leave_out(contract.id, [why_not(code, contact.id, contact.name, due_on)])
            continue
        plan.requests.append(
            Request(
                contact.mailbox or "",
                contract.company_id,
                contract.id,
                contact.id,
                due_on,
                len(waiting),
                which_mail(contract, contact.id, terms),
            )
        )


def objection(contract: Contract, contact_id: str, terms: Terms) -> str | None:
    """Why a contact is not written to about a contract by this round: a reason's code, None when
    nothing speaks against it, or this round has done so already."""
    asked_by = asked_in_slot(contract, contact_id)
    if terms.kind is Kind.REQUEST:
        return "already_asked" if asked_by not in {None, terms.round_id} else None
    if asked_by is None:
        return "not_asked"
    sent = marks.reminders(contract, contact_id)
    if any(mail.round_id == terms.round_id for mail in sent):
        return None
    if len(sent) >= REMINDERS:
        return "reminded_enough"
    if sent and sent[-1].on >= terms.today:
        return "reminded_today"
    due = _reminded_from(contract, contact_id, terms.remind_after)
    return _NOT_YET if terms.scheduled and (due is None or terms.today < due) else None


def _reminded_from(
    contract: Contract, contact_id: str, after: tuple[int, ...] | None
) -> date | None:
    """From which day on the schedule reminds next: so many days after the request, and as far from
    the last reminder as the two were meant to be. None: not at all."""
    mails = marks.mailed(contract, contact_id)
    sent = len(mails) - 1
    if after is None or not mails or mails[0].number != 0 or sent >= len(after):
        return None
    due = mails[0].on + timedelta(days=after[sent])
    if sent:
        due = max(due, mails[-1].on + timedelta(days=after[sent] - after[sent - 1]))
    return due


def which_mail(contract: Contract, contact_id: str, terms: Terms) -> int:
    """Which mail about the slot a round's is: 0 for a request, then the reminders."""
    if terms.kind is Kind.REQUEST:
        return 0
    sent = marks.reminders(contract, contact_id)
    own = next((mail.number for mail in sent if mail.round_id == terms.round_id), None)
    return own or max((mail.number for mail in sent), default=0) + 1


def why_not(code: str, contact_id: str, name: str, due_on: date) -> Reason:
    """An objection as a reason, with whom and what it concerns."""
    facts = {"due_on": due_on.isoformat(), "contact": contact_id, "name": name}
    return Reason(code, contact_id, facts=facts)


def still_wanted(
    request: Request,
    contract: Contract,
    contacts: Mapping[str, Contact],
    machines: Collection[Machine],
    posts: Mapping[str, Post],
    terms: Terms,
) -> tuple[list[Machine], list[Reason]]:
    """Just before sending: the machines to list, or why the request falls out of its mail.

    Judged by current data, and for this contact alone: what befell another reporter meanwhile is no
    reason to keep the mail from this one. The mark on the contract must still be this round's.
    """
    slot = {"due_on": request.due_on.isoformat()}
    reasons = [*readiness.about_contract(contract, terms.today, machines)]
    if not reasons:
        reasons = [*_about_recipient(request, contract, contacts, posts)]
    if reasons:
        return [], reasons
    moved = contract.due_on != request.due_on
    standing = marks.stands(contract, request.contact_id, request.reminder, terms.round_id)
    if moved or not standing:
        return [], [Reason("slot_changed", facts=slot)]
    waiting = [machine for machine in machines if still_open(machine, terms.grace_days)]
    return waiting, [] if waiting else [_nothing_open(machines, terms.grace_days, slot)]


def _nothing_open(machines: Iterable[Machine], grace_days: int, slot: Mapping[str, str]) -> Reason:
    """Why no machine is to be asked for: a problem stands in the way, or everything is there."""
    aside = (replace(m, problem=None) for m in machines if m.asked_for and m.set_aside)
    troubled = any(still_open(machine, grace_days) for machine in aside)
    return Reason("problem_reported" if troubled else "already_reported", facts=slot)


def _about_recipient(
    request: Request,
    contract: Contract,
    contacts: Mapping[str, Contact],
    posts: Mapping[str, Post],
) -> Iterable[Reason]:
    contact = contacts.get(request.contact_id)
    reporting = contact in reporters_of(contract, dict(contacts))
    if contact is None or not reporting or contact.mailbox != request.mailbox:
        name = contact.name if contact else ""
        facts = {"contact": request.contact_id, "name": name}
        return [Reason("address_changed", request.contact_id, facts=facts)]
    return readiness.faults_of(contact, contacts, posts, sending=True)


def keeps_its_mark(reasons: Collection[Reason]) -> bool:
    """Whether a request that fell out was settled otherwise; else a later round shall ask again."""
    return any(reason.code in {"already_reported", "slot_changed"} for reason in reasons)
