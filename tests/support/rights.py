"""IAM on the test stage: while a function runs, each AWS call must be allowed by its own statements.

moto asks nobody for permission, and MiniStack knows no dynamodb:LeadingKeys. So the statements of
template.yaml are judged here, with actions and keys as AWS documents them: a transaction needs the
right for each of its writes, a query that of the index it reads.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from contextvars import ContextVar
from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import Any

from infra.local.template import Template

Handler = Callable[[Any, Any], Any]

_TRANSACTION = {
    "Put": "PutItem",
    "Update": "UpdateItem",
    "Delete": "DeleteItem",
    "ConditionCheck": "ConditionCheckItem",
}
_S3 = {
    "HeadObject": "GetObject",
    "ListObjectsV2": "ListBucket",
    "ListObjectVersions": "ListBucketVersions",
    "CreateMultipartUpload": "PutObject",
    "UploadPart": "PutObject",
    "CompleteMultipartUpload": "PutObject",
    "ListParts": "ListMultipartUploadParts",
}
APPENDED = "JOURNAL#"
"""Partitions in which nothing is ever changed, covered or deleted."""
_LOOKS = {"GetItem", "BatchGetItem", "ConditionCheckItem"}
_PARTITION = re.compile(r"^\(?\s*([#\w]+)\s*=\s*(:\w+)")


@dataclass(frozen=True)
class Need:
    """One thing that a call needs: an action on a resource; `key` is the partition it touches."""

    action: str
    resource: str
    key: str | None = None


class Rights:
    """The statements of all functions, with the names of what was really created."""

    def __init__(self, template: Template) -> None:
        self._here = f"{template.region}:{template.account}"
        self._statements = {
            function.package: [
                template.resolve(dict(statement))
                for policy in function.properties["Policies"]
                for statement in policy["Statement"]
            ]
            for function in template.functions()
        }

    def of(self, package: str, handler: Handler) -> Handler:
        """The handler, running under its function's role."""

        def run(event: Any, context: Any) -> Any:
            token = _acting.set((self, package))
            try:
                return handler(event, context)
            finally:
                _acting.reset(token)

        return run

    def allows(self, package: str, need: Need) -> bool:
        return any(_allows(statement, need) for statement in self._statements[package])

    def needs(self, service: str, operation: str, given: Mapping[str, Any]) -> Iterator[Need]:
        """What AWS asks for before it carries out a call."""
        if service == "dynamodb":
            yield from self._of_table(operation, given)
        elif service == "sqs":
            queue = given["QueueUrl"].rsplit("/", 1)[1]
            action = operation.removesuffix("Batch")
            yield Need(f"sqs:{action}", f"arn:aws:sqs:{self._here}:{queue}")
        elif service == "s3":
            action = _S3.get(operation, operation)
            if operation == "DeleteObject" and "VersionId" in given:
                action = "DeleteObjectVersion"
            place = f"/{given['Key']}" if "Key" in given else ""
            yield Need(f"s3:{action}", f"arn:aws:s3:::{given['Bucket']}{place}")
        elif service == "cognito-idp":
            pool = f"arn:aws:cognito-idp:{self._here}:userpool/{given['UserPoolId']}"
            yield Need(f"cognito-idp:{operation}", pool)
        elif service == "secretsmanager":
            yield Need(f"secretsmanager:{operation}", given["SecretId"])
        elif operation in {"DeleteSuppressedDestination", "GetAccount", "GetSuppressedDestination"}:
            yield Need(f"ses:{operation}", "*")
        elif operation == "GetEmailIdentity":
            yield Need(
                "ses:GetEmailIdentity",
                f"arn:aws:ses:{self._here}:identity/{given['EmailIdentity']}",
            )
        elif service == "sesv2":
            domain = given["FromEmailAddress"].rsplit("@", 1)[1].rstrip("> ")
            for action in ("SendEmail", "SendRawEmail"):
                yield Need(f"ses:{action}", f"arn:aws:ses:{self._here}:identity/{domain}")
            used = given.get("ConfigurationSetName")
            if used:
                name = f"arn:aws:ses:{self._here}:configuration-set/{used}"
                yield Need("ses:SendEmail", name)
        else:
            raise AssertionError(f"no function may use {service}")

    def _of_table(self, operation: str, given: Mapping[str, Any]) -> Iterator[Need]:
        if operation == "TransactWriteItems":
            for item in given["TransactItems"]:
                ((kind, part),) = item.items()
                yield self._item(_TRANSACTION[kind], part["TableName"], part)
        elif operation == "TransactGetItems":
            for item in given["TransactItems"]:
                yield self._item("GetItem", item["Get"]["TableName"], item["Get"])
        elif operation == "BatchGetItem":
            for table, asked in given["RequestItems"].items():
                for key in asked["Keys"]:
                    yield self._item(operation, table, {"Key": key})
        elif operation == "BatchWriteItem":
            for table, writes in given["RequestItems"].items():
                for write in writes:
                    ((_, part),) = write.items()
                    yield self._item(operation, table, part)
        elif operation == "Query":
            index = f"/index/{given['IndexName']}" if "IndexName" in given else ""
            found = _PARTITION.match(given["KeyConditionExpression"])
            assert found, given["KeyConditionExpression"]
            key = given["ExpressionAttributeValues"][found[2]]["S"]
            yield Need("dynamodb:Query", self._table(given["TableName"]) + index, key)
        else:
            yield self._item(operation, given["TableName"], given)

    def _item(self, operation: str, table: str, part: Mapping[str, Any]) -> Need:
        key = (part.get("Key") or part["Item"])["pk"]["S"]
        if key.startswith(APPENDED) and operation not in _LOOKS:
            first = "attribute_not_exists" in part.get("ConditionExpression", "")
            assert first, f"{operation} {key}: entries are only added"
        return Need(f"dynamodb:{operation}", self._table(table), key)

    def _table(self, name: str) -> str:
        return f"arn:aws:dynamodb:{self._here}:table/{name}"


def _allows(statement: Mapping[str, Any], need: Need) -> bool:
    actions, resources = _listed(statement["Action"]), _listed(statement["Resource"])
    if need.action not in actions or not any(fnmatchcase(need.resource, r) for r in resources):
        return False
    for operator, conditions in statement.get("Condition", {}).items():
        assert operator == "ForAllValues:StringLike", operator
        for name, patterns in conditions.items():
            assert name == "dynamodb:LeadingKeys", name
            if need.key and not any(fnmatchcase(need.key, p) for p in _listed(patterns)):
                return False
    return True


def _listed(value: Any) -> list[str]:
    return value if isinstance(value, list) else [value]


_acting: ContextVar[tuple[Rights, str] | None] = ContextVar("acting", default=None)


def acting() -> str | None:
    """The function that is running, None between them."""
    found = _acting.get()
    return found[1] if found else None


def demand(service: str, operation: str, given: Mapping[str, Any]) -> None:
    """Fails the test when the function that is running may not make this call."""
    found = _acting.get()
    if found is None:
        return
    rights, package = found
    for need in rights.needs(service, operation, given):
        assert rights.allows(package, need), f"template.yaml: {package} lacks {need}"
