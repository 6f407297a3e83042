"""The request as a mail: what is to be reported, by whom, until when; subject, plain text, HTML."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from functools import cache

from jinja2 import Environment, FileSystemLoader, StrictUndefined, select_autoescape

from meterportal.domain.contracts import Company, Contact, Contract
from meterportal.domain.machines import Machine, walking_order
from meterportal.mail.message import Message
from meterportal.mail.text_blocks import TEMPLATES, Trusted, fill_html, fill_text, text_block

REQUEST = "bwCOPortalZEmailHtml"
LISTED = 10
"""Machines that a mail lists; the others are counted."""

_MONTHS = "January February March April May June July August September October November December"


@dataclass(frozen=True, slots=True)
class Part:
    """One contract of a mail with its machines that are still open."""

    company: Company
    contact: Contact
    contract: Contract
    due_on: date
    machines: tuple[Machine, ...]


@dataclass(frozen=True, slots=True)
class Sender:
    """In whose name a mail goes out."""

    dealer: str
    address: str
    reply_to: str


@dataclass(frozen=True, slots=True)
class _Line:
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
    lines: tuple[_Line, ...]


def request_mail(parts: Sequence[Part], *, to: str, url: str, sender: Sender) -> Message:
    """The mail to one mailbox about all its open machines; `parts` in the order of the mail.

    The language is that of the first part's contact, else of their company.
    """
    language = language_of(parts[0])
    block = text_block(REQUEST, language)
    sections, more = _sections(parts, language)
    count = sum(len(part.machines) for part in parts)
    context = {"sections": sections, "more": more, "language": language}
    values = {
        "URL": url,
        "ANREDE": salutation([part.contact for part in parts], language),
        "FIRMA": _companies(parts, language),
        "FAELLIG": day(min(part.due_on for part in parts), language),
        "ANZAHL": _counted(count, language),
        "HAENDLER": _line(sender.dealer),
        "ANTWORT": _line(sender.reply_to),
    }
    listed = _templates().get_template("machines.html.j2").render(context)
    inner = fill_html(block.html, values | {"MASCHINEN": Trusted(listed)})
    subject = fill_text(block.subject, values)
    html = (
        _templates()
        .get_template("frame.html.j2")
        .render(language=language, subject=subject, dealer=values["HAENDLER"], inner=inner)
    )
    plain = _templates().get_template("machines.txt.j2").render(context).strip("\n")
    return Message(
        to=to,
        subject=subject,
        text=fill_text(block.text, values | {"MASCHINEN": plain}),
        html=html,
        sender_name=values["HAENDLER"],
        sender=sender.address,
        reply_to=sender.reply_to,
    )


def language_of(part: Part) -> str:
    """The contact's language, else the company's: "de" or "en"."""
    return "en" if (part.contact.language or part.company.language).casefold() == "en" else "de"


def salutation(contacts: Sequence[Contact], language: str) -> str:
    """How the mail begins, without the comma.

    By name only when one person is meant and their name is whole; a letter that a code page lost
    shows as ? and makes the greeting neutral.
    """
    neutral = "Hello" if language == "en" else "Guten Tag"
    people = {(c.salutation.strip().casefold(), _line(c.last_name)) for c in contacts}
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


def day(value: date, language: str) -> str:
    """28.11.2026, or 28 November 2026."""
    if language == "en":
        return f"{value.day} {_MONTHS.split()[value.month - 1]} {value.year}"
    return f"{value:%d.%m.%Y}"


def _companies(parts: Sequence[Part], language: str) -> str:
    names = {part.company.id: _line(part.company.name) for part in parts}
    if len(names) == 1:
        return next(iter(names.values()))
    return f"{len(names)} companies" if language == "en" else f"{len(names)} Firmen"


def _counted(count: int, language: str) -> str:
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
                    _line(part.company.name),
                    f"{_line(part.contract.name)} ({part.contract.id})".strip(),
                    day(part.due_on, language),
                    tuple(map(_describe, shown)),
                )
            )
    listed = sum(len(section.lines) for section in sections)
    return sections, sum(len(part.machines) for part in parts) - listed


def _describe(machine: Machine) -> _Line:
    place = machine.location
    spots = (place.site, place.building, place.floor, place.room)
    meters = (_line(meter.label) or meter.kind.value for meter in machine.billable_meters)
    return _Line(
        _line(f"{machine.maker} {machine.model}") or machine.id,
        _line(machine.serial),
        _line(machine.customer_no),
        ", ".join(filter(None, map(_line, spots))),
        ", ".join(meters),
    )


def _line(text: str) -> str:
    """A text on one line: master data may hold line breaks and invisible control characters."""
    kept = "".join(
        " " if letter.isspace() else letter
        for letter in text
        if letter.isspace() or unicodedata.category(letter) not in {"Cc", "Cf", "Cs"}
    )
    return " ".join(kept.split())


@cache
def _templates() -> Environment:
    return Environment(
        loader=FileSystemLoader(TEMPLATES),
        undefined=StrictUndefined,
        autoescape=select_autoescape(enabled_extensions=("html.j2",), default=False),
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
