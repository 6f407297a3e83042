"""Staff pause a round or end it: its mails wait, or are taken back so that a later round asks."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from contextlib import suppress

from meterportal.adapters import Adapters
from meterportal.domain.access.journal import Action, Deed, FieldChange, StaffMember
from meterportal.domain.mailing.account import Stop
from meterportal.domain.mailing.mails import MailState, OutboxMail
from meterportal.domain.mailing.rounds import Round
from meterportal.domain.portfolio.readiness import Reason
from meterportal.domain.refusals import Conflict, NotFound
from meterportal.domain.runs import RunKind
from meterportal.settings import Moment
from meterportal.store.access import journal
from meterportal.store.mailing import marks, rounds, stops
from meterportal.store.writes import ConditionFailed

_MARKS = 90
"""Marks that fit into the transaction besides the outbox row."""

_ENDED = "round_ended"


class NothingWaits(Conflict):
    """A round that has sent everything, only tries out, or was ended before."""

    code = "nothing_waits"
    de = "In diesem Versandlauf wartet keine E-Mail mehr."
    en = "No mail of this round waits any more."


def pause_round(adapters: Adapters, round_id: str, at: Moment, *, by: StaffMember) -> None:
    """Its mails wait until staff let it go on; it does not go on by itself. Raises NotFound and
    NothingWaits."""
    _halt(adapters, round_id, Stop.PAUSED, at, by=by)


def end_round(adapters: Adapters, round_id: str, at: Moment, *, by: StaffMember) -> None:
    """Nothing more is sent; the planner takes back what waits. Asked once more it changes nothing.
    Raises NotFound and NothingWaits."""
    _halt(adapters, round_id, Stop.ENDED, at, by=by)
    adapters.queues.send(adapters.settings.plan_queue, [{"round_id": round_id}])


_ACTIONS = {Stop.PAUSED: Action.SENDING_PAUSED, Stop.ENDED: Action.ROUND_ENDED}


def _halt(adapters: Adapters, round_id: str, reason: Stop, at: Moment, *, by: StaffMember) -> None:
    found = rounds.load(adapters.table, round_id)
    if found is None:
        raise NotFound
    stopped = found.halt.stopped
    if stopped is not None and stopped.reason is reason:
        return  # asked twice
    if found.halt.ended or found.dry_run or not _waits(adapters, found):
        raise NothingWaits
    change = FieldChange("problem", stopped.reason.value if stopped else None, reason.value)
    deed = Deed(_ACTIONS[reason], RunKind.ROUND.value, round_id, changes=(change,))
    noted = journal.entries(adapters.new_number(), by, at.now, deed)
    try:
        adapters.table.transact([stops.stop_by_staff(round_id, reason, at=at.now), *noted])
    except ConditionFailed:
        raise NothingWaits from None


def _waits(adapters: Adapters, found: Round) -> bool:
    """Whether a mail is planned, or may still be."""
    if found.problem or found.settled is not None:
        return False
    mails = rounds.mails(adapters.table, found.id)
    return found.planned_at is None or any(mail.state is MailState.PLANNED for mail in mails)


def take_back(
    adapters: Adapters,
    round_id: str,
    mails: Iterable[OutboxMail],
    *,
    has_time: Callable[[], bool],
) -> bool:
    """Skips the mails of an ended round that were not sent, with the marks of their contracts, so that a
    later round asks. One transaction a mail. False: out of time."""
    for mail in mails:
        if mail.state is not MailState.PLANNED and not _taken_back_in_part(mail):
            continue
        if not has_time():
            return False
        if mail.state is not MailState.PLANNED or _skip(adapters, round_id, mail):
            for request in mail.requests[_MARKS:]:
                with suppress(ConditionFailed):  # the mark is of another round, or gone
                    adapters.table.write(marks.unmark(request, round_id))
    return True


def _taken_back_in_part(mail: OutboxMail) -> bool:
    """Whether a planner may have stopped behind the first marks of a mail with very many."""
    ended = any(reason.code == _ENDED for _, why in mail.dropped for reason in why)
    return mail.state is MailState.SKIPPED and ended and len(mail.requests) > _MARKS


def _skip(adapters: Adapters, round_id: str, mail: OutboxMail) -> bool:
    """Skips a mail with as many of its marks as one transaction holds. False: a worker has sent it."""
    why = [(request.contract_id, (Reason(_ENDED),)) for request in mail.requests]
    skip = rounds.skip(mail, dropped=why).named("mail")
    left = list(mail.requests[:_MARKS])
    while True:
        unmark = [marks.unmark(one, round_id).named(one.contract_id) for one in left]
        try:
            adapters.table.transact([skip, *unmark])
        except ConditionFailed as failure:
            if failure.on("mail"):
                return False
            left = [one for one in left if not failure.on(one.contract_id)]
        else:
            return True
