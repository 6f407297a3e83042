"""Receipts in tests: time that passes, and what is sent once a contact has come to rest."""

from __future__ import annotations

import importlib
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from meterportal.domain.receipts import OpenReceipt
from meterportal.doors import Doors
from meterportal.settings import Moment
from meterportal.store import keys, receipts

from tests.conftest import TODAY
from tests.customers import CLARA
from tests.stage import Context, Stage

EVENT = {"kind": "receipts", "scheduled_at": "2026-11-23T09:05:00Z"}
_BEHIND = ("queue_receipts.app", "send_mail.app")


def wait(monkeypatch: pytest.MonkeyPatch, minutes: float) -> None:
    """Let time pass for what runs behind the pages."""

    def later() -> Moment:
        return Moment(datetime.now(UTC) + timedelta(minutes=minutes), TODAY)

    for name in _BEHIND:
        monkeypatch.setattr(importlib.import_module(name), "moment", later)


def sweep(stage: Stage) -> int:
    """The schedule fires; how many receipts were queued."""
    queued: int = stage.handler("queue_receipts")(EVENT, Context())["queued"]
    return queued


def settle_receipts(stage: Stage) -> int:
    """The schedule fires and everything queued runs; how many receipts were queued."""
    queued = sweep(stage)
    stage.drain()
    return queued


def waiting(doors: Doors, mailbox: str = CLARA, company_id: str = "10000") -> OpenReceipt | None:
    """The receipt that waits."""
    return receipts.unpack(doors.table.get(*keys.receipt(mailbox, company_id)))


def message_of(receipt: OpenReceipt) -> dict[str, Any]:
    return {
        "schema": 1,
        "kind": "receipt",
        "mailbox": receipt.mailbox,
        "company_id": receipt.company_id,
        "opened_at": receipt.opened_at.isoformat(),
    }
