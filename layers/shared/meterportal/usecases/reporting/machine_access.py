"""Access to one machine: one contact and one machine of their company, read for one request."""

from __future__ import annotations

from meterportal.adapters import Adapters
from meterportal.domain.access.permissions import reports, sees_all, spoken
from meterportal.domain.access.sessions import Session
from meterportal.domain.frozen import frozen
from meterportal.domain.portfolio.contracts import Contact, Contract
from meterportal.domain.portfolio.holdings import Holding
from meterportal.domain.portfolio.machines import Machine
from meterportal.domain.refusals import NotFound, NotSignedIn
from meterportal.settings import Moment
from meterportal.store.access import sessions
from meterportal.store.access.sessions import Surroundings
from meterportal.store.portfolio import holdings, machines
from meterportal.usecases.access import sign_in

_LONGEST_ID = 64


@frozen
class MachineAccess:
    """`reports`: the contact may report for the machine, not only see it. `held` is the company
    without its machines.
    """

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
        """Whether this contact may enter values for this machine now."""
        return self.reports and self.machine.asked_for


def access_to_read(
    adapters: Adapters, at: Moment, cookie: str | None, machine_id: str
) -> MachineAccess:
    """Access to see a machine: one that the contact reports for, and with the right "machines"
    every active one of the company. Three reads.

    Raises NotSignedIn, and the same NotFound for every machine that the contact may not see.
    """
    session = sign_in.session_of(adapters, at, cookie)
    access = _access(adapters, session, machine_id)
    if not (access.reports or sees_all(access.contact)):
        raise NotFound
    sign_in.keep_alive(adapters, at, session)
    return access


def access_to_report(
    adapters: Adapters, at: Moment, cookie: str | None, machine_id: str, *, judging: bool = False
) -> MachineAccess:
    """Access to report a machine, as `reporting_at`. Three reads."""
    session = sign_in.session_of(adapters, at, cookie)
    access = reporting_at(adapters, session, machine_id, judging=judging)
    sign_in.keep_alive(adapters, at, session)
    return access


def reporting_at(
    adapters: Adapters,
    session: Session,
    machine_id: str,
    *,
    request_key: str | None = None,
    judging: bool = False,
) -> MachineAccess:
    """The session's access to report a machine, read now; `request_key` and `judging` as in
    `sessions.surroundings`. Two reads.

    Raises NotSignedIn, and the same NotFound for machines that are unknown, another company's,
    another reporter's, not on the portal, inactive or without billed meters.
    """
    access = _access(adapters, session, machine_id, request_key=request_key, judging=judging)
    if not access.may_report:
        raise NotFound
    return access


def _access(
    adapters: Adapters,
    session: Session,
    machine_id: str,
    *,
    request_key: str | None = None,
    judging: bool = False,
) -> MachineAccess:
    wanted = machine_id if len(machine_id) <= _LONGEST_ID else None
    surroundings = sessions.surroundings(
        adapters.table, session, machine_id=wanted, request_key=request_key, judging=judging
    )
    held = holdings.people(adapters.table, session.company_id)
    if held is None:
        raise NotSignedIn
    contact = sign_in.contact_of(surroundings, held)
    machine = surroundings.machine
    if machine is None and (number := machines.brought_as(adapters.table, wanted or "")):
        return _access(adapters, session, number, request_key=request_key, judging=judging)
    contract = held.contracts.get(machine.contract_id) if machine else None
    if machine is None or contract is None or not machine.active:
        raise NotFound
    language = spoken(contact, held.company, surroundings.account.language)
    allowed = reports(contact, contract, held.contacts)
    return MachineAccess(session, surroundings, held, contact, contract, machine, allowed, language)
