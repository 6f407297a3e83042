"""The journal of what staff did."""

from typing import Annotated

from meterportal.domain.access.journal import Action
from meterportal.http import IsoTime, NamedJson
from pydantic import Field
from typing_extensions import TypedDict


class FieldChangeJson(TypedDict):
    """A field of the record; `before` is null for what was not there."""

    field: str
    before: str | int | bool | None
    after: str | int | bool | None


class RecordJson(TypedDict):
    """What was changed: `kind` is contact, reading, machine, round, release, import, export, ..."""

    kind: str
    id: str


class JournalEntryJson(TypedDict):
    """Who did what, when, with the names that company and contact have now."""

    at: IsoTime
    by: Annotated[NamedJson, Field(description="The staff member, named as at that time")]
    action: Action
    text: Annotated[str, Field(description="The action in words")]
    record: RecordJson
    company: NamedJson | None
    contract_id: str | None
    machine_id: str | None
    contact: NamedJson | None
    changes: list[FieldChangeJson]


class ColleaguesJson(TypedDict):
    """Staff by name."""

    colleagues: list[NamedJson]


class JournalJson(TypedDict):
    """Entries, newest first."""

    entries: list[JournalEntryJson]
    next_cursor: str | None
