"""What belongs to one machine: its history, its instructions, photos, stickers, who reports for it."""

from typing import Annotated, Literal

from meterportal.domain.portfolio.machines import MeterKind
from meterportal.domain.reporting.help.pages import Match
from meterportal.domain.reporting.successors import SuccessorState
from meterportal.http import LocationJson
from meterportal.http.history_json import PastReadingJson
from pydantic import Field
from typing_extensions import TypedDict

from customer_api.answers.machines import CardJson


class PastMeterJson(TypedDict):
    """A meter with its values, newest first."""

    id: str
    label: str
    kind: MeterKind
    unit: str
    readings: list[PastReadingJson]


class HistoryJson(TypedDict):
    """Readings by meter, newest first."""

    machine_id: str
    machine: CardJson
    meters: list[PastMeterJson]


class PictureJson(TypedDict):
    """A drawing beside the steps."""

    src: str
    alt: str


class MeterPlaceJson(TypedDict):
    """Where a meter's number stands."""

    id: str
    label: str
    display_label: str
    where: str


class InstructionsJson(TypedDict):
    """Steps, and where each meter's number stands."""

    machine_id: str
    maker: str
    model: str
    match: Match
    title: str
    steps: list[str]
    picture: PictureJson | None
    machine: CardJson
    meters: list[MeterPlaceJson]


class UploadJson(TypedDict):
    """The request that hands a photo over."""

    method: Literal["PUT"]
    url: Annotated[str, Field(json_schema_extra={"format": "uri-reference"})]
    headers: dict[str, str]


class AnnouncedPhotoJson(TypedDict):
    """Where to put the photo."""

    photo_id: str
    upload: UploadJson


class StickerJson(TypedDict):
    """A machine with the code that opens its card."""

    machine_id: str
    serial: str
    model: str
    customer_no: str
    location: LocationJson
    url: Annotated[str, Field(json_schema_extra={"format": "uri"})]
    size: Annotated[int, Field(description="Side of the drawing, its empty margin included")]
    path: Annotated[str, Field(description="SVG path data of the dark modules")]


class StickersJson(TypedDict):
    """Stickers in walking order."""

    stickers: list[StickerJson]
    next_cursor: str | None


class AskedSuccessorJson(TypedDict):
    """The request as it stands."""

    id: str
    state: SuccessorState
    contract_ids: list[str]
