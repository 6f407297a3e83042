"""What became of a message that came in: reported, a task for staff, or ignored; always with a reason."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import field
from datetime import date, datetime
from enum import StrEnum

from meterportal.domain.frozen import frozen
from meterportal.domain.refusals import Conflict

LONGEST_SHOWN = 20_000
"""Characters of a text that staff are shown."""

MOST_MACHINES = 20
"""Machines whose values one message may report by itself, all in one transaction."""


class Outcome(StrEnum):
    REPORTED = "reported"
    TASK = "task"
    IGNORED = "ignored"


class TaskState(StrEnum):
    """done: read, or its values taken over; dismissed: nothing had to be done."""

    OPEN = "open"
    DONE = "done"
    DISMISSED = "dismissed"


class TaskDecided(Conflict):
    """Somebody has finished the task otherwise. Facts: `state`."""

    code = "answer_decided"
    de = "Diese Antwort ist inzwischen erledigt."
    en = "This answer has been finished meanwhile."


@frozen
class ArrivedMail:
    """A message and its end. What staff need to see is there where `state` says that they have to look;
    of an ignored one only its number and reason.

    `values` are proposed by machine and meter, and stored already where the outcome is reported; `text`
    is all of the writer's text, `company_id` and `contact_id` are "" where nobody is known.
    """

    id: str
    outcome: Outcome
    reason: str
    arrived_at: datetime
    state: TaskState | None = None
    device: bool = False
    sender: str = ""
    subject: str = ""
    text: str = ""
    attachments: tuple[str, ...] = ()
    company_id: str = ""
    contact_id: str = ""
    values: Mapping[str, Mapping[str, int]] = field(default_factory=dict)
    read_on: date | None = None
    day: date | None = None
    doubts: tuple[str, ...] = ()
    decided_at: datetime | None = None
    decided_by: str = ""
    note: str = ""

    @property
    def file(self) -> str:
        """Where SES has stored the message itself; it lies there for two weeks."""
        return f"mails/{self.id}"


def shortened(text: str) -> str:
    """A text as staff are shown it; one that is cut says so."""
    return text if len(text) <= LONGEST_SHOWN else f"{text[:LONGEST_SHOWN]}\n[…]"
