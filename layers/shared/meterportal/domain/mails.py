"""A mail's way: planned, being sent, sent; and what the mail system says of it afterwards."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from meterportal.domain.readiness import Reason
from meterportal.domain.requests import Request


class MailState(StrEnum):
    """proposed: of a dry run, never sent. skipped: nothing was left to ask. undeliverable: refused
    by the mail system. in_doubt: the sender broke off after claiming it; only an event can tell."""

    PROPOSED = "proposed"
    PLANNED = "planned"
    SENDING = "sending"
    IN_DOUBT = "in_doubt"
    SENT = "sent"
    SKIPPED = "skipped"
    UNDELIVERABLE = "undeliverable"


class Fate(StrEnum):
    """What became of a sent mail, from the mail system's events. Later members outweigh earlier
    ones, so that the order in which events arrive does not matter."""

    ACCEPTED = "accepted"
    DELAYED = "delayed"
    DELIVERED = "delivered"
    SOFT_BOUNCED = "soft_bounced"
    REJECTED = "rejected"
    NOT_RENDERED = "not_rendered"
    BOUNCED = "bounced"
    COMPLAINED = "complained"

    @property
    def rank(self) -> int:
        return list(Fate).index(self) + 1


@dataclass(frozen=True, slots=True)
class OutboxMail:
    """One mail of one round to one mailbox. `attempts` counts claims; `link` is the fingerprint of
    the link that the last claim made; `dropped` tells which contracts fell out before sending."""

    round_id: str
    mailbox: str
    state: MailState
    requests: tuple[Request, ...]
    planned_at: datetime
    attempts: int = 0
    lease_until: datetime | None = None
    link: str = ""
    message_id: str = ""
    fate: Fate | None = None
    problem: str = ""
    dropped: tuple[tuple[str, tuple[Reason, ...]], ...] = ()

    def state_at(self, now: datetime) -> MailState:
        """The state as people should see it: a claim whose lease has run out is in doubt."""
        dead = self.lease_until is not None and self.lease_until < now
        return MailState.IN_DOUBT if self.state is MailState.SENDING and dead else self.state


_WAITING = {MailState.PLANNED, MailState.SENDING}


def totals(mails: Iterable[OutboxMail], now: datetime) -> dict[str, int]:
    """A round in numbers, derived from its mails.

    planned: all mails of the round; waiting: still on their way to the mail system; failed: what
    needs somebody's attention (undeliverable and in doubt); bounced: sent, and come back.
    """
    counts = dict.fromkeys(
        ("planned", "waiting", "sent", "failed", "undeliverable", "in_doubt", "skipped", "bounced"),
        0,
    )
    for mail in mails:
        state = mail.state_at(now)
        counts["planned"] += 1
        counts["waiting"] += state in _WAITING
        for one in (MailState.SENT, MailState.UNDELIVERABLE, MailState.IN_DOUBT, MailState.SKIPPED):
            counts[one.value] += state is one
        counts["bounced"] += mail.fate in {Fate.BOUNCED, Fate.SOFT_BOUNCED}
    counts["failed"] = counts["undeliverable"] + counts["in_doubt"]
    return counts


def masked(address: str) -> str:
    """An address as it may be shown beside others: m***@muster.example."""
    local, at, domain = address.rpartition("@")
    return f"{local[:1]}***{at}{domain}"
