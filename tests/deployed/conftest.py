"""A stack in which a dealer already works, for what the smoke test must not do to it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import boto3
import pytest
from botocore.config import Config

from tests.smoke.accounts import Accounts
from tests.smoke.deployed import Deployed
from tests.support.erp_exports import FILES, as_zip


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--stack", required=True, help="name of the deployed stack")


@pytest.fixture(scope="session")
def client() -> Callable[[str], Any]:
    config = Config(account_id_endpoint_mode="disabled")
    return lambda service: boto3.client(service, config=config)


@pytest.fixture(scope="session")
def deployed(request: pytest.FixtureRequest, client: Callable[[str], Any]) -> Deployed:
    endpoint = client("sts").meta.endpoint_url
    assert "amazonaws.com" not in endpoint, "these tests leave data behind: never on AWS"
    return Deployed(request.config.getoption("--stack"), client, endpoint)


@pytest.fixture(scope="session")
def customers(deployed: Deployed) -> None:
    """Two companies, due and ready, never asked. They stay for the smoke test that comes next."""
    told = deployed.outputs
    accounts = Accounts(
        deployed.client("cognito-idp"), told["UserPoolId"], told["UserPoolClientId"]
    )
    token = accounts.token("admin")
    kind = {"content-type": "application/zip"}
    deployed.finished(deployed.start("/api/staff/imports", as_zip(FILES), token, kind), token)
    everything: dict[str, Any] = {"selection": {"filter": {}}}
    ready = deployed.api("POST", "/api/staff/readiness", everything, token=token)
    assert len(ready.json["ready"]) == 2, ready
    accounts.remove()
