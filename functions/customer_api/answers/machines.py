"""Machines, their meters and readings, as contacts see them."""

from typing import Annotated

from meterportal.domain.reporting.readings import Verdict
from meterportal.http import FindingJson, LocationJson
from meterportal.http.overview_json import ReadingJson
from pydantic import Field
from typing_extensions import TypedDict


class StoredReadingJson(ReadingJson):
    """A value that has just been stored."""

    meter_id: str


class CardJson(TypedDict):
    """A machine, where it stands, and whether the contact may report for it."""

    id: str
    serial: str
    maker: str
    model: str
    location: LocationJson
    customer_no: str
    may_report: bool


class CheckedMeterJson(TypedDict):
    """What was found about a meter's value; null: the value cannot be read."""

    meter_id: str
    value: int | None
    verdict: Verdict
    findings: list[FindingJson]


class CheckedMachineJson(TypedDict):
    """What the values look like."""

    machine_id: str
    meters: list[CheckedMeterJson]
    findings: Annotated[list[FindingJson], Field(description="Those of all meters")]


class StoredJson(TypedDict):
    """What is stored now."""

    version: int
    readings: list[StoredReadingJson]
