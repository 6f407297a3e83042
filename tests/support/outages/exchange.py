"""The routes by which staff decide about imports and look through exports, each with a request that succeeds."""

from __future__ import annotations

from functools import partial

from tests.support.erp_exports import CONTRACTS, FILES, READINGS, Table, as_zip
from tests.support.outages.staff import reads, sends
from tests.support.outages.trial import Request, Scene, Sends, listed
from tests.support.reported import a_reported_machine, release_at_once, settle_reported

REQUESTS: list[Request] = []
_route = partial(listed, REQUESTS)
_LESS: dict[str, Table] = {
    **FILES,
    "vertraege.csv": CONTRACTS[:2],
    "zaehlerstaende.csv": [*READINGS, ["299999", "1", "28.08.2026", "1", *[""] * 6]],
}
"""A full export without the contract 70002, and with a reading that is rejected."""


def _imported(scene: Scene, files: dict[str, Table], query: str = "") -> str:
    headers = {"content-type": "application/zip"}
    path = f"/api/staff/imports{query}"
    started = scene.stage.staff("POST", path, as_zip(files), headers=headers)
    scene.stage.drain()
    number: str = started.json["id"]
    return number


def _full(scene: Scene) -> str:
    _imported(scene, {**FILES})
    return _imported(scene, _LESS, "?full=true")


@_route("POST", "/api/staff/imports/{import_id}/apply")
def _apply(scene: Scene) -> Sends:
    number = _imported(scene, {**FILES}, "?dry_run=true")
    return sends(scene, "POST", f"/api/staff/imports/{number}/apply")


@_route("GET", "/api/staff/imports/{import_id}/findings")
def _findings(scene: Scene) -> Sends:
    return reads(scene, f"/api/staff/imports/{_full(scene)}/findings?cause=0")


@_route("GET", "/api/staff/imports/{import_id}/findings.csv")
def _findings_csv(scene: Scene) -> Sends:
    return reads(scene, f"/api/staff/imports/{_full(scene)}/findings.csv")


@_route("GET", "/api/staff/imports/{import_id}/missing")
def _missing(scene: Scene) -> Sends:
    return reads(scene, f"/api/staff/imports/{_full(scene)}/missing?kind=contracts")


@_route("GET", "/api/staff/imports/{import_id}/missing.csv")
def _missing_csv(scene: Scene) -> Sends:
    return reads(scene, f"/api/staff/imports/{_full(scene)}/missing.csv?kind=contracts")


@_route("POST", "/api/staff/imports/{import_id}/missing/end")
def _end(scene: Scene) -> Sends:
    body = {"kind": "contracts", "ids": ["70002"]}
    return sends(scene, "POST", f"/api/staff/imports/{_full(scene)}/missing/end", body)


@_route("GET", "/api/staff/exports/{export_id}/lines")
def _lines(scene: Scene) -> Sends:
    for machine in settle_reported(scene.adapters, [a_reported_machine("200001")]):
        release_at_once(scene.adapters, machine)
    started = scene.stage.staff("POST", "/api/staff/exports", {})
    scene.stage.drain()
    return reads(scene, f"/api/staff/exports/{started.json['id']}/lines")
