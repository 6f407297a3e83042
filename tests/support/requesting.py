"""Asking for readings in tests: companies to ask, rounds to start, workers to run, events to tell."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from email.message import EmailMessage
from functools import partial
from typing import Any

import pytest
from meterportal.adapters import Adapters
from meterportal.domain.portfolio.contracts import Company
from meterportal.domain.portfolio.machines import Machine
from meterportal.domain.reporting.readings import Reading
from meterportal.settings import Moment
from meterportal.store.portfolio import machines
from meterportal.usecases.mailing.hand_over import tag_of

from infra.local.mail_events import envelope
from tests.support import clock
from tests.support.builders import DUE, a_contact, a_contract, a_holding, a_machine, settle
from tests.support.faults import interrupted
from tests.support.stage import Context, Stage, delivery

FACILITY = "facility@haus.example"


def a_company(
    adapters: Adapters, number: int, email: str = FACILITY, *, contracts: int = 1
) -> list[str]:
    """A company with one contact who reports for so many contracts of one machine; their numbers."""
    contact = a_contact(f"5{number:05d}", email=email)
    numbers = [f"7{number:05d}{n:03d}" for n in range(contracts)]
    settle(
        adapters,
        a_holding(
            Company(f"1{number:05d}", f"Firma {number}"),
            contacts=[contact],
            contracts=[a_contract(n, reporters=(contact.id,)) for n in numbers],
            machines=[a_machine(f"2{n}", contract_id=n) for n in numbers],
        ),
    )
    return numbers


def start(stage: Stage, selection: Any = None, **more: Any) -> str:
    """Start a round; nothing has been worked off yet."""
    body = {"selection": selection or {"filter": {}}, **more}
    answer = stage.staff("POST", "/api/staff/rounds", body)
    assert answer.status == 202, answer.text
    round_id: str = answer.json["id"]
    return round_id


def ask(stage: Stage, selection: Any = None, **more: Any) -> Any:
    """Start a round, let everything run, and show it."""
    round_id = start(stage, selection, **more)
    stage.drain()
    return show(stage, round_id)


def show(stage: Stage, round_id: str, **more: Any) -> Any:
    answer = stage.staff("GET", f"/api/staff/rounds/{round_id}", **more)
    assert answer.status == 200, answer.text
    return answer.json


def left_out(shown: Any) -> dict[str, list[str]]:
    """Codes by contract."""
    return {one["contract_id"]: [r["code"] for r in one["reasons"]] for one in shown["left_out"]}


def work(stage: Stage, package: str, *bodies: Any) -> list[int]:
    """Deliver messages to a function; the positions of those that come back."""
    event = delivery(*(body if isinstance(body, str) else json.dumps(body) for body in bodies))
    given = stage.handler(package)(event, Context())
    return [int(entry["itemIdentifier"]) for entry in given["batchItemFailures"]]


def plan(stage: Stage, round_id: str) -> list[int]:
    return work(stage, "plan_requests", {"schema": 1, "round_id": round_id})


def send(stage: Stage, round_id: str, mailbox: str = FACILITY) -> list[int]:
    message = {"schema": 1, "round_id": round_id, "mailbox": mailbox}
    return work(stage, "send_mail", message)


def at_hour(monkeypatch: pytest.MonkeyPatch, hour: int) -> None:
    """Let the mail worker run at an hour of the demo's day, so that no test hangs on the clock."""
    now = datetime(2026, 11, 23, hour, 5, tzinfo=UTC)
    monkeypatch.setattr("send_mail.app.moment", lambda: Moment(now, now.date()))


def report(adapters: Adapters, machine_id: str, *meters: str) -> None:
    """Somebody reports these meters of a machine."""
    seen: Machine = machines.find(adapters.table, [machine_id])[machine_id]
    due_on = seen.due_on or DUE
    readings = tuple(Reading(m, due_on, 11_000, read_on=due_on) for m in meters)
    changed = replace(seen, readings=readings, version=seen.version + 1)
    adapters.table.transact(machines.save(changed, seen=seen, event=None))


def recipients(mails: Sequence[EmailMessage]) -> list[str]:
    return sorted(str(mail["To"]) for mail in mails)


def text_of(mail: EmailMessage, kind: str = "plain") -> str:
    body = mail.get_body((kind,))
    assert body is not None
    content: str = body.get_content()
    return content


def token_of(mail: EmailMessage) -> str:
    """The token in a mail's link, the same in text and HTML."""
    found = {
        match
        for kind in ("plain", "html")
        for match in re.findall(r"#t=([\w.-]+)", text_of(mail, kind))
    }
    (token,) = found
    return str(token)


def code_of(mail: EmailMessage) -> str:
    """The short code of a mail, the same in text and HTML."""
    found = {
        match
        for kind in ("plain", "html")
        for match in re.findall(r"\b[0-9A-Z]{4}-[0-9A-Z]{4}\b", text_of(mail, kind))
    }
    (code,) = found
    return str(code)


def an_event(
    kind: str, round_id: str, mailbox: str = FACILITY, *, tagged: bool = True, **more: Any
) -> dict[str, Any]:
    """An SES event in EventBridge's envelope. `kind` may be "Bounce Permanent" or "Bounce Transient"."""
    name, _, bounce = kind.partition(" ") if kind.startswith("Bounce") else (kind, "", "")
    detail: dict[str, Any] = {
        "eventType": name,
        "mail": {
            "timestamp": "2026-11-23T09:00:00.000Z",
            "messageId": f"message-{round_id}",
            "destination": [mailbox],
            "tags": {"ses:configuration-set": ["mail"]},
        },
    }
    if tagged:
        detail["mail"]["tags"] |= {"round": [round_id], "mailbox": [tag_of(mailbox)]}
    if bounce:
        detail["bounce"] = {
            "bounceType": bounce,
            "bounceSubType": "General",
            "bouncedRecipients": [{"emailAddress": mailbox}],
            "timestamp": "2026-11-23T09:05:00.000Z",
        }
    if name == "Complaint":
        detail["complaint"] = {
            "complainedRecipients": [{"emailAddress": mailbox}],
            "timestamp": "2026-11-23T09:10:00.000Z",
        }
    for key, value in more.items():
        detail[key] = detail.get(key, {}) | value
    return envelope(detail, clock.now())


def race_for_the_last_mail(
    stage: Stage,
    message: Callable[[str, str], Mapping[str, Any]],
    known: Callable[[int], str],
    *,
    most: int,
) -> None:
    """Two workers send an address's last allowed mail of the hour, the second coming in at each call of
    the first: it is sent once. `message` makes a message by its number and address, `known` lets an
    address be known.
    """
    for call in range(30):
        box = known(call)
        for sent in range(most - 1):
            assert work(stage, "send_mail", message(f"{call}-{sent}", box)) == []
        other = partial(work, stage, "send_mail", message(f"{call}-b", box))
        with interrupted(call, other) as calls:
            assert work(stage, "send_mail", message(f"{call}-a", box)) == []
        assert recipients(stage.mails()).count(box) == most
        if len(calls) <= call:
            return
    raise AssertionError("the worker never came to its end")
