"""Machines by the place at which readings were released, and where those have gone since."""

from __future__ import annotations

from collections.abc import Iterable

from meterportal.domain.exchange.exports import Place
from meterportal.domain.exchange.standing import Stood
from meterportal.store.portfolio import machines
from meterportal.store.table import Table


def load(table: Table, places: Iterable[Place]) -> dict[Place, Stood]:
    """Machines by the (company id, machine id) at which readings were released; behind each the one at the company to
    which its readings have gone since, with their contract, and so on. One read per hundred, and for those that
    have gone one more per hundred and company.
    """
    found: dict[Place, Stood] = {
        place: (machine,) for place, machine in machines.load_places(table, places).items()
    }
    for _ in range(_MOVES):
        gone = {
            place: (stood[-1].went_to, place[1])
            for place, stood in found.items()
            if stood[-1].went_to
        }
        there = machines.load_places(table, gone.values())
        further = {
            place: (*found[place], there[to])
            for place, to in gone.items()
            if to in there and there[to] not in found[place]
        }
        if not further:
            break
        found |= further
    return found


_MOVES = 10
"""How often a machine's readings are followed to another company, while lines of them wait or are not answered."""
