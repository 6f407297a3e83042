"""What contacts have sent and said: photos, problems, successors; and the instructions they see."""

from typing import Annotated

from meterportal.domain.portfolio.machines import MeterKind, ProblemKind
from meterportal.domain.reporting.help.pages import Match
from meterportal.domain.reporting.photos import PhotoKind
from meterportal.domain.reporting.problems import ProblemState
from meterportal.domain.reporting.successors import SuccessorState
from meterportal.http import IsoDay, IsoTime, LocationJson, NamedJson
from pydantic import Field
from typing_extensions import TypedDict


class PhotoJson(TypedDict):
    """A photo of a display; its address is good for 15 minutes."""

    photo_id: str
    meter_id: str
    due_on: IsoDay
    content_type: PhotoKind
    size: int
    sent_by: str
    sent_at: IsoTime
    url: Annotated[str, Field(json_schema_extra={"format": "uri-reference"})]


class PhotosJson(TypedDict):
    """A machine's photos, oldest first."""

    machine_id: str
    photos: list[PhotoJson]


class ProblemMachineJson(TypedDict):
    """The machine of a problem."""

    id: str
    serial: str
    maker: str
    model: str
    customer_no: str
    location: LocationJson
    active: bool


class DecisionJson(TypedDict):
    """What became of a problem, by whom and why."""

    decision: ProblemState
    note: str
    by: str
    at: IsoTime | None


class ReportedProblemJson(TypedDict):
    """A problem that a contact has reported; `decision` is null while it is open."""

    id: str
    state: ProblemState
    kind: ProblemKind
    text: str
    meter_id: str | None
    meter_label: str | None
    machine: ProblemMachineJson
    company: NamedJson
    contract_id: str
    due_on: IsoDay | None
    reported_on: IsoDay
    reported_at: IsoTime
    reported_by: NamedJson
    decision: DecisionJson | None


class ProblemsJson(TypedDict):
    """Problems, newest first."""

    problems: list[ReportedProblemJson]
    next_cursor: str | None


class KnownPersonJson(NamedJson):
    """A contact; `in_erp` false: made here, so the ERP has to learn of the person, too."""

    email: str
    in_erp: bool


class SuccessorJson(TypedDict):
    """A person whom a contact has named; `person` is the contact made of it once approved."""

    id: str
    state: SuccessorState
    company: NamedJson
    contact: KnownPersonJson
    name: str
    email: str
    text: str
    contract_ids: list[str]
    asked_at: IsoTime
    decided_at: IsoTime | None
    decided_by: str | None
    note: str
    person: KnownPersonJson | None
    handed_over: list[str]
    carry_over: Annotated[
        list[str], Field(description="Contracts of which the ERP still has to learn")
    ]


class SuccessorsJson(TypedDict):
    """Successors, newest first."""

    successors: list[SuccessorJson]
    next_cursor: str | None


class HelpTextJson(TypedDict):
    """How to read a counter, in one language; `meters` has a sentence by kind of meter."""

    title: str
    steps: list[str]
    picture: str | None
    meters: dict[str, str]


ShippedHelpJson = TypedDict(
    "ShippedHelpJson",
    {
        "match": Match,
        "from": str,  # a keyword, so that no class can have it
        "title": str,
        "steps": list[str],
        "picture": str | None,
        "meters": dict[MeterKind, str],
    },
)
ShippedHelpJson.__doc__ = "What contacts see where the dealer wrote nothing, and where it stands."


class OwnHelpJson(TypedDict):
    """The dealer's own texts; null: what is shipped."""

    de: HelpTextJson | None
    en: HelpTextJson | None


class WithoutOwnHelpJson(TypedDict):
    """What contacts see without the dealer's own texts."""

    de: ShippedHelpJson
    en: ShippedHelpJson


class HelpPageJson(TypedDict):
    """Reading instructions as staff edit them; `pictures` are the drawings to choose from."""

    model: str
    version: int
    by: str | None
    at: IsoTime | None
    pictures: list[str]
    languages: OwnHelpJson
    without: WithoutOwnHelpJson


class HelpRowJson(TypedDict):
    """A name that has reading instructions; `languages` are those of the dealer's own."""

    model: str
    maker: str | None
    match: Match
    shipped: bool
    languages: list[str]
    version: int
    by: str | None
    at: IsoTime | None


class HelpPictureJson(TypedDict):
    """A shipped drawing."""

    name: str
    src: str
    alt: str


class HelpPagesJson(TypedDict):
    """Everything that has reading instructions, and the drawings that there are."""

    pages: list[HelpRowJson]
    pictures: list[HelpPictureJson]
