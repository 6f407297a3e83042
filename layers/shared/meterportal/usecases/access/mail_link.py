"""Staff send a contact a fresh link by mail, as when it was lost or the old one has ended."""

from __future__ import annotations

from meterportal.adapters import Adapters
from meterportal.crypto import digest
from meterportal.domain.access.journal import Action, Deed, StaffMember
from meterportal.domain.access.permissions import entitled, reachable
from meterportal.domain.portfolio.contracts import Contact
from meterportal.domain.refusals import Conflict, NotFound, Unavailable
from meterportal.settings import Moment
from meterportal.store.access import journal, mailboxes
from meterportal.store.portfolio import holdings
from meterportal.store.writes import ConditionFailed
from meterportal.usecases.access.attempts import counted_mails
from meterportal.usecases.runs.answered import OwnRequest, earlier, kept

BY_STAFF = "staff"
"""The `way` of a link's message that staff asked for."""

_LONGEST_ID = 64


class NoAddress(Conflict):
    code = "no_address"
    de = "Von dieser Person ist keine E-Mail-Adresse bekannt. Bitte tragen Sie eine ein."
    en = "No e-mail address of this person is known. Please enter one."


class AddressBlocked(Conflict):
    code = "address_blocked"
    de = "Diese Adresse ist gesperrt, weil eine E-Mail sie nicht erreicht hat oder eine Beschwerde kam. Bitte heben Sie die Sperre auf, oder ändern Sie die Adresse."
    en = "This address is blocked, because an e-mail did not reach it or a complaint came. Please lift the block, or change the address."


class NoPortalRights(Conflict):
    """The person has left, has no rights, or the address is somebody else's at the company."""

    code = "no_portal_rights"
    de = "Das Portal ist für diese Person nicht freigegeben: Ein Link würde nichts öffnen. Bitte führen Sie Portal Ready aus, oder ändern Sie die Rechte der Person."
    en = "The portal is not open to this person: a link would open nothing. Please run Portal Ready, or change the person's rights."


class EnoughLinks(Conflict):
    """Staff have sent three links within the hour, or six within the day."""

    code = "enough_links"
    de = "An diese Adresse gingen eben schon mehrere Links. Bitte warten Sie, bis eine der E-Mails angekommen ist, oder rufen Sie an."
    en = "Several links have just been sent to this address. Please wait until one of the e-mails has arrived, or call."


def mail_link(
    adapters: Adapters, at: Moment, contact_id: str, *, by: StaffMember, key: str | None = None
) -> str:
    """Sends a link to the address on file, which is returned. Earlier links stay as they are.

    Journal, count and answer are one transaction, the message follows; the same request again queues
    the same mail once more, which is sent once. Raises NotFound, NoAddress, AddressBlocked,
    NoPortalRights, EnoughLinks, ReusedKey. Four reads, one transaction, one message.
    """
    contact = _load(adapters, contact_id)
    asked = OwnRequest(by.id, key, digest(f"link {contact.id}"))
    before = earlier(adapters, asked, now=at.now)
    if before is None:
        before = _noted(adapters, at, contact, asked, by)
    message = {
        "kind": "new_link",
        "request_id": before["request_id"],
        "mailbox": before["mailbox"],
        "link": "",
        "way": BY_STAFF,
        "company_id": contact.company_id,
    }
    adapters.queues.send(adapters.settings.mail_queue, [message])
    mailbox: str = before["mailbox"]
    return mailbox


def _noted(
    adapters: Adapters, at: Moment, contact: Contact, asked: OwnRequest, by: StaffMember
) -> dict[str, str]:
    if not contact.mailbox:
        raise NoAddress(field="contact_id")
    box = mailboxes.load(adapters.table, contact.mailbox)
    if not reachable(box):
        raise AddressBlocked(field="contact_id")
    if not entitled(contact, box) or box.claims.get(contact.company_id) != contact.id:
        raise NoPortalRights(field="contact_id")
    answer = {"request_id": adapters.new_number(), "mailbox": contact.mailbox}
    deed = Deed(Action.LINK_SENT, "contact", contact.id, contact.company_id, contact_id=contact.id)
    noted = journal.entries(adapters.new_number(), by, at.now, deed)
    counted = counted_mails(adapters, at, contact.mailbox, BY_STAFF)
    try:
        adapters.table.transact([*counted, *noted, *kept(asked, answer, now=at.now)])
    except ConditionFailed as failed:
        if failed.only_on("count"):
            raise EnoughLinks(field="contact_id") from None
        again = earlier(adapters, asked, now=at.now)  # the same request was faster
        if again is None:
            raise Unavailable from None
        answer = again
    return answer


def _load(adapters: Adapters, contact_id: str) -> Contact:
    wanted = [contact_id] if len(contact_id) <= _LONGEST_ID else []
    company_id = holdings.companies_of(adapters.table, "CONTACT", wanted).get(contact_id)
    found = holdings.contacts(adapters.table, [(company_id, contact_id)]) if company_id else {}
    contact = next(iter(found.values()), None)
    if contact is None:
        raise NotFound(field="contact_id")
    return contact
