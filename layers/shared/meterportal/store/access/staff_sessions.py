"""Sessions of staff: stored under the hash of a random id, gone after twelve hours.

One that was ended leaves a row without its secret: the write that opened it may arrive a second time,
seconds later, and must not find its place empty.
"""

from __future__ import annotations

from contextlib import suppress
from datetime import datetime

from meterportal.domain.access.staff_sessions import LIFE, StaffSession
from meterportal.store import keys
from meterportal.store.table import Table
from meterportal.store.writes import ConditionFailed, Write


def load(table: Table, fingerprint: str) -> StaffSession | None:
    """The session under a fingerprint, unless somebody ended it; its time may be over. One read."""
    item = table.get(*keys.staff_session(fingerprint))
    if item is None or "ended_at" in item:
        return None
    return StaffSession(fingerprint, item["sealed"], datetime.fromisoformat(item["created_at"]))


def open_session(table: Table, session: StaffSession) -> None:
    """Stores a new session."""
    pk, sk = keys.staff_session(session.fingerprint)
    item = {
        "pk": pk,
        "sk": sk,
        "sealed": session.sealed,
        "created_at": session.created_at.isoformat(timespec="seconds"),
        "expires_at": int((session.created_at + LIFE).timestamp()),
    }
    table.write(Write(put=item, condition="attribute_not_exists(pk)"))


def end_session(table: Table, fingerprint: str, *, now: datetime) -> None:
    """Ends a session; it does not fail when there is none."""
    pk, sk = keys.staff_session(fingerprint)
    item = {
        "pk": pk,
        "sk": sk,
        "ended_at": now.isoformat(timespec="seconds"),
        "expires_at": int((now + LIFE).timestamp()),
    }
    with suppress(ConditionFailed):
        table.write(Write(put=item, condition="attribute_exists(pk)"))
