"""The receipt as a mail: what has been reported, by whom and when, and what is still missing."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from meterportal.domain.contracts import Company, Contact
from meterportal.domain.machines import Machine, walking_order
from meterportal.domain.receipts import Entry, Line
from meterportal.mail.layout import Access, Sender, compose, day, line, number
from meterportal.mail.message import Message
from meterportal.mail.render import LISTED, counted, described, salutation

MACHINES = 60
"""Machines that a receipt lists with their values: mail programs cut off what is over 100 KB."""


@dataclass(frozen=True, slots=True)
class Receipt:
    """What a receipt tells. `people` are names by contact; times are shown in `zone`."""

    company: Company
    contact: Contact
    entries: Sequence[Entry]
    missing: Sequence[Machine]
    people: Mapping[str, str]
    zone: ZoneInfo


def receipt_mail(
    receipt: Receipt, *, language: str, to: str, access: Access, sender: Sender
) -> Message:
    """The mail to the contact who has reported, in "de" or "en"."""
    entries, missing = receipt.entries, sorted(receipt.missing, key=walking_order)
    values = {
        "company": line(receipt.company.name),
        "count": counted(len(entries), language),
        "corrected": any(entry.corrected for entry in entries),
        "machines": [_entry(receipt, entry, language, sender) for entry in entries[:MACHINES]],
        "more": max(len(entries) - MACHINES, 0),
        "missing": [_missing(machine, language) for machine in missing[:LISTED]],
        "missing_count": counted(len(missing), language),
        "missing_more": max(len(missing) - LISTED, 0),
    }
    return compose(
        "receipt",
        language,
        to=to,
        sender=sender,
        access=access,
        greeting=salutation([receipt.contact], language),
        values=values,
    )


def _entry(receipt: Receipt, entry: Entry, language: str, sender: Sender) -> dict[str, object]:
    """A machine for the templates. Who reported stands once where it is the same for all values."""
    who = [_who(receipt, one, language, sender) for one in entry.lines]
    together = len(set(who)) == 1
    return {
        "machine": described(entry.machine),
        "due_on": day(entry.due_on, language),
        "corrected": entry.corrected,
        "who": who[0] if together else "",
        "lines": [
            {
                "label": line(one.meter.label) or one.meter.kind.value,
                "value": number(one.reading.value, language),
                "before": number(one.before, language) if one.before is not None else "",
                "read_on": day(one.reading.read_on, language),
                "reason": line(one.reason),
                "who": "" if together else name,
            }
            for one, name in zip(entry.lines, who, strict=True)
        ],
    }


def _who(receipt: Receipt, one: Line, language: str, sender: Sender) -> str:
    """Clara Schäfer, 23.11.2026, 10:24 Uhr. What no contact reported came by way of the dealer."""
    name = line(receipt.people.get(one.reading.reported_by, sender.dealer))
    return ", ".join(filter(None, [name, _clock(one.reading.reported_at, receipt.zone, language)]))


def _clock(at: datetime | None, zone: ZoneInfo, language: str) -> str:
    if at is None:
        return ""
    local = at.astimezone(zone)
    suffix = "" if language == "en" else " Uhr"
    return f"{day(local.date(), language)}, {local:%H:%M}{suffix}"


def _missing(machine: Machine, language: str) -> dict[str, object]:
    """A machine that is not complete; `meters` are named where only some of them are missing."""
    gaps = [meter for meter in machine.billable_meters if machine.reading(meter.id) is None]
    partly = len(gaps) < len(machine.billable_meters)
    return {
        "machine": described(machine),
        "meters": ", ".join(line(m.label) or m.kind.value for m in gaps) if partly else "",
        "due_on": day(machine.due_on, language) if machine.due_on else "",
    }
