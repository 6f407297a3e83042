"""Companies, contacts and contracts: whose machines are billed, and who reports for them."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum

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


class Interval(StrEnum):
    MONTHLY = "MONTHLY"
    QUARTERLY = "QUARTERLY"
    HALF_YEARLY = "HALF_YEARLY"
    YEARLY = "YEARLY"


class Delivery(StrEnum):
    """What the mail system last said of an address."""

    OK = "ok"
    BOUNCED = "bounced"
    COMPLAINED = "complained"


@dataclass(frozen=True, slots=True)
class PortalRights:
    """Modules of the portal. `service_orders` is "none", "open" or "all"."""

    readings: bool = False
    machines: bool = False
    service_orders: str = "none"


@dataclass(frozen=True, slots=True)
class Company:
    id: str
    name: str
    language: str = "de"
    street: str = ""
    postcode: str = ""
    city: str = ""


@dataclass(frozen=True, slots=True)
class Contact:
    """A person at a company. `email` is kept as the ERP wrote it; `mailbox` is its normal form or None.

    `from_portal`: made here for a successor whom the ERP does not know yet.
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

    @property
    def name(self) -> str:
        return f"{self.first_name} {self.last_name}".strip() or self.id


@dataclass(frozen=True, slots=True)
class Contract:
    """`asked` tells for which slot which contact was asked by which round: {contact_id: round_id};
    `mailed` every mail of that asking (see `marks`), None before there is any.

    `reporters_in_erp` is set while others report than the ERP names: whom it named last.
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

    @property
    def due_on(self) -> date | None:
        """The slot that is open: the earlier of next billing date and contract end."""
        days = [day for day in (self.next_billing_on, self.ends_on) if day]
        return min(days, default=None)

    def running(self, today: date) -> bool:
        return self.ends_on is None or self.ends_on >= today


def reporters_of(contract: Contract, contacts: dict[str, Contact]) -> list[Contact]:
    """The contacts who report for a contract, named ones first in their order.

    Named and active; none named: the role; none: the main contact. A named but inactive contact
    triggers no fallback. `contacts` are all contacts of the contract's company by id.
    """
    if contract.reporters:
        named = [contacts[cid] for cid in contract.reporters if cid in contacts]
        return [contact for contact in named if contact.active]
    active = sorted((c for c in contacts.values() if c.active), key=lambda c: c.id)
    by_role = [contact for contact in active if contact.role == METER_REPORTING]
    return by_role or [contact for contact in active if contact.main]
