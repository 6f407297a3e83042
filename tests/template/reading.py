"""The template as tests look at it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from infra.local.template import Function, Template

TEMPLATE = Template.read(InboundDomain="antwort.dealer.example")
FUNCTIONS = {function.package: function for function in TEMPLATE.functions()}
(API,) = TEMPLATE.resources("AWS::Serverless::HttpApi")
DEFINITION: Mapping[str, Any] = API.properties["DefinitionBody"]
ROUTES: Mapping[tuple[str, str], Mapping[str, Any]] = {
    (method.upper(), path): operation
    for path, methods in DEFINITION["paths"].items()
    for method, operation in methods.items()
}


def statements(function: Function) -> Iterator[Mapping[str, Any]]:
    """The policy statements written for a function, their intrinsics unresolved."""
    for policy in function.properties["Policies"]:
        yield from policy["Statement"]


def listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


def allowed(function: Function) -> set[str]:
    """All actions that a function's own statements allow."""
    return {
        action
        for statement in statements(function)
        if statement["Effect"] == "Allow"
        for action in listed(statement["Action"])
    }


def plain(value: Any) -> str:
    """A resource of a statement as text, whichever intrinsic it is written with."""
    if isinstance(value, str):
        return value
    ((_, argument),) = value.items()
    if isinstance(argument, list):
        return ".".join(str(part) for part in argument if isinstance(part, str))
    return str(argument)


def dead_letters(queue: Mapping[str, Any]) -> str | None:
    """The logical name of a queue's dead-letter queue."""
    redrive = queue.get("RedrivePolicy")
    return str(redrive["deadLetterTargetArn"]["Fn::GetAtt"][0]) if redrive else None
