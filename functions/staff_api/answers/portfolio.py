"""Contracts, whether they can be asked by mail, and what is done about contacts."""

from typing import Annotated

from meterportal.domain.portfolio.contracts import Delivery, Interval, ReadingChannel
from meterportal.domain.portfolio.progress import PeriodState
from meterportal.domain.portfolio.readiness import Weight
from meterportal.domain.portfolio.standing import ContractStanding
from meterportal.http import IsoDay, NamedJson, RightsJson
from meterportal.http.overview_json import OverviewJson
from pydantic import Field
from typing_extensions import TypedDict

from staff_api.answers.reasons import LeftOutJson, ReasonJson
from staff_api.answers.runs import RunStateJson


class ReporterJson(NamedJson):
    """Who reports for a contract; `granted`: with rights for the portal."""

    email: str
    granted: bool


class MachineCountsJson(TypedDict):
    """Machines of a contract that are asked for."""

    total: int
    reported: int
    released: int


class ContractJson(TypedDict):
    """A contract with what stands in the way of its readings; `state` is that of its period."""

    id: str
    company: NamedJson
    name: str
    reading_channel: ReadingChannel
    interval: Interval | None
    due_on: IsoDay | None
    reporters: list[ReporterJson]
    machines: MachineCountsJson
    state: PeriodState
    asked: bool
    ready: bool
    reasons: list[ReasonJson]
    notes: list[ReasonJson]


class MendedContractJson(TypedDict):
    """A contract as it is after staff changed it."""

    id: str
    version: int
    reading_channel: ReadingChannel
    reporters: list[str]
    carry_over: Annotated[bool, Field(description="The ERP still has to learn of a change")]


class ContractsJson(TypedDict):
    """Contracts by due date."""

    contracts: list[ContractJson]
    next_cursor: str | None


class NoteJson(ReasonJson):
    """What is worth knowing about a contract."""

    contract_id: str
    severity: Weight


class GrantedJson(TypedDict):
    """Rights that a contact has got; `new`: not before."""

    contact_id: str
    company_id: str
    rights: RightsJson
    new: bool


class OutcomeJson(TypedDict):
    """Which contracts are ready, which are not and why, and who got rights."""

    ready: list[str]
    not_ready: list[LeftOutJson]
    notes: list[NoteJson]
    granted: list[GrantedJson]


class StandingContractJson(TypedDict):
    """Where a contract stands before a round; `version` is the contract's `rev`."""

    id: str
    company_id: str
    version: int
    reading_channel: ReadingChannel
    reporters: list[str]
    standing: ContractStanding
    reasons: list[ReasonJson]


class NamedContactJson(NamedJson):
    """Whom a reason names; `delivery` is the state of the address."""

    company_id: str
    version: int
    phone: str
    email: str
    active: bool
    delivery: Delivery


class StandingJson(TypedDict):
    """What stands in the way of contracts. Due is what falls due until `due_by`, unless a round is
    given another day."""

    due_by: IsoDay
    contracts: list[StandingContractJson]
    contacts: list[NamedContactJson]


class CheckProgressJson(TypedDict):
    """How far a running check has come: of chosen contracts these, of the portfolio companies and
    contracts as the newest snapshot counts them."""

    done: int
    of: int


class CheckJson(OutcomeJson, RunStateJson):
    """A part of the outcome of a large check; empty while it runs."""

    id: str
    dry_run: bool
    progress: CheckProgressJson | None
    next_cursor: str | None


class RevokedJson(TypedDict):
    """Nothing of this contact's address opens any more."""

    contact_id: str


class SentLinkJson(TypedDict):
    """To which address the link goes."""

    contact_id: str
    to: str


class ContactViewJson(OverviewJson):
    """What a contact sees; `may_enter`: the portal is open to the contact now."""

    contact: NamedJson
    may_enter: bool
