"""A selection as it comes in a body."""

from __future__ import annotations

from dataclasses import replace
from typing import Annotated

from meterportal.domain.portfolio.contracts import ReadingChannel
from meterportal.domain.portfolio.selections import Filter, Selection
from meterportal.domain.portfolio.snapshots import folded
from meterportal.domain.portfolio.work_states import WorkState
from meterportal.http import Body, Day
from pydantic import AfterValidator, Field, StrictInt, model_validator
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


def _some(words: str) -> str:
    """Words of which nothing is left to compare would select everything."""
    if not folded(words).split():
        raise PydanticCustomError("string_too_short", "some words")
    return words


class ContractFilterBody(FilterBody):
    """Further conditions of the console's list of contracts: `words` that each stand in the number or name
    of the contract, or in the company's name or city; one of several channels or states; not ended before
    `running_on`; whether somebody was asked for the current period."""

    words: Annotated[str, Field(min_length=1, max_length=200), AfterValidator(_some)] | None = None
    reading_channels: list[Annotated[ReadingChannel, Field(strict=False)]] | None = Field(
        default=None, min_length=1, max_length=len(ReadingChannel)
    )
    states: list[Annotated[WorkState, Field(strict=False)]] | None = Field(
        default=None, min_length=1, max_length=len(WorkState)
    )
    running_on: Day | None = None
    asked: bool | None = None

    def filter(self) -> Filter:
        return replace(
            super().filter(),
            words=self.words,
            reading_channels=frozenset(self.reading_channels or ()),
            states=frozenset(self.states or ()),
            running_on=self.running_on,
            asked=self.asked,
        )


class SelectionBody(Body):
    """{"ids", "versions"} or {"filter", "snapshot", "except"}."""

    ids: Annotated[list[Number], Field(min_length=1)] | None = None
    versions: dict[Number, StrictInt] | None = None
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


class ContractSelectionBody(SelectionBody):
    """The same of contracts, by all conditions that the console's list of them knows."""

    filter: ContractFilterBody | None = None
