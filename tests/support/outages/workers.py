"""What the workers are given by queues and schedules, each brought to its end."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import timedelta
from typing import Any

from meterportal.crypto import fingerprint
from meterportal.store.portfolio import snapshots
from meterportal.usecases.exchange import acknowledge_exports
from meterportal.usecases.portfolio import check_readiness
from moto.core.models import DEFAULT_ACCOUNT_ID
from moto.ses.models import ses_backends

from tests.support import clock
from tests.support.access import a_password_request, a_request, put_by_mail
from tests.support.answering import a_mail, a_notice, stored
from tests.support.builders import a_contact, a_holding, a_link, settle
from tests.support.customers import CLARA, everything, signed_in
from tests.support.dying import EVENT as FAILED_RUNS
from tests.support.dying import look
from tests.support.erp_exports import FILES, as_zip
from tests.support.mail_account import ACCOUNT
from tests.support.outages.staff import EVERYTHING, with_few
from tests.support.outages.trial import Delivery, Scene
from tests.support.read_model import Console, base_rows
from tests.support.receipts import EVENT as RECEIPTS
from tests.support.receipts import somebody_reported
from tests.support.reported import (
    a_confirmed_reading,
    a_reported_machine,
    release_at_once,
    seen,
    settle_reported,
)
from tests.support.requesting import an_event, work
from tests.support.stage import REGION, Context, delivery
from tests.support.world import settle as settle_queues

DELIVERIES: list[Delivery] = []
Prepare = Callable[[Scene], dict[str, Any]]


def _worker(
    package: str, name: str, source: str = "SQS", **more: Any
) -> Callable[[Prepare], Prepare]:
    """Puts what is decorated on the list, as what prepares a delivery."""

    def add(prepare: Prepare) -> Prepare:
        DELIVERIES.append(Delivery(f"{package}: {name}", package, source, prepare, **more))
        return prepare

    return add


_NEVER_SENT = ('"LINK#', '"CODE#')
"""What a mail was to carry that SES did not take: nobody knows it, and the next try makes another."""


def _taken(scene: Scene, queue: str) -> dict[str, Any]:
    """The delivery of what waits in a queue (its URL); it waits there no longer."""
    sqs, bodies = scene.stage.client("sqs"), []
    for found in sqs.receive_message(QueueUrl=queue, MaxNumberOfMessages=10).get("Messages", []):
        sqs.delete_message(QueueUrl=queue, ReceiptHandle=found["ReceiptHandle"])
        bodies.append(found["Body"])
    assert bodies, "nothing waits"
    return delivery(*bodies)


def _posted(scene: Scene, path: str, body: Any, queue: str, **more: Any) -> dict[str, Any]:
    """The delivery that a request of staff's brings about."""
    answer = scene.stage.staff("POST", path, body, **more)
    assert answer.status == 202, answer.text
    return _taken(scene, queue)


def _arrived(scene: Scene) -> None:
    """SES tells of every mail that it has taken: that settles those in doubt."""
    rows = [item["Attributes"] for item in everything(scene.adapters).values()]
    mails = [row for row in rows if row["sk"]["S"].startswith("MAIL#")]
    for sent in ses_backends[DEFAULT_ACCOUNT_ID][REGION].sent_messages:
        for row in mails:
            mailbox, round_id = row["sk"]["S"][5:], row["pk"]["S"][6:]
            if mailbox in sent.destinations:
                event = an_event("Send", round_id, mailbox)
                event["detail"]["mail"]["messageId"] = sent.id
                assert work(scene.stage, "record_mail_events", event) == []


# Portal Ready


def _newcomers(scene: Scene) -> None:
    people = [a_contact(rights=None), a_contact("5002", rights=None, email="max@muster.example")]
    settle(scene.adapters, a_holding(contacts=people), claimed=False)


_UNNAMED = ('"RESULT#',)
"""Rows of an outcome that the header does not name: their worker was followed by another one."""


@_worker("check_readiness", "a large check", surplus=_UNNAMED)
def _check(scene: Scene) -> dict[str, Any]:
    _newcomers(scene)
    queue = scene.adapters.settings.readiness_queue
    send = with_few(
        check_readiness, lambda: scene.stage.staff("POST", "/api/staff/readiness", EVERYTHING)
    )
    assert send().status == 202
    return _taken(scene, queue)


@_worker("check_readiness", "the night's", "ScheduleV2", surplus=_UNNAMED)
def _nightly(scene: Scene) -> dict[str, Any]:
    _newcomers(scene)
    return {"kind": "portal_ready", "scheduled_at": "2026-11-23T04:00:00Z"}


# the console's snapshot


def _is_whole(scene: Scene) -> None:
    found = snapshots.newest(scene.adapters.table)
    assert found is not None
    assert Console.opened(scene.adapters, found).rows == base_rows(scene.adapters.table)


@_worker("build_portfolio", "who asks", after=_is_whole)
def _snapshot(scene: Scene) -> dict[str, Any]:
    settle(scene.adapters)
    queue = scene.adapters.settings.portfolio_queue
    return _posted(scene, "/api/staff/portfolio", None, queue)


@_worker("build_portfolio", "the night's", "ScheduleV2", after=_is_whole)
def _nightly_snapshot(scene: Scene) -> dict[str, Any]:
    settle(scene.adapters)
    return {"kind": "portfolio", "scheduled_at": "2026-11-23T04:15:00Z"}


# rounds


def _planning(scene: Scene, **more: Any) -> dict[str, Any]:
    settle(scene.adapters)
    queue = scene.adapters.settings.plan_queue
    return _posted(scene, "/api/staff/rounds", EVERYTHING | more, queue)


@_worker("plan_requests", "a round", after=_arrived)
def _round(scene: Scene) -> dict[str, Any]:
    return _planning(scene)


@_worker("plan_requests", "a dry run")
def _proposal(scene: Scene) -> dict[str, Any]:
    return _planning(scene, dry_run=True)


@_worker("plan_requests", "reminders", after=_arrived)
def _reminders(scene: Scene) -> dict[str, Any]:
    event = _planning(scene)
    scene.stage.handler("plan_requests")(event, Context())
    scene.stage.drain()
    queue = scene.adapters.settings.plan_queue
    return _posted(
        scene, "/api/staff/rounds", EVERYTHING | {"kind": "reminder", "early": True}, queue
    )


@_worker("plan_requests", "the morning's", "ScheduleV2", after=_arrived)
def _morning(scene: Scene) -> dict[str, Any]:
    settle(scene.adapters)
    return {"kind": "daily_plan", "scheduled_at": "2026-11-23T06:00:00Z"}


def _stopped(scene: Scene) -> None:
    """A round that the account did not let go, which now would."""
    scene.stage.handler("plan_requests")(_planning(scene), Context())
    ACCOUNT.tell({"quota": 0})
    settle_queues(scene.stage)
    ACCOUNT.reset()
    clock.forward(timedelta(minutes=2))


@_worker("mark_failed_runs", "a stopped round", "ScheduleV2", after=_arrived)
def _tick(scene: Scene) -> dict[str, Any]:
    _stopped(scene)
    return FAILED_RUNS


@_worker("plan_requests", "a stopped round", after=_arrived)
def _goes_on(scene: Scene) -> dict[str, Any]:
    _stopped(scene)
    scene.stage.handler("mark_failed_runs")(FAILED_RUNS, Context())
    return _taken(scene, scene.adapters.settings.plan_queue)


# mails


@_worker("send_mail", "a request", after=_arrived, surplus=_NEVER_SENT)
def _request(scene: Scene) -> dict[str, Any]:
    event = _planning(scene)
    scene.stage.handler("plan_requests")(event, Context())
    return _taken(scene, scene.adapters.settings.mail_queue)


@_worker("send_mail", "a new link", after=_arrived, surplus=_NEVER_SENT)
def _new_link(scene: Scene) -> dict[str, Any]:
    settle(scene.adapters)
    return delivery(json.dumps(a_request("one")))


@_worker("send_mail", "a new link for a dead one", after=_arrived, surplus=_NEVER_SENT)
def _next_link(scene: Scene) -> dict[str, Any]:
    settle(scene.adapters)
    link = fingerprint(scene.adapters.keys.open_link(a_link(scene.adapters)))
    return delivery(json.dumps(a_request("one", mailbox="", link=link)))


@_worker("send_mail", "the link that sets a password", after=_arrived, surplus=('"PASSWORD#',))
def _password_link(scene: Scene) -> dict[str, Any]:
    settle(scene.adapters)
    return delivery(json.dumps(a_password_request("one")))


@_worker("send_mail", "a receipt", after=_arrived, surplus=_NEVER_SENT)
def _receipt(scene: Scene) -> dict[str, Any]:
    return delivery(json.dumps(somebody_reported(scene.adapters, 1, minutes_ago=30)))


@_worker("send_mail", "the notice of a password", after=_arrived)
def _notice(scene: Scene) -> dict[str, Any]:
    signed_in(scene.stage, scene.adapters)
    assert put_by_mail(scene.stage, scene.adapters).status == 200
    return _taken(scene, scene.adapters.settings.mail_queue)


@_worker("queue_receipts", "who is done", "ScheduleV2", after=_arrived)
def _receipts(scene: Scene) -> dict[str, Any]:
    somebody_reported(scene.adapters, 1, minutes_ago=30)
    return RECEIPTS


def _event(scene: Scene, kind: str) -> dict[str, Any]:
    """An event about the one mail that has just gone out."""
    scene.stage.handler("plan_requests")(_planning(scene), Context())
    scene.stage.drain()
    rows = (item["Attributes"] for item in everything(scene.adapters).values())
    (round_id,) = (row["pk"]["S"][6:] for row in rows if row["sk"]["S"] == f"MAIL#{CLARA}")
    return delivery(json.dumps(an_event(kind, round_id, CLARA)))


@_worker("record_mail_events", "a delivery")
def _delivered(scene: Scene) -> dict[str, Any]:
    return _event(scene, "Delivery")


@_worker("record_mail_events", "a bounce")
def _bounced(scene: Scene) -> dict[str, Any]:
    return _event(scene, "Bounce Permanent")


@_worker("record_mail_events", "a complaint")
def _complained(scene: Scene) -> dict[str, Any]:
    return _event(scene, "Complaint")


@_worker("record_mail_events", "a rejection")
def _rejected(scene: Scene) -> dict[str, Any]:
    return _event(scene, "Reject")


# mail that comes in


def _answer_to_a_request(scene: Scene, text: str, sender: str = CLARA) -> dict[str, Any]:
    """A message to the address that a request of ours gave out."""
    scene.stage.handler("plan_requests")(_planning(scene), Context())
    scene.stage.drain()
    (sent,) = (mail for mail in scene.stage.mails() if mail["To"] == CLARA)
    number = stored(scene.adapters, a_mail(text, sender=sender))
    return delivery(json.dumps(a_notice(number, str(sent["Reply-To"]), source=sender)))


@_worker("receive_mail", "an answer with values", after=_arrived)
def _values_by_mail(scene: Scene) -> dict[str, Any]:
    return _answer_to_a_request(scene, "S/W 10.900, Farbe 4.270")


@_worker("receive_mail", "an answer for staff", after=_arrived)
def _text_by_mail(scene: Scene) -> dict[str, Any]:
    return _answer_to_a_request(scene, "S/W 10.900", sender="kollege@muster.example")


# release, import, export


def _releasing(scene: Scene) -> dict[str, Any]:
    devices = [a_reported_machine("200001"), a_reported_machine("200002", a_confirmed_reading())]
    body = {"selection": seen(*settle_reported(scene.adapters, devices))}
    queue = scene.adapters.settings.release_queue
    return _posted(scene, "/api/staff/releases", body, queue)


_UNUSED_PLAN = ('"sk": {"S": "CHUNK#',)
"""A plan that broke off leaves its chunks behind, for 90 days."""


@_worker("release_readings", "the plan of a run", surplus=_UNUSED_PLAN)
def _plan(scene: Scene) -> dict[str, Any]:
    return _releasing(scene)


@_worker("release_readings", "a chunk")
def _chunk(scene: Scene) -> dict[str, Any]:
    scene.stage.handler("release_readings")(_releasing(scene), Context())
    return _taken(scene, scene.adapters.settings.release_queue)


@_worker("import_master_data", "an upload")
def _upload(scene: Scene) -> dict[str, Any]:
    headers = {"content-type": "application/zip"}
    queue = scene.adapters.settings.import_queue
    return _posted(scene, "/api/staff/imports", as_zip(FILES), queue, headers=headers)


@_worker("import_master_data", "an upload, tried out")
def _dry_upload(scene: Scene) -> dict[str, Any]:
    headers = {"content-type": "application/zip"}
    queue = scene.adapters.settings.import_queue
    path = "/api/staff/imports?dry_run=true"
    return _posted(scene, path, as_zip(FILES), queue, headers=headers)


@_worker("import_master_data", "a file in the drop")
def _drop(scene: Scene) -> dict[str, Any]:
    bucket = scene.adapters.settings.import_bucket
    scene.adapters.files.put(bucket, "drop/a.zip", as_zip(FILES), content_type="application/zip")
    return _taken(scene, scene.adapters.settings.import_queue)


def _waiting(scene: Scene) -> None:
    devices = [a_reported_machine("200001"), a_reported_machine("200002")]
    for machine in settle_reported(scene.adapters, devices):
        release_at_once(scene.adapters, machine)


@_worker("export_readings", "an export")
def _export(scene: Scene) -> dict[str, Any]:
    _waiting(scene)
    return _posted(scene, "/api/staff/exports", {}, scene.adapters.settings.export_queue)


@_worker("export_readings", "the ERP's answer")
def _answered(scene: Scene) -> dict[str, Any]:
    _waiting(scene)
    started = scene.stage.staff("POST", "/api/staff/exports", {})
    scene.stage.drain()
    path = f"/api/staff/exports/{started.json['id']}/ack"
    send = with_few(
        acknowledge_exports, lambda: scene.stage.staff("POST", path, {"accepted": "all"})
    )
    assert send().status == 202
    return _taken(scene, scene.adapters.settings.export_queue)


# runs that failed


def _dead(scene: Scene, name: str, *bodies: str) -> dict[str, Any]:
    """The schedule's event, with letters in the dead-letter queue of this name."""
    url = next(one for one in scene.adapters.settings.dead_letters if name in one)
    for body in bodies:
        scene.stage.client("sqs").send_message(QueueUrl=url, MessageBody=body)
    return FAILED_RUNS


def _fires_again(scene: Scene) -> None:
    """Five minutes later: letters that were looked at are no longer hidden."""
    look(scene.stage)


@_worker("mark_failed_runs", "an export and an import", "ScheduleV2", after=_fires_again)
def _failed(scene: Scene) -> dict[str, Any]:
    event = _export(scene)
    (letter,) = (record["body"] for record in event["Records"])
    (dropped,) = (record["body"] for record in _drop(scene)["Records"])
    return _dead(scene, "Export", letter, dropped)


@_worker("mark_failed_runs", "a missed schedule", "ScheduleV2", after=_fires_again)
def _missed(scene: Scene) -> dict[str, Any]:
    return _dead(scene, "Schedule", json.dumps(_morning(scene)))
