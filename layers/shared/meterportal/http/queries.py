"""Query parameters, as strict as a body: no value is converted, unknown or repeated ones are
refused."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Annotated, Any
from urllib.parse import parse_qsl

from aws_lambda_powertools.event_handler.openapi.params import Query
from pydantic import BeforeValidator, WithJsonSchema
from pydantic_core import PydanticCustomError

from meterportal.domain.refusals import Refusal

_LONGEST_CURSOR = 4000
_WHOLE = re.compile(r"-?[0-9]{1,9}")
_FLAGS = {"1": True, "true": True, "0": False, "false": False}


class BadQuery(Refusal):
    """Facts: `name`."""

    code = "bad_query"
    de = "Der Parameter {name} ist ungültig."
    en = "The parameter {name} is not valid."


class UnknownParameter(BadQuery):
    de = "Den Parameter {name} gibt es hier nicht."
    en = "There is no parameter {name} here."


class DoubledParameter(BadQuery):
    de = "Der Parameter {name} steht mehrmals in der Anfrage."
    en = "The parameter {name} stands in the request more than once."


def _whole(value: object) -> object:
    """ASCII digits only: no blanks, no "+", no "1_0", no "1.0", no digits of other scripts."""
    if isinstance(value, str):
        if not _WHOLE.fullmatch(value):
            raise PydanticCustomError("int_type", "a whole number")
        return int(value)
    return value


def _flag(value: object) -> object:
    if isinstance(value, str):
        if value.casefold() not in _FLAGS:
            raise PydanticCustomError("bool_type", "true or false")
        return _FLAGS[value.casefold()]
    return value


DIGITS = BeforeValidator(_whole)
"""For whole numbers: comes after the limits, as in Annotated[int, Field(ge=1, le=100), DIGITS,
Query()]."""

Flag = Annotated[bool, BeforeValidator(_flag), WithJsonSchema({"type": "boolean"})]
"""1, 0, true or false."""

Cursor = Annotated[str | None, Query(max_length=_LONGEST_CURSOR)]
"""Where a list continues: the `next_cursor` of its last page."""


def check(event: Mapping[str, Any], known: set[str]) -> None:
    """Refuse the first parameter that the route does not know or that the query has twice."""
    seen: set[str] = set()
    for name, _ in parse_qsl(event.get("rawQueryString", ""), keep_blank_values=True):
        shown = name[:40]
        if name not in known:
            raise UnknownParameter(field=shown, name=shown)
        if name in seen:
            raise DoubledParameter(field=shown, name=shown)
        seen.add(name)
