"""Which machines a mail is about, from today's data: to send it, to preview it, to look at it later."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import NamedTuple

from meterportal.adapters import Adapters
from meterportal.domain.mailing.mails import OutboxMail
from meterportal.domain.mailing.requests import Request
from meterportal.domain.portfolio.contracts import Contract
from meterportal.domain.portfolio.holdings import Holding
from meterportal.domain.portfolio.machines import Machine
from meterportal.mail.render import MailPart
from meterportal.store.portfolio import holdings


class AskedContract(NamedTuple):
    """What a request is about: the contract with all its machines."""

    holding: Holding
    contract: Contract
    machines: list[Machine]


def asked_in(
    adapters: Adapters, mail: OutboxMail
) -> Iterator[tuple[Request, AskedContract | None]]:
    """The requests of a mail with what they are about, None where the contract is gone. One query for each
    company in the mail."""
    numbers = dict.fromkeys(request.company_id for request in mail.requests)
    held = {number: holdings.load(adapters.table, number) for number in numbers}
    for request in mail.requests:
        holding = held[request.company_id]
        contract = holding.contracts.get(request.contract_id) if holding else None
        if holding is None or contract is None:
            yield request, None
            continue
        machines = [one for one in holding.machines.values() if one.contract_id == contract.id]
        yield request, AskedContract(holding, contract, machines)


def parts_of(
    adapters: Adapters, mail: OutboxMail, named: Callable[[Machine], bool]
) -> list[MailPart]:
    """What a mail says of the machines for which `named` holds; without requests of which nothing, or whose
    contact is not left."""
    parts = []
    for request, asked in asked_in(adapters, mail):
        contact = asked.holding.contacts.get(request.contact_id) if asked else None
        if asked is None or contact is None:
            continue
        machines = tuple(filter(named, asked.machines))
        if machines:
            company = asked.holding.company
            parts.append(MailPart(company, contact, asked.contract, request.due_on, machines))
    return parts
