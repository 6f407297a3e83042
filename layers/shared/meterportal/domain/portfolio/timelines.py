"""A customer's time line: what happened to its readings, its mails, and what staff did, newest first."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from datetime import date, datetime
from enum import StrEnum
from zoneinfo import ZoneInfo

from meterportal.domain.access.journal import Action, FieldChange, JournalEntry, action_text
from meterportal.domain.frozen import frozen
from meterportal.domain.mailing import marks
from meterportal.domain.portfolio.contracts import ReadingChannel
from meterportal.domain.portfolio.holdings import Holding
from meterportal.domain.portfolio.notes import Note

_ZONE = ZoneInfo("Europe/Berlin")


class Happening(StrEnum):
    """What happened. `action`: staff did something that changed no reading (see the journal)."""

    ASKED = "asked"
    REMINDED = "reminded"
    ANNOUNCED = "announced"
    REPORTED = "reported"
    CORRECTED = "corrected"
    RELEASED = "released"
    BILLED = "billed"
    EXPORT_REFUSED = "export_refused"
    WITHDRAWN = "withdrawn"
    REVERSED = "reversed"
    RESET = "reset"
    STARTED = "started"
    STOPPED = "stopped"
    MERGED = "merged"
    ESTIMATED = "estimated"
    ACCEPTED = "accepted"
    TAKEN = "taken"
    DEFERRED = "deferred"
    ASKED_BACK = "asked_back"
    UNDONE = "undone"
    IMPORTED = "imported"
    NOTED = "noted"
    ACTION = "action"


_TEXTS: Mapping[Happening, tuple[str, str]] = {
    Happening.ASKED: ("Zählerstände angefordert", "Readings asked for"),
    Happening.REMINDED: ("Erinnert", "Reminded"),
    Happening.ANNOUNCED: ("Schätzung angekündigt", "Estimate announced"),
    Happening.REPORTED: ("Gemeldet", "Reported"),
    Happening.CORRECTED: ("Korrigiert", "Corrected"),
    Happening.RELEASED: ("Freigegeben", "Released"),
    Happening.BILLED: ("Vom ERP abgerechnet", "Billed by the ERP"),
    Happening.EXPORT_REFUSED: ("Vom ERP abgelehnt", "Refused by the ERP"),
    Happening.WITHDRAWN: ("Freigabe zurückgenommen", "Release withdrawn"),
    Happening.REVERSED: ("Nach der Freigabe korrigiert", "Corrected after release"),
    Happening.RESET: ("Zähler genullt", "Counter reset"),
    Happening.STARTED: ("Als Austauschgerät angelegt", "Entered as a replacement"),
    Happening.STOPPED: ("Austausch zurückgenommen", "Replacement taken back"),
    Happening.MERGED: (
        "Vom ERP unter eigener Nummer gebracht",
        "Brought by the ERP under its own number",
    ),
    Happening.ESTIMATED: ("Geschätzt", "Estimated"),
    Happening.NOTED: ("Notiz", "Note"),
    Happening.ACCEPTED: ("Angenommen", "Accepted"),
    Happening.TAKEN: ("Vorschlag übernommen", "Suggestion taken"),
    Happening.DEFERRED: ("Zurückgestellt", "Deferred"),
    Happening.ASKED_BACK: ("Beim Kunden nachgefragt", "Customer asked back"),
    Happening.UNDONE: ("Entscheidung zurückgenommen", "Decision taken back"),
    Happening.IMPORTED: ("Aus dem ERP eingelesen", "Imported from the ERP"),
}

TOLD_ELSEWHERE = frozenset(
    {
        Action.READINGS_ENTERED,
        Action.RELEASED_BY_HAND,
        Action.RELEASE_WITHDRAWN,
        Action.READING_CORRECTED,
        Action.METER_RESET,
        Action.READINGS_ESTIMATED,
        Action.NOTE_WRITTEN,
        Action.READING_ACCEPTED,
        Action.SUGGESTION_TAKEN,
        Action.READING_DEFERRED,
        Action.QUESTION_ASKED,
        Action.DECISION_UNDONE,
    }
)
"""Actions that the history of a machine tells of, with the values, or the note itself."""


@frozen
class Event:
    """One line. `at` is None where only the day is known; `by` is the id of a contact or of staff,
    `reporter` the contact for whom staff did it. `changes` are values by meter, or the journal's.
    """

    happening: Happening
    on: date
    at: datetime | None = None
    by: str = ""
    action: Action | None = None
    machine_id: str = ""
    contract_id: str = ""
    contact_id: str = ""
    round_id: str = ""
    reporter: str = ""
    channel: ReadingChannel | None = None
    changes: tuple[FieldChange, ...] = ()
    note: Note | None = None

    def text(self, language: str) -> str:
        if self.action is not None:
            return action_text(self.action, language)
        return _TEXTS[self.happening][language == "en"]


def of_moment(event: Event, at: datetime) -> Event:
    """The event with its moment and the business day of that."""
    return replace(event, at=at, on=at.astimezone(_ZONE).date())


def of_journal(entry: JournalEntry) -> Event:
    deed = entry.deed
    event = Event(
        Happening.ACTION,
        entry.at.date(),
        by=entry.by.id,
        action=deed.action,
        machine_id=deed.machine_id,
        contract_id=deed.contract_id,
        contact_id=deed.contact_id,
        changes=deed.changes,
    )
    return of_moment(event, entry.at)


def of_note(note: Note) -> Event:
    event = Event(
        Happening.NOTED, note.at.date(), by=note.by.id, machine_id=note.machine_id, note=note
    )
    return of_moment(event, note.at)


_MAILS = {0: Happening.ASKED, marks.ANNOUNCEMENT: Happening.ANNOUNCED}


def mails(held: Holding) -> Iterator[Event]:
    """The request, the reminders and the announcement of each contract's current period; of these the days are known."""
    for contract in held.contracts.values():
        for contact_id in contract.asked:
            for mail in marks.mailed(contract, contact_id):
                yield Event(
                    _MAILS.get(mail.number, Happening.REMINDED),
                    mail.on,
                    contract_id=contract.id,
                    contact_id=contact_id,
                    round_id=mail.round_id,
                )


def newest_first(events: Iterable[Event]) -> list[Event]:
    """By moment; where only the day is known, at its beginning."""
    return sorted(
        events,
        key=lambda event: (event.on, event.at.timestamp() if event.at else 0.0),
        reverse=True,
    )
