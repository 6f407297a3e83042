"""A walk over the OpenAPI document: every operation is sent what it describes, and what it does not.

Whatever comes, the answer has a status and a shape that the document tells of, and is never a 5xx.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote, urlencode

import pytest
from hypothesis import HealthCheck, given, note, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator, FormatChecker
from meterportal.doors import Doors

from infra.openapi import document
from tests.builders import a_holding, a_link, a_machine
from tests.customers import open_by, second_company, signed_in
from tests.stage import Answer, Stage

EXAMPLES = 12
"""Requests for each operation."""

NO_BODY: dict[None, Any] = {None: {}}
DOCUMENT = document()
SCHEMAS = DOCUMENT["components"]["schemas"]
KNOWN = ["200001", "200002", "200009", "70001", "70009", "5001", "10000", "1", "2", "general", "de"]
"""Numbers that mean something here; some of them belong to another company."""

TEXTS = st.one_of(
    st.sampled_from(KNOWN),
    st.text(max_size=12),
    st.sampled_from(["", " ", "\0", "x" * 65, "ä" * 1100, "x" * 3000, "2026-11-20", "0001-01-01"]),
)
NUMBERS = st.one_of(st.integers(-2, 12), st.sampled_from([10**12, 2**63, 10**30]))
JUNK = st.recursive(
    st.none() | st.booleans() | NUMBERS | st.floats(allow_nan=False, width=16) | TEXTS,
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(TEXTS, inner, max_size=2),
    max_leaves=4,
)


@dataclass(frozen=True)
class Operation:
    method: str
    path: str
    told: Mapping[str, Any]


OPERATIONS = [
    Operation(method.upper(), path, told)
    for path, operations in DOCUMENT["paths"].items()
    for method, told in operations.items()
]
STAFF = [one for one in OPERATIONS if one.path.startswith("/api/staff/")]
CONTACTS = [one for one in OPERATIONS if one not in STAFF]


@dataclass(frozen=True)
class Request:
    method: str
    path: str
    headers: Mapping[str, str] = field(default_factory=dict)
    body: str | bytes | None = None


def values(schema: Mapping[str, Any]) -> st.SearchStrategy[Any]:
    """What a schema describes, near enough, and now and then something else."""
    return st.one_of(*[_described(schema)] * 7, JUNK)


def _described(schema: Mapping[str, Any]) -> st.SearchStrategy[Any]:
    if "$ref" in schema:
        return st.deferred(lambda: _described(SCHEMAS[schema["$ref"].rsplit("/", 1)[1]]))
    if "enum" in schema:
        return st.sampled_from(schema["enum"])
    if "const" in schema:
        return st.just(schema["const"])
    if "anyOf" in schema:
        return st.one_of(*map(_described, schema["anyOf"]))
    match schema.get("type"):
        case "object":
            return _an_object(schema)
        case "array":
            return st.lists(values(schema["items"]), max_size=3)
        case "integer":
            return NUMBERS
        case "number":
            return NUMBERS | st.floats(0, 200, width=16)
        case "boolean":
            return st.booleans()
        case "string" if schema.get("format") == "date":
            return st.dates().map(str)
        case "string":
            return TEXTS
    return JUNK


def _an_object(schema: Mapping[str, Any]) -> st.SearchStrategy[Any]:
    told = {name: values(part) for name, part in schema.get("properties", {}).items()}
    required = {name: told.pop(name) for name in schema.get("required", ()) if name in told}
    named = st.fixed_dictionaries(required, optional=told)
    more = schema.get("additionalProperties")
    if isinstance(more, dict):
        free = st.dictionaries(TEXTS, values(more), max_size=3)
        return st.builds(lambda a, b: {**b, **a}, named, free)
    return named


@st.composite
def requests(draw: st.DrawFn, operation: Operation) -> Request:
    """One request for an operation."""
    path = operation.path
    query: dict[str, str] = {}
    for parameter in operation.told.get("parameters", ()):
        if parameter["in"] == "path":
            number = draw(TEXTS.filter(bool))
            path = path.replace(f"{{{parameter['name']}}}", quote(number, safe=""))
        elif parameter.get("required") or draw(st.booleans()):
            query[parameter["name"]] = str(draw(values(parameter["schema"])))
    headers = draw(
        st.fixed_dictionaries(
            {}, optional={"Idempotency-Key": TEXTS, "Accept-Language": st.just("en")}
        )
    )
    body: str | bytes | None = None
    ((kind, content),) = operation.told.get("requestBody", {}).get("content", NO_BODY).items()
    if kind == "application/json":
        text = json.dumps(draw(values(content["schema"])))
        body = draw(st.one_of(*[st.just(text)] * 9, st.just(text[:-1]), st.binary(max_size=20)))
        headers |= {"Content-Type": kind}
    elif kind:
        body = draw(st.binary(max_size=60) | st.text(";\n,\"'1a2\t=", max_size=60).map(str.encode))
        headers |= {"Content-Type": kind}
    if query:
        path = f"{path}?{urlencode(query)}"
    return Request(operation.method, path, headers, body)


def hold(operation: Operation, answer: Answer) -> None:
    """An answer is one that the document tells of."""
    status, text = str(answer.status), answer.content[:400]
    assert answer.status < 500, text
    responses = operation.told["responses"]
    told = responses.get(status) or responses.get(f"{status[0]}XX")
    assert told, f"{status} is not documented: {text!r}"
    if "content" not in told:
        assert answer.content == b""
        return
    ((kind, content),) = told["content"].items()
    assert answer.headers["Content-Type"].partition(";")[0] == kind, text
    if kind.endswith("json"):
        schema = {**content["schema"], "components": DOCUMENT["components"]}
        Draft202012Validator(schema, format_checker=FormatChecker()).validate(answer.json)


@pytest.fixture
def walked(stage: Stage, doors: Doors) -> Stage:
    second_company(doors)
    signed_in(stage, doors, a_holding(machines=[a_machine(), a_machine("200002")]))
    return stage


def walk(operation: Operation, send: Callable[[Request], Answer]) -> None:
    """Send some requests for an operation."""

    @settings(max_examples=EXAMPLES, deadline=None, suppress_health_check=list(HealthCheck))
    @given(requests(operation))
    def holds(request: Request) -> None:
        note(repr(request))
        hold(operation, send(request))

    holds()


def test_a_contact_is_answered_as_documented(walked: Stage, doors: Doors) -> None:
    def send(request: Request) -> Answer:
        return walked.customer(request.method, request.path, request.body, headers=request.headers)

    for operation in CONTACTS:
        # Some requests log out, or end the session by another one or by a password.
        assert open_by(walked, a_link(doors)).status == 201
        walk(operation, send)


def test_staff_are_answered_as_documented(walked: Stage) -> None:
    def send(request: Request) -> Answer:
        return walked.staff(request.method, request.path, request.body, headers=request.headers)

    for operation in STAFF:
        walk(operation, send)
