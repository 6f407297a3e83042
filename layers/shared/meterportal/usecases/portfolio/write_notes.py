"""Staff write a note about a customer or a machine, and withdraw it."""

from __future__ import annotations

from meterportal.adapters import Adapters
from meterportal.crypto import digest
from meterportal.domain.access.journal import Action, Deed, StaffMember
from meterportal.domain.plain_text import plain
from meterportal.domain.portfolio.notes import LONGEST_NOTE, Note, NoteStays
from meterportal.domain.refusals import Invalid, NotFound
from meterportal.settings import Moment
from meterportal.store.access import journal
from meterportal.store.portfolio import holdings, notes
from meterportal.store.writes import ConditionFailed
from meterportal.usecases.runs.answered import OwnRequest, earlier, kept

_LONGEST_ID = 64


def write_note(
    adapters: Adapters,
    at: Moment,
    text: str,
    *,
    company_id: str | None,
    machine_id: str | None,
    by: StaffMember,
    key: str | None = None,
) -> Note:
    """Stores a note about a machine, or about a company where no machine is named. Two reads, one
    transaction; a `key` costs one read more. Raises NotFound, Invalid, TextRefused, ReusedKey."""
    if (company_id is None) == (machine_id is None):
        raise Invalid(
            field="company_id",
            de="Bitte nennen Sie entweder eine Firma oder ein Gerät",
            en="Please name either a company or a machine",
        )
    taken = plain(text, field="text", longest=LONGEST_NOTE, lines=True)
    home = _home(adapters, company_id, machine_id)
    asked = OwnRequest(by.id, key, digest(f"note {company_id} {machine_id} {taken}"))
    before = earlier(adapters, asked, now=at.now)
    if before is not None:
        return _found(adapters, before)
    note = Note(adapters.new_number(), home, machine_id or "", taken, by, at.now)
    noted = journal.entries(adapters.new_number(), by, at.now, _deed(Action.NOTE_WRITTEN, note))
    answer = kept(asked, note.id, now=at.now)
    adapters.table.transact([*notes.add(note), *noted, *answer])
    return note


def withdraw_note(adapters: Adapters, at: Moment, note_id: str, *, by: StaffMember) -> None:
    """Deletes a note; the journal keeps that there was one. Three reads, one transaction. Raises
    NotFound, NoteStays."""
    note = _found(adapters, note_id)
    if not note.withdrawable(by.id, at.now):
        raise NoteStays
    noted = journal.entries(adapters.new_number(), by, at.now, _deed(Action.NOTE_WITHDRAWN, note))
    try:
        adapters.table.transact([*notes.withdraw(note), *noted])
    except ConditionFailed:
        raise NotFound from None


def _found(adapters: Adapters, note_id: str) -> Note:
    note = notes.find(adapters.table, note_id) if len(note_id) <= _LONGEST_ID else None
    if note is None:
        raise NotFound
    return note


def _home(adapters: Adapters, company_id: str | None, machine_id: str | None) -> str:
    """The company that a note stands at. Raises NotFound."""
    found = company_id
    if machine_id is not None:
        found = holdings.companies_of(adapters.table, "MACHINE", [machine_id]).get(machine_id)
    if found is None or found not in holdings.companies(adapters.table, [found]):
        raise NotFound(field="machine_id" if machine_id is not None else "company_id")
    return found


def _deed(action: Action, note: Note) -> Deed:
    return Deed(action, "note", note.id, note.company_id, machine_id=note.machine_id)
