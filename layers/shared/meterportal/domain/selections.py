"""Selections: what staff chose, by numbers or by filter."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date

from meterportal.domain.contracts import Contract, ReadingChannel


@dataclass(frozen=True, slots=True)
class Filter:
    """Conditions that all must hold; None leaves one open. An empty filter is everything.

    `due_before` includes the day itself. `state` is a machine's state where machines are chosen.
    """

    company_id: str | None = None
    contract_id: str | None = None
    reading_channel: ReadingChannel | None = None
    due_before: date | None = None
    state: str | None = None

    def fits(self, contract: Contract) -> bool:
        """Whether a contract is meant; `state` is not a contract's own and is looked at elsewhere."""
        if self.company_id is not None and contract.company_id != self.company_id:
            return False
        if self.contract_id is not None and contract.id != self.contract_id:
            return False
        if (
            self.reading_channel is not None
            and contract.reading_channel is not self.reading_channel
        ):
            return False
        due_on = contract.due_on
        return self.due_before is None or (due_on is not None and due_on <= self.due_before)


@dataclass(frozen=True, slots=True)
class Selection:
    """Either `ids` (None: not by numbers) with the versions seen, or a filter less exceptions.

    For releases by filter `snapshot` is the id of the dry run that the clerk saw.
    """

    ids: tuple[str, ...] | None = None
    versions: Mapping[str, int] = field(default_factory=dict)
    filter: Filter | None = None
    snapshot: str | None = None
    exceptions: frozenset[str] = frozenset()

    def spelled(self) -> str:
        """The selection as text, the same for equal selections in every process."""
        return repr(
            (
                self.ids,
                sorted(self.versions.items()),
                self.filter,
                self.snapshot,
                sorted(self.exceptions),
            )
        )
