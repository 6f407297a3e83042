"""Links in mails: what they open, for whom, until when."""

from __future__ import annotations

from datetime import date, datetime

from meterportal.domain.frozen import frozen


@frozen
class Link:
    """`fingerprint` is the hash of the secret id; `expires_on` is the last day on which it opens;
    `issued_at` is None for old links, for which it was not stored."""

    fingerprint: str
    mailbox: str
    company_id: str
    round_id: str
    expires_on: date
    revoked: bool = False
    issued_at: datetime | None = None

    def ended(self, today: date) -> bool:
        return self.revoked or today > self.expires_on


@frozen
class PasswordLink:
    """`fingerprint` is the hash of the secret id. The link is valid only in the account's
    `generation` in which it was sent: it ends when a password is set, or when staff end all access
    of the account."""

    fingerprint: str
    mailbox: str
    generation: int
    ends_at: datetime
    used: bool = False
