"""A text block as a mail: with a customer's data, or with those of an invented one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta

from meterportal.domain.frozen import frozen
from meterportal.domain.mailing.receipts import ReceiptLine, ReceiptMachine
from meterportal.domain.mailing.schedules import NOTICE
from meterportal.domain.mailing.text_blocks import (
    ESTIMATE,
    NEW_LINK,
    PASSWORD,
    QUESTION,
    RECEIPT,
    TextBlock,
)
from meterportal.domain.portfolio.contracts import Company, Contact, Contract
from meterportal.domain.portfolio.machines import Effective, Location, Machine, Meter, MeterKind
from meterportal.domain.reporting.estimates import estimate
from meterportal.domain.reporting.readings import Reading
from meterportal.mail.layout import Access, SenderIdentity
from meterportal.mail.letters import Reader, new_link_mail, password_link_mail
from meterportal.mail.message import Message
from meterportal.mail.question import AskedValue, question_mail
from meterportal.mail.receipt import MACHINES, Receipt, receipt_mail
from meterportal.mail.render import LISTED, MailPart, request_mail
from meterportal.settings import BUSINESS_ZONE


@frozen
class Example:
    """Whose data stand in a mail: a contact with contracts and their machines. None is empty."""

    company: Company
    contact: Contact
    contracts: Sequence[Contract]
    machines: Sequence[Machine]


@frozen
class Envelope:
    """To whom a sample goes, when, and by which link; a `test` says that it is one."""

    to: str
    access: Access
    sender: SenderIdentity
    now: datetime
    test: bool = False


def sample_mail(block: TextBlock, example: Example, envelope: Envelope) -> Message:
    """The mail that these words would make."""
    reader = Reader(envelope.to, [example.contact], block.language)
    local = envelope.now.astimezone(BUSINESS_ZONE)
    to, access, sender, test = envelope.to, envelope.access, envelope.sender, envelope.test
    if block.name == NEW_LINK:
        return new_link_mail(
            reader,
            [example.company],
            block=block,
            until=local.date() + timedelta(days=45),
            access=access,
            sender=sender,
            test=test,
        )
    if block.name == PASSWORD:
        return password_link_mail(
            reader,
            block=block,
            until=local + timedelta(minutes=30),
            access=replace(access, code=""),
            sender=sender,
            test=test,
        )
    if block.name == QUESTION:
        asked = _asked(example, local, block.language)
        return question_mail(asked, block=block, to=to, access=access, sender=sender, test=test)
    if block.name == RECEIPT:
        receipt = _receipt(example, local)
        return receipt_mail(receipt, block=block, to=to, access=access, sender=sender, test=test)
    parts = _parts(example, local.date())
    if block.name == ESTIMATE:
        parts = [_estimated(part, local.date()) for part in parts]
    return request_mail(parts, block=block, to=to, access=access, sender=sender, test=test)


def largest_mail(block: TextBlock, sender: SenderIdentity, now: datetime) -> Message:
    """The mail to a customer with more machines than a mail lists, and with long names."""
    access = Access(f"{sender.portal}/#t={'x' * 120}", "XXXX-XXXX")
    return sample_mail(block, invented(MACHINES), Envelope("a@b.example", access, sender, now))


def invented(machines: int) -> Example:
    """A customer that does not exist, with a contract for each of the machines that a request lists."""
    company = Company("0", "Muster & Söhne Bürobedarf Vertriebsgesellschaft mbH")
    contact = Contact("0", "0", salutation="Frau", first_name="Clara", last_name="Schäfer")
    numbers = [str(number) for number in range(machines)]
    contracts = [
        Contract(number, "0", name="Vollwartung mit Verbrauchsmaterial", reporters=("0",))
        for number in numbers[:LISTED]
    ]
    return Example(company, contact, contracts, [_machine(number) for number in numbers])


def _machine(number: str) -> Machine:
    last = Effective(date(2026, 1, 1), 48_120)
    return Machine(
        number,
        "0",
        str(int(number) % LISTED),
        serial=f"R4VZD748{number:>02}",
        maker="Ricoh",
        model="IM C3000 mit Finisher",
        customer_no=f"K-{number}",
        location=Location("Filiale Süd", "Gebäude A", "1. OG", "Kopierraum 118"),
        due_on=date(2026, 2, 1),
        meters=(
            Meter("1", "S/W", MeterKind.BW, history=(last,), volume=24_000),
            Meter("2", "Farbe", MeterKind.COLOUR, history=(last,), volume=6_000),
        ),
    )


def _parts(example: Example, today: date) -> list[MailPart]:
    parts = []
    for contract in example.contracts:
        mine = tuple(one for one in example.machines if one.contract_id == contract.id)
        due_on = contract.due_on or min((m.due_on for m in mine if m.due_on), default=today)
        if mine:
            parts.append(MailPart(example.company, example.contact, contract, due_on, mine))
    return parts


def _estimated(part: MailPart, today: date) -> MailPart:
    found = {
        machine.id: [
            (meter, estimate(meter, machine.due_on or today)) for meter in machine.billable_meters
        ]
        for machine in part.machines
    }
    return replace(part, guesses=found, estimate_on=today + NOTICE)


def _reading(machine: Machine, meter: Meter, now: datetime) -> Reading:
    """What is reported, else the last value as if it had been reported just now."""
    value = meter.last.value if meter.last else 0
    return machine.reading(meter.id) or Reading(
        meter.id, machine.due_on or now.date(), value, now.date(), reported_at=now
    )


def _receipt(example: Example, now: datetime) -> Receipt:
    entries = [
        ReceiptMachine(
            machine,
            machine.due_on or now.date(),
            tuple(
                ReceiptLine(meter, replace(_reading(machine, meter, now), reported_by=""))
                for meter in machine.billable_meters
            ),
            corrected=False,
        )
        for machine in example.machines
    ]
    people = {"": example.contact.name}
    return Receipt(example.company, example.contact, entries, (), people, BUSINESS_ZONE)


def _asked(example: Example, now: datetime, language: str) -> AskedValue:
    machine = example.machines[0]
    meter = machine.billable_meters[0]
    return AskedValue(
        contact=example.contact,
        company=example.company,
        machine=machine,
        meter=meter,
        reading=_reading(machine, meter, now),
        expected=None,
        language=language,
    )
