"""The console's read model: the newest snapshot, what changed since, values of machines in sight."""

from typing import Annotated

from meterportal.domain.portfolio.machines import MeterKind
from meterportal.domain.reporting.readings import DecisionKind, ReadingState, Verdict
from meterportal.http import IsoDay, IsoTime, LastJson, NamedJson
from pydantic import Field
from typing_extensions import TypedDict


class SnapshotPartJson(TypedDict):
    """A file of a snapshot; `bytes` and `sha256` are those of the gzip file as it is sent."""

    name: str
    url: str
    bytes: int
    rows: int
    sha256: str


class SnapshotJson(TypedDict):
    """The newest snapshot. `after` is what to ask for changes with."""

    version: str
    built_at: IsoTime
    after: str
    parts: list[SnapshotPartJson]


class SnapshotAskedJson(TypedDict):
    """Nothing: look for another `version`."""


Cell = str | int | list[str] | list[list[str]]
"""A value of a row; only reporters and the contracts of an opening are lists."""


class ChangesJson(TypedDict):
    """Rows as docs/read-model.md tells: [kind, company_id, id, rev, ...], of four places where it is
    gone. Ask on with `after`, at once when there is `more`. `outdated`: take the newest snapshot."""

    rows: list[list[Cell]]
    after: str
    more: bool
    outdated: bool


class MeterValueJson(TypedDict):
    """A meter in the current period; `value` to `verdict` are null where its reading is missing. `exported`:
    a batch has taken it, and the ERP has not refused it."""

    meter_id: str
    label: str
    kind: MeterKind
    value: int | None
    read_on: IsoDay | None
    state: ReadingState | None
    verdict: Verdict | None
    exported: bool
    needs_a_person: Annotated[
        bool, Field(description="It waits, the check or a run had doubts, and nobody has decided")
    ]
    decision: DecisionKind | None
    previous: LastJson | None
    usage: int | None


class MachineValuesJson(TypedDict):
    """A machine's billable meters."""

    id: str
    company_id: str
    version: int
    rev: int
    due_on: IsoDay | None
    meters: list[MeterValueJson]


class ValuesJson(TypedDict):
    """In the order asked for, without unknown machines."""

    machines: list[MachineValuesJson]


class HitJson(TypedDict):
    """A row that holds every word. `detail`: city, due date, e-mail or serial number."""

    kind: str
    id: str
    company: NamedJson
    label: str
    detail: str


class HitsJson(TypedDict):
    """Companies first, then contracts, contacts, machines."""

    hits: list[HitJson]
