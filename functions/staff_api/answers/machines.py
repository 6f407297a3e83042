"""A machine as staff see it and change it."""

from typing import Annotated

from meterportal.domain.reporting.readings import ReadingState, Verdict
from meterportal.http import FindingJson, IsoDay, LastJson
from meterportal.usecases.reporting.estimate_missing import EstimateOutcome
from pydantic import Field
from typing_extensions import TypedDict


class EnteredReadingJson(TypedDict):
    """A value as it now stands in the period."""

    meter_id: str
    value: int
    read_on: IsoDay
    state: ReadingState
    verdict: Verdict
    findings: list[FindingJson]


class EnteredJson(TypedDict):
    """The machine's version, and the readings of the meters that were sent."""

    version: int
    readings: list[EnteredReadingJson]


class ResetDoneJson(TypedDict):
    """The machine's version, and the value from which the meter now counts on."""

    version: int
    value: int


class ReplacementJson(TypedDict):
    """The old machine's version and end readings; `machine_id` is the new one's number until the ERP
    brings it, null after a dry run."""

    version: int
    readings: list[EnteredReadingJson]
    machine_id: str | None


class ReplacementTakenBackJson(TypedDict):
    """The old machine's version."""

    version: int


class EstimateJson(TypedDict):
    """An estimated value; `look_closer`: it is the third in a row, or a later one."""

    meter_id: str
    label: str
    last: LastJson | None
    value: int
    read_on: IsoDay
    days: int
    per_day: float
    in_a_row: int
    look_closer: bool


class EstimatedMachineJson(TypedDict):
    """What became of a machine; `without` are missing meters that have nothing to go by."""

    machine_id: str
    outcome: EstimateOutcome
    company_id: str | None
    company: str
    serial: str
    due_on: IsoDay | None
    version: int | None
    estimates: list[EstimateJson]
    without: list[str]
    announced_for: Annotated[
        IsoDay | None,
        Field(
            description="The day on which the schedule estimates, as announced; null: it does not"
        ),
    ]


class EstimatesJson(TypedDict):
    """Machine by machine."""

    machines: list[EstimatedMachineJson]
    next_cursor: str | None
