"""The receipt as a mail: what has been reported, by whom and when, and what is still missing."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from zoneinfo import ZoneInfo

from meterportal.domain.frozen import frozen
from meterportal.domain.mailing.receipts import ReceiptLine, ReceiptMachine
from meterportal.domain.mailing.text_blocks import TextBlock
from meterportal.domain.portfolio.contracts import Company, Contact
from meterportal.domain.portfolio.machines import Machine, walking_order
from meterportal.mail.block_mail import Filling, block_mail
from meterportal.mail.layout import Access, SenderIdentity, day, line, number
from meterportal.mail.message import Message
from meterportal.mail.render import LISTED, counted, described, salutation
from meterportal.mail.words import meter_name

MACHINES = 60
"""Highest number of machines listed with values: mail programs cut off mails over 100 KB."""


@frozen
class Receipt:
    """The content of a receipt. `people` are names by contact; times are shown in `zone`.
    `several`: the mailbox also reports for other companies.
    """

    company: Company
    contact: Contact
    entries: Sequence[ReceiptMachine]
    missing: Sequence[Machine]
    people: Mapping[str, str]
    zone: ZoneInfo
    several: bool = False


def receipt_mail(
    receipt: Receipt,
    *,
    block: TextBlock,
    to: str,
    access: Access,
    sender: SenderIdentity,
    test: bool = False,
) -> Message:
    """The mail to the contact who has reported, in the block's language."""
    entries, missing = receipt.entries, sorted(receipt.missing, key=walking_order)
    language, company = block.language, line(receipt.company.name)
    corrected = any(entry.corrected for entry in entries)
    reported = {
        "machines": [_entry(receipt, entry, language, sender) for entry in entries[:MACHINES]],
        "more": max(len(entries) - MACHINES, 0),
    }
    still_open = {
        "missing": [_missing(machine, language) for machine in missing[:LISTED]],
        "missing_more": max(len(missing) - LISTED, 0),
    }
    filling = Filling(
        {
            "ANREDE": salutation([receipt.contact], language),
            "FIRMA": company,
            "ANZAHL": counted(len(entries), language),
            "WAS": _WHAT[language == "en"][corrected],
            "STAND": _standing(len(missing), company if receipt.several else "", language),
        },
        {
            "WERTE": (f"reported.{language}", reported),
            "OFFEN": (f"missing.{language}", still_open),
        },
    )
    return block_mail(block, filling, to=to, access=access, sender=sender, test=test)


_WHAT = (("Zählerstände", "Korrektur"), ("meter readings", "correction"))


def _standing(missing: int, company: str, language: str) -> str:
    """Whether anything is still open; `company` is "" where the mailbox reports for no other."""
    if missing:
        open_ = counted(missing, language)
        return f"Still open: {open_}." if language == "en" else f"Noch offen: {open_}."
    if language == "en":
        return f"Everything has been reported{f' for {company}' if company else ''}."
    return f"Damit ist {f'für {company} ' if company else ''}alles gemeldet."


def _entry(
    receipt: Receipt, entry: ReceiptMachine, language: str, sender: SenderIdentity
) -> dict[str, object]:
    """A machine for the templates. If one contact reported all values, the name is given once."""
    who = [_who(receipt, row, language, sender) for row in entry.lines]
    together = len(set(who)) == 1
    return {
        "machine": described(entry.machine, language),
        "due_on": day(entry.due_on, language),
        "corrected": entry.corrected,
        "who": who[0] if together else "",
        "lines": [
            {
                "label": meter_name(entry.machine, row.meter, language),
                "value": number(row.reading.value, language),
                "before": number(row.before, language) if row.before is not None else "",
                "read_on": day(row.reading.read_on, language),
                "reason": line(row.reason),
                "who": "" if together else name,
            }
            for row, name in zip(entry.lines, who, strict=True)
        ],
    }


def _who(receipt: Receipt, row: ReceiptLine, language: str, sender: SenderIdentity) -> str:
    """Clara Schäfer, 23.11.2026, 10:24 Uhr. If no contact reported the value, the dealer's name is
    used.
    """
    name = line(receipt.people.get(row.reading.reported_by, sender.dealer))
    return ", ".join(filter(None, [name, _clock(row.reading.reported_at, receipt.zone, language)]))


def _clock(at: datetime | None, zone: ZoneInfo, language: str) -> str:
    if at is None:
        return ""
    local = at.astimezone(zone)
    suffix = "" if language == "en" else " Uhr"
    return f"{day(local.date(), language)}, {local:%H:%M}{suffix}"


def _missing(machine: Machine, language: str) -> dict[str, object]:
    """An incomplete machine; `meters` are named only if some, but not all, are missing."""
    gaps = [meter for meter in machine.billable_meters if machine.reading(meter.id) is None]
    partly = len(gaps) < len(machine.billable_meters)
    return {
        "machine": described(machine, language),
        "meters": ", ".join(meter_name(machine, meter, language) for meter in gaps)
        if partly
        else "",
        "due_on": day(machine.due_on, language) if machine.due_on else "",
    }
