"""One moto account per test, made from template.yaml; the application's own doors onto it."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from datetime import UTC, date, datetime
from typing import Any

import boto3
import meterportal.doors
import meterportal.settings
import pytest
from botocore.client import BaseClient
from meterportal.doors import Doors
from meterportal.settings import Moment
from moto import mock_aws

from tests.rights import demand
from tests.sparing_moto import back_up_sparingly
from tests.stage import Stage

TODAY = date(2026, 11, 23)
_LOCK = threading.RLock()
_call = BaseClient._make_api_call


def _one_at_a_time(self: Any, operation_name: str, api_params: Any) -> Any:
    demand(self.meta.service_model.service_name, operation_name, api_params)
    # moto is not thread-safe: concurrent transactions come out wrong without this.
    with _LOCK:
        return _call(self, operation_name, api_params)


@pytest.fixture
def stage(monkeypatch: pytest.MonkeyPatch) -> Iterator[Stage]:
    """The whole application on moto: doors, both APIs, queues that can be drained, sent mails."""
    for name, value in {
        "AWS_ACCESS_KEY_ID": "testing",
        "AWS_SECRET_ACCESS_KEY": "testing",
        "AWS_SESSION_TOKEN": "testing",
        "AWS_DEFAULT_REGION": "eu-central-1",
        "AWS_REGION": "eu-central-1",
        "STAGE": "local",
        "TODAY": TODAY.isoformat(),
        "POWERTOOLS_METRICS_NAMESPACE": "meterportal",
        "POWERTOOLS_SERVICE_NAME": "tests",
    }.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setattr(BaseClient, "_make_api_call", _one_at_a_time)
    back_up_sparingly(monkeypatch)
    with mock_aws():
        made = Stage.build(boto3.client)
        for name, value in made.environment.items():
            monkeypatch.setenv(name, value)
        _forget()
        yield made
    _forget()


def _forget() -> None:
    meterportal.settings.settings.cache_clear()
    meterportal.doors.doors.cache_clear()


@pytest.fixture
def doors(stage: Stage) -> Doors:
    """The doors that handlers use in this test."""
    return meterportal.doors.doors()


@pytest.fixture
def at() -> Moment:
    """The demo's day: 2026-11-23, ten o'clock in Berlin."""
    return Moment(datetime(2026, 11, 23, 9, 0, tzinfo=UTC), TODAY)
