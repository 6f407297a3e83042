"""What the ERP has to learn of a contact or a contract, field by field."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from enum import StrEnum
from typing import Literal

from meterportal.domain.frozen import frozen
from meterportal.domain.portfolio.contracts import Contact, Contract

OwedField = Literal["contact", "email", "phone", "active", "reading_channel", "reporters"]


class MendedKind(StrEnum):
    """What staff change of what the ERP brings."""

    CONTACT = "CONTACT"
    CONTRACT = "CONTRACT"


@frozen
class MendedRecord:
    """A contact or contract of which the ERP has to learn something."""

    kind: MendedKind
    company_id: str
    number: str


@frozen
class Owed:
    """A field with what the ERP says and what counts here. "contact": the ERP does not know the person;
    channels are codes, reporters "name (number)"."""

    field: OwedField
    in_erp: str | bool | None
    here: str | bool | None


def owed_of_contact(contact: Contact) -> list[Owed]:
    if contact.from_portal:
        found = [
            Owed("contact", None, contact.name),
            Owed("email", None, contact.email),
            Owed("phone", None, contact.phone),
        ]
        return [one for one in found if one.here] if contact.active else []
    words: Sequence[tuple[OwedField, str | bool | None, str | bool]] = (
        ("email", contact.email_in_erp, contact.email),
        ("phone", contact.phone_in_erp, contact.phone),
        ("active", contact.active_in_erp, contact.active),
    )
    return [Owed(name, in_erp, here) for name, in_erp, here in words if in_erp is not None]


def owed_of_contract(contract: Contract, names: Mapping[str, str]) -> list[Owed]:
    """`names` are those of contacts by number."""
    found = []
    if contract.channel_in_erp is not None:
        channel, said = contract.reading_channel.value, contract.channel_in_erp.value
        found.append(Owed("reading_channel", said, channel))
    if contract.reporters_in_erp is not None:
        before, after = contract.reporters_in_erp, contract.reporters
        found.append(Owed("reporters", _people(before, names), _people(after, names)))
    return found


def _people(numbers: Sequence[str], names: Mapping[str, str]) -> str:
    return ", ".join(f"{names[one]} ({one})" if one in names else one for one in numbers)
