"""What the trials of AWS that fails leave out: that they try everything, and secrets that cannot be read."""

from __future__ import annotations

from collections.abc import Callable

import meterportal.adapters
import pytest
from meterportal.adapters import Adapters

from tests.support.access import a_request
from tests.support.builders import settle
from tests.support.outages import contacts, exchange, read_model, sign_in, staff, workers
from tests.support.outages.faults import Fault, Wire, happens
from tests.support.requesting import work
from tests.support.stage import Answer, Stage
from tests.template.reading import FUNCTIONS, ROUTES

REQUESTS = [
    *contacts.REQUESTS,
    *staff.REQUESTS,
    *exchange.REQUESTS,
    *read_model.REQUESTS,
    *sign_in.REQUESTS,
]


def test_every_route_is_tried() -> None:
    assert {request.route for request in REQUESTS} == ROUTES.keys()


def test_every_worker_is_tried_with_every_kind_of_event_that_it_gets() -> None:
    events = {
        (package, kind)
        for package, function in FUNCTIONS.items()
        for kind in {event["Type"] for event in function.properties.get("Events", {}).values()}
    }
    assert {(one.package, one.source) for one in workers.DELIVERIES} == events


@pytest.mark.parametrize("fault", [fault for fault in Fault if happens(fault, "secretsmanager")])
def test_a_function_that_cannot_read_its_secrets_says_come_again(
    stage: Stage, adapters: Adapters, wire: Wire, fault: Fault
) -> None:
    """A fresh process reads two secrets: one for every request, one for links and cursors."""
    assert adapters.table.get("nothing", "there") is None
    asks: list[tuple[str, Callable[[], Answer]]] = [
        ("customer_api", lambda: stage.customer("POST", "/api/session", {"token": "x"})),
        ("staff_api", lambda: stage.staff("GET", "/api/staff/imports?cursor=x")),
    ]
    for package, ask in asks:
        for call in range(2):
            meterportal.adapters.adapters.cache_clear()
            with wire.meeting(fault, call) as made:
                answer = ask()
            assert made[call] == "secretsmanager.GetSecretValue", package
            assert (answer.status, answer.json["code"]) == (503, "unavailable"), package
            assert answer.headers["Retry-After"] == "2"
            assert answer.json["correlation_id"]
            assert ask().status == {"customer_api": 401, "staff_api": 400}[package]


def test_a_worker_that_cannot_read_its_secret_hands_its_message_back(
    stage: Stage, adapters: Adapters, wire: Wire
) -> None:
    settle(adapters)
    meterportal.adapters.adapters.cache_clear()
    with wire.meeting(Fault.THROTTLED, 5) as made:
        assert work(stage, "send_mail", a_request("one")) == [0]
    assert made[5] == "secretsmanager.GetSecretValue"
    assert stage.mails() == []
    assert work(stage, "send_mail", a_request("one")) == []
    assert len(stage.mails()) == 1
