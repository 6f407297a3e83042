"""What staff change about contracts and contacts here: who reports, how counters arrive, addresses.

It counts until the ERP says something new. Until then the ERP's own words stand beside it, and somebody
has to carry the change over.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import TypeVar

from meterportal.domain.frozen import frozen
from meterportal.domain.portfolio.contracts import (
    Contact,
    Contract,
    PortalRights,
    ReadingChannel,
)
from meterportal.domain.refusals import ChangedMeanwhile, Conflict, Invalid

_Value = TypeVar("_Value")


class ContractChanged(ChangedMeanwhile):
    """Facts: `version`, the stored one."""

    de = "Dieser Vertrag wurde inzwischen geändert. Bitte sehen Sie ihn neu an."
    en = "This contract has been changed meanwhile. Please look at it again."


class ContactChanged(ChangedMeanwhile):
    """Facts: `version`, the stored one, and `contact`: its `email`, `phone` and `active`."""

    de = "Dieser Ansprechpartner wurde inzwischen geändert. Bitte sehen Sie ihn neu an."
    en = "This contact has been changed meanwhile. Please look at it again."


class AddressKnownElsewhere(Conflict):
    """Other companies have the address, and nobody confirmed it. Facts: `known_at`, a list of
    {"company": {"id", "name"}, "contact": {"id", "name"}}; `places`, the same in words."""

    code = "address_known_elsewhere"
    de = (
        "Diese E-Mail-Adresse steht schon bei {places}. Wer sie liest, sieht dann die Geräte aller "
        "dieser Firmen. Bitte bestätigen Sie, dass das so gemeint ist."
    )
    en = (
        "This e-mail address stands at {places} already. Who reads it will see the machines of all "
        "these companies. Please confirm that you mean it."
    )


class RightsNotGranted(Conflict):
    """Portal Ready gives rights, with the claim on the address; here they are only changed."""

    code = "rights_not_granted"
    de = "Diese Person hat noch keine Rechte im Portal. Portal Ready erteilt sie."
    en = "This person has no rights in the portal yet. Portal Ready grants them."


@frozen
class Mended:
    """The fields of a contract that staff set; None: unchanged."""

    reading_channel: ReadingChannel | None = None
    reporters: tuple[str, ...] | None = None


@frozen
class MendedContact:
    """The fields of a contact that staff set; None: unchanged, "": none. `mailbox` is the normal form
    of `email`; `readings` and `machines` are rights in the portal."""

    email: str | None = None
    mailbox: str | None = None
    phone: str | None = None
    active: bool | None = None
    readings: bool | None = None
    machines: bool | None = None


def mend(contract: Contract, given: Mended, contacts: Mapping[str, Contact]) -> Contract:
    """The contract with what staff set, and the ERP's words kept beside what differs from them.
    `contacts` are all of its company. Raises Invalid for a reporter who is not an active one of these.
    """
    channel = given.reading_channel or contract.reading_channel
    reporters = contract.reporters
    if given.reporters is not None:
        reporters = _known(given.reporters, contacts)
    return replace(
        contract,
        reading_channel=channel,
        channel_in_erp=_beside(channel, contract.reading_channel, contract.channel_in_erp),
        reporters=reporters,
        reporters_in_erp=_beside(reporters, contract.reporters, contract.reporters_in_erp),
    )


def mend_person(contact: Contact, given: MendedContact) -> Contact:
    """The contact with what staff set, and the ERP's words kept beside what differs from them; of a
    contact that the ERP does not know it has said nothing. Rights are ours alone. Raises RightsNotGranted.
    """
    email = contact.email if given.email is None else given.email
    after = replace(
        contact,
        email=email,
        mailbox=contact.mailbox if email == contact.email else given.mailbox,
        phone=contact.phone if given.phone is None else given.phone,
        active=contact.active if given.active is None else given.active,
        rights=_rights(contact, given),
    ).remembering(contact)
    if contact.from_portal:
        return after
    return replace(
        after,
        email_in_erp=_beside(after.email, contact.email, contact.email_in_erp),
        phone_in_erp=_beside(after.phone, contact.phone, contact.phone_in_erp),
        active_in_erp=_beside(after.active, contact.active, contact.active_in_erp),
    )


def _rights(contact: Contact, given: MendedContact) -> PortalRights | None:
    rights = contact.rights
    if given.readings is None and given.machines is None:
        return rights
    if rights is None:
        raise RightsNotGranted(field="rights")
    return replace(
        rights,
        readings=rights.readings if given.readings is None else given.readings,
        machines=rights.machines if given.machines is None else given.machines,
    )


def _beside(now: _Value, before: _Value, in_erp: _Value | None) -> _Value | None:
    """What is to be kept as the ERP's word, None where it says the same as we do."""
    said = before if in_erp is None else in_erp
    return None if now == said else said


def _known(numbers: Sequence[str], contacts: Mapping[str, Contact]) -> tuple[str, ...]:
    for number in numbers:
        if number not in contacts or not contacts[number].active:
            raise Invalid(
                field="reporters",
                de="Einer dieser Melder ist kein aktiver Ansprechpartner der Firma.",
                en="One of these reporters is not an active contact of the company.",
            )
    return tuple(dict.fromkeys(numbers))


# what an import changes


def channel_said(contract: Contract, channel: ReadingChannel) -> Contract:
    """The contract with the channel that the ERP says, if it differs from what it said last."""
    if channel is contract.channel_in_erp:
        return contract
    return replace(contract, reading_channel=channel, channel_in_erp=None)


def as_in_erp(contract: Contract) -> Contract:
    """The contract with the ERP's channel, for one that moves to another company."""
    if contract.channel_in_erp is None:
        return contract
    return replace(contract, reading_channel=contract.channel_in_erp, channel_in_erp=None)


def person_in_erp(contact: Contact) -> Contact:
    """The contact in the words that the ERP used last. Its `mailbox` stays that of the address here."""
    return replace(
        contact,
        email=contact.email if contact.email_in_erp is None else contact.email_in_erp,
        phone=contact.phone if contact.phone_in_erp is None else contact.phone_in_erp,
        active=contact.active if contact.active_in_erp is None else contact.active_in_erp,
    )


def person_said(contact: Contact, said: Contact) -> Contact:
    """The contact `said` by the ERP, with what staff set here where the ERP repeats its last words."""
    after = said
    if contact.email_in_erp is not None:
        if said.email == contact.email_in_erp:
            after = replace(after, email=contact.email, mailbox=contact.mailbox)
        else:
            after = replace(after, email_in_erp=None)
    if contact.phone_in_erp is not None:
        if said.phone == contact.phone_in_erp:
            after = replace(after, phone=contact.phone)
        else:
            after = replace(after, phone_in_erp=None)
    if contact.active_in_erp is not None:
        if said.active is contact.active_in_erp:
            after = replace(after, active=contact.active)
        else:
            after = replace(after, active_in_erp=None)
    return after.remembering(contact)
