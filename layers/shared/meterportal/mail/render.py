"""The request as a mail: what to report, for whom, until when; subject, plain text, HTML."""

from __future__ import annotations

from collections.abc import Mapping, Sequence, Set
from dataclasses import field
from datetime import date

from meterportal.domain.frozen import frozen
from meterportal.domain.mailing.text_blocks import TextBlock
from meterportal.domain.portfolio.contracts import Company, Contact, Contract
from meterportal.domain.portfolio.machines import Machine, walking_order
from meterportal.domain.reporting.estimates import Estimate, Guesses
from meterportal.mail.block_mail import Filling, block_mail
from meterportal.mail.layout import Access, SenderIdentity, day, line, neutral_greeting, number
from meterportal.mail.message import Message
from meterportal.mail.words import meter_name

LISTED = 10
"""Highest number of machines that a mail lists; the others are counted."""


@frozen
class MailPart:
    """One contract of a mail with its machines that are still open. A mail that announces estimates has
    what would be estimated, by machine, and the day of it."""

    company: Company
    contact: Contact
    contract: Contract
    due_on: date
    machines: tuple[Machine, ...]
    guesses: Mapping[str, Guesses] = field(default_factory=dict)
    estimate_on: date | None = None


@frozen
class Described:
    """A machine as text; fields without a value are ""."""

    name: str
    serial: str
    customer_no: str
    place: str
    meters: str


@frozen
class _Section:
    company: str
    contract: str
    due_on: str
    lines: tuple[Described, ...]


def request_mail(
    parts: Sequence[MailPart],
    *,
    block: TextBlock,
    to: str,
    access: Access,
    sender: SenderIdentity,
    test: bool = False,
) -> Message:
    """The mail to one mailbox about all its open machines; `parts` in the order of the mail. `block` is
    the text of the request or of the reminder, in the language of `language_for`."""
    language = block.language
    sections, more = _sections(parts, language)
    listed = {"sections": sections, "more": more, "language": language}
    days = {part.estimate_on for part in parts if part.estimate_on}
    filling = Filling(
        {
            "ANREDE": salutation([part.contact for part in parts], language),
            "FIRMA": _companies(parts, language),
            "FAELLIG": _due_days({part.due_on for part in parts}, language),
            "ANZAHL": counted(sum(len(part.machines) for part in parts), language),
            "SCHAETZTAG": _due_days(days, language) if days else "",
        },
        {"SCHAETZWERTE" if days else "MASCHINEN": ("machines", listed)},
    )
    return block_mail(block, filling, to=to, access=access, sender=sender, test=test)


def language_for(parts: Sequence[MailPart], chosen: str) -> str:
    """The language that the mailbox's owner has `chosen` ("de", "en"), else that of the first part's
    contact, else that of their company."""
    return chosen or language_of(parts[0])


def language_of(part: MailPart) -> str:
    """The contact's language, else the company's: "de" or "en"."""
    return "en" if (part.contact.language or part.company.language).casefold() == "en" else "de"


def salutation(contacts: Sequence[Contact], language: str) -> str:
    """The first line of the mail, without the comma.

    With a name only when there is one person and the name is complete: letters lost by a code page
    are shown as "?" and make the greeting neutral.
    """
    neutral = neutral_greeting(language)
    people = {(c.salutation.strip().casefold(), line(c.last_name)) for c in contacts}
    if len(people) != 1:
        return neutral
    ((form, name),) = people
    if not name or any(not (letter.isalpha() or letter in " -'’.") for letter in name):
        return neutral
    known = {
        "frau": ("Sehr geehrte Frau", "Dear Ms"),
        "herr": ("Sehr geehrter Herr", "Dear Mr"),
    }.get(form)
    return f"{known[language == 'en']} {name}" if known else neutral


def _due_days(days: Set[date], language: str) -> str:
    """When something is due, behind "am" or "on": true for every part, though a mail has one subject."""
    first, last = day(min(days), language), day(max(days), language)
    if len(days) == 1:
        return first
    if len(days) == 2:
        return f"{first} and {last}" if language == "en" else f"{first} und {last}"
    if language == "en":
        return f"{first} and on further days up to {last}"
    return f"{first} und an weiteren Tagen bis {last}"


def _companies(parts: Sequence[MailPart], language: str) -> str:
    names = {part.company.id: line(part.company.name) for part in parts}
    if len(names) == 1:
        return next(iter(names.values()))
    return f"{len(names)} companies" if language == "en" else f"{len(names)} Firmen"


def counted(count: int, language: str) -> str:
    """7 Geräte, 1 machine."""
    if language == "en":
        return f"{count} machine" if count == 1 else f"{count} machines"
    return f"{count} Gerät" if count == 1 else f"{count} Geräte"


def _sections(parts: Sequence[MailPart], language: str) -> tuple[list[_Section], int]:
    """The first ten machines by company and contract, and the number of the others."""
    sections: list[_Section] = []
    left = LISTED
    for part in parts:
        shown = sorted(part.machines, key=walking_order)[: max(left, 0)]
        left -= len(shown)
        if shown:
            sections.append(
                _Section(
                    line(part.company.name),
                    f"{line(part.contract.name)} ({part.contract.id})".strip(),
                    day(part.due_on, language),
                    tuple(
                        described(machine, language, part.guesses.get(machine.id, []))
                        for machine in shown
                    ),
                )
            )
    listed = sum(len(section.lines) for section in sections)
    return sections, sum(len(part.machines) for part in parts) - listed


def _guessed(found: Estimate | None, language: str) -> str:
    if found is None:
        return "(no estimate)" if language == "en" else "(kein Schätzwert)"
    return number(found.value, language)


def described(machine: Machine, language: str, guesses: Guesses = ()) -> Described:
    """The text for a machine in a mail; with `guesses` of what would be estimated."""
    place = machine.location
    spots = (place.site, place.building, place.floor, place.room)
    meters = [
        f"{meter_name(machine, meter, language)} {_guessed(found, language)}"
        for meter, found in guesses
    ] or [meter_name(machine, meter, language) for meter in machine.billable_meters]
    return Described(
        line(f"{machine.maker} {machine.model}") or machine.id,
        line(machine.serial),
        line(machine.customer_no),
        ", ".join(filter(None, map(line, spots))),
        ", ".join(meters),
    )
