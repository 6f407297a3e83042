"""Past readings as both APIs tell them."""

from typing import Annotated

from pydantic import Field
from typing_extensions import TypedDict

from meterportal.domain.portfolio.contracts import ReadingChannel
from meterportal.domain.reporting.history import EntryState, HistoryEntry, Origin
from meterportal.http.json_types import IsoDay


class ResetJson(TypedDict):
    """The old board's last value and the new one's first."""

    end: int
    start: int


class PastReadingJson(TypedDict):
    """A value of the past."""

    value: int
    read_on: IsoDay
    origin: Origin
    state: EntryState
    channel: ReadingChannel
    estimated: bool
    usage: Annotated[int | None, Field(description="Pages since the value before")]
    per_day: float | None
    reset: ResetJson | None


def past_as_json(entry: HistoryEntry) -> PastReadingJson:
    return {
        "value": entry.value,
        "read_on": entry.read_on.isoformat(),
        "origin": entry.origin,
        "state": entry.state,
        "channel": entry.channel,
        "estimated": entry.estimated,
        "usage": entry.pages,
        "per_day": entry.per_day,
        "reset": None
        if entry.reset_end is None
        else {"end": entry.reset_end, "start": entry.reset_start or 0},
    }
