"""Queries of both APIs are as strict as bodies: nothing is coerced, nothing unknown or doubled passed over."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

from meterportal.adapters import Adapters

from infra.openapi import document
from tests.support.customers import signed_in
from tests.support.stage import Answer, Stage

DOCUMENT = document()
WRONG = {
    "integer": ("", " 1", "+1", "1_0", "1.0", "1e1", "0x1", "١", "1,1", "true", "99999999999"),
    "boolean": ("", "yes", "on", "t", "2", " 1", "wahr"),
    "date": ("", "0", "1", "20261120", "2026-11-2", "2026-11-20T00:00", "2026-W47-5", "٢٠٢٦-١١-٢٠"),
    "words": ("", "no such word", "OPEN"),
}


@dataclass(frozen=True)
class Asked:
    """An operation with one of its query parameters."""

    method: str
    path: str
    name: str
    schema: dict[str, Any]

    @property
    def kind(self) -> str:
        parts = [self.schema, *self.schema.get("anyOf", ())]
        parts = [_resolved(part) for part in parts]
        if any("enum" in part or "const" in part for part in parts):
            return "words"
        if any(part.get("format") == "date" for part in parts):
            return "date"
        return next(str(part["type"]) for part in parts if part.get("type", "null") != "null")


def _resolved(schema: dict[str, Any]) -> dict[str, Any]:
    if "$ref" not in schema:
        return schema
    found: dict[str, Any] = DOCUMENT["components"]["schemas"][schema["$ref"].rsplit("/", 1)[1]]
    return found


def operations() -> Iterator[tuple[str, str, dict[str, Any]]]:
    for path, told in DOCUMENT["paths"].items():
        for method, operation in told.items():
            yield method.upper(), path, operation


def parameters() -> list[Asked]:
    return [
        Asked(method, path, one["name"], one["schema"])
        for method, path, operation in operations()
        for one in operation.get("parameters", ())
        if one["in"] == "query"
    ]


def send(stage: Stage, method: str, path: str, query: str) -> Answer:
    place = path.replace("{model}", "general")
    for name in ("machine_id", "problem_id", "contact_id", "check_id", "round_id", "reading_id"):
        place = place.replace(f"{{{name}}}", "200001")
    for name in ("release_id", "import_id", "export_id", "successor_id"):
        place = place.replace(f"{{{name}}}", "200001")
    body: Any = None if method in {"GET", "DELETE"} else {}
    return stage.ask(method, f"{place}?{query}", body)


def test_every_parameter_has_bounds() -> None:
    """Texts end, numbers have a least and a most; words and days are told one by one."""
    for asked in parameters():
        parts = [_resolved(part) for part in [asked.schema, *asked.schema.get("anyOf", ())]]
        match asked.kind:
            case "string":
                assert any(part.get("maxLength", 10**6) <= 4000 for part in parts), asked
            case "integer":
                assert any({"minimum", "maximum"} <= part.keys() for part in parts), asked
            case kind:
                assert kind in WRONG, asked


def test_a_value_of_another_type_is_refused_by_the_parameter_s_name(
    stage: Stage, adapters: Adapters
) -> None:
    signed_in(stage, adapters)
    wrong = []
    for asked in parameters():
        for value in WRONG.get(asked.kind, ()):
            query = f"{asked.name}={quote(value)}"
            answer = send(stage, asked.method, asked.path, query)
            if answer.status not in {400, 422} or answer.json["field"] != asked.name:
                wrong.append((asked.method, asked.path, query, answer.status, answer.text[:80]))
    assert wrong == []


def test_a_day_is_no_number_of_seconds(stage: Stage) -> None:
    """`as_of=0` once was the first of January 1970."""
    refused = stage.staff("POST", "/api/staff/imports?file=firmen.csv&as_of=0", b"x")
    assert (refused.status, refused.json["field"]) == (400, "as_of")


def test_an_unknown_parameter_is_refused_by_every_route(stage: Stage, adapters: Adapters) -> None:
    signed_in(stage, adapters)
    wrong = []
    for method, path, operation in operations():
        if "requestBody" in operation and "application/json" in operation["requestBody"]["content"]:
            continue  # its body is judged first; the others show that the query is
        for query in ("nonsense=1", "nonsense", "limits=5", "%C3%A4=1", "nonsense=%FF"):
            answer = send(stage, method, path, query)
            told = answer.json if answer.content else {}
            if answer.status != 400 or told.get("code") != "bad_query" or not told["field"]:
                wrong.append((method, path, query, answer.status))
    assert wrong == []


def test_an_unknown_parameter_beside_a_body_is_refused_too(
    stage: Stage, adapters: Adapters
) -> None:
    signed_in(stage, adapters)
    answer = stage.customer("PUT", "/api/session/language?lang=en", {"language": "en"})
    assert (answer.status, answer.json["field"]) == (400, "lang")
    assert stage.customer("GET", "/api/session").json["language"] == "de"


def test_a_doubled_parameter_is_refused_by_its_name(stage: Stage, adapters: Adapters) -> None:
    signed_in(stage, adapters)
    good = {"integer": "1", "boolean": "1", "date": "2026-11-20", "string": "x"}
    for asked in parameters():
        if asked.method in {"POST", "PUT"} and asked.path != "/api/staff/imports":
            continue
        parts = [_resolved(part) for part in [asked.schema, *asked.schema.get("anyOf", ())]]
        word = next((part["enum"][0] for part in parts if "enum" in part), None)
        value = word or good.get(asked.kind, "1")
        answer = send(stage, asked.method, asked.path, f"{asked.name}={value}&{asked.name}={value}")
        assert answer.status == 400, (asked, answer.text)
        assert answer.json["field"] == asked.name, asked


def test_a_query_s_own_texts_are_shown_cut_and_in_both_languages(stage: Stage) -> None:
    answer = stage.staff("GET", f"/api/staff/rounds?{'x' * 3000}=1", language="en")
    assert answer.json["field"] == "x" * 40
    assert answer.json["detail"] == f"There is no parameter {'x' * 40} here."


def test_an_unknown_path_is_not_found_whatever_stands_behind_it(stage: Stage) -> None:
    assert stage.staff("GET", "/api/staff/nowhere?x=1").status == 404


def test_flags_and_numbers_are_taken_as_programs_write_them(stage: Stage) -> None:
    for flag in ("1", "0", "true", "false", "True", "False"):
        path = f"/api/staff/imports?file=firmen.csv&dry_run={flag}"
        assert stage.staff("POST", path, b"x").status == 202, flag
    for limit in ("1", "01", "100"):
        assert stage.staff("GET", f"/api/staff/rounds?limit={limit}").status == 200
