"""The kinds of what the ERP is told at once. Apart from the events, because every report names one."""

from __future__ import annotations

from enum import StrEnum


class FeedKind(StrEnum):
    """What happened. A correction after the export is two events: the old value is reversed, the new
    one released."""

    REPORTED = "reported"
    CORRECTED = "corrected"
    ESTIMATED = "estimated"
    RELEASED = "released"
    WITHDRAWN = "withdrawn"
    REVERSED = "reversed"
    RESET = "reset"
    STARTED = "started"
    STOPPED = "stopped"
