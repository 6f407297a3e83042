"""Where the smoke test may stand: what forbids it to begin, and how its traces are taken away.

Asked and taken away in the table itself, with the operator's rights: no door of the application
tells what others wait for, or removes a company.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from meterportal.adapters import Adapters
from meterportal.domain.mailing.mails import MailState
from meterportal.domain.mailing.rounds import HELD
from meterportal.domain.portfolio.machines import fold_serial
from meterportal.mail.addresses import mailbox
from meterportal.store import keys
from meterportal.store.access import mailboxes
from meterportal.store.exchange import exports, imports
from meterportal.store.items import marshal, unmarshal_item
from meterportal.store.mailing import receipts, rounds

from tests.smoke.own import (
    ADDRESS,
    COMPANY,
    CONTACT,
    CONTRACT,
    DROP,
    LONG_AGO,
    MACHINE,
    NAME,
    RENAMED,
    SERIAL,
)

Item = dict[str, Any]

BOX = mailbox(ADDRESS)[0] or ""
_SERIAL = fold_serial(SERIAL)
_POINTERS = (("CONTACT", CONTACT), ("CONTRACT", CONTRACT), ("MACHINE", MACHINE))
_RUNS = {"ROUND", "RELEASE", "EXPORT", "IMPORT", "CHECK"}
_READ = ("pk", "sk", "company_id", "mailbox", "link", "by", "file")
_AGES = ("IMPORT#AGES", "AGES")


def obstacles(adapters: Adapters, now: datetime) -> list[str]:
    """Why the smoke test must not run against this stack now; nothing when it may."""
    return [
        *_taken(adapters),
        *_waiting_exports(adapters),
        *_waiting_receipts(adapters, now),
        *_going_rounds(adapters, now),
    ]


def is_left_over(adapters: Adapters) -> bool:
    """Whether an earlier smoke test was killed before it could take its company away."""
    return _is_ours(adapters.table.get(*keys.company(COMPANY)))


def _is_ours(company: Mapping[str, Any] | None) -> bool:
    return company is not None and company.get("name") in (NAME, RENAMED)


def _taken(adapters: Adapters) -> Iterator[str]:
    company = adapters.table.get(*keys.company(COMPANY))
    if company is not None and not _is_ours(company):
        yield f"company {COMPANY} is a customer's ({company.get('name')})"
    for kind, number in _POINTERS:
        found = adapters.table.get(*keys.pointer(kind, number))
        if found is not None and found["company_id"] != COMPANY:
            yield f"{kind.lower()} {number} belongs to company {found['company_id']}"
    for machines in imports.holders(adapters.table, [_SERIAL]).values():
        if others := machines - {MACHINE}:
            yield f"serial number {SERIAL} is that of machine {', '.join(sorted(others))}"
    post = mailboxes.unpack(BOX, adapters.table.get(*keys.mailbox(BOX)))
    companies = {company for company, _ in post.listed} | post.claims.keys()
    if foreign := companies - {COMPANY}:
        yield f"{BOX} stands at company {', '.join(sorted(foreign))}"


def _waiting_exports(adapters: Adapters) -> Iterator[str]:
    waiting = exports.waiting(adapters.table)
    foreign = [place for row in waiting for place in row.places if place[0] != COMPANY]
    if foreign:
        yield (
            f"released readings of {len(foreign)} machines wait for their export, which takes all "
            "there are: export them first"
        )


def _waiting_receipts(adapters: Adapters, now: datetime) -> Iterator[str]:
    waiting = receipts.waiting(adapters.table, opened_before=now)
    foreign = [receipt for receipt in waiting if receipt.company_id != COMPANY]
    if foreign:
        yield (
            f"{len(foreign)} receipts of customers wait, and would be sent earlier than meant: try "
            "again in a quarter of an hour"
        )


def _going_rounds(adapters: Adapters, now: datetime) -> Iterator[str]:
    """The planner looks after rounds whose mails got stuck, whichever round it plans."""
    for _, found in rounds.newest(adapters.table):
        if found.created_at < now - HELD:
            return
        if found.problem or found.settled is not None:
            continue
        if found.halt.stopped is None and not found.watched(now):
            continue
        mails = () if found.dry_run else rounds.mails(adapters.table, found.id)
        if found.planned_at is None or any(mail.state is MailState.PLANNED for mail in mails):
            yield f"round {found.id} has not ended yet"


@dataclass
class Traces:
    """What the smoke test leaves in the table. `staff` are the ids under which it worked, `ages` how
    old the ERP's files were before.
    """

    adapters: Adapters
    dynamodb: Any
    staff: set[str] = field(default_factory=set)
    ages: Mapping[str, str] = field(default_factory=dict)
    ages_of_ours: Mapping[str, str] = field(default_factory=dict)

    @classmethod
    def begin(cls, adapters: Adapters, dynamodb: Any) -> Traces:
        return cls(adapters, dynamodb, ages=_ages(adapters))

    def has_imported(self) -> None:
        """An import of ours has just ended: from now on files count as old as ours."""
        self.ages_of_ours = _ages(self.adapters)

    def runs(self) -> set[str]:
        """Keys of the runs that are ours."""
        return self._runs(list(self._items()))

    def take_away(self) -> None:
        """Deletes every row of ours, in the whole table, and gives the ERP's files their age back."""
        for item in self.found():
            self.dynamodb.delete_item(
                TableName=self.adapters.settings.table,
                Key={"pk": marshal(item["pk"]), "sk": marshal(item["sk"])},
            )
        self._give_ages_back()

    def found(self) -> list[Item]:
        """Every row of ours that is there now."""
        items = list(self._items())
        links = {item["pk"] for item in items if item["pk"].startswith("LINK#") and _of_us(item)}
        runs = self._runs(items)
        return [
            item
            for item in items
            if _is_own(item)
            or item["pk"] in runs
            or self._is_deed(item)
            or (item["pk"].startswith("CODE#") and f"LINK#{item.get('link')}" in links)
        ]

    def _is_deed(self, item: Item) -> bool:
        """Whether an item is of the journal, and of somebody under whose id the smoke test worked."""
        kind, _, number = str(item["pk"]).partition("#")
        by = {"JOURNAL": item.get("by"), "STAFF": number}.get(kind)
        return by is not None and by in self.staff

    def _runs(self, items: Iterable[Item]) -> set[str]:
        return {
            item["pk"]
            for item in items
            if item["pk"].partition("#")[0] in _RUNS
            and (
                item.get("by") in self.staff
                or str(item.get("file", "")).startswith(DROP)
                or LONG_AGO in item["pk"]
                or item["sk"] == f"MAIL#{BOX}"
            )
        }

    def _items(self) -> Iterator[Item]:
        pages = self.dynamodb.get_paginator("scan").paginate(
            TableName=self.adapters.settings.table,
            ConsistentRead=True,
            ProjectionExpression=", ".join(f"#{name}" for name in _READ),
            ExpressionAttributeNames={f"#{name}": name for name in _READ},
        )
        for page in pages:
            yield from map(unmarshal_item, page["Items"])

    def _give_ages_back(self) -> None:
        """Unless somebody else's files have come meanwhile."""
        table = self.adapters.settings.table
        now = _ages(self.adapters)
        if now != self.ages_of_ours or now == self.ages:
            return
        key = {"pk": marshal(_AGES[0]), "sk": marshal(_AGES[1])}
        if self.ages:
            item = {name: marshal(value) for name, value in self.ages.items()}
            self.dynamodb.put_item(TableName=table, Item={**key, **item})
        else:
            self.dynamodb.delete_item(TableName=table, Key=key)


def _ages(adapters: Adapters) -> dict[str, str]:
    """How old the ERP's files are, and which import was the latest: the row as it stands."""
    ages, latest = imports.standing(adapters.table)
    return ages | ({"latest": latest} if latest else {})


def _is_own(item: Item) -> bool:
    kind, *rest = str(item["pk"]).split("#")
    match kind:
        case "COMPANY":
            return rest == [COMPANY]
        case "CONTRACT":
            return rest == [CONTRACT]
        case "CONTACT":
            return rest == [CONTACT]
        case "MACHINE":
            return rest in ([MACHINE], [COMPANY, MACHINE])
        case "MAILBOX" | "RECEIPT" | "ACCOUNT" | "NOTICE":
            return rest == [BOX]
        case "SERIAL":
            return rest == [_SERIAL]
        case "RELEASED":
            return bool(item["sk"].split("#")[0] == MACHINE)
        case "LINK" | "SESSION":
            return _of_us(item)
        case _:
            return False


def _of_us(item: Item) -> bool:
    return item.get("company_id") == COMPANY and item.get("mailbox") == BOX
