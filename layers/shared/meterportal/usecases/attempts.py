"""How often somebody may try to get in by address and code or password.

Links are not counted: their ids cannot be guessed, and nobody shall be able to lock one out.
"""

from __future__ import annotations

from datetime import timedelta

from meterportal.domain.refusals import TooManyAttempts
from meterportal.doors import Doors
from meterportal.settings import Moment
from meterportal.store import attempts
from meterportal.store.attempts import Limit
from meterportal.store.table import ConditionFailed, Write

BY_CLIENT = Limit("login-client", 100, timedelta(minutes=15))
"""An office behind one address of the network has many people."""

BY_ADDRESS = Limit("login-address", 10, timedelta(minutes=15))

REQUESTS_BY_CLIENT = Limit("link-client", 30, timedelta(hours=1))
LINKS_BY_ADDRESS = Limit("link-address", 3, timedelta(hours=1))


def count_request(doors: Doors, at: Moment, *, client: str) -> None:
    """Count one request for a new link. Raises TooManyAttempts. One write."""
    _count(doors, at, REQUESTS_BY_CLIENT, client)


def count_login(doors: Doors, at: Moment, *, client: str, address: str) -> None:
    """Count one attempt, of the client first: who is refused there does not use up an address's.

    Raises TooManyAttempts. Two writes.
    """
    _count(doors, at, BY_CLIENT, client)
    _count(doors, at, BY_ADDRESS, address)


def counted(doors: Doors, at: Moment, limit: Limit, whose: str) -> Write:
    """The write that counts one attempt; whose it is stands there under a pseudonym."""
    return attempts.count(limit, doors.keys.pseudonym(f"{limit.purpose}\n{whose}"), now=at.now)


def _count(doors: Doors, at: Moment, limit: Limit, whose: str) -> None:
    try:
        doors.table.write(counted(doors, at, limit, whose))
    except ConditionFailed:
        seconds = limit.left(at.now)
        raise TooManyAttempts(retry_after=seconds, minutes=-(-seconds // 60)) from None
