"""How often somebody may try to sign in by address and code or password, or ask for a link by mail.

Opening a link is not counted: its id cannot be guessed. Attempts on an address are counted
separately for browsers that are known to the address, so strangers cannot use up the attempts of
its owner. Nobody is locked out, but strangers have to wait longer after each attempt.
"""

from __future__ import annotations

from contextlib import suppress
from datetime import timedelta
from math import ceil

from meterportal.adapters import Adapters
from meterportal.domain.access.attempts import Limit, Pace
from meterportal.domain.frozen import frozen
from meterportal.domain.refusals import TooManyAttempts, Unavailable
from meterportal.settings import Moment
from meterportal.store.access import attempts
from meterportal.store.writes import ConditionFailed, Write
from meterportal.usecases.access.clients import Client

_SECOND, _MINUTE, _HOUR = timedelta(seconds=1), timedelta(minutes=1), timedelta(hours=1)

BY_NETWORK = Pace("login-network", 100, _SECOND, _MINUTE, _HOUR)
"""Many people of an office share one address of the network."""

BY_ADDRESS = Pace("login-address", 5, 2 * _SECOND, 15 * _MINUTE, _HOUR)
"""About a hundred attempts a day on an address, from all strangers together."""

BY_DEVICE = Pace("login-device", 100, 2 * _SECOND, 15 * _MINUTE, 24 * _HOUR)
"""For a browser that is known to the address: other browsers do not count here."""

REQUESTS = Pace("mail-request", 30, _SECOND, _MINUTE, _HOUR)

MAILS_AN_HOUR = Limit("mail-hour", 3, _HOUR)
MAILS_A_DAY = Limit("mail-day", 6, 24 * _HOUR)


@frozen
class Attempt:
    """An attempt that was allowed; `undo` takes it out of the count."""

    undo: tuple[Write, ...]

    def was_right(self, adapters: Adapters) -> None:
        """Takes a successful attempt out of the count. One write each; if they fail, it stays
        counted.
        """
        for write in self.undo:
            with suppress(Unavailable, ConditionFailed):
                adapters.table.write(write)


def count_request(adapters: Adapters, at: Moment, *, client: Client, address: str = "") -> None:
    """Counts one request for a mail; a browser that is known to the address has its own count.

    Raises TooManyAttempts. One write.
    """
    known = bool(address) and client.knows(address)
    whose = f"device\n{client.device}" if known else client.network
    _take(adapters, at, REQUESTS, whose)


def count_login(adapters: Adapters, at: Moment, *, client: Client, address: str) -> Attempt:
    """Counts one attempt on an address. A browser that is known to the address has its own count.
    Any other is counted first for its network (if refused there, it is not counted for the
    address), then for all strangers together.

    Raises TooManyAttempts. One or two writes; the same for unknown addresses.
    """
    if client.knows(address):
        return Attempt((_take(adapters, at, BY_DEVICE, f"{client.device}\n{address}"),))
    network = _take(adapters, at, BY_NETWORK, client.network)
    return Attempt((network, _take(adapters, at, BY_ADDRESS, address)))


def counted_mails(adapters: Adapters, at: Moment, address: str, way: str) -> list[Write]:
    """The writes that count a link mailed to an address, each a part "count". `way` tells who
    asked; each has its own count, so that strangers cannot use up the mails of the owner.
    """
    return [
        attempts.count(
            limit, _pseudonym(adapters, limit.purpose, f"{way}\n{address}"), now=at.now
        ).named("count")
        for limit in (MAILS_AN_HOUR, MAILS_A_DAY)
    ]


def _take(adapters: Adapters, at: Moment, pace: Pace, whose: str) -> Write:
    """Takes an attempt of `whose`; returns the write that undoes it. Raises TooManyAttempts.

    One write while attempts without waiting time are left, else a failing write and another one.
    """
    name = _pseudonym(adapters, pace.purpose, whose)
    try:
        attempts.take_free(adapters.table, pace, name, now=at.now)
    except ConditionFailed as failed:
        stored = failed.stood()
        if stored is None:
            raise Unavailable from None
        seen = attempts.taken(stored)
        wait = pace.wait(seen.count) - (at.now - seen.last_at)
        if wait > timedelta():
            raise _wait(wait) from None
        count = 1 if at.now >= seen.last_at + pace.forgotten else seen.count + 1
        try:
            mark = adapters.new_number()
            attempts.take_next(adapters.table, pace, name, seen, count, now=at.now, mark=mark)
        except ConditionFailed:  # another request took it at the same moment
            raise _wait(pace.wait(count)) from None
    return attempts.give_back(pace, name)


def _wait(wait: timedelta) -> TooManyAttempts:
    return TooManyAttempts(retry_after=max(1, ceil(wait.total_seconds())))


def _pseudonym(adapters: Adapters, purpose: str, whose: str) -> str:
    return adapters.keys.pseudonym(f"{purpose}\n{whose}")
