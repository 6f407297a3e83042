"""One thing that is done, tried once undisturbed and then with every fault at every one of its calls."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from meterportal.adapters import Adapters
from meterportal.settings import Moment

from tests.support.outages.faults import UNTAKEN, WRITES, Fault, Wire, happens
from tests.support.stage import Answer, Context, Stage
from tests.support.world import World, keep, settle, told

# The short form tries one of several faults that end alike; see `chosen`.
FORMS = [pytest.param(False, id="short"), pytest.param(True, id="long", marks=pytest.mark.long)]


@dataclass(frozen=True)
class Scene:
    """What a scenario plays on."""

    stage: Stage
    adapters: Adapters
    at: Moment


Route = tuple[str, str]
Sends = Callable[[], Answer]
"""Sends a request, any number of times."""
Prepare = Callable[["Scene"], Sends]


@dataclass(frozen=True)
class Request:
    """A request that succeeds. `prepare` makes what it needs and returns what sends it, any number
    of times: as a page does, with the same Idempotency-Key where it sends one.

    `done` tells whether an answer below 300 is a success, or something of it is to be sent again;
    `again` are further statuses that are one when it is repeated. `after` is done at the end of each
    try, when the queues have run empty. `surplus` are parts of rows that the first try may leave
    over, `differs` of rows that may be different, both for a reason.
    """

    name: str
    route: Route
    prepare: Prepare
    done: Callable[[Answer], bool] = lambda _: True
    again: frozenset[int] = frozenset()
    after: Callable[[Scene], object] = lambda _: None
    surplus: tuple[str, ...] = ()
    differs: tuple[str, ...] = ()


@dataclass(frozen=True)
class Delivery:
    """An event that a worker brings to its end. `source` is its kind in the template (SQS,
    ScheduleV2); `prepare` makes what it needs and gives back the event.

    `after` is done at the end of each try, when the queues have run empty.
    """

    name: str
    package: str
    source: str
    prepare: Callable[[Scene], dict[str, Any]]
    after: Callable[[Scene], object] = lambda _: None
    surplus: tuple[str, ...] = ()
    differs: tuple[str, ...] = ()


def listed(
    requests: list[Request], method: str, path: str, name: str = "", **more: Any
) -> Callable[[Prepare], Prepare]:
    """Puts what is decorated on a list, as the request of a route."""

    def add(prepare: Prepare) -> Prepare:
        route = (method, path)
        requests.append(Request(f"{method} {path} {name}".strip(), route, prepare, **more))
        return prepare

    return add


def chosen(calls: list[str], *, everything: bool) -> Iterator[tuple[int, Fault]]:
    """Which faults are tried at which call. Those that carry nothing out end alike: unless `everything`
    is tried, a call meets one of them, the kinds in turn, and each of the others; and of several calls
    of one kind in a row that only read, the first alone meets any."""
    turn = 0
    for number, call in enumerate(calls):
        if not everything and number and call == calls[number - 1] and call not in WRITES:
            continue
        possible = [fault for fault in Fault if happens(fault, call)]
        if not everything:
            alike = [fault for fault in possible if fault in UNTAKEN]
            possible = [fault for fault in possible if fault not in alike]
            possible.append(alike[turn % len(alike)])
            turn += 1
        yield from ((number, fault) for fault in possible)


def try_request(scene: Scene, wire: Wire, request: Request, *, everything: bool) -> int:
    """Play a request through; how many faults were tried. Fails where a promise does not hold."""
    stage = scene.stage
    send = request.prepare(scene)
    back, cookies = keep(), dict(stage.cookies)
    _without_turns(scene)
    with wire.meeting(None, -1) as calls:
        answer = send()
    assert answer.status < 300, answer.text
    at_once = told(stage)

    def end() -> World:
        settle(stage)
        request.after(scene)
        settle(stage)
        return told(stage)

    whole = end()
    tried = 0
    for number, fault in chosen(list(calls), everything=everything):
        tried += 1
        back()
        _without_turns(scene)
        stage.cookies.clear()
        stage.cookies.update(cookies)
        where = f"{request.name}: {fault} at call {number} ({calls[number]})"
        with wire.meeting(fault, number):
            answer = send()
        if answer.status >= 300:
            _says_come_again(answer, where)
        if answer.status >= 300 or not request.done(answer):
            answer = send()
            assert answer.status < 300 or answer.status in request.again, f"{where}: {answer.text}"
            assert request.done(answer), f"{where}: {answer.text}"
        if told(stage) != at_once:  # else the workers would do the same
            _same(end(), whole, where, request)
    back()
    return tried


def try_delivery(scene: Scene, wire: Wire, delivery: Delivery, *, everything: bool) -> int:
    """Play a delivery through; how many faults were tried. What fails is delivered once more."""
    stage = scene.stage
    event = delivery.prepare(scene)
    handle = stage.handler(delivery.package)
    back = keep()

    def end() -> World:
        settle(stage)
        delivery.after(scene)
        settle(stage)
        return told(stage)

    _without_turns(scene)
    with wire.meeting(None, -1) as calls:
        result = handle(event, Context())
    assert not (result or {}).get("batchItemFailures"), result
    at_once = told(stage)
    whole = end()
    tried = 0
    for number, fault in chosen(list(calls), everything=everything):
        tried += 1
        back()
        _without_turns(scene)
        where = f"{delivery.name}: {fault} at call {number} ({calls[number]})"
        with wire.meeting(fault, number):
            failed = _fails(handle, event)
        if failed:
            assert not _fails(handle, event), f"{where}: fails again"
        if told(stage) != at_once:  # else what follows would be the same
            _same(end(), whole, where, delivery)
    back()
    return tried


def _without_turns(scene: Scene) -> None:
    """As in a process that has sent nothing yet: what calls a try makes must not hang on the one before."""
    vars(scene.adapters).pop("pace", None)


def _fails(handle: Callable[[Any, Any], Any], event: dict[str, Any]) -> bool:
    """Whether the event comes back: a message is handed back, or the invocation of a schedule fails."""
    if "Records" in event:
        return bool(handle(event, Context())["batchItemFailures"])
    try:
        handle(event, Context())
    except Exception:  # noqa: BLE001 - whatever it is, AWS invokes the function again
        return True
    return False


def _says_come_again(answer: Answer, where: str) -> None:
    assert answer.status == 503, f"{where}: {answer.status} {answer.text}"
    assert answer.headers["Content-Type"] == "application/problem+json", where
    assert int(answer.headers["Retry-After"]) > 0, where
    assert answer.json["code"] == "unavailable", where
    assert answer.json["correlation_id"], where


def _same(found: World, whole: World, where: str, scenario: Request | Delivery) -> None:
    """The same rows, files and mails as without the fault: none missing, none doubled."""
    less = _without(whole - found, scenario.differs)
    more = _without(found - whole, (*scenario.surplus, *scenario.differs))
    assert not more, f"{where}\nmissing: {less}\nmore: {more}"
    assert not less, f"{where}\nmissing: {less}"


def _without(rows: World, parts: tuple[str, ...]) -> list[str]:
    return [row for row in rows.elements() if not any(part in row for part in parts)]
