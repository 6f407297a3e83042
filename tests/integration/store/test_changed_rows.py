"""Writes of rows that others follow: where they stand in the index of changes, and what holds them to it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from meterportal.adapters import Adapters
from meterportal.domain.portfolio.contracts import Company
from meterportal.store import keys
from meterportal.store.items import marshal_item, marshal_key
from meterportal.store.portfolio import holdings
from meterportal.store.table import Table
from meterportal.store.writes import ConditionFailed, Write, moment

from tests.support import clock
from tests.support.builders import a_contact, settle
from tests.support.changed_rows import demand_changes
from tests.support.faults import refused

PLACE = keys.company("10000")
MASTER = holdings.company_master(Company("10000", "Muster GmbH"))


class Unsteady:
    """A client whose first calls of an operation fail."""

    def __init__(self, client: Any, faults: list[Exception]) -> None:
        self._client = client
        self._faults = faults

    def __getattr__(self, name: str) -> Any:
        real = getattr(self._client, name)

        def call(**parameters: Any) -> Any:
            if name in {"put_item", "update_item"} and self._faults:
                raise self._faults.pop()
            return real(**parameters)

        return call


def test_every_attempt_is_stamped_anew(adapters: Adapters) -> None:
    """A write that had to wait must not stand in the past."""
    moments = [datetime(2026, 11, 23, 9, 0, n, tzinfo=UTC) for n in (20, 0)]
    client = Unsteady(adapters.table._client, [refused("TransactionConflictException")])
    table = Table(client, adapters.table.name, sleep=lambda _: None, clock=lambda: moments.pop())
    table.write(holdings.save_master(PLACE, MASTER))
    item = adapters.table.get(*PLACE)
    assert item is not None
    assert item["changes_sk"] == "2026-11-23T09:00:20.000000Z#10000#COMPANY"
    assert item["rev"] == 1


def test_every_write_raises_rev_and_an_item_stands_in_the_index_once(adapters: Adapters) -> None:
    for number in range(1, 4):
        adapters.table.write(holdings.save_master(PLACE, MASTER))
        found = [
            item for n in range(8) for item in adapters.table.query(f"CHANGES#{n}", index="changes")
        ]
        assert [item["rev"] for item in found] == [number]


def test_a_write_whose_answer_was_lost_knows_itself_by_its_stamp(adapters: Adapters) -> None:
    settle(adapters)
    contact = a_contact()
    assert contact.rights is not None
    granted = holdings.grant(contact, contact.rights, at="2026-11-23T09:00:00+00:00")
    first = granted.stamped(moment(clock.now()))
    adapters.table.write(granted)
    item = adapters.table.get(*keys.contact("10000", "5001"))
    assert item is not None
    own = granted.stamped(item["changes_sk"].partition("#")[0])
    assert own.stands_in(item)
    assert not first.stands_in(item), "somebody else wrote the same at another moment"


def test_what_moved_away_is_not_deleted_over_somebody_s_write(adapters: Adapters) -> None:
    settle(adapters)
    place = keys.contact("10000", "5001")
    before = adapters.table.get(*place)
    assert before is not None
    writes = holdings.take_away(place, rev=before["rev"], at=clock.now())
    contact = a_contact()
    assert contact.rights is not None
    adapters.table.write(holdings.grant(contact, contact.rights, at="2026-11-23T09:00:00+00:00"))
    with pytest.raises(ConditionFailed):
        adapters.table.transact(writes)
    assert adapters.table.get(*place) is not None
    assert adapters.table.get(*keys.gone("10000", "CONTACT#5001")) is None


def _update(**changed: Any) -> dict[str, Any]:
    write = holdings.save_master(PLACE, MASTER).stamped(moment(clock.now()))
    return {**write.request("table")[1], **changed}


def _put(**dropped: None) -> dict[str, Any]:
    write = holdings.make(PLACE, MASTER, rev=0).stamped(moment(clock.now()))
    item = write.request("table")[1]["Item"]
    return {"Item": {name: value for name, value in item.items() if name not in dropped}}


def test_what_is_looked_at_on_the_wire_passes_as_the_store_writes_it(adapters: Adapters) -> None:
    assert adapters
    demand_changes("UpdateItem", _update())
    demand_changes("PutItem", _put())
    writes = holdings.take_away(keys.contact("1", "2"), rev=3, at=clock.now())
    parts = [write.stamped(moment(clock.now())).request("table") for write in writes]
    demand_changes("TransactWriteItems", {"TransactItems": [{k: p} for k, p in parts]})


@pytest.mark.parametrize(
    ("operation", "given"),
    [
        ("UpdateItem", lambda: _update(UpdateExpression="SET #name = :name ADD #rev :one")),
        ("UpdateItem", lambda: _update(UpdateExpression=_update()["UpdateExpression"][:-14])),
        ("PutItem", lambda: _put(rev=None)),
        ("PutItem", lambda: _put(changes_pk=None)),
        ("DeleteItem", lambda: {"Key": marshal_key(keys.contact("1", "2"))}),
        ("PutItem", lambda: _old()),
        ("BatchWriteItem", lambda: _bare()),
    ],
)
def test_what_lacks_any_of_it_fails_there(adapters: Adapters, operation: str, given: Any) -> None:
    assert adapters
    with pytest.raises(AssertionError):
        demand_changes(operation, given())


def _old() -> dict[str, Any]:
    write = holdings.make(PLACE, MASTER, rev=0)
    return write.stamped(moment(clock.now() - timedelta(minutes=5))).request("table")[1]


def _bare() -> dict[str, Any]:
    item = marshal_item({"pk": PLACE[0], "sk": PLACE[1], "rev": 1})
    return {"RequestItems": {"table": [{"PutRequest": {"Item": item}}]}}


def test_a_change_cannot_be_sent_without_its_stamp() -> None:
    write = Write(put={"pk": "a", "sk": "b"}, change=("CHANGES#0", "a"))
    with pytest.raises(AssertionError):
        write.request("table")
