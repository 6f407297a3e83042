"""What has changed in the portfolio since a moment, for those who hold a snapshot.

Told are rows, not events: a row that changed three times comes once, as it stands. Rows come again
where two answers overlap; whoever holds one of the same or a higher `rev` passes over it.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from meterportal.adapters import Adapters
from meterportal.crypto import InvalidToken
from meterportal.domain.frozen import frozen
from meterportal.domain.portfolio.rows import RowChange
from meterportal.domain.portfolio.snapshots import HELD_BACK, OVERLAP
from meterportal.domain.refusals import BadPage
from meterportal.settings import Moment
from meterportal.store.portfolio import changes, holdings, snapshots

MOST = 2_000
"""Rows of one answer."""

TOO_MANY = 20_000
"""Who is further behind than this fetches the next snapshot instead."""

_PAGE = 500
"""Rows of a shard that one request reads."""

_PURPOSE = "changes of the portfolio"


@frozen
class After:
    """Up to where somebody knows what changed.

    `until` is the moment up to which a series of answers goes; in the middle of one `place` says where
    the next answer begins and `count` how many rows came before it.
    """

    until: datetime
    place: str = ""
    count: int = 0

    def sealed(self, adapters: Adapters, purpose: str = _PURPOSE) -> str:
        """As it is given away: the same for all who may read what it is for."""
        content = {"until": changes.as_place(self.until), "place": self.place, "count": self.count}
        return adapters.keys.seal_cursor(purpose, content)

    @classmethod
    def opened(cls, adapters: Adapters, text: str, purpose: str = _PURPOSE) -> After:
        """Raises BadPage for what no answer of ours said for that purpose."""
        try:
            content = adapters.keys.open_cursor(purpose, text)
        except InvalidToken:
            raise BadPage(field="after") from None
        return cls(datetime.fromisoformat(content["until"]), content["place"], content["count"])


@frozen
class Changes:
    """`after` is what to ask with next, at once when there is `more`. `outdated`: there is a snapshot
    that saves most of the way; nothing else is told then."""

    rows: Sequence[RowChange]
    after: After
    more: bool = False
    outdated: bool = False


def read_changes(adapters: Adapters, at: Moment, after: After) -> Changes:
    """The next rows. Eight queries, half a unit each while nothing changes."""
    until = after.until if after.place else max(at.now - HELD_BACK, after.until)
    if at.now - after.until > holdings.TOMBSTONES_KEPT:
        return Changes((), after, outdated=True)
    begin = after.place or changes.as_place(after.until - OVERLAP)
    rows: list[RowChange] = []
    last = begin
    for (moment, number), change in changes.between(
        adapters.table, begin, changes.as_place(until), page=_PAGE
    ):
        if len(rows) == MOST:
            count = after.count + MOST
            reached = After(until, last, count)
            if count >= TOO_MANY and _saves_the_way(adapters, reached):
                return Changes((), after, outdated=True)
            return Changes(rows, reached, more=True)
        rows.append(change)
        last = f"{moment}#{number}"
    return Changes(rows, After(until))


def _saves_the_way(adapters: Adapters, after: After) -> bool:
    """Whether there is a snapshot that knows what is still to come. One read."""
    newest = snapshots.newest(adapters.table)
    return newest is not None and changes.as_place(newest.after) > after.place
