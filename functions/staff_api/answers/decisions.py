"""Decisions about values that wait."""

from typing import Annotated

from meterportal.domain.reporting.readings import DecisionKind
from meterportal.http import IsoDay, IsoTime, NamedJson
from pydantic import Field
from typing_extensions import TypedDict


class StaffDecisionJson(TypedDict):
    """What staff decided about a value."""

    decision: DecisionKind
    by: NamedJson
    at: IsoTime
    note: str
    until: Annotated[IsoDay | None, Field(description="When a deferred value comes back")]
    second: Annotated[NamedJson | None, Field(description="Who has accepted it, too")]
    waits_for_second: Annotated[bool, Field(description="Above the limit: accepted by one person")]
    before: Annotated[int | None, Field(description="The value whose place was taken")]


class DecidedJson(TypedDict):
    """The reading that stands now."""

    id: str
    machine_id: str
    meter_id: str
    value: int
    read_on: IsoDay
    decision: StaffDecisionJson | None
    asked: Annotated[
        NamedJson | None, Field(description="The contact who gets the question by mail")
    ]
    version: int


class ReleaseLimitsJson(TypedDict):
    """Above so many pages, or times the expected pages, a second person has to accept."""

    pages: int | None
    times: int | None
    version: int
