"""Sessions of staff: a browser that may have Cognito's tokens renewed."""

from __future__ import annotations

from datetime import datetime, timedelta

from meterportal.domain.frozen import frozen

LIFE = timedelta(hours=12)
"""As long as Cognito's refresh token; the id token itself lives five minutes."""


@frozen
class StaffSession:
    """`sealed` is the refresh token, encrypted and bound to `fingerprint`: no script ever has it."""

    fingerprint: str
    sealed: str
    created_at: datetime

    def ended(self, now: datetime) -> bool:
        return now >= self.created_at + LIFE
