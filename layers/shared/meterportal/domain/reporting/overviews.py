"""What a contact is shown of the machines of a company."""

from __future__ import annotations

from collections.abc import Mapping, Sequence, Set
from datetime import date

from meterportal.domain.frozen import frozen
from meterportal.domain.portfolio.contracts import Company
from meterportal.domain.portfolio.outlines import OverviewMachine


@frozen
class Facts:
    """What is said of all machines that the contact reports for.

    `reported` and `total` do not count machines that are excepted because of a problem, and
    unreported machines whose period is not open yet. `due_on` is the earliest due date with
    something missing, or, if nothing is missing, the earliest. `opens_on` is the first day on which a
    machine's period opens that is not open yet.
    """

    due_on: date | None
    opens_on: date | None
    reported: int
    total: int


@frozen
class Behind:
    """Where an overview goes on: with the machines whose number comes after `after`. The facts are
    those of the first page."""

    after: str
    facts: Facts


@frozen
class Overview:
    """`machines` is one page, in walking order. The first page holds the first of all; its `order` are
    the ids of the others. The pages behind it go through all machines by stretches of their numbers,
    those of the first page among them. `behind` is None on the last page.

    `waiting` says when the periods of machines open that are not open yet. `people` are the names of
    the company's contacts by id, `contact_id` is the contact who asks. `reportable` are the ids of the
    machines that this contact may report for; None: all that are listed.
    """

    company: Company
    language: str
    facts: Facts
    machines: Sequence[OverviewMachine]
    people: Mapping[str, str]
    contact_id: str
    waiting: Mapping[str, date]
    reportable: Set[str] | None = None
    order: tuple[str, ...] = ()
    behind: Behind | None = None
