"""A month of the smoke test's own company: every queue and every function, each with a real event."""

from __future__ import annotations

import io
import json
import time
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest
from meterportal.settings import moment
from meterportal.store.mailing import rounds
from meterportal.usecases.access.personal_access import new_access

from infra.local.events import a_message, of_messages
from infra.local.mail_events import envelope
from tests.smoke.deployed import Deployed
from tests.smoke.ground import BOX, Traces
from tests.smoke.own import COMPANY, CONTRACT, DROP, LONG_AGO, MACHINE, RENAMED, export, renamed

_SELECTION = {"filter": {"company_id": COMPANY}}
_SCHEDULED = f"{LONG_AGO}T06:00:00Z"
_JPEG = b"\xff\xd8\xff\xe0\x00\x10JFIF" + b"\0" * 54

Token = Callable[[str], str]


# in the order in which they stand on each other


@pytest.fixture(scope="session")
def asked(deployed: Deployed, staff: Token, imported: Any) -> str:
    """The id of a round that has asked the contact."""
    token = staff("remind")
    body = {"selection": {"ids": [CONTRACT]}}  # by number: due or not, whatever LeadDays says
    answer = deployed.api("POST", "/api/staff/readiness", body, token=token)
    assert (answer.status, answer.json["ready"]) == (200, [CONTRACT]), answer
    run = deployed.start("/api/staff/rounds", body, token)

    def sent() -> Any:
        told = deployed.finished(run, token)
        assert (told["failed"], told["left_out"]) == (0, []), told
        return told if told["sent"] else None

    told = deployed.until(sent, "the mail to be sent")
    assert (told["planned"], told["sent"]) == (1, 1), told
    return str(told["id"])


@pytest.fixture(scope="session")
def opened(deployed: Deployed, asked: str) -> str:
    """The cookie of the contact's session. The mail went to the simulator, which shows it to nobody:
    so a link is made as the mail's was.
    """
    adapters, at = deployed.adapters, moment()
    made = new_access(
        adapters, mailbox=BOX, company_id=COMPANY, round_id=asked, latest_due=at.today, at=at
    )
    adapters.table.transact(made.writes)
    token = made.access.url.partition("#t=")[2]
    answer = deployed.api("POST", "/api/session", {"token": token})
    assert answer.status == 201, answer
    return answer.cookie


@pytest.fixture(scope="session")
def reported(deployed: Deployed, opened: str) -> Any:
    """What the API told of the reading that the contact has reported."""
    path = f"/api/machines/{MACHINE}/readings"
    body = {"version": 1, "values": {"1": "12.345"}}
    answer = deployed.api("PUT", path, body, cookie=opened)
    assert answer.status == 200, answer
    return answer.json


@pytest.fixture(scope="session")
def released(deployed: Deployed, staff: Token, reported: Any) -> Any:
    """The run that has released the reading, after a dry run of it."""
    token = staff("release")
    dry = deployed.start("/api/staff/releases", {"selection": _SELECTION, "dry_run": True}, token)
    seen = deployed.finished(dry, token)
    assert (seen["releasable"], seen["refused"]) == (1, 0), seen
    selection = {**_SELECTION, "snapshot": seen["snapshot"]}
    return deployed.finished(
        deployed.start("/api/staff/releases", {"selection": selection}, token), token
    )


@pytest.fixture(scope="session")
def exported(deployed: Deployed, staff: Token, released: Any) -> Any:
    """The batch that the reading went into."""
    token = staff("release")
    return deployed.finished(deployed.start("/api/staff/exports", {}, token), token)


def test_the_import_takes_every_row(imported: Any) -> None:
    assert (imported["rows"], imported["accepted"], imported["rejected"]) == (5, 5, 0), imported


def test_bytes_arrive_as_they_were_sent(
    deployed: Deployed, staff: Token, traces: Traces, imported: Any
) -> None:
    """A CSV in Windows-1252, as ERPs write it: a gateway that makes text of it would spoil it."""
    token = staff("admin")
    kind = {"content-type": "application/octet-stream"}
    run = deployed.start("/api/staff/imports?file=firmen.csv", renamed(), token, kind)
    report = deployed.finished(run, token)
    traces.has_imported()
    assert (report["accepted"], report["rejected"]) == (1, 0), report
    listed = deployed.api("GET", f"/api/staff/contracts?company_id={COMPANY}", token=token)
    assert [found["company"]["name"] for found in listed.json["contracts"]] == [RENAMED]


def test_the_drop_imports_by_itself(
    deployed: Deployed,
    staff: Token,
    client: Callable[[str], Any],
    traces: Traces,
    imported: Any,
) -> None:
    token, name = staff("read"), f"{DROP}{time.time_ns()}.zip"
    client("s3").put_object(
        Bucket=deployed.outputs["ImportBucketName"],
        Key=f"drop/{name}",
        Body=io.BytesIO(export(datetime.now(UTC).date())),
    )

    def dropped() -> list[str]:
        answer = deployed.api("GET", "/api/staff/imports", token=token)
        assert answer.status == 200, answer
        return [run["id"] for run in answer.json["imports"] if run["file"] == name]

    (found,) = deployed.until(dropped, "the import from the drop")
    report = deployed.finished(f"/api/staff/imports/{found}", token)
    traces.has_imported()
    assert report["rejected"] == 0, report


def test_portal_ready_runs_over_a_large_selection(
    deployed: Deployed, staff: Token, imported: Any
) -> None:
    """Beyond a thousand contracts it goes through its queue; all but one of these are unknown."""
    unknown = [f"{CONTRACT}-{number}" for number in range(1000)]
    body = {"selection": {"ids": [CONTRACT, *unknown]}, "dry_run": True}
    run = deployed.start("/api/staff/readiness", body, staff("remind"))
    assert CONTRACT in deployed.finished(run, staff("remind"))["ready"]


def test_the_mail_system_tells_what_became_of_the_mail(
    deployed: Deployed, client: Callable[[str], Any], asked: str
) -> None:
    def mail() -> Any:
        return rounds.mail(deployed.adapters.table, asked, BOX)

    if deployed.endpoint:  # an engine that sends no mail has no events of it either
        client("sqs").send_message(
            QueueUrl=deployed.outputs["MailEventQueueUrl"],
            MessageBody=json.dumps(_delivery(mail().message_id, asked)),
        )
    deployed.until(lambda: mail().fate == "delivered", "the event of the delivery")


def _delivery(message_id: str, round_id: str) -> dict[str, Any]:
    """SES's event about a mail to its simulator, as EventBridge wraps it."""
    now = datetime.now(UTC)
    at = f"{now:%Y-%m-%dT%H:%M:%S.000Z}"
    sent = {"messageId": message_id, "timestamp": at, "destination": [BOX], "tags": {}}
    delivered = {"timestamp": at, "recipients": [BOX]}
    return envelope({"eventType": "Delivery", "mail": sent, "delivery": delivered}, now)


def test_a_contact_sees_the_machine_that_was_asked_for(deployed: Deployed, opened: str) -> None:
    seen = deployed.api("GET", "/api/machines", cookie=opened)
    assert seen.status == 200, seen
    assert [machine["id"] for machine in seen.json["machines"]] == [MACHINE]
    assert "private" in seen.headers.get("cache-control", "") or "no-store" in seen.headers.get(
        "cache-control", ""
    )


def test_what_a_contact_reports_is_stored(deployed: Deployed, opened: str, reported: Any) -> None:
    assert [reading["value"] for reading in reported["readings"]] == [12_345]
    history = deployed.api("GET", f"/api/machines/{MACHINE}/history", cookie=opened)
    assert history.status == 200, history


def test_a_photo_passes_by_its_signed_address_as_announced(
    deployed: Deployed, staff: Token, opened: str, reported: Any
) -> None:
    body = {"meter_id": "1", "content_type": "image/jpeg", "size": len(_JPEG)}
    answer = deployed.api("POST", f"/api/machines/{MACHINE}/photos", body, cookie=opened)
    assert answer.status == 201, answer
    upload = answer.json["upload"]

    def put(path: str, content: bytes, kind: str) -> int:
        return deployed.front("PUT", path, content, {"content-type": kind}).status

    assert put(upload["url"], _JPEG + b"\0", "image/jpeg") == 403
    assert put(upload["url"], _JPEG, "text/html") == 403
    assert put(upload["url"].partition("?")[0], _JPEG, "image/jpeg") == 403
    assert put(upload["url"], _JPEG, "image/jpeg") == 200
    path = f"/api/staff/machines/{MACHINE}/photos"
    (photo,) = deployed.api("GET", path, token=staff("read")).json["photos"]
    shown = deployed.front("GET", photo["url"])
    assert (shown.status, shown.content) == (200, _JPEG)
    assert shown.headers["content-type"] == "image/jpeg"
    assert deployed.front("GET", photo["url"].partition("?")[0]).status == 403


def test_receipts_are_looked_for(deployed: Deployed, reported: Any) -> None:
    """Ours is too young to go out; there is nobody else's, or the test would not run."""
    event = {"kind": "receipts", "scheduled_at": f"{datetime.now(UTC):%Y-%m-%dT%H:%M:%SZ}"}
    assert deployed.invoke("QueueReceipts", event) == {"queued": 0}


def test_a_release_ends_with_a_protocol(deployed: Deployed, staff: Token, released: Any) -> None:
    assert (released["released"], released["refused"]) == (1, 0), released
    protocol = deployed.api(
        "GET", f"/api/staff/releases/{released['id']}/protocol.csv", token=staff("read")
    )
    assert protocol.status == 200
    assert protocol.headers["content-type"].startswith("text/csv")
    assert b"12345" in protocol.content


def test_an_export_holds_what_was_released_and_is_acknowledged(
    deployed: Deployed, staff: Token, exported: Any
) -> None:
    assert exported["count"] == 1, exported
    path = f"/api/staff/exports/{exported['id']}"
    found = deployed.api("GET", path, token=staff("read")).json
    assert {file["name"] for file in found["files"]} == {
        "manifest.json",
        "readings.csv",
        "readings.json",
    }
    answered = deployed.api("POST", f"{path}/ack", {}, token=staff("release"))
    assert answered.status == 200, answered
    assert answered.json["acknowledged"]["accepted"] == 1


def test_the_night_s_functions_run(deployed: Deployed) -> None:
    """With an event of long ago, which is noted as too late: now it would write to customers."""
    checked = deployed.invoke(
        "CheckReadiness", {"kind": "portal_ready", "scheduled_at": _SCHEDULED}
    )
    assert checked == {"check_id": f"nightly-{LONG_AGO}", "late": True}
    planned = deployed.invoke("PlanRequests", {"kind": "daily_plan", "scheduled_at": _SCHEDULED})
    assert (planned["round_id"], planned["late"]) == (f"daily-{LONG_AGO}", True)


@pytest.mark.parametrize(
    "function",
    [
        "BuildPortfolio",
        "CheckReadiness",
        "ExportReadings",
        "ImportMasterData",
        "PlanRequests",
        "RecordMailEvents",
        "ReleaseReadings",
        "SendMail",
    ],
)
def test_a_message_that_nobody_wrote_is_handed_back(deployed: Deployed, function: str) -> None:
    message = a_message('{"schema": 99}', "11111111-1111-1111-1111-111111111111", datetime.now(UTC))
    event = of_messages([message], "arn:aws:sqs:eu-central-1:000000000000:smoke")
    result = deployed.invoke(function, event)
    assert [failed["itemIdentifier"] for failed in result["batchItemFailures"]] == [
        message["MessageId"]
    ]
