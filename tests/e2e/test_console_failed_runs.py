"""A run whose message dies in the running application: failed in the console, and started again there."""

from __future__ import annotations

import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from typing import Any

import boto3
from meterportal.domain.portfolio.checks import ReadinessCheck
from meterportal.domain.portfolio.selections import Filter, Selection
from meterportal.domain.runs import RunKind
from meterportal.store.portfolio import checks, selected
from meterportal.store.table import Table
from playwright.sync_api import Page, expect

from infra.local.template import REGION
from tests.e2e.asking import PATIENCE
from tests.e2e.console import sign_in
from tests.e2e.sight import faults
from tests.support.running import Application

NUMBER = "died-at-night"


def client(application: Application, service: str) -> Any:
    return boto3.client(
        service,
        endpoint_url=application.json("/_local/")["aws"]["endpoint"],
        region_name=REGION,
        aws_access_key_id="local",
        aws_secret_access_key="local",
    )


@contextmanager
def impatient(sqs: Any, queue: str) -> Iterator[None]:
    """A queue that delivers again after a second, and not after half an hour."""
    sqs.set_queue_attributes(QueueUrl=queue, Attributes={"VisibilityTimeout": "1"})
    time.sleep(2)  # the poll that is under way still goes by the former time
    yield
    sqs.set_queue_attributes(QueueUrl=queue, Attributes={"VisibilityTimeout": "1800"})


def a_check(application: Application) -> None:
    """A check of Portal Ready that somebody has started, without its message."""
    name = application.json("/_local/")["aws"]["table"]
    table = Table(client(application, "dynamodb"), name)
    everything = Selection(filter=Filter(company_id="10014"))
    selected.keep(table, RunKind.CHECK, NUMBER, everything)
    started = ReadinessCheck(
        NUMBER, "schedule", application.now(), date(2026, 11, 23), dry_run=True
    )
    table.write(checks.create(started))


def length(sqs: Any, queue: str) -> int:
    name = "ApproximateNumberOfMessages"
    told = sqs.get_queue_attributes(QueueUrl=queue, AttributeNames=[name])
    return int(told["Attributes"][name])


def test_a_run_that_died_is_shown_in_words_and_started_again(
    application: Application, staff: Page
) -> None:
    a_check(application)
    sqs = client(application, "sqs")
    urls = sqs.list_queues()["QueueUrls"]
    queue = next(url for url in urls if url.endswith("ReadinessQueue"))
    letters = next(url for url in urls if url.endswith("ReadinessDeadLetters"))
    with impatient(sqs, queue):
        # Of a version that nobody here understands: it fails at every delivery.
        sqs.send_message(QueueUrl=queue, MessageBody=f'{{"schema": 99, "check_id": "{NUMBER}"}}')
        end = time.monotonic() + PATIENCE
        while not length(sqs, letters) and time.monotonic() < end:
            time.sleep(0.3)
    assert length(sqs, letters) == 1
    fired = urllib.request.Request(  # noqa: S310 - our own address
        f"{application.url}/_local/functions/mark_failed_runs", method="POST"
    )
    with urllib.request.urlopen(fired, timeout=60) as answer:  # noqa: S310
        assert answer.read() == b'{\n "marked": 1\n}'

    sign_in(staff, application, "remind", f"readiness/{NUMBER}")
    told = staff.get_by_role("alert")
    expect(told).to_contain_text("Dieser Lauf ist abgebrochen, auch beim letzten Versuch")
    expect(staff.get_by_text("gescheitert", exact=True)).to_be_visible()
    assert faults(staff) == []
    told.get_by_role("button", name="Erneut starten").click()
    expect(staff.get_by_text("fertig", exact=True)).to_be_visible()
    expect(told).to_have_count(0)
    assert application.staff("GET", f"/api/staff/readiness/{NUMBER}")["state"] == "done"
