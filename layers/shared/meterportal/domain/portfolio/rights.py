"""Portal rights: the dealer's default, overridden by the company, overridden by the contact."""

from __future__ import annotations

from meterportal.domain.portfolio.contracts import PortalRights

DEALER_RIGHTS = PortalRights(readings=True, machines=True, service_orders="open")
"""The rights that Portal Ready gives if nobody decided otherwise."""


def resolve(
    dealer: PortalRights = DEALER_RIGHTS,
    company: PortalRights | None = None,
    contact: PortalRights | None = None,
) -> PortalRights:
    """The rights of a contact: the narrowest decision applies, as a whole.

    So granting a second time does not change what a contact has.
    """
    return contact or company or dealer
