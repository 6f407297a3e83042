"""The list of contracts for scripts: who reports, how far the period has come, what stands in the way.

It goes through the companies as they lie in the index, and an answer ends when it has looked at so many
rows or read so many companies, however large the portfolio: a rare state comes in pages that are not
full. (The console lives on the snapshot.)
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from typing import NamedTuple

from meterportal.adapters import Adapters
from meterportal.domain.access.mailboxes import Mailbox
from meterportal.domain.access.permissions import granted
from meterportal.domain.frozen import frozen
from meterportal.domain.portfolio import readiness
from meterportal.domain.portfolio.contracts import Company, Contact, Contract, reporters_of
from meterportal.domain.portfolio.holdings import Holding
from meterportal.domain.portfolio.progress import Progress, progress
from meterportal.domain.portfolio.readiness import Readiness
from meterportal.domain.portfolio.selections import Filter, Selection
from meterportal.settings import Moment
from meterportal.store.access import mailboxes
from meterportal.store.portfolio import holdings
from meterportal.usecases.portfolio.select_contracts import Meant, means, places

LOOKED_AT = 4_000
"""Rows of the index (companies, contacts, contracts) that one answer may look at."""

LOADED = 100
"""Companies that one answer may read with their machines."""

_AHEAD = 20
"""Companies read together at most: a query each, one read for their reporters' mailboxes."""


_PAGE = 1_000
"""Rows of the index that a request reads: an answer that ends early has paid for little more."""


class ListPosition(NamedTuple):
    """Behind which contract an answer ended: its company's place in the index, due date ("~": none) and
    number. Without a due date: behind the whole company."""

    shard: int
    company_id: str
    due_on: str = ""
    contract_id: str = ""


@frozen
class Reporter:
    """`granted`: has the right to report and the claim on the address."""

    contact: Contact
    granted: bool


@frozen
class ListedContract:
    """A contract with what is around it. `shard` is that of its company."""

    shard: int
    company: Company
    contract: Contract
    reporters: tuple[Reporter, ...]
    progress: Progress
    readiness: Readiness

    @property
    def asked(self) -> bool:
        """Whether a contact was asked for the current period."""
        return bool(self.contract.asked) and self.contract.asked_for == self.contract.due_on

    @property
    def position(self) -> ListPosition:
        return ListPosition(self.shard, self.company.id, _due(self.contract), self.contract.id)


def list_contracts(
    adapters: Adapters, wanted: Filter, at: Moment, *, limit: int, after: ListPosition | None
) -> tuple[list[ListedContract], ListPosition | None]:
    """Up to `limit` contracts, those of an answer by due date and company; and where the next answer
    begins (None: this was the last). One query a company shown, and those of the index."""
    fits = means(Selection(filter=wanted))
    shown: list[ListedContract] = []
    waiting: list[tuple[int, str]] = []
    looked = loaded = 0
    reached = after
    for shard, people in _companies(adapters, wanted, after):
        looked += 1 + len(people.contacts) + len(people.contracts)
        reached = ListPosition(shard, people.company.id)
        if any(fits(one, people.company) for one in people.contracts.values()):
            waiting.append((shard, people.company.id))
            loaded += 1
        over = looked >= LOOKED_AT or loaded >= LOADED
        if over or len(waiting) >= min(_AHEAD, limit):
            shown += _shown(adapters, waiting, fits, wanted, at, after)
            waiting = []
        if len(shown) > limit:
            return _by_due_date(shown[:limit]), shown[limit - 1].position
        if over:
            return _by_due_date(shown), reached
    shown += _shown(adapters, waiting, fits, wanted, at, after)
    rest = shown[limit - 1].position if len(shown) > limit else None
    return _by_due_date(shown[:limit]), rest


def _companies(
    adapters: Adapters, wanted: Filter, after: ListPosition | None
) -> Iterator[tuple[int, Holding]]:
    """(shard, company with its people and contracts), beginning with the one in whose middle the last
    answer ended."""
    where = places(adapters, Selection(filter=wanted))
    if where.companies is not None:
        found = (holdings.people(adapters.table, number) for number in where.companies)
        yield from ((0, holding) for holding in found if holding is not None)
        return
    if after and after.due_on and (begun := holdings.people(adapters.table, after.company_id)):
        yield after.shard, begun
    place = (after.shard, after.company_id) if after else (0, "")
    yield from holdings.everybody_behind(adapters.table, place, page=_PAGE)


def _shown(
    adapters: Adapters,
    companies: Sequence[tuple[int, str]],
    fits: Meant,
    wanted: Filter,
    at: Moment,
    after: ListPosition | None,
) -> Iterator[ListedContract]:
    """The contracts of these companies as they stand now, company by company, by due date."""
    now: list[tuple[int, Holding, Contract]] = []
    for shard, company_id in companies:
        holding = holdings.load(adapters.table, company_id)
        if holding is not None:
            meant = (one for one in holding.contracts.values() if fits(one, holding.company))
            own = sorted(meant, key=lambda c: (_due(c), c.id))
            now += [(shard, holding, contract) for contract in own]
    boxes = mailboxes.load_many(adapters.table, _addresses(now))
    for shard, holding, contract in now:
        listed = _listed(shard, holding, contract, boxes, at.today)
        begun = after is not None and after.company_id == holding.company.id and after.due_on
        if begun and after is not None and listed.position <= after:
            continue
        if wanted.state is None or listed.progress.state == wanted.state:
            yield listed


def _by_due_date(shown: Sequence[ListedContract]) -> list[ListedContract]:
    return sorted(shown, key=lambda one: (_due(one.contract), one.company.id, one.contract.id))


def _addresses(now: Sequence[tuple[int, Holding, Contract]]) -> set[str]:
    return {
        contact.mailbox
        for _, holding, contract in now
        for contact in reporters_of(contract, holding.contacts)
        if contact.mailbox
    }


def _listed(
    shard: int, holding: Holding, contract: Contract, boxes: Mapping[str, Mailbox], today: date
) -> ListedContract:
    machines = [m for m in holding.machines.values() if m.contract_id == contract.id]
    contacts = holding.contacts
    return ListedContract(
        shard,
        holding.company,
        contract,
        tuple(
            Reporter(contact, granted(contact, boxes.get(contact.mailbox or "")))
            for contact in reporters_of(contract, contacts)
        ),
        progress(machines),
        readiness.judge(contract, contacts, boxes, today, machines=machines),
    )


def _due(contract: Contract) -> str:
    return contract.due_on.isoformat() if contract.due_on else "~"
