"""A customer and a machine, with everything that is known of them."""

from typing import Annotated

from meterportal.domain.access.journal import Action
from meterportal.domain.mailing.mails import Fate, MailState
from meterportal.domain.mailing.suppression import HeldBackFor
from meterportal.domain.portfolio.contracts import Delivery, Interval, ReadingChannel
from meterportal.domain.portfolio.machines import MeterKind, ProblemKind
from meterportal.domain.portfolio.progress import PeriodState
from meterportal.domain.portfolio.timelines import Happening
from meterportal.domain.reporting.problems import ProblemState
from meterportal.http import (
    IsoDay,
    IsoTime,
    LocationJson,
    NamedJson,
    RightsJson,
)
from meterportal.http.history_json import PastReadingJson
from pydantic import Field
from typing_extensions import TypedDict

from staff_api.answers.journal import FieldChangeJson
from staff_api.answers.portfolio import MachineCountsJson
from staff_api.answers.read_model import MeterValueJson
from staff_api.answers.reporting import PhotoJson


class CompanyCardJson(TypedDict):
    """A customer of the dealer."""

    id: str
    name: str
    language: str
    street: str
    postcode: str
    city: str


class ContactInErpJson(TypedDict):
    """What the ERP still says of a contact where staff set something else here; null: the same."""

    email: str | None
    phone: str | None
    active: bool | None


class LiftedJson(TypedDict):
    """When staff lifted the block of an address last, and why."""

    at: IsoTime
    reason: str


class HeldBackJson(TypedDict):
    """An address on the mail system's own suppression list."""

    reason: HeldBackFor
    since: IsoTime


class SuppressionJson(TypedDict):
    """Whether the mail system itself holds back what is sent to a contact; null: it does not."""

    address: str
    held_back: HeldBackJson | None


class LatestMailJson(TypedDict):
    """The newest mail to a contact's address about the current periods; `fate`: what the mail system
    told of it."""

    round_id: str
    on: IsoDay
    planned_at: IsoTime
    state: MailState
    fate: Fate | None


class SeenMailJson(TypedDict):
    """A mail as it is composed from today's data, without link and code; `subject` and `text` are null
    where nothing of it is left to ask."""

    round_id: str
    to: str
    planned_at: IsoTime
    state: MailState
    fate: Fate | None
    contract_ids: list[str]
    subject: str | None
    text: str | None


class ContactCardJson(TypedDict):
    """A contact with the rights given and the state of the address; `reports`: the contracts that name
    the contact or fall to it. `in_erp` false: made here; `erp` is null where the ERP says the same."""

    id: str
    version: int
    name: str
    salutation: str
    email: str
    phone: str
    role: str
    language: str
    active: bool
    main: bool
    in_erp: bool
    erp: ContactInErpJson | None
    rights: RightsJson | None
    delivery: Annotated[Delivery | None, Field(description="null: no address that works")]
    delivery_at: str | None
    lifted: LiftedJson | None
    mail: LatestMailJson | None
    reports: list[str]


class SentMailJson(TypedDict):
    """A mail about the contract's current period: number 0 is the request, then the reminders. `opened`:
    its reader has come to the portal since."""

    contact_id: str
    round_id: str
    number: int
    on: IsoDay
    opened: bool


class CarryOverJson(TypedDict):
    """What the ERP still says of a contract: where staff changed it here, somebody has to carry it
    over."""

    reading_channel: ReadingChannel
    reporters: list[str]


class ContractCardJson(TypedDict):
    """A contract of the customer; `state` is that of its current period. `named`: the reporters that the
    contract names; `in_erp` is null where the ERP says the same."""

    id: str
    version: int
    named: list[str]
    in_erp: CarryOverJson | None
    name: str
    reading_channel: ReadingChannel
    interval: Interval | None
    starts_on: IsoDay | None
    ends_on: IsoDay | None
    due_on: IsoDay | None
    reporters: list[str]
    machines: MachineCountsJson
    state: PeriodState
    mails: list[SentMailJson]


class MachineCardJson(TypedDict):
    """A machine with its values in the current period."""

    id: str
    contract_id: str
    serial: str
    maker: str
    model: str
    customer_no: str
    location: LocationJson
    active: bool
    due_on: IsoDay | None
    version: int
    problem: ProblemKind | None
    meters: list[MeterValueJson]


class StaffNoteJson(TypedDict):
    """A note of staff; withdrawable: by who asks, now."""

    id: str
    text: str
    withdrawable: bool


class WithdrawnNoteJson(TypedDict):
    """The note that is gone."""

    id: str


class TimelineEntryJson(TypedDict):
    """Something that happened; `at` is null where only the day is known, `by` where it was nobody in
    particular. `changes` are values by meter, or what an action changed."""

    on: IsoDay
    at: IsoTime | None
    happening: Happening
    action: Action | None
    text: str
    by: NamedJson | None
    reporter: Annotated[NamedJson | None, Field(description="The contact for whom staff did it")]
    contact: NamedJson | None
    contract_id: str | None
    machine_id: str | None
    round_id: str | None
    channel: ReadingChannel | None
    changes: list[FieldChangeJson]
    note: StaffNoteJson | None


class TimelineJson(TypedDict):
    """What happened, newest first."""

    entries: list[TimelineEntryJson]
    next_cursor: str | None


class CompanyPageJson(TypedDict):
    """A customer; machines by the page, in walking order."""

    company: CompanyCardJson
    contacts: list[ContactCardJson]
    contracts: list[ContractCardJson]
    machines: list[MachineCardJson]
    machine_count: int
    next_cursor: str | None
    timeline: TimelineJson


class ExpectedRangeJson(TypedDict):
    """Pages since the last effective value; what lies between `low` and `high` raises no doubt."""

    pages: int
    low: int
    high: int
    days: int


class MachineMeterJson(TypedDict):
    """A meter with its history, newest first; `period` is null where the contract does not bill it."""

    id: str
    label: str
    display_label: str
    kind: MeterKind
    digits: int
    billable: bool
    period: MeterValueJson | None
    expected: ExpectedRangeJson | None
    history: list[PastReadingJson]


class OpenProblemJson(TypedDict):
    """What a contact said of the machine, as long as it matters."""

    id: str
    kind: ProblemKind
    state: ProblemState
    text: str
    meter_id: str | None
    reported_on: IsoDay
    reported_by: NamedJson


class ReleasedValueJson(TypedDict):
    """A released reading: withdrawn until it is `exported`, corrected after that."""

    id: str
    meter_id: str
    value: int
    read_on: IsoDay
    exported: bool


class ExchangeJson(TypedDict):
    """The other machine of a replacement, as it was known on that day."""

    id: str
    serial: str
    on: IsoDay


class MachinePageJson(TypedDict):
    """A machine with its meters, released readings, photos, problem, and the newest changes of its readings."""

    id: str
    company: NamedJson
    contract: NamedJson
    reading_channel: ReadingChannel
    serial: str
    maker: str
    model: str
    customer_no: str
    location: LocationJson
    active: bool
    due_on: IsoDay | None
    state: str
    version: int
    meters: list[MachineMeterJson]
    released: list[ReleasedValueJson]
    provisional: Annotated[bool, Field(description="The ERP has not brought it yet")]
    replaced_by: ExchangeJson | None
    replaces: ExchangeJson | None
    photos: list[PhotoJson]
    problem: OpenProblemJson | None
    timeline: list[TimelineEntryJson]
