"""Rounds of mails, and whom no mail brings any further."""

from typing import Annotated

from meterportal.domain.mailing.account import Stop
from meterportal.domain.mailing.mails import Fate, MailState
from meterportal.domain.mailing.requests import RoundKind
from meterportal.domain.portfolio.contracts import ReadingChannel
from meterportal.http import IsoDay, IsoTime, NamedJson
from pydantic import Field
from typing_extensions import TypedDict

from staff_api.answers.reasons import LeftOutJson, ReasonJson
from staff_api.answers.runs import RunJson


class StoppedJson(TypedDict):
    """Why a round's mails wait, and since when."""

    reason: Stop
    at: IsoTime


class RoundJson(RunJson):
    """A round with what became of its mails."""

    kind: RoundKind
    dry_run: bool
    due_on: IsoDay | None
    not_due: Annotated[int, Field(description="Contracts that were not due")]
    planned: int
    waiting: Annotated[int, Field(description="Still on their way to the mail system")]
    left: Annotated[int, Field(description="Could not be handed over")]
    sent: int
    failed: Annotated[int, Field(description="Undeliverable, in doubt and left")]
    undeliverable: int
    in_doubt: int
    skipped: Annotated[int, Field(description="Nothing was left to ask")]
    bounced: int
    stopped: StoppedJson | None


class RoundsJson(TypedDict):
    """Rounds, newest first."""

    rounds: list[RoundJson]
    next_cursor: str | None


class MailJson(TypedDict):
    """A mail of a round."""

    mailbox_masked: str
    companies: int
    contracts: int
    contract_ids: list[str]
    company_ids: list[str]
    contact_ids: Annotated[list[str], Field(description="Whom it reaches at this address")]
    machines: int
    state: MailState
    sent_at: str | None
    delivery: Fate | None
    left: Annotated[bool, Field(description="Not handed over; waits until somebody starts again")]
    problem: str | None
    fell_out: list[LeftOutJson]


class PreviewJson(TypedDict):
    """A mail as its reader would get it; its link and its code open nothing."""

    to: str
    sender: str
    reply_to: str
    subject: str
    language: str
    block: Annotated[str, Field(description="The text block that it is made of")]
    html: str
    text: str


class TestMailJson(TypedDict):
    """Where a test mail goes."""

    to: str


class RoundPageJson(RoundJson):
    """A round with a part of its mails and of the contracts left out."""

    mails: list[MailJson]
    left_out: list[LeftOutJson]
    next_cursor: str | None


class CalledContactJson(NamedJson):
    """Whom to call."""

    phone: str | None
    email: str


class CalledMachineJson(TypedDict):
    """A machine to ask about; `missing` are labels of meters."""

    id: str
    serial: str
    model: str
    location: str
    missing: list[str]


class CallJson(TypedDict):
    """A contract that no mail brings any further, or that reports in another way."""

    company: NamedJson
    contract: NamedJson
    reading_channel: ReadingChannel
    due_on: IsoDay | None
    contacts: list[CalledContactJson]
    machines: list[CalledMachineJson]
    reasons: list[ReasonJson]
    mailed_on: IsoDay | None


class PhoneListJson(TypedDict):
    """Whom to call, by due date."""

    calls: list[CallJson]
    next_cursor: str | None
