"""Reminding in tests: rounds of that kind, days that pass, the marks on contracts."""

from __future__ import annotations

import importlib
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from meterportal.adapters import Adapters
from meterportal.domain.mailing.marks import Mailed, mailed
from meterportal.domain.portfolio.contracts import Contract
from meterportal.settings import Moment
from meterportal.store.portfolio import holdings

from tests.support.requesting import ask, show
from tests.support.stage import Context, Stage

REMINDER = {"kind": "reminder", "early": True}
"""Most tests remind on the day of the request."""
ASKED_ON = date(2026, 11, 23)
_ALL = ("staff_api.rounds", "plan_requests.app", "send_mail.app")


def on(monkeypatch: pytest.MonkeyPatch, day: date) -> None:
    """Live on another day, at eight in the morning."""
    at = Moment(datetime(day.year, day.month, day.day, 7, tzinfo=UTC), day)
    for name in _ALL:
        monkeypatch.setattr(importlib.import_module(name), "moment", lambda: at)


def days_after(monkeypatch: pytest.MonkeyPatch, days: int) -> None:
    on(monkeypatch, ASKED_ON + timedelta(days=days))


def remind(stage: Stage, selection: Any = None, **more: Any) -> Any:
    return ask(stage, selection, **(REMINDER | more))


def fire(stage: Stage, day: date) -> Any:
    """The morning's schedule; its round of reminders."""
    event = {"kind": "daily_plan", "scheduled_at": f"{day.isoformat()}T06:00:00Z"}
    made = stage.handler("plan_requests")(event, Context())
    stage.drain()
    return show(stage, made["reminders_id"])


def contract_of(adapters: Adapters, number: str, company: str = "100001") -> Contract:
    return holdings.contracts(adapters.table, [(company, number)])[number]


def marks_of(adapters: Adapters, number: str, company: str = "100001") -> list[Mailed]:
    return mailed(contract_of(adapters, number, company), f"5{company[1:]}")
