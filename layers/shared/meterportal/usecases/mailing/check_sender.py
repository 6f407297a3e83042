"""Whether the DNS says what the dealer's mails need: asked at the mail system, then at the name servers."""

from __future__ import annotations

from email.utils import parseaddr

from meterportal.adapters import Adapters
from meterportal.domain.frozen import frozen
from meterportal.domain.mailing.sender_records import (
    CheckedRecord,
    SendingDomain,
    checked,
    places,
    records_of,
)


@frozen
class CheckedSender:
    """The sender's address and domain, what the mail system knows of the domain (None: nothing), and the
    records with their standing."""

    address: str
    domain: str
    identity: SendingDomain | None
    records: list[CheckedRecord]


def check_sender(adapters: Adapters) -> CheckedSender:
    """One call of the mail system and about ten questions to name servers at once; takes at most some
    ten seconds. Raises Unavailable when the mail system does not answer."""
    address = parseaddr(adapters.settings.sender_address)[1]
    domain = address.rpartition("@")[2]
    identity = adapters.identities.look(domain)
    records = records_of(
        domain, identity, adapters.identities.region, inbound=adapters.settings.inbound_domain
    )
    asked = [(place, record.kind) for record in records for place in places(record)]
    told = adapters.name_servers.ask(asked)
    answers = [checked(record, lambda place, kind: told[place, kind]) for record in records]
    return CheckedSender(address, domain, identity, answers)
