"""Table, queues and buckets: nothing is lost, nothing is public."""

from __future__ import annotations

import pytest
from meterportal.domain.mailing.mails import Stream
from meterportal.domain.portfolio.contracts import Company, Contact, Contract
from meterportal.domain.portfolio.machines import Machine
from meterportal.domain.portfolio.snapshots import LIVES
from meterportal.domain.portfolio.statistics import KEPT as MONTHS_KEPT
from meterportal.domain.reporting.photos import KEPT
from meterportal.domain.runs import GIVEN_UP, LEASES, RunKind
from meterportal.store.portfolio import holdings, machines
from meterportal.usecases.exchange.import_master_data import COLUMNS_KEY

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
    assert projections == {"lists": "ALL", "machines": "KEYS_ONLY", "changes": "INCLUDE"}


def test_the_index_of_changes_holds_what_rows_are_made_of_and_no_history_of_readings() -> None:
    (table,) = TEMPLATE.resources("AWS::DynamoDB::Table")
    (index,) = (
        one for one in table.properties["GlobalSecondaryIndexes"] if one["IndexName"] == "changes"
    )
    included = set(index["Projection"]["NonKeyAttributes"])
    assert "body" not in included
    company, contact, contract = Company("1", ""), Contact("1", "1"), Contract("1", "1")
    machine = machines.pack(Machine("1", "1", "1"))
    # No row says what the ERP still says or what was before, and AWS changes no projection.
    mended = {"channel_in_erp", "email_in_erp", "phone_in_erp", "active_in_erp"}
    mended |= {"former_mailboxes"}
    mended |= {"mended_at", "mended_by"}
    for attributes in (
        holdings.company_master(company),
        holdings.contact_master(contact).keys() - mended,
        holdings.contract_master(contract).keys() - mended,
        machine.keys() - {"pk", "sk", "body", "machines_pk", "machines_sk"},
        {"rev", "gone", "rights", "from_portal", "asked_for", "asked", "mailed"},
    ):
        assert set(attributes) <= included


@pytest.mark.parametrize("name", sorted(QUEUES))
def test_a_queue_is_encrypted(name: str) -> None:
    assert QUEUES[name]["SqsManagedSseEnabled"] is True


@pytest.mark.parametrize("name", sorted(WORKED))
def test_a_queue_has_dead_letters_of_its_own(name: str) -> None:
    letters = dead_letters(QUEUES[name])
    assert letters == f"{name.removesuffix('Queue')}DeadLetters"
    assert QUEUES[letters]["MessageRetentionPeriod"] == 14 * 24 * 3600


def test_every_queue_of_dead_letters_has_an_alarm_that_somebody_can_hear() -> None:
    letters = set(QUEUES) - WORKED
    heard = set()
    for alarm in TEMPLATE.resources("AWS::CloudWatch::Alarm"):
        (dimension,) = alarm.properties["Dimensions"]
        assert dimension["Name"] == "QueueName"
        assert alarm.properties["MetricName"] == "ApproximateNumberOfMessagesVisible"
        assert alarm.properties["AlarmActions"] == [{"Ref": "Alarms"}]
        assert alarm.properties["Threshold"] == 0
        heard.add(plain(dimension["Value"]).removesuffix(".QueueName"))
    assert heard == letters
    template = type(TEMPLATE).read(AlarmAddress="betrieb@dealer.example")
    assert template.resource("AlarmMail").properties["TopicArn"] == {"Ref": "Alarms"}


def test_the_dead_letters_of_runs_are_looked_at_and_never_taken() -> None:
    function = FUNCTIONS["mark_failed_runs"]
    (_, looked_at) = function.environment["DEAD_LETTERS"]["Fn::Join"]
    names = {one["Ref"] for one in looked_at}
    no_runs = {"MailEventDeadLetters", "PortfolioDeadLetters", "InboundDeadLetters"}
    assert names == set(QUEUES) - WORKED - no_runs, "nor does anybody wait for an event"
    (statement,) = (one for one in statements(function) if one["Sid"] == "LookAtDeadLetters")
    assert {plain(one) for one in statement["Resource"]} == {f"{name}.Arn" for name in names}
    assert set(statement["Action"]) == {"sqs:GetQueueAttributes", "sqs:ReceiveMessage"}


def test_a_run_is_given_up_only_after_all_its_deliveries() -> None:
    for name, timeout in worked().items():
        redrive = QUEUES[name]["RedrivePolicy"]
        deliveries = redrive["maxReceiveCount"] * QUEUES[name]["VisibilityTimeout"] + timeout
        assert deliveries < GIVEN_UP.total_seconds(), name


def test_a_lease_is_longer_than_its_worker_may_run() -> None:
    packages = {
        RunKind.IMPORT: "import_master_data",
        RunKind.ROUND: "plan_requests",
        RunKind.EXPORT: "export_readings",
        RunKind.CHECK: "check_readiness",
    }
    assert set(LEASES) == set(packages)
    for kind, lease in LEASES.items():
        assert lease.total_seconds() > FUNCTIONS[packages[kind]].timeout, kind


def worked() -> dict[str, int]:
    """The queues that feed a function, with its timeout in seconds."""
    found = {}
    for function in FUNCTIONS.values():
        for event in function.properties.get("Events", {}).values():
            if event["Type"] == "SQS":
                name = plain(event["Properties"]["Queue"]).removesuffix(".Arn")
                assert name not in found, f"{name} has one worker"
                found[name] = function.timeout
    return found


def test_every_queue_has_one_worker_and_the_time_it_needs() -> None:
    assert set(worked()) == WORKED
    for name, timeout in worked().items():
        assert QUEUES[name]["VisibilityTimeout"] >= 6 * timeout, name


@pytest.mark.parametrize("name", sorted(BUCKETS))
def test_a_bucket_is_private_and_encrypted(name: str) -> None:
    properties = BUCKETS[name].properties
    assert set(properties["PublicAccessBlockConfiguration"].values()) == {True}
    assert len(properties["PublicAccessBlockConfiguration"]) == 4
    assert "BucketEncryption" in properties
    # What is erased is gone when the snapshots that named it are: they have no versions.
    versioned = name != "PortfolioBucket"
    assert ("VersioningConfiguration" in properties) is versioned
    if versioned:
        assert properties["VersioningConfiguration"] == {"Status": "Enabled"}
    denied = [
        statement
        for policy in TEMPLATE.resources("AWS::S3::BucketPolicy")
        if policy.properties["Bucket"] == {"Ref": name}
        for statement in policy.properties["PolicyDocument"]["Statement"]
        if statement["Effect"] == "Deny"
    ]
    assert [statement["Sid"] for statement in denied] == ["EncryptedConnectionsOnly"]


@pytest.mark.parametrize("name", sorted(BUCKETS))
def test_a_bucket_outlives_its_stack_but_not_a_failed_first_deployment(name: str) -> None:
    body = BUCKETS[name].body
    assert body["DeletionPolicy"] == "RetainExceptOnCreate"
    assert body["UpdateReplacePolicy"] == "Retain"


@pytest.mark.parametrize("name", sorted(BUCKETS))
def test_a_bucket_has_no_name_that_another_may_have(name: str) -> None:
    """A bucket left behind under a fixed name would stand in the way of the next deployment."""
    given = BUCKETS[name].properties.get("BucketName")
    assert TEMPLATE.resolve(given) is None
    if name == "ImportBucket":
        old = type(TEMPLATE).read(ImportBucketName="meterportal-imports-123456789012")
        assert old.resolve(given) == "meterportal-imports-123456789012"


def test_what_deletion_protection_guards_is_not_deleted_after_a_failure() -> None:
    """CloudFormation could not: the roll-back itself would fail. Neither has a name to be taken."""
    (table,) = TEMPLATE.resources("AWS::DynamoDB::Table")
    (pool,) = TEMPLATE.resources("AWS::Cognito::UserPool")
    assert table.body["DeletionPolicy"] == pool.body["DeletionPolicy"] == "Retain"
    assert "TableName" not in table.properties


def test_imports_are_forgotten_and_the_mapping_of_columns_is_not() -> None:
    rules = BUCKETS["ImportBucket"].properties["LifecycleConfiguration"]["Rules"]
    kept = {
        key: [rule for rule in rules if "Prefix" not in rule or key.startswith(rule["Prefix"])]
        for key in ("drop/erp.zip", "uploads/1/erp.zip", COLUMNS_KEY)
    }
    forgets = {
        key: any("Expiration" in name for rule in found for name in rule)
        for key, found in kept.items()
    }
    assert forgets == {"drop/erp.zip": True, "uploads/1/erp.zip": True, COLUMNS_KEY: False}


def test_photos_are_forgotten_after_four_hundred_days() -> None:
    (rule,) = BUCKETS["PhotoBucket"].properties["LifecycleConfiguration"]["Rules"]
    assert (rule["Status"], rule["ExpirationInDays"]) == ("Enabled", KEPT.days)
    assert rule["NoncurrentVersionExpiration"] == {"NoncurrentDays": 1}


def test_snapshots_are_forgotten_when_nobody_is_sent_to_them_any_more() -> None:
    rules = BUCKETS["PortfolioBucket"].properties["LifecycleConfiguration"]["Rules"]
    assert {(rule["Status"], rule["Prefix"]): rule["ExpirationInDays"] for rule in rules} == {
        ("Enabled", "portfolio/"): LIVES.days,
        ("Enabled", "statistics/"): MONTHS_KEPT.days,
    }
    assert holdings.TOMBSTONES_KEPT > LIVES


def test_the_contact_s_function_signs_uploads_and_reads_no_photo() -> None:
    """Staff's deletes those of a person who is erased."""
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
    erases = {"s3:DeleteObject", "s3:DeleteObjectVersion"}
    assert allowed_there == {
        "customer_api": {"s3:PutObject"},
        "staff_api": {"s3:GetObject", *erases},
    }


def test_nothing_outside_may_send_into_a_queue_but_its_source() -> None:
    for policy in TEMPLATE.resources("AWS::SQS::QueuePolicy"):
        for statement in policy.properties["PolicyDocument"]["Statement"]:
            assert set(statement["Principal"]) == {"Service"}
            assert statement["Action"] == "sqs:SendMessage"
            condition = statement["Condition"]
            if statement["Principal"]["Service"] == "s3.amazonaws.com":
                # The bucket's name may be made up later: then any bucket of this account.
                assert condition["StringEquals"] == {"aws:SourceAccount": {"Ref": "AWS::AccountId"}}
                assert "aws:SourceArn" in condition["ArnLike"]
            else:
                assert "aws:SourceArn" in condition["ArnEquals"]


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
    sets = {one.name for one in TEMPLATE.resources("AWS::SES::ConfigurationSet")}
    assert len(sets) == len(Stream)
    assert {name for name in sets if f"{{{name}}}" in str(rule.properties["EventPattern"])} == sets
    destinations = list(TEMPLATE.resources("AWS::SES::ConfigurationSetEventDestination"))
    assert {plain(one.properties["ConfigurationSetName"]) for one in destinations} == sets
    for one in destinations:
        types = set(one.properties["EventDestination"]["MatchingEventTypes"])
        assert {"BOUNCE", "COMPLAINT", "DELIVERY", "REJECT", "RENDERING_FAILURE"} <= types


def test_no_link_of_a_mail_is_rewritten_to_follow_who_opens_it() -> None:
    """SES does so where opens or clicks are among the events, and for its deliverability manager."""
    for one in TEMPLATE.resources("AWS::SES::ConfigurationSetEventDestination"):
        types = set(one.properties["EventDestination"]["MatchingEventTypes"])
        assert not types & {"OPEN", "CLICK", "SUBSCRIPTION"}
    for one in TEMPLATE.resources("AWS::SES::ConfigurationSet"):
        assert "TrackingOptions" not in one.properties
        followed = one.properties["VdmOptions"]["DashboardOptions"]["EngagementMetrics"]
        assert followed == "DISABLED"
