"""Table, queues and buckets: nothing is lost, nothing is public."""

from __future__ import annotations

import pytest
from meterportal.domain.photos import KEPT

from tests.template.reading import FUNCTIONS, TEMPLATE, dead_letters, listed, plain, statements

QUEUES = {queue.name: queue.properties for queue in TEMPLATE.resources("AWS::SQS::Queue")}
WORKED = {name for name in QUEUES if not name.endswith("DeadLetters")}
BUCKETS = {bucket.name: bucket for bucket in TEMPLATE.resources("AWS::S3::Bucket")}


def test_the_table_is_kept() -> None:
    (table,) = TEMPLATE.resources("AWS::DynamoDB::Table")
    assert table.body["DeletionPolicy"] == table.body["UpdateReplacePolicy"] == "Retain"
    properties = table.properties
    assert properties["DeletionProtectionEnabled"] is True
    assert properties["PointInTimeRecoverySpecification"] == {"PointInTimeRecoveryEnabled": True}
    assert properties["SSESpecification"] == {"SSEEnabled": True}
    assert properties["BillingMode"] == "PAY_PER_REQUEST"
    assert properties["TimeToLiveSpecification"] == {
        "AttributeName": "expires_at",
        "Enabled": True,
    }
    assert properties["StreamSpecification"] == {"StreamViewType": "NEW_IMAGE"}
    projections = {
        index["IndexName"]: index["Projection"]["ProjectionType"]
        for index in properties["GlobalSecondaryIndexes"]
    }
    assert projections == {"lists": "ALL", "machines": "KEYS_ONLY"}


@pytest.mark.parametrize("name", sorted(QUEUES))
def test_a_queue_is_encrypted(name: str) -> None:
    assert QUEUES[name]["SqsManagedSseEnabled"] is True


@pytest.mark.parametrize("name", sorted(WORKED))
def test_a_queue_has_dead_letters_of_its_own(name: str) -> None:
    letters = dead_letters(QUEUES[name])
    assert letters == f"{name.removesuffix('Queue')}DeadLetters"
    assert QUEUES[letters]["MessageRetentionPeriod"] == 14 * 24 * 3600


def test_every_queue_has_one_worker_and_the_time_it_needs() -> None:
    worked = {}
    for function in FUNCTIONS.values():
        for event in function.properties["Events"].values():
            if event["Type"] == "SQS":
                name = plain(event["Properties"]["Queue"]).removesuffix(".Arn")
                assert name not in worked
                worked[name] = function.timeout
    assert set(worked) == WORKED
    for name, timeout in worked.items():
        assert QUEUES[name]["VisibilityTimeout"] >= 6 * timeout, name


@pytest.mark.parametrize("name", sorted(BUCKETS))
def test_a_bucket_is_private_and_encrypted(name: str) -> None:
    properties = BUCKETS[name].properties
    assert set(properties["PublicAccessBlockConfiguration"].values()) == {True}
    assert len(properties["PublicAccessBlockConfiguration"]) == 4
    assert "BucketEncryption" in properties
    assert properties["VersioningConfiguration"] == {"Status": "Enabled"}
    denied = [
        statement
        for policy in TEMPLATE.resources("AWS::S3::BucketPolicy")
        if policy.properties["Bucket"] == {"Ref": name}
        for statement in policy.properties["PolicyDocument"]["Statement"]
        if statement["Effect"] == "Deny"
    ]
    assert [statement["Sid"] for statement in denied] == ["EncryptedConnectionsOnly"]


def test_photos_are_forgotten_after_four_hundred_days() -> None:
    (rule,) = BUCKETS["PhotoBucket"].properties["LifecycleConfiguration"]["Rules"]
    assert (rule["Status"], rule["ExpirationInDays"]) == ("Enabled", KEPT.days)
    assert rule["NoncurrentVersionExpiration"] == {"NoncurrentDays": 1}


def test_the_contact_s_function_signs_uploads_and_reads_no_photo() -> None:
    allowed_there = {
        api: {
            action
            for statement in statements(FUNCTIONS[api])
            for resource in listed(statement["Resource"])
            if plain(resource) == "${PhotoBucket.Arn}/photos/*"
            for action in listed(statement["Action"])
        }
        for api in ("customer_api", "staff_api")
    }
    assert allowed_there == {"customer_api": {"s3:PutObject"}, "staff_api": {"s3:GetObject"}}


def test_nothing_outside_may_send_into_a_queue_but_its_source() -> None:
    for policy in TEMPLATE.resources("AWS::SQS::QueuePolicy"):
        for statement in policy.properties["PolicyDocument"]["Statement"]:
            assert set(statement["Principal"]) == {"Service"}
            assert statement["Action"] == "sqs:SendMessage"
            assert "aws:SourceArn" in statement["Condition"]["ArnEquals"]


def test_a_file_in_the_drop_is_told_to_the_import() -> None:
    notified = BUCKETS["ImportBucket"].properties["NotificationConfiguration"]
    (queue,) = notified["QueueConfigurations"]
    assert plain(queue["Queue"]) == "ImportQueue.Arn"
    assert queue["Filter"]["S3Key"]["Rules"] == [{"Name": "prefix", "Value": "drop/"}]


def test_mail_events_reach_their_queue() -> None:
    (rule,) = TEMPLATE.resources("AWS::Events::Rule")
    (target,) = rule.properties["Targets"]
    assert plain(target["Arn"]) == "MailEventQueue.Arn"
    assert rule.properties["EventPattern"]["source"] == ["aws.ses"]
    (destination,) = TEMPLATE.resources("AWS::SES::ConfigurationSetEventDestination")
    types = set(destination.properties["EventDestination"]["MatchingEventTypes"])
    assert {"BOUNCE", "COMPLAINT", "DELIVERY", "REJECT", "RENDERING_FAILURE"} <= types
