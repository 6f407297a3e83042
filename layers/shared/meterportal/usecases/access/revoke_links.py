"""Staff end the password and every link, code and session of a contact's address, at once."""

from __future__ import annotations

from meterportal.adapters import Adapters
from meterportal.domain.access.journal import Action, Deed, StaffMember
from meterportal.domain.refusals import NotFound
from meterportal.settings import Moment
from meterportal.store.access import accounts, journal
from meterportal.store.portfolio import holdings


def revoke_links(adapters: Adapters, at: Moment, contact_id: str, *, by: StaffMember) -> None:
    """Also at other companies of the same address. Links made later are valid again; a new password
    is set by a password mail.

    Raises NotFound for an unknown contact and for one without an address.
    """
    company_id = holdings.companies_of(adapters.table, "CONTACT", [contact_id]).get(contact_id)
    found = holdings.contacts(adapters.table, [(company_id, contact_id)]) if company_id else {}
    contact = next(iter(found.values()), None)
    if contact is None or not contact.mailbox:
        raise NotFound(field="contact_id")
    deed = Deed(
        Action.LINKS_REVOKED, "contact", contact.id, contact.company_id, contact_id=contact.id
    )
    noted = journal.entries(adapters.new_number(), by, at.now, deed)
    adapters.table.transact([accounts.end_everything(contact.mailbox, at=at.now), *noted])
