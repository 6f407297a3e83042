"""The mail that asks a customer back about one value."""

from __future__ import annotations

from dataclasses import replace
from urllib.parse import quote

from meterportal.domain.frozen import frozen
from meterportal.domain.mailing.text_blocks import TextBlock
from meterportal.domain.plausibility.findings import Severity
from meterportal.domain.plausibility.texts import finding_text
from meterportal.domain.portfolio.contracts import Company, Contact
from meterportal.domain.portfolio.machines import Machine, Meter
from meterportal.domain.reporting.readings import Reading
from meterportal.mail.block_mail import Filling, block_mail
from meterportal.mail.layout import Access, SenderIdentity, day, line, number
from meterportal.mail.message import Message
from meterportal.mail.render import described, salutation
from meterportal.mail.words import meter_name


@frozen
class AskedValue:
    """What is asked, of whom, in "de" or "en". `expected` are the least and the most pages since the last
    value that raise no doubt; None where nothing is known to judge by."""

    contact: Contact
    company: Company
    machine: Machine
    meter: Meter
    reading: Reading
    expected: tuple[int, int] | None
    language: str


def question_mail(
    asked: AskedValue,
    *,
    block: TextBlock,
    to: str,
    access: Access,
    sender: SenderIdentity,
    test: bool = False,
) -> Message:
    """The mail; its link opens the machine. `block` is in the language of what is asked."""
    language, reading, machine = asked.language, asked.reading, asked.machine
    last = asked.meter.last
    low, high = asked.expected if asked.expected and last else (None, None)
    doubts = [one for one in reading.findings if one.severity is Severity.WARN]
    shown = described(machine, language)
    value, serial = number(reading.value, language), shown.serial or machine.id
    details = {
        "machine": shown.name,
        "serial": serial,
        "place": shown.place,
        "meter": meter_name(machine, asked.meter, language),
        "value": value,
        "read_on": day(reading.read_on, language),
        "doubt": finding_text(doubts[0], language) if doubts else "",
        "reason": line(reading.reason),
        "last": _number(last.value if last else None, language),
        "last_on": day(last.read_on, language) if last else "",
        "low": _number(low, language),
        "high": _number(high, language),
    }
    filling = Filling(
        {
            "ANREDE": salutation([asked.contact], language),
            "FIRMA": line(asked.company.name),
            "GERAET": shown.name,
            "SERIENNR": serial,
            "WERT": value,
        },
        {"FRAGE": (f"asked.{language}", details)},
    )
    opens = replace(access, url=_at_machine(access.url, machine.id))
    return block_mail(block, filling, to=to, access=opens, sender=sender, test=test)


def _number(value: int | None, language: str) -> str:
    return "" if value is None else number(value, language)


def _at_machine(url: str, machine_id: str) -> str:
    """The address with the machine that it opens, where its number can stand in an address as it is."""
    return f"{url}&m={machine_id}" if quote(machine_id, safe="") == machine_id else url
