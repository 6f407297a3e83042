"""Notices: what the owner of an address is told by mail although they did not ask for it."""

from __future__ import annotations

from datetime import datetime

from meterportal.domain.frozen import frozen


@frozen
class Notice:
    """The owner of `mailbox` is told that staff took the address off a contact of `company_id`; "": that
    its password was set. `set_at` is the moment."""

    mailbox: str
    set_at: datetime
    company_id: str = ""
