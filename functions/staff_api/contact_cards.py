"""A contact as the customer's page shows it."""

from __future__ import annotations

from meterportal.domain.access.mailboxes import Mailbox
from meterportal.domain.portfolio.contracts import Contact, reporters_of
from meterportal.domain.portfolio.holdings import Holding
from meterportal.http import rights_as_json
from meterportal.usecases.mailing.latest_mails import LatestMail

from staff_api.answers.companies import ContactCardJson, ContactInErpJson, LatestMailJson


def contact_as_json(
    contact: Contact, held: Holding, box: Mailbox | None, mail: LatestMail | None
) -> ContactCardJson:
    """`held` is the contact's company, `box` the mailbox of its address, `mail` the newest one to it."""
    return {
        "id": contact.id,
        "version": contact.rev,
        "name": contact.name,
        "salutation": contact.salutation,
        "email": contact.email,
        "phone": contact.phone,
        "role": contact.role,
        "language": contact.language,
        "active": contact.active,
        "main": contact.main,
        "in_erp": not contact.from_portal,
        "erp": _in_erp(contact),
        "rights": rights_as_json(contact.rights) if contact.rights else None,
        "delivery": box.delivery if box else None,
        "delivery_at": box.delivery_at if box else None,
        "lifted": {"at": box.lifted_at, "reason": box.lifted_reason}
        if box and box.lifted_at
        else None,
        "mail": _mail(mail) if mail else None,
        "reports": [
            contract.id
            for contract in held.contracts.values()
            if contact in reporters_of(contract, held.contacts)
        ],
    }


def _mail(latest: LatestMail) -> LatestMailJson:
    return {
        "round_id": latest.mail.round_id,
        "on": latest.on.isoformat(),
        "planned_at": latest.mail.planned_at.isoformat(timespec="milliseconds"),
        "state": latest.mail.state,
        "fate": latest.mail.fate,
    }


def _in_erp(contact: Contact) -> ContactInErpJson | None:
    words: ContactInErpJson = {
        "email": contact.email_in_erp,
        "phone": contact.phone_in_erp,
        "active": contact.active_in_erp,
    }
    return words if any(word is not None for word in words.values()) else None
