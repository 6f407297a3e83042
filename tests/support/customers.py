"""What tests of the contact's side share: signing in, looking at the table, meddling in between."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from meterportal import crypto
from meterportal.adapters import Adapters
from meterportal.domain.mailing.requests import Request
from meterportal.domain.portfolio.contracts import Company, Contact, ReadingChannel
from meterportal.domain.portfolio.holdings import Holding
from meterportal.domain.portfolio.machines import Machine
from meterportal.domain.reporting.readings import ReadingState
from meterportal.store import keys
from meterportal.store.mailing import marks
from meterportal.store.portfolio import holdings, machines
from meterportal.store.writes import Write
from moto.core.models import DEFAULT_ACCOUNT_ID
from moto.dynamodb.models import dynamodb_backends

from tests.support.builders import DUE, a_contact, a_contract, a_holding, a_link, a_machine, settle
from tests.support.interleaving import bare
from tests.support.stage import REGION, Answer, Stage

COOKIE, DEVICE = "__Host-session", "__Host-device"
CLARA = "clara@muster.example"


def signed_in(
    stage: Stage, adapters: Adapters, holding: Holding | None = None, *, mailbox: str = CLARA
) -> Holding:
    """A settled company whose contact has clicked on the link."""
    held = settle(adapters, holding)
    opened = stage.customer(
        "POST",
        "/api/session",
        {"token": a_link(adapters, mailbox=mailbox, company_id=held.company.id)},
    )
    assert opened.status == 201, opened.text
    return held


def open_by(stage: Stage, token: object) -> Answer:
    """The click on a link."""
    return stage.customer("POST", "/api/session", {"token": token})


def refused(stage: Stage, token: object) -> dict[str, object]:
    """What a link is told that opens nothing."""
    answer = open_by(stage, token)
    assert answer.status == 401, answer.text
    assert answer.cookies == []
    return said(answer)


def second_company(adapters: Adapters) -> Holding:
    """The same address at another company, under another contact."""
    return settle(
        adapters,
        a_holding(
            Company("10007", "Abakus AG", language="en"),
            contacts=[a_contact("6001", first_name="C.", language="")],
            contracts=[a_contract("70009", reporters=("6001",))],
            machines=[a_machine("200009", contract_id="70009")],
        ),
    )


def save_contact(adapters: Adapters, contact: Contact) -> None:
    """What an import writes when the ERP changed a contact."""
    place = keys.contact(contact.company_id, contact.id)
    adapters.table.write(holdings.save_master(place, holdings.contact_master(contact)))


def asked_for_all(adapters: Adapters, company_id: str = "10000") -> None:
    """The company's contact was asked for all its contracts, so grace days decide nothing."""
    held = holdings.load(adapters.table, company_id)
    assert held is not None
    for contract in held.contracts.values():
        request = Request(CLARA, company_id, contract.id, "5001", DUE, 10)
        adapters.table.write(marks.mark(request, contract, "round1", DUE - timedelta(days=5)))


def put(stage: Stage, machine_id: str = "200001", **body: Any) -> Answer:
    """PUT readings of a machine."""
    return stage.customer("PUT", f"/api/machines/{machine_id}/readings", body)


def stored(adapters: Adapters, machine_id: str = "200001", company_id: str = "10000") -> Machine:
    found = machines.load(adapters.table, company_id, machine_id)
    assert found is not None
    return found


def events(adapters: Adapters, machine_id: str = "200001", company_id: str = "10000") -> list[str]:
    """The history's words, oldest first."""
    return [row["event"] for row in machines.history(adapters.table, company_id, machine_id)]


def everything(adapters: Adapters) -> dict[Any, Any]:
    """The whole table as it lies in the engine, to compare byte for byte."""
    table = dynamodb_backends[DEFAULT_ACCOUNT_ID][REGION].tables[adapters.table.name]
    return {
        (hash_key, range_key): item.to_json()
        for hash_key, partition in table.items.items()
        for range_key, item in partition.items()
    }


def said(answer: Answer) -> dict[str, Any]:
    """A refusal without what differs each time."""
    told: dict[str, Any] = answer.json
    return {name: value for name, value in told.items() if name != "correlation_id"}


def session_key(stage: Stage) -> tuple[str, str]:
    """Where the browser's session lies."""
    return keys.session(crypto.fingerprint(crypto.from_cookie(stage.cookies[COOKIE])))


def move_session(stage: Stage, adapters: Adapters, **back: timedelta) -> None:
    """Set a session's moments (created_at, seen_at) back by so much."""
    item = adapters.table.get(*session_key(stage))
    assert item is not None
    for name, by in back.items():
        then = datetime.fromisoformat(item[name]) - by
        adapters.table.write(
            Write(
                key=session_key(stage),
                update=f"SET #{name} = :then",
                values={"then": then.isoformat(timespec="seconds")},
            )
        )


def before_the_next_write(
    monkeypatch: pytest.MonkeyPatch,
    adapters: Adapters,
    meddle: Callable[[], object],
    *,
    conditions: bool = True,
) -> None:
    """Let `meddle` run between the next request's reading and its transaction, once.

    `conditions=False` takes the conditions off that transaction, to show what they are for.
    """
    original = adapters.table.transact

    def transact(writes: list[Write]) -> None:
        monkeypatch.setattr(adapters.table, "transact", original)
        meddle()
        original(writes if conditions else [bare(write) for write in writes])

    monkeypatch.setattr(adapters.table, "transact", transact)


def change(adapters: Adapters, machine_id: str = "200001", **fields: Any) -> Machine:
    """Somebody else's write to a machine, as an import would do it: no reading changes."""
    machine = stored(adapters, machine_id)
    changed = replace(machine, **fields)
    adapters.table.transact(machines.save(changed, seen=machine, event=None))
    return changed


def values_of(adapters: Adapters) -> dict[str, int]:
    return {reading.meter_id: reading.value for reading in stored(adapters).readings}


def release(adapters: Adapters) -> Machine:
    """What a release run leaves behind: everything reported is final, the version has grown."""
    machine = stored(adapters)
    now = datetime(2026, 11, 23, 9, tzinfo=UTC)
    final = tuple(
        replace(r, state=ReadingState.RELEASED, released_at=now) for r in machine.readings
    )
    changed = replace(machine, readings=final, version=machine.version + 1)
    event = machines.event("released", final, at=now, by="staff-1", channel=ReadingChannel.PORTAL)
    adapters.table.transact(machines.save(changed, seen=machine, event=event))
    return changed
