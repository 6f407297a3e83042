"""Planning a round: who is asked for what, written down so that nobody is asked twice.

Safe to repeat: an outbox row and the marks of its contracts are one conditional transaction, so
planning again after a crash only adds what is missing, and of two rounds at once one gives way.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace

from meterportal.batches import batches
from meterportal.domain.contracts import Contract
from meterportal.domain.mails import MailState, OutboxMail
from meterportal.domain.marks import marked
from meterportal.domain.readiness import Reason
from meterportal.domain.requests import (
    SCHEDULE,
    Plan,
    Request,
    Terms,
    consider,
    may_be_due,
    objection,
    which_mail,
    why_not,
)
from meterportal.domain.selections import Selection
from meterportal.doors import Doors
from meterportal.queues import UnknownMessage
from meterportal.settings import Moment
from meterportal.store import keys, marks, portfolio, rounds, selected
from meterportal.store.rounds import Round
from meterportal.store.table import ConditionFailed
from meterportal.usecases.select_contracts import (
    Chosen,
    grouped,
    means,
    places,
    with_machines,
)
from meterportal.usecases.sweep_rounds import queue_mails, queue_stale, sweep

_MARKS = 90
"""Contracts marked in one transaction, beside the outbox row."""


@dataclass(slots=True)
class Draft:
    """A plan with the terms that made it, the contracts as they were read (the marks are conditional
    on them) and the names of the contacts by number."""

    terms: Terms
    plan: Plan = field(default_factory=Plan)
    contracts: dict[str, Contract] = field(default_factory=dict)
    names: dict[str, str] = field(default_factory=dict)


def plan_round(doors: Doors, round_id: str, at: Moment, *, has_time: Callable[[], bool]) -> None:
    """Plan a round and queue its mails; a dry run keeps its proposal only.

    Short of time it queues itself and goes on later. Raises `UnknownMessage` for no such round.
    """
    started = rounds.load(doors.table, round_id)
    if started is None:
        raise UnknownMessage("no such round")
    sweep(doors, at, but=round_id)
    if started.problem:
        return
    if started.planned_at is not None:
        queue_stale(doors, rounds.mails(doors.table, round_id), at)
        return
    made = draft(doors, started)
    write = _propose if started.dry_run else _ask
    if not write(doors, started, made, at, has_time):
        doors.queues.send(doors.settings.plan_queue, [{"round_id": round_id}])
        return
    mails = sum(1 for _ in rounds.mails(doors.table, round_id))
    left_out = rounds.left_out_rows(round_id, made.plan.left_out)
    for row in left_out:
        doors.table.write(row)
    with suppress(ConditionFailed):  # the same message, delivered twice, was faster
        doors.table.write(
            rounds.finish_planning(
                round_id,
                mails=mails,
                left_out_rows=len(left_out),
                not_due=made.plan.not_due,
                at=at.now,
            )
        )


def draft(doors: Doors, started: Round) -> Draft:
    """What a round would do, from consistent reads: one query per company that has candidates."""
    selection = selected.load(doors.table, keys.run("ROUND", started.id)[0])
    terms = Terms(
        round_id=started.id,
        today=started.as_of,
        lead_days=doors.settings.lead_days,
        grace_days=doors.settings.grace_days,
        due_by=started.due_by,
        as_selected=selection.ids is not None,
        kind=started.kind,
        remind_after=doors.settings.remind_after_days if started.by == SCHEDULE else None,
    )
    made = Draft(terms)
    where = places(doors.table, selection)
    for number in where.unknown:
        made.plan.leave_out(number, [Reason("contract_unknown")])
    if where.companies is None:
        numbers = _candidates(doors, selection, terms, made.plan)
    else:
        numbers = iter(where.companies)
    chosen = _load(doors, selection, numbers)
    for group, posts in grouped(doors.table, chosen):
        for one in group:
            machines = list(one.holding.machines.values())
            made.names |= {contact.id: contact.name for contact in one.holding.contacts.values()}
            for contract in one.contracts:
                own = [machine for machine in machines if machine.contract_id == contract.id]
                consider(made.plan, contract, one.holding.contacts, own, posts, terms)
                made.contracts[contract.id] = contract
    return made


def _candidates(doors: Doors, selection: Selection, terms: Terms, plan: Plan) -> Iterator[str]:
    """Companies with contracts that may be due, from the index; the others only count."""
    meant = means(selection)
    for holding in portfolio.everybody(doors.table):
        contracts = [contract for contract in holding.contracts.values() if meant(contract)]
        if any(may_be_due(contract, terms) for contract in contracts):
            yield holding.company.id
        else:
            plan.not_due += len(contracts)


def _load(doors: Doors, selection: Selection, numbers: Iterator[str]) -> Iterator[Chosen]:
    meant = means(selection)
    state = selection.filter.state if selection.filter else None
    for number in numbers:
        yield from with_machines(doors.table, number, meant, state)


def _propose(
    doors: Doors, started: Round, made: Draft, at: Moment, has_time: Callable[[], bool]
) -> bool:
    """Keep a dry run's mails; nothing is marked, nothing is queued. False: out of time."""
    for mailbox, requests in made.plan.mails().items():
        if not has_time():
            return False
        with suppress(ConditionFailed):  # kept by an earlier try
            doors.table.write(
                rounds.plan_mail(started.id, mailbox, requests, state=MailState.PROPOSED, at=at.now)
            )
    return True


def _ask(
    doors: Doors, started: Round, made: Draft, at: Moment, has_time: Callable[[], bool]
) -> bool:
    """Write the outbox and queue it, ten mails at a time. False: out of time."""
    earlier = {mail.mailbox: mail for mail in rounds.mails(doors.table, started.id)}
    _forget_settled(made.plan, earlier.values())
    unqueued = [box for box, mail in earlier.items() if mail.state is MailState.PLANNED]
    for mailbox, requests in made.plan.mails().items():
        if not has_time():
            break
        if mailbox in earlier:
            _leave_to_next(made, earlier[mailbox], requests)
        elif _put_mail(doors, mailbox, requests, made, at):
            unqueued.append(mailbox)
        if len(unqueued) >= 10:
            queue_mails(doors, started.id, unqueued)
            unqueued = []
    else:
        queue_mails(doors, started.id, unqueued)
        return True
    queue_mails(doors, started.id, unqueued)
    return False


def _put_mail(
    doors: Doors, mailbox: str, requests: Sequence[Request], made: Draft, at: Moment
) -> bool:
    """One outbox row with the marks of its contracts; False when there is no such row after all.

    Contracts beyond what one transaction holds are marked first: the marks carry the round's id, so
    an interrupted round finds its own and goes on.
    """
    kept: list[Request] = []
    for part in batches(requests[_MARKS:], _MARKS):
        kept += _mark(doors, mailbox, part, made, beside=None, at=at)
    kept = _mark(doors, mailbox, requests[:_MARKS], made, beside=kept, at=at)
    return bool(kept)


def _mark(
    doors: Doors,
    mailbox: str,
    requests: Sequence[Request],
    made: Draft,
    *,
    beside: list[Request] | None,
    at: Moment,
) -> list[Request]:
    """Mark contracts in one transaction; the requests that hold.

    With `beside` (requests marked before) the outbox row of all of them is part of it.
    """
    left, round_id, day = list(requests), made.terms.round_id, made.terms.today
    while left or beside:
        writes = [marks.mark(r, made.contracts[r.contract_id], round_id, day) for r in left]
        whole = [*left, *(beside or [])]
        if beside is not None:
            row = rounds.plan_mail(round_id, mailbox, whole, state=MailState.PLANNED, at=at.now)
            writes.append(row)
        try:
            doors.table.transact(writes)
        except ConditionFailed as failure:
            if len(left) in failure.failed:
                return whole  # the row stands: this round's message was delivered twice
            left = _again(doors, left, failure.failed, made)
        else:
            _remember(made, left)
            return whole
    return []


def _again(
    doors: Doors, requests: list[Request], failed: Sequence[int], made: Draft
) -> list[Request]:
    """Somebody wrote to these contracts meanwhile: read them, drop what another round did."""
    places_ = [(requests[n].company_id, requests[n].contract_id) for n in failed]
    made.contracts |= portfolio.contracts(doors.table, places_)
    kept = []
    for request in requests:
        contract = made.contracts[request.contract_id]
        code = objection(contract, request.contact_id, made.terms)
        if contract.due_on != request.due_on:
            slot = {"due_on": request.due_on.isoformat()}
            made.plan.leave_out(contract.id, [Reason("slot_changed", facts=slot)])
        elif code is not None:
            name = made.names.get(request.contact_id, "")
            why = why_not(code, request.contact_id, name, request.due_on)
            made.plan.leave_out(contract.id, [why])
        else:
            which = which_mail(contract, request.contact_id, made.terms)
            kept.append(replace(request, reminder=which))
    return kept


def _remember(made: Draft, requests: Sequence[Request]) -> None:
    """Keep the contracts in step with what was just written."""
    for request in requests:
        made.contracts[request.contract_id] = marked(
            made.contracts[request.contract_id],
            request.contact_id,
            request.reminder,
            due_on=request.due_on,
            round_id=made.terms.round_id,
            on=made.terms.today,
        )


def _forget_settled(plan: Plan, earlier: Iterable[OutboxMail]) -> None:
    """What an earlier try of this round asked for is not left out, whatever came of it since."""
    for mail in earlier:
        for request in mail.requests:
            plan.left_out.pop(request.contract_id, None)


def _leave_to_next(made: Draft, earlier: OutboxMail, requests: Sequence[Request]) -> None:
    """A contract that came due after its mailbox's mail was written waits for the next round."""
    covered = {request.contract_id for request in earlier.requests}
    for request in requests:
        if request.contract_id not in covered:
            name = made.names.get(request.contact_id, "")
            facts = {"contact": request.contact_id, "name": name}
            reason = Reason("mail_planned_before", request.contact_id, facts=facts)
            made.plan.leave_out(request.contract_id, [reason])
