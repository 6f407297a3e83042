"""Refusals as problem+json (RFC 9457), with one table of their statuses."""

import json
from collections.abc import Mapping
from http import HTTPStatus
from typing import Annotated, Any, NotRequired, cast

from aws_lambda_powertools import Logger
from aws_lambda_powertools.event_handler import Response
from pydantic import Field
from typing_extensions import TypedDict

from meterportal import aws, crypto
from meterportal.domain import refusals
from meterportal.domain.refusals import Refusal
from meterportal.domain.reporting.readings import ReadingState, Verdict
from meterportal.http.bodies import Malformed, TooLarge, WrongContentType
from meterportal.http.finding_json import FindingJson, findings_as_json
from meterportal.http.json_types import IsoDay, IsoTime, NamedJson, PersonJson
from meterportal.http.queries import BadQuery
from meterportal.http.text_fault_json import TextFaultJson, faults_as_json

PROBLEM = "application/problem+json"
CODES = "x-codes"
"""What the codes of a refusal are called in the OpenAPI document."""


class StandingReadingJson(TypedDict):
    """A value that stands in the current period, with when and by whom it came in."""

    meter_id: str
    value: int
    read_on: IsoDay
    state: ReadingState
    verdict: Verdict
    reason: str
    reported_at: IsoTime | None
    reported_by: PersonJson | None


class KnownAtJson(TypedDict):
    """A contact of another company who has the address."""

    company: NamedJson
    contact: NamedJson


class StandingContactJson(TypedDict):
    """What stands at a contact now."""

    email: str
    phone: str
    active: bool


class ProblemFields(TypedDict):
    """What a refusal tells beside its status. The fields behind `correlation_id` come with the refusals
    that have them."""

    type: str
    title: str
    code: Annotated[str, Field(description="Stable; texts may change.")]
    detail: Annotated[str, Field(description="In the language of Accept-Language.")]
    field: str | None
    correlation_id: str
    findings: NotRequired[list[FindingJson]]
    readings: NotRequired[list[StandingReadingJson]]
    version: NotRequired[Annotated[int, Field(description="The one that counts now")]]
    state: NotRequired[str]
    released_on: NotRequired[IsoDay | None]
    opens_on: NotRequired[IsoDay]
    reasons: NotRequired[list[str]]
    line: NotRequired[int]
    ids: NotRequired[list[str]]
    known_at: NotRequired[list[KnownAtJson]]
    contact: NotRequired[StandingContactJson]
    faults: NotRequired[list[TextFaultJson]]


class ProblemDetails(ProblemFields):
    """RFC 9457."""

    status: int


_PUBLIC_FACTS = {
    "version",
    "state",
    "released_on",
    "opens_on",
    "readings",
    "reasons",
    "line",
    "ids",
    "known_at",
    "contact",
}


_logger = Logger()


STATUS: Mapping[type[Refusal], HTTPStatus] = {
    Malformed: HTTPStatus.BAD_REQUEST,
    refusals.BadPage: HTTPStatus.BAD_REQUEST,
    BadQuery: HTTPStatus.BAD_REQUEST,
    refusals.NotSignedIn: HTTPStatus.UNAUTHORIZED,
    refusals.StaffSignedOut: HTTPStatus.UNAUTHORIZED,
    refusals.LinkInvalid: HTTPStatus.UNAUTHORIZED,
    refusals.LinkExpired: HTTPStatus.UNAUTHORIZED,
    refusals.LoginRefused: HTTPStatus.UNAUTHORIZED,
    refusals.TooManyAttempts: HTTPStatus.TOO_MANY_REQUESTS,
    refusals.PasswordMailNeeded: HTTPStatus.FORBIDDEN,
    refusals.PasswordEnded: HTTPStatus.FORBIDDEN,
    refusals.PasswordLinkOver: HTTPStatus.FORBIDDEN,
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
    refusals.LettersLost: HTTPStatus.UNSUPPORTED_MEDIA_TYPE,
    refusals.Unavailable: HTTPStatus.SERVICE_UNAVAILABLE,
    # All other refusals are about a value: 422.
    Refusal: HTTPStatus.UNPROCESSABLE_ENTITY,
}


def status_of(refusal: Refusal) -> HTTPStatus:
    return status_of_kind(type(refusal))


def status_of_kind(kind: type[Refusal]) -> HTTPStatus:
    return next(STATUS[one] for one in kind.__mro__ if one in STATUS)


def refuses(*kinds: type[Refusal]) -> dict[int, Any]:
    """For `responses` of a route: what its use case refuses, beyond what the edge refuses everywhere;
    by status, with the codes."""
    codes: dict[HTTPStatus, set[str]] = {}
    for kind in kinds:
        codes.setdefault(status_of_kind(kind), set()).add(kind.code)
    return {
        int(status): {"description": status.phrase, CODES: sorted(codes[status])}
        for status in sorted(codes)
    }


def problem(refusal: Refusal, language: str) -> Response[str]:
    """A refusal as an answer (RFC 9457), with Retry-After if it has one."""
    status = status_of(refusal)
    wait = refusal.facts.get("retry_after", 2 if status == HTTPStatus.SERVICE_UNAVAILABLE else None)
    headers = {} if wait is None else {"Retry-After": str(wait)}
    return Response(
        status_code=int(status),
        content_type=PROBLEM,
        body=json.dumps(problem_fields(refusal, language), ensure_ascii=False),
        headers=headers,
    )


def problem_fields(refusal: Refusal, language: str) -> ProblemDetails:
    """The fields of a refusal with its public facts.

    For a failure of AWS a line is logged with the same correlation id.
    """
    status, number = status_of(refusal), crypto.new_number()
    if isinstance(refusal, refusals.Unavailable):
        _logger.warning("unavailable", extra={"correlation_id": number, **aws.cause(refusal)})
    content: dict[str, Any] = {
        "type": "about:blank",
        "title": status.phrase,
        "status": int(status),
        "code": refusal.code,
        "detail": refusal.text(language),
        "field": refusal.field,
        "correlation_id": number,
    }
    for name, value in refusal.facts.items():
        if name in _PUBLIC_FACTS:
            content[name] = value
    findings = refusal.facts.get("findings")
    if isinstance(findings, list | tuple):
        labels = refusal.facts.get("labels")
        content["findings"] = findings_as_json(
            findings, language, labels if isinstance(labels, dict) else {}
        )
    faults = refusal.facts.get("faults")
    if isinstance(faults, list | tuple):
        content["faults"] = faults_as_json(faults, language)
    return cast(ProblemDetails, content)  # facts are open; the tests hold what is told to this type
