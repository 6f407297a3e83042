"""The statistics of a month beside the one before, and its companies."""

from __future__ import annotations

import gzip
import json
from collections.abc import Mapping
from datetime import datetime

from meterportal.adapters import Adapters
from meterportal.domain.frozen import frozen
from meterportal.domain.mailing.rounds import Round
from meterportal.domain.portfolio.contracts import Company
from meterportal.domain.portfolio.statistics import CompanyResponse, MonthStatistics, Response
from meterportal.settings import Moment
from meterportal.store.mailing import rounds
from meterportal.store.portfolio import holdings, statistics
from meterportal.usecases.portfolio.count_statistics import companies_key

MONTHS = 36
"""How many months can be chosen."""


@frozen
class CountedMonth:
    """A month as it was counted; `rounds` are those that it tells of, as far as they are kept."""

    month: str
    counted_at: datetime
    told: MonthStatistics
    rounds: Mapping[str, Round]


@frozen
class ShownStatistics:
    """`months` can be chosen, the newest first; None: nothing was due or counted in it."""

    months: list[str]
    month: str
    this: CountedMonth | None
    before: CountedMonth | None


def show_statistics(adapters: Adapters, at: Moment, month: str | None) -> ShownStatistics:
    """The month asked for, or today's. One query, one read per hundred rounds."""
    wanted = month or f"{at.today:%Y-%m}"
    counted = {one[0]: one for one in statistics.newest(adapters.table, most=MONTHS)}
    earlier = max((one for one in counted if one < wanted), default="")
    shown = [counted[one] for one in (wanted, earlier) if one in counted]
    numbers = {one.round_id for _, _, told in shown for one in told.rounds}
    found = rounds.load_many(adapters.table, numbers)

    def of(name: str) -> CountedMonth | None:
        return CountedMonth(*counted[name], found) if name in counted else None

    return ShownStatistics(sorted(counted, reverse=True), wanted, of(wanted), of(earlier))


@frozen
class CountedCompany:
    response: CompanyResponse
    company: Company | None


def show_companies(
    adapters: Adapters, month: str, *, start: int, limit: int
) -> tuple[list[CountedCompany], bool]:
    """Companies of a month from a place on, and whether there are more. A file, one read per hundred."""
    content = adapters.files.find(adapters.settings.portfolio_bucket, companies_key(month))
    rows = json.loads(gzip.decompress(content)) if content else []
    page = [
        CompanyResponse(company_id, due, done, Response(*response), estimated, in_a_row)
        for company_id, due, done, response, estimated, in_a_row in rows[start : start + limit]
    ]
    known = holdings.companies(adapters.table, {one.company_id for one in page})
    return [CountedCompany(one, known.get(one.company_id)) for one in page], len(
        rows
    ) > start + limit
