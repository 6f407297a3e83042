"""Questions to customers that wait to be sent: written together with staff's decision to ask, deleted
together with the claim of the mail, or when the decision is taken back before.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta

from meterportal.domain.mailing.questions import CustomerQuestion
from meterportal.store import keys
from meterportal.store.table import Table
from meterportal.store.writes import Write

_LIST = "QUESTIONS"
_KEPT = timedelta(days=30)


def note(question: CustomerQuestion) -> Write:
    """Stores a question that waits, the part "question"."""
    pk, sk = keys.question(question.id)
    asked_at = question.asked_at.isoformat()
    item = {
        "pk": pk,
        "sk": sk,
        "company_id": question.company_id,
        "contact_id": question.contact_id,
        "machine_id": question.machine_id,
        "reading_id": question.reading_id,
        "mailbox": question.mailbox,
        "asked_at": asked_at,
        "lists_pk": _LIST,
        "lists_sk": f"{asked_at}#{question.id}",
        "expires_at": int((question.asked_at + _KEPT).timestamp()),
    }
    return Write(put=item, condition="attribute_not_exists(pk)").named("question")


def load(table: Table, number: str) -> CustomerQuestion | None:
    item = table.get(*keys.question(number))
    if item is None:
        return None
    return CustomerQuestion(
        id=number,
        company_id=item["company_id"],
        contact_id=item["contact_id"],
        machine_id=item["machine_id"],
        reading_id=item["reading_id"],
        mailbox=item["mailbox"],
        asked_at=datetime.fromisoformat(item["asked_at"]),
    )


def close(number: str) -> Write:
    """Deletes a question, the part "question"; fails when it is gone already."""
    key = keys.question(number)
    return Write(key=key, delete=True, condition="attribute_exists(pk)").named("question")


def drop(number: str) -> Write:
    """Deletes a question that may have been sent already: staff have decided otherwise."""
    return Write(key=keys.question(number), delete=True)


def waiting(table: Table, *, until: datetime) -> Iterator[str]:
    """The numbers of questions that have waited since before `until`, oldest first."""
    for item in table.query(_LIST, index="lists"):
        asked_at, _, number = item["lists_sk"].partition("#")
        if asked_at >= until.isoformat():
            return
        yield number
