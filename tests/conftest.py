"""One moto account for all tests, made from template.yaml and put back for each of them; the
application's own adapters onto it."""

from __future__ import annotations

import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import date
from typing import Any

import boto3
import meterportal.adapters
import meterportal.settings
import pytest
from botocore.client import BaseClient
from hypothesis import HealthCheck, settings
from meterportal.adapters import Adapters
from meterportal.settings import Moment

from tests.support import clock, mail_account, moto_state, name_servers, quick_moto, suppressed
from tests.support.changed_rows import demand_changes
from tests.support.moto_tokens import remember_tokens
from tests.support.rights import acting, demand
from tests.support.sparing_moto import back_up_sparingly
from tests.support.stage import Stage

TODAY = date(2026, 11, 23)

# How long an example takes says something of the machine and what else it does, nothing of us. What
# fails says how to fail again; in CI the examples are the same each time.
settings.register_profile(
    "meterportal",
    deadline=None,
    print_blob=True,
    derandomize="CI" in os.environ,
    suppress_health_check=[HealthCheck.too_slow],
)
settings.load_profile("meterportal")
_LOCK = threading.RLock()
_call = BaseClient._make_api_call


def _one_at_a_time(self: Any, operation_name: str, api_params: Any) -> Any:
    service = self.meta.service_model.service_name
    demand(service, operation_name, api_params)
    if service == "dynamodb" and acting():
        demand_changes(operation_name, api_params)
    if operation_name in suppressed.OPERATIONS:
        return suppressed.answered(operation_name, api_params)
    if operation_name == mail_account.LOOK:
        return mail_account.ACCOUNT.as_json()
    if operation_name == name_servers.OPERATION:
        return name_servers.answered(_kept[0][0].template, api_params)
    mail_account.refuse(operation_name, api_params)
    # moto is not thread-safe: concurrent transactions come out wrong without this.
    with _LOCK:
        return _call(self, operation_name, api_params)


@pytest.fixture
def stage(monkeypatch: pytest.MonkeyPatch) -> Iterator[Stage]:
    """The whole application on moto: adapters, both APIs, queues that can be drained, sent mails."""
    with built(monkeypatch) as made:
        yield made


@contextmanager
def built(monkeypatch: pytest.MonkeyPatch) -> Iterator[Stage]:
    """The stage as it was made, which is once in a process."""
    for name, value in _ENVIRONMENT.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setattr(BaseClient, "_make_api_call", _one_at_a_time)
    back_up_sparingly(monkeypatch)
    remember_tokens(monkeypatch)
    clock.begin(monkeypatch)
    monkeypatch.setattr(boto3, "client", quick_moto.client)
    monkeypatch.setattr(meterportal.adapters, "_client", quick_moto.adapters_client)
    quick_moto.start()
    try:
        if not _kept:
            made = Stage.build(boto3.client)
            _kept.append((made, moto_state.keep()))
        made, state = _kept[0]
        moto_state.put_back(state)
        mail_account.begin()
        name_servers.SERVER.reset()
        monkeypatch.setenv("NAME_SERVER", name_servers.place())
        for name, value in made.environment.items():
            monkeypatch.setenv(name, value)
        _forget()
        yield replace(made, cookies={})
    finally:
        quick_moto.stop()
        _forget()


_kept: list[tuple[Stage, moto_state.State]] = []
"""The stage of this process as it was made, and what moto held then."""

_ENVIRONMENT = {
    "AWS_ACCESS_KEY_ID": "testing",
    "AWS_SECRET_ACCESS_KEY": "testing",
    "AWS_SESSION_TOKEN": "testing",
    "AWS_DEFAULT_REGION": "eu-central-1",
    "AWS_REGION": "eu-central-1",
    "STAGE": "local",
    "TODAY": TODAY.isoformat(),
    "POWERTOOLS_METRICS_NAMESPACE": "meterportal",
    "POWERTOOLS_SERVICE_NAME": "tests",
}


def _forget() -> None:
    meterportal.settings.settings.cache_clear()
    meterportal.adapters.adapters.cache_clear()


@pytest.fixture
def adapters(stage: Stage) -> Adapters:
    """The adapters that handlers use in this test."""
    return meterportal.adapters.adapters()


@pytest.fixture
def at() -> Moment:
    """The demo's day: 2026-11-23, ten o'clock in Berlin."""
    return Moment(clock.BEGIN, TODAY)


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Why a browser test needed another try; the last one may fail for another reason than the first."""
    for report in terminalreporter.stats.get("rerun", []):
        said = [
            line for line in report.longreprtext.splitlines() if line.startswith(("E ", "tests/"))
        ]
        terminalreporter.line(f"RERUN {report.nodeid}")
        for line in [*said[:3], *said[-1:]]:
            terminalreporter.line(f"  {line}")
