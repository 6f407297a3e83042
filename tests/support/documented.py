"""Holds every answer that a test is given to the OpenAPI document: its status, its kind, its fields."""

from __future__ import annotations

import json
import re
from functools import cache
from typing import Any

from jsonschema import Draft202012Validator, FormatChecker
from meterportal.http import CODES

from infra.openapi import DECIDING, DOCUMENT


class NotDocumented(AssertionError):
    """An answer that the document does not tell of."""


@cache
def document() -> dict[str, Any]:
    """The document as it lies on the disk; another test keeps it equal to the routers."""
    read: dict[str, Any] = json.loads(DOCUMENT.read_text(encoding="utf-8"))
    return read


def hold(method: str, path: str, status: int, kind: str, content: bytes) -> None:
    """Raises NotDocumented. Addresses that the document does not know are the router's own affair."""
    known = _place(path)
    if known is None or method.lower() not in document()["paths"][known]:
        return
    name, told = f"{method} {known}: {status}", _response(known, method.lower(), str(status))
    if told is None:
        raise NotDocumented(f"{name} is not documented: {content[:400]!r}")
    if "content" not in told:
        if content:
            raise NotDocumented(f"{name} has no content, but came with {content[:400]!r}")
        return
    if kind.partition(";")[0] not in told["content"]:
        raise NotDocumented(f"{name} is of the kind {kind!r}")
    if kind.endswith("json"):
        for error in _validator(known, method.lower(), str(status), kind).iter_errors(
            json.loads(content)
        ):
            raise NotDocumented(f"{name} is not as documented: {error.json_path}: {error.message}")
    if status in DECIDING and (code := json.loads(content)["code"]) not in codes(
        known, method, status
    ):
        raise NotDocumented(f"{name} comes with the code {code}, of which nothing is told")


def codes(path: str, method: str, status: int) -> set[str]:
    """The codes that the document lists of a status by which clients decide."""
    told: dict[str, list[str]] = document()["paths"][path][method.lower()].get(CODES, {})
    return set(told.get(str(status), ()))


@cache
def _patterns() -> list[tuple[re.Pattern[str], str]]:
    """The addresses of the document, those without a variable part first."""
    return [
        (re.compile(re.sub(r"\\\{\w+\\\}", "[^/]+", re.escape(known))), known)
        for known in sorted(document()["paths"], key=lambda known: known.count("{"))
    ]


def _place(path: str) -> str | None:
    return next((known for pattern, known in _patterns() if pattern.fullmatch(path)), None)


def _response(path: str, method: str, status: str) -> dict[str, Any] | None:
    told: dict[str, Any] | None = document()["paths"][path][method]["responses"].get(status)
    if told and "$ref" in told:
        return dict(document()["components"]["responses"][told["$ref"].rsplit("/", 1)[1]])
    return told


@cache
def _validator(path: str, method: str, status: str, kind: str) -> Draft202012Validator:
    told = _response(path, method, status)
    assert told is not None
    schema = told["content"][kind]["schema"] | {"components": document()["components"]}
    return Draft202012Validator(schema, format_checker=FormatChecker())
