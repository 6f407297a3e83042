"""Snapshots of the portfolio: all rows at a moment, packed in parts that a browser holds as they are.

`grid` stands alone: companies in the order of their names, so that a company's place is its rank, and
their contracts with how far these have come. `machines` and `people` count places in it from 1, 0
being "none". What each column is called stands in `grid_part` and its kin, and in docs/read-model.md.
"""

from __future__ import annotations

import gzip
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

from meterportal.domain.frozen import frozen
from meterportal.domain.portfolio.columns import ColumnWriter
from meterportal.domain.portfolio.rows import (
    CompanyRow,
    ContactRow,
    ContractRow,
    Counts,
    MachineRow,
    MailTold,
    OpeningRow,
    RowChange,
)

LIVES = timedelta(days=2)
"""The bucket forgets a snapshot's files after so long."""

HELD_BACK = timedelta(seconds=5)
"""The newest changes are told only when they are this old: by then most others of their time are
there, too."""

OVERLAP = timedelta(seconds=30)
"""Who asks for what has changed is told this much of the time before once more: a write may show in
the index behind later ones, and clocks differ. Sent twice is harmless."""

NONE = date.max.isoformat()
"""Of a machine, instead of the due date of its contract: it has none."""

_UMLAUTS = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue"})
# They stay themselves when marks are taken away. The same in static_site/shared/letters.js.
_PLAIN = str.maketrans(
    {
        "ø": "o",
        "ł": "l",
        "đ": "d",
        "ð": "d",
        "þ": "th",
        "æ": "ae",
        "œ": "oe",
        "ß": "ss",
        "ı": "i",
    }
)


@frozen
class SnapshotPart:
    """A file of a snapshot. `size` and `sha256` are those of its bytes as they are sent."""

    name: str
    key: str
    size: int
    rows: int
    sha256: str


@frozen
class Snapshot:
    """`after`: what has changed since then may not stand in it."""

    version: str
    built_at: datetime
    after: datetime
    parts: tuple[SnapshotPart, ...]

    def readable(self, now: datetime) -> bool:
        """Whether its files can still be fetched, with an hour to do so."""
        return now < self.built_at + LIVES - timedelta(hours=1)


def part_key(version: str, name: str) -> str:
    """Where a file of a snapshot lies in its bucket."""
    return f"portfolio/{version}/{name}"


def search_key(version: str) -> str:
    """Where the text that scripts search in lies: no part, since browsers have it from the parts."""
    return part_key(version, "search")


@frozen
class Packed:
    """A part before it has a place."""

    name: str
    rows: int
    content: bytes


def folded(text: str) -> str:
    """How text is compared: lower case, umlauts as two letters, other letters without their marks or, where
    they have none to lose, as who has no key for them types them ("ø" as "o", "ß" as "ss")."""
    if text.isascii():
        return text.lower()
    spread = unicodedata.normalize("NFC", text).lower().translate(_UMLAUTS)
    bare = "".join(c for c in unicodedata.normalize("NFD", spread) if not unicodedata.combining(c))
    return bare.translate(_PLAIN)


@dataclass(slots=True)
class Portfolio:
    """All rows, in the snapshot's order. `opened`: the rounds whose mail about a contract's present period
    led somebody to the portal; `mails`: those about it; `past`: openings that tell of no contract any more."""

    companies: list[CompanyRow] = field(default_factory=list)
    contacts: list[ContactRow] = field(default_factory=list)
    contracts: list[ContractRow] = field(default_factory=list)
    machines: list[MachineRow] = field(default_factory=list)
    opened: dict[tuple[str, str], set[str]] = field(default_factory=dict)
    mails: dict[tuple[str, str], tuple[MailTold, ...]] = field(default_factory=dict)
    past: list[OpeningRow] = field(default_factory=list)


def ordered(changes: Iterable[RowChange]) -> Portfolio:
    """The rows that changes have left (each `which` once), with a row of `rev` 0 for every company
    and contract that only others name: its own may come later than theirs."""
    companies: dict[str, CompanyRow] = {}
    contracts: dict[tuple[str, str], ContractRow] = {}
    found = Portfolio()
    openings: list[OpeningRow] = []
    for change in changes:
        match change.row:
            case CompanyRow() as company:
                companies[company.id] = company
            case ContactRow() as contact:
                found.contacts.append(contact)
            case ContractRow() as contract:
                contracts[contract.company_id, contract.id] = contract
                if change.mails:
                    found.mails[contract.company_id, contract.id] = change.mails
            case MachineRow() as machine:
                found.machines.append(machine)
            case OpeningRow() as opening:
                openings.append(opening)
    for opening in openings:
        places = [
            (company_id, number)
            for company_id, number, due_on in opening.contracts
            if (asked := contracts.get((company_id, number))) and due_on_of(asked) == due_on
        ]
        for place in places:
            found.opened.setdefault(place, set()).add(opening.round_id)
        if not places:
            found.past.append(opening)
    for machine in found.machines:
        place = machine.company_id, machine.contract_id
        if machine.contract_id and place not in contracts:
            contracts[place] = _unknown_contract(*place)
    owners = {row.company_id for row in found.contacts} | {row.company_id for row in found.machines}
    for number in owners | {company_id for company_id, _ in contracts}:
        companies.setdefault(number, CompanyRow(number, 0, "", "", "", "", ""))
    found.companies = sorted(companies.values(), key=lambda c: (folded(c.name), _natural(c.id)))
    rank = {company.id: place for place, company in enumerate(found.companies)}
    found.contracts = sorted(
        contracts.values(), key=lambda row: (rank[row.company_id], _natural(row.id))
    )
    found.contacts.sort(key=lambda row: (rank[row.company_id], _natural(row.id)))
    place_of = {(c.company_id, c.id): n for n, c in enumerate(found.contracts)}
    found.machines.sort(
        key=lambda row: (
            rank[row.company_id],
            place_of.get((row.company_id, row.contract_id), -1),
            _natural(row.id),
        )
    )
    return found


def parts(found: Portfolio) -> list[Packed]:
    """The snapshot's parts."""
    return [
        Packed("grid", len(found.companies) + len(found.contracts), grid_part(found)),
        Packed("machines", len(found.machines), machines_part(found)),
        Packed("people", len(found.contacts), people_part(found)),
    ]


def zipped(content: bytes) -> bytes:
    """The same bytes for the same content, whenever they are packed."""
    return gzip.compress(content, 6, mtime=0)


def grid_part(found: Portfolio) -> bytes:
    rank = _ranks(found)
    counts = _counts(found)
    writer = ColumnWriter()
    writer.ids("companies.id", [row.id for row in found.companies])
    writer.numbers("companies.rev", [row.rev for row in found.companies])
    writer.texts("companies.name", [row.name for row in found.companies])
    writer.words("companies.city", [row.city for row in found.companies])
    rows = found.contracts
    told = [counts[row.company_id, row.id] for row in rows]
    writer.deltas("contracts.company", [rank[row.company_id] for row in rows])
    writer.ids("contracts.id", [row.id for row in rows])
    writer.numbers("contracts.rev", [row.rev for row in rows])
    writer.words("contracts.name", [row.name for row in rows])
    writer.words("contracts.channel", [row.channel for row in rows])
    writer.words("contracts.interval", [row.interval for row in rows])
    writer.days("contracts.ends_on", [row.ends_on for row in rows])
    writer.days("contracts.next_billing_on", [row.next_billing_on for row in rows])
    writer.numbers("contracts.asked", [row.asked for row in rows])
    writer.numbers("contracts.mails", [row.mails for row in rows])
    writer.days("contracts.mailed_on", [row.mailed_on for row in rows])
    writer.days("contracts.estimate_on", [row.estimate_on for row in rows])
    writer.numbers("contracts.total", [one.total for one in told])
    writer.numbers("contracts.reported", [one.reported for one in told])
    writer.numbers("contracts.released", [one.released for one in told])
    writer.numbers("contracts.begun", [int(one.begun) for one in told])
    writer.numbers("contracts.exported", [one.exported for one in told])
    writer.numbers("contracts.billed", [one.billed for one in told])
    opened = found.opened
    writer.numbers("contracts.opened", [int((row.company_id, row.id) in opened) for row in rows])
    return writer.packed()


def machines_part(found: Portfolio) -> bytes:
    rank = _ranks(found)
    places = {(row.company_id, row.id): n for n, row in enumerate(found.contracts, 1)}
    rows = found.machines
    writer = ColumnWriter()
    writer.deltas("machines.company", [rank[row.company_id] for row in rows])
    writer.deltas(
        "machines.contract", [places.get((row.company_id, row.contract_id), 0) for row in rows]
    )
    writer.ids("machines.id", [row.id for row in rows])
    writer.numbers("machines.version", [row.version for row in rows])
    writer.signed("machines.ahead", [row.rev - row.version for row in rows])
    writer.words("machines.state", [row.state for row in rows])
    due_on = {(row.company_id, row.id): due_on_of(row) for row in found.contracts}
    own = [
        ""
        if row.due_on == due_on.get((row.company_id, row.contract_id), "")
        else row.due_on or NONE
        for row in rows
    ]
    writer.days("machines.due_on", own)
    writer.numbers("machines.flags", [row.flags for row in rows])
    writer.days("machines.reported_on", [row.reported_on for row in rows])
    writer.words("machines.channel", [row.channel for row in rows])
    writer.texts("machines.serial", [row.serial for row in rows])
    writer.words("machines.model", [f"{row.maker}\t{row.model}" for row in rows])
    writer.words("machines.customer_no", [row.customer_no for row in rows])
    writer.words("machines.site", [row.site for row in rows])
    writer.words("machines.building", [row.building for row in rows])
    writer.words("machines.floor", [row.floor for row in rows])
    writer.words("machines.room", [row.room for row in rows])
    return writer.packed()


def due_on_of(row: ContractRow) -> str:
    """The period that is open: the earlier of next billing date and contract end."""
    return min((day for day in (row.next_billing_on, row.ends_on) if day), default="")


def people_part(found: Portfolio) -> bytes:
    rank = _ranks(found)
    rows = found.contacts
    writer = ColumnWriter()
    writer.deltas("contacts.company", [rank[row.company_id] for row in rows])
    writer.ids("contacts.id", [row.id for row in rows])
    writer.numbers("contacts.rev", [row.rev for row in rows])
    writer.words("contacts.salutation", [row.salutation for row in rows])
    writer.words("contacts.first_name", [row.first_name for row in rows])
    writer.words("contacts.last_name", [row.last_name for row in rows])
    writer.texts("contacts.email", [row.email for row in rows])
    writer.texts("contacts.phone", [row.phone for row in rows])
    writer.words("contacts.role", [row.role for row in rows])
    writer.words("contacts.language", [row.language for row in rows])
    writer.numbers("contacts.flags", [row.flags for row in rows])
    writer.words("companies.language", [row.language for row in found.companies])
    writer.texts("companies.street", [row.street for row in found.companies])
    writer.words("companies.postcode", [row.postcode for row in found.companies])
    writer.days("contracts.starts_on", [row.starts_on for row in found.contracts])
    writer.texts("contracts.reporters", _reporters(found))
    return writer.packed()


def _reporters(found: Portfolio) -> list[str]:
    """Who reports for each contract: contacts by their place among those of their company, counted
    from 0, with blanks between; one who does not stand there as "=" and the number."""
    places: dict[str, dict[str, int]] = {}
    for row in found.contacts:
        own = places.setdefault(row.company_id, {})
        own[row.id] = len(own)
    return [
        " ".join(
            str(places[row.company_id][number])
            if number in places.get(row.company_id, ())
            else f"={number}"
            for number in row.reporters
        )
        for row in found.contracts
    ]


def _ranks(found: Portfolio) -> Mapping[str, int]:
    return {company.id: place for place, company in enumerate(found.companies)}


def _counts(found: Portfolio) -> Mapping[tuple[str, str], Counts]:
    counts = {(row.company_id, row.id): Counts() for row in found.contracts}
    for machine in found.machines:
        if machine.contract_id:
            counts[machine.company_id, machine.contract_id].add(machine.flags)
    return counts


def _unknown_contract(company_id: str, number: str) -> ContractRow:
    return ContractRow(company_id, number, 0, "", "", "", "", "", "", (), 0, 0, "", "")


def _natural(number: str) -> tuple[int, str]:
    """Numbers by their size, what is none behind them."""
    return (int(number), number) if number.isdecimal() else (1 << 62, number)
