"""What the months' machines have come to."""

from typing import Annotated

from meterportal.domain.mailing.requests import RoundKind
from meterportal.http import IsoDay, IsoTime, NamedJson
from pydantic import Field
from typing_extensions import TypedDict


class ResponseJson(TypedDict):
    """Machines that were asked for; those whose mail led somebody to the portal; the complete ones."""

    machines: int
    opened: int
    reported: int
    median_days: Annotated[
        float | None, Field(description="From the request to the complete report")
    ]


class RoundStatisticsJson(TypedDict):
    """What came of a round: of the machines that were open when it went out. `mails`: those planned."""

    round_id: str
    kind: RoundKind
    on: IsoDay
    mails: int | None
    response: ResponseJson


class ChannelStatisticsJson(TypedDict):
    """`channel` is a reading channel, or empty where none is known."""

    channel: str
    machines: int


class EstimatesInARowJson(TypedDict):
    """Machines whose last values are estimates: one, two, three or more in a row."""

    once: int
    twice: int
    more: int


class MonthStatisticsJson(TypedDict):
    """`due` machines, `done` of them complete, whoever was asked. `curve`: how many became complete by the
    n-th day after the month's first request, from 0; days after the sixtieth count on it."""

    period: str
    counted_at: IsoTime
    due: int
    done: int
    response: ResponseJson
    first_asked_on: IsoDay | None
    curve: list[int]
    channels: list[ChannelStatisticsJson]
    estimates: EstimatesInARowJson
    rounds: list[RoundStatisticsJson]


class StatisticsJson(TypedDict):
    """`periods` that were counted, the newest first; `before` is the one that came before."""

    period: str
    periods: list[str]
    this: MonthStatisticsJson | None
    before: MonthStatisticsJson | None


class CompanyStatisticsJson(TypedDict):
    """`in_a_row`: the longest series of estimates at a machine, 3 for more."""

    company: NamedJson
    due: int
    done: int
    response: ResponseJson
    estimated: int
    in_a_row: int


class CompaniesStatisticsJson(TypedDict):
    """Where most is missing first."""

    companies: list[CompanyStatisticsJson]
    next_cursor: str | None
