"""A month without its customer: every queue and every function, each with a real event."""

from __future__ import annotations

import io
import json
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from tests.smoke.conftest import COMPANY, CONTRACT, export
from tests.smoke.deployed import Deployed

_SELECTION = {"filter": {"company_id": COMPANY}}


def test_the_import_takes_every_row(imported: Any) -> None:
    assert (imported["rows"], imported["accepted"], imported["rejected"]) == (5, 5, 0), imported


def test_the_drop_imports_by_itself(
    deployed: Deployed, staff: Callable[[str], str], client: Callable[[str], Any], imported: Any
) -> None:
    before = _imports(deployed, staff("read"))
    client("s3").put_object(
        Bucket=deployed.outputs["ImportBucketName"],
        Key=f"drop/smoke-{time.time_ns()}.zip",
        Body=io.BytesIO(export(datetime.now(UTC).date())),
    )
    end = time.monotonic() + 60
    while time.monotonic() < end:
        new = [run for run in _imports(deployed, staff("read")) if run not in before]
        if new:
            report = deployed.finished(f"/api/staff/imports/{new[0]}", staff("read"))
            assert report["rejected"] == 0
            return
        time.sleep(0.5)
    pytest.fail("nothing was imported from the drop")


def _imports(deployed: Deployed, token: str) -> list[str]:
    answer = deployed.api("GET", "/api/staff/imports", token=token)
    assert answer.status == 200, answer
    return [run["id"] for run in answer.json["imports"]]


def test_requests_go_out_to_who_is_ready(
    deployed: Deployed, staff: Callable[[str], str], imported: Any
) -> None:
    answer = deployed.api(
        "POST", "/api/staff/readiness", {"selection": _SELECTION}, token=staff("remind")
    )
    assert (answer.status, answer.json["ready"]) == (200, [CONTRACT]), answer
    started = deployed.api(
        "POST", "/api/staff/rounds", {"selection": _SELECTION}, token=staff("remind")
    )
    assert started.status == 202, started
    end = time.monotonic() + 60
    while time.monotonic() < end:
        found = deployed.finished(f"/api/staff/rounds/{started.json['id']}", staff("read"))
        if found["sent"] or found["left_out"]:
            break
        time.sleep(0.5)
    asked_before = {reason["code"] for row in found["left_out"] for reason in row["reasons"]} == {
        "already_asked"
    }
    assert found["sent"] == 1 or asked_before, found
    assert found["failed"] == 0


def test_a_release_run_ends_with_a_protocol(
    deployed: Deployed, staff: Callable[[str], str], imported: Any
) -> None:
    token = staff("release")
    body = {"selection": _SELECTION, "dry_run": True}
    started = deployed.api("POST", "/api/staff/releases", body, token=token)
    assert started.status == 202, started
    found = deployed.finished(f"/api/staff/releases/{started.json['id']}", token)
    assert found["released"] == 0
    protocol = deployed.api(
        "GET", f"/api/staff/releases/{started.json['id']}/protocol.csv", token=token
    )
    assert protocol.status == 200
    assert protocol.headers["content-type"].startswith("text/csv")


def test_an_export_run_ends(deployed: Deployed, staff: Callable[[str], str]) -> None:
    token = staff("release")
    started = deployed.api("POST", "/api/staff/exports", {}, token=token)
    assert started.status == 202, started
    found = deployed.finished(f"/api/staff/exports/{started.json['id']}", token)
    assert found["count"] == 0


def test_the_night_s_functions_run(deployed: Deployed) -> None:
    at = (datetime.now(UTC) - timedelta(minutes=1)).strftime("%Y-%m-%dT%H:%M:%SZ")
    deployed.invoke("CheckReadiness", {"kind": "portal_ready", "scheduled_at": at})
    deployed.invoke("PlanRequests", {"kind": "daily_plan", "scheduled_at": at})


def test_mail_events_are_taken_from_their_queue(
    deployed: Deployed, client: Callable[[str], Any]
) -> None:
    event = {
        "version": "0",
        "id": "00000000-0000-0000-0000-000000000000",
        "detail-type": "Email Delivered",
        "source": "aws.ses",
        "time": "2026-11-23T06:00:00Z",
        "resources": [],
        "detail": {
            "eventType": "Delivery",
            "mail": {
                "messageId": "unknown",
                "timestamp": "2026-11-23T06:00:00.000Z",
                "destination": ["unknown@meterportal.example"],
                "tags": {},
            },
            "delivery": {
                "timestamp": "2026-11-23T06:00:01.000Z",
                "recipients": ["unknown@meterportal.example"],
            },
        },
    }
    record = {
        "messageId": "00000000-0000-0000-0000-000000000000",
        "receiptHandle": "none",
        "body": json.dumps(event),
        "attributes": {"ApproximateReceiveCount": "1"},
        "messageAttributes": {},
        "eventSource": "aws:sqs",
        "eventSourceARN": "arn:aws:sqs:eu-central-1:000000000000:smoke",
        "awsRegion": "eu-central-1",
    }
    result = deployed.invoke("RecordMailEvents", {"Records": [record]})
    assert set(result) == {"batchItemFailures"}


@pytest.mark.parametrize(
    "function",
    [
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
    record = {
        "messageId": "11111111-1111-1111-1111-111111111111",
        "receiptHandle": "none",
        "body": '{"schema": 99}',
        "attributes": {"ApproximateReceiveCount": "1"},
        "messageAttributes": {},
        "eventSource": "aws:sqs",
        "eventSourceARN": "arn:aws:sqs:eu-central-1:000000000000:smoke",
        "awsRegion": "eu-central-1",
    }
    result = deployed.invoke(function, {"Records": [record]})
    assert [failed["itemIdentifier"] for failed in result["batchItemFailures"]] == [
        record["messageId"]
    ]
