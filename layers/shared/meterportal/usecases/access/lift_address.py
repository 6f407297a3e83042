"""Staff lift the block of an address that bounced or complained: the portal and SES write to it again."""

from __future__ import annotations

from meterportal.adapters import Adapters
from meterportal.domain.access.journal import Action, Deed, FieldChange, StaffMember
from meterportal.domain.access.permissions import reachable
from meterportal.domain.plain_text import plain
from meterportal.domain.portfolio.contracts import Contact, Delivery
from meterportal.domain.portfolio.mending import ContactChanged
from meterportal.domain.refusals import NotFound, Unavailable
from meterportal.settings import Moment
from meterportal.store.access import journal, mailboxes
from meterportal.store.portfolio import holdings
from meterportal.store.writes import ConditionFailed

_LONGEST_ID, _LONGEST_REASON = 64, 500
_ATTEMPTS = 3


def lift_address(
    adapters: Adapters,
    at: Moment,
    contact_id: str,
    *,
    reason: str,
    seen: Delivery,
    by: StaffMember,
) -> None:
    """It counts for the address, so at other companies, too. Events from before do not block it again.
    Nothing is written where nothing is blocked, so a repeated request is no error.

    SES's own list comes first: an address that only we think free would bounce at the next mail.
    `seen` is the state that the caller saw. Raises NotFound for an unknown contact and for one without
    an address, TextRefused, ContactChanged, Unavailable.
    """
    taken = plain(reason, field="reason", longest=_LONGEST_REASON, lines=True)
    contact = contact_with_address(adapters, contact_id)
    for _ in range(_ATTEMPTS):
        box = mailboxes.load(adapters.table, contact.mailbox or "")
        if reachable(box):
            return
        if box.delivery is not seen:
            raise ContactChanged(field="delivery", version=contact.rev)
        adapters.suppression_list.take_off(box.address)
        deed = Deed(
            Action.ADDRESS_LIFTED,
            "contact",
            contact.id,
            contact.company_id,
            contact_id=contact.id,
            changes=(FieldChange("delivery", box.delivery.value, Delivery.OK.value),),
        )
        noted = journal.entries(adapters.new_number(), by, at.now, deed)
        lifted = mailboxes.lift(box, at=at.now, reason=taken)
        try:
            adapters.table.transact([lifted, *noted])
        except ConditionFailed:
            continue
        return
    raise Unavailable


def contact_with_address(adapters: Adapters, contact_id: str) -> Contact:
    """Raises NotFound for an unknown contact and for one without an address."""
    wanted = [contact_id] if len(contact_id) <= _LONGEST_ID else []
    company_id = holdings.companies_of(adapters.table, "CONTACT", wanted).get(contact_id)
    found = holdings.contacts(adapters.table, [(company_id, contact_id)]) if company_id else {}
    contact = next(iter(found.values()), None)
    if contact is None or not contact.mailbox:
        raise NotFound(field="contact_id")
    return contact
