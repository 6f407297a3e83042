"""schemathesis walks the OpenAPI document: every operation is sent what it describes, and what it does not.

It goes in by the gateway, in this process. All of its checks are on; two are told how things are here.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, settings
from meterportal.adapters import Adapters
from schemathesis import AuthContext, Case, CheckContext, Response
from schemathesis.config import SchemathesisConfig
from schemathesis.core.failures import Failure
from schemathesis.specs.openapi.checks import unsupported_method

from infra.openapi import DOCUMENT
from tests.support.builders import a_holding, a_machine
from tests.support.customers import COOKIE, put, second_company, signed_in
from tests.support.erp_exports import FILES, as_zip, upload
from tests.support.feed import FEED, following
from tests.support.front_door import FrontDoor
from tests.support.staff_pool import serving, turn_to
from tests.support.stage import Answer, Stage

EXAMPLES = 8
"""Requests for each operation beside those that schemathesis works out for the edges of each value."""

AS_DESCRIBED = ["2xx", "401", "403", "404", "409", "412", "422", "429"]
"""What may be answered to a request that is as described. Beyond schemathesis' own: 412, for what was
changed meanwhile, and 422, where the rule is about what is stored and no schema can tell it."""

NOT_AS_DESCRIBED = ["400", "401", "403", "404", "409", "412", "413", "415", "422", "429"]
"""What may be answered to a request that is not: a text too long for its field may be too long for
the request, too."""

DOOR = FrontDoor()
API = schemathesis.openapi.from_dict(
    json.loads(DOCUMENT.read_text(encoding="utf-8")),
    config=SchemathesisConfig.from_dict(
        {
            # Cookies and tokens that are none are tried by a check of their own.
            "generation": {
                "deterministic": True,
                "database": "none",
                "with-security-parameters": False,
            },
            "checks": {
                "positive_data_acceptance": {"expected-statuses": AS_DESCRIBED},
                "negative_data_rejection": {"expected-statuses": NOT_AS_DESCRIBED},
            },
        }
    ),
)
API.app = DOOR


@API.auth(refresh_interval=None)
class Known:
    """Staff have a token, contacts the cookie of their session."""

    session = ""

    def get(self, case: Case[Any], _: AuthContext) -> dict[str, str]:
        if case.operation.path == FEED:
            return {"Authorization": DOOR.erp_token}
        if case.operation.path.startswith("/api/staff/"):
            return {"Authorization": DOOR.token}
        return {"Cookie": f"{COOKIE}={self.session}"}

    def set(self, case: Case[Any], given: dict[str, str], _: AuthContext) -> None:
        case.headers.update(given)


class OtherMethodAnswered(Failure):
    """A method that the document does not tell of got further than the gateway."""


def ends_at_the_gateway(_: CheckContext, response: Response, case: Case[Any]) -> None:
    """In place of `unsupported_method`, which expects 405: an HTTP API answers 404 to what is no route."""
    known = {method.upper() for method in API.raw_schema["paths"][case.operation.path]}
    sent = str(response.request.method)
    if sent not in known and (response.status_code, response.json()) != (404, NOWHERE):
        raise OtherMethodAnswered(
            operation=case.operation.label,
            title="A method beyond the document",
            message=f"{sent} was answered {response.status_code}",
        )


NOWHERE = {"message": "Not Found"}


def _id(answer: Answer) -> str:
    assert answer.status in {201, 202}, answer.text
    number: str = answer.json["id"]
    return number


def _started(path: str, **body: Any) -> Callable[[Stage], str]:
    return lambda stage: _id(stage.staff("POST", path, body))


NUMBERS: Mapping[str, Callable[[Stage], str]] = {
    "machine_id": lambda _: "200001",
    "company_id": lambda _: "10000",
    "contract_id": lambda _: "70001",
    "contact_id": lambda _: "5001",
    "model": lambda _: "general",
    "reading_id": lambda _: "200001.1.2026-11-28",
    "kind": lambda _: "exports",
    "run_id": _started("/api/staff/exports"),
    "export_id": _started("/api/staff/exports"),
    "round_id": _started("/api/staff/rounds", selection={"filter": {}}),
    "release_id": _started("/api/staff/releases", selection={"filter": {}}, dry_run=True),
    "import_id": lambda stage: _id(upload(stage, as_zip(FILES), dry_run="1")),
    "problem_id": lambda stage: _id(
        stage.customer("POST", "/api/machines/200001/problems", {"kind": "gone"})
    ),
    "successor_id": lambda stage: _id(
        stage.customer("POST", "/api/successors", {"name": "Nora", "email": "nora@muster.example"})
    ),
}
"""By the names of what stands in addresses: how to get one of something that there is."""


@pytest.fixture
def walked(stage: Stage, adapters: Adapters, monkeypatch: pytest.MonkeyPatch) -> Iterator[Stage]:
    second_company(adapters)
    signed_in(stage, adapters, a_holding(machines=[a_machine(), a_machine("200002")]))
    assert put(stage, values={"1": 11_000}, version=1).status == 200
    Known.session = stage.cookies[COOKIE]
    with serving() as pool:
        turn_to(pool.url, monkeypatch)
        DOOR.open(stage)
        yield stage


@pytest.fixture
def known(walked: Stage) -> Callable[[Case[Any]], dict[str, str]]:
    """The numbers for an operation's address, made at first asking."""
    made: dict[str, str] = {}

    def numbers(case: Case[Any]) -> dict[str, str]:
        names = NUMBERS.keys() & set(re.findall(r"\{(\w+)\}", case.operation.path))
        if names and not made:
            made.update({name: NUMBERS[name](walked) for name in names})
            walked.drain(ends=False)
        return made

    return numbers


@API.parametrize()
@settings(
    max_examples=EXAMPLES, deadline=None, suppress_health_check=list(HealthCheck), database=None
)
def test_an_operation_answers_as_the_document_says(
    case: Case[Any], walked: Stage, known: Callable[[Case[Any]], dict[str, str]]
) -> None:
    if case.meta is not None and not case.meta.generation.mode.is_positive:
        _send(case)
        return
    _set_places(case, walked)
    _send(case)
    numbers = known(case)
    if numbers:
        case.path_parameters.update(numbers)
        _send(case)


def _send(case: Case[Any]) -> None:
    case.call_and_validate(
        excluded_checks=[unsupported_method], additional_checks=[ends_at_the_gateway]
    )


def _set_places(case: Case[Any], walked: Stage) -> None:
    """Only a list's own answer has a place to go on from; to a schema it is a text like any other. A cursor
    may be left out; `after` is the one of the newest snapshot, that of the feed its own."""
    for part in (case.query, case.body):
        if isinstance(part, dict):
            part.pop("cursor", None)
            if "after" in part and case.operation.path == FEED:
                part["after"] = following(walked.erp(FEED)).partition("=")[2]
            elif "after" in part:
                walked.staff("POST", "/api/staff/portfolio")
                walked.drain(ends=False)
                part["after"] = walked.staff("GET", "/api/staff/portfolio").json["after"]
