"""Companies, contacts and contracts: whose machines are billed, and who reports for them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import field, replace
from datetime import date
from enum import StrEnum
from typing import Literal

from meterportal.domain.frozen import frozen

METER_REPORTING = "meter_reporting"


class ReadingChannel(StrEnum):
    """How the counters of a contract arrive. Only PORTAL is asked by mail."""

    PORTAL = "PORTAL"
    MPS = "MPS"
    TECHNICIAN = "TECHNICIAN"
    PHONE = "PHONE"
    EMAIL = "EMAIL"
    LETTER = "LETTER"
    ESTIMATE = "ESTIMATE"

    # That of its text. Enum's own is a function in Python, and every entry of a history has a channel.
    __hash__ = str.__hash__


class Interval(StrEnum):
    MONTHLY = "MONTHLY"
    QUARTERLY = "QUARTERLY"
    HALF_YEARLY = "HALF_YEARLY"
    YEARLY = "YEARLY"


class Delivery(StrEnum):
    """The last report of the mail system about an address."""

    OK = "ok"
    BOUNCED = "bounced"
    COMPLAINED = "complained"


@frozen
class PortalRights:
    """Modules of the portal."""

    readings: bool = False
    machines: bool = False
    service_orders: Literal["none", "open", "all"] = "none"


@frozen
class Company:
    """`rev` counts the writes of the stored item, here as at contacts and contracts; who compares two
    of them means what they say."""

    id: str
    name: str
    language: str = "de"
    street: str = ""
    postcode: str = ""
    city: str = ""
    rev: int = field(default=0, compare=False)


@frozen
class Contact:
    """A person at a company. `email` is the ERP's text; `mailbox` is its normal form or None.

    `from_portal`: created here for a successor whom the ERP does not know yet. `email_in_erp`,
    `phone_in_erp` and `active_in_erp` are what the ERP says while staff set something else; None while
    it says the same. `mended_at` (ISO, UTC) and `mended_by` (a staff id) tell of the last such change.
    `former_mailboxes` are the addresses that the contact had before: what stands under them is theirs,
    too, as long as nobody else has them.
    """

    id: str
    company_id: str
    salutation: str = ""
    first_name: str = ""
    last_name: str = ""
    email: str = ""
    mailbox: str | None = None
    role: str = ""
    language: str = ""
    active: bool = True
    main: bool = False
    phone: str = ""
    rights: PortalRights | None = None
    from_portal: bool = False
    email_in_erp: str | None = None
    phone_in_erp: str | None = None
    active_in_erp: bool | None = None
    former_mailboxes: tuple[str, ...] = field(default=(), compare=False)
    mended_at: str = field(default="", compare=False)
    mended_by: str = field(default="", compare=False)
    rev: int = field(default=0, compare=False)

    @property
    def name(self) -> str:
        return f"{self.first_name} {self.last_name}".strip() or self.id

    def remembering(self, before: Contact) -> Contact:
        """The contact with the address that it had `before` among its former ones."""
        known = {*before.former_mailboxes, before.mailbox} - {None, self.mailbox}
        return replace(self, former_mailboxes=tuple(sorted(one for one in known if one)))


@frozen
class Contract:
    """`asked` says which round asked which contact for the period `asked_for`: {contact_id:
    round_id}. `mailed` holds every mail about that period (see `marks`), None before there is any.

    `reporters_in_erp` is set while other contacts report than the ERP names: those it named last;
    `channel_in_erp` while staff set another channel than the ERP says. `mended_at` and `mended_by` as
    at contacts.
    """

    id: str
    company_id: str
    name: str = ""
    starts_on: date | None = None
    ends_on: date | None = None
    interval: Interval | None = None
    next_billing_on: date | None = None
    reading_channel: ReadingChannel = ReadingChannel.PORTAL
    reporters: tuple[str, ...] = ()
    reporters_in_erp: tuple[str, ...] | None = None
    asked_for: date | None = None
    asked: dict[str, str] = field(default_factory=dict)
    mailed: dict[str, str] | None = None
    channel_in_erp: ReadingChannel | None = None
    mended_at: str = field(default="", compare=False)
    mended_by: str = field(default="", compare=False)
    rev: int = field(default=0, compare=False)

    @property
    def due_on(self) -> date | None:
        """The due date of the open period: the earlier of next billing date and contract end."""
        days = [day for day in (self.next_billing_on, self.ends_on) if day]
        return min(days, default=None)

    def running(self, today: date) -> bool:
        return self.ends_on is None or self.ends_on >= today


def reporters_of(contract: Contract, contacts: Mapping[str, Contact]) -> list[Contact]:
    """The contacts who report for a contract; named ones come first, in their order.

    They are the named contacts who are active. If none is named: the contacts with the role. If
    there is none: the main contact. A named but inactive contact triggers no fallback. `contacts`
    are all contacts of the contract's company by id.
    """
    if contract.reporters:
        named = [contacts[cid] for cid in contract.reporters if cid in contacts]
        return [contact for contact in named if contact.active]
    active = sorted((c for c in contacts.values() if c.active), key=lambda c: c.id)
    by_role = [contact for contact in active if contact.role == METER_REPORTING]
    return by_role or [contact for contact in active if contact.main]


def to_carry_over(record: Contact | Contract) -> bool:
    """Whether the ERP still has to learn something of a record."""
    if isinstance(record, Contract):
        return record.channel_in_erp is not None or record.reporters_in_erp is not None
    words = record.email_in_erp, record.phone_in_erp, record.active_in_erp
    return any(word is not None for word in words) or (record.from_portal and record.active)
