"""A machine's history: a row for each stored change of its readings, append-only.

The same row tells the company's time line (index `lists`) and the ERP's feed (index `changes`).
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from meterportal.domain.portfolio.machines import Machine
from meterportal.store import keys
from meterportal.store.exchange import fed_rows
from meterportal.store.table import moment
from meterportal.store.writes import Write


def added(machine: Machine, event: Mapping[str, Any], *, not_before: str) -> Write:
    """Adds `event` under the machine's `version`; fails where that row exists. `not_before` is the
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
    return Write(
        put=what | {"version": machine.version, **event},
        condition="attribute_not_exists(pk)",
        change=place,
        not_before=not_before,
    )
