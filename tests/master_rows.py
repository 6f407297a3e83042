"""The table as it lies there, for tests that compare it before and after an import."""

from __future__ import annotations

import copy
from collections.abc import Callable
from typing import Any

from meterportal.doors import Doors
from moto.core.models import DEFAULT_ACCOUNT_ID
from moto.dynamodb.models import dynamodb_backends

from tests.stage import REGION


def rows_of(doors: Doors) -> dict[tuple[str, str], Any]:
    """Every row but the imports' own, by key, in DynamoDB's own form."""
    found = {}
    for rows in _table(doors).items.values():
        for item in rows.values():
            attributes = item.to_json()["Attributes"]
            key = attributes["pk"]["S"], attributes["sk"]["S"]
            if not key[0].startswith("IMPORT#"):
                found[key] = attributes
    return found


def rewindable(doors: Doors) -> Callable[[], None]:
    """Remember the table as it is now; the call given back puts it so again."""
    kept = copy.deepcopy(_table(doors).items)

    def rewind() -> None:
        # A cancelled transaction has put another table in the place of the one before.
        _table(doors).items = copy.deepcopy(kept)

    return rewind


def _table(doors: Doors) -> Any:
    return dynamodb_backends[DEFAULT_ACCOUNT_ID][REGION].tables[doors.settings.table]
