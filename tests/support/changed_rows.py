"""What every write of a company, contact, contract or machine must carry: its place in the index of
changes, stamped in this very attempt, and a raised `rev`. Looked at on the wire, while a function runs, in every test.

What is deleted leaves a tombstone in the same transaction.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from typing import Any

from tests.support import clock

_PLACE = ("changes_pk", "changes_sk")
_ROW = re.compile(r"(COMPANY|(CONTACT|CONTRACT|MACHINE)#.+)")
_FRESH = timedelta(seconds=30)

Part = Mapping[str, Any]


def demand_changes(operation: str, given: Mapping[str, Any]) -> None:
    """Fail unless a call of DynamoDB does with such rows what it must."""
    writes = list(_writes(operation, given))
    for kind, part in writes:
        key = part["Key"] if "Key" in part else part["Item"]
        pk, sk = key["pk"]["S"], key["sk"]["S"]
        if not (pk.startswith("COMPANY#") and _ROW.fullmatch(sk)):
            continue
        where = f"{operation}: {kind} of {pk} {sk}"
        if kind == "Put":
            _stamped(part["Item"], pk, sk, where)
            assert int(part["Item"].get("rev", {"N": 0})["N"]) >= 1, f"{where} without rev"
        elif kind == "Update":
            _stamped(_set_by(part), pk, sk, where)
            assert part["UpdateExpression"].endswith(" ADD #rev :one"), f"{where} raises no rev"
            assert part["ExpressionAttributeValues"][":one"] == {"N": "1"}
        else:
            gone = f"GONE#{pk.removeprefix('COMPANY#')}", sk
            assert any(_key(other) == gone for k, other in writes if k == "Put"), (
                f"{where} leaves no tombstone"
            )


def _writes(operation: str, given: Mapping[str, Any]) -> Iterator[tuple[str, Part]]:
    match operation:
        case "PutItem" | "UpdateItem" | "DeleteItem":
            yield operation.removesuffix("Item"), given
        case "TransactWriteItems":
            for item in given["TransactItems"]:
                ((kind, part),) = item.items()
                if kind != "ConditionCheck":
                    yield kind, part
        case "BatchWriteItem":
            for requests in given["RequestItems"].values():
                for request in requests:
                    ((kind, part),) = request.items()
                    yield kind.removesuffix("Request"), part


def _key(part: Part) -> tuple[str, str]:
    key = part["Key"] if "Key" in part else part["Item"]
    return key["pk"]["S"], key["sk"]["S"]


def _set_by(part: Part) -> dict[str, Any]:
    """The attributes that an update sets to values."""
    names = part.get("ExpressionAttributeNames", {})
    values = part.get("ExpressionAttributeValues", {})
    found = re.findall(r"(#\w+) = (:\w+)", part["UpdateExpression"])
    return {names[name]: values[value] for name, value in found if name in names}


def _stamped(item: Mapping[str, Any], pk: str, sk: str, where: str) -> None:
    assert all(name in item for name in _PLACE), f"{where} stands in no place of the changes"
    at, _, number = item["changes_sk"]["S"].partition("#")
    assert number == f"{pk.removeprefix('COMPANY#')}#{sk}", where
    assert re.fullmatch(r"CHANGES#\d", item["changes_pk"]["S"]), where
    assert abs(datetime.fromisoformat(at) - clock.now()) < _FRESH, f"{where} has an old stamp"
