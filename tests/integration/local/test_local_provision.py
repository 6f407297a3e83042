"""Everything that the template describes, created on moto; and the pump on its queues."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import unquote_plus

import boto3
import pytest

from infra.local import staff_pool
from infra.local.functions import Functions
from infra.local.provision import OtherShape, provision
from infra.local.pump import Pump
from infra.local.schedules import Firings, schedules
from infra.local.staff_pool import Account
from infra.local.template import REGION, Template
from tests.support import quick_moto

PUBLIC_URL = "http://127.0.0.1:8000"


@pytest.fixture(autouse=True)
def aws(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "testing")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "testing")
    with quick_moto.empty():
        yield


def client(service: str) -> Any:
    return boto3.client(service, region_name=REGION)


@pytest.fixture
def template() -> Template:
    return Template.read(Stage="local")


def test_every_function_gets_the_settings_of_the_template(template: Template) -> None:
    made = provision(template, client, public_url=PUBLIC_URL)

    assert made["STAGE"] == "local"
    assert made["PUBLIC_URL"] == PUBLIC_URL
    assert made["LEAD_DAYS"] == "14"
    assert client("sqs").get_queue_attributes(QueueUrl=made["MAIL_QUEUE"], AttributeNames=["All"])
    assert client("s3").head_bucket(Bucket=made["IMPORT_BUCKET"])
    assert "TODAY" not in made


def test_the_table_is_the_templates(template: Template) -> None:
    name = provision(template, client, public_url=PUBLIC_URL)["TABLE"]
    dynamodb = client("dynamodb")
    table = dynamodb.describe_table(TableName=name)["Table"]

    assert [key["AttributeName"] for key in table["KeySchema"]] == ["pk", "sk"]
    assert {index["IndexName"] for index in table["GlobalSecondaryIndexes"]} == {
        "changes",
        "lists",
        "machines",
    }
    assert table["StreamSpecification"] == {"StreamEnabled": True, "StreamViewType": "NEW_IMAGE"}
    assert table["DeletionProtectionEnabled"] is True
    ttl = dynamodb.describe_time_to_live(TableName=name)["TimeToLiveDescription"]
    assert ttl == {"AttributeName": "expires_at", "TimeToLiveStatus": "ENABLED"}


def test_queues_have_their_dead_letters_and_visibility(template: Template) -> None:
    url = provision(template, client, public_url=PUBLIC_URL)["MAIL_QUEUE"]
    attributes = client("sqs").get_queue_attributes(QueueUrl=url, AttributeNames=["All"])[
        "Attributes"
    ]

    assert attributes["VisibilityTimeout"] == "360"
    redrive = json.loads(attributes["RedrivePolicy"])
    assert redrive["deadLetterTargetArn"].endswith("MailDeadLetters")


def test_a_file_in_the_drop_reaches_the_import_queue(template: Template) -> None:
    made = provision(template, client, public_url=PUBLIC_URL)
    for key in ("drop/firmen.csv", "uploads/firmen.csv"):
        client("s3").put_object(Bucket=made["IMPORT_BUCKET"], Key=key, Body=b"x")

    received = client("sqs").receive_message(QueueUrl=made["IMPORT_QUEUE"], MaxNumberOfMessages=10)[
        "Messages"
    ]
    events = [json.loads(message["Body"]) for message in received]
    keys = [
        unquote_plus(r["s3"]["object"]["key"]) for event in events for r in event.get("Records", [])
    ]
    assert keys == ["drop/firmen.csv"]


def test_secrets_are_made_once_and_kept(template: Template) -> None:
    first = provision(template, client, public_url=PUBLIC_URL)
    again = provision(Template.read(Stage="local"), client, public_url=PUBLIC_URL)

    assert first == again
    secret = client("secretsmanager").get_secret_value(SecretId=first["LINK_SECRET"])
    assert len(secret["SecretString"]) >= 64


def test_a_table_of_another_shape_is_refused(template: Template) -> None:
    client("dynamodb").create_table(
        TableName="meterportal-local-Table",
        KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
        AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "S"}],
        BillingMode="PAY_PER_REQUEST",
    )
    with pytest.raises(OtherShape):
        provision(template, client, public_url=PUBLIC_URL)


def test_a_table_of_an_earlier_version_gets_the_indexes_that_it_lacks(template: Template) -> None:
    """And loses those that the template has no more, or not with these keys; rows stay and are found."""
    dynamodb = client("dynamodb")
    names = ("pk", "sk", "old_pk", "machines_pk")
    dynamodb.create_table(
        TableName="meterportal-local-Table",
        KeySchema=[
            {"AttributeName": "pk", "KeyType": "HASH"},
            {"AttributeName": "sk", "KeyType": "RANGE"},
        ],
        AttributeDefinitions=[{"AttributeName": name, "AttributeType": "S"} for name in names],
        GlobalSecondaryIndexes=[
            {
                "IndexName": index,
                "KeySchema": [{"AttributeName": key, "KeyType": "HASH"}],
                "Projection": {"ProjectionType": "ALL"},
            }
            for index, key in (("old", "old_pk"), ("machines", "machines_pk"))
        ],
        BillingMode="PAY_PER_REQUEST",
    )
    row = {"pk": "COMPANY#1", "sk": "A", "lists_pk": "CONTRACTS", "lists_sk": "1"}
    item = {name: {"S": value} for name, value in row.items()}
    dynamodb.put_item(TableName="meterportal-local-Table", Item=item)

    for _ in range(2):
        name = provision(Template.read(Stage="local"), client, public_url=PUBLIC_URL)["TABLE"]

    table = dynamodb.describe_table(TableName=name)["Table"]
    assert {
        index["IndexName"]: (
            [key["AttributeName"] for key in index["KeySchema"]],
            index["Projection"]["ProjectionType"],
        )
        for index in table["GlobalSecondaryIndexes"]
    } == {
        "lists": (["lists_pk", "lists_sk"], "ALL"),
        "machines": (["machines_pk", "machines_sk"], "KEYS_ONLY"),
        "changes": (["changes_pk", "changes_sk"], "INCLUDE"),
    }
    found = dynamodb.query(
        TableName=name,
        IndexName="lists",
        KeyConditionExpression="lists_pk = :pk",
        ExpressionAttributeValues={":pk": {"S": "CONTRACTS"}},
    )
    assert found["Items"] == [item]


def test_staff_sign_in_by_password_on_this_machine_only(template: Template) -> None:
    provision(template, client, public_url=PUBLIC_URL)
    cognito = client("cognito-idp")
    pool, client_id = template.resolve([{"Ref": "UserPool"}, {"Ref": "UserPoolClient"}])
    account = Account("Anna", "anna@dealer.example", "ein langes Passwort", ("admin",))
    for _ in range(2):
        staff_pool.add_accounts(cognito, pool, [account])

    result = cognito.initiate_auth(
        ClientId=client_id,
        AuthFlow="USER_PASSWORD_AUTH",
        AuthParameters={"USERNAME": account.username, "PASSWORD": account.password},
    )
    assert result["AuthenticationResult"]["IdToken"]
    groups = cognito.list_groups(UserPoolId=pool)["Groups"]
    assert {group["GroupName"] for group in groups} == {"read", "remind", "release", "admin"}
    declared = template.resource("UserPoolClient").properties
    assert staff_pool.PASSWORD_FLOW not in declared["ExplicitAuthFlows"]
    assert template.resource("UserPool").properties["MfaConfiguration"] == "ON"


def test_the_pump_delivers_what_is_queued_and_keeps_what_failed(template: Template) -> None:
    made = provision(template, client, public_url=PUBLIC_URL)
    sqs = client("sqs")
    seen: list[str] = []

    def handler(event: Any, _context: Any) -> Any:
        bodies = {record["messageId"]: record["body"] for record in event["Records"]}
        # The import bucket's own test event comes by another queue.
        seen.extend(body for body in bodies.values() if "s3:TestEvent" not in body)
        failed = [{"itemIdentifier": key} for key, body in bodies.items() if body == "bad"]
        return {"batchItemFailures": failed}

    functions = Functions(template, report=lambda _: None, load=lambda _: handler)
    pump = Pump(template, functions, client, lambda _: None, clock=lambda: NEVER)
    for body in ("good", "bad"):
        sqs.send_message(QueueUrl=made["EXPORT_QUEUE"], MessageBody=body)
    with _running(pump, functions):
        _until(lambda: sorted(seen) == ["bad", "good"] and _counts(sqs, made) == (0, 1))


def test_the_pump_fires_a_schedule_when_its_time_comes(template: Template) -> None:
    provision(template, client, public_url=PUBLIC_URL)
    fired: list[Any] = []

    def handler(event: Any, _context: Any) -> None:
        if "Records" not in event:  # the bucket's own test event comes by the queue
            fired.append(event)

    functions = Functions(template, report=lambda _: None, load=lambda _: handler)
    start = time.monotonic()
    morning = datetime(2026, 11, 23, 5, 59, 59, tzinfo=UTC)
    pump = Pump(
        template,
        functions,
        client,
        lambda _: None,
        clock=lambda: morning + timedelta(seconds=time.monotonic() - start),
    )
    with _running(pump, functions):
        _until(lambda: bool(fired))

    assert fired == [{"kind": "daily_plan", "scheduled_at": "2026-11-23T06:00:00Z"}]


def test_a_firing_that_was_cut_off_is_fired_again_by_the_next_life(
    template: Template, tmp_path: Path
) -> None:
    provision(template, client, public_url=PUBLIC_URL)
    morning = datetime(2026, 11, 23, 6, 30, tzinfo=UTC)
    file = tmp_path / "firings.json"
    file.write_text(
        json.dumps(
            {
                schedule.name: (morning - timedelta(days=1)).isoformat()
                for schedule in schedules(template)
            }
        )
    )
    fired: list[str] = []

    def handler(event: Any, _context: Any) -> None:
        if "Records" not in event:
            fired.append(event["kind"])

    def live(enough: Callable[[], bool]) -> set[str]:
        fired.clear()
        functions = Functions(template, report=lambda _: None, load=lambda _: handler)
        pump = Pump(template, functions, client, lambda _: None, lambda: morning, Firings(file))
        with _running(pump, functions):
            _until(enough)
        return set(fired)

    # What was due at five was cut off too long ago. Receipts and failed runs are due at 6:25 and 6:30, the
    # plan at each full hour.
    every = {"daily_plan", "failed_runs", "receipts"}
    assert live(lambda: len(fired) == 6) == every
    told = file.read_text()
    start = time.monotonic()
    assert live(lambda: time.monotonic() > start + 1.5) == set()
    assert file.read_text() == told


NEVER = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)  # a clock that stands still at noon


def _counts(sqs: Any, made: dict[str, str]) -> tuple[int, int]:
    """Waiting and hidden messages of the export queue."""
    attributes = sqs.get_queue_attributes(QueueUrl=made["EXPORT_QUEUE"], AttributeNames=["All"])
    numbers = attributes["Attributes"]
    return (
        int(numbers["ApproximateNumberOfMessages"]),
        int(numbers["ApproximateNumberOfMessagesNotVisible"]),
    )


@contextmanager
def _running(pump: Pump, functions: Functions) -> Iterator[None]:
    pump.start()
    try:
        yield
    finally:
        pump.stop()
        functions.close()


def _until(happened: Any) -> None:
    end = time.monotonic() + 120
    while not happened():
        assert time.monotonic() < end, "it never happened"
        time.sleep(0.02)
