"""The index of changes over a generated portfolio, as answers of DynamoDB: pages of 1 MB in files, and a
client of botocore that is given them instead of the network. Units by the published rule."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Any

import boto3
from botocore.awsrequest import AWSResponse
from botocore.config import Config
from meterportal.domain.portfolio.contracts import Contract
from meterportal.domain.portfolio.holdings import Holding
from meterportal.store import keys
from meterportal.store.items import marshal_item, stored
from meterportal.store.portfolio import holdings, machines
from meterportal.store.table import SHARDS
from meterportal.store.writes import Write, moment

from infra.local.template import Template

_PAGE = 1_000_000
_BEGIN = datetime(2026, 11, 1, tzinfo=UTC)


def write_pages(portfolio: Iterable[Holding], folder: Path) -> None:
    """One file a page, `<shard>-<number>.json`."""
    pages = [_Pages(folder, number) for number in range(SHARDS)]
    for holding in portfolio:
        for write in _writes(holding):
            item = write.stamped(moment(_BEGIN)).put or {}
            place = write.stamped(moment(_BEGIN)).stamp
            shard = int(place["changes_pk"].removeprefix("CHANGES#"))
            pages[shard].add({n: v for n, v in {**item, **place}.items() if n in _projected()})
    for one in pages:
        one.close()


def _writes(holding: Holding) -> Iterator[Write]:
    company = holding.company
    yield holdings.make(
        keys.company(company.id), holdings.company_master(company), rev=company.rev - 1
    )
    for contact in holding.contacts.values():
        place = keys.contact(company.id, contact.id)
        rights = contact.rights and {"readings": True, "machines": True, "service_orders": "none"}
        more: dict[str, Any] = {"rights": rights} if rights else {}
        master = holdings.contact_master(contact)
        yield holdings.make(place, master, rev=contact.rev - 1, **more)
    for contract in holding.contracts.values():
        asked = contract.asked_for
        more = (
            {"asked_for": asked.isoformat(), "asked": contract.asked, "mailed": contract.mailed}
            if asked
            else {}
        )
        master = holdings.contract_master(contract)
        yield holdings.make(
            keys.contract(company.id, contract.id), master, rev=contract.rev - 1, **more
        )
        if asked and int(contract.id) % 2:
            yield _opening(contract)
    for machine in holding.machines.values():
        known = replace(machine, rev=machine.rev - 1)
        yield from machines.save(machine, seen=known, event=None)


def _opening(contract: Contract) -> Write:
    """Somebody who was asked for a contract came: as the index holds it."""
    (contact, round_id), *_ = contract.asked.items()
    pk, sk = keys.mail(round_id, f"{contact}@firma{contract.company_id}.example")
    row = [[contract.company_id, contract.id, contact, str(contract.due_on), 3]]
    return Write(
        put={"pk": pk, "sk": sk, "rev": 1, "row": json.dumps(row)},
        change=keys.change(contract.company_id, f"OPENING#{round_id}#{contract.id}"),
    )


@cache
def _projected() -> frozenset[str]:
    (table,) = Template.read().resources("AWS::DynamoDB::Table")
    (index,) = (
        one for one in table.properties["GlobalSecondaryIndexes"] if one["IndexName"] == "changes"
    )
    names = index["Projection"]["NonKeyAttributes"]
    return frozenset({*names, "pk", "sk", "changes_pk", "changes_sk"})


@dataclass
class _Pages:
    folder: Path
    shard: int
    items: list[Mapping[str, Any]] = field(default_factory=list)
    size: int = 0
    number: int = 0

    def add(self, item: Mapping[str, Any]) -> None:
        self.items.append(item)
        self.size += item_bytes(item)
        if self.size > _PAGE:
            self.close(more=True)

    def close(self, *, more: bool = False) -> None:
        answer: dict[str, Any] = {"Items": [marshal_item(stored(item)) for item in self.items]}
        if more:
            answer["LastEvaluatedKey"] = {"pk": {"S": str(self.number + 1)}, "sk": {"S": ""}}
        page = {"bytes": self.size, "answer": json.dumps(answer, ensure_ascii=False)}
        path = self.folder / f"{self.shard}-{self.number}.json"
        path.write_text(json.dumps(page), encoding="utf-8")
        self.items, self.size, self.number = [], 0, self.number + 1


def item_bytes(value: Any) -> int:
    """The size of an item by DynamoDB's rule, near enough: names and values as UTF-8."""
    if isinstance(value, Mapping):
        return sum(len(str(name).encode()) + item_bytes(part) + 1 for name, part in value.items())
    if isinstance(value, list | tuple | set):
        return sum(item_bytes(part) + 1 for part in value)
    if isinstance(value, str):
        return len(value.encode())
    return 1 if value is None or isinstance(value, bool) else len(str(value)) // 2 + 1


@dataclass
class Consumed:
    """What the pages that were read cost."""

    requests: int = 0
    units: float = 0.0


def client(folder: Path, consumed: Consumed) -> Any:
    """DynamoDB that answers whole queries of the index from the pages, all others with nothing: also
    those for what has changed."""
    made = boto3.client(
        "dynamodb",
        region_name="eu-central-1",
        aws_access_key_id="x",
        aws_secret_access_key="x",
        config=Config(account_id_endpoint_mode="disabled"),
    )

    def answer(request: Any, **_: Any) -> AWSResponse:
        asked = json.loads(request.body)
        consumed.requests += 1
        page: dict[str, Any] = {"bytes": 0, "answer": '{"Items": []}'}
        values = asked.get("ExpressionAttributeValues", {})
        found = re.fullmatch(r"CHANGES#(\d)", values.get(":pk", {}).get("S", ""))
        if found and ":low" not in values:
            number = asked.get("ExclusiveStartKey", {"pk": {"S": "0"}})["pk"]["S"]
            page = json.loads((folder / f"{found[1]}-{number}.json").read_text(encoding="utf-8"))
        consumed.units += max(-(-int(page["bytes"]) // 4096), 1) / 2
        return AWSResponse(request.url, 200, {}, _Body(str(page["answer"]).encode()))

    made.meta.events.register("before-send.dynamodb", answer)
    return made


@dataclass
class _Body:
    content: bytes

    def stream(self) -> Iterator[bytes]:
        yield self.content
