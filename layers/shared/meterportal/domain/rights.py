"""Portal rights: the dealer's default, overridden by the company, overridden by the contact."""

from __future__ import annotations

from meterportal.domain.contracts import PortalRights

DEALER_RIGHTS = PortalRights(readings=True, machines=True, service_orders="open")
"""What Portal Ready gives unless somebody decided otherwise."""


def resolve(
    dealer: PortalRights = DEALER_RIGHTS,
    company: PortalRights | None = None,
    contact: PortalRights | None = None,
) -> PortalRights:
    """The rights of a contact: the narrowest decision stands, as a whole.

    So granting again never widens or narrows what a contact has.
    """
    return contact or company or dealer
