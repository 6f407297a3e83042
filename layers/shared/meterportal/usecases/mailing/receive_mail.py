"""Brings a message that came in to its end: reported, a task for staff, or ignored.

What it reports, its receipt, its task and its own row are written in one transaction. A message that is
delivered again finds its row, one that was sent again finds that the same was said before.
"""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import date, timedelta

from meterportal.adapters import Adapters
from meterportal.crypto import digest
from meterportal.domain.access.attempts import Limit
from meterportal.domain.frozen import frozen
from meterportal.domain.mailing.answers import (
    authentication,
    devices,
    kinds,
    limits,
    messages,
    remarks,
    understanding,
)
from meterportal.domain.mailing.answers.arrived import (
    ArrivedMail,
    Outcome,
    TaskState,
    shortened,
)
from meterportal.domain.mailing.answers.messages import ReceivedMail, Unparsable
from meterportal.domain.mailing.answers.proposals import Proposal
from meterportal.domain.refusals import Unavailable
from meterportal.mail.addresses import mailbox as normal_form
from meterportal.queues import UnknownMessage
from meterportal.settings import BUSINESS_ZONE, Moment
from meterportal.store.access import attempts
from meterportal.store.mailing import arrived
from meterportal.store.writes import ConditionFailed, Write
from meterportal.usecases.mailing.answerers import (
    Answerer,
    answered_link,
    answerer_of,
    device_of,
    is_for_devices,
)
from meterportal.usecases.mailing.arrived_notice import ArrivedNotice, read_notice
from meterportal.usecases.mailing.report_by_mail import reported_by_mail

TASKS_OF_A_SENDER = Limit("inbound", 30, timedelta(days=1))
TASKS_OF_STRANGERS = Limit("inbound-strangers", 300, timedelta(days=1))
"""More tasks than that would keep staff from those of customers; the rest is counted and ignored. Mails of
customers whose sender is proved are never counted, those of their devices by sender and machine."""

_UNPROVED = frozenset({"not_authentic", "other_sender", "sender_unknown"})

_MOST_FOR_STRANGERS = 500
"""Machines that a message which proves no sender is still read for."""

_FAULTS = (
    LookupError,
    ValueError,
    TypeError,
    AttributeError,
    ArithmeticError,
    AssertionError,
    RuntimeError,
    StopIteration,
    re.error,
)
"""What a reader may fail with that is given a text nobody foresaw: it asks nothing but the text."""

_ATTEMPTS = 5
_OLD_NEWS = timedelta(days=7)
"""How old the date of a message may be to count as the day of reading."""


def receive_mail(adapters: Adapters, body: str, at: Moment) -> ArrivedMail | None:
    """The end of the message that a notice tells of; None for the notice of a new rule.

    Raises `UnknownMessage` for what is no notice, or where the message is not stored, and Unavailable.
    """
    notice = read_notice(body)
    if notice is None:
        return None
    for _ in range(_ATTEMPTS):
        earlier = arrived.load(adapters.table, notice.id)
        if earlier is not None:
            return earlier
        ending = _judged(adapters, notice, at)
        done = _carried_out(adapters, ending, at)
        if done is not None:
            return done
    raise Unavailable


@frozen
class _Ending:
    """How a message ends, the writes that bring it about, and by what it is recognised when it comes
    again ("": by its number alone). `counted`: whose tasks it counts among ("": it is not counted);
    `stranger`: it is not proved that somebody of ours wrote it."""

    mail: ArrivedMail
    writes: tuple[Write, ...] = ()
    same: str = ""
    counted: str = ""
    stranger: bool = False


def _judged(adapters: Adapters, notice: ArrivedNotice, at: Moment) -> _Ending:
    bucket = adapters.settings.inbound_bucket
    raw = adapters.files.beginning(bucket, notice.key, limits.LARGEST + 1)
    if raw is None:
        raise UnknownMessage("the message is not stored")
    raw = limits.plain_lines(raw)
    unread = limits.exceeded(raw)
    try:
        mail = messages.parse(raw) if not unread else None
    except Unparsable:
        mail, unread = None, "unreadable"
    if mail is None:
        return _unread(adapters, notice, unread, at)
    own = {adapters.settings.sender_address.casefold()}
    automatic = kinds.automatic(mail, notice.verdicts.envelope_sender, own)
    if automatic:
        return _ignored(notice, automatic, at)
    mail = replace(mail, sender=normal_form(mail.sender)[0] or "" if mail.sender else "")
    authentic = authentication.authentic(mail.sender, notice.verdicts, mail.signed_for)
    if is_for_devices(adapters, notice):
        return _from_device(adapters, notice, mail, authentic, at)
    return _from_person(adapters, notice, mail, authentic, at)


def _from_person(
    adapters: Adapters, notice: ArrivedNotice, mail: ReceivedMail, authentic: bool, at: Moment
) -> _Ending:
    link = answered_link(adapters, notice, mail)
    who = answerer_of(adapters, mail, link, authentic, at)
    suspicion = authentication.suspicion(notice.verdicts)
    if not who.known and (suspicion or kinds.listed(mail)):
        return _ignored(notice, suspicion or "list_mail", at)
    if not authentic and len(who.machines) > _MOST_FOR_STRANGERS:
        return _ended(
            adapters, notice, mail, who, Proposal(doubts=("many_machines",)), suspicion, at
        )
    writer = " ".join(one.name for one in who.contacts.values())
    try:
        proposal = understanding.understood(
            mail.text, mail.subject, who.machines, received_on=at.today, writer=writer
        )
    except _FAULTS:
        return _unread(adapters, notice, "unreadable", at)
    return _ended(adapters, notice, mail, who, proposal, suspicion, at)


def _from_device(
    adapters: Adapters, notice: ArrivedNotice, mail: ReceivedMail, authentic: bool, at: Moment
) -> _Ending:
    who = device_of(adapters, mail, authentic)
    suspicion = authentication.suspicion(notice.verdicts)
    if not who.known and (suspicion or kinds.listed(mail)):
        return _ignored(notice, suspicion or "list_mail", at)
    try:
        proposal = devices.read_device(
            mail.text,
            mail.subject,
            who.machines,
            received_on=at.today,
            answers=bool(mail.answers),
        )
    except _FAULTS:
        return _unread(adapters, notice, "unreadable", at)
    if proposal is None:
        return _ignored(notice, "device_alert", at)
    return _ended(adapters, notice, mail, who, proposal, suspicion, at, device=True)


def _ended(
    adapters: Adapters,
    notice: ArrivedNotice,
    mail: ReceivedMail,
    who: Answerer,
    proposal: Proposal,
    suspicion: str,
    at: Moment,
    *,
    device: bool = False,
) -> _Ending:
    """Reported where nothing is in doubt, else a task; text beyond the values is a task in any case."""
    doubts = [f"{suspicion}_suspected"] if suspicion else []
    doubts += [*who.doubts, *_about(mail), *_why_nothing(mail, proposal)]
    read_on = proposal.read_on or _sent_on(mail, at.today)
    writes: tuple[Write, ...] = ()
    if proposal.values:
        found = reported_by_mail(adapters, who, proposal, read_on, at, device=device)
        if found.not_wanted:
            return _ignored(notice, found.not_wanted, at)
        doubts += found.doubts
        writes = found.writes
    company = next(iter(who.held), "")
    contact = who.contact if "other_sender" not in who.doubts else None
    shown = ArrivedMail(
        id=notice.id,
        outcome=Outcome.TASK if doubts else Outcome.REPORTED,
        reason=doubts[0] if doubts else proposal.matched_by or "",
        arrived_at=at.now,
        device=device,
        sender=mail.sender or notice.sender,
        subject=mail.subject[:500],
        text=shortened(mail.text),
        attachments=mail.attachments,
        company_id=company,
        contact_id=contact.id if contact else "",
        values=proposal.values,
        read_on=read_on,
        day=proposal.day,
        doubts=tuple(dict.fromkeys(doubts)),
    )
    same = digest("\n".join([mail.message_id, mail.sender, mail.subject, mail.text]))
    stranger = not who.known or not _UNPROVED.isdisjoint(doubts)
    of_machine = " ".join([mail.sender, *(machine.id for machine in who.machines)])
    looks = bool(doubts or proposal.rest or (mail.attachments and not device))
    return _Ending(
        replace(shown, state=TaskState.OPEN if looks else None),
        () if doubts else writes,
        same,
        counted=mail.sender or notice.sender if stranger else of_machine if device else "",
        stranger=stranger,
    )


def _about(mail: ReceivedMail) -> list[str]:
    """What keeps a message from being understood whole."""
    return ["sealed"] * mail.sealed + ["clipped"] * mail.clipped


def _why_nothing(mail: ReceivedMail, proposal: Proposal) -> tuple[str, ...]:
    """The doubts of a proposal; the first says best why there is no value."""
    if proposal.values:
        return proposal.doubts
    if remarks.no_access(mail.text):
        return ("no_access", *proposal.doubts)
    return ("attachment_only", *proposal.doubts) if mail.attachments else proposal.doubts


def _sent_on(mail: ReceivedMail, today: date) -> date:
    """The day on which a message was written, where that can be the day of reading."""
    sent = mail.sent_at.astimezone(BUSINESS_ZONE).date() if mail.sent_at else today
    return sent if today - _OLD_NEWS <= sent <= today else today


def _unread(adapters: Adapters, notice: ArrivedNotice, why: str, at: Moment) -> _Ending:
    """A message that is above a bound, or that the parser cannot read: staff see who sent it."""
    suspicion = authentication.suspicion(notice.verdicts)
    if suspicion:
        return _ignored(notice, suspicion, at)
    told = ArrivedMail(
        notice.id,
        Outcome.TASK,
        why,
        at.now,
        TaskState.OPEN,
        device=is_for_devices(adapters, notice),
        sender=notice.sender,
        subject=notice.subject,
        doubts=(why,),
    )
    return _Ending(told, counted=notice.sender or "-", stranger=True)


def _ignored(notice: ArrivedNotice, why: str, at: Moment) -> _Ending:
    return _Ending(ArrivedMail(notice.id, Outcome.IGNORED, why, at.now))


def _carried_out(adapters: Adapters, ending: _Ending, at: Moment) -> ArrivedMail | None:
    """Writes an end; None where everything has to be read again."""
    mail = ending.mail
    writes = [arrived.new(mail), *ending.writes]
    if ending.same:
        writes.append(arrived.seen(ending.same, mail))
    if mail.outcome is Outcome.TASK:
        writes += _counted(adapters, ending, at)
    try:
        adapters.table.transact(writes)
    except ConditionFailed as failed:
        if failed.on("arrived"):
            return arrived.load(adapters.table, mail.id)
        if failed.on("same") or failed.on("flood"):
            why = "repeat" if failed.on("same") else "flood"
            told = ArrivedMail(mail.id, Outcome.IGNORED, why, at.now)
            return _carried_out(adapters, _Ending(told), at)
        return None
    return mail


def _counted(adapters: Adapters, ending: _Ending, at: Moment) -> list[Write]:
    counts = []
    if ending.counted:
        sender = adapters.keys.pseudonym(ending.counted)
        counts.append(attempts.count(TASKS_OF_A_SENDER, sender, now=at.now))
    if ending.stranger:
        counts.append(attempts.count(TASKS_OF_STRANGERS, "all", now=at.now))
    return [one.named("flood") for one in counts]
