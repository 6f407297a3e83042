"""Each refusal that the document declares of a route really happens there.

That nothing happens which it does not declare is held of every answer of every test: see
`tests/support/documented.py`.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

import pytest
from meterportal.http import IMPORT_LIMIT

from infra.openapi import DECIDING
from tests.support import documented
from tests.support.outages import (
    contacts,
    exchange,
    read_model,
    refused_to_contacts,
    refused_to_staff,
    sign_in,
    staff,
)
from tests.support.outages.faults import Fault, Wire
from tests.support.outages.refused import OF_ROUTES, Refused, Sent
from tests.support.outages.trial import Request, Route, Scene
from tests.support.stage import Answer, Stage
from tests.support.world import keep

REQUESTS: Mapping[Route, Request] = {
    request.route: request
    for module in (sign_in, read_model, exchange, staff, contacts)
    for request in reversed(module.REQUESTS)
}
"""Of each route the first request that succeeds."""

TABLES = (refused_to_contacts, refused_to_staff)
"""Read so that `OF_ROUTES` is filled."""


def _nowhere(sent: Sent) -> Answer:
    """The last number of the address is nobody's."""
    assert "{" in sent.route[1], "a route without numbers says for itself what it does not find"
    pattern = re.sub(r"\\\{\w+\\\}", "([^/]+)", re.escape(sent.route[1]))
    path, _, query = sent.path.partition("?")
    found = re.fullmatch(pattern, path)
    assert found
    begin, end = found.span(len(found.groups()))
    known = found.group(len(found.groups()))
    other = re.sub(r"\d", "9", known) if known[:1].isdigit() else f"{known}x"
    return sent.again(f"{path[:begin]}{other}{path[end:]}{'?' if query else ''}{query}")


def _cut_off(sent: Sent) -> Answer:
    with sent.wire.meeting(Fault.UNREACHABLE, 0):
        return sent.again()


EVERYWHERE: Mapping[int, tuple[str, Refused]] = {
    400: ("bad_query", lambda sent: sent.asking("nonsense=1")),
    401: ("not_signed_in", lambda sent: sent.again(cookies={})),
    403: ("not_allowed", lambda sent: sent.again(headers={"x-origin-secret": "guessed"})),
    404: ("not_found", _nowhere),
    413: ("too_large", lambda sent: sent.again(body=b"1" * (IMPORT_LIMIT + 1))),
    415: ("wrong_content_type", lambda sent: sent.again(headers={"content-type": "text/plain"})),
    412: ("changed_meanwhile", lambda sent: sent.anew(version=99)),
    422: ("invalid", lambda sent: sent.again(body={"nonsense": 1, "version": 1})),
    503: ("unavailable", _cut_off),
}
"""What is refused alike on all routes that declare it: the code, and how it comes about."""


def declared(route: Route) -> set[int]:
    """The statuses of refusals that the document tells of a route. The 401 of staff and of the ERP is
    their authorizers', before any function."""
    method, path = route
    operation = documented.document()["paths"][path][method.lower()]
    gateway = any({"staff", "erp"} & way.keys() for way in operation["security"])
    found = {int(status) for status in operation["responses"] if int(status) >= 400}
    return found - {401} if gateway else found


def ways(route: Route, status: int) -> Mapping[str, Refused]:
    """By code, how a status comes about: as this route says, or as on all."""
    return OF_ROUTES.get((*route, status)) or dict([EVERYWHERE[status]])


def test_every_code_that_clients_decide_by_is_in_the_table_and_no_other() -> None:
    for method, path in REQUESTS:
        for status in declared((method, path)) & set(map(int, DECIDING)):
            told = documented.codes(path, method, status)
            assert told == ways((method, path), status).keys(), f"{method} {path}: {status}"
    for method, path, status in OF_ROUTES:
        assert status in declared((method, path)), f"{method} {path}: {status}"


@pytest.mark.parametrize("route", sorted(REQUESTS), ids=" ".join)
def test_what_is_declared_happens(scene: Scene, wire: Wire, route: Route) -> None:
    sent = _sent(scene, wire, route)
    back, cookies = keep(), dict(scene.stage.cookies)
    for status in sorted(declared(route)):
        for code, refused in ways(route, status).items():
            back()
            scene.stage.cookies.clear()
            scene.stage.cookies.update(cookies)
            answer = refused(sent)
            assert (answer.status, answer.text and answer.json["code"]) == (status, code)


def _sent(scene: Scene, wire: Wire, route: Route) -> Sent:
    """Prepares the route's request, and looks at how it is sent."""
    send = REQUESTS[route].prepare(scene)
    back, cookies = keep(), dict(scene.stage.cookies)
    seen: list[tuple[Any, ...]] = []
    real = Stage.request

    def request(
        self: Stage, package: str, method: str, path: str, body: Any = None, **more: Any
    ) -> Answer:
        seen.append((package, path, body, {**more, "cookies": dict(more.get("cookies") or {})}))
        return real(self, package, method, path, body, **more)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Stage, "request", request)
        assert send().status < 300
    back()
    scene.stage.cookies.clear()
    scene.stage.cookies.update(cookies)
    return Sent(scene, wire, route, *seen[-1])
