"""What all files of a long import say together, while it is imported in parts: at which company each
record is, and which addresses and serial numbers stand at several.

A part holds the rows of whole companies. Where a row belongs is decided by the first row of its
record: a second one with the same key lies in the same part, and is found there.
"""

from __future__ import annotations

import zlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from meterportal.domain.exchange.imports.changed_numbers import alike
from meterportal.domain.exchange.imports.rows import SheetRow
from meterportal.domain.portfolio.contracts import Contact
from meterportal.domain.portfolio.machines import fold_serial

_REFERS = {"machines": ("contract_id", "contracts"), "meters": ("machine_id", "machines")}
_REFERS["readings"] = _REFERS["meters"]


def part_of(home: str, parts: int) -> int:
    """The part of a company, counted from 0."""
    return zlib.crc32(home.encode()) % parts


@dataclass(slots=True)
class Shared:
    """Which records have a value: the first one of each, and all of those that share one."""

    first: dict[str, str] = field(default_factory=dict)
    several: dict[str, set[str]] = field(default_factory=dict)

    def add(self, value: str, number: str) -> None:
        before = self.first.setdefault(value, number)
        if before != number:
            self.several.setdefault(value, {before}).add(number)


class Directory:
    """`homes`: kind -> number -> company. For records of companies that nobody knows the number that
    they name stands in place of the company's. `others`: kind -> numbers of rejected rows.
    """

    def __init__(self) -> None:
        self.homes: dict[str, dict[str, str]] = {
            "companies": {},
            "contacts": {},
            "contracts": {},
            "machines": {},
        }
        self.others: dict[str, set[str]] = {}
        self._mailboxes, self._serials = Shared(), Shared()
        self._new: list[list[str]] = []

    def unknown(self, rows: Sequence[SheetRow]) -> dict[str, set[str]]:
        """kind -> numbers that rows of a sheet refer to and no row of the files before was about."""
        if not rows or rows[0].sheet.kind not in _REFERS:
            return {}
        name, kind = _REFERS[rows[0].sheet.kind]
        place = rows[0].sheet.order[name]
        return {kind: {row.values[place] for row in rows} - self.homes[kind].keys()}

    def home(self, row: SheetRow, stored: Mapping[str, Mapping[str, str]]) -> str:
        """The company of a row; `stored` are the table's, by kind and number."""
        kind = row.sheet.kind
        if kind == "companies":
            return self._enter(kind, row["id"], row["id"])
        if kind in {"contacts", "contracts"}:
            home = self._meant("companies", row["company_id"]) or row["company_id"]
            mailbox = row["mailbox"] if kind == "contacts" and row["active"] is not False else ""
            return self._enter(kind, row["id"], home, mailbox or "")
        name, referred = _REFERS[kind]
        number: str = row[name]
        home = (
            self.homes[referred].get(number)
            or stored.get(referred, {}).get(number)
            or self._meant(referred, number)
            or number
        )
        if kind == "machines":
            return self._enter(kind, row["id"], home, fold_serial(row["serial"] or ""))
        return home

    def name(self, kind: str, numbers: Iterable[str]) -> None:
        """Notes the numbers of all rows of a kind, those of rejected rows too."""
        if kind not in self.homes:
            return
        for number in numbers:
            if number not in self.homes[kind] and number not in self.others.get(kind, ()):
                self.others.setdefault(kind, set()).add(number)
                self._new.append([kind, number])

    def named(self, kind: str) -> set[str]:
        return self.homes[kind].keys() | self.others.get(kind, set())

    def news(self) -> list[list[str]]:
        """What was entered since the last call, for JSON."""
        found, self._new = self._new, []
        return found

    def go_on(self, news: Iterable[list[Any]]) -> None:
        """Takes up what an earlier go has entered."""
        for kind, number, *rest in news:
            if rest:
                self._note(kind, number, *rest)
            else:
                self.others.setdefault(kind, set()).add(number)

    def people(self) -> Iterator[Contact]:
        """Contacts of the files whose address others of the files have, too."""
        for mailbox, numbers in self._mailboxes.several.items():
            for number in numbers:
                home = self.homes["contacts"][number]
                yield Contact(number, home, mailbox=mailbox)

    def serials(self) -> Mapping[str, set[str]]:
        """Folded serial number -> machines, for those that several machines of the files have."""
        return self._serials.several

    def _meant(self, kind: str, number: str) -> str:
        """The company of a record whose number a program has changed, "" if there is none."""
        homes = self.homes[kind]
        if number in homes:
            return homes[number]
        return next((homes[other] for other in alike(number) if other in homes), "")

    def _enter(self, kind: str, number: str, home: str, mark: str = "") -> str:
        known = self.homes[kind].get(number)
        if known is not None:
            return known
        self._new.append([kind, number, home, mark])
        return self._note(kind, number, home, mark)

    def _note(self, kind: str, number: str, home: str, mark: str) -> str:
        # Companies stand there many times: one text for all of them.
        home = self.homes["companies"].get(home, home)
        self.homes[kind][number] = home
        if mark:
            (self._mailboxes if kind == "contacts" else self._serials).add(mark, number)
        return home
