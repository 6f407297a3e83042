"""Staff read and set the tolerances of the plausibility check."""

from __future__ import annotations

from typing import Any

from meterportal.adapters import Adapters
from meterportal.domain.access.journal import Action, Deed, FactValue, StaffMember, between
from meterportal.domain.plausibility.tolerances import Change, StoredTolerances, ToleranceSettings
from meterportal.domain.refusals import ChangedMeanwhile
from meterportal.settings import Moment
from meterportal.store.access import journal
from meterportal.store.plausibility import tolerances
from meterportal.store.writes import ConditionFailed


class TolerancesChanged(ChangedMeanwhile):
    """Facts: `version`, the stored one."""

    de = "Die Toleranzen wurden inzwischen geändert. Bitte sehen Sie sie neu an."
    en = "The tolerances have been changed meanwhile. Please look at them again."


def tolerances_now(adapters: Adapters) -> tuple[StoredTolerances, list[Change]]:
    """The current tolerances and the newest changes, latest first. One read."""
    return tolerances.with_changes(adapters.table)


def set_tolerances(
    adapters: Adapters, settings: ToleranceSettings, *, seen: int, by: StaffMember, at: Moment
) -> None:
    """Replaces all tolerances; `seen` is the version that the caller has read.

    Unchanged tolerances are not written. Raises TolerancesChanged.
    """
    stored = tolerances.load(adapters.table)
    if stored.settings == settings:
        return
    if stored.version != seen:
        raise TolerancesChanged(field="version", version=stored.version)
    deed = Deed(
        Action.TOLERANCES_CHANGED,
        "tolerances",
        str(seen + 1),
        changes=between(_flat(stored.settings), _flat(settings)),
    )
    noted = journal.entries(adapters.new_number(), by, at.now, deed)
    writes = tolerances.save(settings, seen=seen, by=by.id, at=at.now)
    try:
        adapters.table.transact([*writes, *noted])
    except ConditionFailed:
        now = tolerances.load(adapters.table)
        raise TolerancesChanged(field="version", version=now.version) from None


def _flat(settings: ToleranceSettings) -> dict[str, FactValue]:
    """What each level sets, under names like "kinds.BW.width"."""
    levels: dict[str, Any] = {"dealer": settings.dealer}
    for name in ("families", "kinds", "contracts"):
        levels |= {f"{name}.{key}": one for key, one in getattr(settings, name).items()}
    return {
        f"{level}.{field}": str(value)
        for level, one in levels.items()
        for field in ("ceiling", "width", "quiet_pages")
        if (value := getattr(one, field)) is not None
    }
