"""The journal: which staff member changed what, when, and what stood there before and after.

Personal values of contacts never stand in it: an entry names records by their ids, and who reads it
is shown the names that these ids have then. Notes and reasons that staff type stand with the record
itself.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import field
from datetime import date, datetime
from enum import StrEnum

from meterportal.domain.frozen import frozen
from meterportal.domain.portfolio.selections import Selection


@frozen
class StaffMember:
    """Who acts: `id` is the user pool's stable subject, `name` what colleagues call the person.

    `issued_at` is when the token was made by which the person acts (seconds since 1970); None for what
    a worker goes on with in the name of who started it.
    """

    id: str
    name: str = ""
    issued_at: int | None = field(default=None, compare=False)


class Action(StrEnum):
    """What staff do that changes something."""

    READINESS_STARTED = "readiness_started"
    RIGHTS_GRANTED = "rights_granted"
    ROUND_STARTED = "round_started"
    TEST_MAIL_SENT = "test_mail_sent"
    CONTRACT_CHANGED = "contract_changed"
    CONTACT_CHANGED = "contact_changed"
    ADDRESS_LIFTED = "address_lifted"
    LINKS_REVOKED = "links_revoked"
    LINK_SENT = "link_sent"
    READINGS_ENTERED = "readings_entered"
    RELEASE_STARTED = "release_started"
    RELEASED_BY_HAND = "released_by_hand"
    RELEASE_WITHDRAWN = "release_withdrawn"
    READING_CORRECTED = "reading_corrected"
    METER_RESET = "meter_reset"
    MACHINE_REPLACED = "machine_replaced"
    REPLACEMENT_TAKEN_BACK = "replacement_taken_back"
    READINGS_ESTIMATED = "readings_estimated"
    IMPORT_STARTED = "import_started"
    MISSING_ENDED = "missing_ended"
    EXPORT_STARTED = "export_started"
    EXPORT_ACKNOWLEDGED = "export_acknowledged"
    PROBLEM_DECIDED = "problem_decided"
    SUCCESSOR_DECIDED = "successor_decided"
    ANSWER_DECIDED = "answer_decided"
    TOLERANCES_CHANGED = "tolerances_changed"
    HELP_CHANGED = "help_changed"
    BRAND_CHANGED = "brand_changed"
    TEXT_CHANGED = "text_changed"
    SCHEDULE_CHANGED = "schedule_changed"
    SENDING_PAUSED = "sending_paused"
    ROUND_ENDED = "round_ended"
    RUN_RESTARTED = "run_restarted"
    SENDING_RESUMED = "sending_resumed"
    NOTE_WRITTEN = "note_written"
    NOTE_WITHDRAWN = "note_withdrawn"
    VIEWED_AS_CONTACT = "viewed_as_contact"
    DATA_EXPORTED = "data_exported"
    PERSON_ERASED = "person_erased"
    PERSON_READMITTED = "person_readmitted"
    COLLEAGUE_INVITED = "colleague_invited"
    COLLEAGUE_CHANGED = "colleague_changed"
    READING_ACCEPTED = "reading_accepted"
    SUGGESTION_TAKEN = "suggestion_taken"
    READING_DEFERRED = "reading_deferred"
    QUESTION_ASKED = "question_asked"
    DECISION_UNDONE = "decision_undone"
    RELEASE_LIMITS_CHANGED = "release_limits_changed"


_TEXTS: Mapping[Action, tuple[str, str]] = {
    Action.READINESS_STARTED: ("Portal Ready gestartet", "Portal Ready started"),
    Action.RIGHTS_GRANTED: ("Portalrechte erteilt", "Portal rights granted"),
    Action.ROUND_STARTED: ("Versandlauf gestartet", "Round started"),
    Action.TEST_MAIL_SENT: ("Testmail an sich selbst", "Test mail to oneself"),
    Action.CONTRACT_CHANGED: ("Vertrag geändert", "Contract changed"),
    Action.CONTACT_CHANGED: ("Ansprechpartner geändert", "Contact changed"),
    Action.ADDRESS_LIFTED: ("Sperre der E-Mail-Adresse aufgehoben", "Block of the address lifted"),
    Action.LINKS_REVOKED: ("Links und Passwort gesperrt", "Links and password revoked"),
    Action.LINK_SENT: ("Neuen Link gesendet", "New link sent"),
    Action.READINGS_ENTERED: (
        "Zählerstand für den Kunden erfasst",
        "Reading entered for the customer",
    ),
    Action.RELEASE_STARTED: ("Freigabelauf gestartet", "Release run started"),
    Action.RELEASED_BY_HAND: ("Von Hand freigegeben", "Released by hand"),
    Action.RELEASE_WITHDRAWN: ("Freigabe zurückgenommen", "Release withdrawn"),
    Action.READING_CORRECTED: ("Nach der Freigabe korrigiert", "Corrected after release"),
    Action.METER_RESET: ("Zähler genullt", "Counter reset"),
    Action.MACHINE_REPLACED: ("Gerät ausgetauscht", "Machine replaced"),
    Action.REPLACEMENT_TAKEN_BACK: ("Austausch zurückgenommen", "Replacement taken back"),
    Action.READINGS_ESTIMATED: ("Zählerstand geschätzt", "Reading estimated"),
    Action.IMPORT_STARTED: ("Einlesen gestartet", "Import started"),
    Action.MISSING_ENDED: (
        "Beendet, weil es im vollen Export fehlt",
        "Ended because the full export lacks it",
    ),
    Action.EXPORT_STARTED: ("Übergabe gestartet", "Export started"),
    Action.EXPORT_ACKNOWLEDGED: ("Übergabe quittiert", "Export acknowledged"),
    Action.PROBLEM_DECIDED: ("Problem entschieden", "Problem decided"),
    Action.SUCCESSOR_DECIDED: ("Nachfolge entschieden", "Successor decided"),
    Action.ANSWER_DECIDED: ("Antwort per Mail erledigt", "Answer by mail finished"),
    Action.TOLERANCES_CHANGED: ("Toleranzen geändert", "Tolerances changed"),
    Action.HELP_CHANGED: ("Ablesehilfe geändert", "Reading help changed"),
    Action.BRAND_CHANGED: ("Erscheinungsbild geändert", "Look changed"),
    Action.TEXT_CHANGED: ("Textbaustein geändert", "Text block changed"),
    Action.SCHEDULE_CHANGED: ("Zeitplan geändert", "Schedule changed"),
    Action.SENDING_PAUSED: ("Versand angehalten", "Sending paused"),
    Action.ROUND_ENDED: ("Versandlauf beendet", "Round ended"),
    Action.RUN_RESTARTED: ("Lauf erneut gestartet", "Run started again"),
    Action.SENDING_RESUMED: ("Gestoppten Versand fortgesetzt", "Stopped sending resumed"),
    Action.NOTE_WRITTEN: ("Notiz geschrieben", "Note written"),
    Action.NOTE_WITHDRAWN: ("Notiz zurückgenommen", "Note withdrawn"),
    Action.DATA_EXPORTED: ("Personendaten ausgegeben", "Personal data exported"),
    Action.PERSON_ERASED: ("Person gelöscht", "Person erased"),
    Action.PERSON_READMITTED: ("Person wieder zugelassen", "Person readmitted"),
    Action.COLLEAGUE_INVITED: ("Kollegen eingeladen", "Colleague invited"),
    Action.COLLEAGUE_CHANGED: ("Rechte eines Kollegen geändert", "A colleague's rights changed"),
    Action.VIEWED_AS_CONTACT: ("Portal wie der Kunde angesehen", "Portal viewed as the customer"),
    Action.READING_ACCEPTED: ("Zählerstand angenommen", "Reading accepted"),
    Action.SUGGESTION_TAKEN: ("Vorschlag übernommen", "Suggestion taken"),
    Action.READING_DEFERRED: ("Zählerstand zurückgestellt", "Reading deferred"),
    Action.QUESTION_ASKED: ("Beim Kunden nachgefragt", "Customer asked back"),
    Action.DECISION_UNDONE: ("Entscheidung zurückgenommen", "Decision taken back"),
    Action.RELEASE_LIMITS_CHANGED: (
        "Grenze für die zweite Person geändert",
        "Limit for the second person changed",
    ),
}


def action_text(action: Action, language: str) -> str:
    """An action in words."""
    return _TEXTS[action][language == "en"]


FactValue = str | int | bool | None


@frozen
class FieldChange:
    """A field of the record with what stood there before and after."""

    field: str
    before: FactValue = None
    after: FactValue = None


@frozen
class Deed:
    """One action on one record. `kind` and `number` say which; the ids say whom else it concerns."""

    action: Action
    kind: str
    number: str
    company_id: str = ""
    contract_id: str = ""
    machine_id: str = ""
    contact_id: str = ""
    changes: tuple[FieldChange, ...] = ()


@frozen
class JournalEntry:
    """A deed as it stands in the journal."""

    at: datetime
    by: StaffMember
    deed: Deed


@frozen
class JournalFilter:
    """Which entries are wanted; None means any. `from_on` and `to_on` are business days, both
    included."""

    by: str | None = None
    action: Action | None = None
    company_id: str | None = None
    machine_id: str | None = None
    contact_id: str | None = None
    from_on: date | None = None
    to_on: date | None = None

    def fits(self, entry: JournalEntry) -> bool:
        """Whether an entry is wanted; the days are not looked at."""
        deed = entry.deed
        return all(
            wanted is None or wanted == found
            for wanted, found in (
                (self.by, entry.by.id),
                (self.action, deed.action),
                (self.company_id, deed.company_id),
                (self.machine_id, deed.machine_id),
                (self.contact_id, deed.contact_id),
            )
        )


def added(**values: FactValue) -> tuple[FieldChange, ...]:
    """Fields of a record that has come into being."""
    return tuple(FieldChange(name, None, value) for name, value in values.items())


def chosen(selection: Selection) -> tuple[FieldChange, ...]:
    """What a run was started for: how many records by number, or the filter's conditions."""
    if selection.ids is not None:
        return added(selected=len(selection.ids))
    wanted = selection.filter
    names = (
        "company_id",
        "contract_id",
        "reading_channel",
        "due_before",
        "state",
        "words",
        "running_on",
    )
    given = {name: str(getattr(wanted, name)) for name in names if getattr(wanted, name, None)}
    if wanted is not None and wanted.asked is not None:
        given["asked"] = str(wanted.asked).lower()
    for name in ("reading_channels", "states"):
        if several := getattr(wanted, name, None):
            given[name] = " ".join(sorted(several))
    return added(
        selected="filter",
        **given,
        **({"exceptions": len(selection.exceptions)} if selection.exceptions else {}),
    )


MOST_CHANGES = 50
"""Fields that an entry tells of one by one; what stands behind them can be seen at the record."""


def between(
    before: Mapping[str, FactValue], after: Mapping[str, FactValue]
) -> tuple[FieldChange, ...]:
    """The fields in which two states differ, by name; the last one counts those that are too many."""
    differing = [
        FieldChange(name, before.get(name), after.get(name))
        for name in sorted({*before, *after})
        if before.get(name) != after.get(name)
    ]
    return _cut(differing)


def _cut(changes: Iterable[FieldChange]) -> tuple[FieldChange, ...]:
    told = list(changes)
    if len(told) <= MOST_CHANGES:
        return tuple(told)
    return (*told[:MOST_CHANGES], FieldChange("more", None, len(told) - MOST_CHANGES))
