"""The account as SES keeps it: sandbox, paused, the quota of a day. Free of all of them until told
otherwise; it lasts as long as the process."""

from __future__ import annotations

import threading
from collections.abc import Mapping
from typing import Any

_KINDS = {"sandbox": bool, "paused": bool, "quota": int, "sent": int, "rate": int}


class MailAccount:
    """Safe for several threads. Mails of the last 24 hours are those since the start, plus what it is
    told; a pause or a quota is met at once, whatever the application has read before."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self.reset()

    def reset(self) -> None:
        """The account that everything works with."""
        with self._lock:
            self._sandbox, self._paused = False, False
            self._quota, self._sent, self._rate = 50_000, 0, 14

    def tell(self, state: Mapping[str, Any]) -> None:
        """Changes what is named: `sandbox` and `paused` (true or false), `quota` and `sent` (mails in 24
        hours), `rate` (mails a second). Raises ValueError for anything else."""
        for name, value in state.items():
            kind = _KINDS.get(name)
            if kind is None or type(value) is not kind:
                raise ValueError(name)
        with self._lock:
            for name, value in state.items():
                setattr(self, f"_{name}", value)

    def as_json(self) -> dict[str, Any]:
        """The answer to GetAccount, as far as this application reads it."""
        with self._lock:
            return {
                "ProductionAccessEnabled": not self._sandbox,
                "SendingEnabled": not self._paused,
                "EnforcementStatus": "HEALTHY",
                "SendQuota": {
                    "Max24HourSend": float(self._quota),
                    "MaxSendRate": float(self._rate),
                    "SentLast24Hours": float(self._sent),
                },
            }

    def refuses(self, to: str) -> tuple[str, str] | None:
        """SES's error code and words for a mail that it does not take; one that it takes is counted."""
        with self._lock:
            if self._paused:
                return "SendingPausedException", "Email sending is disabled."
            if self._sent >= self._quota:
                return "LimitExceededException", "Daily message quota exceeded."
            if self._sandbox:
                words = "Email address is not verified. The following identities failed the check: "
                return "MessageRejected", words + to
            self._sent += 1
        return None
