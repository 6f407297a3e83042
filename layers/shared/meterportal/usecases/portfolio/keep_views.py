"""Staff keep their own views and columns of the console's lists."""

from __future__ import annotations

from meterportal.adapters import Adapters
from meterportal.domain.portfolio.views import ListSettings, StoredSettings
from meterportal.domain.refusals import ChangedMeanwhile
from meterportal.store.portfolio import views
from meterportal.store.writes import ConditionFailed


class ViewsChanged(ChangedMeanwhile):
    """Facts: `version`, the stored one."""

    de = "Ihre Ansichten wurden inzwischen in einem anderen Fenster geändert."
    en = "Your views have been changed in another window meanwhile."


def views_now(adapters: Adapters, staff_id: str) -> StoredSettings:
    """What somebody has set. One read."""
    return views.load(adapters.table, staff_id)


def keep_views(
    adapters: Adapters, staff_id: str, wanted: ListSettings, *, seen: int
) -> StoredSettings:
    """Replaces all that somebody has set; `seen` is the version that the caller has read. What is
    unchanged is not written, so a repeated request answers the same. Raises ViewsChanged.

    It concerns nobody else and no record, so the journal says nothing of it.
    """
    stored = views.load(adapters.table, staff_id)
    if stored.settings == wanted:
        return stored
    try:
        adapters.table.write(views.save(staff_id, wanted, seen=seen))
    except ConditionFailed:
        now = views.load(adapters.table, staff_id)
        raise ViewsChanged(field="version", version=now.version) from None
    return StoredSettings(wanted, seen + 1)
