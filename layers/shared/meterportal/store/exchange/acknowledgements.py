"""The ERP's acknowledgements of a batch, kept under a number beside its rows until they are applied."""

from __future__ import annotations

import json
from datetime import datetime

from meterportal.domain.exchange.exports import Acknowledgement
from meterportal.store import keys
from meterportal.store.packing import compact
from meterportal.store.table import Table
from meterportal.store.writes import Write


def keep(export_id: str, number: str, answer: Acknowledgement, *, by: str, at: datetime) -> Write:
    """Keeps the ERP's acknowledgement under this number; it is applied later."""
    accepted = None if answer.accepted is None else sorted(answer.accepted)
    item = {
        "pk": keys.run("EXPORT", export_id)[0],
        "sk": f"ACK#{number}",
        "by": by,
        "at": at.isoformat(timespec="milliseconds"),
        "said": compact(
            {
                "accepted": accepted,
                "refused": dict(answer.refused),
                "only_open": answer.only_open,
            }
        ),
    }
    return Write(put=item, condition="attribute_not_exists(pk)")


def load(table: Table, export_id: str, number: str) -> tuple[Acknowledgement, str] | None:
    """The acknowledgement kept under a number, and who sent it."""
    item = table.get(keys.run("EXPORT", export_id)[0], f"ACK#{number}")
    if item is None:
        return None
    answer = json.loads(item["said"])
    accepted = None if answer["accepted"] is None else frozenset(answer["accepted"])
    only_open = answer.get("only_open", False)
    return Acknowledgement(accepted, answer["refused"], only_open), item["by"]
