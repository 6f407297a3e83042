"""What a stack that exists already demands of the next deployment."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from botocore.exceptions import ClientError

from infra.local.template import Template

_NOTHING_THERE = {"REVIEW_IN_PROGRESS", "DELETE_COMPLETE"}


class TooManyIndexChanges(RuntimeError):
    """DynamoDB would refuse the update; the text says in which order to deploy."""


def remove_failed_creation(cloudformation: Any, stack: str) -> bool:
    """Removes a stack whose creation failed: CloudFormation updates no such stack, and there is
    nothing in it. Says whether there was one.
    """
    found = _described(cloudformation, stack)
    if found is None or found["StackStatus"] != "ROLLBACK_COMPLETE":
        return False
    cloudformation.delete_stack(StackName=stack)
    cloudformation.get_waiter("stack_delete_complete").wait(StackName=stack)
    return True


def kept_names(cloudformation: Any, stack: str) -> dict[str, str]:
    """Parameters by which a bucket keeps the name that an earlier template fixed.

    A name that AWS made up must not be given: CloudFormation would take it for a new bucket.
    """
    found = _described(cloudformation, stack)
    if found is None:
        return {}
    account = found["StackId"].split(":")[4]
    fixed = f"{stack}-imports-{account}"
    return (
        {"ImportBucketName": fixed}
        if _physical(cloudformation, stack, "ImportBucket") == fixed
        else {}
    )


def check_indexes(cloudformation: Any, dynamodb: Any, stack: str, template: Template) -> None:
    """One index comes or goes per update, and none changes: raises TooManyIndexChanges."""
    if _described(cloudformation, stack) is None:
        return
    for resource in template.resources("AWS::DynamoDB::Table"):
        name = _physical(cloudformation, stack, resource.name)
        if name is None:
            continue
        there = _indexes(dynamodb.describe_table(TableName=name)["Table"])
        wanted = _indexes(resource.properties)
        come = [f"create {index}" for index in sorted(wanted.keys() - there.keys())]
        go = [f"delete {index}" for index in sorted(there.keys() - wanted.keys())]
        changed = [index for index in wanted if there.get(index, wanted[index]) != wanted[index]]
        if changed:
            raise TooManyIndexChanges(
                f"{name}: an index never changes its keys or its projection ({', '.join(changed)}). "
                "Deploy a version that creates another one first, then this one."
            )
        if len(come) + len(go) > 1:
            raise TooManyIndexChanges(
                f"{name}: DynamoDB creates or deletes one index per update. Deploy a version for each "
                f"step, in this order: {', then '.join([*come, *go])}."
            )


def _indexes(table: Mapping[str, Any]) -> dict[str, Any]:
    return {
        index["IndexName"]: (
            [(key["AttributeName"], key["KeyType"]) for key in index["KeySchema"]],
            index["Projection"]["ProjectionType"],
        )
        for index in table.get("GlobalSecondaryIndexes", [])
    }


def _described(cloudformation: Any, stack: str) -> Mapping[str, Any] | None:
    """The stack, or None while there is none."""
    try:
        (found,) = cloudformation.describe_stacks(StackName=stack)["Stacks"]
    except ClientError as error:
        if "does not exist" in error.response["Error"]["Message"]:
            return None
        raise
    described: Mapping[str, Any] = found
    return None if described["StackStatus"] in _NOTHING_THERE else described


def _physical(cloudformation: Any, stack: str, logical: str) -> str | None:
    for page in cloudformation.get_paginator("list_stack_resources").paginate(StackName=stack):
        for resource in page["StackResourceSummaries"]:
            if resource["LogicalResourceId"] == logical:
                name: str | None = resource.get("PhysicalResourceId")
                return name
    return None
