"""Staff see and set the tolerances of the plausibility check."""

from __future__ import annotations

from meterportal.domain.plausibility.tolerances import ToleranceSettings
from meterportal.domain.refusals import ChangedMeanwhile
from meterportal.doors import Doors
from meterportal.settings import Moment
from meterportal.store import tolerances
from meterportal.store.table import ConditionFailed
from meterportal.store.tolerances import Change, Stored


class TolerancesChanged(ChangedMeanwhile):
    """Facts: `version`, the one that stands there now."""

    de = "Die Toleranzen wurden inzwischen geändert. Bitte sehen Sie sie neu an."
    en = "The tolerances have been changed meanwhile. Please look at them again."


def tolerances_now(doors: Doors) -> tuple[Stored, list[Change]]:
    """What is set, and the newest changes, latest first. One read."""
    return tolerances.with_changes(doors.table)


def set_tolerances(
    doors: Doors, settings: ToleranceSettings, *, seen: int, by: str, at: Moment
) -> None:
    """Set all tolerances at once, in place of the version that was `seen`.

    What stands there already is not written again. Raises TolerancesChanged.
    """
    stored = tolerances.load(doors.table)
    if stored.version != seen:
        raise TolerancesChanged(field="version", version=stored.version)
    if stored.settings == settings:
        return
    try:
        doors.table.transact(tolerances.save(settings, seen=seen, by=by, at=at.now))
    except ConditionFailed:
        now = tolerances.load(doors.table)
        raise TolerancesChanged(field="version", version=now.version) from None
