"""What has happened to readings since a moment, for the ERP: at least once, in order for each machine.

The newest seconds are held back and some of the time before is told again, as with the changes of the
portfolio: a write may show in the index behind later ones. Whoever follows knows events by their ids.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, date, datetime, time
from zoneinfo import ZoneInfo

from meterportal.adapters import Adapters
from meterportal.domain.exchange.feed import FeedEvent, events_of
from meterportal.domain.frozen import frozen
from meterportal.domain.portfolio.snapshots import HELD_BACK, OVERLAP
from meterportal.domain.refusals import Refusal
from meterportal.settings import Moment
from meterportal.store.exchange import feed
from meterportal.store.portfolio import changes
from meterportal.usecases.portfolio.read_changes import After

MOST = 1_000
"""Events of one answer; those of one change, or of changes that one transaction has made, stay together."""

_PAGE = 100
"""Rows of a shard that one request reads."""

_PURPOSE = "feed of readings"
_ZONE = ZoneInfo("Europe/Berlin")
_EVER = datetime(2026, 1, 1, tzinfo=UTC)
"""Before the first event of any installation."""


class TwoBeginnings(Refusal):
    code = "two_beginnings"
    de = "Bitte entweder after oder from angeben, nicht beides."
    en = "Please give either after or from, not both."


class DayToCome(Refusal):
    """Facts: `day`."""

    code = "day_to_come"
    de = "Der {day:%d.%m.%Y} liegt in der Zukunft."
    en = "{day} is in the future."


@frozen
class Feed:
    """`after` is what to ask with next, at once when there is `more`."""

    events: Sequence[FeedEvent]
    after: str
    more: bool


def read_feed(
    adapters: Adapters, at: Moment, *, after: str | None = None, from_on: date | None = None
) -> Feed:
    """The events behind `after`, an earlier answer's; from the beginning of a day in Berlin; or from the
    first one that there is. Eight queries, half a unit each while nothing happens.

    Raises BadPage, TwoBeginnings, DayToCome.
    """
    if after is not None and from_on is not None:
        raise TwoBeginnings(field="from")
    begun = (
        _from_the_beginning(at, from_on)
        if after is None
        else After.opened(adapters, after, _PURPOSE)
    )
    until = begun.until if begun.place else max(at.now - HELD_BACK, begun.until)
    begin = begun.place or changes.as_place(begun.until - OVERLAP)
    events: list[FeedEvent] = []
    last = begin
    for place, told in feed.between(adapters.table, begin, changes.as_place(until), page=_PAGE):
        if len(events) >= MOST:
            return Feed(events, After(until, last).sealed(adapters, _PURPOSE), more=True)
        events += (event for change in told for event in events_of(change))
        last = "#".join(place)
    return Feed(events, After(until).sealed(adapters, _PURPOSE), more=False)


def _from_the_beginning(at: Moment, day: date | None) -> After:
    """In the middle of a series that goes up to now, so that nothing before it is told."""
    begin = datetime.combine(day, time(), _ZONE) if day and day > _EVER.date() else _EVER
    if begin > at.now:
        raise DayToCome(field="from", day=day)
    return After(max(at.now - HELD_BACK, begin), changes.as_place(begin))
