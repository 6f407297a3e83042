"""What a run was started for: its selection, in rows beside the run's header."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import date
from typing import Any

from meterportal.domain.contracts import ReadingChannel
from meterportal.domain.selections import Filter, Selection
from meterportal.store.reasons import pieces
from meterportal.store.table import Table, Write


def keep(pk: str, selection: Selection) -> Iterator[Write]:
    """The writes that keep a selection under a run's partition, to be done before its header."""
    head = {"by_ids": selection.ids is not None, "filter": _pack(selection.filter)}
    yield Write(put={"pk": pk, "sk": "SELECTED#", **head})
    for kind, numbers in (("ids", selection.ids or ()), ("except", sorted(selection.exceptions))):
        for n, text in enumerate(pieces(numbers)):
            yield Write(put={"pk": pk, "sk": f"SELECTED#{kind}#{n:04d}", "numbers": text})


def load(table: Table, pk: str) -> Selection:
    """The selection of a run. One query."""
    ids: list[str] = []
    exceptions: list[str] = []
    head: dict[str, Any] = {"by_ids": False, "filter": None}
    for item in table.query(pk, begins="SELECTED#"):
        match item["sk"].split("#")[1]:
            case "ids":
                ids += json.loads(item["numbers"])
            case "except":
                exceptions += json.loads(item["numbers"])
            case _:
                head = item
    return Selection(
        ids=tuple(ids) if head["by_ids"] else None,
        filter=_unpack(head["filter"]),
        exceptions=frozenset(exceptions),
    )


def _pack(chosen: Filter | None) -> dict[str, str] | None:
    if chosen is None:
        return None
    given = {
        "company_id": chosen.company_id,
        "contract_id": chosen.contract_id,
        "reading_channel": chosen.reading_channel.value if chosen.reading_channel else None,
        "due_before": chosen.due_before.isoformat() if chosen.due_before else None,
        "state": chosen.state,
    }
    return {name: value for name, value in given.items() if value is not None}


def _unpack(stored: dict[str, str] | None) -> Filter | None:
    if stored is None:
        return None
    channel, due_before = stored.get("reading_channel"), stored.get("due_before")
    return Filter(
        stored.get("company_id"),
        stored.get("contract_id"),
        ReadingChannel(channel) if channel else None,
        date.fromisoformat(due_before) if due_before else None,
        stored.get("state"),
    )
