"""Staff list the messages that somebody has to look at, and finish them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from itertools import islice

from meterportal.adapters import Adapters
from meterportal.domain.access.journal import Action, Deed, FieldChange, StaffMember
from meterportal.domain.frozen import frozen
from meterportal.domain.mailing.answers.arrived import ArrivedMail, TaskDecided, TaskState
from meterportal.domain.plain_text import plain
from meterportal.domain.portfolio.machines import Machine
from meterportal.domain.refusals import NotFound
from meterportal.settings import Moment
from meterportal.store.access import journal
from meterportal.store.mailing import arrived
from meterportal.store.portfolio import holdings, machines
from meterportal.store.writes import ConditionFailed

LONGEST_NOTE = 500
_LONGEST_ID = 200


@frozen
class ListedAnswer:
    """A message with the names that belong to it, and the machines of its values as they are now."""

    mail: ArrivedMail
    company: str
    contact: str
    machines: Mapping[str, Machine]


def list_answers(
    adapters: Adapters, *, waits: bool, limit: int, before: str | None
) -> tuple[list[ListedAnswer], str | None]:
    """Messages, newest first, and the place where the next page starts. Five reads."""
    found = list(islice(arrived.newest(adapters.table, waits=waits, before=before), limit + 1))
    mails = [mail for _, mail in found[:limit]]
    return _named(adapters, mails), found[limit - 1][0] if len(found) > limit else None


def decide_answer(
    adapters: Adapters, at: Moment, number: str, state: TaskState, *, note: str, by: StaffMember
) -> ListedAnswer:
    """Finishes a task. Repeating the same decision changes nothing.

    Raises NotFound, TextRefused, and TaskDecided where it was finished otherwise.
    """
    taken = plain(note, field="note", longest=LONGEST_NOTE, lines=True, needed=False)
    mail = arrived.load(adapters.table, number) if len(number) <= _LONGEST_ID else None
    if mail is None or mail.state is None:
        raise NotFound
    deed = Deed(
        Action.ANSWER_DECIDED,
        "answer",
        mail.id,
        mail.company_id,
        contact_id=mail.contact_id,
        changes=(FieldChange("state", TaskState.OPEN.value, state.value),),
    )
    writes = [
        arrived.close(mail, state, by=by.id, at=at.now, note=taken).named("task"),
        *journal.entries(adapters.new_number(), by, at.now, deed),
    ]
    try:
        adapters.table.transact(writes)
    except ConditionFailed:
        mail = arrived.load(adapters.table, number) or mail
        if mail.state is not state or mail.note != taken:
            raise TaskDecided(state=mail.state.value if mail.state else "") from None
        return _named(adapters, [mail])[0]
    return _named(adapters, [arrived.load(adapters.table, number) or mail])[0]


def _named(adapters: Adapters, mails: Iterable[ArrivedMail]) -> list[ListedAnswer]:
    mails = list(mails)
    devices = machines.find(adapters.table, {number for mail in mails for number in mail.values})
    contacts = {(mail.company_id, mail.contact_id) for mail in mails if mail.contact_id}
    people = holdings.contacts(adapters.table, contacts)
    known = {mail.company_id for mail in mails if mail.company_id}
    companies = holdings.companies(adapters.table, known)
    return [
        ListedAnswer(
            mail,
            company.name if (company := companies.get(mail.company_id)) else "",
            person.name if (person := people.get((mail.company_id, mail.contact_id))) else "",
            {number: devices[number] for number in mail.values if number in devices},
        )
        for mail in mails
    ]
