"""The read model's rows: what the console's lists, counts and search know of each company, contact,
contract and machine. They stand in the snapshot and come as changes, the same in both.

A row's texts are single lines: the snapshot holds one value a line.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from enum import IntFlag
from typing import NamedTuple

from meterportal.domain.frozen import frozen
from meterportal.domain.mailing.marks import estimate_on, mailed
from meterportal.domain.portfolio.contracts import Company, Contact, Contract
from meterportal.domain.portfolio.machine_rows import MachineFlag, one_line, sum_of


class ContactFlag(IntFlag):
    ACTIVE = 1
    MAIN = 2
    FROM_PORTAL = 4
    MAY_REPORT = 8
    SEES_ALL_MACHINES = 16


class CompanyRow(NamedTuple):
    """`rev` 0, here and below: only others have named it so far; any row of its own is newer."""

    id: str
    rev: int
    name: str
    language: str
    street: str
    postcode: str
    city: str


class ContactRow(NamedTuple):
    company_id: str
    id: str
    rev: int
    salutation: str
    first_name: str
    last_name: str
    email: str
    phone: str
    role: str
    language: str
    flags: int


class ContractRow(NamedTuple):
    """Days are ISO text, "" for none. `asked`: contacts asked for the current period; `mails` to them
    about it, with reminders, the last one on `mailed_on`; `estimate_on`: the day of the estimate that was
    announced to them. `reporters` are contacts by number."""

    company_id: str
    id: str
    rev: int
    name: str
    channel: str
    interval: str
    starts_on: str
    ends_on: str
    next_billing_on: str
    reporters: tuple[str, ...]
    asked: int
    mails: int
    mailed_on: str
    estimate_on: str


class MachineRow(NamedTuple):
    """`reported_on` and `channel`: when and how the last values of the period came."""

    company_id: str
    id: str
    rev: int
    contract_id: str
    version: int
    state: str
    due_on: str
    serial: str
    maker: str
    model: str
    customer_no: str
    site: str
    building: str
    floor: str
    room: str
    flags: int
    reported_on: str
    channel: str


class OpeningRow(NamedTuple):
    """A mailbox had its first session since a mail. `contracts`: (company, contract, due date) that the
    mail asked for; it tells of a contract as long as that is its due date."""

    company_id: str
    id: str
    rev: int
    contracts: tuple[tuple[str, str, str], ...]

    @property
    def round_id(self) -> str:
        return self.id.partition("#")[0]

    @property
    def mailbox(self) -> str:
        return self.id.partition("#")[2]


Row = CompanyRow | ContactRow | ContractRow | MachineRow | OpeningRow

MailTold = tuple[str, int, str]
"""A mail about a contract's current period: round, number (0 for the request), day."""

KINDS = {
    "COMPANY": "company",
    "CONTACT": "contact",
    "CONTRACT": "contract",
    "MACHINE": "machine",
    "OPENING": "opening",
}
"""What the kinds of rows are called, by the words of the table."""


@frozen
class RowChange:
    """A row as it was left behind at a moment, None where its item was taken away.

    (`kind`, `company_id`, `id`) say which; one of a higher `rev` takes the place of a lower one.
    `mails` are those about a contract's current period, for statistics; rows do without them.
    """

    kind: str
    company_id: str
    id: str
    rev: int
    at: str
    row: Row | None
    mails: tuple[MailTold, ...] = ()

    @property
    def which(self) -> tuple[str, str, str]:
        return self.kind, self.company_id, self.id


def company_row(company: Company) -> CompanyRow:
    return CompanyRow(
        id=company.id,
        rev=company.rev,
        name=one_line(company.name),
        language=one_line(company.language),
        street=one_line(company.street),
        postcode=one_line(company.postcode),
        city=one_line(company.city),
    )


def contact_row(contact: Contact) -> ContactRow:
    rights = contact.rights
    flags = sum_of(
        (ContactFlag.ACTIVE, contact.active),
        (ContactFlag.MAIN, contact.main),
        (ContactFlag.FROM_PORTAL, contact.from_portal),
        (ContactFlag.MAY_REPORT, rights is not None and rights.readings),
        (ContactFlag.SEES_ALL_MACHINES, rights is not None and rights.machines),
    )
    return ContactRow(
        company_id=contact.company_id,
        id=contact.id,
        rev=contact.rev,
        salutation=one_line(contact.salutation),
        first_name=one_line(contact.first_name),
        last_name=one_line(contact.last_name),
        email=one_line(contact.email),
        phone=one_line(contact.phone),
        role=one_line(contact.role),
        language=one_line(contact.language),
        flags=flags,
    )


def contract_row(contract: Contract) -> ContractRow:
    current = contract.asked_for is not None and contract.asked_for == contract.due_on
    asked = contract.asked if current else {}
    mails = [mail.on.isoformat() for person in asked for mail in mailed(contract, person)]
    return ContractRow(
        contract.company_id,
        contract.id,
        contract.rev,
        one_line(contract.name),
        contract.reading_channel.value,
        contract.interval.value if contract.interval else "",
        _iso(contract.starts_on),
        _iso(contract.ends_on),
        _iso(contract.next_billing_on),
        contract.reporters,
        len(asked),
        len(mails),
        max(mails, default=""),
        _iso(estimate_on(contract)),
    )


def mails_about(contract: Contract) -> tuple[MailTold, ...]:
    """The mails about a contract's current period, oldest first, each round's once for each number."""
    told = {
        (mail.on.isoformat(), mail.number, mail.round_id)
        for person in contract.asked
        for mail in mailed(contract, person)
    }
    return tuple((round_id, number, day) for day, number, round_id in sorted(told))


@dataclass(slots=True)
class Counts:
    """How far a contract's period has come, from its machines' flags: the same as `progress` says.
    `begun`: some machine has a value of the period."""

    total: int = 0
    reported: int = 0
    released: int = 0
    begun: bool = False
    exported: int = 0
    billed: int = 0

    def add(self, flags: int) -> None:
        complete = bool(flags & MachineFlag.COMPLETE)
        if not flags & MachineFlag.ASKED_FOR or (flags & MachineFlag.SET_ASIDE and not complete):
            return
        self.total += 1
        self.reported += complete
        self.released += bool(flags & MachineFlag.RELEASED)
        self.begun = self.begun or bool(flags & MachineFlag.BEGUN)
        self.exported += bool(flags & MachineFlag.EXPORTED)
        self.billed += bool(flags & MachineFlag.BILLED)


def _iso(day: date | None) -> str:
    return day.isoformat() if day else ""


def newest(changes: Iterable[RowChange]) -> dict[tuple[str, str, str], RowChange]:
    """Each row as its highest `rev` left it, in whatever order and however often they come."""
    found: dict[tuple[str, str, str], RowChange] = {}
    for change in changes:
        held = found.get(change.which)
        if held is None or change.rev > held.rev:
            found[change.which] = change
    return found
