"""The SAM template as data: what template.yaml says, with values in place of its intrinsics.

Nothing of the application is typed twice: local routes, queues, tables, schedules and settings are
asked from here. Names of real things (a queue's URL, a pool's id) become known only when somebody
creates them; `know()` tells the template, `resolve()` uses it from then on.
"""

from __future__ import annotations

import base64
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

import yaml

ROOT = Path(__file__).resolve().parents[2]
TEMPLATE = ROOT / "template.yaml"

ACCOUNT = "000000000000"
REGION = "eu-central-1"

_SUB = re.compile(r"\$\{(!?)([^}]+)\}")
_DELETED = object()  # what Ref AWS::NoValue leaves behind until its holder drops it


class Unresolvable(LookupError):
    """A value refers to something that nobody has created or described."""


class _Loader(yaml.SafeLoader):
    """SafeLoader with the short forms of CloudFormation; dates stay the text they are."""


def _tagged(loader: _Loader, suffix: str, node: yaml.Node) -> dict[str, Any]:
    if isinstance(node, yaml.ScalarNode):
        value: Any = loader.construct_scalar(node)
    elif isinstance(node, yaml.SequenceNode):
        value = loader.construct_sequence(node, deep=True)
    elif isinstance(node, yaml.MappingNode):
        value = loader.construct_mapping(node, deep=True)
    else:
        raise TypeError(f"a tag on {node!r}")
    if suffix == "GetAtt" and isinstance(value, str):
        value = value.split(".", 1)
    return {suffix if suffix in ("Ref", "Condition") else f"Fn::{suffix}": value}


_Loader.add_multi_constructor("!", _tagged)
_Loader.yaml_implicit_resolvers = {
    first: [(tag, pattern) for tag, pattern in resolvers if tag != "tag:yaml.org,2002:timestamp"]
    for first, resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items()
}


@cache
def parse(text: str) -> dict[str, Any]:
    """YAML with CloudFormation tags -> plain dict in the long form ({"Fn::Sub": ...}).

    Parsed once per text: treat the document as read-only.
    """
    loader = _Loader(text)
    try:
        document = loader.get_single_data()
    finally:
        loader.dispose()
    if not isinstance(document, dict):
        raise TypeError("a template is a mapping")
    return document


@dataclass(frozen=True)
class Resource:
    """One resource that exists under the chosen parameters; `properties` are still unresolved."""

    name: str
    type: str
    properties: Mapping[str, Any]
    body: Mapping[str, Any]


@dataclass(frozen=True)
class FunctionEvent:
    """An event source of a function: SQS, ScheduleV2 ... with resolved properties."""

    name: str
    type: str
    properties: Mapping[str, Any]


@dataclass(frozen=True)
class Function:
    """A function with its Globals merged in.

    `package` is the first part of the handler ("send_mail" of "send_mail.app.lambda_handler");
    `timeout` in seconds.
    """

    name: str
    package: str
    handler: str
    timeout: int
    memory: int
    environment: Mapping[str, Any]
    properties: Mapping[str, Any]


@dataclass
class Template:
    document: Mapping[str, Any]
    parameters: Mapping[str, Any] = field(default_factory=dict)
    stack: str = "meterportal-local"
    region: str = REGION
    account: str = ACCOUNT
    _known: dict[str, dict[str, Any]] = field(default_factory=dict)

    @classmethod
    def read(cls, path: Path = TEMPLATE, **parameters: Any) -> Template:
        """The template of the given file; `parameters` replace the defaults it declares."""
        document = parse(path.read_text(encoding="utf-8"))
        unknown = parameters.keys() - document.get("Parameters", {}).keys()
        if unknown:
            raise Unresolvable(f"{path.name} has no parameter {sorted(unknown)}")
        return cls(document, parameters)

    # what stands in it

    def resources(self, *types: str) -> Iterator[Resource]:
        """The resources of the given types (all without one) whose condition holds."""
        for name, body in self.document["Resources"].items():
            if types and body["Type"] not in types:
                continue
            if "Condition" in body and not self.condition(body["Condition"]):
                continue
            yield Resource(name, body["Type"], body.get("Properties", {}), body)

    def resource(self, name: str) -> Resource:
        for found in self.resources():
            if found.name == name:
                return found
        raise Unresolvable(f"the template has no resource {name}")

    def functions(self) -> Iterator[Function]:
        shared = self.document.get("Globals", {}).get("Function", {})
        for resource in self.resources("AWS::Serverless::Function"):
            own = {**shared, **resource.properties}
            environment = {
                **shared.get("Environment", {}).get("Variables", {}),
                **resource.properties.get("Environment", {}).get("Variables", {}),
            }
            handler = str(self.resolve(own["Handler"]))
            yield Function(
                name=resource.name,
                package=handler.split(".")[0],
                handler=handler,
                timeout=int(self.resolve(own.get("Timeout", 3))),
                memory=int(self.resolve(own.get("MemorySize", 128))),
                environment=environment,
                properties=own,
            )

    def events(self, function: Function, *types: str) -> Iterator[FunctionEvent]:
        for name, event in function.properties.get("Events", {}).items():
            if not types or event["Type"] in types:
                yield FunctionEvent(name, event["Type"], self.resolve(event.get("Properties", {})))

    # values

    def know(self, name: str, ref: Any, **attributes: Any) -> None:
        """Resource `name` exists: what Ref and GetAtt give for it (nested names with "_" for ".")."""
        self._known[name] = {"Ref": ref, **attributes}

    def condition(self, name: str) -> bool:
        try:
            return bool(self.resolve(self.document["Conditions"][name]))
        except KeyError as missing:
            raise Unresolvable(f"the template has no condition {missing}") from None

    def resolve(self, value: Any) -> Any:
        """`value` with every intrinsic computed; raises Unresolvable for what nobody knows."""
        resolved = self._resolve(value)
        return None if resolved is _DELETED else resolved

    def outputs(self) -> dict[str, Any]:
        return {
            name: self.resolve(output["Value"])
            for name, output in self.document.get("Outputs", {}).items()
            if "Condition" not in output or self.condition(output["Condition"])
        }

    def _resolve(self, value: Any) -> Any:
        if isinstance(value, list):
            items = [self._resolve(item) for item in value]
            return [item for item in items if item is not _DELETED]
        if not isinstance(value, dict):
            return value
        if len(value) == 1:
            ((name, argument),) = value.items()
            if name == "Ref":
                return self._ref(argument)
            if name == "Condition" and isinstance(argument, str):
                return self.condition(argument)
            if name.startswith("Fn::"):
                return self._intrinsic(name.removeprefix("Fn::"), argument)
        resolved = {key: self._resolve(item) for key, item in value.items()}
        return {key: item for key, item in resolved.items() if item is not _DELETED}

    def _ref(self, name: str) -> Any:
        pseudo = {
            "AWS::Region": self.region,
            "AWS::AccountId": self.account,
            "AWS::Partition": "aws",
            "AWS::URLSuffix": "amazonaws.com",
            "AWS::StackName": self.stack,
            "AWS::StackId": f"arn:aws:cloudformation:{self.region}:{self.account}:stack/{self.stack}/local",
            "AWS::NoValue": _DELETED,
        }
        if name in pseudo:
            return pseudo[name]
        if name in self.parameters:
            return self.parameters[name]
        declared = self.document.get("Parameters", {}).get(name)
        if declared is not None:
            if "Default" not in declared:
                raise Unresolvable(f"parameter {name} has no default and no value")
            given = declared["Default"]
            if declared["Type"] == "CommaDelimitedList":
                return [part.strip() for part in str(given).split(",")]
            return given
        return self._attribute(name, "Ref")

    def _attribute(self, name: str, attribute: str) -> Any:
        known = self._known.get(name, {})
        if attribute.replace(".", "_") in known:
            return known[attribute.replace(".", "_")]
        if name in self.document["Resources"]:
            derived = self._derived(name, attribute)
            if derived is not None:
                return derived
        raise Unresolvable(f"nobody knows {name}.{attribute}")

    def _derived(self, name: str, attribute: str) -> str | None:
        """Names and ARNs that follow from the template alone, as CloudFormation would form them."""
        body = self.document["Resources"][name]
        properties = body.get("Properties", {})
        here = f"{self.region}:{self.account}"

        def named(key: str) -> str:
            # A name that a condition leaves out is made up, as one that is not there.
            return str(self.resolve(properties.get(key)) or f"{self.stack}-{name}")

        match body["Type"], attribute:
            case "AWS::DynamoDB::Table" | "AWS::SQS::Queue" as kind, "Arn":
                if kind == "AWS::SQS::Queue":
                    return f"arn:aws:sqs:{here}:{named('QueueName')}"
                return f"arn:aws:dynamodb:{here}:table/{named('TableName')}"
            case "AWS::DynamoDB::Table", "Ref":
                return named("TableName")
            case "AWS::SQS::Queue", "QueueName":
                return named("QueueName")
            case "AWS::S3::Bucket", "Ref" | "Arn":
                bucket = named("BucketName").lower()
                return bucket if attribute == "Ref" else f"arn:aws:s3:::{bucket}"
            case "AWS::Serverless::Function" | "AWS::Lambda::Function", "Ref":
                return named("FunctionName")
            case "AWS::Serverless::Function" | "AWS::Lambda::Function", "Arn":
                return f"arn:aws:lambda:{here}:function:{named('FunctionName')}"
            case "AWS::Logs::LogGroup", "Ref":
                return named("LogGroupName")
            case "AWS::Logs::LogGroup", "Arn":
                return f"arn:aws:logs:{here}:log-group:{named('LogGroupName')}:*"
            case "AWS::SES::ConfigurationSet", "Ref":
                return named("Name")
            case "AWS::CloudFront::ResponseHeadersPolicy" | "AWS::Serverless::HttpApi", "Ref":
                return name
            case "AWS::Serverless::Function", "Arn":
                return f"arn:aws:lambda:{here}:function:{named('FunctionName')}"
            case "AWS::IAM::Role", "Arn":
                return f"arn:aws:iam::{self.account}:role/{named('RoleName')}"
            case _:
                return None

    def _intrinsic(self, name: str, argument: Any) -> Any:
        match name:
            case "GetAtt":
                return self._attribute(str(argument[0]), ".".join(str(a) for a in argument[1:]))
            case "Sub":
                return self._sub(argument)
            case "Join":
                separator, parts = argument
                return str(separator).join(str(part) for part in self._resolve(parts))
            case "If":
                condition, chosen, otherwise = argument
                return self._resolve(chosen if self.condition(condition) else otherwise)
            case "Equals":
                left, right = self._resolve(argument)
                return str(left) == str(right)
            case "Not":
                return not self._resolve(argument)[0]
            case "And":
                return all(self._resolve(argument))
            case "Or":
                return any(self._resolve(argument))
            case "Select":
                index, options = self._resolve(argument)
                return options[int(index)]
            case "Split":
                separator, text = self._resolve(argument)
                return str(text).split(separator)
            case "FindInMap":
                mapping, first, second = self._resolve(argument)
                return self._resolve(self.document["Mappings"][mapping][first][second])
            case "Base64":
                return base64.b64encode(str(self._resolve(argument)).encode()).decode()
            case _:
                raise Unresolvable(f"Fn::{name} is not known here")

    def _sub(self, argument: str | list[Any]) -> str:
        text, names = (argument, {}) if isinstance(argument, str) else argument

        def replace(match: re.Match[str]) -> str:
            literal, name = match.groups()
            if literal:
                return "${" + name + "}"
            if name in names:
                return str(self._resolve(names[name]))
            if "." in name:
                resource, attribute = name.split(".", 1)
                return str(self._attribute(resource, attribute))
            return str(self._ref(name))

        return _SUB.sub(replace, str(text))
