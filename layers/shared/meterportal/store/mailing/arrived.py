"""Messages that came in and what became of them: one row each, for 180 days, that of a task from its end
on; an ignored one leaves its number and a reason, for 30.

The row is written together with what the message brought, so a message that is delivered again finds
its end, and none is half done.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import datetime, timedelta

from meterportal.domain.mailing.answers.arrived import ArrivedMail, Outcome, TaskState
from meterportal.store import keys, runs
from meterportal.store.items import Item, day_of
from meterportal.store.table import Table
from meterportal.store.writes import Write

_KEPT = timedelta(days=180)
_IGNORED_KEPT = timedelta(days=30)
_KIND = "INBOUND"


def load(table: Table, number: str) -> ArrivedMail | None:
    item = table.get(*keys.run(_KIND, number))
    return _unpack(item) if item else None


def newest(
    table: Table, *, waits: bool, before: str | None = None
) -> Iterator[tuple[str, ArrivedMail]]:
    """(place in the list, message) of those that staff look at, newest first; starts after the place
    `before`."""
    kind = f"{_KIND}#{'open' if waits else 'decided'}"
    for item in runs.newest(table, kind, before=before):
        yield runs.place(item), _unpack(item)


def new(mail: ArrivedMail) -> Write:
    """Stores a message's end, the part "arrived"; fails where it has one."""
    pk, sk = keys.run(_KIND, mail.id)
    at = mail.arrived_at.isoformat(timespec="milliseconds")
    kept = _IGNORED_KEPT if mail.outcome is Outcome.IGNORED else _KEPT
    item: Item = {
        "pk": pk,
        "sk": sk,
        "outcome": mail.outcome.value,
        "reason": mail.reason,
        "arrived_at": at,
        "expires_at": int((mail.arrived_at + kept).timestamp()),
    }
    if mail.state is not None:
        item |= {
            "state": mail.state.value,
            "body": _packed(mail),
            **keys.staff_list(_KIND, waits=True, at=at, number=mail.id),
        }
    if mail.state is TaskState.OPEN:
        del item["expires_at"]
    return Write(put=item, condition="attribute_not_exists(pk)").named("arrived")


def seen(digest: str, mail: ArrivedMail) -> Write:
    """Remembers a message by what it says, the part "same"; fails where the same one came before."""
    pk, sk = keys.same_mail(digest)
    ends = int((mail.arrived_at + _IGNORED_KEPT).timestamp())
    item: Item = {"pk": pk, "sk": sk, "inbound_id": mail.id, "expires_at": ends}
    return Write(put=item, condition="attribute_not_exists(pk)").named("same")


def close(mail: ArrivedMail, state: TaskState, *, by: str, at: datetime, note: str) -> Write:
    """Finishes a task; fails when it is not open."""
    moment = at.isoformat(timespec="milliseconds")
    listed = keys.staff_list(_KIND, waits=False, at=moment, number=mail.id)
    return Write(
        key=keys.run(_KIND, mail.id),
        update="SET #state = :state, #note = :note, #decided_at = :at, #decided_by = :by,"
        " #lists_pk = :lists_pk, #lists_sk = :lists_sk, #expires_at = :ends",
        condition="#state = :open",
        values={
            "state": state.value,
            "note": note,
            "at": moment,
            "by": by,
            "open": TaskState.OPEN.value,
            "ends": int((at + _KEPT).timestamp()),
            **listed,
        },
    )


def reword(mail: ArrivedMail) -> Write:
    """Another sender, contact, text and note for a message; fails when it is gone."""
    return Write(
        key=keys.run(_KIND, mail.id),
        update="SET #body = :body, #note = :note",
        condition="attribute_exists(pk)",
        values={"body": _packed(mail), "note": mail.note},
    )


def _packed(mail: ArrivedMail) -> str:
    return json.dumps(
        {
            "device": mail.device,
            "sender": mail.sender,
            "subject": mail.subject,
            "text": mail.text,
            "attachments": mail.attachments,
            "company_id": mail.company_id,
            "contact_id": mail.contact_id,
            "values": {machine: dict(own) for machine, own in mail.values.items()},
            "read_on": mail.read_on.isoformat() if mail.read_on else None,
            "day": mail.day.isoformat() if mail.day else None,
            "doubts": mail.doubts,
        },
        separators=(",", ":"),
        ensure_ascii=False,
    )


def _unpack(item: Item) -> ArrivedMail:
    body = json.loads(item.get("body", "{}"))
    decided_at = item.get("decided_at")
    return ArrivedMail(
        id=item["pk"].partition("#")[2],
        outcome=Outcome(item["outcome"]),
        reason=item["reason"],
        arrived_at=datetime.fromisoformat(item["arrived_at"]),
        state=TaskState(item["state"]) if "state" in item else None,
        device=body.get("device", False),
        sender=body.get("sender", ""),
        subject=body.get("subject", ""),
        text=body.get("text", ""),
        attachments=tuple(body.get("attachments", ())),
        company_id=body.get("company_id", ""),
        contact_id=body.get("contact_id", ""),
        values=body.get("values", {}),
        read_on=day_of(body.get("read_on")),
        day=day_of(body.get("day")),
        doubts=tuple(body.get("doubts", ())),
        decided_at=datetime.fromisoformat(decided_at) if decided_at else None,
        decided_by=item.get("decided_by", ""),
        note=item.get("note", ""),
    )
