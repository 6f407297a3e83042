"""The stack under test: `pytest tests/smoke --stack NAME`, with AWS's usual environment variables.

Before anything is touched it is asked whether the test may run here at all; whatever befalls it,
its company is taken away again at the end.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from typing import Any

import boto3
import pytest
from botocore.config import Config
from botocore.exceptions import NoRegionError

from tests.smoke.accounts import Accounts
from tests.smoke.deployed import Deployed
from tests.smoke.ground import Traces, is_left_over, obstacles
from tests.smoke.own import COMPANY, DROP, export

REFUSED = 3
"""How pytest ends when the test must not run."""


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--stack", required=True, help="name of the deployed stack")


@pytest.fixture(scope="session")
def client() -> Callable[[str], Any]:
    config = Config(account_id_endpoint_mode="disabled")
    return lambda service: boto3.client(service, config=config)


@pytest.fixture(scope="session")
def deployed(request: pytest.FixtureRequest, client: Callable[[str], Any]) -> Deployed:
    try:
        configured = client("sts").meta.endpoint_url
    except NoRegionError:
        pytest.exit("The region of the stack is needed: AWS_DEFAULT_REGION=eu-central-1", REFUSED)
    local = "amazonaws.com" not in configured
    return Deployed(request.config.getoption("--stack"), client, configured if local else None)


@pytest.fixture(scope="session")
def accounts(deployed: Deployed) -> Accounts:
    told = deployed.outputs
    return Accounts(deployed.client("cognito-idp"), told["UserPoolId"], told["UserPoolClientId"])


@pytest.fixture(scope="session")
def traces(deployed: Deployed, accounts: Accounts) -> Traces:
    made = Traces.begin(deployed.adapters, deployed.client("dynamodb"))
    made.staff = accounts.ids
    return made


@pytest.fixture(scope="session", autouse=True)
def ground(deployed: Deployed, accounts: Accounts, traces: Traces) -> Iterator[None]:
    """A stack on which the test may run, and on which nothing of it is left."""
    if reasons := obstacles(deployed.adapters, datetime.now(UTC)):
        text = "\n  ".join([f"The smoke test does not run against {deployed.name}:", *reasons])
        pytest.exit(text, REFUSED)
    if accounts.find_left_over() or is_left_over(deployed.adapters):
        _clear(deployed, accounts, traces)
    try:
        yield
    finally:
        _clear(deployed, accounts, traces)
    assert traces.found() == []


def _clear(deployed: Deployed, accounts: Accounts, traces: Traces) -> None:
    told = deployed.outputs
    try:
        deployed.settle()
    finally:
        for run in traces.runs():
            kind, _, number = run.partition("#")
            if kind == "IMPORT":
                deployed.forget_files(told["ImportBucketName"], f"uploads/{number}/")
            if kind == "EXPORT":
                deployed.forget_files(told["ExportBucketName"], f"exports/{number}/")
        deployed.forget_files(told["ImportBucketName"], f"drop/{DROP}")
        deployed.forget_files(told["PhotoBucketName"], f"photos/{COMPANY}/")
        traces.take_away()
        accounts.remove()
        # No console goes on showing what was here.
        deployed.invoke("BuildPortfolio", {"kind": "portfolio"})


@pytest.fixture(scope="session")
def staff(ground: None, accounts: Accounts) -> Callable[[str], str]:
    """Id tokens of staff members by group."""
    return accounts.token


@pytest.fixture(scope="session")
def imported(deployed: Deployed, staff: Callable[[str], str], traces: Traces) -> Any:
    """The report of the smallest export's import, which everything later stands on."""
    headers = {"content-type": "application/zip"}
    content = export(datetime.now(UTC).date())
    run = deployed.start("/api/staff/imports", content, staff("admin"), headers)
    report = deployed.finished(run, staff("admin"))
    traces.has_imported()
    return report
