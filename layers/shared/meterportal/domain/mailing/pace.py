"""How fast mails go out: the mail system takes so many a second of the whole account, whoever sends them.

The rate is divided into lanes, each slow enough for one worker, and a lane's time into turns, one a mail. A worker
takes a lease on the next few turns of a lane and sends each mail in a turn of its own; turns that it does not use
lapse with it.
"""

from __future__ import annotations

import math

from meterportal.domain.frozen import frozen

_A_WORKER = 7.0
"""Mails a second that one worker sends at least: a claim, a call of SES and a mark take about an eighth of a second."""
_SECONDS = 0.5
"""A lease holds the turns of this time, so that nobody waits for a worker that has died any longer."""


@frozen
class PaceLease:
    """`turns` turns, one every `step` seconds from `begins` on (seconds since 1970)."""

    begins: float
    step: float
    turns: int

    def turn(self, now: float, used: int) -> tuple[int, float] | None:
        """The next turn, with its beginning, that is neither used (the first `used`) nor over; None where the
        lease is at its end."""
        number = max(used, int((now - self.begins) // self.step))
        return (number, self.begins + number * self.step) if number < self.turns else None


def lanes_of(rate: float) -> int:
    """Into how many lanes the rate of an account, in mails a second, is divided."""
    return max(1, math.ceil(rate / _A_WORKER))


def turns_at_once(pace: float) -> int:
    """How many turns a lease holds in a lane of `pace` mails a second."""
    return max(1, round(pace * _SECONDS))
