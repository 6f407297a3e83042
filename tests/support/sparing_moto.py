"""moto with transactions that back up only what they touch.

moto copies the whole table once per write of a transaction, to be able to undo it. That is right
but takes minutes for an import; here it copies the items that the transaction names, once.
"""

from __future__ import annotations

import copy
from collections import defaultdict
from typing import Any

import pytest
from moto.dynamodb import models
from moto.dynamodb.models import DynamoDBBackend
from moto.dynamodb.models.dynamo_type import DynamoType
from moto.dynamodb.models.table import Table


def back_up_sparingly(monkeypatch: pytest.MonkeyPatch) -> None:
    """Until the end of the test; what a cancelled transaction leaves behind stays the same."""
    whole = DynamoDBBackend.transact_write_items
    backups: dict[str, Table] = {}

    def sparing(self: DynamoDBBackend, transact_items: list[dict[str, Any]]) -> None:
        backups.clear()
        for item in transact_items:
            ((_, write),) = item.items()
            if (table := self.tables.get(write["TableName"])) is not None:
                _keep(backups, table, write.get("Item") or write["Key"])
        whole(self, transact_items)

    class Copying:
        @staticmethod
        def deepcopy(thing: Any) -> Any:
            return backups[thing.name] if isinstance(thing, Table) else copy.deepcopy(thing)

    monkeypatch.setattr(DynamoDBBackend, "transact_write_items", sparing)
    monkeypatch.setattr(models, "copy", Copying)


def _keep(backups: dict[str, Table], table: Table, item: dict[str, Any]) -> None:
    """A backup of the table that shares with it what the transaction does not name."""
    backup = backups.get(table.name)
    if backup is None:
        backup = backups[table.name] = copy.copy(table)
        backup.items = defaultdict(dict, table.items)
        if table.stream_shard is not None:
            backup.stream_shard = copy.copy(table.stream_shard)
            backup.stream_shard.items = list(table.stream_shard.items)
    pk, sk = DynamoType(item["pk"]), DynamoType(item["sk"])
    if backup.items[pk] is table.items.get(pk):
        backup.items[pk] = dict(table.items[pk])
    if sk in table.items.get(pk, {}):
        backup.items[pk][sk] = copy.deepcopy(table.items[pk][sk])
