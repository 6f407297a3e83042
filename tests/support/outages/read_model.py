"""The routes of the console's read model and of the ERP's feed, each with a request that succeeds."""

from __future__ import annotations

from functools import partial

from tests.support.builders import settle
from tests.support.feed import FEED
from tests.support.outages.staff import reads, sends
from tests.support.outages.trial import Request, Scene, Sends, listed
from tests.support.reported import a_reported_machine, release_at_once, settle_reported

REQUESTS: list[Request] = []
_route = partial(listed, REQUESTS)


@_route("POST", "/api/staff/portfolio")
def _build(scene: Scene) -> Sends:
    settle(scene.adapters)
    return sends(scene, "POST", "/api/staff/portfolio")


def _snapshot(scene: Scene) -> str:
    """One is built; what to ask for changes with."""
    settle_reported(scene.adapters)
    scene.stage.staff("POST", "/api/staff/portfolio")
    scene.stage.drain()
    after: str = scene.stage.staff("GET", "/api/staff/portfolio").json["after"]
    return after


@_route("GET", "/api/staff/portfolio")
def _portfolio(scene: Scene) -> Sends:
    _snapshot(scene)
    return reads(scene, "/api/staff/portfolio")


@_route("GET", "/api/staff/portfolio/changes")
def _changes(scene: Scene) -> Sends:
    return reads(scene, f"/api/staff/portfolio/changes?after={_snapshot(scene)}")


@_route("GET", "/api/staff/search")
def _search(scene: Scene) -> Sends:
    _snapshot(scene)
    return reads(scene, "/api/staff/search?q=ricoh")


@_route("GET", "/api/staff/machines/values")
def _values(scene: Scene) -> Sends:
    settle_reported(scene.adapters)
    return reads(scene, "/api/staff/machines/values?ids=200001")


@_route("GET", "/api/staff/statistics")
def _statistics(scene: Scene) -> Sends:
    _snapshot(scene)
    return reads(scene, "/api/staff/statistics?period=2026-11")


@_route("GET", "/api/staff/statistics/companies")
def _statistics_by_company(scene: Scene) -> Sends:
    _snapshot(scene)
    return reads(scene, "/api/staff/statistics/companies?period=2026-11")


@_route("GET", FEED)
def _feed(scene: Scene) -> Sends:
    settle_reported(scene.adapters)
    release_at_once(scene.adapters, a_reported_machine())
    return lambda: scene.stage.erp(FEED)
