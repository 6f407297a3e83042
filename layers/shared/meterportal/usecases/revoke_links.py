"""Staff end every link, code and session of a contact's address, at once."""

from __future__ import annotations

from meterportal.domain.refusals import NotFound
from meterportal.doors import Doors
from meterportal.settings import Moment
from meterportal.store import accounts, portfolio


def revoke_links(doors: Doors, at: Moment, contact_id: str) -> None:
    """Also at other companies of the same address; a password stays. Links made later open again.

    Raises NotFound for an unknown contact and for one without an address.
    """
    company_id = portfolio.companies_of(doors.table, "CONTACT", [contact_id]).get(contact_id)
    found = portfolio.contacts(doors.table, [(company_id, contact_id)]) if company_id else {}
    contact = next(iter(found.values()), None)
    if contact is None or not contact.mailbox:
        raise NotFound(field="contact_id")
    doors.table.write(accounts.end_everything(contact.mailbox, at=at.now))
