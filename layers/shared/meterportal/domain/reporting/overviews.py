"""What a contact is shown of the machines of a company."""

from __future__ import annotations

from collections.abc import Mapping, Set
from dataclasses import dataclass
from datetime import date

from meterportal.domain.portfolio.contracts import Company
from meterportal.domain.portfolio.machines import Machine


@dataclass(frozen=True, slots=True)
class Overview:
    """`machines` is one page in walking order; all other fields are about all machines.

    `reported` and `total` do not count machines that are excepted because of a problem, and
    unreported machines whose period is not open yet. `due_on` is the earliest due date with
    something missing, or, if nothing is missing, the earliest. `waiting` says when the periods open
    that are not open yet. `people` are the names of the company's contacts by id, `contact_id` is
    the contact who asks. `reportable` are the ids of the machines that this contact may report for;
    None: all that are listed.
    """

    company: Company
    language: str
    due_on: date | None
    reported: int
    total: int
    machines: tuple[Machine, ...]
    next_cursor: str | None
    people: Mapping[str, str]
    contact_id: str
    waiting: Mapping[str, date]
    reportable: Set[str] | None = None
