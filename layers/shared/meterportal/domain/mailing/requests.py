"""Who is asked or reminded for which readings: the same plan for the dry run and for the round.

A contract is due if its reading channel is PORTAL, it is running, its due date is not after the
horizon (today + lead days; overdue included), and a billable meter is still open. Contracts
selected by number are asked whether they are due or not. Each mailbox gets one mail per round, for
all companies.

A contact is reminded if they were asked for the period and something is still missing: by staff at
any time, but only once a day; by the schedule on its days. At most twice, and never while an earlier
mail about the period still waits. Where the schedule's last step is an estimate, it is announced
after the last reminder, once.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from enum import StrEnum

from meterportal.domain.access.mailboxes import Mailbox
from meterportal.domain.frozen import frozen
from meterportal.domain.mailing import marks
from meterportal.domain.mailing.marks import ANNOUNCEMENT, REMINDERS, asked_in_period
from meterportal.domain.mailing.schedules import THIRD_DAY, LastStep, Schedule, reminded_from
from meterportal.domain.portfolio import readiness
from meterportal.domain.portfolio.contracts import Contact, Contract, ReadingChannel, reporters_of
from meterportal.domain.portfolio.machines import Machine
from meterportal.domain.portfolio.progress import Grace, still_open
from meterportal.domain.portfolio.readiness import Reason
from meterportal.domain.reporting import estimates

SCHEDULE = "schedule"
"""Who starts the rounds that no staff member starts."""

_NOT_YET = "reminder_later"
_WAITS = "mail_waits"
_ANNOUNCED = "announced"
_SILENT = {"not_asked", "reminded_today", "reminded_enough", _NOT_YET, _WAITS, _ANNOUNCED}
"""Objections that every scheduled round of reminders or announcements meets; they are not reported."""


class RoundKind(StrEnum):
    REQUEST = "request"
    REMINDER = "reminder"
    ANNOUNCEMENT = "announcement"


def kind_of(number: int) -> RoundKind:
    """The kind of a round by the number of its mails."""
    if number == ANNOUNCEMENT:
        return RoundKind.ANNOUNCEMENT
    return RoundKind.REMINDER if number else RoundKind.REQUEST


Waiting = tuple[str, str, str]
"""A mail that is planned and not sent: its round, a contract that it is about, the contact."""


@frozen
class RoundDay:
    """What of a round still counts when one of its mails is sent: its id, the business date, and the
    dealer's schedule."""

    round_id: str
    today: date
    schedule: Schedule


@frozen
class Terms(RoundDay):
    """The conditions of a round. `due_by` replaces today + lead days; `as_selected` asks contracts
    that were selected by number, due or not (but none that is due after a given `due_by`).

    `by_itself`: the schedule's own round, which keeps to the schedule's days; staff decide themselves, but
    reminders before the third day are `early`, which they have to say.
    `waiting`: mails of other rounds, read for reminders.
    """

    due_by: date | None = None
    as_selected: bool = False
    kind: RoundKind = RoundKind.REQUEST
    by_itself: bool = False
    early: bool = False
    waiting: frozenset[Waiting] = frozenset()

    def horizon_of(self, contract: Contract) -> date:
        """The last due date that the contract is asked for."""
        return self.due_by or self.today + timedelta(days=self.schedule.lead_days_of(contract.id))


@frozen
class Request:
    """One contract about which one contact is asked for one period; `machines` is how many of its
    machines are still open. `reminder` is the mail's number (see `marks`), 0 for the request itself."""

    mailbox: str
    company_id: str
    contract_id: str
    contact_id: str
    due_on: date
    machines: int
    reminder: int = 0


@dataclass(slots=True)
class RoundPlan:
    """What a round will send, before anything is sent.

    `left_out` are contracts with their reasons; `not_due` counts contracts of a filter that are not
    due and get no reason.
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
    """Whether a contract may be due, judged by the contract alone. In a round by filter only such
    contracts have to be looked at with their machines."""
    if contract.reading_channel is not ReadingChannel.PORTAL or not contract.running(terms.today):
        return False
    if contract.due_on is None:
        return False
    if terms.kind is not RoundKind.REQUEST:
        in_time = terms.due_by is None or contract.due_on <= terms.due_by
        return in_time and any(
            may_be_reminded(contract, contact_id, terms) for contact_id in contract.asked
        )
    return contract.due_on <= terms.horizon_of(contract)


def may_be_reminded(contract: Contract, contact_id: str, terms: Terms) -> bool:
    """Whether a contact was asked for the period and, in a scheduled round, it is time to remind
    them."""
    if asked_in_period(contract, contact_id) is None:
        return False
    return not terms.by_itself or objection(contract, contact_id, terms) is None


def consider(
    plan: RoundPlan,
    contract: Contract,
    contacts: Mapping[str, Contact],
    machines: Collection[Machine],
    posts: Mapping[str, Mailbox],
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
    period = {"due_on": due_on.isoformat()}
    if terms.due_by is not None and due_on > terms.due_by:
        plan.leave_out(contract.id, [Reason("not_due", facts=period)])
        return
    waiting = [machine for machine in machines if still_open(machine, terms.schedule.grace_days_of)]
    if terms.kind is RoundKind.ANNOUNCEMENT:
        reminded = _all_reminded(contract, judged.reporters, terms.schedule)
        waiting = [one for one in waiting if reminded and estimable(one, contract, terms)]
    if not waiting and terms.by_itself and terms.kind is not RoundKind.REQUEST:
        plan.not_due += 1  # true for most contacts on every day, so not worth reporting
        return
    if not waiting:
        plan.leave_out(contract.id, [_nothing_open(machines, terms.schedule.grace_days_of, period)])
        return
    for contact in judged.reporters:
        code = objection(contract, contact.id, terms)
        if code is not None:
            if code not in _SILENT or not terms.by_itself:
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
    """Why this round does not write to a contact about a contract: a reason's code. None if there
    is no objection, or if this round has already written."""
    asked_by = asked_in_period(contract, contact_id)
    if terms.kind is RoundKind.REQUEST:
        return "already_asked" if asked_by not in {None, terms.round_id} else None
    if asked_by is None:
        return "not_asked"
    sent = marks.reminders(contract, contact_id)
    if any(mail.round_id == terms.round_id for mail in sent):
        return None
    earlier = [asked_by, *(mail.round_id for mail in sent)]
    if any((number, contract.id, contact_id) in terms.waiting for number in earlier):
        return _WAITS
    if terms.kind is RoundKind.ANNOUNCEMENT:
        return _against_announcement(contract, contact_id, terms)
    if len(sent) >= REMINDERS:
        return "reminded_enough"
    if sent and sent[-1].on >= terms.today:
        return "reminded_today"
    if not terms.by_itself:
        return None if terms.early else _too_early(contract, contact_id, terms.today)
    due = _reminded_from(contract, contact_id, terms.schedule)
    return _NOT_YET if due is None or terms.today < due else None


def _too_early(contract: Contract, contact_id: str, today: date) -> str | None:
    """The objection that a contact was asked less than three days ago."""
    asked_on = next((one.on for one in marks.mailed(contract, contact_id) if not one.number), None)
    lately = asked_on is not None and today < asked_on + timedelta(days=THIRD_DAY)
    return "asked_lately" if lately else None


def _against_announcement(contract: Contract, contact_id: str, terms: Terms) -> str | None:
    known = marks.announcement(contract, contact_id)
    if known is not None:
        return None if known.round_id == terms.round_id else _ANNOUNCED
    mails = marks.mailed(contract, contact_id)
    estimated = terms.schedule.last_step_of(contract.id) is LastStep.ESTIMATE
    if not estimated or not mails or contract.due_on is None:
        return _NOT_YET
    due = max(
        contract.due_on + timedelta(days=terms.schedule.announce_after),
        mails[-1].on + timedelta(days=THIRD_DAY),
    )
    last = len(terms.schedule.reminders_of(contract.id))
    return _NOT_YET if mails[-1].number < last or terms.today < due else None


def _all_reminded(contract: Contract, people: Collection[Contact], schedule: Schedule) -> bool:
    """Whether everybody who was asked has had the last reminder: before that nothing is announced."""
    asked = [one for one in people if asked_in_period(contract, one.id) is not None]
    last = len(schedule.reminders_of(contract.id))
    return all(len(marks.reminders(contract, one.id)) >= last for one in asked)


def estimable(machine: Machine, contract: Contract, terms: RoundDay) -> bool:
    """Whether an announcement names a machine: something is missing there that can be estimated."""
    grace = terms.schedule.grace_days_of
    return estimates.estimable(machine, contract, today=terms.today, grace=grace)


def _reminded_from(contract: Contract, contact_id: str, schedule: Schedule) -> date | None:
    """The first day on which the schedule sends the next reminder. None: no further reminder."""
    mails = marks.mailed(contract, contact_id)
    if not mails or mails[0].number != 0 or contract.due_on is None:
        return None
    if mails[-1].number == ANNOUNCEMENT:
        return None
    return reminded_from(
        schedule.reminders_of(contract.id),
        len(mails) - 1,
        asked_on=mails[0].on,
        last_on=mails[-1].on,
        due_on=contract.due_on,
    )


def which_mail(contract: Contract, contact_id: str, terms: Terms) -> int:
    """The number of a round's mail about the period: 0 for a request, then the reminders."""
    if terms.kind is RoundKind.REQUEST:
        return 0
    if terms.kind is RoundKind.ANNOUNCEMENT:
        return ANNOUNCEMENT
    sent = marks.reminders(contract, contact_id)
    own = next((mail.number for mail in sent if mail.round_id == terms.round_id), None)
    return own or max((mail.number for mail in sent), default=0) + 1


def why_not(code: str, contact_id: str, name: str, due_on: date) -> Reason:
    """An objection as a reason, with the contact and the period."""
    facts = {"due_on": due_on.isoformat(), "contact": contact_id, "name": name}
    return Reason(code, contact_id, facts=facts)


def still_wanted(
    request: Request,
    contract: Contract,
    contacts: Mapping[str, Contact],
    machines: Collection[Machine],
    posts: Mapping[str, Mailbox],
    terms: RoundDay,
) -> tuple[list[Machine], list[Reason]]:
    """Checked just before sending: the machines to list, or why the request is dropped from its
    mail.

    Only current data and this contact count: a problem with another reporter is no reason to send
    this one nothing. The contract's mark must still be of this round.
    """
    period = {"due_on": request.due_on.isoformat()}
    reasons = [*readiness.about_contract(contract, terms.today, machines)]
    if not reasons:
        reasons = [*_about_recipient(request, contract, contacts, posts)]
    if reasons:
        return [], reasons
    moved = contract.due_on != request.due_on
    standing = marks.stands(contract, request.contact_id, request.reminder, terms.round_id)
    if moved or not standing:
        return [], [Reason("slot_changed", facts=period)]
    waiting = [machine for machine in machines if still_open(machine, terms.schedule.grace_days_of)]
    if not waiting:
        return [], [_nothing_open(machines, terms.schedule.grace_days_of, period)]
    if request.reminder == ANNOUNCEMENT:
        waiting = [one for one in waiting if estimable(one, contract, terms)]
    return waiting, [] if waiting else [Reason("no_estimate", facts=period)]


def _nothing_open(machines: Iterable[Machine], grace: Grace, period: Mapping[str, str]) -> Reason:
    """Why there is no machine to ask for: a problem was reported, or all values were."""
    without_problem = (replace(m, problem=None) for m in machines if m.asked_for and m.set_aside)
    by_problem = any(still_open(machine, grace) for machine in without_problem)
    return Reason("problem_reported" if by_problem else "already_reported", facts=period)


def _about_recipient(
    request: Request,
    contract: Contract,
    contacts: Mapping[str, Contact],
    posts: Mapping[str, Mailbox],
) -> Iterable[Reason]:
    contact = contacts.get(request.contact_id)
    reporting = contact in reporters_of(contract, dict(contacts))
    if contact is None or not reporting or contact.mailbox != request.mailbox:
        name = contact.name if contact else ""
        facts = {"contact": request.contact_id, "name": name}
        return [Reason("address_changed", request.contact_id, facts=facts)]
    return readiness.faults_of(contact, contacts, posts, sending=True)


def keeps_its_mark(reasons: Collection[Reason]) -> bool:
    """Whether a dropped request was settled in another way. If not, a later round has to ask
    again."""
    return any(reason.code in {"already_reported", "slot_changed"} for reason in reasons)
