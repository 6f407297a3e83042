"""What each function's role may do, as IAM itself judges it.

Which keys of the table a function may write is judged by tests/support/rights.py in every integration test.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from tests.smoke.deployed import Deployed

FUNCTIONS = [
    "BuildPortfolio",
    "CheckReadiness",
    "CustomerApi",
    "ErpApi",
    "ExportReadings",
    "ImportMasterData",
    "MarkFailedRuns",
    "PlanRequests",
    "QueueReceipts",
    "RecordMailEvents",
    "ReleaseReadings",
    "SendMail",
    "StaffApi",
    "StaffSession",
]


@pytest.fixture(scope="session")
def may(deployed: Deployed, client: Callable[[str], Any]) -> Callable[..., bool]:
    """Asks IAM: may this function do that to this resource?"""

    def judged(function: str, action: str, resource: str) -> bool:
        name = deployed.outputs[f"{function}Name"]
        role = client("lambda").get_function_configuration(FunctionName=name)["Role"]
        (result,) = client("iam").simulate_principal_policy(
            PolicySourceArn=role,
            ActionNames=[action],
            ResourceArns=[resource],
        )["EvaluationResults"]
        return bool(result["EvalDecision"] == "allowed")

    return judged


@pytest.fixture(scope="session")
def table(deployed: Deployed, client: Callable[[str], Any]) -> str:
    described = client("dynamodb").describe_table(TableName=deployed.outputs["TableName"])
    return str(described["Table"]["TableArn"])


def test_every_deployed_function_is_looked_at(
    deployed: Deployed, client: Callable[[str], Any]
) -> None:
    pages = client("cloudformation").get_paginator("list_stack_resources")
    there = {
        resource["LogicalResourceId"]
        for page in pages.paginate(StackName=deployed.name)
        for resource in page["StackResourceSummaries"]
        if resource["ResourceType"] == "AWS::Lambda::Function"
    }
    assert there == set(FUNCTIONS)


@pytest.mark.parametrize("function", FUNCTIONS)
def test_nobody_scans_or_drops_the_table(
    may: Callable[..., bool], table: str, function: str
) -> None:
    for action in ("dynamodb:Scan", "dynamodb:DeleteTable"):
        assert not may(function, action, table)


@pytest.mark.parametrize("function", FUNCTIONS)
def test_only_send_mail_sends(
    may: Callable[..., bool], table: str, deployed: Deployed, function: str
) -> None:
    _, _, _, region, account, _ = table.split(":", 5)
    identity = f"arn:aws:ses:{region}:{account}:identity/{deployed.outputs['SenderDomain']}"
    assert may(function, "ses:SendRawEmail", identity) is (function == "SendMail")


def test_the_erp_s_function_reads_the_feed_s_index_only(
    may: Callable[..., bool], table: str
) -> None:
    for action in ("dynamodb:GetItem", "dynamodb:Query", "dynamodb:PutItem"):
        assert not may("ErpApi", action, table)
    assert not may("ErpApi", "dynamodb:Query", f"{table}/index/lists")
