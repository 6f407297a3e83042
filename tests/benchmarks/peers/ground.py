"""What both sides of a submit get: a company, a session, and the event of a request."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import pytest
from meterportal.adapters import adapters
from meterportal.domain.plausibility.tolerances import ToleranceSettings
from meterportal.domain.portfolio.contracts import Company
from meterportal.domain.portfolio.machines import Machine

from infra.local import events, http_api
from infra.local.http_api import Request
from tests.benchmarks.peers.fleet_api import Known, fingerprint
from tests.benchmarks.replay import as_shipped
from tests.conftest import TODAY, built
from tests.support import clock
from tests.support.builders import a_contact, a_contract, a_holding, a_machine, a_meter
from tests.support.customers import COOKIE, signed_in
from tests.support.stage import Stage

METERS = ("1", "2", "3", "4")
_VALUES = dict.fromkeys(METERS, 11_000)
"""A month after the last ones, at a thousand a month."""


@dataclass(frozen=True)
class Ground:
    stage: Stage
    machines: Sequence[Machine]
    known: Known

    def fleet(self) -> dict[str, Any]:
        """The event that reports all machines."""
        body = [{"machine_id": one.id, **_report(one)} for one in self.machines]
        return self._event("/api/readings", {"machines": body})

    def single(self, machine: Machine) -> dict[str, Any]:
        """The event that reports one."""
        return self._event(f"/api/machines/{machine.id}/readings", _report(machine))

    def _event(self, path: str, body: Any) -> dict[str, Any]:
        sent = {
            "content-type": "application/json",
            "host": "api.example",
            "x-origin-secret": self.stage.origin_secret,
            "cookie": f"{COOKIE}={self.stage.cookies[COOKIE]}",
        }
        request = Request("PUT", path, "", [*sent.items()], json.dumps(body).encode(), "127.0.0.1")
        found = http_api.find(self.stage.routes, "PUT", path)
        assert found is not None, path
        return events.of_request(request, found[0].key, found[1], None, clock.now())


def _report(machine: Machine) -> dict[str, Any]:
    return {"values": _VALUES, "version": machine.version}


@contextmanager
def prepared(machines: int) -> Iterator[Ground]:
    """A company of so many machines of four meters, whose contact has signed in."""
    with pytest.MonkeyPatch.context() as monkeypatch, built(monkeypatch) as stage:
        as_shipped(monkeypatch)
        fleet = [
            a_machine(f"{200_001 + n}", meters=tuple(a_meter(one) for one in METERS))
            for n in range(machines)
        ]
        held = a_holding(
            Company("10000", "Muster GmbH"),
            contacts=[a_contact()],
            contracts=[a_contract()],
            machines=fleet,
        )
        signed_in(stage, adapters(), held)
        (contact,) = held.contacts
        known = Known(
            held,
            {fingerprint(stage.cookies[COOKIE]): contact},
            ToleranceSettings(),
            adapters().settings.grace_days,
            TODAY,
        )
        yield Ground(stage, fleet, known)


def stored(answer: dict[str, Any]) -> list[dict[str, Any]]:
    """What became of each machine of an answer to `fleet`."""
    assert answer["statusCode"] == 200, answer
    machines: list[dict[str, Any]] = json.loads(answer["body"])["machines"]
    assert {one["status"] for one in machines} == {200}, machines
    return machines
