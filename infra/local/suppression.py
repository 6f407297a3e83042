"""The account's suppression list as SES keeps it: an address that bounced for good or complained gets no
mail until somebody takes it off. It lasts as long as the process."""

from __future__ import annotations

import threading
from collections.abc import Mapping
from typing import Any

_PLACES = {
    "Bounce": ("bounce", "bouncedRecipients"),
    "Complaint": ("complaint", "complainedRecipients"),
}


class SuppressionList:
    """Safe for several threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._held: set[str] = set()

    def note(self, event: Mapping[str, Any]) -> None:
        """Puts the addresses of a hard bounce or a complaint on the list, as SES does before it tells
        anybody. Other events, and what is no event, change nothing."""
        detail = event.get("detail")
        if not isinstance(detail, Mapping):
            return
        part, recipients = _PLACES.get(str(detail.get("eventType")), ("", ""))
        about = detail.get(part)
        if not isinstance(about, Mapping) or about.get("bounceType", "Permanent") != "Permanent":
            return
        if about.get("complaintFeedbackType") == "not-spam":
            return
        for one in about.get(recipients) or ():
            with self._lock:
                self._held.add(str(one.get("emailAddress", "")).casefold())

    def holds(self, address: str) -> bool:
        return address.casefold() in self._held

    def take_off(self, address: str) -> bool:
        """Whether the address stood there."""
        with self._lock:
            held = self.holds(address)
            self._held.discard(address.casefold())
        return held
