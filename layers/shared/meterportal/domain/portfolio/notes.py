"""Notes: what staff write down about a customer or a machine, for their colleagues."""

from __future__ import annotations

from datetime import datetime, timedelta

from meterportal.domain.access.journal import StaffMember
from meterportal.domain.frozen import frozen
from meterportal.domain.refusals import Conflict

LONGEST_NOTE = 1000
"""Characters of a note."""

WITHDRAWABLE = timedelta(days=1)
"""How long its author may withdraw a note."""


class NoteStays(Conflict):
    """A note of somebody else, or one that is older than a day."""

    code = "note_stays"
    de = "Eine Notiz kann nur zurücknehmen, wer sie geschrieben hat, und nur innerhalb eines Tages."
    en = "A note can be withdrawn only by its author, and only within a day."


@frozen
class Note:
    """`machine_id` is "" for a note about the customer."""

    id: str
    company_id: str
    machine_id: str
    text: str
    by: StaffMember
    at: datetime

    def withdrawable(self, by: str, now: datetime) -> bool:
        """Whether this staff member may withdraw it now."""
        return by == self.by.id and now < self.at + WITHDRAWABLE
