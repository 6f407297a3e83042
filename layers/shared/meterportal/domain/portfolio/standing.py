"""Where a contract stands before a round: in exactly one place, so that the numbers add up."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from enum import StrEnum

from meterportal.domain.access.mailboxes import Mailbox
from meterportal.domain.portfolio.contracts import Contact, Contract, ReadingChannel
from meterportal.domain.portfolio.readiness import Reason, judge


class ContractStanding(StrEnum):
    """Without rights: all that is missing is what Portal Ready gives."""

    READY = "ready"
    WITHOUT_RIGHTS = "without_rights"
    NOT_READY = "not_ready"
    OTHER_WAY = "other_way"


def standing_of(
    contract: Contract,
    contacts: Mapping[str, Contact],
    posts: Mapping[str, Mailbox],
    today: date,
) -> tuple[ContractStanding, tuple[Reason, ...]]:
    """Where a contract stands, with the reasons that would leave it out of a round."""
    if contract.reading_channel is not ReadingChannel.PORTAL:
        return ContractStanding.OTHER_WAY, ()
    checked = judge(contract, contacts, posts, today)
    if not checked.ready:
        return ContractStanding.NOT_READY, checked.errors
    missing = judge(contract, contacts, posts, today, sending=True).errors
    return (ContractStanding.WITHOUT_RIGHTS if missing else ContractStanding.READY), missing
