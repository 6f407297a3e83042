"""Readings by bucket, and what became of them in release runs."""

from typing import Annotated, Literal, NotRequired

from meterportal.domain.portfolio.contracts import ReadingChannel
from meterportal.domain.portfolio.machines import MeterKind
from meterportal.domain.release.judging import Code, LineOutcome
from meterportal.domain.reporting.readings import ReadingState, Verdict
from meterportal.http import FindingJson, IsoDay, IsoTime, LastJson, LocationJson, NamedJson
from pydantic import Field
from typing_extensions import TypedDict

from staff_api.answers.decisions import StaffDecisionJson
from staff_api.answers.reporting import PhotoJson
from staff_api.answers.runs import RunJson


class ListedReadingJson(TypedDict):
    """A meter's period; without a reading `state` is missing, and there is no `channel`."""

    id: str
    meter_id: str
    label: str
    kind: MeterKind
    due_on: IsoDay
    last: LastJson | None
    value: int | None
    read_on: IsoDay | None
    state: ReadingState | Literal["missing"]
    verdict: Verdict | None
    reason: str
    channel: NotRequired[ReadingChannel]
    reported_by: Annotated[str | None, Field(description="Id of a contact or of staff")]
    reported_at: IsoTime | None
    refused: Annotated[str | None, Field(description="Code why a release run left it")]
    findings: list[FindingJson]
    released_at: IsoTime | None
    release_reason: str
    export_refused: Annotated[str | None, Field(description="Why the ERP did not take it")]
    decision: StaffDecisionJson | None
    photos: list[PhotoJson]


class ListedMachineJson(TypedDict):
    """A machine with its readings in a bucket."""

    id: str
    company: NamedJson
    contract_id: str
    serial: str
    model: str
    customer_no: str
    location: LocationJson
    due_on: IsoDay | None
    version: int
    readings: list[ListedReadingJson]


class BucketJson(TypedDict):
    """Machines by due date."""

    machines: list[ListedMachineJson]
    next_cursor: str | None


class ReleasedReadingJson(TypedDict):
    """The reading that was released, and the release that holds it."""

    release_id: str
    id: str
    machine_id: str
    meter_id: str
    value: int
    state: ReadingState
    version: int


class TakenBackJson(TypedDict):
    """The reading that stands now: the same one waiting again, or the one that took its place."""

    id: str
    machine_id: str
    meter_id: str
    value: int
    read_on: IsoDay
    state: ReadingState
    version: int


class ReleaseJson(RunJson):
    """A release run; `total` counts the lines of its report."""

    kind: Literal["run", "manual"]
    dry_run: bool
    snapshot: Annotated[str | None, Field(description="The dry run that was seen, or this one")]
    finished_at: IsoTime | None
    machines: int
    done: Annotated[int, Field(description="Machines worked off")]
    total: int
    released: int
    releasable: int
    refused: int


class ReleasesJson(TypedDict):
    """Runs, newest first."""

    releases: list[ReleaseJson]
    next_cursor: str | None


class ReleaseProgressJson(TypedDict):
    """Parts of a run that are done."""

    done: int
    chunks: int


class ReportLineJson(TypedDict):
    """What became of a reading; a line about a whole machine has no meter."""

    machine_id: str
    version: Annotated[int | None, Field(description="The one that staff saw")]
    company_id: str | None
    company: str
    serial: str
    meter_id: str | None
    label: str
    reading_id: str | None
    due_on: IsoDay | None
    read_on: IsoDay | None
    value: int | None
    result: LineOutcome
    code: Code | None
    reason: str | None
    customer_reason: str | None
    release_reason: str | None
    findings_at_entry: list[FindingJson]
    findings_at_release: list[FindingJson]


class ReleasePageJson(ReleaseJson):
    """A run with its progress and a page of its release report."""

    progress: ReleaseProgressJson
    protocol: list[ReportLineJson]
    next_cursor: str | None
