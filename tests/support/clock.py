"""The application's clock in tests: each test begins at ten o'clock in Berlin on the demo's day.

From there it goes on as time does. So nothing depends on the day or the hour at which the tests run:
no quarter of an hour ends between two attempts that are counted, no day between two requests.
"""

from __future__ import annotations

import time
from datetime import UTC, datetime, timedelta, tzinfo

import meterportal.settings
import meterportal.store.table
import pytest

BEGIN = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)

_started = time.monotonic()


def now() -> datetime:
    """What the application takes for now; aware, UTC."""
    return BEGIN + timedelta(seconds=time.monotonic() - _started)


def forward(by: timedelta) -> None:
    """Lets time pass at once."""
    global _started
    _started -= by.total_seconds()


def begin(monkeypatch: pytest.MonkeyPatch) -> None:
    """Until the end of the test."""
    global _started
    _started = time.monotonic()

    class Clock(datetime):
        @classmethod
        def now(cls, tz: tzinfo | None = None) -> Clock:
            return cls.fromtimestamp(now().timestamp(), tz)

    monkeypatch.setattr(meterportal.settings, "datetime", Clock)
    monkeypatch.setattr(meterportal.store.table, "datetime", Clock)
