"""The settings of the owner of an e-mail address."""

from __future__ import annotations

from datetime import datetime

from meterportal.domain.access.links import Link
from meterportal.domain.frozen import frozen


@frozen
class Account:
    """`password` is the hash in PHC form ("" without one), set at `password_at` (ISO); `language`
    is "de", "en", or "" if none was chosen.

    A session is valid only in the `generation` in which it was opened. A password is valid only in
    the generation in which its owner set it, by mail or with the previous password (`proved`). So
    whatever ends the sessions of an account ends its password as well. Passwords of earlier
    releases have no such number. Links made before `links_since` are revoked.
    """

    address: str
    password: str = ""
    password_at: str = ""
    proved: int | None = None
    language: str = ""
    generation: int = 0
    links_since: datetime | None = None

    @property
    def has_password(self) -> bool:
        """Whether a password is set and opens a session."""
        return bool(self.password) and self.proved == self.generation

    @property
    def password_ended(self) -> bool:
        """Whether a password was set that is no longer valid."""
        return bool(self.password) and not self.has_password

    def has_revoked(self, link: Link) -> bool:
        """Whether a link was made before all links of the account were revoked."""
        since, issued_at = self.links_since, link.issued_at
        return since is not None and (issued_at is None or issued_at <= since)
