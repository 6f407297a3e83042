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
from meterportal.store.table import ConditionFailed

BY_CLIENT = Limit("login-client", 100, timedelta(minutes=15))
"""An office behind one address of the network has many people."""

BY_ADDRESS = Limit("login-address", 10, timedelta(minutes=15))


def count_login(doors: Doors, at: Moment, *, client: str, address: str) -> None:
    """Count one attempt, of the client first: who is refused there does not use up an address's.

    Raises TooManyAttempts. Two writes.
    """
    for limit, whose in ((BY_CLIENT, client), (BY_ADDRESS, address)):
        pseudonym = doors.keys.pseudonym(f"{limit.purpose}\n{whose}")
        try:
            doors.table.write(attempts.count(limit, pseudonym, now=at.now))
        except ConditionFailed:
            seconds = limit.left(at.now)
            raise TooManyAttempts(retry_after=seconds, minutes=-(-seconds // 60)) from None
