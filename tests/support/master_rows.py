"""The table as it lies there, for tests that compare it before and after an import."""

from __future__ import annotations

import copy
from collections.abc import Callable
from typing import Any

from meterportal.adapters import Adapters
from moto.core.models import DEFAULT_ACCOUNT_ID
from moto.dynamodb.models import dynamodb_backends

from tests.support.stage import REGION


def rows_of(adapters: Adapters) -> dict[tuple[str, str], Any]:
    """Every row but the imports' own, where the snapshot is and what is counted with it, by key, in DynamoDB's own form."""
    found = {}
    for rows in _table(adapters).items.values():
        for item in rows.values():
            attributes = item.to_json()["Attributes"]
            key = attributes["pk"]["S"], attributes["sk"]["S"]
            if not key[0].startswith(("IMPORT#", "SNAPSHOT", "STATISTICS", "JOURNAL#", "STAFF#")):
                found[key] = attributes
    return found


def rewindable(adapters: Adapters) -> Callable[[], None]:
    """Remember the table as it is now; the call given back puts it so again."""
    kept = copy.deepcopy(_table(adapters).items)

    def rewind() -> None:
        # A cancelled transaction has put another table in the place of the one before.
        _table(adapters).items = copy.deepcopy(kept)

    return rewind


def _table(adapters: Adapters) -> Any:
    return dynamodb_backends[DEFAULT_ACCOUNT_ID][REGION].tables[adapters.settings.table]
