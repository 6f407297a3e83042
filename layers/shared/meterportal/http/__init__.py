"""HTTP at the edge: requests are checked, refusals become problem+json, answers are compressed.

Handlers parse by type, call one use case and return `Answer(...)`; everything else about HTTP is in
the modules of this package.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from aws_lambda_powertools.event_handler import APIGatewayHttpResolver, Response
from aws_lambda_powertools.event_handler.exceptions import NotFoundError
from aws_lambda_powertools.event_handler.middlewares import NextMiddleware
from aws_lambda_powertools.event_handler.openapi.exceptions import RequestValidationError

from meterportal.domain import refusals
from meterportal.domain.refusals import Refusal
from meterportal.http import queries
from meterportal.http.answers import Accepted as Accepted
from meterportal.http.answers import Answer as Answer
from meterportal.http.answers import CloudEvents as CloudEvents
from meterportal.http.answers import Created as Created
from meterportal.http.answers import CsvFile as CsvFile
from meterportal.http.answers import NoContent as NoContent
from meterportal.http.answers import Workbook as Workbook
from meterportal.http.answers import compressed
from meterportal.http.bodies import BULK_LIMIT as BULK_LIMIT
from meterportal.http.bodies import IMPORT_LIMIT as IMPORT_LIMIT
from meterportal.http.bodies import JSON as JSON
from meterportal.http.bodies import SINGLE_LIMIT as SINGLE_LIMIT
from meterportal.http.bodies import Address as Address
from meterportal.http.bodies import Body as Body
from meterportal.http.bodies import Day as Day
from meterportal.http.bodies import Malformed as Malformed
from meterportal.http.bodies import Number as Number
from meterportal.http.bodies import TooLarge as TooLarge
from meterportal.http.bodies import Words as Words
from meterportal.http.bodies import WrongContentType as WrongContentType
from meterportal.http.bodies import check_body
from meterportal.http.bodies import file_body as file_body
from meterportal.http.bodies import strict_json as strict_json
from meterportal.http.callers import check_caller
from meterportal.http.callers import cookie as cookie
from meterportal.http.callers import header as header
from meterportal.http.callers import language_of as language_of
from meterportal.http.callers import request_key as request_key
from meterportal.http.finding_json import FindingJson as FindingJson
from meterportal.http.finding_json import fault_as_json as fault_as_json
from meterportal.http.finding_json import findings_as_json as findings_as_json
from meterportal.http.finding_json import note_as_json as note_as_json
from meterportal.http.input_faults import first_fault
from meterportal.http.json_types import IsoDay as IsoDay
from meterportal.http.json_types import IsoTime as IsoTime
from meterportal.http.json_types import LastJson as LastJson
from meterportal.http.json_types import LocationJson as LocationJson
from meterportal.http.json_types import NamedJson as NamedJson
from meterportal.http.json_types import PersonJson as PersonJson
from meterportal.http.json_types import RightsJson as RightsJson
from meterportal.http.json_types import company_as_json as company_as_json
from meterportal.http.json_types import last_as_json as last_as_json
from meterportal.http.json_types import location_as_json as location_as_json
from meterportal.http.json_types import rights_as_json as rights_as_json
from meterportal.http.problems import CODES as CODES
from meterportal.http.problems import PROBLEM as PROBLEM
from meterportal.http.problems import STATUS as STATUS
from meterportal.http.problems import ProblemDetails as ProblemDetails
from meterportal.http.problems import ProblemFields as ProblemFields
from meterportal.http.problems import problem as problem
from meterportal.http.problems import problem_fields as problem_fields
from meterportal.http.problems import refuses as refuses
from meterportal.http.problems import status_of as status_of
from meterportal.http.text_fault_json import TextFaultJson as TextFaultJson
from meterportal.http.text_fault_json import faults_as_json as faults_as_json


def resolver(title: str) -> APIGatewayHttpResolver:
    """A router with validation and strict JSON and queries, which answers refusals as
    problem+json."""
    app = APIGatewayHttpResolver(enable_validation=True, json_body_deserializer=strict_json)
    app.use(middlewares=[_strict_query])

    @app.exception_handler(Refusal)
    def refuse(refusal: Refusal) -> Response[str]:
        return problem(refusal, language_of(app.current_event.raw_event))

    @app.not_found
    def nowhere(_: NotFoundError) -> Response[str]:
        return problem(refusals.NotFound(), language_of(app.current_event.raw_event))

    @app.exception_handler(RequestValidationError)
    def invalid(error: RequestValidationError) -> Response[str]:
        return problem(first_fault(error.errors()), language_of(app.current_event.raw_event))

    app.configure_openapi(title=title, version="1", openapi_version="3.1.0")
    return app


def _strict_query(app: APIGatewayHttpResolver, go_on: NextMiddleware) -> Any:
    """Before each route: refuse a query with parameters that the route does not know, or with a
    parameter twice."""
    route = app.context["_route"]
    if not route.rule.match(""):  # the router's route for unknown paths matches every path
        known = {parameter.alias for parameter in route.dependant.query_params}
        queries.check(app.current_event.raw_event, known)
    return go_on(app)


def serve(
    app: APIGatewayHttpResolver,
    event: dict[str, Any],
    context: Any,
    *,
    limits: Mapping[str, int] | None = None,
    raw_bodies: Sequence[str] = (),
) -> dict[str, Any]:
    """Handle one request: check it, route it, and return the answer.

    `limits` are body sizes by path if they differ from the size for a single machine; `raw_bodies`
    are the paths whose bodies are not JSON.
    """
    path = event.get("rawPath", "")
    try:
        check_caller(event)
        check_body(event, limits=limits or {}, json_only=path not in raw_bodies)
    except Refusal as refusal:
        refused = problem(refusal, language_of(event))
        headers = {**refused.headers, "Content-Type": PROBLEM, "Cache-Control": "no-store"}
        return {
            "statusCode": refused.status_code,
            "headers": headers,
            "body": refused.body,
            "cookies": [],
            "isBase64Encoded": False,
        }
    answered: dict[str, Any] = app.resolve(event, context)
    answered.setdefault("headers", {})["Cache-Control"] = "no-store"
    return compressed(answered, header(event, "accept-encoding") or "")
