"""Staff read and set above which usage a second person has to accept a value."""

from __future__ import annotations

from meterportal.adapters import Adapters
from meterportal.domain.access.journal import Action, Deed, StaffMember, between
from meterportal.domain.refusals import ChangedMeanwhile
from meterportal.domain.release.second_person import ReleaseLimits, StoredLimits
from meterportal.settings import Moment
from meterportal.store.access import journal
from meterportal.store.release import limits
from meterportal.store.writes import ConditionFailed


class LimitsChanged(ChangedMeanwhile):
    """Facts: `version`, the stored one."""

    de = "Die Grenze wurde inzwischen geändert. Bitte sehen Sie sie neu an."
    en = "The limit has been changed meanwhile. Please look at it again."


def limits_now(adapters: Adapters) -> StoredLimits:
    """What is set. One read."""
    return limits.load(adapters.table)


def set_limits(
    adapters: Adapters, at: Moment, wanted: ReleaseLimits, *, seen: int, by: StaffMember
) -> StoredLimits:
    """Sets both limits; `seen` is the version that the caller has read. Unchanged ones are not written.
    Raises Invalid, LimitsChanged."""
    wanted.refuse_impossible()
    stored = limits.load(adapters.table)
    if stored.limits == wanted:
        return stored
    deed = Deed(
        Action.RELEASE_LIMITS_CHANGED,
        "release_limits",
        str(seen + 1),
        changes=between(_flat(stored.limits), _flat(wanted)),
    )
    noted = journal.entries(adapters.new_number(), by, at.now, deed)
    try:
        adapters.table.transact([limits.save(wanted, seen=seen), *noted])
    except ConditionFailed:
        now = limits.load(adapters.table)
        raise LimitsChanged(field="version", version=now.version) from None
    return StoredLimits(wanted, seen + 1)


def _flat(wanted: ReleaseLimits) -> dict[str, int | str | bool | None]:
    return {"pages": wanted.pages, "times": wanted.times}
