"""The request as a mail: what is to be reported, by whom, until when; subject, plain text, HTML."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from meterportal.domain.contracts import Company, Contact, Contract
from meterportal.domain.machines import Machine, walking_order
from meterportal.mail.layout import (
    Access,
    Sender,
    day,
    line,
    neutral_greeting,
    sealed,
    templates,
)
from meterportal.mail.message import Message
from meterportal.mail.text_blocks import Trusted, fill_html, fill_text, text_block

REQUEST = "bwCOPortalZEmailHtml"
REMINDER = "bwCOPortalZErinnerungHtml"
LISTED = 10
"""Machines that a mail lists; the others are counted."""


@dataclass(frozen=True, slots=True)
class Part:
    """One contract of a mail with its machines that are still open."""

    company: Company
    contact: Contact
    contract: Contract
    due_on: date
    machines: tuple[Machine, ...]


@dataclass(frozen=True, slots=True)
class Described:
    """A machine in words; what it does not have is ""."""

    name: str
    serial: str
    customer_no: str
    place: str
    meters: str


@dataclass(frozen=True, slots=True)
class _Section:
    company: str
    contract: str
    due_on: str
    lines: tuple[Described, ...]


def request_mail(
    parts: Sequence[Part],
    *,
    to: str,
    access: Access,
    sender: Sender,
    chosen: str = "",
    block: str = REQUEST,
) -> Message:
    """The mail to one mailbox about all its open machines; `parts` in the order of the mail, `block`
    the dealer's words: those of the request or of the reminder.

    The language is what the mailbox's owner has `chosen` ("de", "en"), else that of the first part's
    contact, else of their company.
    """
    language = chosen or language_of(parts[0])
    words = text_block(block, language)
    sections, more = _sections(parts, language)
    listed = {"sections": sections, "more": more, "language": language}
    values = {
        "URL": access.url,
        "ANREDE": salutation([part.contact for part in parts], language),
        "FIRMA": _companies(parts, language),
        "FAELLIG": day(min(part.due_on for part in parts), language),
        "ANZAHL": counted(sum(len(part.machines) for part in parts), language),
        "HAENDLER": line(sender.dealer),
        "ANTWORT": line(sender.reply_to),
    }
    subject = line(fill_text(words.subject, values))
    rich = Trusted(templates().get_template("machines.html.j2").render(listed))
    plain = templates().get_template("machines.txt.j2").render(listed).strip("\n")
    context = {
        "language": language,
        "subject": subject,
        "preheader": _preheader(values, language),
        "dealer": values["HAENDLER"],
        "login": sender.login,
        "code": access.code,
    }
    inner = {
        "html": fill_html(words.html, values | {"MASCHINEN": rich}),
        "txt": fill_text(words.text, values | {"MASCHINEN": plain}),
    }
    html, text = (
        templates().get_template(f"request.{kind}.j2").render(context | {"inner": inner[kind]})
        for kind in ("html", "txt")
    )
    return sealed(to=to, sender=sender, language=language, subject=subject, text=text, html=html)


def _preheader(values: Mapping[str, str], language: str) -> str:
    """What a list of mails shows behind the subject."""
    if language == "en":
        return f"{values['ANZAHL']}, due on {values['FAELLIG']}. No sign-in needed."
    return f"{values['ANZAHL']}, fällig am {values['FAELLIG']}. Ohne Anmeldung."


def language_of(part: Part) -> str:
    """The contact's language, else the company's: "de" or "en"."""
    return "en" if (part.contact.language or part.company.language).casefold() == "en" else "de"


def salutation(contacts: Sequence[Contact], language: str) -> str:
    """How the mail begins, without the comma.

    By name only when one person is meant and their name is whole; a letter that a code page lost
    shows as ? and makes the greeting neutral.
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


def _companies(parts: Sequence[Part], language: str) -> str:
    names = {part.company.id: line(part.company.name) for part in parts}
    if len(names) == 1:
        return next(iter(names.values()))
    return f"{len(names)} companies" if language == "en" else f"{len(names)} Firmen"


def counted(count: int, language: str) -> str:
    """7 Geräte, 1 machine."""
    if language == "en":
        return f"{count} machine" if count == 1 else f"{count} machines"
    return f"{count} Gerät" if count == 1 else f"{count} Geräte"


def _sections(parts: Sequence[Part], language: str) -> tuple[list[_Section], int]:
    """The first ten machines by company and contract, and how many are not listed."""
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
                    tuple(map(described, shown)),
                )
            )
    listed = sum(len(section.lines) for section in sections)
    return sections, sum(len(part.machines) for part in parts) - listed


def described(machine: Machine) -> Described:
    """How a mail names a machine."""
    place = machine.location
    spots = (place.site, place.building, place.floor, place.room)
    meters = (line(meter.label) or meter.kind.value for meter in machine.billable_meters)
    return Described(
        line(f"{machine.maker} {machine.model}") or machine.id,
        line(machine.serial),
        line(machine.customer_no),
        ", ".join(filter(None, map(line, spots))),
        ", ".join(meters),
    )
