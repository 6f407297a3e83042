"""Plans a round: who is asked for what, stored so that nobody is asked twice.

Planning may be repeated: an outbox row and the marks of its contracts are one conditional
transaction. After an interruption planning only adds what is missing, and of two concurrent rounds
only one marks a contract. A large round is planned in pieces; an interrupted one goes on with the piece
at which it stood.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from dataclasses import replace
from typing import NamedTuple

from meterportal.adapters import Adapters
from meterportal.batches import batches
from meterportal.domain.mailing.mails import MailState, OutboxMail
from meterportal.domain.mailing.marks import marked
from meterportal.domain.mailing.requests import (
    SCHEDULE,
    Request,
    RoundKind,
    RoundPlan,
    Terms,
    objection,
    which_mail,
    why_not,
)
from meterportal.domain.mailing.rounds import Round
from meterportal.domain.portfolio.readiness import Reason
from meterportal.domain.portfolio.selections import Selection
from meterportal.domain.runs import RunKind
from meterportal.queues import UnknownMessage
from meterportal.settings import Moment
from meterportal.store import runs
from meterportal.store.mailing import left_out, marks, pieces, rounds
from meterportal.store.portfolio import holdings, selected
from meterportal.store.writes import ConditionFailed, Write
from meterportal.usecases.mailing.draft_round import Draft, draft, list_pieces
from meterportal.usecases.mailing.estimate_announced import estimate_announced
from meterportal.usecases.mailing.halt_rounds import take_back
from meterportal.usecases.mailing.schedule_now import schedule_now
from meterportal.usecases.mailing.stop_rounds import end_stop
from meterportal.usecases.mailing.sweep_rounds import (
    mails_that_wait,
    queue_mails,
    queue_stale,
    sweep,
)
from meterportal.usecases.runs.take_up import begin

_MARKS = 90
"""Contracts marked in one transaction, besides the outbox row."""


class MailPortion(NamedTuple):
    """How many mails are queued at once, and after how many seconds the next ones are."""

    most: int
    again_in: int


def plan_round(
    adapters: Adapters,
    round_id: str,
    at: Moment,
    *,
    has_time: Callable[[], bool],
    stopped_at: str | None = None,
    portion: MailPortion | None = None,
) -> None:
    """Plans a round and queues its mails; a dry run only stores the proposal. Of one that is planned
    it queues what waits; with `stopped_at` it ends the stop of that moment first; with a `portion` it queues as many and comes back for the next. Of one that staff have
    ended it takes back what waits.

    Out of time it queues itself and continues later. Raises `UnknownMessage` if there is no such
    round.
    """
    started = rounds.load(adapters.table, round_id)
    if started is None:
        raise UnknownMessage("no such round")
    if started.planned_at is None and not started.problem:
        begin(adapters, RunKind.ROUND, round_id, now=at.now)
    sweep(adapters, at, but=round_id)
    if started.problem:
        return
    if started.halt.ended:
        if started.planned_at is None:
            _finish(adapters, started, at)
        mails = rounds.mails(adapters.table, round_id)
        if not take_back(adapters, round_id, mails, has_time=has_time):
            adapters.queues.send(adapters.settings.plan_queue, [{"round_id": round_id}])
        return
    if started.planned_at is not None:
        if started.halt.stopped is not None and started.halt.stopped.at.isoformat() == stopped_at:
            end_stop(adapters, started, at)
            started = rounds.load(adapters.table, round_id) or started
        mails = rounds.mails(adapters.table, round_id)
        queued = queue_stale(adapters, started, mails, at, portion.most if portion else None)
        if portion is not None and queued == portion.most:
            again = {"round_id": round_id, **portion._asdict()}
            adapters.queues.send(adapters.settings.plan_queue, [again], delay=portion.again_in)
        return
    done = started.kind is not RoundKind.ANNOUNCEMENT or estimate_announced(
        adapters, at, has_time=has_time
    )
    if not (done and _plan(adapters, started, at, has_time)):
        runs.hand_on(adapters.table, RunKind.ROUND, round_id)
        adapters.queues.send(adapters.settings.plan_queue, [{"round_id": round_id}])


def _plan(adapters: Adapters, started: Round, at: Moment, has_time: Callable[[], bool]) -> bool:
    """Plans a round, a large one piece by piece from where it stands. False: out of time."""
    selection = selected.load(adapters.table, RunKind.ROUND, started.id)
    terms = _terms(adapters, started, selection, at)
    write = _propose if started.dry_run else _ask
    if started.pieces is None:
        listed, plan = list_pieces(adapters, selection, terms)
        if len(listed) == 1:
            made = draft(adapters, selection, terms, listed[0], plan)
            if not write(adapters, made, at, has_time):
                return False
            return _finish(adapters, _left_out(adapters, started, made.plan), at)
        started = _in_pieces(adapters, started, listed, plan)
    while started.pieces is not None and started.pieces.done < started.pieces.count:
        if started.halt.ended or not has_time():
            return False
        place = started.pieces
        numbers = pieces.load(adapters.table, started.id, place.listing, place.done)
        made = draft(adapters, selection, terms, numbers, RoundPlan(not_due=started.not_due))
        if not write(adapters, made, at, has_time):
            return False
        found = _left_out(adapters, started, made.plan)
        with suppress(ConditionFailed):  # another worker has planned the same piece
            adapters.table.write(pieces.done(found, place.done))
        started = rounds.load(adapters.table, started.id) or found
    return _finish(adapters, started, at)


def _terms(adapters: Adapters, started: Round, selection: Selection, at: Moment) -> Terms:
    asks = started.kind is RoundKind.REQUEST
    return Terms(
        round_id=started.id,
        today=started.as_of,
        schedule=schedule_now(adapters),
        due_by=started.due_by,
        as_selected=selection.as_selected,
        kind=started.kind,
        by_itself=started.by == SCHEDULE,
        early=started.early,
        waiting=frozenset() if asks else mails_that_wait(adapters, at),
    )


def _in_pieces(
    adapters: Adapters, started: Round, listed: Sequence[Sequence[str]], plan: RoundPlan
) -> Round:
    """The round with its pieces, ours or those that another worker has stored."""
    found = _left_out(adapters, started, plan)
    with suppress(ConditionFailed):
        pieces.keep(adapters.table, found, adapters.new_number(), listed)
    return rounds.load(adapters.table, started.id) or started


def _left_out(adapters: Adapters, started: Round, plan: RoundPlan) -> Round:
    """Stores what is left out, behind the rows that are there; the round with both counts."""
    rows = left_out.rows(started.id, plan.left_out, start=started.left_out_rows)
    for row in rows:
        adapters.table.write(row)
    return replace(started, left_out_rows=started.left_out_rows + len(rows), not_due=plan.not_due)


def _finish(adapters: Adapters, planned: Round, at: Moment) -> bool:
    """Notes that planning is done. True."""
    mails = sum(1 for _ in rounds.mails(adapters.table, planned.id))
    with suppress(ConditionFailed):  # the same message was delivered twice
        rounds.finish_planning(adapters.table, replace(planned, mails=mails), at=at.now)
    return True


def _propose(adapters: Adapters, made: Draft, at: Moment, has_time: Callable[[], bool]) -> bool:
    """Stores a dry run's mails; nothing is marked, nothing is queued. False: out of time."""
    for mailbox, requests in made.plan.mails().items():
        if not has_time():
            return False
        with suppress(ConditionFailed):  # stored by an earlier try
            adapters.table.write(
                rounds.plan_mail(
                    made.terms.round_id, mailbox, requests, state=MailState.PROPOSED, at=at.now
                )
            )
    return True


def _ask(adapters: Adapters, made: Draft, at: Moment, has_time: Callable[[], bool]) -> bool:
    """Writes the outbox and queues it, ten mails at a time. False: out of time, or staff have ended the
    round.
    """
    round_id, mails = made.terms.round_id, made.plan.mails()
    found = rounds.mails_at(adapters.table, {(round_id, mailbox) for mailbox in mails})
    earlier = {mail.mailbox: mail for mail in found.values()}
    _forget_settled(made.plan, earlier.values())
    unqueued = [box for box, mail in earlier.items() if mail.state is MailState.PLANNED]
    for mailbox, requests in mails.items():
        if not has_time():
            break
        if mailbox in earlier:
            _leave_to_next(made, earlier[mailbox], requests)
        elif _put_mail(adapters, mailbox, requests, made, at):
            unqueued.append(mailbox)
        if len(unqueued) >= 10:
            queue_mails(adapters, round_id, unqueued)
            unqueued = []
            header = rounds.load(adapters.table, round_id)
            if header is not None and header.halt.ended:
                return False
    else:
        queue_mails(adapters, round_id, unqueued)
        return True
    queue_mails(adapters, round_id, unqueued)
    return False


def _put_mail(
    adapters: Adapters, mailbox: str, requests: Sequence[Request], made: Draft, at: Moment
) -> bool:
    """Writes an outbox row with the marks of its contracts; False when there is none to write.

    If one transaction cannot hold all contracts, the others are marked before: the marks have the
    round's id, so an interrupted round recognises and continues them.
    """
    kept: list[Request] = []
    for part in batches(requests[_MARKS:], _MARKS):
        kept += _mark(adapters, mailbox, part, made, beside=None, at=at)
    kept = _mark(adapters, mailbox, requests[:_MARKS], made, beside=kept, at=at)
    return bool(kept)


def _mark(
    adapters: Adapters,
    mailbox: str,
    requests: Sequence[Request],
    made: Draft,
    *,
    beside: list[Request] | None,
    at: Moment,
) -> list[Request]:
    """Marks contracts in one transaction; returns the requests that are marked.

    With `beside` (requests marked before) the transaction also writes the outbox row of all of
    them.
    """
    left, round_id = list(requests), made.terms.round_id
    while left or beside:
        writes = [_mark_of(one, made).named(one.contract_id) for one in left]
        together = [*left, *(beside or [])]
        if beside is not None:
            row = rounds.plan_mail(round_id, mailbox, together, state=MailState.PLANNED, at=at.now)
            writes.append(row.named("mail"))
        try:
            adapters.table.transact(writes)
        except ConditionFailed as failure:
            if failure.on("mail"):
                return together  # the row exists: the message was delivered twice
            left = _again(adapters, left, failure, made)
        else:
            _remember(made, left)
            return together
    return []


def _mark_of(request: Request, made: Draft) -> Write:
    terms, contract = made.terms, made.contracts[request.contract_id]
    announced = terms.kind is RoundKind.ANNOUNCEMENT
    estimate_on = terms.schedule.estimated_on(terms.today) if announced else None
    return marks.mark(request, contract, terms.round_id, terms.today, estimate_on=estimate_on)


def _again(
    adapters: Adapters, requests: list[Request], failure: ConditionFailed, made: Draft
) -> list[Request]:
    """Somebody wrote to these contracts meanwhile: reads them again and drops what another round
    asked for.
    """
    places_ = [(r.company_id, r.contract_id) for r in requests if failure.on(r.contract_id)]
    made.contracts |= holdings.contracts(adapters.table, places_)
    kept = []
    for request in requests:
        contract = made.contracts[request.contract_id]
        code = objection(contract, request.contact_id, made.terms)
        if contract.due_on != request.due_on:
            period = {"due_on": request.due_on.isoformat()}
            made.plan.leave_out(contract.id, [Reason("slot_changed", facts=period)])
        elif code is not None:
            name = made.names.get(request.contact_id, "")
            why = why_not(code, request.contact_id, name, request.due_on)
            made.plan.leave_out(contract.id, [why])
        else:
            which = which_mail(contract, request.contact_id, made.terms)
            kept.append(replace(request, reminder=which))
    return kept


def _remember(made: Draft, requests: Sequence[Request]) -> None:
    """Updates the contracts in memory after their marks were written."""
    for request in requests:
        made.contracts[request.contract_id] = marked(
            made.contracts[request.contract_id],
            request.contact_id,
            request.reminder,
            due_on=request.due_on,
            round_id=made.terms.round_id,
            on=made.terms.today,
        )


def _forget_settled(plan: RoundPlan, earlier: Iterable[OutboxMail]) -> None:
    """Contracts in mails of an earlier try of this round do not count as left out."""
    for mail in earlier:
        for request in mail.requests:
            plan.left_out.pop(request.contract_id, None)


def _leave_to_next(made: Draft, earlier: OutboxMail, requests: Sequence[Request]) -> None:
    """A contract that became due after its mailbox's mail was planned waits for the next round."""
    covered = {request.contract_id for request in earlier.requests}
    for request in requests:
        if request.contract_id not in covered:
            name = made.names.get(request.contact_id, "")
            facts = {"contact": request.contact_id, "name": name}
            reason = Reason("mail_planned_before", request.contact_id, facts=facts)
            made.plan.leave_out(request.contract_id, [reason])
