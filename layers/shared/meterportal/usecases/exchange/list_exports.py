"""Exports for staff: the list, one of them, and its lines with the ERP's answers."""

from __future__ import annotations

from itertools import islice

from meterportal.adapters import Adapters
from meterportal.domain.exchange.batches import Export
from meterportal.domain.exchange.exports import ExportLine, answer_to
from meterportal.domain.exchange.line_kinds import LineAnswer
from meterportal.domain.frozen import frozen
from meterportal.domain.refusals import NotFound
from meterportal.store.exchange import exports
from meterportal.store.portfolio import holdings

_ROWS = 1000
"""Machines that one answer reads, at most."""


@frozen
class AnsweredLine:
    """A line with the name of its company and what the ERP has said of it."""

    line: ExportLine
    company: str
    answer: LineAnswer
    reason: str


def newest(
    adapters: Adapters, *, before: str | None, limit: int
) -> tuple[list[Export], str | None]:
    """Exports, newest first, and the place after which the next page starts."""
    found = list(islice(exports.newest(adapters.table, before=before), limit + 1))
    more = found[limit - 1][0] if len(found) > limit else None
    return [export for _, export in found[:limit]], more


def find(adapters: Adapters, export_id: str) -> Export:
    """An export; raises NotFound."""
    export = exports.load(adapters.table, export_id)
    if export is None:
        raise NotFound
    return export


def lines(
    adapters: Adapters, export_id: str, state: LineAnswer | None, *, after: str | None, limit: int
) -> tuple[list[AnsweredLine], str | None]:
    """Lines in that state behind a row, all of a row together, and the row after which the next part
    starts. Raises NotFound."""
    find(adapters, export_id)
    found: list[tuple[ExportLine, LineAnswer, str]] = []
    read, last, more = 0, None, False
    for row in exports.rows(adapters.table, export_id, after=after):
        if read >= _ROWS or len(found) >= limit:
            more = True
            break
        for line in row.lines:
            answer, reason = answer_to(row.answers, line["reading_id"])
            if state in {None, answer}:
                found.append((line, answer, reason))
        read, last = read + len(row.places), row.sk
    companies = holdings.companies(adapters.table, {line["company_id"] for line, _, _ in found})
    names = {number: company.name for number, company in companies.items()}
    shown = [
        AnsweredLine(line, names.get(line["company_id"], ""), answer, reason)
        for line, answer, reason in found
    ]
    return shown, last if more else None
