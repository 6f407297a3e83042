"""The account's suppression list as SES keeps it: an address that bounced for good or complained gets no
mail until somebody takes it off. It lasts as long as the process."""

from __future__ import annotations

import threading
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

_PLACES = {
    "Bounce": ("bounce", "bouncedRecipients"),
    "Complaint": ("complaint", "complainedRecipients"),
}


@dataclass(frozen=True, slots=True)
class Listed:
    """`reason` as SES writes it: BOUNCE or COMPLAINT."""

    reason: str
    since: datetime


class SuppressionList:
    """Safe for several threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._held: dict[str, Listed] = {}

    def note(self, event: Mapping[str, Any]) -> None:
        """Puts the addresses of a hard bounce or a complaint on the list, as SES does before it tells
        anybody. Other events, and what is no event, change nothing; who stands there stays as they are."""
        detail = event.get("detail")
        if not isinstance(detail, Mapping):
            return
        kind = str(detail.get("eventType"))
        part, recipients = _PLACES.get(kind, ("", ""))
        about = detail.get(part)
        if not isinstance(about, Mapping) or about.get("bounceType", "Permanent") != "Permanent":
            return
        if about.get("complaintFeedbackType") == "not-spam":
            return
        listed = Listed(kind.upper(), datetime.now(UTC))
        for one in about.get(recipients) or ():
            with self._lock:
                self._held.setdefault(str(one.get("emailAddress", "")).casefold(), listed)

    def holds(self, address: str) -> bool:
        return self.listed(address) is not None

    def listed(self, address: str) -> Listed | None:
        return self._held.get(address.casefold())

    def take_off(self, address: str) -> bool:
        """Whether the address stood there."""
        with self._lock:
            return self._held.pop(address.casefold(), None) is not None
