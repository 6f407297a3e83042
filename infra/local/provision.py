"""Creates what template.yaml describes: table, queues, buckets, secrets, mail identity, login.

Works against any endpoint that speaks AWS (MiniStack when the application runs here, moto in
tests) and may run again on what exists: names, settings and data stay.
"""

from __future__ import annotations

import json
import re
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from botocore.exceptions import ClientError

from infra.local.staff_pool import create_staff_pool
from infra.local.template import Resource, Template

Client = Callable[[str], Any]

_DYNAMIC = re.compile(r"\{\{resolve:secretsmanager:(.+?)(?::SecretString(?::([^:}]*))?[^}]*)?\}\}")


class OtherShape(Exception):
    """The table that exists has other keys; only a fresh start helps."""


def provision(template: Template, client: Client, *, public_url: str) -> dict[str, str]:
    """Creates everything that is missing; returns the environment variables of all functions.

    `client` gives the boto3 client of a service; `public_url` is where people reach the
    application ("http://127.0.0.1:8000"). The template knows all real names afterwards.
    """
    template.account = client("sts").get_caller_identity()["Account"]
    _create_queues(template, client("sqs"))
    _create_tables(template, client("dynamodb"))
    _create_buckets(template, client("s3"))
    _create_secrets(template, client("secretsmanager"))
    _create_mail(template, client("sesv2"))
    create_staff_pool(template, client("cognito-idp"), public_url=public_url)
    merged: dict[str, str] = {}
    for variables in environments(template, client, public_url=public_url).values():
        merged.update(variables)
    return merged


def environments(
    template: Template, client: Client, *, public_url: str
) -> dict[str, dict[str, str]]:
    """The environment of each function by its package, as the template says it.

    Only the addresses differ: the template's are https, on CloudFront and at Cognito.
    """
    here = {"PUBLIC_URL": public_url, "LOGIN_URL": public_url}
    return {
        function.package: {
            name: here.get(name) or secret_text(str(template.resolve(value)), client)
            for name, value in function.environment.items()
        }
        for function in template.functions()
    }


def secret_text(value: str, client: Client) -> str:
    """`value` with CloudFormation's {{resolve:secretsmanager:...}} replaced by the secret."""

    def replace(match: re.Match[str]) -> str:
        name, key = match.groups()
        secret = client("secretsmanager").get_secret_value(
            SecretId=name, VersionStage="AWSCURRENT"
        )["SecretString"]
        return str(json.loads(secret)[key]) if key else str(secret)

    return _DYNAMIC.sub(replace, value)


def known_parameters(client: Any, operation: str, properties: Mapping[str, Any]) -> dict[str, Any]:
    """Those properties that the API's operation takes under the same name."""
    members = client.meta.service_model.operation_model(operation).input_shape.members
    return {name: value for name, value in properties.items() if name in members}


def _name(template: Template, resource: Resource, key: str) -> str:
    given = resource.properties.get(key)
    return str(template.resolve(given)) if given else f"{template.stack}-{resource.name}"


# queues


def _create_queues(template: Template, sqs: Any) -> None:
    """All queues first, then their attributes: a redrive policy names another queue."""
    queues = list(template.resources("AWS::SQS::Queue"))
    host = sqs.meta.endpoint_url.rstrip("/")
    for queue in queues:
        name = _name(template, queue, "QueueName")
        path = sqs.create_queue(QueueName=name)["QueueUrl"].split("://", 1)[1].split("/", 1)[1]
        # MiniStack remembers URLs with the port of its first life; the path is what counts.
        url = f"{host}/{path}"
        attributes = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])
        arn = attributes["Attributes"]["QueueArn"]
        template.know(queue.name, url, Arn=arn, QueueName=name, QueueUrl=url)
    for queue in queues:
        properties = template.resolve(dict(queue.properties))
        attributes = {
            name: _attribute_text(value)
            for name, value in properties.items()
            if name not in ("QueueName", "Tags")
        }
        if attributes:
            url = template.resolve({"Ref": queue.name})
            sqs.set_queue_attributes(QueueUrl=url, Attributes=attributes)


def _attribute_text(value: Any) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    return json.dumps(value) if isinstance(value, dict) else str(value)


# table


def _create_tables(template: Template, dynamodb: Any) -> None:
    for resource in template.resources("AWS::DynamoDB::Table"):
        name = _name(template, resource, "TableName")
        properties = template.resolve(dict(resource.properties))
        try:
            table = dynamodb.describe_table(TableName=name)["Table"]
        except dynamodb.exceptions.ResourceNotFoundException:
            table = _create_table(dynamodb, name, properties)
        if _keys(table) != _keys(properties):
            raise OtherShape(name)
        _settle_indexes(dynamodb, name, properties)
        template.know(
            resource.name, name, Arn=table["TableArn"], StreamArn=table.get("LatestStreamArn")
        )


def _create_table(dynamodb: Any, name: str, properties: Mapping[str, Any]) -> dict[str, Any]:
    wanted = known_parameters(dynamodb, "CreateTable", properties) | {"TableName": name}
    if "StreamSpecification" in wanted:
        wanted["StreamSpecification"] = {"StreamEnabled": True, **wanted["StreamSpecification"]}
    if "SSESpecification" in wanted:
        wanted["SSESpecification"] = {"Enabled": wanted["SSESpecification"]["SSEEnabled"]}
    table: dict[str, Any] = dynamodb.create_table(**wanted)["TableDescription"]
    dynamodb.get_waiter("table_exists").wait(TableName=name, WaiterConfig={"Delay": 1})
    if "TimeToLiveSpecification" in properties:
        dynamodb.update_time_to_live(
            TableName=name, TimeToLiveSpecification=properties["TimeToLiveSpecification"]
        )
    if "PointInTimeRecoverySpecification" in properties:
        dynamodb.update_continuous_backups(
            TableName=name,
            PointInTimeRecoverySpecification=properties["PointInTimeRecoverySpecification"],
        )
    return table


def _settle_indexes(dynamodb: Any, name: str, properties: Mapping[str, Any]) -> None:
    """Deletes the indexes that the template has not, or not so, then makes and fills the missing:
    one at a time, as DynamoDB takes them.
    """
    wanted = {index["IndexName"]: index for index in properties.get("GlobalSecondaryIndexes", [])}
    for index in _indexes(dynamodb, name):
        known = wanted.get(index["IndexName"])
        if known is None or _form(known) != _form(index):
            _change_index(dynamodb, name, {"Delete": {"IndexName": index["IndexName"]}})
    there = {index["IndexName"] for index in _indexes(dynamodb, name)}
    used = {*_keys(properties), *(key for index in there for key in _keys(wanted[index]))}
    for missing in sorted(wanted.keys() - there):
        used |= set(_keys(wanted[missing]))
        definitions = [
            defined
            for defined in properties["AttributeDefinitions"]
            if defined["AttributeName"] in used
        ]
        _change_index(dynamodb, name, {"Create": wanted[missing]}, AttributeDefinitions=definitions)


def _change_index(dynamodb: Any, name: str, change: Mapping[str, Any], **more: Any) -> None:
    dynamodb.update_table(TableName=name, GlobalSecondaryIndexUpdates=[change], **more)
    while any(index["IndexStatus"] != "ACTIVE" for index in _indexes(dynamodb, name)):
        time.sleep(0.2)


def _indexes(dynamodb: Any, name: str) -> list[Mapping[str, Any]]:
    table = dynamodb.describe_table(TableName=name)["Table"]
    indexes: list[Mapping[str, Any]] = table.get("GlobalSecondaryIndexes", [])
    return indexes


def _form(index: Mapping[str, Any]) -> tuple[list[str], Any, list[str]]:
    projection = index["Projection"]
    return (
        _keys(index),
        projection["ProjectionType"],
        sorted(projection.get("NonKeyAttributes", [])),
    )


def _keys(table: Mapping[str, Any]) -> list[str]:
    return [str(key["AttributeName"]) for key in table["KeySchema"]]


# buckets


def _create_buckets(template: Template, s3: Any) -> None:
    for resource in template.resources("AWS::S3::Bucket"):
        name = str(template.resolve({"Ref": resource.name}))
        properties = template.resolve(dict(resource.properties))
        try:
            s3.head_bucket(Bucket=name)
        except ClientError as missing:
            if missing.response["ResponseMetadata"]["HTTPStatusCode"] != 404:
                raise
            s3.create_bucket(
                Bucket=name, CreateBucketConfiguration={"LocationConstraint": template.region}
            )
        if "VersioningConfiguration" in properties:
            s3.put_bucket_versioning(
                Bucket=name, VersioningConfiguration=properties["VersioningConfiguration"]
            )
        wanted = _notifications(properties.get("NotificationConfiguration", {}))
        # Setting a notification sends a test event to its queue: once is enough.
        if wanted and not s3.get_bucket_notification_configuration(Bucket=name).get(
            "QueueConfigurations"
        ):
            s3.put_bucket_notification_configuration(
                Bucket=name, NotificationConfiguration={"QueueConfigurations": wanted}
            )
        template.know(resource.name, name, Arn=f"arn:aws:s3:::{name}")


def _notifications(configuration: Mapping[str, Any]) -> list[dict[str, Any]]:
    """CloudFormation's form of queue notifications -> the API's."""
    return [
        {
            "QueueArn": queue["Queue"],
            "Events": [queue["Event"]],
            "Filter": {
                "Key": {"FilterRules": queue.get("Filter", {}).get("S3Key", {}).get("Rules", [])}
            },
        }
        for queue in configuration.get("QueueConfigurations", [])
    ]


# secrets


def _create_secrets(template: Template, secrets: Any) -> None:
    for resource in template.resources("AWS::SecretsManager::Secret"):
        name = _name(template, resource, "Name")
        properties = template.resolve(dict(resource.properties))
        try:
            arn = secrets.describe_secret(SecretId=name)["ARN"]
        except secrets.exceptions.ResourceNotFoundException:
            arn = secrets.create_secret(Name=name, SecretString=_secret(secrets, properties))["ARN"]
        template.know(resource.name, arn, Id=arn)


def _secret(secrets: Any, properties: Mapping[str, Any]) -> str:
    if "SecretString" in properties:
        return str(properties["SecretString"])
    recipe = dict(properties["GenerateSecretString"])
    frame, key = recipe.pop("SecretStringTemplate", None), recipe.pop("GenerateStringKey", None)
    password = str(secrets.get_random_password(**recipe)["RandomPassword"])
    return json.dumps({**json.loads(frame), key: password}) if frame else password


# mail


def _create_mail(template: Template, ses: Any) -> None:
    for resource in template.resources("AWS::SES::EmailIdentity"):
        identity = str(template.resolve(resource.properties["EmailIdentity"]))
        with _unless_there():
            ses.create_email_identity(EmailIdentity=identity)
        template.know(resource.name, identity)
    for resource in template.resources("AWS::SES::ConfigurationSet"):
        name = _name(template, resource, "Name")
        with _unless_there():
            ses.create_configuration_set(ConfigurationSetName=name)
        template.know(resource.name, name)


@contextmanager
def _unless_there() -> Iterator[None]:
    """Passes over the refusal to create a thing twice (engines name it differently)."""
    try:
        yield
    except ClientError as error:
        if not error.response["Error"]["Code"].endswith("AlreadyExistsException"):
            raise
