"""The rows of several machines in one row of the index of changes, which tells of them together."""

from __future__ import annotations

from collections.abc import Iterable

from meterportal.domain.portfolio.machine_rows import packed_machine
from meterportal.domain.portfolio.machines import Machine
from meterportal.store.packing import packed


def pack(several: Iterable[Machine]) -> bytes:
    """As the index `changes` holds a row, machine by machine."""
    rows = [
        [
            *(machine.company_id, machine.id, machine.rev, machine.contract_id, machine.version),
            *(machine.state, machine.due_on.isoformat() if machine.due_on else ""),
            *packed_machine(machine),
        ]
        for machine in several
    ]
    return packed(rows)
