"""Counts what is reported and what is still to be, at each company of a mailbox."""

from __future__ import annotations

from meterportal.adapters import Adapters
from meterportal.domain.access.permissions import entrusted_of
from meterportal.domain.frozen import frozen
from meterportal.domain.portfolio.progress import reported_of
from meterportal.domain.reporting import periods
from meterportal.settings import Moment
from meterportal.store.access import sessions
from meterportal.store.portfolio import holdings
from meterportal.usecases.access.sign_in import SignedIn
from meterportal.usecases.mailing.schedule_now import grace_now

MOST = 40
"""Highest number of companies that one answer counts."""


@frozen
class Counted:
    """Machines of one company that the contact has `reported` in their periods, and that are `open`: to
    be reported now."""

    reported: int
    open: int


def open_at_companies(adapters: Adapters, at: Moment, signed_in: SignedIn) -> dict[str, Counted]:
    """What the contact has reported and is to report now, by company, for the first `MOST` companies.

    One read for each company that is not loaded already, and one more.
    """
    claims = sessions.surroundings(adapters.table, signed_in.session).mailbox.claims
    grace = grace_now(adapters)
    counts = {}
    for company in signed_in.companies[:MOST]:
        loaded = signed_in.holding
        if loaded is None or loaded.company.id != company.id:
            loaded = holdings.outlined(adapters.table, company.id)
        contact = loaded.contacts.get(claims.get(company.id, "")) if loaded else None
        if loaded is not None and contact is not None:
            mine = entrusted_of(loaded.outlines, contact, loaded)
            waiting = periods.waiting(mine, loaded.contracts, today=at.today, grace=grace)
            reported, total = reported_of(mine, waiting)
            counts[company.id] = Counted(reported, total - reported)
    return counts
