"""What is stored under a person's addresses, as the export of their data and their erasure see it. `place`
and `row` are what the store finds it by and keeps of it; nobody else reads them.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from enum import StrEnum
from typing import Any

from meterportal.domain.frozen import frozen
from meterportal.domain.mailing.mails import Fate, MailState


class TraceKind(StrEnum):
    """What stands under an address, by its name in the export."""

    LINK = "links"
    SESSION = "sessions"
    PASSWORD_LINK = "password_links"  # noqa: S105 - a name in the export
    NOTICE = "notices"
    RECEIPT = "receipts"


@frozen
class AddressTrace:
    """A row under an address. `told` is what it holds, `round_id` the round of a mail that it came with,
    `company_id` whose receipt it is ("": none)."""

    kind: TraceKind
    place: tuple[str, str]
    told: Mapping[str, Any]
    round_id: str = ""
    company_id: str = ""


_SINGLE = ("link-", "password-", "notice-", "receipt-", "question-")


def single_rounds(traces: Iterable[AddressTrace]) -> list[str]:
    """The round ids of an address's single mails: each has a link, or was a notice."""
    numbers = dict.fromkeys(trace.round_id for trace in traces)
    return [number for number in numbers if number.startswith(_SINGLE)]


@frozen
class MailTrace:
    """A mail of a round to an address. Moments are ISO text as they were stored; `link` is the
    fingerprint of its link ("": none)."""

    round_id: str
    state: MailState
    fate: Fate | None
    planned_at: str
    sent_at: str | None
    message_id: str | None
    contract_ids: Sequence[str]
    link: str
    row: Mapping[str, Any]
