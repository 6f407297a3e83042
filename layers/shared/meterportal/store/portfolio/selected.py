"""The selection of a run, in rows beside the run's header."""

from __future__ import annotations

import json
from datetime import date
from typing import Any

from meterportal.domain.portfolio.contracts import ReadingChannel
from meterportal.domain.portfolio.selections import Filter, Selection
from meterportal.domain.portfolio.work_states import WorkState
from meterportal.domain.runs import RunKind
from meterportal.store import keys
from meterportal.store.portfolio.reasons import pieces
from meterportal.store.table import Table
from meterportal.store.writes import Write


def keep(table: Table, kind: RunKind, number: str, selection: Selection) -> None:
    """Keeps the selection of a run; call it before the header is written."""
    pk, _ = keys.run(kind.name, number)
    head: dict[str, Any] = {"by_ids": selection.ids is not None, "filter": _pack(selection.filter)}
    if selection.due_or_not:
        head["due_or_not"] = True
    table.write(Write(put={"pk": pk, "sk": "SELECTED#", **head}))
    for part, numbers in (("ids", selection.ids or ()), ("except", sorted(selection.exceptions))):
        for n, text in enumerate(pieces(numbers)):
            table.write(Write(put={"pk": pk, "sk": f"SELECTED#{part}#{n:04d}", "numbers": text}))


def load(table: Table, kind: RunKind, number: str) -> Selection:
    """The selection of a run. One query."""
    pk, _ = keys.run(kind.name, number)
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
        due_or_not=head.get("due_or_not", False),
    )


def _pack(chosen: Filter | None) -> dict[str, Any] | None:
    if chosen is None:
        return None
    given = {
        "company_id": chosen.company_id,
        "contract_id": chosen.contract_id,
        "reading_channel": chosen.reading_channel.value if chosen.reading_channel else None,
        "due_before": chosen.due_before.isoformat() if chosen.due_before else None,
        "state": chosen.state,
        "words": chosen.words,
        "reading_channels": sorted(one.value for one in chosen.reading_channels) or None,
        "states": sorted(one.value for one in chosen.states) or None,
        "running_on": chosen.running_on.isoformat() if chosen.running_on else None,
        "asked": chosen.asked,
    }
    return {name: value for name, value in given.items() if value is not None}


def _unpack(stored: dict[str, Any] | None) -> Filter | None:
    if stored is None:
        return None
    channel, due_before = stored.get("reading_channel"), stored.get("due_before")
    return Filter(
        stored.get("company_id"),
        stored.get("contract_id"),
        ReadingChannel(channel) if channel else None,
        date.fromisoformat(due_before) if due_before else None,
        stored.get("state"),
        stored.get("words"),
        frozenset(map(ReadingChannel, stored.get("reading_channels", ()))),
        frozenset(map(WorkState, stored.get("states", ()))),
        date.fromisoformat(stored["running_on"]) if "running_on" in stored else None,
        stored.get("asked"),
    )
