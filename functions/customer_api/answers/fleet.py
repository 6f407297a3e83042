"""Many machines at once."""

from typing import Annotated, Literal

from meterportal.domain.portfolio.machines import MeterKind
from meterportal.domain.refusals import (
    AlreadyReleased,
    ChangedMeanwhile,
    Invalid,
    NotFound,
    Unavailable,
)
from meterportal.http import FindingJson, IsoDay, LocationJson, ProblemFields, refuses
from meterportal.http.overview_json import ProgressJson
from pydantic import Field, WithJsonSchema
from typing_extensions import TypedDict

from customer_api.answers.machines import StoredReadingJson


class StoredMachineJson(TypedDict):
    """A machine whose readings were stored."""

    machine_id: str
    status: Literal[200]
    version: int
    readings: list[StoredReadingJson]


_REFUSED = refuses(NotFound, AlreadyReleased, ChangedMeanwhile, Invalid, Unavailable)


class RefusedMachineJson(ProblemFields):
    """A machine whose readings were refused: what a request about it alone would be answered."""

    machine_id: str
    status: Annotated[int, WithJsonSchema({"type": "integer", "enum": list(_REFUSED)})]


class StoredFleetJson(TypedDict):
    """What became of each machine, in the order sent."""

    machines: list[StoredMachineJson | RefusedMachineJson]


class TakenReadingJson(StoredReadingJson):
    """A value from a sheet that was stored, or would be in a dry run."""

    label: str
    kind: MeterKind


class SheetMachineJson(TypedDict):
    """A machine that a sheet tells of."""

    machine_id: str
    serial: str
    model: str
    customer_no: str
    location: LocationJson
    line: Annotated[int, Field(description="The first line that tells of this machine")]
    lines: Annotated[dict[str, int], Field(description="By meter id")]


class TakenMachineJson(SheetMachineJson):
    """A machine whose values were taken."""

    version: int
    readings: list[TakenReadingJson]


class MachineToCheckJson(SheetMachineJson):
    """A machine whose values are to be confirmed by PUT /api/readings."""

    labels: Annotated[dict[str, str], Field(description="By meter id")]
    values: Annotated[dict[str, int], Field(description="By meter id")]
    read_on: IsoDay | None
    version: int
    findings: list[FindingJson]


class LeftRowJson(TypedDict):
    """A row, or a value of a row, that cannot be taken."""

    line: int
    text: str
    code: str
    reason: str


class ReadSheetJson(TypedDict):
    """What was read of a file. `sheet` is empty for text; `columns` are the headings of the columns that
    count, `rows` all below them that hold anything, `separator` the one sign between groups of digits."""

    sheet: str
    columns: list[str]
    rows: int
    separator: str


class SumsJson(TypedDict):
    """Every value of the sheet and every row without one: `entries` is the others' sum."""

    entries: int
    taken: int
    to_check: int
    not_recognised: int
    ignored: int
    blank: int


class HandedInJson(TypedDict):
    """What was stored, what to confirm, and which rows cannot be taken."""

    dry_run: bool
    read: ReadSheetJson
    taken: list[TakenMachineJson]
    to_check: list[MachineToCheckJson]
    not_recognised: list[LeftRowJson]
    blank: Annotated[int, Field(description="Rows of known machines without a new reading")]
    sums: SumsJson
    progress: ProgressJson
