"""Sessions and what belongs to an address."""

from typing import Annotated, Literal, NotRequired

from meterportal.domain.mailing.brands import Brand
from meterportal.http import IsoDay, NamedJson, RightsJson
from meterportal.http.overview_json import OverviewJson
from pydantic import Field
from typing_extensions import TypedDict


class ContactJson(TypedDict):
    """Who is signed in."""

    name: str
    email_masked: str


class CompanyJson(NamedJson):
    """A company that the contact may turn to."""

    open: NotRequired[
        Annotated[
            int | None,
            Field(description="Machines to be reported now, with counts=1; null: not counted"),
        ]
    ]
    reported: NotRequired[
        Annotated[
            int | None,
            Field(
                description="Machines reported in their period, with counts=1; null: not counted"
            ),
        ]
    ]


class DealerJson(TypedDict):
    """The dealer whose portal this is. Colours, logo and addresses come with the page's styles."""

    name: str


class SessionJson(TypedDict):
    """Who is signed in, and at which company."""

    contact: ContactJson
    company: NamedJson
    companies: list[CompanyJson]
    rights: RightsJson
    language: Literal["de", "en"]
    has_password: bool
    password_ended: bool
    link_until: Annotated[
        IsoDay | None,
        Field(description="Last day on which the link that led here opens; null for a password"),
    ]
    dealer: DealerJson
    today: IsoDay
    overview: NotRequired[OverviewJson]


class AskedJson(TypedDict):
    """Nothing: a mail goes to the address on file, if there is one."""


class PasswordJson(TypedDict):
    """The password is set."""

    has_password: Literal[True]


def dealer_as_json(brand: Brand, usual_name: str) -> DealerJson:
    return {"name": brand.name or usual_name}
