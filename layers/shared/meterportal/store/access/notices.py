"""Notices that wait to be sent to the owner of an address: that its password was set, or that staff took
it off a contact. Written together with what they tell, deleted together with the claim of the mail.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta

from meterportal.domain.access.notices import Notice
from meterportal.store import keys
from meterportal.store.table import Table
from meterportal.store.writes import Write

_LIST = "NOTICES"
_KEPT = timedelta(days=30)
SINGLE_MAILS_KEPT = timedelta(days=180)
"""How long the outbox row of a single mail is kept."""


def note(notice: Notice) -> Write:
    """Stores a notice that waits; it replaces an earlier one about the same."""
    pk, sk = keys.notice(notice.mailbox, notice.company_id)
    item = {
        "pk": pk,
        "sk": sk,
        "set_at": notice.set_at.isoformat(),
        "lists_pk": _LIST,
        "lists_sk": notice.set_at.isoformat(),
        "expires_at": int((notice.set_at + _KEPT).timestamp()),
    }
    return Write(put=item)


def sent(mailbox: str, letter_id: str, *, at: datetime) -> Write:
    """Keeps under which round id the outbox row of a notice stands, as long as that row."""
    pk, sk = keys.sent_notice(mailbox, letter_id)
    expires_at = int((at + SINGLE_MAILS_KEPT).timestamp())
    return Write(put={"pk": pk, "sk": sk, "round_id": letter_id, "expires_at": expires_at})


def close(notice: Notice) -> Write:
    """Deletes a notice; fails when it is gone already, or a later one waits."""
    return Write(
        key=keys.notice(notice.mailbox, notice.company_id),
        delete=True,
        condition="#set_at = :set_at",
        values={"set_at": notice.set_at.isoformat()},
    )


def waiting(table: Table, *, until: datetime) -> Iterator[Notice]:
    """Notices that have waited since before `until`, oldest first."""
    for item in table.query(_LIST, index="lists"):
        if item["lists_sk"] >= until.isoformat():
            return
        mailbox, company_id = item["pk"].partition("#")[2], item["sk"].partition("#")[2]
        yield Notice(mailbox, datetime.fromisoformat(item["set_at"]), company_id)
