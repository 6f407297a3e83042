"""The template as data: intrinsics, conditions, functions with their Globals."""

from __future__ import annotations

import pytest

from infra.local.template import Template, Unresolvable, parse

TEXT = """
Parameters:
  Stage: { Type: String, Default: prod }
  Days: { Type: Number, Default: 14 }
  Zones: { Type: CommaDelimitedList, Default: "a, b" }
  Secret: { Type: String }
Conditions:
  IsLocal: !Equals [!Ref Stage, local]
  Never: !Not [!Or [!Condition IsLocal, !Equals [1, 1]]]
Mappings:
  Sizes: { prod: { memory: 2048 }, local: { memory: 128 } }
Globals:
  Function:
    Timeout: 7
    Environment: { Variables: { STAGE: !Ref Stage, TABLE: !Ref Table } }
Resources:
  Table:
    Type: AWS::DynamoDB::Table
  Queue:
    Type: AWS::SQS::Queue
  Ghost:
    Type: AWS::SQS::Queue
    Condition: Never
  SendMail:
    Type: AWS::Serverless::Function
    Properties:
      Handler: send_mail.app.lambda_handler
      Environment: { Variables: { EXTRA: "1" } }
      Events:
        Queue:
          Type: SQS
          Properties: { Queue: !GetAtt Queue.Arn, BatchSize: 10 }
Outputs:
  Host: { Value: !Sub "${AWS::StackName}-${Stage}" }
  Ghostly: { Condition: Never, Value: !Ref Ghost }
"""


@pytest.fixture
def template() -> Template:
    return Template(parse(TEXT), {"Stage": "local"})


@pytest.mark.parametrize(
    ("yaml", "expected"),
    [
        ("!Ref Days", 14),
        ("!Ref Zones", ["a", "b"]),
        ("!Ref AWS::Region", "eu-central-1"),
        ("!Sub 'x-${Stage}-${!Kept}'", "x-local-${Kept}"),
        ("!Sub ['${A}/${Table.Arn}', {A: !Ref Stage}]", None),
        ("!Join ['-', [a, !Ref Stage]]", "a-local"),
        ("!If [IsLocal, here, there]", "here"),
        ("!Select [1, !Split ['@', 'a@b']]", "b"),
        ("!FindInMap [Sizes, !Ref Stage, memory]", 128),
        ("!Base64 ja", "amE="),
        ("{a: !Ref AWS::NoValue, b: [!Ref AWS::NoValue, 1]}", {"b": [1]}),
        ("!GetAtt Queue.Arn", "arn:aws:sqs:eu-central-1:000000000000:meterportal-local-Queue"),
        ("2026-11-23", "2026-11-23"),
    ],
)
def test_intrinsics_resolve_as_cloudformation_does(
    template: Template, yaml: str, expected: object
) -> None:
    value = template.resolve(parse(f"value: {yaml}")["value"])
    if expected is None:
        expected = "local/arn:aws:dynamodb:eu-central-1:000000000000:table/meterportal-local-Table"
    assert value == expected


def test_what_was_created_is_known_by_its_real_name(template: Template) -> None:
    template.know("Queue", "http://127.0.0.1/q", Arn="arn:real")

    assert template.resolve({"Ref": "Queue"}) == "http://127.0.0.1/q"
    assert template.resolve({"Fn::GetAtt": ["Queue", "Arn"]}) == "arn:real"


@pytest.mark.parametrize(
    "value",
    [
        {"Ref": "Nobody"},
        {"Ref": "Secret"},
        {"Ref": "Queue"},
        {"Fn::GetAtt": ["Table", "StreamArn"]},
        {"Fn::ImportValue": "x"},
        {"Fn::If": ["Unheard", 1, 2]},
    ],
)
def test_what_nobody_knows_is_refused_not_guessed(template: Template, value: object) -> None:
    with pytest.raises(Unresolvable):
        template.resolve(value)


def test_resources_and_outputs_of_a_false_condition_do_not_exist(template: Template) -> None:
    assert [queue.name for queue in template.resources("AWS::SQS::Queue")] == ["Queue"]
    assert template.outputs() == {"Host": "meterportal-local-local"}


def test_a_function_has_its_globals_merged_in(template: Template) -> None:
    (function,) = template.functions()

    assert (function.package, function.timeout) == ("send_mail", 7)
    assert list(function.environment) == ["STAGE", "TABLE", "EXTRA"]
    (event,) = template.events(function, "SQS")
    assert event.properties["BatchSize"] == 10


def test_an_unknown_parameter_is_refused() -> None:
    with pytest.raises(Unresolvable, match="Nonsense"):
        Template.read(Nonsense="1")
