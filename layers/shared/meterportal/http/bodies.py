"""Request bodies: of limited size, strict JSON, and files as they were sent."""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Mapping, Sequence
from datetime import date
from typing import Annotated, Any

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field
from pydantic_core import PydanticCustomError

from meterportal.domain import refusals
from meterportal.domain.refusals import Refusal
from meterportal.http.callers import header

KIB, MIB = 1024, 1024 * 1024


SINGLE_LIMIT, BULK_LIMIT, IMPORT_LIMIT = 64 * KIB, MIB, 4 * MIB


JSON = "application/json"


_DEPTH = 20


class Malformed(Refusal):
    """A body that is not valid JSON, or not strict. Facts: `de`, `en`."""

    code = "malformed"
    de = "Die Anfrage ist kein gültiges JSON: {de}."
    en = "The request is no valid JSON: {en}."


class TooLarge(Refusal):
    code = "too_large"
    de = "Die Anfrage ist größer als {limit} Bytes."
    en = "The request is larger than {limit} bytes."


class WrongContentType(Refusal):
    code = "wrong_content_type"
    de = "Erwartet wird {expected}."
    en = "Expected is {expected}."


def _iso_day(value: object) -> object:
    """A date as text, YYYY-MM-DD; numbers and date-times are refused."""
    if not isinstance(value, str) or len(value) != 10 or value[4] + value[7] != "--":
        raise PydanticCustomError("date_type", "a date as text")
    try:
        return date.fromisoformat(value)
    except ValueError:
        raise PydanticCustomError("date_type", "a date as text") from None


Day = Annotated[date, BeforeValidator(_iso_day)]
"""A date in a body."""


Number = Annotated[str, Field(max_length=64)]
"""A number or id of a record in a body. Every text in a body has a limit that is checked before the
text is used: the time for normalising a text grows with the square of its length."""


Address = Annotated[str, Field(max_length=1_000)]
"""An e-mail address as typed."""


Words = Annotated[str, Field(max_length=2_000)]
"""Text written by people; each use case has a stricter limit."""


class Body(BaseModel):
    """A request body: unknown fields are refused, no value is converted to another type. Its check is built
    with the first body: a start builds those of all routes for a visitor of one."""

    model_config = ConfigDict(extra="forbid", strict=True, defer_build=True)

    def __repr__(self) -> str:
        """Without what was sent: Powertools writes each body out for a log that nobody has switched on."""
        return f"<{type(self).__name__}>"


def strict_json(text: str) -> Any:
    """Strict JSON: no NaN, no duplicate names, no half characters, nested at most 20 deep.

    Integers too long for a counter stay text, so that the refusal can name the field.
    """

    def pairs(members: Sequence[tuple[str, Any]]) -> dict[str, Any]:
        found = dict(members)
        if len(found) != len(members):
            raise Malformed(de="ein Name steht doppelt", en="a name stands twice")
        return found

    def constant(name: str) -> Any:
        raise Malformed(de=f"{name} ist keine Zahl", en=f"{name} is not a number")

    def integer(digits: str) -> int | str:
        return int(digits) if len(digits) <= 30 else digits

    try:
        parsed = json.loads(
            text, object_pairs_hook=pairs, parse_constant=constant, parse_int=integer
        )
    except json.JSONDecodeError as error:
        raise Malformed(de=f"Zeichen {error.pos}", en=f"character {error.pos}") from error
    except RecursionError as error:
        raise Malformed(de="zu tief verschachtelt", en="nested too deeply") from error
    if _depth(parsed) > _DEPTH:
        raise Malformed(de="zu tief verschachtelt", en="nested too deeply")
    if "\\u" in text:
        # Only an escape can contain half a character, which nothing after this can encode.
        try:
            json.dumps(parsed, ensure_ascii=False).encode()
        except UnicodeEncodeError as error:
            raise Malformed(de="ein halbes Zeichen", en="half a character") from error
    return parsed


def _depth(value: Any) -> int:
    """How deep objects and lists are nested; stops counting at one more than allowed."""
    deepest, level = 0, [value]
    while deepest <= _DEPTH and (nodes := [n for n in level if isinstance(n, dict | list)]):
        level = [part for n in nodes for part in (n.values() if isinstance(n, dict) else n)]
        deepest += 1
    return deepest


def content_of(body: str, *, encoded: bool) -> bytes:
    if not encoded:
        return body.encode()
    try:
        return base64.b64decode(body, validate=True)
    except binascii.Error as error:
        raise Malformed(de="kein gültiges Base64", en="no valid Base64") from error


def file_body(event: Mapping[str, Any]) -> bytes:
    """A file as it was sent. Raises LettersLost if it came as text and lost letters on the way."""
    body, encoded = event.get("body") or "", bool(event.get("isBase64Encoded"))
    if not encoded and "\ufffd" in body:
        raise refusals.LettersLost
    return content_of(body, encoded=encoded)


def check_body(event: Mapping[str, Any], *, limits: Mapping[str, int], json_only: bool) -> None:
    """Check a request's body; `limits` are sizes in bytes by path. Raises TooLarge,
    WrongContentType, Malformed."""
    body = event.get("body")
    if not body:
        return
    limit = limits.get(event.get("rawPath", ""), SINGLE_LIMIT)
    if len(body) > limit * 4 // 3 + 4:
        raise TooLarge(limit=limit)
    content = content_of(body, encoded=bool(event.get("isBase64Encoded")))
    if len(content) > limit:
        raise TooLarge(limit=limit)
    if not json_only:
        return
    kind = (header(event, "content-type") or "").partition(";")[0].strip().casefold()
    if kind != JSON:
        raise WrongContentType(expected=JSON)
    try:
        content.decode()
    except UnicodeDecodeError as error:
        raise Malformed(de="kein gültiges UTF-8", en="no valid UTF-8") from error
