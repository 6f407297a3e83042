"""The states of a mail: planned, being sent, sent; and what the mail system reports of it later."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from enum import StrEnum

from meterportal.domain.frozen import frozen
from meterportal.domain.mailing.marks import ANNOUNCEMENT
from meterportal.domain.mailing.requests import Request
from meterportal.domain.mailing.text_blocks import ESTIMATE, REMINDER, REQUEST
from meterportal.domain.portfolio.readiness import Reason


class MailState(StrEnum):
    """proposed: part of a dry run, never sent. skipped: nothing was left to ask. undeliverable:
    refused by the mail system. in_doubt: the sender stopped after claiming it; only an event can
    show whether it was sent."""

    PROPOSED = "proposed"
    PLANNED = "planned"
    SENDING = "sending"
    IN_DOUBT = "in_doubt"
    SENT = "sent"
    SKIPPED = "skipped"
    UNDELIVERABLE = "undeliverable"


class Stream(StrEnum):
    """What goes out together: the mails of rounds, and single mails, which somebody waits for. Each has a
    configuration set of its own at the mail system."""

    ROUNDS = "rounds"
    SINGLE = "single"


class MailKind(StrEnum):
    """What a mail is for; its events name it."""

    REQUEST = "request"
    REMINDER = "reminder"
    ANNOUNCEMENT = "announcement"
    RECEIPT = "receipt"
    NEW_LINK = "new_link"
    PASSWORD_LINK = "password_link"  # noqa: S105 - no password
    NOTICE = "notice"
    QUESTION = "question"
    TEST = "test"

    @property
    def stream(self) -> Stream:
        in_round = self in {MailKind.REQUEST, MailKind.REMINDER, MailKind.ANNOUNCEMENT}
        return Stream.ROUNDS if in_round else Stream.SINGLE


class Fate(StrEnum):
    """What happened to a sent mail, by the mail system's events. Later members outweigh earlier
    ones, so the order in which events arrive does not matter. A mail that was delivered cannot have
    bounced: a soft bounce after that is an automatic reply.

    content_refused: the reader's server took it for spam, or did not want what stood in it.
    address_unknown: there is no such mailbox. suppressed: SES sent nothing, because the address stands on
    one of its lists."""

    ACCEPTED = "accepted"
    DELAYED = "delayed"
    SOFT_BOUNCED = "soft_bounced"
    CONTENT_REFUSED = "content_refused"
    MAILBOX_FULL = "mailbox_full"
    DELIVERED = "delivered"
    UNDETERMINED = "undetermined"
    REJECTED = "rejected"
    NOT_RENDERED = "not_rendered"
    BOUNCED = "bounced"
    ADDRESS_UNKNOWN = "address_unknown"
    SUPPRESSED = "suppressed"
    COMPLAINED = "complained"

    @property
    def outweighed(self) -> tuple[Fate, ...]:
        """The fates that this one replaces."""
        return tuple(Fate)[: tuple(Fate).index(self)]


ERASED = "erased-"
"""Begins what stands in a round instead of the address of an erased person."""

HARD = frozenset({Fate.BOUNCED, Fate.ADDRESS_UNKNOWN, Fate.SUPPRESSED})
"""The address takes no mail."""

_BOUNCED = HARD | {
    Fate.SOFT_BOUNCED,
    Fate.CONTENT_REFUSED,
    Fate.MAILBOX_FULL,
    Fate.UNDETERMINED,
}


BLOCKS = {
    MailKind.REQUEST: REQUEST,
    MailKind.REMINDER: REMINDER,
    MailKind.ANNOUNCEMENT: ESTIMATE,
}
"""The text block of each kind that a round sends."""


@frozen
class OutboxMail:
    """One mail of one round to one mailbox. `attempts` counts claims; `link` is the fingerprint of
    the link made by the last claim; `dropped` are the contracts that were dropped before sending,
    with their reasons; `left`: its last delivery failed, and it waits until somebody queues it
    again."""

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
    left: bool = False
    sent_at: datetime | None = None

    @property
    def announces(self) -> bool:
        """Whether it announces an estimate."""
        return any(request.reminder == ANNOUNCEMENT for request in self.requests)

    @property
    def kind(self) -> MailKind:
        if self.announces:
            return MailKind.ANNOUNCEMENT
        reminds = any(request.reminder for request in self.requests)
        return MailKind.REMINDER if reminds else MailKind.REQUEST

    @property
    def block(self) -> str:
        """The name of the text block with its words."""
        return BLOCKS[self.kind]

    @property
    def erased(self) -> bool:
        """Whether it went to somebody who was erased since."""
        return self.mailbox.startswith(ERASED) and "@" not in self.mailbox

    def state_at(self, now: datetime) -> MailState:
        """The state to show: a claim whose lease has ended is in doubt."""
        dead = self.lease_until is not None and self.lease_until < now
        return MailState.IN_DOUBT if self.state is MailState.SENDING and dead else self.state


_WAITING = {MailState.PLANNED, MailState.SENDING}


def totals(mails: Iterable[OutboxMail], now: datetime) -> dict[str, int]:
    """The numbers of a round, counted from its mails.

    planned: all mails of the round; waiting: not handed to the mail system yet; failed: somebody
    has to look (undeliverable, in doubt and left); bounced: sent, and returned.
    """
    names = "planned waiting left sent failed undeliverable in_doubt skipped bounced"
    counts = dict.fromkeys(names.split(), 0)
    for mail in mails:
        state = mail.state_at(now)
        counts["planned"] += 1
        left = mail.left and state is MailState.PLANNED
        counts["left"] += left
        counts["waiting"] += state in _WAITING and not left
        for counted in (
            MailState.SENT,
            MailState.UNDELIVERABLE,
            MailState.IN_DOUBT,
            MailState.SKIPPED,
        ):
            counts[counted.value] += state is counted
        counts["bounced"] += mail.fate in _BOUNCED
    counts["failed"] = counts["undeliverable"] + counts["in_doubt"] + counts["left"]
    return counts


def masked(address: str) -> str:
    """An address that may be shown to others: m***@muster.example."""
    local, at, domain = address.rpartition("@")
    return f"{local[:1]}***{at}{domain}"
