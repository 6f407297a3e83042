"""Types of answers that both APIs share.

TypedDict is that of typing_extensions, which pydantic asks for below Python 3.12. Modules of answers
do without postponed annotations: each of those would be compiled when a function starts.
"""

from typing import Annotated, Literal

from pydantic import WithJsonSchema
from typing_extensions import TypedDict

from meterportal.domain.portfolio.contracts import Company, PortalRights
from meterportal.domain.portfolio.machines import Effective, Location

IsoDay = Annotated[str, WithJsonSchema({"type": "string", "format": "date"})]
"""A date as text."""

IsoTime = Annotated[str, WithJsonSchema({"type": "string", "format": "date-time"})]
"""A moment as text."""


class NamedJson(TypedDict):
    """Somebody or something with its number."""

    id: str
    name: str


class LocationJson(TypedDict):
    """Where a machine stands."""

    site: str
    building: str
    floor: str
    room: str


class RightsJson(TypedDict):
    """The modules of the portal that a contact may use."""

    readings: bool
    machines: bool
    service_orders: Literal["none", "open", "all"]


class PersonJson(TypedDict):
    """Who reported a value; `me`: the contact who asks."""

    name: str
    me: bool


class LastJson(TypedDict):
    """The last value before the one in question."""

    value: int
    read_on: IsoDay
    estimated: bool


def company_as_json(company: Company) -> NamedJson:
    return {"id": company.id, "name": company.name}


def last_as_json(last: Effective | None) -> LastJson | None:
    if last is None:
        return None
    return {
        "value": last.value,
        "read_on": last.read_on.isoformat(),
        "estimated": last.estimated,
    }


def location_as_json(place: Location) -> LocationJson:
    return {
        "site": place.site,
        "building": place.building,
        "floor": place.floor,
        "room": place.room,
    }


def rights_as_json(rights: PortalRights) -> RightsJson:
    return {
        "readings": rights.readings,
        "machines": rights.machines,
        "service_orders": rights.service_orders,
    }
