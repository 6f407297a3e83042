"""Who works at which machine: one contact, one machine of their company, read for one request."""

from __future__ import annotations

from dataclasses import dataclass

from meterportal.domain.contracts import Contact, Contract
from meterportal.domain.machines import Machine
from meterportal.domain.refusals import NotFound, NotSignedIn
from meterportal.doors import Doors
from meterportal.settings import Moment
from meterportal.store import portfolio, sessions
from meterportal.store.sessions import Session
from meterportal.usecases import sign_in
from meterportal.usecases.overview import reports, sees_all

_LONGEST_ID = 64


@dataclass(frozen=True, slots=True)
class MachineDesk:
    """`reports`: the contact may report for the machine, not only look at it."""

    session: Session
    contact: Contact
    contract: Contract
    machine: Machine
    reports: bool
    language: str

    @property
    def may_report(self) -> bool:
        """Whether this machine's values are taken from this contact."""
        return self.reports and self.machine.asked_for


def desk_to_read(doors: Doors, at: Moment, cookie: str | None, machine_id: str) -> MachineDesk:
    """For looking: machines that the contact reports for, and with the right "machines" every active
    one of the company. Three reads.

    Raises NotSignedIn; NotFound alike for whatever they may not see.
    """
    session = sign_in.session_of(doors, at, cookie)
    desk = _desk(doors, session, machine_id)
    if not (desk.reports or sees_all(desk.contact)):
        raise NotFound
    sign_in.keep_alive(doors, at, session)
    return desk


def desk_to_report(doors: Doors, at: Moment, cookie: str | None, machine_id: str) -> MachineDesk:
    """For reporting: only machines that are asked for, of contracts that the contact reports for."""
    session = sign_in.session_of(doors, at, cookie)
    desk = _desk(doors, session, machine_id)
    if not desk.may_report:
        raise NotFound
    sign_in.keep_alive(doors, at, session)
    return desk


def _desk(doors: Doors, session: Session, machine_id: str) -> MachineDesk:
    wanted = machine_id if len(machine_id) <= _LONGEST_ID else None
    around = sessions.surroundings(doors.table, session, machine_id=wanted)
    held = portfolio.people(doors.table, session.company_id)
    if held is None:
        raise NotSignedIn
    contact = sign_in.contact_of(around, held)
    machine = around.machine
    contract = held.contracts.get(machine.contract_id) if machine else None
    if machine is None or contract is None or not machine.active:
        raise NotFound
    language = sign_in.spoken(contact, held.company, around.account.language)
    allowed = reports(contact, contract, held.contacts)
    return MachineDesk(session, contact, contract, machine, allowed, language)
