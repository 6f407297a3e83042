"""The sender's domain and what stands of it in the DNS."""

from typing import Annotated

from meterportal.domain.mailing.sender_records import RecordKind, RecordStanding, RecordUse
from pydantic import Field
from typing_extensions import TypedDict


class SenderRecordJson(TypedDict):
    """A record as it has to be entered, and how it stands."""

    use: RecordUse
    name: str
    type: RecordKind
    value: str
    standing: RecordStanding
    found: Annotated[
        list[str], Field(description="What stands there now, as far as it is of this use")
    ]


class SenderJson(TypedDict):
    """The sender, as the mail system and the DNS know it now."""

    address: str
    domain: str
    known: Annotated[bool, Field(description="The mail system knows the domain as ours")]
    verified: Annotated[bool, Field(description="The mail system sends for the domain")]
    own_dkim: Annotated[bool, Field(description="It signs by keys whose records it names")]
    mail_from: Annotated[
        str, Field(description='Where bounces go to; "" without a name of our own')
    ]
    records: list[SenderRecordJson]
