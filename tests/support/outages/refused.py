"""What each route refuses by what stands at that moment: how each declared code comes about."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import meterportal.adapters
from meterportal.store import keys
from meterportal.store.portfolio import holdings
from meterportal.store.writes import Write

from tests.support.builders import a_contract
from tests.support.customers import change
from tests.support.erp_exports import COMPANIES, as_csv
from tests.support.outages.faults import Fault, Wire
from tests.support.outages.trial import Route, Scene
from tests.support.requesting import report
from tests.support.stage import Answer

READING = "/api/staff/readings/200001.1.2026-11-28"


@dataclass(frozen=True)
class Sent:
    """A request that succeeds, as it was sent: `again` sends it once more, changed."""

    scene: Scene
    wire: Wire
    route: Route
    package: str
    path: str
    body: Any
    more: Mapping[str, Any]

    def again(self, path: str = "", **changed: Any) -> Answer:
        headers = {**(self.more.get("headers") or {}), **(changed.pop("headers", None) or {})}
        given = {"body": self.body, **self.more, **changed, "headers": headers}
        return self.scene.stage.request(self.package, self.route[0], path or self.path, **given)

    def asking(self, query: str) -> Answer:
        return self.again(f"{self.path}{'&' if '?' in self.path else '?'}{query}")

    def anew(self, path: str = "", **fields: Any) -> Answer:
        """As another request, with these fields of its body changed."""
        return self.again(path, body=self.body | fields, headers={"idempotency-key": str(fields)})

    def staff(self, method: str, path: str, body: Any = None, **more: Any) -> Answer:
        return self.scene.stage.staff(method, path, body, **more)

    def first(self, *_: object) -> Sent:
        """The same, after what is done in the arguments."""
        return self


Refused = Callable[[Sent], Answer]

OF_ROUTES: dict[tuple[str, str, int], dict[str, Refused]] = {}
"""By method, path and status: the codes, each with how it comes about."""


def provoked(method: str, path: str, status: int, code: str) -> Callable[[Refused], Refused]:
    """Puts what is decorated into the table."""

    def add(refused: Refused) -> Refused:
        OF_ROUTES.setdefault((method, path, status), {})[code] = refused
        return refused

    return add


def until_refused(sent: Sent, **changed: Any) -> Answer:
    """Sends the same until it is too much."""
    for _ in range(60):
        answer = sent.again(**changed)
        if answer.status == 429:
            break
    return answer


def cold(sent: Sent) -> Answer:
    """Only a fresh process asks for anything: for its secrets."""
    meterportal.adapters.adapters.cache_clear()
    with sent.wire.meeting(Fault.UNREACHABLE, 0):
        return sent.again()


def released_before(sent: Sent) -> Answer:
    entered = {"values": {"1": 10_850}, "version": 1, "channel": "PHONE"}
    told = sent.staff("PUT", "/api/staff/machines/200001/readings", entered)
    assert told.status == 200, told.text
    return by_hand(sent, 2).again()


def bounced(sent: Sent, address: str) -> Sent:
    values: dict[str, Any] = {"bounced": "bounced", "none": {}}
    update = "SET #delivery = :bounced, #claims = if_not_exists(#claims, :none)"
    sent.scene.adapters.table.write(Write(key=keys.mailbox(address), update=update, values=values))
    return sent


def reported_by(sent: Sent, number: str) -> Sent:
    """The contract is somebody else's to report."""
    contract = holdings.contract_master(a_contract(reporters=(number,)))
    place = keys.contract("10000", "70001")
    sent.scene.adapters.table.write(holdings.save_master(place, contract))
    return sent


def settled(sent: Sent) -> Answer:
    """Meanwhile all is reported."""
    report(sent.scene.adapters, "200001", "1", "2")
    return sent.again()


def lines(sent: Sent, **files: Any) -> str:
    headers = {"content-type": "application/octet-stream"}
    query = "&".join(f"{name}={value}" for name, value in {"file": "firmen.csv", **files}.items())
    told = sent.staff("POST", f"/api/staff/imports?{query}", as_csv(COMPANIES), headers=headers)
    sent.scene.stage.drain()
    number: str = told.json["id"]
    return number


def by_hand(sent: Sent, version: int) -> Sent:
    body = {"reason": "Geprüft", "version": version}
    told = sent.staff("POST", f"{READING}/release", body)
    assert told.status == 200, told.text
    return sent


def limited(sent: Sent, pages: int = 10) -> Sent:
    body = {"version": 0, "pages": pages}
    assert sent.staff("PUT", "/api/staff/release-limits", body).status == 200
    return sent


def closed(sent: Sent) -> Sent:
    change(sent.scene.adapters, active=False)
    return sent
