"""How fast mails go out: the mail system takes so many a second of the whole account, whoever sends them.

Time is divided into turns, one a mail. A worker takes a lease on the next few and sends each mail in a turn of
its own; turns that it does not use lapse with it.
"""

from __future__ import annotations

from dataclasses import dataclass

_SECONDS = 0.5
"""A lease holds the turns of this time, so that nobody waits for a worker that has died any longer."""
_MOST = 100


@dataclass(frozen=True, slots=True)
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


def turns_at_once(rate: float) -> int:
    """How many turns a lease holds where the account sends `rate` mails a second."""
    return max(1, min(_MOST, round(rate * _SECONDS)))
