"""Staff decide about a value that waits, and take the last decision back until it is released."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import date

from meterportal import crypto
from meterportal.adapters import Adapters
from meterportal.domain.access.journal import Action, Deed, FieldChange, StaffMember, added
from meterportal.domain.frozen import frozen
from meterportal.domain.mailing.questions import (
    WAITS,
    CustomerQuestion,
    NobodyToAsk,
    QuestionSent,
    candidates,
    whom_to_ask,
)
from meterportal.domain.plain_text import plain
from meterportal.domain.portfolio.machines import Machine
from meterportal.domain.refusals import Invalid, Unavailable
from meterportal.domain.release import deciding
from meterportal.domain.release.deciding import DecidedReading
from meterportal.domain.release.taking_back import SameValue
from meterportal.domain.reporting.entry import number_of
from meterportal.domain.reporting.readings import DecisionKind, Reading, ReadingState
from meterportal.settings import Moment
from meterportal.store.access import journal, mailboxes
from meterportal.store.mailing import questions
from meterportal.store.portfolio import machines, packed_readings
from meterportal.store.release import limits
from meterportal.store.writes import ConditionFailed, Write
from meterportal.usecases.mailing.schedule_now import grace_now
from meterportal.usecases.mailing.send_questions import queue_question
from meterportal.usecases.plausibility import neighbours
from meterportal.usecases.release.release_by_hand import ATTEMPTS, parts_of
from meterportal.usecases.reporting.enter_readings import (
    NoPeriod,
    StaffAccess,
    machine_for_staff,
)
from meterportal.usecases.reporting.report_readings import Report
from meterportal.usecases.reporting.report_readings import decide as submitted
from meterportal.usecases.runs import answered
from meterportal.usecases.runs.answered import OwnRequest

_ACTIONS = {
    DecisionKind.ACCEPTED: Action.READING_ACCEPTED,
    DecisionKind.TAKEN: Action.SUGGESTION_TAKEN,
    DecisionKind.ESTIMATED: Action.READINGS_ESTIMATED,
    DecisionKind.DEFERRED: Action.READING_DEFERRED,
    DecisionKind.ASKED_BACK: Action.QUESTION_ASKED,
}


@frozen
class Choice:
    """What staff decide. `value` is the accepted one, or the one to take; `findings` are the codes
    that were seen; `until` is needed to defer."""

    kind: DecisionKind
    value: object = None
    findings: tuple[str, ...] = ()
    note: str = ""
    until: date | None = None


@frozen
class ChosenReading:
    """The reading that stands now, with its machine's number and version. `asked` is the contact who
    is asked, `name` theirs; "" for none."""

    machine_id: str
    version: int
    reading: Reading
    asked: str = ""
    name: str = ""


@frozen
class _Made:
    """A decision with what else is stored in its transaction."""

    done: DecidedReading
    writes: tuple[Write, ...] = ()
    question: CustomerQuestion | None = None


def decide_reading(
    adapters: Adapters,
    at: Moment,
    number: str,
    choice: Choice,
    *,
    seen: int,
    by: StaffMember,
    key: str | None = None,
) -> ChosenReading:
    """Stores a decision about a reading, in one transaction with journal and history. Three reads; the
    limits or the mailboxes: one more.

    Raises NotFound, AlreadyReleased, ChangedMeanwhile, ReusedKey, and the refusals of the decisions.
    """
    content = [number, choice.kind.value, str(choice.value), choice.note, str(choice.until), seen]
    request = OwnRequest(by.id, key, crypto.digest(json.dumps(["decide", *content])))
    note = plain(choice.note, field="note", longest=deciding.LONGEST_NOTE, needed=False)
    question_id = adapters.new_number()

    def made(access: StaffAccess, reading: Reading) -> _Made:
        wanted = replace(choice, note=note)
        return _made(adapters, at, access, reading, wanted, number, question_id, by)

    return _stored(adapters, at, number, made, choice.kind.value, seen=seen, by=by, request=request)


def undo_decision(
    adapters: Adapters,
    at: Moment,
    number: str,
    *,
    seen: int,
    by: StaffMember,
    key: str | None = None,
) -> ChosenReading:
    """Takes the last decision back. Three reads, one transaction.

    Raises NotFound, AlreadyReleased, ChangedMeanwhile, NothingDecided, QuestionSent, ReusedKey.
    """
    request = OwnRequest(by.id, key, crypto.digest(json.dumps(["undo", number, seen])))

    def made(access: StaffAccess, reading: Reading) -> _Made:
        done = deciding.undo(access.machine, reading)
        asked = reading.decision.question if reading.decision else ""
        return _Made(done, (questions.close(asked),) if asked else ())

    return _stored(adapters, at, number, made, "undone", seen=seen, by=by, request=request)


def _stored(
    adapters: Adapters,
    at: Moment,
    number: str,
    make: Callable[[StaffAccess, Reading], _Made],
    event: str,
    *,
    seen: int,
    by: StaffMember,
    request: OwnRequest,
) -> ChosenReading:
    machine_id, meter_id, due_on, n = parts_of(number)
    for _ in range(ATTEMPTS):
        earlier = answered.earlier(adapters, request, now=at.now)
        if earlier is not None:
            # The first request may have been interrupted between its writes and the message.
            return _queued(adapters, _told_again(earlier))
        access = machine_for_staff(adapters, machine_id)
        reading = deciding.waiting(access.machine, meter_id, due_on, n, seen=seen)
        made = make(access, reading)
        told = ChosenReading(machine_id, made.done.machine.version, made.done.after)
        if made.question:
            asked = access.held.contacts[made.question.contact_id]
            told = replace(told, asked=asked.id, name=asked.name)
        writes = [
            *_writes(adapters, at, access.machine, made.done, event, number, by),
            *made.writes,
            *answered.kept(request, _packed(told), now=at.now),
        ]
        try:
            adapters.table.transact(writes)
        except ConditionFailed as failed:
            if failed.only_on("question"):
                raise QuestionSent from None
            continue
        return _queued(adapters, told)
    raise Unavailable


def _queued(adapters: Adapters, told: ChosenReading) -> ChosenReading:
    """The same, once its question is queued, if it asks one. Queued twice it is sent once; one that is
    not queued is found by the next plan. Raises Unavailable."""
    decision = told.reading.decision
    if decision and decision.question:
        queue_question(adapters, decision.question, delay=WAITS)
    return told


def _made(
    adapters: Adapters,
    at: Moment,
    access: StaffAccess,
    reading: Reading,
    choice: Choice,
    number: str,
    question_id: str,
    by: StaffMember,
) -> _Made:
    machine, question = access.machine, None
    match choice.kind:
        case DecisionKind.ACCEPTED:
            done = deciding.accept(
                machine,
                reading,
                value=_value_of(machine, reading, choice.value),
                seen_findings=choice.findings,
                found=deciding.found_now(
                    machine,
                    reading,
                    today=at.today,
                    tolerances=access.tolerances,
                ),
                limits=limits.load(adapters.table).limits,
                note=choice.note,
                by=by.id,
                now=at.now,
            )
        case DecisionKind.TAKEN:
            done = _take(adapters, at, access, reading, choice.value, by)
        case DecisionKind.ESTIMATED:
            done = deciding.estimated(machine, reading, by=by.id, now=at.now)
        case DecisionKind.DEFERRED:
            done = deciding.defer(
                machine,
                reading,
                until=choice.until or at.today,
                note=choice.note,
                by=by.id,
                now=at.now,
                today=at.today,
            )
        case DecisionKind.ASKED_BACK:
            question = _question(adapters, at, access, reading, number, question_id)
            done = deciding.ask_back(
                machine, reading, question=question_id, note=choice.note, by=by.id, now=at.now
            )
    writes = [questions.note(question)] if question else []
    if reading.decision and reading.decision.question:
        writes.append(questions.drop(reading.decision.question))
    return _Made(done, tuple(writes), question)


def _value_of(machine: Machine, reading: Reading, value: object) -> int:
    meter = machine.meter(reading.meter_id)
    if meter is None or value is None:
        raise Invalid(
            field="value",
            de="Bitte geben Sie den Zählerstand an, um den es geht.",
            en="Please give the reading that this is about.",
        )
    return number_of(meter, value)


def _take(
    adapters: Adapters,
    at: Moment,
    access: StaffAccess,
    reading: Reading,
    value: object,
    by: StaffMember,
) -> DecidedReading:
    """The value goes the way of every entry, with the same check; where its suggestion is about other
    meters, too (swapped ones), with theirs."""
    machine, held = access.machine, access.held
    takes = machine.asked_for or machine.ends_with([reading.meter_id])
    if reading.due_on != machine.due_on or not takes:
        raise NoPeriod
    number = _value_of(machine, reading, value)
    entered, _ = submitted(
        machine,
        held.contracts[machine.contract_id],
        Report(_suggested(machine, reading, number), {}, machine.version, reading.read_on),
        by=by.id,
        at=at,
        grace=grace_now(adapters),
        people={},
        tolerances=access.tolerances,
        others=neighbours.of_staff(adapters, machine),
        channel=reading.channel,
    )
    if not entered.changed:
        raise SameValue
    pairs = {
        new.meter_id: (old, deciding.taken(new, old, by=by.id, now=at.now))
        for new in entered.changed
        if (old := entered.before[new.meter_id])
    }
    readings = tuple(
        pairs[one.meter_id][1] if one in entered.changed else one
        for one in entered.machine.readings
    )
    before, after = pairs.pop(reading.meter_id)
    changed = replace(entered.machine, readings=readings)
    return DecidedReading(changed, before, after, tuple(pairs.values()))


def _suggested(machine: Machine, reading: Reading, value: int) -> dict[str, int]:
    """The values by meter: those of the suggestion that has this value, for meters that wait, too."""
    for finding in reading.findings:
        meant = finding.suggestion or {}
        if meant.get(reading.meter_id) == value:
            waits = {
                one.meter_id
                for one in machine.readings
                if one.due_on == reading.due_on and one.state is ReadingState.REPORTED
            }
            return {meter: number for meter, number in meant.items() if meter in waits}
    return {reading.meter_id: value}


def _question(
    adapters: Adapters,
    at: Moment,
    access: StaffAccess,
    reading: Reading,
    number: str,
    question_id: str,
) -> CustomerQuestion:
    if not access.machine.active:
        raise NobodyToAsk  # the link would lead to a machine that contacts are no longer shown
    people = candidates(access.held, access.machine, reading)
    found = mailboxes.load_many(adapters.table, (one.mailbox or "" for one in people))
    contact = whom_to_ask(people, found)
    return CustomerQuestion(
        question_id,
        contact.company_id,
        contact.id,
        access.machine.id,
        number,
        contact.mailbox or "",
        at.now,
    )


def _writes(
    adapters: Adapters,
    at: Moment,
    machine: Machine,
    done: DecidedReading,
    event: str,
    number: str,
    by: StaffMember,
) -> list[Write]:
    before, after = done.before, done.after
    pairs = [(before, after), *done.beside]
    now = [new for _, new in pairs]
    row = machines.event(event, now, at=at.now, by=by.id, channel=after.channel)
    for entry, (old, new) in zip(row["entries"], pairs, strict=True):
        if old.value != new.value:
            entry["before"] = {"value": old.value, "read_on": old.read_on.isoformat()}
    deed = Deed(
        _ACTIONS[after.decision.kind]
        if event != "undone" and after.decision
        else Action.DECISION_UNDONE,
        "reading",
        number,
        machine.company_id,
        machine.contract_id,
        machine.id,
        changes=(
            *(FieldChange(f"meter {new.meter_id}", old.value, new.value) for old, new in pairs),
            FieldChange("decision", _kind(before), _kind(after)),
            *(
                added(until=after.decision.until.isoformat())
                if after.decision and after.decision.until
                else ()
            ),
        ),
    )
    return [
        *machines.save(done.machine, seen=machine, event=row),
        *journal.entries(adapters.new_number(), by, at.now, deed),
    ]


def _kind(reading: Reading) -> str | None:
    return reading.decision.kind.value if reading.decision else None


def _packed(told: ChosenReading) -> list[object]:
    return [
        told.machine_id,
        told.version,
        packed_readings.pack(told.reading),
        told.asked,
        told.name,
    ]


def _told_again(answer: list[object]) -> ChosenReading:
    machine_id, version, row, asked, name = answer
    assert isinstance(machine_id, str)
    assert isinstance(version, int)
    assert isinstance(row, dict)
    assert isinstance(asked, str)
    assert isinstance(name, str)
    return ChosenReading(machine_id, version, packed_readings.unpack(row), asked, name)
