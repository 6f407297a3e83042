"""Receipts in tests: time that passes, and what is sent once a contact has come to rest."""

from __future__ import annotations

import importlib
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest
from meterportal.adapters import Adapters
from meterportal.crypto import digest
from meterportal.domain.mailing.mails import OutboxMail
from meterportal.domain.mailing.receipts import OpenReceipt
from meterportal.domain.portfolio.contracts import Company
from meterportal.settings import Moment
from meterportal.store import keys
from meterportal.store.mailing import receipts, rounds
from meterportal.store.portfolio import holdings, machines

from tests.conftest import TODAY
from tests.support import clock
from tests.support.builders import a_contact, a_contract, a_holding, a_machine, settle
from tests.support.customers import CLARA, put
from tests.support.reported import a_reading
from tests.support.stage import Context, Stage

EVENT = {"kind": "receipts", "scheduled_at": "2026-11-23T09:05:00Z"}
PLAUSIBLE = {"1": 10_850, "2": 4_250}
_BEHIND = ("queue_receipts.app", "send_mail.app")


def a_report(stage: Stage, machine_id: str = "200001", **more: Any) -> None:
    """Who is signed in reports a machine by the page's own request."""
    body = {"values": PLAUSIBLE, "version": 1} | more
    answer = put(stage, machine_id, **body)
    assert answer.status == 200, answer.text


def wait(monkeypatch: pytest.MonkeyPatch, minutes: float) -> None:
    """Let time pass for what runs behind the pages."""

    def later() -> Moment:
        return Moment(clock.now() + timedelta(minutes=minutes), TODAY)

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


def waiting(
    adapters: Adapters, mailbox: str = CLARA, company_id: str = "10000"
) -> OpenReceipt | None:
    """The receipt that waits."""
    return receipts.unpack(adapters.table.get(*keys.receipt(mailbox, company_id)))


def message_of(receipt: OpenReceipt) -> dict[str, Any]:
    return {
        "schema": 1,
        "kind": "receipt",
        "mailbox": receipt.mailbox,
        "company_id": receipt.company_id,
        "opened_at": receipt.opened_at.isoformat(),
    }


def somebody_reported(adapters: Adapters, n: int, *, minutes_ago: int = 0) -> dict[str, Any]:
    """A contact at a company of their own has just reported; the message that sends the receipt."""
    company = Company(f"3{n:04d}", f"Firma {n}")
    person = a_contact(f"4{n:04d}", email=f"box{n}@haus.example")
    contract = a_contract(f"6{n:04d}", reporters=(person.id,))
    machine = a_machine(f"7{n:04d}", contract_id=contract.id)
    settle(
        adapters, a_holding(company, contacts=[person], contracts=[contract], machines=[machine])
    )
    reports(adapters, n, 10_850, clock.now() - timedelta(minutes=minutes_ago))
    found = waiting(adapters, f"box{n}@haus.example", company.id)
    assert found is not None
    return message_of(found)


def reports(adapters: Adapters, n: int, value: int, at: datetime) -> None:
    """What their report at a moment writes."""
    company, person = f"3{n:04d}", f"4{n:04d}"
    seen = machines.load(adapters.table, company, f"7{n:04d}")
    assert seen is not None
    reading = a_reading("1", value, reported_by=person, reported_at=at)
    changed = replace(seen, readings=(reading,), version=seen.version + 1)
    contact = holdings.contacts(adapters.table, [(company, person)])[company, person]
    noted = receipts.note(f"box{n}@haus.example", contact, at, wanted=True)
    adapters.table.transact([*machines.save(changed, seen=seen, event=None), *noted])


def mail_row(adapters: Adapters, message: dict[str, Any]) -> OutboxMail:
    """The outbox row of a receipt that was claimed."""
    opened = datetime.fromisoformat(message["opened_at"]).isoformat()
    named = digest("\n".join([message["mailbox"], message["company_id"], opened]))
    found = rounds.mail(adapters.table, f"receipt-{named[:32]}", message["mailbox"])
    assert found is not None
    return found
