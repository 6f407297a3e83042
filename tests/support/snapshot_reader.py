"""A snapshot's parts read back into rows, as docs/read-model.md tells it: what a browser does."""

from __future__ import annotations

import json
from array import array
from collections.abc import Callable, Iterable, Mapping
from datetime import date
from typing import Any, TypeVar

from meterportal.domain.portfolio.columns import Head
from meterportal.domain.portfolio.rows import CompanyRow, ContactRow, ContractRow, MachineRow
from meterportal.domain.portfolio.snapshots import NONE, Portfolio, due_on_of

R = TypeVar("R")

_WIDTH = {"B": 1, "H": 2, "h": 2, "I": 4, "i": 4}
_DAY_ZERO = date(1999, 12, 31).toordinal()


class ColumnReader:
    """The columns of a container."""

    def __init__(self, content: bytes) -> None:
        start = 4 + int.from_bytes(content[:4], "little")
        self.head: Head = json.loads(content[4:start])
        self._content = memoryview(content)[start:]

    def numbers(self, name: str) -> list[int]:
        kind, offset, size, *more = self.head[name]
        values = _read(str(kind), bytes(self._content[int(offset) : int(offset) + int(size)]))
        if more:
            total = 0
            for place, step in enumerate(values):
                total += step
                values[place] = total
        return values

    def ids(self, name: str) -> list[str]:
        return self.texts(name) if self.head[name][0] == "s" else list(map(str, self.numbers(name)))

    def days(self, name: str) -> list[str]:
        shown = {0: ""}
        values = self.numbers(name)
        for value in values:
            if value not in shown:
                shown[value] = date.fromordinal(value + _DAY_ZERO).isoformat()
        return [shown[value] for value in values]

    def texts(self, name: str) -> list[str]:
        """The texts of a column; of one that holds words, the words."""
        if f"{name}.d" in self.head:
            words = self.texts(f"{name}.d")
            return [words[code] for code in self.numbers(name)]
        _, offset, size = self.head[name]
        text = bytes(self._content[int(offset) : int(offset) + int(size)]).decode()
        return text.split("\n")[:-1]


def _read(kind: str, content: bytes) -> list[int]:
    width = _WIDTH[kind]
    count = len(content) // width
    mixed = bytearray(len(content))
    for place in range(width):
        mixed[place::width] = content[place * count : (place + 1) * count]
    return array(kind, bytes(mixed)).tolist()


def portfolio_of(parts: Mapping[str, bytes]) -> Portfolio:
    """All rows of a snapshot, those of `rev` 0 with them."""
    grid, people = ColumnReader(parts["grid"]), ColumnReader(parts["people"])
    companies = _rows(
        CompanyRow,
        grid.ids("companies.id"),
        grid.numbers("companies.rev"),
        grid.texts("companies.name"),
        people.texts("companies.language"),
        people.texts("companies.street"),
        people.texts("companies.postcode"),
        grid.texts("companies.city"),
    )
    numbers = [company.id for company in companies]
    contacts = _rows(
        ContactRow,
        [numbers[place] for place in people.numbers("contacts.company")],
        people.ids("contacts.id"),
        people.numbers("contacts.rev"),
        people.texts("contacts.salutation"),
        people.texts("contacts.first_name"),
        people.texts("contacts.last_name"),
        people.texts("contacts.email"),
        people.texts("contacts.phone"),
        people.texts("contacts.role"),
        people.texts("contacts.language"),
        people.numbers("contacts.flags"),
    )
    owners = [numbers[place] for place in grid.numbers("contracts.company")]
    own: dict[str, list[str]] = {}
    for contact in contacts:
        own.setdefault(contact.company_id, []).append(contact.id)
    reporters = [
        tuple(word[1:] if word[0] == "=" else own[owner][int(word)] for word in text.split())
        for owner, text in zip(owners, people.texts("contracts.reporters"), strict=True)
    ]
    contracts = _rows(
        ContractRow,
        owners,
        grid.ids("contracts.id"),
        grid.numbers("contracts.rev"),
        grid.texts("contracts.name"),
        grid.texts("contracts.channel"),
        grid.texts("contracts.interval"),
        people.days("contracts.starts_on"),
        grid.days("contracts.ends_on"),
        grid.days("contracts.next_billing_on"),
        reporters,
        grid.numbers("contracts.asked"),
        grid.numbers("contracts.mails"),
        grid.days("contracts.mailed_on"),
        grid.days("contracts.estimate_on"),
    )
    machines = _machines(ColumnReader(parts["machines"]), numbers, contracts)
    return Portfolio(companies, contacts, contracts, machines)


def _machines(
    part: ColumnReader, companies: list[str], contracts: list[ContractRow]
) -> list[MachineRow]:
    versions = part.numbers("machines.version")
    models = [text.split("\t") for text in part.texts("machines.model")]
    papers = [
        contracts[place - 1] if place else None for place in part.numbers("machines.contract")
    ]
    own = part.days("machines.due_on")
    return _rows(
        MachineRow,
        [companies[place] for place in part.numbers("machines.company")],
        part.ids("machines.id"),
        [v + ahead for v, ahead in zip(versions, part.numbers("machines.ahead"), strict=True)],
        [paper.id if paper else "" for paper in papers],
        versions,
        part.texts("machines.state"),
        [_due_on(day, paper) for day, paper in zip(own, papers, strict=True)],
        part.texts("machines.serial"),
        [maker for maker, _ in models],
        [model for _, model in models],
        part.texts("machines.customer_no"),
        part.texts("machines.site"),
        part.texts("machines.building"),
        part.texts("machines.floor"),
        part.texts("machines.room"),
        part.numbers("machines.flags"),
        part.days("machines.reported_on"),
        part.texts("machines.channel"),
    )


def _due_on(own: str, contract: ContractRow | None) -> str:
    if own:
        return "" if own == NONE else own
    return due_on_of(contract) if contract else ""


def _rows(form: Callable[..., R], *columns: Iterable[Any]) -> list[R]:
    return [form(*values) for values in zip(*columns, strict=True)]
