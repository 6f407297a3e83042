"""Erases a contact: all that names the person, in pieces; released readings and sums stay as they are.

The first transaction shuts the person out and leaves the tombstones, so that no import brings the
person back; from there on the erasure can only go on. Each step is small, repeats harmlessly, and its
place is kept: whoever is cut off goes on from there.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import replace
from datetime import timedelta
from itertools import islice

from meterportal.adapters import Adapters
from meterportal.domain.access.erasures import (
    GONE,
    Awaited,
    Erasure,
    ErasurePiece,
    ErasureRunning,
    Person,
)
from meterportal.domain.access.journal import Action, Deed, StaffMember
from meterportal.domain.exchange.import_runs import Import
from meterportal.domain.portfolio.machines import Machine
from meterportal.domain.portfolio.snapshots import HELD_BACK
from meterportal.domain.refusals import NotFound, Unavailable
from meterportal.domain.reporting.readings import Reading
from meterportal.settings import Moment
from meterportal.store.access import accounts, erasures, journal
from meterportal.store.exchange import import_reports, imports
from meterportal.store.mailing import arrived, rounds
from meterportal.store.portfolio import holdings, machines, notes, snapshots
from meterportal.store.reporting import photos, problems, successors
from meterportal.store.writes import ConditionFailed
from meterportal.usecases.access.erase_addresses import (
    forget_mails,
    leave_addresses,
    nobody_else,
)
from meterportal.usecases.access.person_in_lists import (
    answers_behind,
    is_about,
    names_person,
    requests_behind,
    without_person,
)
from meterportal.usecases.access.personal_data import (
    IMPORTS,
    MACHINES,
    NOTES,
    ROUNDS,
    find_person,
    notes_behind,
    person_at,
)
from meterportal.usecases.exchange.list_imports import state_of
from meterportal.usecases.exchange.start_imports import UPLOADS
from meterportal.usecases.portfolio.build_portfolio import ask_for_snapshot

STEPS = 12
"""Steps of one request; who wants more asks again."""

_ATTEMPTS = 5
_ASKED_AGAIN = timedelta(minutes=1)


def erase_person(
    adapters: Adapters, at: Moment, contact_id: str, *, by: StaffMember, steps: int = STEPS
) -> Erasure:
    """Begins an erasure, or goes on with it, for so many steps; how far it has come then. For one
    that is done it does nothing. Raises NotFound."""
    found = erasures.load(adapters.table, contact_id) if len(contact_id) <= 64 else None
    erasure = found or _begun(adapters, at, contact_id, by)
    for _ in range(steps):
        if erasure.piece is None:
            break
        before = erasure
        erasure = _STEPS[erasure.piece](adapters, at, erasure)
        if erasure == before:
            break  # it waits
    return erasure


def readmit(adapters: Adapters, at: Moment, contact_id: str, *, by: StaffMember) -> None:
    """Takes the tombstones of an erased person away: the next import may bring the person back.
    Raises NotFound, ErasureRunning."""
    erasure = erasures.load(adapters.table, contact_id) if len(contact_id) <= 64 else None
    if erasure is None:
        raise NotFound
    if erasure.piece is not None:
        raise ErasureRunning
    deed = Deed(
        Action.PERSON_READMITTED, "contact", contact_id, erasure.company_id, contact_id=contact_id
    )
    marks = [erasures.drop_mark(one) for one in (erasure.mark, *erasure.former_marks) if one]
    try:
        adapters.table.transact(
            [
                erasures.readmit(contact_id),
                erasures.end(contact_id),
                # The console's rows may hold the person again.
                erasures.reappear(erasure.company_id, contact_id),
                *marks,
                *journal.entries(adapters.new_number(), by, at.now, deed),
            ]
        )
    except ConditionFailed:
        raise NotFound from None


def list_erasures(
    adapters: Adapters, *, limit: int, before: str | None
) -> tuple[list[Erasure], Mapping[str, str], str | None]:
    """Erasures, newest first, the names of the staff who began them, and the place where the next page
    starts. One query, one read."""
    found = list(islice(erasures.newest(adapters.table, before=before), limit + 1))
    shown = [one for _, one in found[:limit]]
    names = journal.names(adapters.table, {one.by for one in shown})
    return shown, names, found[limit - 1][0] if len(found) > limit else None


def _begun(adapters: Adapters, at: Moment, contact_id: str, by: StaffMember) -> Erasure:
    """Shuts the person out, in one transaction with a check of all that it was judged by: the contact
    and who else stands at the addresses. Raises NotFound."""
    for _ in range(_ATTEMPTS):
        person = find_person(adapters, contact_id)
        contact = person.contact
        marks = {address: adapters.keys.erased_mark(address) for address in person.own}
        erasure = Erasure(
            contact.id,
            contact.company_id,
            by.id,
            at.now,
            ErasurePiece.ACCOUNT,
            "",
            person.address,
            marks.get(person.address, ""),
            tuple(marks[address] for address in person.former),
        )
        deed = Deed(
            Action.PERSON_ERASED, "contact", contact.id, contact.company_id, contact_id=contact.id
        )
        writes = [
            erasures.begin(erasure).named("begun"),
            holdings.shut_out(contact),
            erasures.erased(contact.id),
            *journal.entries(adapters.new_number(), by, at.now, deed),
        ]
        for address, mark in marks.items():
            writes += [
                nobody_else(person, address),
                erasures.keep_mark(mark),
                accounts.end_everything(address, at=at.now),
            ]
        try:
            adapters.table.transact(writes)
        except ConditionFailed:
            begun = erasures.load(adapters.table, contact.id)
            if begun is not None:
                return begun
            continue  # the contact, or who else stands there, has changed: judged again
        return erasure
    raise Unavailable


def _moved(adapters: Adapters, erasure: Erasure, rest: str, **changed: object) -> Erasure:
    """The erasure at its next place; one that somebody else has moved is read again."""
    place = (erasure.piece, rest) if rest else (erasure.piece and erasure.piece.next, "")
    moved, write = erasures.move(erasure, piece=place[0], after=place[1], **changed)
    try:
        adapters.table.write(write)
    except ConditionFailed:
        found = erasures.load(adapters.table, erasure.contact_id)
        if found is None:
            raise Unavailable from None
        return found
    return moved


def _person(adapters: Adapters, erasure: Erasure) -> Person:
    found = person_at(adapters, erasure.company_id, erasure.contact_id)
    # The list of the address loses the person in the first piece; whoever else is there stays.
    return replace(found, alone=found.alone and (bool(erasure.mark) or not erasure.address))


def _account(adapters: Adapters, _at: Moment, erasure: Erasure) -> Erasure:
    leave_addresses(adapters, _person(adapters, erasure))
    return _moved(adapters, erasure, "")


def _rounds(adapters: Adapters, _at: Moment, erasure: Erasure) -> Erasure:
    person = _person(adapters, erasure)
    if not person.own:
        return _moved(adapters, erasure, "")
    found = list(islice(rounds.newest(adapters.table, before=erasure.after or None), ROUNDS))
    for address in person.own:
        forget_mails(adapters, person, address, [one.id for _, one in found])
    return _moved(adapters, erasure, found[-1][0] if len(found) == ROUNDS else "")


def _machines(adapters: Adapters, _at: Moment, erasure: Erasure) -> Erasure:
    person = _person(adapters, erasure)
    company_id, table = erasure.company_id, adapters.table
    found = list(machines.of_company(table, company_id, most=MACHINES, after=erasure.after))
    places = [(company_id, number) for machine in found for number in machine.numbers]
    albums = photos.load_many(table, places)
    for album in albums.values():
        mine = [album.key(photo) for photo in album.photos if photo.by == person.contact.id]
        for key in mine:
            adapters.files.erase(adapters.settings.photo_bucket, key)
        with suppress(ConditionFailed):  # a photo came meanwhile; the contact can send none
            photos.forget(table, album, person.contact.id)
    for machine in found:
        _forget_in_problems(adapters, person, machine)
        _forget_in_machine(adapters, person, machine.id)
    return _moved(adapters, erasure, found[-1].id if len(found) == MACHINES else "")


def _forget_in_problems(adapters: Adapters, person: Person, seen: Machine) -> None:
    table = adapters.table
    numbers = set()
    for event in problems.events_of(table, seen):
        numbers.add(event.problem_id)
        if changed := _changed(person, event.texts):
            table.write(problems.reword(event, changed))
    for number in numbers:
        row = problems.load(table, number)
        if row and (changed := _changed(person, {"text": row.text, "note": row.note})):
            table.write(problems.reword_row(number, changed))


def _forget_in_machine(adapters: Adapters, person: Person, machine_id: str) -> None:
    """The problem that stands at a machine, and what staff noted about its open values."""
    company_id, table = person.contact.company_id, adapters.table
    for _ in range(_ATTEMPTS):
        machine = machines.load(table, company_id, machine_id)
        if machine is None:
            return
        problem = machine.problem
        after = replace(
            machine,
            problem=replace(problem, text=person.forget(problem.text)) if problem else None,
            readings=tuple(_without_words(one, person) for one in machine.readings),
        )
        if after == machine:
            return
        with suppress(ConditionFailed):
            table.transact(machines.save(after, seen=machine, event=None))
    raise Unavailable


def _without_words(reading: Reading, person: Person) -> Reading:
    decision = reading.decision
    if decision is None:
        return reading
    return replace(reading, decision=replace(decision, note=person.forget(decision.note)))


def _changed(person: Person, texts: Mapping[str, str]) -> dict[str, str]:
    """The texts that name the person, without the person's words."""
    return {name: person.forget(text) for name, text in texts.items() if person.named_in(text)}


def _requests(adapters: Adapters, _at: Moment, erasure: Erasure) -> Erasure:
    person = _person(adapters, erasure)
    found, rest = requests_behind(adapters, erasure.after)
    for one in found:
        changed = _changed(person, {"text": one.text, "note": one.note})
        if is_about(one, person):
            changed |= {"name": GONE, "mailbox": ""}
        if changed and names_person(one, person):
            adapters.table.write(successors.reword(one.id, changed))
    adapters.table.write(successors.forget_open(erasure.company_id, erasure.contact_id))
    return _moved(adapters, erasure, rest)


def _notes(adapters: Adapters, _at: Moment, erasure: Erasure) -> Erasure:
    person = _person(adapters, erasure)
    written = notes_behind(adapters, person, erasure.after)
    for _, note in written:
        if person.named_in(note.text):
            with suppress(ConditionFailed):  # withdrawn meanwhile
                notes.reword(adapters.table, note, person.forget(note.text))
    return _moved(adapters, erasure, written[-1][0] if len(written) == NOTES else "")


def _answers(adapters: Adapters, _at: Moment, erasure: Erasure) -> Erasure:
    """Messages that staff see; all others go by themselves within two weeks."""
    person = _person(adapters, erasure)
    found, rest = answers_behind(adapters, erasure.after)
    for one in found:
        after = without_person(one, person)
        if after != one:
            adapters.files.erase(adapters.settings.inbound_bucket, one.file)
            with suppress(ConditionFailed):  # it has gone by itself
                adapters.table.write(arrived.reword(after))
    return _moved(adapters, erasure, rest)


def _imports(adapters: Adapters, at: Moment, erasure: Erasure) -> Erasure:
    """The reports lose the person's words, and the files that were handed in go: they hold everybody."""
    person = _person(adapters, erasure)
    found = list(islice(imports.newest(adapters.table, before=erasure.after or None), IMPORTS))
    if any(_in_use(adapters, at, run) for _, run in found):
        return replace(erasure, waits=Awaited.IMPORT)
    for _, run in found:
        for row in import_reports.rows_with_texts(adapters.table, run.id):
            write = import_reports.reworded(row, person.contact.id, person.forget_exactly, GONE)
            if write is not None:
                with suppress(ConditionFailed):  # the report has gone by itself
                    adapters.table.write(write)
        try:
            adapters.table.write(imports.let_file_go(run))
        except ConditionFailed:
            return erasure  # it was taken over just now: looked at again with the next request
        adapters.files.erase(*run.place)
        # What a worker has left that died for good.
        adapters.files.erase_below(adapters.settings.import_bucket, run.work_folder)
    if len(found) == IMPORTS:
        return _moved(adapters, erasure, found[-1][0])
    _uploads_without_import(adapters)
    return _moved(adapters, erasure, "")


def _uploads_without_import(adapters: Adapters) -> None:
    """Files that were put to a signed address go too when nobody has started their import: whoever
    still does is asked to send the file again."""
    bucket = adapters.settings.import_bucket
    for key in adapters.files.names(bucket, UPLOADS):
        number = key.removeprefix(UPLOADS).partition("/")[0]
        if imports.load(adapters.table, number) is None:
            adapters.files.erase(bucket, key)


def _in_use(adapters: Adapters, at: Moment, run: Import) -> bool:
    """Whether a worker may still read the file of an import: for this one, or for the one that takes over
    this dry run. One that has failed waits for people, so nobody waits for it; started again it says
    that its file is gone."""
    taker = imports.load(adapters.table, run.applied) if run.applied else None
    return any(state_of(one, at).state == "running" for one in (run, taker) if one is not None)


def _remove(adapters: Adapters, at: Moment, erasure: Erasure) -> Erasure:
    """The contact's own row; with it the erasure forgets the address."""
    person = _person(adapters, erasure)
    leave_addresses(adapters, person)
    contact = person.contact
    moved, write = erasures.move(
        erasure, piece=ErasurePiece.SNAPSHOTS, after="", address="", removed_at=at.now
    )
    place = (contact.company_id, contact.id)
    try:
        adapters.table.transact(
            [write, *holdings.take_away(holdings.place_of(*place), rev=contact.rev, at=at.now)]
        )
    except ConditionFailed:
        return erasures.load(adapters.table, contact.id) or erasure
    return moved


def _snapshots(adapters: Adapters, at: Moment, erasure: Erasure) -> Erasure:
    """Snapshots from before the contact's row went are deleted, once a newer one is there."""
    removed_at = erasure.removed_at or erasure.at
    known = snapshots.newest(adapters.table)
    if known is not None and known.after <= removed_at:
        asked = erasure.asked_at
        waits = at.now < removed_at + HELD_BACK or (asked and at.now < asked + _ASKED_AGAIN)
        if waits:
            return replace(erasure, waits=Awaited.LISTS)
        ask_for_snapshot(adapters, at)
        return _moved(adapters, erasure, "asked", asked_at=at.now)
    bucket = adapters.settings.portfolio_bucket
    newest = f"portfolio/{known.version}/" if known else ""
    for name in adapters.files.names(bucket, "portfolio/"):
        # One that is being built has a later name: a version begins with the moment of its build.
        if not newest or name < newest:
            adapters.files.erase(bucket, name)
    return _moved(adapters, erasure, "")


def _skip(adapters: Adapters, _at: Moment, erasure: Erasure) -> Erasure:
    return _moved(adapters, erasure, "")


_STEPS: Mapping[ErasurePiece, Callable[[Adapters, Moment, Erasure], Erasure]] = {
    ErasurePiece.ACCOUNT: _account,
    ErasurePiece.ROUNDS: _rounds,
    ErasurePiece.MACHINES: _machines,
    ErasurePiece.REQUESTS: _requests,
    ErasurePiece.JOURNAL: _skip,  # it holds no personal value
    ErasurePiece.NOTES: _notes,
    ErasurePiece.ANSWERS: _answers,
    ErasurePiece.IMPORTS: _imports,
    ErasurePiece.PERSON: _remove,
    ErasurePiece.SNAPSHOTS: _snapshots,
}
