"""The whole life of link, session and membership, in any order of events, against a small model."""

from __future__ import annotations

from dataclasses import dataclass, field

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from meterportal import crypto
from meterportal.adapters import Adapters
from meterportal.domain.portfolio.contracts import Contact, PortalRights
from meterportal.settings import Moment
from meterportal.store import keys
from meterportal.store.access import links
from meterportal.store.portfolio import holdings, machines
from meterportal.store.writes import Write

from tests.support.builders import a_contact, a_holding, a_link, a_machine, settle
from tests.support.customers import CLARA
from tests.support.stage import Stage

EVENTS = ["click", "look", "report", "revoke", "deactivate", "activate", "leave", "come back", "bounce",
          "recover", "narrow", "widen", "log out"]  # fmt: skip


@dataclass
class World:
    """What is true of one contact, kept beside the application."""

    stage: Stage
    adapters: Adapters
    at: Moment
    token: str = ""
    revoked: bool = False
    active: bool = True
    moved: bool = False
    bounced: bool = False
    rights: bool = True
    session: bool = False
    version: int = 1
    seen: list[str] = field(default_factory=list)

    @property
    def entitled(self) -> bool:
        return self.active and not self.moved and not self.bounced and self.rights

    def begin(self) -> None:
        there = machines.load(self.adapters.table, "10000", "200001")
        settle(self.adapters, a_holding(machines=[] if there else [a_machine()]))
        self.version = there.version if there else 1
        self._deliver("ok")
        self._save()
        self.token = a_link(self.adapters)

    def play(self, event: str) -> None:
        self.seen.append(event)
        getattr(self, event.replace(" ", "_"))()

    # what the contact does

    def click(self) -> None:
        answer = self.stage.customer("POST", "/api/session", {"token": self.token})
        expected = 201 if self.entitled and not self.revoked else 401
        assert answer.status == expected, self.seen
        if expected == 201:
            self.session = True
        else:
            code = "link_expired" if self.revoked else "link_invalid"
            assert answer.json["code"] == code, self.seen

    def look(self) -> None:
        allowed = self.session and self.entitled and not self.revoked
        for path in ("/api/session", "/api/machines"):
            assert self.stage.customer("GET", path).status == (200 if allowed else 401), self.seen

    def report(self) -> None:
        allowed = self.session and self.entitled and not self.revoked
        answer = self.stage.customer(
            "PUT",
            "/api/machines/200001/readings",
            {"values": {"1": 11_000 + self.version}, "version": self.version},
        )
        assert answer.status == (200 if allowed else 401), self.seen
        self.version += allowed

    def log_out(self) -> None:
        answer = self.stage.customer("DELETE", "/api/session")
        assert answer.status == (204 if self.session else 401), self.seen
        self.session = False

    # what happens to them

    def revoke(self) -> None:
        fingerprint = crypto.fingerprint(self.adapters.keys.open_link(self.token))
        self.adapters.table.write(links.revoke(fingerprint, at=self.at.now))
        self.revoked = True

    def deactivate(self) -> None:
        self.active = False
        self._save()

    def activate(self) -> None:
        self.active = True
        self._save()

    def leave(self) -> None:
        self.moved = True
        self._save()

    def come_back(self) -> None:
        self.moved = False
        self._save()

    def bounce(self) -> None:
        self.bounced = True
        self._deliver("bounced")

    def recover(self) -> None:
        self.bounced = False
        self._deliver("ok")

    def narrow(self) -> None:
        self.rights = False
        self._grant(PortalRights(service_orders="all"))

    def widen(self) -> None:
        self.rights = True
        self._grant(PortalRights(readings=True))

    def _contact(self) -> Contact:
        address = "clara@neu.example" if self.moved else CLARA
        return a_contact(active=self.active, email=address)

    def _save(self) -> None:
        contact = self._contact()
        place = keys.contact(contact.company_id, contact.id)
        self.adapters.table.write(holdings.save_master(place, holdings.contact_master(contact)))

    def _grant(self, rights: PortalRights) -> None:
        self.adapters.table.write(
            Write(
                key=keys.contact("10000", "5001"),
                update="SET #rights = :rights",
                values={
                    "rights": {
                        "readings": rights.readings,
                        "machines": rights.machines,
                        "service_orders": rights.service_orders,
                    }
                },
            )
        )

    def _deliver(self, delivery: str) -> None:
        update = "SET #delivery = :delivery"
        self.adapters.table.write(
            Write(key=keys.mailbox(CLARA), update=update, values={"delivery": delivery})
        )


@settings(max_examples=15, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.sampled_from(EVENTS), min_size=3, max_size=12))
def test_link_and_session_open_exactly_as_long_as_everything_holds(
    stage: Stage, adapters: Adapters, at: Moment, played: list[str]
) -> None:
    stage.cookies.clear()
    world = World(stage, adapters, at)
    world.begin()
    for event in ["click", "report", *played, "look", "report"]:
        world.play(event)
