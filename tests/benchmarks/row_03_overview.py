"""Row 3: the overview of 5, 200 and 2,000 machines with 8 meters, all pages, from stored items to bodies.

Beside it what a first version would do: one item a meter, queried by boto3's resource, written as JSON.
"""

from __future__ import annotations

import json
import logging
import math
import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Any

import boto3
import pytest
from boto3.dynamodb.conditions import Key
from botocore.awsrequest import AWSResponse
from meterportal.adapters import adapters
from meterportal.domain.portfolio.contracts import Company
from meterportal.domain.portfolio.machines import Effective, Meter
from meterportal.store.portfolio import holdings

from tests.benchmarks.figures import Row, at_most, at_most_times
from tests.benchmarks.replay import Body, alternating, nothing_else_collected, replayed
from tests.conftest import built
from tests.support import documented
from tests.support.builders import a_contact, a_contract, a_holding, a_machine, a_meter
from tests.support.customers import signed_in
from tests.support.stage import Stage
from tests.support.units import metered

METERS = 8
SIZES = (5, 200, 2_000)
_HISTORY = 48


def rows(*, sizes: tuple[int, ...] = SIZES) -> Iterator[Row]:
    """Goals are those of the largest."""
    logging.disable()
    taken: dict[int, float] = {}
    for size in sizes:
        with pytest.MonkeyPatch.context() as monkeypatch, built(monkeypatch) as stage:
            # The tests' own look at each answer, seventeen times what the answer takes.
            monkeypatch.setattr(documented, "hold", lambda *_: None)
            table = adapters().table
            signed_in(stage, adapters(), _company(size))
            with metered(table._client) as once:
                holdings.load(table, "10000")
            with metered(table._client) as consumed:
                _all_pages(stage)
            with replayed(table._client):
                naive = _Naive(size)
                with nothing_else_collected():
                    ours, reference = alternating(lambda: _all_pages(stage), naive.all_pages)
        taken[size] = ours
        last = size == sizes[-1]
        goal = at_most_times(0.15) if last else None
        yield Row(f"3 overview, {size} machines", ours * 1_000, "ms CPU", reference * 1_000, goal)
        bound = at_most_times(1.1) if last else None
        yield Row(f"3 overview, {size} machines, read", consumed.read, "RRU", once.read, bound)
    first, last_size = sizes[-2:]
    exponent = math.log(taken[last_size] / taken[first]) / math.log(last_size / first)
    name = f"3 overview, exponent from {first}"
    yield Row(name, exponent, "", goal=at_most(1.1), points=taken)


def _company(size: int) -> Any:
    history = tuple(
        Effective(date(2022, 11, 28) + timedelta(days=30 * n), 1_000 * n + n * n % 97, billed=True)
        for n in range(_HISTORY)
    )
    meters: tuple[Meter, ...] = tuple(
        replace(a_meter(str(n)), history=history) for n in range(1, METERS + 1)
    )
    machines = [a_machine(f"{200_000 + n}", meters=meters) for n in range(size)]
    return a_holding(
        Company("10000", "Muster GmbH"),
        contacts=[a_contact()],
        contracts=[a_contract()],
        machines=machines,
    )


_CURSOR = re.compile(r'"next_cursor":"([^"]+)"')


def _all_pages(stage: Stage) -> None:
    """Until the bodies stand: what is in them is the reader's work, which the reference does not do either."""
    path = "/api/machines"
    while path:
        cursor = _CURSOR.search(stage.customer("GET", path).text)
        path = f"/api/machines?cursor={cursor[1]}" if cursor else ""


@dataclass
class _Naive:
    size: int

    def __post_init__(self) -> None:
        items = [
            {
                "pk": {"S": "COMPANY#10000"},
                "sk": {"S": f"METER#{200_000 + n}#{meter}"},
                "machine_id": {"S": str(200_000 + n)},
                "serial": {"S": f"SN{200_000 + n}"},
                "model": {"S": "IM C3000"},
                "place": {"S": "Zentrale, A, EG, 101"},
                "label": {"S": "S/W"},
                "kind": {"S": "BW"},
                "due_on": {"S": "2026-11-28"},
                "last_value": {"N": "10000"},
                "last_read_on": {"S": "2026-10-28"},
            }
            for n in range(self.size)
            for meter in range(METERS)
        ]
        # 1 MB holds about 5,000 of these.
        self.pages = [items[start : start + 5_000] for start in range(0, len(items), 5_000)]
        self.table = boto3.resource(
            "dynamodb",
            region_name="eu-central-1",
            aws_access_key_id="x",
            aws_secret_access_key="x",
        ).Table("table")
        self.bodies = [self._body(n) for n in range(len(self.pages))]
        self.table.meta.client.meta.events.register_first("before-send", self._answer)

    def _body(self, n: int) -> bytes:
        answer: dict[str, Any] = {"Items": self.pages[n], "Count": len(self.pages[n])}
        if n + 1 < len(self.pages):
            answer["LastEvaluatedKey"] = {"pk": {"S": "p"}, "sk": {"S": str(n + 1)}}
        return json.dumps(answer).encode()

    def _answer(self, request: Any, **_: Any) -> AWSResponse:
        asked = json.loads(request.body).get("ExclusiveStartKey", {"sk": {"S": "0"}})
        return AWSResponse(request.url, 200, {}, Body(self.bodies[int(asked["sk"]["S"])]))

    def all_pages(self) -> str:
        """All meters as JSON."""
        more: dict[str, Any] = {}
        found: list[Any] = []
        while True:
            answer = self.table.query(KeyConditionExpression=Key("pk").eq("COMPANY#10000"), **more)
            found += answer["Items"]
            if "LastEvaluatedKey" not in answer:
                return json.dumps(found, default=int)
            more = {"ExclusiveStartKey": answer["LastEvaluatedKey"]}
