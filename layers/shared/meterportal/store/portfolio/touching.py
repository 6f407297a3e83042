"""Items of earlier versions get what an index of changes needs: their place in it, `rev`, a machine's
`row` as it is packed today. Nothing else of them changes."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping

from meterportal.domain.portfolio.contracts import Contact, Contract
from meterportal.store import keys
from meterportal.store.items import Item
from meterportal.store.portfolio import holdings, machines
from meterportal.store.table import Table
from meterportal.store.writes import ConditionFailed, Write

_UNPACK: Mapping[str, Callable[[Item], Contact | Contract]] = {
    "CONTACT": holdings.unpack_contact,
    "CONTRACT": holdings.unpack_contract,
}
_KINDS = ("COMPANY", "CONTACT", "CONTRACT", "MACHINE")


def touch(table: Table, company_id: str) -> int:
    """Write every item of a company that does not stand in the index, or in an earlier form, into it;
    how many these were.

    One query, and one write for each. Who writes an item at the same moment has put it there.
    """
    touched = 0
    for write in list(_missing(table, company_id)):
        try:
            table.write(write)
        except ConditionFailed:
            continue
        touched += 1
    return touched


def _missing(table: Table, company_id: str) -> Iterator[Write]:
    for item in table.query(keys.company(company_id)[0]):
        kind = item["sk"].partition("#")[0]
        if kind not in _KINDS:
            continue
        listed = "changes_pk" in item
        if kind == "MACHINE":
            machine = machines.unpack(item)
            if not listed or item["row"] != machines.packed_row(machine):
                yield from machines.save(machine, seen=machine, event=None)
        elif not listed:
            yield _listed(item)


def _listed(item: Item) -> Write:
    """Its place in the list of the portfolio is set as it stands: the write is about the rest, and about
    what the ERP has to learn of it."""
    unpack = _UNPACK.get(item["sk"].partition("#")[0])
    corrected = holdings.corrected(unpack(item)) if unpack else {}
    return holdings.save_master((item["pk"], item["sk"]), corrected)._replace(
        condition="attribute_exists(pk) AND attribute_not_exists(#changes_pk)",
    )
