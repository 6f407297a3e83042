"""A console's side of the read model: the snapshot's rows, and changes applied to them by `rev`.

What it holds is compared with the rows that the base table's items make, which no index has passed.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from gzip import decompress

from meterportal.adapters import Adapters
from meterportal.domain.portfolio.progress import PeriodState
from meterportal.domain.portfolio.rows import KINDS, Counts, Row, RowChange, newest
from meterportal.domain.portfolio.snapshots import Snapshot
from meterportal.settings import Moment
from meterportal.store.portfolio import changes
from meterportal.store.table import Table
from meterportal.usecases.portfolio.read_changes import After, read_changes

from tests.support.snapshot_reader import portfolio_of

Which = tuple[str, str, str]
Rows = dict[Which, Row]


@dataclass
class Console:
    """Rows by (kind, company, number); what is gone is remembered by its `rev`."""

    adapters: Adapters
    after: After
    rows: Rows
    gone: dict[Which, int] = field(default_factory=dict)

    @classmethod
    def opened(cls, adapters: Adapters, snapshot: Snapshot) -> Console:
        """From the files that the bucket holds."""
        return cls(adapters, After(snapshot.after), rows_of(fetched(adapters, snapshot)))

    def poll(self, at: Moment) -> list[RowChange]:
        """Ask until nothing is left; what was told, in its order."""
        told: list[RowChange] = []
        more = True
        while more:
            found = read_changes(self.adapters, at, self.after)
            assert not found.outdated
            told += found.rows
            self.after, more = found.after, found.more
        self.apply(told)
        return told

    def apply(self, told: Iterable[RowChange]) -> None:
        for change in told:
            held = self.rows.get(change.which)
            if change.rev <= max(held.rev if held else 0, self.gone.get(change.which, 0)):
                continue
            if change.row is None:
                self.rows.pop(change.which, None)
                self.gone[change.which] = change.rev
            else:
                self.rows[change.which] = change.row


def fetched(adapters: Adapters, snapshot: Snapshot) -> dict[str, bytes]:
    """The unpacked parts by name."""
    bucket = adapters.settings.portfolio_bucket
    return {part.name: decompress(adapters.files.get(bucket, part.key)) for part in snapshot.parts}


def rows_of(parts: dict[str, bytes]) -> Rows:
    """The rows of a snapshot's parts, without those that only others name."""
    found = portfolio_of(parts)
    rows: Rows = {
        **{("company", row.id, row.id): row for row in found.companies},
        **{("contact", row.company_id, row.id): row for row in found.contacts},
        **{("contract", row.company_id, row.id): row for row in found.contracts},
        **{("machine", row.company_id, row.id): row for row in found.machines},
    }
    return {which: row for which, row in rows.items() if row.rev}


def counts_of(rows: Rows) -> dict[str, Counts]:
    """How far each contract has come, by its number, as a console counts it."""
    counts: dict[str, Counts] = {}
    for (kind, _, _), row in rows.items():
        if kind == "machine":
            counts.setdefault(row.contract_id, Counts()).add(row.flags)  # type: ignore[union-attr]
    return counts


def state_of(counts: Counts) -> PeriodState:
    """The state of a contract's period, as docs/read-model.md tells a console to find it."""
    if not counts.total:
        return PeriodState.EMPTY
    if counts.released == counts.total:
        return PeriodState.RELEASED
    if counts.reported == counts.total:
        return PeriodState.COMPLETE
    return PeriodState.PARTLY if counts.begun else PeriodState.OPEN


def base_rows(table: Table) -> Rows:
    """The rows that the items of the base table make."""
    return {
        change.which: change.row
        for change in newest(_base(table)).values()
        if change.row is not None
    }


def _base(table: Table) -> Iterator[RowChange]:
    pages = table._client.get_paginator("scan").paginate(TableName=table.name)
    for page in pages:
        for stored in page["Items"]:
            kind = stored["sk"]["S"].partition("#")[0]
            if stored["pk"]["S"].startswith("COMPANY#") and kind in KINDS:
                yield changes.unpack(table.get(stored["pk"]["S"], stored["sk"]["S"]) or {})
