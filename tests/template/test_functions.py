"""Each function: importable, with a log group, rights and settings of its own."""

from __future__ import annotations

import dataclasses
import importlib
import re
from typing import Any

import pytest
from meterportal.settings import Settings

from infra.local.template import ROOT
from tests.template.reading import FUNCTIONS, TEMPLATE, allowed, listed, plain, statements

ALL = sorted(FUNCTIONS)
QUEUES_READ = {
    "send_mail",
    "receive_mail",
    "plan_requests",
    "record_mail_events",
    "release_readings",
} | {
    "import_master_data",
    "export_readings",
    "check_readiness",
    "build_portfolio",
}


def test_the_template_has_every_function_of_the_tree() -> None:
    folders = {path.parent.name for path in (ROOT / "functions").glob("*/app.py")}
    assert folders == set(FUNCTIONS)


@pytest.mark.parametrize("package", ALL)
def test_a_handler_is_where_the_template_says(package: str) -> None:
    module, name = FUNCTIONS[package].handler.rsplit(".", 1)
    assert callable(getattr(importlib.import_module(module), name))


@pytest.mark.parametrize("package", ALL)
def test_a_function_logs_into_its_own_group_which_forgets(package: str) -> None:
    function = FUNCTIONS[package]
    group = function.properties["LoggingConfig"]["LogGroup"]["Ref"]
    assert group == f"{function.name}Logs"
    properties = TEMPLATE.resource(group).properties
    assert TEMPLATE.resolve(properties["LogGroupName"]).endswith(f"/{package}")
    assert TEMPLATE.resolve(properties["RetentionInDays"]) > 0


@pytest.mark.parametrize("package", ALL)
def test_a_function_has_its_own_role(package: str) -> None:
    properties = FUNCTIONS[package].properties
    assert "Role" not in properties, "SAM makes one role per function from Policies"
    assert all(set(policy) == {"Statement"} for policy in properties["Policies"])
    sids = [statement["Sid"] for statement in statements(FUNCTIONS[package])]
    assert len(sids) == len(set(sids))


@pytest.mark.parametrize("package", ALL)
def test_no_statement_is_wider_than_its_purpose(package: str) -> None:
    for statement in statements(FUNCTIONS[package]):
        for action in listed(statement["Action"]):
            assert "*" not in action, statement
        for resource in map(plain, listed(statement["Resource"])):
            # Objects of a bucket have no names beforehand, the account and its suppression list have
            # none in IAM; everything else is named.
            objects = re.fullmatch(r"\$\{\w+Bucket\.Arn\}/([a-z]+/(\*/[a-z]+/)?)?\*", resource)
            of_account = (
                ["ses:GetSuppressedDestination", "ses:DeleteSuppressedDestination"],
                ["ses:GetAccount"],
            )
            nameless = listed(statement["Action"]) in of_account
            assert objects or nameless or "*" not in resource, statement


@pytest.mark.parametrize("package", ALL)
def test_nobody_may_read_the_whole_table_at_once(package: str) -> None:
    assert "dynamodb:Scan" not in allowed(FUNCTIONS[package])


def test_only_send_mail_may_send() -> None:
    may = {
        package
        for package, function in FUNCTIONS.items()
        if any(action.startswith("ses:Send") for action in allowed(function))
    }
    assert may == {"send_mail"}


def test_the_contact_s_function_may_not_write_what_releases() -> None:
    for statement in statements(FUNCTIONS["customer_api"]):
        if "dynamodb:PutItem" in listed(statement["Action"]):
            keys = statement["Condition"]["ForAllValues:StringLike"]["dynamodb:LeadingKeys"]
            assert not [key for key in keys if key.startswith(("RELEASE", "EXPORT", "ROUND"))]
            break
    else:
        pytest.fail("customer_api writes nothing")
    queues = [
        statement["Resource"]
        for statement in statements(FUNCTIONS["customer_api"])
        if "sqs:SendMessage" in listed(statement["Action"])
    ]
    assert [plain(queue) for queue in queues] == ["MailQueue.Arn"]


def test_writers_of_part_of_the_table_are_held_to_it() -> None:
    everything = {"staff_api", "import_master_data"}
    for package, function in FUNCTIONS.items():
        for statement in statements(function):
            if "dynamodb:PutItem" in listed(statement["Action"]):
                assert ("Condition" in statement) is (package not in everything), package


def environment(package: str) -> dict[str, Any]:
    return {
        name: value
        for name, value in FUNCTIONS[package].environment.items()
        if not name.startswith(("POWERTOOLS_", "PYDANTIC_"))  # for these libraries
    }


_LOCAL = {"TODAY", "NAME_SERVER"}
"""What is read on one machine only."""


@pytest.mark.parametrize("package", ALL)
def test_every_variable_is_a_setting(package: str) -> None:
    known = {field.name.upper() for field in dataclasses.fields(Settings)}
    assert set(environment(package)) <= known - _LOCAL


def test_every_setting_is_given_by_the_template() -> None:
    given = {name for package in ALL for name in environment(package)}
    assert {field.name.upper() for field in dataclasses.fields(Settings)} == given | _LOCAL


def test_the_date_can_be_set_on_one_machine_only() -> None:
    assert "local" not in TEMPLATE.document["Parameters"]["Stage"]["AllowedValues"]
    text = (ROOT / "template.yaml").read_text(encoding="utf-8")
    assert not [name for name in _LOCAL if name in text]


def test_functions_and_layer_are_built_for_the_same_processor() -> None:
    for function in FUNCTIONS.values():
        assert function.properties["Architectures"] == [{"Ref": "Architecture"}]
        assert function.properties["Runtime"] == "python3.13"
    for layer in TEMPLATE.resources("AWS::Serverless::LayerVersion"):
        assert layer.body["Metadata"]["BuildArchitecture"] == {"Ref": "Architecture"}
        assert layer.properties["CompatibleArchitectures"] == [{"Ref": "Architecture"}]


def test_schedules_follow_the_clock_of_the_business() -> None:
    found = {}
    for package, function in FUNCTIONS.items():
        for event in TEMPLATE.events(function, "ScheduleV2"):
            assert event.properties["ScheduleExpressionTimezone"] == "Europe/Berlin"
            assert event.properties["RetryPolicy"]["MaximumRetryAttempts"] > 0
            raw = function.properties["Events"][event.name]["Properties"]
            assert plain(raw["DeadLetterConfig"]["Arn"]) == "ScheduleDeadLetters.Arn"
            assert "<aws.scheduler.scheduled-time>" in event.properties["Input"]
            found[package] = event.properties["ScheduleExpression"]
    assert found == {
        "build_portfolio": "cron(15 5 * * ? *)",
        "check_readiness": "cron(0 5 * * ? *)",
        "plan_requests": "cron(0 * * * ? *)",
        "queue_receipts": "rate(5 minutes)",
        "mark_failed_runs": "rate(5 minutes)",
    }


@pytest.mark.parametrize("package", sorted(QUEUES_READ))
def test_a_worker_hands_back_only_what_failed(package: str) -> None:
    (event,) = [
        event
        for event in FUNCTIONS[package].properties["Events"].values()
        if event["Type"] == "SQS"
    ]
    assert event["Properties"]["FunctionResponseTypes"] == ["ReportBatchItemFailures"]


@pytest.mark.parametrize("package", sorted(QUEUES_READ))
def test_a_queue_starts_only_so_many_workers(package: str) -> None:
    """A thousand messages must not take the account's concurrency away from those who report."""
    (event,) = TEMPLATE.events(FUNCTIONS[package], "SQS")
    assert (
        2 <= event.properties["ScalingConfig"]["MaximumConcurrency"] <= 5
    )  # 2 is the least AWS takes


def test_a_firing_that_fails_in_its_function_is_kept_too() -> None:
    """A schedule hands its event over and is done; what then fails is Lambda's to keep."""
    scheduled = {
        package
        for package, function in FUNCTIONS.items()
        if list(TEMPLATE.events(function, "ScheduleV2"))
    }
    assert scheduled == {
        "build_portfolio",
        "check_readiness",
        "plan_requests",
        "queue_receipts",
        "mark_failed_runs",
    }
    for package in scheduled:
        config = FUNCTIONS[package].properties["EventInvokeConfig"]
        failed = config["DestinationConfig"]["OnFailure"]
        assert failed["Type"] == "SQS"
        assert plain(failed["Destination"]) == "ScheduleDeadLetters.Arn"
        (event,) = TEMPLATE.events(FUNCTIONS[package], "ScheduleV2")
        oldest = event.properties["RetryPolicy"]["MaximumEventAgeInSeconds"]
        assert config["MaximumEventAgeInSeconds"] == oldest
        assert config["MaximumRetryAttempts"] > 0
