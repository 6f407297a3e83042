"""What the feed tells: CloudEvents 1.0 in JSON, and in each the reading."""

from typing import Annotated, Literal

from meterportal.domain.exchange.line_kinds import LineKind
from meterportal.domain.portfolio.contracts import ReadingChannel
from meterportal.domain.portfolio.machines import MeterKind
from meterportal.domain.reporting.readings import ReadingState, Verdict
from meterportal.http import IsoDay, IsoTime
from pydantic import Field
from typing_extensions import TypedDict

EventType = Literal[
    "meterportal.reading.reported",
    "meterportal.reading.corrected",
    "meterportal.reading.estimated",
    "meterportal.reading.released",
    "meterportal.reading.withdrawn",
    "meterportal.reading.reversed",
    "meterportal.reading.reset",
    "meterportal.reading.started",
    "meterportal.reading.stopped",
]


class EarlierValueJson(TypedDict):
    """The value that stood there before."""

    value: int
    read_on: IsoDay


class BoardSwapJson(TypedDict):
    """The old board's last value and the new one's first."""

    end: int
    start: int


class FedReadingJson(TypedDict):
    """A meter's value as this event has left it, with the export's names."""

    reading_id: Annotated[
        str | None, Field(description="null: a reset or a start, which is no reading")
    ]
    company_id: str
    contract_id: str
    machine_id: str
    serial: str
    meter_id: str
    kind: MeterKind | None
    due_on: IsoDay | None
    read_on: IsoDay
    value: int
    channel: ReadingChannel
    estimated: bool
    state: Annotated[
        ReadingState | None,
        Field(
            description="reported: not released, nothing may be billed from it. null: a reset or start"
        ),
    ]
    verdict: Verdict | None
    entry: LineKind
    reverses: Annotated[
        str | None, Field(description="The exported reading that is reversed or replaced")
    ]
    previous: EarlierValueJson | None
    reset: BoardSwapJson | None
    replaces: Annotated[
        str | None, Field(description="The machine in whose place this one starts, with this value")
    ]


class ReadingEventJson(TypedDict):
    """An event of CloudEvents 1.0. `source` and `id` are the same each time that it is told; `sequence`
    orders the events of one `partitionkey`, as text."""

    specversion: Literal["1.0"]
    id: str
    source: str
    type: EventType
    subject: Annotated[str, Field(description="The reading's id; of a reset machine and meter")]
    time: IsoTime
    datacontenttype: Literal["application/json"]
    partitionkey: Annotated[str, Field(description="The company and the machine")]
    sequence: str
    data: FedReadingJson
