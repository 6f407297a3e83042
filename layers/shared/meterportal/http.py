"""HTTP at the edge: what comes in is checked, refusals become problem+json, answers become small.

One table maps every refusal to its status. Handlers parse by type, call one use case and return
`answer(...)`; everything else about HTTP is here.
"""

from __future__ import annotations

import base64
import binascii
import gzip
import json
from collections.abc import Mapping, Sequence
from datetime import date
from http import HTTPStatus
from typing import Annotated, Any

from aws_lambda_powertools import Logger
from aws_lambda_powertools.event_handler import APIGatewayHttpResolver, Response
from aws_lambda_powertools.event_handler.exceptions import NotFoundError
from aws_lambda_powertools.event_handler.openapi.exceptions import RequestValidationError
from pydantic import BaseModel, BeforeValidator, ConfigDict
from pydantic_core import PydanticCustomError

from meterportal import crypto
from meterportal.domain import refusals
from meterportal.domain.refusals import Refusal
from meterportal.doors import doors
from meterportal.finding_json import findings_as_json as findings_as_json
from meterportal.settings import settings

KIB, MIB = 1024, 1024 * 1024
SINGLE_LIMIT, BULK_LIMIT, IMPORT_LIMIT = 64 * KIB, MIB, 4 * MIB
JSON = "application/json"
PROBLEM = "application/problem+json"
_GZIP_FROM = KIB
_DEPTH = 20
_logger = Logger()
_UNSAFE = {"POST", "PUT", "PATCH", "DELETE"}


class Malformed(Refusal):
    """A body that is no clean JSON. Facts: `de`, `en`."""

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


class BadQuery(Refusal):
    code = "bad_query"
    de = "Der Parameter {name} ist ungültig."
    en = "The parameter {name} is not valid."


STATUS: Mapping[type[Refusal], HTTPStatus] = {
    Malformed: HTTPStatus.BAD_REQUEST,
    refusals.BadPage: HTTPStatus.BAD_REQUEST,
    BadQuery: HTTPStatus.BAD_REQUEST,
    refusals.NotSignedIn: HTTPStatus.UNAUTHORIZED,
    refusals.LinkInvalid: HTTPStatus.UNAUTHORIZED,
    refusals.LinkExpired: HTTPStatus.UNAUTHORIZED,
    refusals.LoginRefused: HTTPStatus.UNAUTHORIZED,
    refusals.TooManyAttempts: HTTPStatus.TOO_MANY_REQUESTS,
    refusals.FreshLinkNeeded: HTTPStatus.FORBIDDEN,
    refusals.OldPasswordWrong: HTTPStatus.FORBIDDEN,
    refusals.NotAllowed: HTTPStatus.FORBIDDEN,
    refusals.ForeignOrigin: HTTPStatus.FORBIDDEN,
    refusals.NotFound: HTTPStatus.NOT_FOUND,
    refusals.AlreadyReleased: HTTPStatus.CONFLICT,
    refusals.NeedsConfirmation: HTTPStatus.CONFLICT,
    refusals.Conflict: HTTPStatus.CONFLICT,
    refusals.ChangedMeanwhile: HTTPStatus.PRECONDITION_FAILED,
    TooLarge: HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
    WrongContentType: HTTPStatus.UNSUPPORTED_MEDIA_TYPE,
    refusals.Unavailable: HTTPStatus.SERVICE_UNAVAILABLE,
    # Every other refusal is about a value: 422.
    Refusal: HTTPStatus.UNPROCESSABLE_ENTITY,
}


def _iso_day(value: object) -> object:
    """A date as text, YYYY-MM-DD; numbers and date-times are no dates."""
    if not isinstance(value, str) or len(value) != 10 or value[4] + value[7] != "--":
        raise PydanticCustomError("date_type", "a date as text")
    try:
        return date.fromisoformat(value)
    except ValueError:
        raise PydanticCustomError("date_type", "a date as text") from None


Day = Annotated[date, BeforeValidator(_iso_day)]
"""A date in a body."""


class Body(BaseModel):
    """A request body: unknown fields are refused, nothing is coerced."""

    model_config = ConfigDict(extra="forbid", strict=True)


def status_of(refusal: Refusal) -> HTTPStatus:
    return next(STATUS[kind] for kind in type(refusal).__mro__ if kind in STATUS)


def strict_json(text: str) -> Any:
    """JSON without its loopholes: no NaN, no duplicate keys, no half characters, at most 20 deep.

    Integers too long to be counters stay text, so that they are refused by name of the field.
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
        # Only an escape can smuggle in half a character, which nothing behind here could write.
        try:
            json.dumps(parsed, ensure_ascii=False).encode()
        except UnicodeEncodeError as error:
            raise Malformed(de="ein halbes Zeichen", en="half a character") from error
    return parsed


def _depth(value: Any) -> int:
    """How many objects and lists stand in one another; looks no deeper than one too many."""
    deepest, level = 0, [value]
    while deepest <= _DEPTH and (nodes := [n for n in level if isinstance(n, dict | list)]):
        level = [part for n in nodes for part in (n.values() if isinstance(n, dict) else n)]
        deepest += 1
    return deepest


def answer(
    payload: Any,
    status: int = 200,
    *,
    cookies: Sequence[Any] = (),
    headers: Mapping[str, str] | None = None,
) -> Response[str]:
    """A JSON answer."""
    return Response(
        status_code=status,
        content_type=JSON,
        body=json.dumps(payload, ensure_ascii=False, separators=(",", ":")),
        cookies=list(cookies),
        headers=dict(headers or {}),
    )


def attachment(content: bytes, kind: str, name: str) -> Response[str]:
    """A file to download under `name`, of the media type `kind`."""
    given = Response(
        status_code=200,
        content_type=kind,
        body=base64.b64encode(content).decode(),
        headers={"Content-Disposition": f'attachment; filename="{name}"'},
    )
    # Bytes would not pass the router's own check of what a route returns.
    given.base64_encoded = True
    return given


def resolver(title: str) -> APIGatewayHttpResolver:
    """A router with validation, strict JSON and the table of refusals."""
    app = APIGatewayHttpResolver(enable_validation=True, json_body_deserializer=strict_json)

    @app.exception_handler(Refusal)
    def refuse(refusal: Refusal) -> Response[str]:
        number = crypto.new_number()
        if isinstance(refusal, refusals.Unavailable):
            _logger.warning("unavailable", extra={"correlation_id": number, **_cause(refusal)})
        return problem(refusal, language_of(app.current_event.raw_event), correlation_id=number)

    @app.not_found
    def nowhere(_: NotFoundError) -> Response[str]:
        return problem(refusals.NotFound(), language_of(app.current_event.raw_event))

    @app.exception_handler(RequestValidationError)
    def invalid(error: RequestValidationError) -> Response[str]:
        return problem(_first_fault(error.errors()), language_of(app.current_event.raw_event))

    app.configure_openapi(title=title, version="1", openapi_version="3.1.0")
    return app


def _cause(refusal: Refusal) -> dict[str, str]:
    """What stood behind it: kind of error, AWS's code and operation; no text, it may hold data."""
    error = refusal.__cause__
    answered = getattr(error, "response", None) or {}
    return {
        "cause": type(error).__name__,
        "error": str(answered.get("Error", {}).get("Code", "")),
        "operation": str(getattr(error, "operation_name", "")),
    }


def _first_fault(errors: Sequence[Mapping[str, Any]]) -> Refusal:
    fault = errors[0]
    where, *path = (str(part) for part in fault["loc"])
    name = ".".join(path)
    if where in {"query", "path"}:
        return (
            refusals.BadPage(field=name)
            if name in {"cursor", "limit"}
            else BadQuery(field=name, name=name)
        )
    if fault["type"] == "missing" and path[-1:] == ["version"]:
        return refusals.VersionMissing(field=name)
    de, en = _FAULTS.get(fault["type"], ("Dieser Wert ist ungültig.", "This value is not valid."))
    return refusals.Invalid(field=name or None, de=de, en=en)


_FAULTS = {
    "missing": ("Diese Angabe fehlt.", "This value is missing."),
    "extra_forbidden": ("Diese Angabe ist unbekannt.", "This field is unknown."),
    "string_type": ("Erwartet wird Text.", "Expected is text."),
    "int_type": ("Erwartet wird eine ganze Zahl.", "Expected is a whole number."),
    "bool_type": ("Erwartet wird true oder false.", "Expected is true or false."),
    "dict_type": ("Erwartet wird ein Objekt.", "Expected is an object."),
    "list_type": ("Erwartet wird eine Liste.", "Expected is a list."),
    "date_from_datetime_parsing": ("Erwartet wird ein Datum wie 2026-11-28.", "Expected is a date like 2026-11-28."),
    "date_type": ("Erwartet wird ein Datum wie 2026-11-28.", "Expected is a date like 2026-11-28."),
    "date_parsing": ("Erwartet wird ein Datum wie 2026-11-28.", "Expected is a date like 2026-11-28."),
    "string_too_long": ("Dieser Text ist zu lang.", "This text is too long."),
    "string_too_short": ("Diese Angabe fehlt.", "This value is missing."),
    "selection": ("Erwartet wird entweder ids oder filter.", "Expected is either ids or filter."),
    "enum": ("Diesen Wert gibt es nicht.", "There is no such value."),
    "too_long": ("Das sind zu viele auf einmal.", "These are too many at once."),
}  # fmt: skip


def problem(refusal: Refusal, language: str, *, correlation_id: str | None = None) -> Response[str]:
    """A refusal as an answer of its own: RFC 9457, and when to come again."""
    status = status_of(refusal)
    wait = refusal.facts.get("retry_after", 2 if status == HTTPStatus.SERVICE_UNAVAILABLE else None)
    headers = {} if wait is None else {"Retry-After": str(wait)}
    return Response(
        status_code=int(status),
        content_type=PROBLEM,
        body=json.dumps(
            problem_fields(refusal, language, correlation_id=correlation_id), ensure_ascii=False
        ),
        headers=headers,
    )


def problem_fields(
    refusal: Refusal, language: str, *, correlation_id: str | None = None
) -> dict[str, Any]:
    """RFC 9457: type, title, status, code, detail, field, correlation_id, and the refusal's own data."""
    status = status_of(refusal)
    content: dict[str, Any] = {
        "type": "about:blank",
        "title": status.phrase,
        "status": int(status),
        "code": refusal.code,
        "detail": refusal.text(language),
        "field": refusal.field,
        "correlation_id": correlation_id or crypto.new_number(),
    }
    for name, value in refusal.facts.items():
        if name in {"version", "state", "released_on", "readings", "reasons", "line", "ids"}:
            content[name] = value
    findings = refusal.facts.get("findings")
    if isinstance(findings, list | tuple):
        labels = refusal.facts.get("labels")
        content["findings"] = findings_as_json(
            findings, language, labels if isinstance(labels, dict) else {}
        )
    return content


def language_of(event: Mapping[str, Any], fallback: str = "de") -> str:
    """The language that the caller asked for: the first of Accept-Language that we speak."""
    wanted = header(event, "accept-language") or ""
    for part in wanted.split(","):
        spoken = part.strip()[:2].casefold()
        if spoken in {"de", "en"}:
            return spoken
    return fallback


def header(event: Mapping[str, Any], name: str) -> str | None:
    value: str | None = (event.get("headers") or {}).get(name)
    return value


def serve(
    app: APIGatewayHttpResolver,
    event: dict[str, Any],
    context: Any,
    *,
    limits: Mapping[str, int] | None = None,
    raw_bodies: Sequence[str] = (),
) -> dict[str, Any]:
    """One request: checked at the edge, routed, answered.

    `limits` are body sizes by path where they differ from a single machine's; `raw_bodies` are the
    paths that take something else than JSON.
    """
    path = event.get("rawPath", "")
    try:
        _check(event, limits=limits or {}, json_only=path not in raw_bodies)
    except Refusal as refusal:
        refused = problem(refusal, language_of(event))
        return {
            "statusCode": refused.status_code,
            "headers": {"Content-Type": PROBLEM, "Cache-Control": "no-store"},
            "body": refused.body,
            "cookies": [],
            "isBase64Encoded": False,
        }
    given: dict[str, Any] = app.resolve(event, context)
    given.setdefault("headers", {})["Cache-Control"] = "no-store"
    return _compress(given, header(event, "accept-encoding") or "")


def _check(event: Mapping[str, Any], *, limits: Mapping[str, int], json_only: bool) -> None:
    expected = doors().origin_secret
    if expected and not crypto.same(header(event, "x-origin-secret") or "", expected):
        raise refusals.NotAllowed
    if event["requestContext"]["http"]["method"] in _UNSAFE:
        site, origin = header(event, "sec-fetch-site"), header(event, "origin")
        if site not in {None, "same-origin", "none"} or origin not in {None, settings().public_url}:
            raise refusals.ForeignOrigin
    body = event.get("body")
    if not body:
        return
    limit = limits.get(event.get("rawPath", ""), SINGLE_LIMIT)
    if len(body) > limit * 4 // 3 + 4:
        raise TooLarge(limit=limit)
    content = _content(body, encoded=bool(event.get("isBase64Encoded")))
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


def _content(body: str, *, encoded: bool) -> bytes:
    if not encoded:
        return body.encode()
    try:
        return base64.b64decode(body, validate=True)
    except binascii.Error as error:
        raise Malformed(de="kein gültiges Base64", en="no valid Base64") from error


def raw_body(event: Mapping[str, Any]) -> bytes:
    """The body as bytes, whatever its type."""
    return _content(event.get("body") or "", encoded=bool(event.get("isBase64Encoded")))


def _compress(given: dict[str, Any], accepted: str) -> dict[str, Any]:
    body = given.get("body")
    if given.get("isBase64Encoded") or not body or len(body) < _GZIP_FROM or "gzip" not in accepted:
        return given
    packed = gzip.compress(body.encode(), compresslevel=5, mtime=0)
    given["body"] = base64.b64encode(packed).decode()
    given["isBase64Encoded"] = True
    given["headers"] |= {"Content-Encoding": "gzip", "Vary": "Accept-Encoding"}
    return given
