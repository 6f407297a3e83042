"""People who work in the console."""

from typing import Annotated

from meterportal.http import IsoTime
from pydantic import Field
from typing_extensions import TypedDict


class StaffPersonJson(TypedDict):
    """A person with their groups; invited: has not signed in yet; me: who asks."""

    id: str
    name: str
    email: str
    groups: list[str]
    enabled: bool
    invited: bool
    me: bool
    acted_at: Annotated[IsoTime | None, Field(description="When they last changed something")]
    version: str


class PeopleJson(TypedDict):
    """Everybody, by name."""

    people: list[StaffPersonJson]
