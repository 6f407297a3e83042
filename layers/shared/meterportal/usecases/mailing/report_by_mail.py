"""The values of a message as reports of a contact, or of the machine itself: judged like any other."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

from meterportal.adapters import Adapters
from meterportal.domain.frozen import frozen
from meterportal.domain.mailing.answers.arrived import MOST_MACHINES
from meterportal.domain.mailing.answers.proposals import MatchedBy, Proposal
from meterportal.domain.plausibility.tolerances import ToleranceSettings
from meterportal.domain.portfolio.contracts import Contact, ReadingChannel
from meterportal.domain.portfolio.machines import Machine
from meterportal.domain.portfolio.progress import Grace
from meterportal.domain.refusals import AlreadyReleased, NotFound, Refusal
from meterportal.domain.reporting.entry import Submission
from meterportal.domain.reporting.periods import NotOpenYet
from meterportal.domain.reporting.readings import Verdict
from meterportal.settings import Moment
from meterportal.store.mailing import receipts
from meterportal.store.plausibility import tolerances
from meterportal.store.writes import Write
from meterportal.usecases.mailing.answerers import Answerer
from meterportal.usecases.mailing.schedule_now import grace_now
from meterportal.usecases.reporting.report_readings import Report, decide, names, writes_of

DEVICE = "device"
"""Who reported what a device mailed."""


@frozen
class MailReport:
    """`writes` store all values and open the receipts; `doubts` keep them from being carried out.
    `not_wanted` is why a device's values are not needed at present."""

    writes: tuple[Write, ...] = ()
    doubts: tuple[str, ...] = ()
    not_wanted: str = ""


def reported_by_mail(
    adapters: Adapters,
    who: Answerer,
    proposal: Proposal,
    read_on: date,
    at: Moment,
    *,
    device: bool,
) -> MailReport:
    """Judges the values; nothing is stored. One read.

    A value that stands there already is left out; another one than stands there is a doubt, for a device
    not wanted: it counts on.
    """
    if len(proposal.values) > MOST_MACHINES:
        return MailReport(doubts=("many_machines",))
    settings = tolerances.load(adapters.table).settings
    grace = grace_now(adapters)
    writes: list[Write] = []
    told: dict[tuple[str, str], Contact] = {}
    doubts: list[str] = []
    for machine in who.machines:
        values = proposal.values.get(machine.id)
        if not values:
            continue
        standing = _standing(machine, values)
        if standing and device:
            return MailReport(not_wanted="already_reported")
        new = {meter: value for meter, value in values.items() if not _there(machine, meter, value)}
        if not new:
            continue
        if standing:
            doubts.append("already_reported")
        try:
            done = _judged(grace, who, machine, new, read_on, settings, at, device=device)
        except (NotOpenYet, AlreadyReleased) as refusal:
            if device:
                return MailReport(not_wanted=refusal.code)
            doubts.append(refusal.code)
            continue
        except Refusal:
            doubts.append("implausible")
            continue
        if any(reading.verdict is Verdict.UNCHECKED for reading in done.changed):
            doubts.append("unchecked")
        if proposal.matched_by is MatchedBy.POSITION and _swapped_fits(
            grace, who, machine, new, read_on, settings, at
        ):
            doubts.append("either_order")
        contact = who.contacts.get(machine.company_id)
        writes += writes_of(
            machine,
            done,
            by=contact.id if contact else DEVICE,
            at=at,
            channel=_channel(device=device),
        )
        if contact is not None:
            told[who.mailbox, contact.company_id] = contact
    for (mailbox, _), contact in told.items():
        writes += receipts.note(mailbox, contact, at.now, wanted=adapters.settings.receipts)
    return MailReport(tuple(writes), tuple(doubts))


def _channel(*, device: bool) -> ReadingChannel:
    return ReadingChannel.MPS if device else ReadingChannel.EMAIL


def _there(machine: Machine, meter_id: str, value: int) -> bool:
    standing = machine.reading(meter_id)
    return standing is not None and standing.value == value


def _standing(machine: Machine, values: Mapping[str, int]) -> bool:
    """Whether the period has another value than one of these."""
    return any(
        (standing := machine.reading(meter_id)) is not None and standing.value != value
        for meter_id, value in values.items()
    )


def _judged(
    grace: Grace,
    who: Answerer,
    machine: Machine,
    values: Mapping[str, int],
    read_on: date,
    settings: ToleranceSettings,
    at: Moment,
    *,
    device: bool,
) -> Submission:
    """Raises the refusals of `entry.read` and `entry.submit`, and NotFound without a contract."""
    held = who.held[machine.company_id]
    contract = held.contracts.get(machine.contract_id)
    if contract is None:
        raise NotFound
    contact = who.contacts.get(machine.company_id)
    done, _ = decide(
        machine,
        contract,
        Report(values, {}, machine.version, read_on),
        by=contact.id if contact else DEVICE,
        at=at,
        grace=grace,
        people=names(held),
        tolerances=settings,
        channel=_channel(device=device),
    )
    return done


def _swapped_fits(
    grace: Grace,
    who: Answerer,
    machine: Machine,
    values: Mapping[str, int],
    read_on: date,
    settings: ToleranceSettings,
    at: Moment,
) -> bool:
    """Whether the values would be plausible in another order, too: then the order proves nothing."""
    if len(values) < 2:
        return False
    turned = dict(zip(values, reversed(list(values.values())), strict=True))
    try:
        _judged(grace, who, machine, turned, read_on, settings, at, device=False)
    except Refusal:
        return False
    return True
