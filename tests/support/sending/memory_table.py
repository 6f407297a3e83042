"""The table of a simulation, in memory: a million companies and mails that are made up when somebody reads them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any

from meterportal.domain.mailing.mails import MailState
from meterportal.store.items import Item, Key
from meterportal.store.table import Table
from meterportal.store.writes import ConditionFailed, Write

from tests.support.sending.conditions import meets, updated

MARK = "9999999"
"""Stands for a company's number in what is copied."""
_NOT_KEPT = ("LINK#", "CODE#", "COMPANY#")
"""Nobody reads what is written there: links and codes, and the day of a mail that goes out later."""


class Kept:
    """What lies in the table: rows that were written, `portfolio` (all rows of one company, copied for
    each other), and for `mails` companies one planned mail (a copy of `planned`)."""

    def __init__(self, portfolio: Iterable[Item], planned: Item, mails: int) -> None:
        self.rows: dict[Key, Item] = {}
        self.mails = mails
        self.planned = planned
        self.finished = dict[int, str]()
        """The states of mails that change no more, by number: a row for each would fill the memory."""
        self._of_company: dict[str, list[Item]] = {}
        for item in portfolio:
            self._of_company.setdefault(item["pk"], []).append(item)

    def get(self, key: Key) -> Item | None:
        found = self.rows.get(key)
        if found is not None:
            return found
        number = number_in(key[1] if key[1].startswith("MAIL#") else key[0])
        if number is None or not number < self.mails:
            return None
        if key[1].startswith("MAIL#"):
            made: Item = copied(self.planned, f"{number:07d}")
            return {**made, "state": self.finished.get(number, made["state"])}
        return next((item for item in self.of_partition(key[0]) if item["sk"] == key[1]), None)

    def of_partition(self, pk: str) -> list[Item]:
        """The rows of a company, or of a mailbox."""
        number = number_in(pk)
        if number is None or not number < self.mails:
            return []
        text = f"{number:07d}"
        found = self._of_company.get(pk.replace(text, MARK), [])
        return [copied(item, text) for item in found]

    def put(self, key: Key, item: Item) -> None:
        number = number_in(key[1]) if key[1].startswith("MAIL#") else None
        if number is not None and item["state"] == MailState.SENT.value:
            self.finished[number] = item["state"]
            self.rows.pop(key, None)
        else:
            self.rows[key] = item

    def outbox(self) -> Iterator[Item]:
        pk = self.planned["pk"]
        for number in range(self.mails):
            key = pk, self.planned["sk"].replace(MARK, f"{number:07d}")
            if number not in self.finished:
                found = self.get(key)
                assert found is not None
                yield found


def number_in(text: str) -> int | None:
    """The company's number in a key of ours: seven digits behind its first letter or digit."""
    kind, _, rest = text.partition("#")
    digits = rest[1:8]
    ours = kind in {"COMPANY", "MAILBOX", "ACCOUNT", "MAIL"}
    return int(digits) if ours and len(digits) == 7 and digits.isdecimal() else None


def copied(value: Any, number: str) -> Any:
    """With another company's number in all texts."""
    match value:
        case str():
            return value.replace(MARK, number) if MARK in value else value
        case dict():
            return {copied(key, number): copied(one, number) for key, one in value.items()}
        case list() | tuple() | set() | frozenset():
            return type(value)(copied(one, number) for one in value)
    return value


class MemoryTable(Table):
    """A worker's connection. `step(operation)` is called before and after each request."""

    def __init__(self, kept: Kept, step: Callable[[str], None]) -> None:
        super().__init__(None, "table", sleep=lambda _: None)
        self._kept = kept
        self._step = step

    def get(self, pk: str, sk: str) -> Item | None:
        self._step("GetItem")
        found = self._kept.get((pk, sk))
        self._step("GetItem")
        return found

    def batch_get(self, keys: Iterable[Key]) -> dict[Key, Item]:
        self._step("BatchGetItem")
        found = {key: item for key in keys if (item := self._kept.get(key)) is not None}
        self._step("BatchGetItem")
        return found

    def query(
        self, pk: str, *, index: str | None = None, begins: str | None = None, **_: Any
    ) -> Iterator[Item]:
        self._step("Query")
        if index is not None:
            rows = [item for item in self._kept.rows.values() if item.get(f"{index}_pk") == pk]
            return iter(rows)
        if begins == "MAIL#":
            return self._kept.outbox()
        return iter(self._kept.of_partition(pk))

    def write(self, write: Write) -> None:
        self._step("UpdateItem" if write.update else "PutItem")
        self._carry_out([write])
        self._step("UpdateItem" if write.update else "PutItem")

    def transact(self, writes: Sequence[Write]) -> None:
        self._step("TransactWriteItems")
        self._carry_out(writes)
        self._step("TransactWriteItems")

    def _carry_out(self, writes: Sequence[Write]) -> None:
        """All or none, at one moment."""
        made: list[tuple[Key, Item]] = []
        for write in writes:
            key = (write.put["pk"], write.put["sk"]) if write.put is not None else write.key
            assert key is not None
            stood = self._kept.get(key)
            if not meets(write, stood):
                raise ConditionFailed([(write, stood)])
            before = stood or {"pk": key[0], "sk": key[1]}
            after = updated(write, before) if write.put is None else dict(write.put)
            if not key[0].startswith(_NOT_KEPT):
                made.append((key, after))
        for key, item in made:
            self._kept.put(key, item)
