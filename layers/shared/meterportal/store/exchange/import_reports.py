"""The report of an import: its findings by the page, what they come to, and what a full export lacks.

Rows contain names of people: they are deleted together with the uploads.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import astuple, field
from datetime import datetime, timedelta
from typing import Any

from meterportal.domain.exchange.imports.causes import CauseKey, FaultCause, key_of
from meterportal.domain.exchange.imports.effects import ChangedField
from meterportal.domain.exchange.imports.faults import Fault
from meterportal.domain.exchange.imports.missing import MissingRecord
from meterportal.domain.exchange.imports.planning import Sample
from meterportal.domain.exchange.imports.report_rows import ReportRow
from meterportal.domain.frozen import frozen
from meterportal.store import keys
from meterportal.store.items import Item
from meterportal.store.table import Table
from meterportal.store.writes import Write

PAGE = 1000
"""Findings of one row, and of one page of the report."""

_KEPT = timedelta(days=90)
_ROW_SIZE = 300_000
_LISTED = 500
"""Missing records of one row."""


@frozen
class Summary:
    """An import's findings by cause; of a dry run what its changes mean, in how many records each
    column changes, and a sample; what a full export lacks, by kind (not read back)."""

    causes: Sequence[FaultCause] = ()
    effects: Mapping[str, int] = field(default_factory=dict)
    fields: Sequence[ChangedField] = ()
    samples: Sequence[Sample] = ()
    missing: Mapping[str, Sequence[MissingRecord]] = field(default_factory=dict)


def keep_report(
    table: Table,
    import_id: str,
    faults: Sequence[Fault],
    summary: Summary,
    *,
    at: datetime,
) -> int:
    """Stores findings in rows of up to `PAGE`, and what they come to; returns the number of rows."""
    pk, _ = keys.run("IMPORT", import_id)
    expires = {"expires_at": int((at + _KEPT).timestamp())}
    rows: list[Item] = []
    packed: list[str] = []
    first: dict[CauseKey, int] = {}
    size = 0
    for fault in faults:
        text = _json(fault.packed())
        if len(packed) == PAGE or size + len(text) > _ROW_SIZE:
            rows.append(
                {"pk": pk, "sk": f"REPORT#{len(rows):06d}", "faults": _list(packed), **expires}
            )
            packed, size = [], 0
        packed.append(text)
        first.setdefault(key_of(fault), len(rows))
        size += len(text.encode())
    rows.append({"pk": pk, "sk": f"REPORT#{len(rows):06d}", "faults": _list(packed), **expires})
    count = len(rows)
    if summary.samples:
        entries = [[s.file, s.line, s.key, s.field, s.old, s.new] for s in summary.samples]
        rows.append({"pk": pk, "sk": "SAMPLE", "samples": _json(entries), **expires})
    causes = [[c.example.packed(), c.count, first.get(c.key, count)] for c in summary.causes]
    rows.append(
        {
            "pk": pk,
            "sk": "SUMMARY",
            "causes": _json(causes),
            "effects": dict(summary.effects),
            "fields": _json([list(astuple(one)) for one in summary.fields]),
            **expires,
        }
    )
    for kind, records in summary.missing.items():
        for n, start in enumerate(range(0, len(records), _LISTED)):
            listed = _json([list(astuple(one)) for one in records[start : start + _LISTED]])
            rows.append({"pk": pk, "sk": f"MISSING#{kind}#{n:03d}", "records": listed, **expires})
    table.batch_write(rows)
    return count


def summary(table: Table, import_id: str) -> Summary:
    """What the findings of an import come to, and what its changes mean. Two reads."""
    pk, _ = keys.run("IMPORT", import_id)
    item = table.get(pk, "SUMMARY") or {}
    return Summary(
        causes=[
            FaultCause(Fault.unpacked(example), count, first)
            for example, count, first in json.loads(item.get("causes", "[]"))
        ],
        effects=item.get("effects", {}),
        fields=[ChangedField(*row) for row in json.loads(item.get("fields", "[]"))],
        samples=_samples(table, import_id),
    )


def missing(table: Table, import_id: str, kind: str, number: int) -> list[MissingRecord]:
    """A page of the records of a kind that a full export lacks, counted from 0."""
    item = table.get(keys.run("IMPORT", import_id)[0], f"MISSING#{kind}#{number:03d}")
    return [MissingRecord(*row) for row in json.loads(item["records"])] if item else []


def every_missing(table: Table, import_id: str, kind: str) -> Iterator[MissingRecord]:
    """All of them. A query over ten rows at most."""
    pk, _ = keys.run("IMPORT", import_id)
    for item in table.query(pk, begins=f"MISSING#{kind}#"):
        yield from (MissingRecord(*row) for row in json.loads(item["records"]))


def report(table: Table, import_id: str, number: int) -> list[Fault]:
    """The findings of one report row, counted from 0; empty when the row is gone."""
    item = table.get(keys.run("IMPORT", import_id)[0], f"REPORT#{number:06d}")
    return [Fault.unpacked(row) for row in json.loads(item["faults"])] if item else []


def _samples(table: Table, import_id: str) -> list[Sample]:
    item = table.get(keys.run("IMPORT", import_id)[0], "SAMPLE")
    return [Sample(*row) for row in json.loads(item["samples"])] if item else []


def journal(import_id: str, number: str, faults: Iterable[Fault], *, at: datetime) -> Write:
    """Findings that only the state before the change shows, written together with the change."""
    pk, _ = keys.run("IMPORT", import_id)
    packed = [_json(fault.packed()) for fault in faults]
    return Write(
        put={
            "pk": pk,
            "sk": f"JOURNAL#{number}",
            "faults": _list(packed),
            "expires_at": int((at + _KEPT).timestamp()),
        }
    )


def journals(table: Table, import_id: str) -> list[Fault]:
    pk, _ = keys.run("IMPORT", import_id)
    items = table.query(pk, begins="JOURNAL#")
    return [Fault.unpacked(row) for item in items for row in json.loads(item["faults"])]


def rows_with_texts(table: Table, import_id: str) -> Iterator[ReportRow]:
    """The rows of an import that may name people: findings, examples of changes, what is missing.
    One query."""
    for item in table.query(keys.run("IMPORT", import_id)[0]):
        if item["sk"].startswith(_WITH_TEXTS):
            samples = [Sample(*row) for row in json.loads(item.get("samples", "[]"))]
            faults = [Fault.unpacked(row) for row in json.loads(item.get("faults", "[]"))]
            yield ReportRow(samples, faults, item)


def reworded(
    told: ReportRow, contact_id: str, forget: Callable[[str], str], gone: str
) -> Write | None:
    """The write that takes a person's words out of such a row, None where there are none. Examples of
    changes of the person lose both values, as do those that stand for all contacts; a person who is
    missing has no name any more."""
    item = told.row

    def without(value: Any) -> Any:
        return forget(value) if isinstance(value, str) else value

    def sample(row: list[Any]) -> list[Any]:  # of a new record it has no values
        return [*row[:4], *([gone, gone] if row[2] == contact_id else map(without, row[4:]))]

    def fault(row: list[Any]) -> list[Any]:
        return [*row[:5], [[name, without(value)] for name, value in row[5]]]

    rules: dict[str, Callable[[list[Any]], list[Any]]] = {
        "faults": fault,
        "samples": sample,
        "causes": lambda row: [fault(row[0]), *row[1:]],
        "fields": lambda row: [*row[:3], gone, gone] if row[0] == "contacts" else row,
        "records": lambda row: [
            *row[:3],
            gone if row[2] == contact_id else without(row[3]),
            *row[4:],
        ],
    }
    after = {
        name: _json([rule(row) for row in json.loads(item[name])])
        for name, rule in rules.items()
        if name in item
    }
    changed = {
        name: text for name, text in after.items() if json.loads(text) != json.loads(item[name])
    }
    if not changed:
        return None
    return Write(
        key=(item["pk"], item["sk"]),
        update="SET " + ", ".join(f"#{name} = :{name}" for name in changed),
        condition="attribute_exists(pk)",
        values=changed,
    )


_WITH_TEXTS = ("REPORT#", "JOURNAL#", "SAMPLE", "SUMMARY", "MISSING#")


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def _list(parts: Iterable[str]) -> str:
    return f"[{','.join(parts)}]"
