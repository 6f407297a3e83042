"""Where MiniStack differs from AWS after a deployment, made good from what was deployed.

MiniStack asks for two rights that AWS does not know, and rolls a stack back whose outputs name the DKIM
records of an identity, so the sender is one that SES knows already. Nothing is invented here: all comes from the
deployed stack.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any

from infra.local.template import Template

Client = Callable[[str], Any]


def widen_rights(client: Client, stack: str) -> list[str]:
    """Gives roles what MiniStack asks for beyond AWS, by their own statements; the roles' names."""
    iam = client("iam")
    roles = [
        resource["PhysicalResourceId"]
        for page in client("cloudformation")
        .get_paginator("list_stack_resources")
        .paginate(StackName=stack)
        for resource in page["StackResourceSummaries"]
        if resource["ResourceType"] == "AWS::IAM::Role"
    ]
    widened = []
    for role in roles:
        policies = [
            iam.get_role_policy(RoleName=role, PolicyName=name)["PolicyDocument"]
            for name in iam.list_role_policies(RoleName=role)["PolicyNames"]
        ]
        more = [
            wider
            for policy in policies
            for statement in policy["Statement"]
            if (wider := _wider(statement))
        ]
        if more:
            document = json.dumps({"Version": "2012-10-17", "Statement": more})
            iam.put_role_policy(RoleName=role, PolicyName="ministack", PolicyDocument=document)
            widened.append(role)
    return widened


def know_sender(client: Client, domain: str) -> None:
    """The sender's domain as somebody set it up who deploys with CreateSenderIdentity=no."""
    client("sesv2").create_email_identity(EmailIdentity=domain)


def _wider(statement: Mapping[str, Any]) -> dict[str, Any] | None:
    """The statement that MiniStack wants beside this one.

    It asks for sqs:SendMessageBatch, which is sqs:SendMessage on AWS, and judges SES's SendEmail
    without its identity and configuration set.
    """
    actions = statement["Action"]
    if actions == "sqs:SendMessage":
        return {**statement, "Action": "sqs:SendMessageBatch"}
    if "ses:SendEmail" in actions:
        return {**statement, "Resource": "*"}
    return None


def deployed_template(client: Client, stack: str) -> Template:
    """The processed template, knowing the names of what was created from it."""
    cloudformation = client("cloudformation")
    body = cloudformation.get_template(StackName=stack, TemplateStage="Processed")["TemplateBody"]
    document = json.loads(body) if isinstance(body, str) else body
    described = cloudformation.describe_stacks(StackName=stack)["Stacks"][0]
    parameters = {
        given["ParameterKey"]: given["ParameterValue"] for given in described.get("Parameters", [])
    }
    account = client("sts").get_caller_identity()["Account"]
    template = Template(document, parameters, stack=stack, account=account)
    for page in cloudformation.get_paginator("list_stack_resources").paginate(StackName=stack):
        for resource in page["StackResourceSummaries"]:
            known = {}
            if resource["ResourceType"] == "AWS::Lambda::Function":
                name = resource["PhysicalResourceId"]
                known["Arn"] = client("lambda").get_function(FunctionName=name)["Configuration"][
                    "FunctionArn"
                ]
            template.know(resource["LogicalResourceId"], resource["PhysicalResourceId"], **known)
    return template
