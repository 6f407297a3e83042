"""Who may do what: each route of staff's API by the group that it needs, the routes taken from the template.

The requests are those of the outages' catalogue, which succeed: nothing but the group can refuse them.
"""

from __future__ import annotations

from typing import Any

import pytest
from meterportal.adapters import Adapters
from meterportal.settings import Moment

from tests.support.outages import exchange, read_model, staff
from tests.support.outages.trial import Scene
from tests.support.stage import Answer, Stage
from tests.template.test_doors import template_routes

REMIND = {
    "PATCH /contacts/{contact_id}",
    "PATCH /contracts/{contract_id}",
    "POST /answers/{answer_id}/decision",
    "POST /contacts/{contact_id}/lift",
    "POST /contacts/{contact_id}/links",
    "POST /contacts/{contact_id}/links/revoke",
    "POST /notes",
    "POST /notes/{note_id}/withdrawal",
    "POST /problems/{problem_id}/decision",
    "POST /readiness",
    "POST /rounds",
    "POST /rounds/{round_id}/end",
    "POST /rounds/{round_id}/mails/{contact_id}/test",
    "POST /rounds/{round_id}/pause",
    "POST /rounds/{round_id}/resume",
    "POST /rounds/{round_id}/sending",
    "POST /successors/{successor_id}/decision",
    "PUT /machines/{machine_id}/readings",
}
RELEASE = {
    "POST /estimates",
    "POST /exports",
    "POST /exports/{export_id}/ack",
    "POST /machines/{machine_id}/replacement",
    "POST /machines/{machine_id}/replacement/withdrawal",
    "POST /machines/{machine_id}/resets",
    "POST /readings/{reading_id}/decision",
    "POST /readings/{reading_id}/release",
    "POST /readings/{reading_id}/reversal",
    "POST /readings/{reading_id}/undo",
    "POST /readings/{reading_id}/withdrawal",
    "POST /releases",
    "POST /runs/{kind}/{run_id}/restart",  # an export here; other kinds need who may begin them
}
ADMIN = {
    "DELETE /contacts/{contact_id}/data",
    "GET /contacts/{contact_id}/data",
    "GET /erasures",
    "GET /people",
    "POST /contacts/{contact_id}/readmission",
    "POST /imports",
    "POST /imports/uploads",
    "POST /imports/{import_id}/apply",
    "POST /imports/{import_id}/missing/end",
    "POST /people",
    "POST /text-blocks/{name}/{language}/test-mail",
    "PUT /brand",
    "PUT /help/{model}",
    "PUT /people/{person_id}",
    "PUT /release-limits",
    "PUT /schedule",
    "PUT /text-blocks/{name}/{language}",
    "PUT /tolerances",
}
LOOKING = {
    "POST /check",
    "POST /plausibility/backtest",
    "POST /portfolio",
    "POST /text-blocks/{name}/{language}/preview",
    "PUT /views",
}
"""What every group may do beside looking: it changes no record."""

ROUTES = {
    f"{method} {path.removeprefix('/api/staff')}" for method, path in template_routes("staff_api")
}
REQUESTS = {
    named: one
    for one in [*staff.REQUESTS, *exchange.REQUESTS, *read_model.REQUESTS]
    if (named := f"{one.route[0]} {one.route[1].removeprefix('/api/staff')}") in ROUTES
}


def groups_of(route: str) -> set[str]:
    if route in ADMIN:
        return {"admin"}
    if route in REMIND or route in RELEASE:
        return {"admin", "remind" if route in REMIND else "release"}
    return {"read", "remind", "release", "admin"}


def test_every_route_that_does_something_says_who_may() -> None:
    deeds = [*REMIND, *RELEASE, *ADMIN, *LOOKING]
    assert len(deeds) == len(set(deeds))
    assert {route for route in ROUTES if not route.startswith("GET ")} <= set(deeds) <= ROUTES
    assert REQUESTS.keys() == ROUTES


@pytest.mark.parametrize("route", sorted(REQUESTS))
def test_a_route_is_for_its_groups_and_no_others(
    route: str, stage: Stage, adapters: Adapters, at: Moment, monkeypatch: pytest.MonkeyPatch
) -> None:
    send = REQUESTS[route].prepare(Scene(stage, adapters, at))
    as_somebody = Stage.staff

    def status(groups: str) -> int:
        def as_group(stage: Stage, *given: Any, **more: Any) -> Answer:
            return as_somebody(stage, *given, **{**more, "groups": groups})

        with monkeypatch.context() as here:
            here.setattr(Stage, "staff", as_group)
            return send().status

    allowed = groups_of(route)
    least = next(one for one in ("read", "remind", "release", "admin") if one in allowed)
    others = [one for one in ("", "read", "remind", "release") if one not in allowed]
    assert {one: status(one) for one in others} == dict.fromkeys(others, 403)
    assert status(least) < 300
