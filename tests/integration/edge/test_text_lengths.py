"""Texts are measured before they are put into a normal form, which takes ever longer for long ones.

64 KB of combining marks once cost 1.2 seconds for each request.
"""

from __future__ import annotations

import json
import unicodedata
from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import quote

import pytest
from meterportal.adapters import Adapters
from meterportal.domain.access import passwords
from meterportal.domain.refusals import PasswordRefused
from meterportal.mail import addresses

from infra.openapi import document
from tests.integration.edge.test_strict_queries import operations
from tests.support.access import a_code
from tests.support.builders import a_link
from tests.support.customers import CLARA, COOKIE, DEVICE, open_by, signed_in
from tests.support.erp_exports import as_zip, upload
from tests.support.field_base import HEADS, ROWS, taken_in
from tests.support.stage import Answer, Stage

DOCUMENT = document()
SCHEMAS = DOCUMENT["components"]["schemas"]
FLOOD = "e" + "\u0301\u0323" * 15_000
"""About 60 KB of UTF-8: what a request about one machine may hold."""

MOST = 1_100
"""Characters that may be put into a normal form at once."""

COUNTERS = ("values", ".value", ".end", ".start")
"""Counters as typed: judged by domain/plausibility/numbers, which looks at 80 characters."""


@pytest.fixture
def normalised(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """The lengths of all texts that were put into a normal form, by us or by a library."""
    lengths: list[int] = []
    original = unicodedata.normalize

    def normalize(form: Any, text: str) -> str:
        lengths.append(len(text))
        return original(form, text[: 4 * MOST])

    monkeypatch.setattr(unicodedata, "normalize", normalize)
    return lengths


def _resolved(schema: Mapping[str, Any]) -> Mapping[str, Any]:
    if "$ref" in schema:
        return _resolved(SCHEMAS[schema["$ref"].rsplit("/", 1)[1]])
    parts = [part for part in schema.get("anyOf", ()) if part.get("type") != "null"]
    # Where one word may stand in place of something else, the other is what can be long.
    free = [part for part in parts if not {"const", "enum"} & part.keys()]
    return _resolved((free or parts)[0]) if parts else schema


def sample(schema: Mapping[str, Any]) -> Any:
    """Something that the schema describes."""
    schema = _resolved(schema)
    if "enum" in schema:
        return schema["enum"][0]
    if "const" in schema:
        return schema["const"]
    match schema.get("type"):
        case "object":
            told = schema.get("properties", {})
            if not told and isinstance(schema.get("additionalProperties"), dict):
                return {"1": sample(schema["additionalProperties"])}
            wanted = schema.get("required", told)
            return {name: sample(part) for name, part in told.items() if name in wanted}
        case "array":
            return [sample(schema["items"])]
        case "integer" | "number":
            return max(1, schema.get("minimum", 1))
        case "boolean":
            return False
        case "string" if schema.get("format") == "date":
            return "2026-11-20"
    return "1"


def flooded(schema: Mapping[str, Any], place: str = "") -> Iterator[tuple[str, Any]]:
    """Bodies that hold the flood at one place each: in every text, and as every free name."""
    schema = _resolved(schema)
    match schema.get("type"):
        case "object":
            whole = sample(schema)
            for name, part in schema.get("properties", {}).items():
                for where, value in flooded(part, f"{place}.{name}"):
                    yield where, {**whole, name: value}
            if isinstance(schema.get("additionalProperties"), dict):
                yield f"{place}{{name}}", {FLOOD: sample(schema["additionalProperties"])}
                for where, value in flooded(schema["additionalProperties"], f"{place}{{}}"):
                    yield where, {"1": value}
        case "array":
            for where, value in flooded(schema["items"], f"{place}[]"):
                yield where, [value]
        case "string" | None if not {"enum", "const"} & schema.keys() and "format" not in schema:
            yield place, FLOOD


def bodies() -> Iterator[tuple[str, str, str, Any]]:
    for method, path, operation in operations():
        for kind, content in operation.get("requestBody", {}).get("content", {}).items():
            if kind == "application/json":
                for where, body in flooded(content["schema"]):
                    yield method, path, where, body


def send(stage: Stage, method: str, path: str, body: Any, **more: Any) -> Answer:
    """As UTF-8: escaped, the flood would be too large a body."""
    body = None if body is None else json.dumps(body, ensure_ascii=False)
    for name in ("machine_id", "model"):
        path = path.replace(f"{{{name}}}", "200001")
    while "{" in path:
        path = path[: path.index("{")] + "1" + path[path.index("}") + 1 :]
    return stage.ask(method, path, body, **more)


def test_every_text_in_a_body_has_a_bound() -> None:
    unbounded = {
        f"{method} {path}{where}"
        for method, path, where, _ in bodies()
        if not _bounded(path, method, where) and not any(one in where for one in COUNTERS)
    }
    assert unbounded == {
        "PUT /api/staff/tolerances.usual",  # taken as it was told, and looked at by nobody
        "PUT /api/staff/tolerances.changes",
        "POST /api/staff/plausibility/backtest.tolerances.usual",
        "POST /api/staff/plausibility/backtest.tolerances.changes",
    }


def _bounded(path: str, method: str, where: str) -> bool:
    """Follows a place through the schema to what bounds it."""
    operation = DOCUMENT["paths"][path][method.lower()]
    schema: Mapping[str, Any] = operation["requestBody"]["content"]["application/json"]["schema"]
    for step in (
        where.replace("[]", ".[]").replace("{}", ".{}").replace("{name}", ".{name}").split(".")
    ):
        schema = _resolved(schema)
        match step:
            case "":
                continue
            case "[]":
                schema = schema["items"]
            case "{}":
                schema = schema["additionalProperties"]
            case "{name}":
                return "maxLength" in schema.get("propertyNames", {})
            case name:
                schema = schema["properties"][name]
    return "maxLength" in _resolved(schema)


def test_no_flood_in_a_body_is_put_into_a_normal_form(
    stage: Stage, adapters: Adapters, normalised: list[int]
) -> None:
    signed_in(stage, adapters)
    for method, path, where, body in bodies():
        normalised.clear()
        answer = send(stage, method, path, body)
        assert answer.status < 500, (method, path, where)
        assert max(normalised, default=0) <= MOST, (method, path, where, max(normalised))
        if answer.status in {401, 204}:
            open_by(stage, a_link(adapters))


def test_no_flood_beside_the_body_is_put_into_a_normal_form(
    stage: Stage, adapters: Adapters, normalised: list[int]
) -> None:
    signed_in(stage, adapters)
    flood = FLOOD[:3_000]
    for method, path, operation in operations():
        names = [one["name"] for one in operation.get("parameters", ()) if one["in"] == "query"]
        body: Any = {} if "requestBody" in operation else None
        for name in names:
            send(stage, method, f"{path}?{name}={quote(flood)}", body)
        if "{" in path:
            place = path[: path.index("{")] + quote(flood) + path[path.index("}") + 1 :]
            send(stage, method, place, body)
    more = {"Idempotency-Key": flood, "Accept-Language": flood, "X-Forwarded-For": flood}
    put = {"values": {"1": 11_000}, "version": 1}
    stage.customer("PUT", "/api/machines/200001/readings", put, headers=more)
    cookies = {COOKIE: flood, DEVICE: flood}
    for given in ({"token": a_link(adapters)}, {"email": CLARA, "code": a_code(adapters)}):
        told = stage.request("customer_api", "POST", "/api/session", given, cookies=cookies)
        assert told.status == 201
    assert max(normalised, default=0) <= MOST


def test_no_flood_in_a_file_is_put_into_a_normal_form(
    stage: Stage, adapters: Adapters, normalised: list[int]
) -> None:
    """In a heading, in a cell of each column, and in the name of a file."""
    signed_in(stage, adapters)
    heads = ["Seriennummer", "Zähler", "Neuer Stand", "Datum"]
    cells = ["SN200001", "S/W", "5", "1.1.2026"]
    for place in range(8):
        line = [FLOOD if n == place else cell for n, cell in enumerate([*heads, *cells])]
        sheet = f"{';'.join(line[:4])}\n{';'.join(line[4:])}\n".encode()
        for path in ("/api/fleet", "/api/fleet/rejected.xlsx"):
            assert stage.customer("POST", path, sheet).status < 500
    for kind, (row, *_) in ROWS.items():
        places = range(len(row))
        rows = [[FLOOD if n == place else row[n] for n in places] for place in places]
        table = [[*HEADS[kind], FLOOD], *([*row, "x"] for row in rows)]
        assert taken_in(stage, kind, table)["state"] in {"done", "failed"}
    assert upload(stage, as_zip({f"{FLOOD}.csv": b"x"})).status in {202, 422}
    stage.drain()
    assert max(normalised, default=0) <= MOST


def test_a_link_that_is_far_too_long_is_told_what_every_broken_one_is_told(
    stage: Stage, adapters: Adapters
) -> None:
    for token in (FLOOD, "x" * 60_000, a_link(adapters) * 100):
        refused = send(stage, "POST", "/api/session", {"token": token})
        assert (refused.status, refused.json["code"]) == (401, "link_invalid")
        assert send(stage, "POST", "/api/links", {"token": token}).status == 202


def test_a_name_of_a_field_that_the_caller_made_up_is_told_cut(
    stage: Stage, adapters: Adapters
) -> None:
    signed_in(stage, adapters)
    answer = stage.customer("PUT", "/api/session/language", {"language": "de", "x" * 5000: 1})
    assert answer.status == 422
    assert len(answer.json["field"]) == 200


def test_the_domain_measures_for_itself(normalised: list[int]) -> None:
    """Imports and use cases come without a schema in front of them."""
    assert addresses.mailbox(f"{FLOOD}@x.example") == (None, addresses.INVALID)
    assert passwords.compared(FLOOD) == FLOOD
    with pytest.raises(PasswordRefused) as refused:
        passwords.accept(FLOOD, names=[])
    assert refused.value.facts["reasons"] == ["too_long"]
    assert max(normalised, default=0) <= MOST
