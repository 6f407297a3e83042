"""The adapter to the account's own state in SES, read at most about once a minute."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from meterportal.domain.mailing.account import SendingAccount

FRESH = timedelta(minutes=1)
"""SES takes one such call a second for the whole account."""


class AccountWatch:
    """Keeps what it has read, also that nothing could be read, for as long as the process lives."""

    def __init__(self, client: Any) -> None:
        self._client = client
        self._read_at: datetime | None = None
        self._account: SendingAccount | None = None

    def look(self, now: datetime, *, after: datetime | None = None) -> SendingAccount | None:
        """The account as read within the last minute, and later than `after`. None when SES does not
        tell: that must not keep anybody from sending."""
        read_at = self._read_at
        fresh = read_at is not None and read_at <= now < read_at + FRESH
        if not fresh or (after is not None and read_at is not None and read_at <= after < now):
            self._account, self._read_at = self._read(), now
        return self._account

    def _read(self) -> SendingAccount | None:
        try:
            told = self._client.get_account()
        except (ClientError, BotoCoreError):
            return None
        quota = told.get("SendQuota", {})
        most = quota.get("Max24HourSend", -1)
        shut = told.get("EnforcementStatus") == "SHUTDOWN"
        return SendingAccount(
            sandbox=not told.get("ProductionAccessEnabled", True),
            sending=bool(told.get("SendingEnabled", True)) and not shut,
            quota=None if most < 0 else most,  # -1 means without a limit
            sent=quota.get("SentLast24Hours", 0),
            rate=quota["MaxSendRate"] if quota.get("MaxSendRate", 0) > 0 else None,
        )
