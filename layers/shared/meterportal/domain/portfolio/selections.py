"""Selections: what staff chose, by numbers or by filter."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import field, fields
from datetime import date

from meterportal.domain.frozen import frozen
from meterportal.domain.portfolio.contracts import Company, Contract, ReadingChannel
from meterportal.domain.portfolio.snapshots import folded
from meterportal.domain.portfolio.work_states import WorkState, asked_now


@frozen
class Filter:
    """Conditions that all must hold; None means no condition. An empty filter selects everything.

    `due_before` includes the day itself. `state` is a machine's state, for selections of machines.

    The others are those of the console's list of contracts: `words` stand each in the number or name of
    the contract, or in the company's name or city; `reading_channels` and `states` name several, one of
    which must hold; contracts that have ended before `running_on` are left out; `asked`: whether somebody
    was asked for the current period.
    """

    company_id: str | None = None
    contract_id: str | None = None
    reading_channel: ReadingChannel | None = None
    due_before: date | None = None
    state: str | None = None
    words: str | None = None
    reading_channels: frozenset[ReadingChannel] = frozenset()
    states: frozenset[WorkState] = frozenset()
    running_on: date | None = None
    asked: bool | None = None

    @property
    def needs_machines(self) -> bool:
        """Whether what a contract itself says does not decide."""
        return self.state is not None or bool(self.states)

    def spelled(self) -> str:
        """The conditions as text; the same for equal filters in every process, which the order of a set
        is not."""
        given = ((one.name, getattr(self, one.name)) for one in fields(self))
        return repr([(n, sorted(v) if isinstance(v, frozenset) else v) for n, v in given])

    def fits(self, contract: Contract, company: Company) -> bool:
        """Whether a contract is selected, `state` and `states` aside: they need its machines."""
        if self.company_id is not None and contract.company_id != self.company_id:
            return False
        if self.contract_id is not None and contract.id != self.contract_id:
            return False
        if (
            self.reading_channel is not None
            and contract.reading_channel is not self.reading_channel
        ):
            return False
        if self.reading_channels and contract.reading_channel not in self.reading_channels:
            return False
        if self.asked is not None and asked_now(contract) is not self.asked:
            return False
        ends_on = contract.ends_on
        if self.running_on is not None and ends_on is not None and ends_on < self.running_on:
            return False
        due_on = contract.due_on
        if self.due_before is not None and (due_on is None or due_on > self.due_before):
            return False
        return self.words is None or self._says(contract, company, self.words)

    @staticmethod
    def _says(contract: Contract, company: Company, words: str) -> bool:
        texts = [folded(t) for t in (contract.id, contract.name, company.name, company.city)]
        return all(any(word in text for text in texts) for word in folded(words).split())


@frozen
class Selection:
    """Either `ids` (None: not by numbers) with the versions seen, or a filter without some
    exceptions.

    For releases by filter `snapshot` is the id of the dry run that staff saw. `due_or_not`: a filter means
    all that match, as if they were named one by one.
    """

    ids: tuple[str, ...] | None = None
    versions: Mapping[str, int] = field(default_factory=dict)
    filter: Filter | None = None
    snapshot: str | None = None
    exceptions: frozenset[str] = frozenset()
    due_or_not: bool = False

    @property
    def as_selected(self) -> bool:
        """Whether a round asks what is selected, due or not."""
        return self.ids is not None or self.due_or_not

    def spelled(self) -> str:
        """The selection as text; the same for equal selections in every process."""
        return repr(
            (
                self.ids,
                sorted(self.versions.items()),
                self.filter.spelled() if self.filter else None,
                self.snapshot,
                sorted(self.exceptions),
                self.due_or_not,
            )
        )
