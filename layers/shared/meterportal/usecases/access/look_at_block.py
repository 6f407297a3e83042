"""Staff look whether the mail system itself holds back what is sent to a contact."""

from __future__ import annotations

from meterportal.adapters import Adapters
from meterportal.domain.frozen import frozen
from meterportal.domain.mailing.suppression import HeldBack
from meterportal.usecases.access.lift_address import contact_with_address


@frozen
class Block:
    """`held_back`: None where the mail system sends to the address."""

    address: str
    held_back: HeldBack | None


def look_at_block(adapters: Adapters, contact_id: str) -> Block:
    """Asks the mail system, not the table: only it knows its own list. Raises NotFound for an unknown contact
    and for one without an address, Unavailable."""
    address = contact_with_address(adapters, contact_id).mailbox or ""
    return Block(address, adapters.suppression_list.look(address))
