"""Questions about a value: staff ask the customer back by mail."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta

from meterportal.domain.access.mailboxes import Mailbox
from meterportal.domain.access.permissions import entitled, reachable, reports
from meterportal.domain.frozen import frozen
from meterportal.domain.portfolio.contracts import Contact, reporters_of
from meterportal.domain.portfolio.holdings import Holding
from meterportal.domain.portfolio.machines import Machine
from meterportal.domain.refusals import Conflict
from meterportal.domain.reporting.readings import Reading

WAITS = timedelta(seconds=10)
"""How long a question waits before it is sent, so that staff can take it back."""


class NobodyToAsk(Conflict):
    code = "nobody_to_ask"
    de = "Für dieses Gerät gibt es niemanden, der im Portal meldet und per E-Mail erreichbar ist. Bitte rufen Sie an."
    en = "Nobody who reports this machine in the portal can be reached by e-mail. Please call."


class QuestionSent(Conflict):
    code = "question_sent"
    de = "Die Rückfrage ist schon verschickt. Sie können den Wert trotzdem annehmen, schätzen oder zurückstellen."
    en = "The question has been sent already. You can still accept, estimate or defer the value."


@frozen
class CustomerQuestion:
    """A question that waits to be sent, to a contact at their address."""

    id: str
    company_id: str
    contact_id: str
    machine_id: str
    reading_id: str
    mailbox: str
    asked_at: datetime


def candidates(held: Holding, machine: Machine, reading: Reading) -> list[Contact]:
    """Who may be asked about a value: who reported it, else those who report for the contract."""
    contract = held.contracts[machine.contract_id]
    mine = held.contacts.get(reading.reported_by)
    people = [mine] if mine else []
    people += [one for one in reporters_of(contract, held.contacts) if one is not mine]
    return [one for one in people if one.mailbox and reports(one, contract, held.contacts)]


def whom_to_ask(people: Iterable[Contact], mailboxes: Mapping[str, Mailbox]) -> Contact:
    """The first one whom a mail reaches. Raises NobodyToAsk."""
    for contact in people:
        mailbox = mailboxes.get(contact.mailbox or "")
        if mailbox and reachable(mailbox) and entitled(contact, mailbox):
            return contact
    raise NobodyToAsk
