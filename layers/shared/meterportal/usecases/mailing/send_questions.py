"""Asks a customer back by mail about one value."""

from __future__ import annotations

from datetime import timedelta

from meterportal.adapters import Adapters
from meterportal.domain.access.permissions import entitled, reachable, reports, spoken
from meterportal.domain.mailing.mails import MailKind, MailState
from meterportal.domain.mailing.questions import CustomerQuestion
from meterportal.domain.mailing.text_blocks import QUESTION
from meterportal.domain.portfolio.machines import Machine, Meter
from meterportal.domain.refusals import Unavailable
from meterportal.domain.reporting.readings import Reading, ReadingState
from meterportal.mail.question import AskedValue, question_mail
from meterportal.settings import Moment
from meterportal.store.access import owners
from meterportal.store.mailing import letters, questions, rounds
from meterportal.store.plausibility import tolerances
from meterportal.store.portfolio import holdings
from meterportal.store.writes import ConditionFailed, Write
from meterportal.usecases.access.personal_access import new_access
from meterportal.usecases.mailing.hand_over import LEASE, claim, hand_over
from meterportal.usecases.mailing.stationery import stationery
from meterportal.usecases.portfolio.show_machine import expected_range

_UNQUEUED = timedelta(minutes=1)


def queue_question(adapters: Adapters, number: str, *, delay: timedelta = timedelta(0)) -> None:
    message = {"kind": "question", "question_id": number}
    adapters.queues.send(adapters.settings.mail_queue, [message], delay=int(delay.total_seconds()))


def sweep_questions(adapters: Adapters, at: Moment) -> None:
    """Queues questions that are stored but not sent."""
    for number in questions.waiting(adapters.table, until=at.now - _UNQUEUED):
        queue_question(adapters, number)


def send_question(adapters: Adapters, number: str, at: Moment) -> MailState | None:
    """Sends one question; None when it was sent or taken back, is answered, or may go to nobody.
    Claimed, sent, marked: a second delivery sends nothing.

    Raises `TryLater` (the mail system took nothing, the question waits again).
    """
    letter_id = f"question-{number}"
    for _ in range(3):
        question = questions.load(adapters.table, number)
        if question is None:
            return None
        asked = _asked(adapters, question, at)
        if asked is None:
            adapters.table.write(questions.drop(number))
            return None
        earlier = rounds.mail(adapters.table, letter_id, question.mailbox)
        block, sender = stationery(adapters, QUESTION, asked.language)
        made = new_access(
            adapters,
            mailbox=question.mailbox,
            company_id=question.company_id,
            round_id=letter_id,
            latest_due=asked.reading.due_on,
            at=at,
        )
        claimed, row = letters.claim(
            letter_id,
            question.mailbox,
            earlier,
            link=made.link,
            at=at.now,
            lease_until=at.now + LEASE,
        )
        writes: list[Write] = [row, questions.close(number), *made.writes]
        try:
            claim(adapters, claimed, writes, at)
        except ConditionFailed:
            continue
        message = question_mail(
            asked, block=block, to=question.mailbox, access=made.access, sender=sender
        )
        put_back = [rounds.put_back(claimed), questions.note(question)]
        return hand_over(adapters, claimed, message, at, kind=MailKind.QUESTION, put_back=put_back)
    raise Unavailable


def _asked(adapters: Adapters, question: CustomerQuestion, at: Moment) -> AskedValue | None:
    """What the mail says; None when nobody has to be asked any more, or the mail may not go out."""
    box, account = owners.load(adapters.table, question.mailbox)
    held = holdings.load(adapters.table, question.company_id)
    contact = held.contacts.get(question.contact_id) if held else None
    own = held.machines.values() if held else ()
    machine = next((one for one in own if question.machine_id in one.numbers), None)
    if held is None or contact is None or machine is None or not reachable(box):
        return None
    contract = held.contracts[machine.contract_id]
    if not entitled(contact, box) or not reports(contact, contract, held.contacts):
        return None
    found = _still_asked(machine, question)
    if found is None:
        return None
    meter, reading = found
    settings = tolerances.load(adapters.table).settings
    expected = expected_range(machine, meter, settings, today=at.today)
    return AskedValue(
        contact=contact,
        company=held.company,
        machine=machine,
        meter=meter,
        reading=reading,
        expected=(expected.low, expected.high) if expected else None,
        language=spoken(contact, held.company, account.language),
    )


def _still_asked(machine: Machine, question: CustomerQuestion) -> tuple[Meter, Reading] | None:
    for reading in machine.readings:
        meter = machine.meter(reading.meter_id)
        decision = reading.decision
        waits = reading.state is ReadingState.REPORTED
        if meter and waits and decision and decision.question == question.id:
            return meter, reading
    return None
