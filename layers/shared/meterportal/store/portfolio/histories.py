"""A machine's history: a row for each stored change of its readings, append-only.

The same row tells the company's time line (index `lists`) and the ERP's feed (index `changes`).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from meterportal.domain.portfolio.machines import Machine
from meterportal.store import keys
from meterportal.store.exchange import fed_rows
from meterportal.store.items import Item
from meterportal.store.packing import packed, unpacked
from meterportal.store.writes import Write, moment


def listed_together(writes: Sequence[Write]) -> list[Write]:
    """The `writes` of machines, for one transaction, of which one row of history for each company stands in its time
    line and names those of the company's other machines, which do not."""
    first: dict[str, int] = {}
    others: dict[str, list[tuple[str, int]]] = {}
    left = list(writes)
    for n, write in enumerate(writes):
        row = write.put or {}
        line = row.get("lists_pk", "")
        if not line.startswith("TIMELINE#"):
            continue
        if first.setdefault(line, n) != n:
            others.setdefault(line, []).append((row["machine_id"], row["version"]))
            left[n] = _without(write, "lists_pk", "lists_sk")
    for line, named in others.items():
        told = writes[first[line]]
        left[first[line]] = told._replace(put={**(told.put or {}), "others": packed(named)})
    return left


def fed_by(report: Write, place: tuple[str, str], writes: Sequence[Write]) -> list[Write]:
    """The put of a row and the `writes` of machines, for one transaction in which that row stands at `place` and
    tells the ERP's feed what their rows of history would tell: one row of an index in place of one a machine.

    None of them stands before the last write of any: so each machine's rows keep their order.
    """
    fed = [write for write in writes if _feeds(write)]
    if not fed:
        return [report, *writes]
    latest = max(write.behind for write in writes)
    told = {**(report.put or {}), "row": fed_rows.together((one.put or {})["row"] for one in fed)}
    left = [
        _without(write, "row")._replace(change=None) if _feeds(write) else write for write in writes
    ]
    return [
        report._replace(put=told, change=place, behind=latest),
        *(write._replace(behind=latest) for write in left),
    ]


def read(row: Item) -> Item:
    """A row of history as its event was told."""
    entries = row["entries"]
    return row if isinstance(entries, list) else {**row, "entries": unpacked(entries)}


def _feeds(write: Write) -> bool:
    return write.change is not None and write.change[0].startswith("FEED#")


def _without(write: Write, *names: str) -> Write:
    row = {name: value for name, value in (write.put or {}).items() if name not in names}
    return write._replace(put=row)


def added(machine: Machine, event: Mapping[str, Any], *, behind: str) -> Write:
    """Adds `event` under the machine's `version`; fails where that row exists. `behind` is the
    moment of the machine's last write: its rows in the feed stand in the order of their versions.
    """
    pk, sk = keys.history(machine.company_id, machine.id, machine.version)
    what = {"pk": pk, "sk": sk, "machine_id": machine.id, "company_id": machine.company_id}
    if event["event"] != "imported":
        at = moment(datetime.fromisoformat(event["at"]))
        what |= keys.timeline(machine.company_id, f"{at}#{machine.id}#{sk}")
    place = None
    kind = fed_rows.kind_of(event)
    if kind:
        what["row"] = fed_rows.packed(machine, kind, event)
        place = keys.feed(machine.company_id, machine.id, machine.version)
    told = dict(event)
    if event["event"] == "imported":
        # Years of readings, which few ask for again: as attributes they would be a dozen units of a write.
        told["entries"] = packed(event["entries"])
    return Write(
        put=what | {"version": machine.version, **told},
        condition="attribute_not_exists(pk)",
        change=place,
        behind=behind,
    )
