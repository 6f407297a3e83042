"""Messages that came in, as staff see them."""

from typing import Annotated

from meterportal.domain.mailing.answers.arrived import Outcome, TaskState
from meterportal.domain.portfolio.machines import MeterKind
from meterportal.http import IsoDay, IsoTime, LastJson, LocationJson, NamedJson
from pydantic import Field
from typing_extensions import TypedDict


class AnsweredMeterJson(TypedDict):
    """A meter with the value that a message proposes."""

    id: str
    label: str
    kind: MeterKind
    last: LastJson | None
    value: int | None


class AnsweredMachineJson(TypedDict):
    """A machine that a message has values for, as it is now."""

    id: str
    serial: str
    maker: str
    model: str
    location: LocationJson
    version: int
    meters: list[AnsweredMeterJson]


class AnswerDecisionJson(TypedDict):
    """How a message was finished, and by whom."""

    decision: TaskState
    note: str
    by: str
    at: IsoTime


class MailAnswerJson(TypedDict):
    """A message; of one that is `reported` the values are stored already, and its text is to be read."""

    id: str
    state: TaskState
    outcome: Outcome
    reason: str
    doubts: Annotated[
        list[str], Field(description="Why it was not taken as it is, the gravest first")
    ]
    device: bool
    arrived_at: IsoTime
    sender: str
    subject: str
    text: Annotated[str, Field(description="Plain text, up to 20,000 characters")]
    attachments: Annotated[list[str], Field(description="Names and types; they are never opened")]
    company: NamedJson | None
    contact: NamedJson | None
    read_on: IsoDay | None
    remind_on: Annotated[IsoDay | None, Field(description="A day to come that the text names")]
    machines: list[AnsweredMachineJson]
    decision: AnswerDecisionJson | None


class MailAnswersJson(TypedDict):
    """Messages, newest first."""

    answers: list[MailAnswerJson]
    next_cursor: str | None
