"""What may be given at a deployment: the parameters' own patterns, and the rules between them."""

from __future__ import annotations

import re
from typing import Any

import pytest

from infra.local.template import Template
from tests.template.reading import FUNCTIONS, TEMPLATE

CERTIFICATE = "arn:aws:acm:us-east-1:123456789012:certificate/0b1c2d3e-aaaa-bbbb-cccc-0123456789ab"


def taken(parameter: str, value: str) -> bool:
    """Whether CloudFormation takes a value: the pattern has to match all of it."""
    pattern = TEMPLATE.document["Parameters"][parameter]["AllowedPattern"]
    return re.fullmatch(pattern, value) is not None


def broken_rules(**parameters: Any) -> list[str]:
    template = Template.read(**parameters)
    return [
        name
        for name, rule in template.document["Rules"].items()
        if template.resolve(rule["RuleCondition"])
        for assertion in rule["Assertions"]
        if not template.resolve(assertion["Assert"])
    ]


@pytest.mark.parametrize(
    ("value", "right"),
    [
        ("", True),
        (CERTIFICATE, True),
        (CERTIFICATE.replace("us-east-1", "eu-central-1"), False),
        (CERTIFICATE.replace("acm", "iam"), False),
        ("0b1c2d3e", False),
    ],
)
def test_a_certificate_is_one_that_cloudfront_can_use(value: str, right: bool) -> None:
    assert taken("CertificateArn", value) is right


def test_a_certificate_needs_the_host_that_it_was_made_for() -> None:
    assert broken_rules() == []
    assert broken_rules(CertificateArn=CERTIFICATE) == ["CertificateNeedsItsHost"]
    assert broken_rules(CertificateArn=CERTIFICATE, PublicHost="zaehler.dealer.example") == []
    # CloudFront's own name, which the second deployment without a certificate gives.
    assert broken_rules(PublicHost="d111.cloudfront.net") == []


def test_rules_use_only_the_functions_that_rules_know() -> None:
    known = {"Fn::And", "Fn::Contains", "Fn::Equals", "Fn::Not", "Fn::Or", "Ref"}

    def used(value: Any) -> set[str]:
        if isinstance(value, dict):
            names = {name for name in value if name == "Ref" or name.startswith("Fn::")}
            return names.union(*(used(item) for item in value.values()))
        return set[str]().union(*map(used, value)) if isinstance(value, list) else set()

    assert used(TEMPLATE.document["Rules"]) <= known


def test_answers_go_to_the_sender_unless_told_otherwise() -> None:
    variables = FUNCTIONS["send_mail"].environment

    def reply_to(**parameters: Any) -> Any:
        return Template.read(**parameters).resolve(variables["REPLY_TO"])

    assert taken("ReplyTo", "")
    assert reply_to(SenderAddress="zaehler@dealer.example") == "zaehler@dealer.example"
    told = {"SenderAddress": "zaehler@dealer.example", "ReplyTo": "service@dealer.example"}
    assert reply_to(**told) == "service@dealer.example"


def test_every_parameter_has_a_default_that_is_taken() -> None:
    for name, parameter in TEMPLATE.document["Parameters"].items():
        default = str(parameter["Default"])
        if "AllowedPattern" in parameter:
            assert taken(name, default), name
        if "AllowedValues" in parameter:
            assert default in map(str, parameter["AllowedValues"]), name
