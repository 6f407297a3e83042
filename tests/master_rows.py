"""The table as it lies there, for tests that compare it before and after an import."""

from __future__ import annotations

from typing import Any

from meterportal.doors import Doors
from moto.core import DEFAULT_ACCOUNT_ID
from moto.dynamodb.models import dynamodb_backends

from tests.stage import REGION


def rows_of(doors: Doors) -> dict[tuple[str, str], Any]:
    """Every row but the imports' own, by key, in DynamoDB's own form."""
    table = dynamodb_backends[DEFAULT_ACCOUNT_ID][REGION].tables[doors.settings.table]
    found = {}
    for rows in table.items.values():
        for item in rows.values():
            attributes = item.to_json()["Attributes"]
            key = attributes["pk"]["S"], attributes["sk"]["S"]
            if not key[0].startswith("IMPORT#"):
                found[key] = attributes
    return found
