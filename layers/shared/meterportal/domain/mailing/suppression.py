"""The mail system's own list of addresses to which it sends nothing, whoever asks it to."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

from meterportal.domain.frozen import frozen


class HeldBackFor(StrEnum):
    """Why an address stands there: a mail to it bounced for good, or its owner complained of one."""

    BOUNCE = "bounce"
    COMPLAINT = "complaint"


@frozen
class HeldBack:
    """An address on the list; `since` is aware."""

    reason: HeldBackFor
    since: datetime
