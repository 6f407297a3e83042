"""A month through the front doors: import, Portal Ready, round, mails, values, release, export, answer.

Functions run as they are deployed, each invocation within its own time; the table is an image on this
machine's disk, buckets, queues and SES are moto's.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email import message_from_bytes, policy
from pathlib import Path
from typing import Any

import pytest
from meterportal.adapters import Adapters
from meterportal.store.mailing.paces import SendingTurns
from moto.core.models import DEFAULT_ACCOUNT_ID
from moto.ses.models import ses_backends
from moto.sqs.models import sqs_backends

from tests.benchmarks.cost.walk import Cost
from tests.benchmarks.imports.export import MACHINES, METERS, value_of, written
from tests.benchmarks.memory import forget_peak, peak
from tests.support.requesting import token_of
from tests.support.stage import REGION, Context, Stage
from tests.support.units import Consumed

STEPS = (
    "import",
    "snapshot",
    "ready",
    "plan",
    "mail",
    "submit",
    "release",
    "export",
    "acknowledge",
)
SHARE = 10
"""One contract in so many reports."""

_RELEASED_AT_ONCE = 10_000
"""Machines named in one release."""


@dataclass
class Step:
    """`peak` in MiB is the process's own, `begun_with` what it held before; `longest` is the largest share
    of its function's time that an invocation took, by processor."""

    cost: Cost = field(default_factory=Cost)
    seconds: float = 0
    wall: float = 0
    begun_with: float = 0
    peak: float = 0
    longest: float = 0


@dataclass
class Month:
    contracts: int
    rows: int
    steps: dict[str, Step]
    readings: int = 0
    """That were reported, released, exported and acknowledged."""


def walked(
    stage: Stage,
    adapters: Adapters,
    consumed: Consumed,
    folder: Path,
    monkeypatch: pytest.MonkeyPatch,
    *,
    contracts: int,
    quarters: int,
) -> Month:
    """`consumed` is what the table counts, whichever it is."""
    file = folder / "export.zip"
    rows = written(file, contracts, quarters=quarters)
    month = Month(contracts, rows, {name: Step() for name in STEPS})
    counter = _Counter(stage, consumed, monkeypatch, month.steps)
    clock = _Clock()
    turns = SendingTurns(
        adapters.table, adapters.new_number, sleep=clock.sleep, clock=lambda: clock.now
    )
    monkeypatch.setitem(vars(adapters), "pace", turns)

    with counter.step("import"):
        body = {"file": "export.zip", "size": file.stat().st_size}
        upload = stage.staff("POST", "/api/staff/imports/uploads", body).json["upload_id"]
        key = f"uploads/{upload}/export.zip"
        stage.client("s3").put_object(
            Bucket=adapters.settings.import_bucket, Key=key, Body=file.read_bytes()
        )
        started = stage.staff(
            "POST", f"/api/staff/imports?upload={upload}&file=export.zip&as_of=2026-11-23"
        )
        _drained(stage, adapters.settings.import_queue)
    _ended(stage, f"imports/{_number(started)}", rows=rows, rejected=0)
    with counter.step("snapshot"):
        stage.drain(rounds=10**6)
    with counter.step("ready"):
        body = {"selection": {"filter": {}}, "dry_run": False}
        checked = stage.staff("POST", "/api/staff/readiness", body)
        stage.drain(rounds=10**6)
    if checked.status == 202:  # 200: few enough to be checked at once
        _ended(stage, f"readiness/{_number(checked)}")
    with counter.step("plan"):
        asked = stage.staff("POST", "/api/staff/rounds", {"selection": {"filter": {}}})
        _drained(stage, adapters.settings.plan_queue)
    with counter.step("mail"):
        stage.drain(rounds=10**6)
    companies = -(-contracts * 2 // 5)
    _ended(stage, f"rounds/{_number(asked)}", planned=companies, sent=companies)
    with counter.step("submit"):
        versions = _reported(stage, contracts // SHARE, quarters)
    month.readings = len(versions) * METERS
    with counter.step("release"):
        numbers = sorted(versions)
        for begin in range(0, len(numbers), _RELEASED_AT_ONCE):
            part = {
                number: versions[number] for number in numbers[begin : begin + _RELEASED_AT_ONCE]
            }
            selection = {"ids": [*part], "versions": part}
            run = stage.staff("POST", "/api/staff/releases", {"selection": selection})
            stage.drain(rounds=10**6)
            _ended(stage, f"releases/{_number(run)}", released=len(part) * METERS)
    with counter.step("export"):
        export = _number(stage.staff("POST", "/api/staff/exports", {}))
        stage.drain(rounds=10**6)
    _ended(stage, f"exports/{export}", count=month.readings)
    with counter.step("acknowledge"):
        stage.staff("POST", f"/api/staff/exports/{export}/ack", {"accepted": "all"})
        stage.drain(rounds=10**6)
    shown = stage.staff("GET", f"/api/staff/exports/{export}").json
    assert shown["acknowledged"]["accepted"] == month.readings, shown
    return month


class _Clock:
    """Goes on only where somebody waits: how often turns are leased hangs on the mails, not on the machine."""

    now = 1_000.0

    def sleep(self, seconds: float) -> None:
        self.now += seconds


def _number(answer: Any) -> str:
    assert answer.status == 202, answer.text
    return str(answer.json["id"])


def _ended(stage: Stage, run: str, **expected: object) -> None:
    """A run has come to its end, with these figures."""
    shown = stage.staff("GET", f"/api/staff/{run}").json
    found = {name: shown.get(name) for name in expected}
    assert (shown["state"], found) == ("done", expected), (run, shown["state"], found)


def _drained(stage: Stage, url: str) -> None:
    """Works off one queue (its URL), the others wait."""
    name = url.rpartition("/")[2]
    stage.drain(rounds=10**6, worth_asking=lambda queue: queue == name)


def _reported(stage: Stage, contracts: int, quarters: int) -> dict[str, int]:
    """Contacts open their mails and report all machines of their contracts, until so many contracts have
    reported; the versions of the machines by number."""
    versions: dict[str, int] = {}
    for sent in ses_backends[DEFAULT_ACCOUNT_ID][REGION].sent_messages:
        if len(versions) >= contracts * MACHINES:
            break
        raw = sent.raw_data if isinstance(sent.raw_data, bytes) else sent.raw_data.encode()
        stage.cookies.clear()
        token = token_of(message_from_bytes(raw, policy=policy.default))
        opened = stage.customer("POST", "/api/session?overview=1", {"token": token}).json
        for machine in opened["overview"]["machines"]:
            place = int(machine["id"][1:])
            values = {str(m): value_of(place, m, quarters) for m in range(1, METERS + 1)}
            stored = stage.customer(
                "PUT",
                f"/api/machines/{machine['id']}/readings",
                {"values": values, "version": machine["version"]},
            )
            assert stored.status == 200, stored.text
            versions[machine["id"]] = stored.json["version"]
    return versions


class _Counter:
    """Counts what happens within a step."""

    def __init__(
        self,
        stage: Stage,
        consumed: Consumed,
        monkeypatch: pytest.MonkeyPatch,
        steps: dict[str, Step],
    ) -> None:
        self.stage, self.consumed, self.steps = stage, consumed, steps
        self.current = Step()
        times = {
            function.package: float(function.properties.get("Timeout", 30))
            for function in stage.template.functions()
        }
        handler = Stage.handler

        def timed(stage: Stage, package: str) -> Callable[[Any, Any], Any]:
            really = handler(stage, package)
            most = times[package]

            def invoke(event: Any, _: Any) -> Any:
                begun = time.process_time()
                try:
                    return really(event, _context(begun + most))
                finally:
                    share = (time.process_time() - begun) / most
                    self.current.longest = max(self.current.longest, share)
                    self.current.cost.invocations += 1
                    self.current.cost.api_requests += package.endswith("_api")

            return invoke

        monkeypatch.setattr(Stage, "handler", timed)

    @contextmanager
    def step(self, name: str) -> Iterator[None]:
        step = self.current = self.steps[name]
        mails, before = _mails(), _copy(self.consumed)
        step.begun_with = forget_peak()
        wall, spent = time.monotonic(), time.process_time()
        yield
        step.seconds, step.wall = time.process_time() - spent, time.monotonic() - wall
        step.peak = peak()
        # A large month takes hours: where it stands.
        print(f"{name}: {step.seconds:,.1f} s, {step.peak:,.0f} MiB", file=sys.stderr, flush=True)
        step.cost.mails = _mails() - mails
        step.cost.table = _less(self.consumed, before)
        waiting = sum(
            len(queue.messages)
            for name, queue in sqs_backends[DEFAULT_ACCOUNT_ID][REGION].queues.items()
            if "DeadLetters" in name
        )
        assert not waiting, f"{waiting} messages failed in {name}"


def _context(end: float) -> Context:
    """An invocation whose time ends at this moment of the processor's."""

    class Timed(Context):
        @staticmethod
        def get_remaining_time_in_millis() -> int:
            return int(1_000 * (end - time.process_time()))

    return Timed()


def _mails() -> int:
    return len(ses_backends[DEFAULT_ACCOUNT_ID][REGION].sent_messages)


def _copy(one: Consumed) -> Consumed:
    return Consumed(one.read, one.written, one.indexes.copy(), one.requests.copy())


def _less(one: Consumed, other: Consumed) -> Consumed:
    return Consumed(
        one.read - other.read,
        one.written - other.written,
        one.indexes - other.indexes,
        one.requests - other.requests,
    )
