"""Sessions of contacts: who is signed in, at which company, until when."""

from __future__ import annotations

from datetime import datetime, timedelta

from meterportal.domain.frozen import frozen

IDLE, LIFE = timedelta(hours=2), timedelta(hours=12)
_NOTED_EVERY = timedelta(minutes=5)


@frozen
class Session:
    """`link` is the fingerprint of the link that opened it, directly or by its code ("" for a
    password). If that link is revoked, the session ends, too. `generation` is the account's at that
    moment."""

    fingerprint: str
    mailbox: str
    company_id: str
    link: str
    created_at: datetime
    seen_at: datetime
    generation: int = 0

    def ended(self, now: datetime) -> bool:
        return now >= self.seen_at + IDLE or now >= self.created_at + LIFE

    def stale(self, now: datetime) -> bool:
        """Whether `seen_at` is old enough to be written again."""
        return now - self.seen_at >= _NOTED_EVERY
