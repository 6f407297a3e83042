"""That a round's mails wait or never go out, in its header: why and since when, and when it went on."""

from __future__ import annotations

from datetime import datetime

from meterportal.domain.mailing.account import Stop
from meterportal.domain.mailing.rounds import Halt, Stopped
from meterportal.store import keys
from meterportal.store.items import Item
from meterportal.store.writes import Write


def read(item: Item) -> Halt:
    """What the header of a round says about its stops."""
    stopped_at, resumed_at, judged_from = (
        datetime.fromisoformat(item[name]) if name in item else None
        for name in ("stopped_at", "resumed_at", "judged_from")
    )
    return Halt(
        stopped=Stopped(Stop(item["stopped_for"]), stopped_at) if stopped_at else None,
        resumed_at=resumed_at,
        judged_from=judged_from,
        sandbox_accepted=item.get("sandbox_accepted", False),
    )


def stop(round_id: str, reason: Stop, *, at: datetime) -> Write:
    """Fails when the round has stopped already."""
    return Write(
        key=keys.run("ROUND", round_id),
        update="SET #stopped_for = :reason, #stopped_at = :at",
        condition="attribute_exists(pk) AND attribute_not_exists(#stopped_at)",
        values={"reason": reason.value, "at": at.isoformat()},
    )


def stop_by_staff(round_id: str, reason: Stop, *, at: datetime) -> Write:
    """Pauses or ends a round, whatever it has stopped for; fails when it was ended before."""
    return Write(
        key=keys.run("ROUND", round_id),
        update="SET #stopped_for = :reason, #stopped_at = :at",
        condition="attribute_exists(pk) AND"
        " (attribute_not_exists(#stopped_for) OR #stopped_for <> :ended)",
        values={"reason": reason.value, "at": at.isoformat(), "ended": Stop.ENDED.value},
    )


def go_on(round_id: str, stopped: Stopped, *, at: datetime, accepted: bool) -> Write:
    """Ends this stop; fails when it has ended already. `accepted`: staff want it in spite of the
    reason, so that it does not stop the round again at once."""
    sets = ["#resumed_at = :at"]
    if accepted and stopped.reason.about_returns:
        sets.append("#judged_from = :at")
    if accepted and stopped.reason is Stop.SANDBOX:
        sets.append("#sandbox_accepted = :yes")
    return Write(
        key=keys.run("ROUND", round_id),
        update=f"SET {', '.join(sets)} REMOVE #stopped_for, #stopped_at",
        condition="#stopped_at = :stopped",
        values={
            "at": at.isoformat(),
            "stopped": stopped.at.isoformat(),
            **({"yes": True} if stopped.reason is Stop.SANDBOX and accepted else {}),
        },
    )
