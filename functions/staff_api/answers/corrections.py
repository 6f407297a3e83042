"""What the ERP has to learn."""

from typing import Annotated, Literal

from meterportal.domain.portfolio.corrections import OwedField
from meterportal.http import IsoTime, NamedJson
from pydantic import Field
from typing_extensions import TypedDict


class OwedJson(TypedDict):
    """A field; `in_erp` is null for what the ERP does not know."""

    field: OwedField
    in_erp: str | bool | None
    here: str | bool | None


class CorrectionJson(TypedDict):
    """A contact or contract that was changed here, with its version; `at` is null for changes of
    earlier releases."""

    kind: Literal["contact", "contract"]
    id: str
    name: str
    company: NamedJson
    version: int
    at: IsoTime | None
    by: Annotated[NamedJson | None, Field(description="Who changed it last")]
    changes: list[OwedJson]


class CorrectionsJson(TypedDict):
    """Corrections, the oldest first."""

    corrections: list[CorrectionJson]
    next_cursor: str | None
