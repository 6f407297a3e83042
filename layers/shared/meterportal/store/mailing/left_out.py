"""The contracts that a round has left out, with their reasons: rows of many each, below its header."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence

from meterportal.domain.mailing.rounds import Round
from meterportal.domain.portfolio.readiness import Reason
from meterportal.store import keys
from meterportal.store.portfolio import reasons
from meterportal.store.table import Table
from meterportal.store.writes import Write


def rows(round_id: str, left_out: Mapping[str, Sequence[Reason]], *, start: int) -> list[Write]:
    """The rows of a piece of the plan; they are numbered from `start`."""
    entries = ([number, [reasons.pack(r) for r in why]] for number, why in sorted(left_out.items()))
    pk, _ = keys.run("ROUND", round_id)
    return [
        Write(put={"pk": pk, "sk": f"LEFTOUT#{n:04d}", "entries": text})
        for n, text in enumerate(reasons.pieces(entries), start)
    ]


def listed(table: Table, found: Round) -> Iterator[tuple[str, list[Reason]]]:
    """(contract id, reasons), piece by piece of the plan, in each by contract number."""
    pk, _ = keys.run("ROUND", found.id)
    for n, item in enumerate(table.query(pk, begins="LEFTOUT#")):
        if n >= found.left_out_rows:
            return
        for number, why in json.loads(item["entries"]):
            yield number, [reasons.unpack(row) for row in why]
