"""A person's data and their erasure."""

from typing import Annotated, Any, Literal

from meterportal.http import IsoTime, NamedJson
from pydantic import Field
from typing_extensions import TypedDict


class PersonalDataJson(TypedDict):
    """A part of a person's data: rows by kind, as they are stored."""

    contact_id: str
    as_of: IsoTime
    data: dict[str, list[dict[str, Any]]]
    next_cursor: str | None


class ErasedJson(TypedDict):
    """How far an erasure has come, in pieces; or, of a dry run, what would go. `shared_address`:
    others stand at the address, which stays theirs."""

    contact_id: str
    state: Literal["dry_run", "running", "done"]
    done: int
    of: int
    shared_address: bool
    waits: Annotated[str | None, Field(description="What it waits for just now, in words")]
    counts: Annotated[dict[str, int], Field(description="Of a dry run: rows by kind")]
    next_cursor: str | None


class ErasureJson(TypedDict):
    """An erasure, of which the numbers are left."""

    contact_id: str
    company_id: str
    at: IsoTime
    by: NamedJson
    state: Literal["running", "done"]


class ErasuresJson(TypedDict):
    """Erasures, newest first."""

    erasures: list[ErasureJson]
    next_cursor: str | None


class ReadmittedJson(TypedDict):
    """Whom the next import may bring back."""

    contact_id: str
