"""A selection as it comes in a body."""

from __future__ import annotations

from typing import Annotated

from meterportal.domain.contracts import ReadingChannel
from meterportal.domain.selections import Filter, Selection
from meterportal.http import Body, Day
from pydantic import Field, StrictInt, model_validator
from pydantic_core import PydanticCustomError

Number = Annotated[str, Field(min_length=1, max_length=64)]


class FilterBody(Body):
    """{"company_id", "contract_id", "reading_channel", "due_before", "state"}: all optional."""

    company_id: Number | None = None
    contract_id: Number | None = None
    reading_channel: Annotated[ReadingChannel, Field(strict=False)] | None = None
    due_before: Day | None = None
    state: Annotated[str, Field(max_length=20)] | None = None

    def filter(self) -> Filter:
        return Filter(
            self.company_id, self.contract_id, self.reading_channel, self.due_before, self.state
        )


class SelectionBody(Body):
    """{"ids", "versions"} or {"filter", "snapshot", "except"}."""

    ids: Annotated[list[Number], Field(min_length=1)] | None = None
    versions: dict[str, StrictInt] | None = None
    filter: FilterBody | None = None
    snapshot: Number | None = None
    exceptions: Annotated[list[Number] | None, Field(alias="except")] = None

    @model_validator(mode="after")
    def _one_kind(self) -> SelectionBody:
        if (self.ids is None) == (self.filter is None):
            raise PydanticCustomError("selection", "either ids or filter")
        return self

    def selection(self) -> Selection:
        return Selection(
            tuple(dict.fromkeys(self.ids)) if self.ids is not None else None,
            self.versions or {},
            self.filter.filter() if self.filter else None,
            self.snapshot,
            frozenset(self.exceptions or ()),
        )
