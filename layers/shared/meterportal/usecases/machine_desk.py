"""Who works at which machine: one contact, one machine of their company, read for one request."""

from __future__ import annotations

from dataclasses import dataclass

from meterportal.domain.contracts import Contact, Contract
from meterportal.domain.machines import Machine
from meterportal.domain.refusals import NotFound, NotSignedIn
from meterportal.doors import Doors
from meterportal.settings import Moment
from meterportal.store import portfolio, sessions
from meterportal.store.portfolio import Holding
from meterportal.store.sessions import Session, Surroundings
from meterportal.usecases import sign_in
from meterportal.usecases.overview import reports, sees_all

_LONGEST_ID = 64


@dataclass(frozen=True, slots=True)
class MachineDesk:
    """`reports`: the contact may report for the machine, not only look at it. `held` is the company
    without its machines."""

    session: Session
    around: Surroundings
    held: Holding
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


def desk_to_report(
    doors: Doors, at: Moment, cookie: str | None, machine_id: str, *, judging: bool = False
) -> MachineDesk:
    """For reporting, as `reporting_at`. Three reads."""
    session = sign_in.session_of(doors, at, cookie)
    desk = reporting_at(doors, session, machine_id, judging=judging)
    sign_in.keep_alive(doors, at, session)
    return desk


def reporting_at(
    doors: Doors,
    session: Session,
    machine_id: str,
    *,
    request_key: str | None = None,
    judging: bool = False,
) -> MachineDesk:
    """Everything around a machine that this session reports, read now; with `request_key` and
    `judging` as `sessions.surroundings` has them. Two reads.

    Raises NotSignedIn; NotFound alike for machines that are unknown, another company's, another
    reporter's, not on the portal, inactive or without anything to bill.
    """
    desk = _desk(doors, session, machine_id, request_key=request_key, judging=judging)
    if not desk.may_report:
        raise NotFound
    return desk


def _desk(
    doors: Doors,
    session: Session,
    machine_id: str,
    *,
    request_key: str | None = None,
    judging: bool = False,
) -> MachineDesk:
    wanted = machine_id if len(machine_id) <= _LONGEST_ID else None
    around = sessions.surroundings(
        doors.table, session, machine_id=wanted, request_key=request_key, judging=judging
    )
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
    return MachineDesk(session, around, held, contact, contract, machine, allowed, language)
