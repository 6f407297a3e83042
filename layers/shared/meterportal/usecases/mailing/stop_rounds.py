"""Rounds whose mails stop for the account's sake or because too many came back, and how they go on.

Nobody takes a mail away: it stays planned. Whoever lets a round go on ends the stop first, then has
the planner queue what waits; a message too many does no harm.
"""

from __future__ import annotations

from contextlib import suppress
from itertools import takewhile
from math import ceil

from meterportal.adapters import Adapters
from meterportal.domain.access.journal import Action, Deed, FieldChange, StaffMember
from meterportal.domain.mailing.account import (
    SendingAccount,
    Stop,
    obstacle,
    too_many_returned,
    worthwhile,
)
from meterportal.domain.mailing.mails import MailState
from meterportal.domain.mailing.rounds import HELD, Round, Stopped
from meterportal.domain.refusals import Conflict, NotFound
from meterportal.domain.runs import RunKind
from meterportal.queues import DELAYED_MOST
from meterportal.settings import Moment
from meterportal.store.access import journal
from meterportal.store.mailing import rounds, stops
from meterportal.store.writes import ConditionFailed

_BEYOND = 100


class RoundEnded(Conflict):
    """A round that staff have ended."""

    code = "round_ended"
    de = "Dieser Versandlauf ist beendet. Was nicht versendet ist, kommt in einen neuen."
    en = "This round has ended. What was not sent comes into a new one."


class NotStopped(Conflict):
    """A round that sends or has sent."""

    code = "not_stopped"
    de = "Der Versand dieser Runde ist nicht gestoppt."
    en = "Sending of this round has not stopped."


def stop_round(adapters: Adapters, round_id: str, reason: Stop, at: Moment) -> None:
    """Stops a round; one that has stopped keeps its reason."""
    with suppress(ConditionFailed):
        adapters.table.write(stops.stop(round_id, reason, at=at.now))


def hindered(adapters: Adapters, header: Round | None, at: Moment) -> bool:
    """Whether the round's mails wait. Stops it when the account does not let them go."""
    if header is None or header.halt.stopped is not None:
        return header is not None
    # What was read before the round began, or before it went on, may have changed since.
    account = adapters.account.look(at.now, after=header.halt.resumed_at or header.created_at)
    if account is None:
        return False
    reason = obstacle(account, sandbox_accepted=header.halt.sandbox_accepted)
    if reason is None:
        return False
    stop_round(adapters, header.id, reason, at)
    return True


def stop_after_return(adapters: Adapters, round_id: str, at: Moment) -> None:
    """Stops a round of which too many mails came back while others wait. One read; of a round that
    still sends one query more."""
    found = rounds.load(adapters.table, round_id)
    if found is None or found.halt.stopped is not None or found.settled is not None:
        return
    mails = list(rounds.mails(adapters.table, round_id))
    reason = too_many_returned(mails, found.halt.judged_from)
    if reason is not None and any(mail.state is MailState.PLANNED for mail in mails):
        stop_round(adapters, round_id, reason, at)


def resume_round(adapters: Adapters, round_id: str, at: Moment, *, by: StaffMember) -> None:
    """Staff let a round go on. One that has gone on already is only queued once more.

    Raises NotFound, RoundEnded, and NotStopped for a round that never stopped.
    """
    found = rounds.load(adapters.table, round_id)
    if found is None:
        raise NotFound
    if found.halt.ended:
        raise RoundEnded
    if found.halt.stopped is not None:
        reason = found.halt.stopped.reason.value
        deed = Deed(
            Action.SENDING_RESUMED,
            RunKind.ROUND.value,
            round_id,
            changes=(FieldChange("problem", reason, None),),
        )
        noted = journal.entries(adapters.new_number(), by, at.now, deed)
        go_on = stops.go_on(round_id, found.halt.stopped, at=at.now, accepted=True)
        with suppress(ConditionFailed):  # somebody else was faster
            adapters.table.transact([go_on, *noted])
    elif found.halt.resumed_at is None:
        raise NotStopped
    adapters.queues.send(adapters.settings.plan_queue, [{"round_id": round_id}])


def go_on_where_possible(adapters: Adapters, at: Moment) -> int:
    """Has the rounds go on whose obstacle is gone from the account; returns their number. One query
    when none has stopped."""
    recent = (found for _, found in rounds.newest(adapters.table))
    stopped = [
        (found, found.halt.stopped)
        for found in takewhile(lambda one: one.created_at >= at.now - HELD, recent)
        if found.halt.stopped is not None and found.halt.stopped.reason.lifted_by_itself
    ]
    if not stopped:
        return 0
    # Later than the last stop: what stopped a round may have been read a minute before.
    account = adapters.account.look(at.now, after=max(stop.at for _, stop in stopped))
    if account is None:
        return 0
    portion = _portion(account)
    messages = [
        {"round_id": found.id, "stopped_at": stop.at.isoformat(), **portion}
        for found, stop in stopped
        if obstacle(account, sandbox_accepted=_accepted(found, stop)) is None
        if stop.reason is not Stop.QUOTA_REACHED or worthwhile(account)
    ]
    adapters.queues.send(adapters.settings.plan_queue, messages)
    return len(messages)


def _portion(account: SendingAccount) -> dict[str, int]:
    """How many of the mails that wait are queued at once, and after how many seconds the next ones are: what
    the account sends in a quarter of an hour, of what its quota leaves a little more: the first that meets
    the quota stops the round again. Nothing where nobody says how fast it sends."""
    if account.rate is None:
        return {}
    most = max(1, int(account.rate * DELAYED_MOST))
    if account.room is not None:
        most = min(most, account.room + _BEYOND)
    return {"most": most, "again_in": ceil(most / account.rate)}


def _accepted(found: Round, stop: Stopped) -> bool:
    """Whether the sandbox is no obstacle to this round: staff accepted it, and no mail has met it since."""
    return found.halt.sandbox_accepted and stop.reason is not Stop.SANDBOX


def end_stop(adapters: Adapters, found: Round, at: Moment) -> None:
    """Ends the stop of a round whose obstacle is gone; somebody may have done so already."""
    if found.halt.stopped is not None:
        with suppress(ConditionFailed):
            go_on = stops.go_on(found.id, found.halt.stopped, at=at.now, accepted=False)
            adapters.table.write(go_on)
