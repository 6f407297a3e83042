"""Addresses that no mail reaches."""

from typing import Annotated, Literal

from meterportal.http import IsoTime, NamedJson
from pydantic import Field
from typing_extensions import TypedDict


class AddressedJson(TypedDict):
    """A contact who has the address."""

    contact: NamedJson
    company: NamedJson
    phone: str


class UnreachableAddressJson(TypedDict):
    """An address; `people` are the active contacts who have it, at least one."""

    address: str
    state: Annotated[
        Literal["bounced", "complained"],
        Field(description="It takes no mail, or its owner complained of one as spam"),
    ]
    since: IsoTime | None
    people: list[AddressedJson]


class UnreachableAddressesJson(TypedDict):
    """Addresses, by their letters."""

    addresses: list[UnreachableAddressJson]
    next_cursor: str | None
