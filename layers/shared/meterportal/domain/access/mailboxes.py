"""A mailbox: one normalised e-mail address, the contacts who have it, and whether mail arrives."""

from __future__ import annotations

from dataclasses import field

from meterportal.domain.frozen import frozen
from meterportal.domain.portfolio.contracts import Delivery
from meterportal.domain.refusals import Refusal

LONGEST_EMAIL = 254


@frozen
class Mailbox:
    """`known`: the table has an item for it; if not, no contact has ever had this address. `lifted_at`
    (ISO): when staff lifted a block last, and `lifted_reason` why."""

    address: str
    listed: frozenset[tuple[str, str]] = frozenset()
    claims: dict[str, str] = field(default_factory=dict)
    delivery: Delivery = Delivery.OK
    delivery_at: str | None = None
    known: bool = False
    lifted_at: str | None = None
    lifted_reason: str = ""


class EmailRefused(Refusal):
    """Facts: `de`, `en` with the reason in words."""

    code = "email_refused"
    de = "{de}"
    en = "{en}"
