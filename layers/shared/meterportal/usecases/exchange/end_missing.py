"""Staff end what a full export lacks: as if the ERP had said so, by the import's own plan and writes."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import date, timedelta
from enum import StrEnum
from typing import Any

from meterportal.adapters import Adapters
from meterportal.domain.access.journal import Action, Deed, FieldChange, StaffMember
from meterportal.domain.exchange.import_runs import Import, NoFullExport, NotLatest
from meterportal.domain.exchange.imports.batch import Portion
from meterportal.domain.exchange.imports.missing import MissingRecord
from meterportal.domain.exchange.imports.planning import StoredCompany, plan
from meterportal.domain.exchange.imports.rows import ReadFile, SheetRow
from meterportal.domain.portfolio.contracts import Contact, Contract
from meterportal.domain.portfolio.holdings import Holding
from meterportal.domain.portfolio.machines import Machine
from meterportal.domain.refusals import Invalid, NotFound, Unavailable
from meterportal.settings import Moment
from meterportal.store.access import journal
from meterportal.store.exchange import import_reports, imports
from meterportal.store.exchange.import_writes import Unit, units
from meterportal.store.portfolio import holdings, machines
from meterportal.store.writes import ConditionFailed, Write

_ATTEMPTS = 5
_WRITES = 90


class Standing(StrEnum):
    """What has become of a record that a full export lacks."""

    IN_USE = "in_use"
    ENDED = "ended"
    GONE = "gone"


def standings(
    adapters: Adapters, kind: str, records: Sequence[MissingRecord], at: Moment
) -> dict[str, Standing]:
    """How the records stand now, by number. One read per hundred."""
    table, places = adapters.table, [(record.company_id, record.id) for record in records]
    in_use: dict[str, bool] = {}
    if kind == "contracts":
        found = holdings.contracts(table, places)
        in_use = {number: one.running(at.today) for number, one in found.items()}
    elif kind == "machines":
        in_use = {number: one.active for number, one in machines.load_many(table, places).items()}
    else:
        people = holdings.contacts(table, places)
        in_use = {number: one.active for (_, number), one in people.items()}
    return {record.id: _standing(in_use.get(record.id)) for record in records}


def _standing(in_use: bool | None) -> Standing:
    if in_use is None:
        return Standing.GONE
    return Standing.IN_USE if in_use else Standing.ENDED


def end_missing(
    adapters: Adapters,
    import_id: str,
    kind: str,
    numbers: Iterable[str],
    at: Moment,
    *,
    by: StaffMember,
) -> dict[str, Standing]:
    """Ends records that the latest import, a full export, lacks; returns how each stands then. What is
    ended already is no error, so a repeated request changes nothing. Per record: one query of its
    company, one transaction (more for a contract of very many machines).

    Raises NotFound, NoFullExport for a dry run or a part, NotLatest when another import has begun
    since, Invalid for a number that is not listed.
    """
    found = imports.load(adapters.table, import_id)
    if found is None:
        raise NotFound
    if found.dry_run or found.state != "done" or kind not in found.missing:
        raise NoFullExport
    wanted = dict.fromkeys(numbers)
    listed = {
        record.id: record
        for record in import_reports.every_missing(adapters.table, import_id, kind)
        if record.id in wanted
    }
    if len(listed) < len(wanted):
        raise Invalid(
            field="ids",
            de="Eine dieser Nummern steht nicht in der Liste.",
            en="One of these numbers is not in the list.",
        )
    for record in listed.values():
        _end(adapters, found, kind, record, at, by=by)
    return standings(adapters, kind, list(listed.values()), at)


def _end(
    adapters: Adapters, found: Import, kind: str, record: MissingRecord, at: Moment, by: StaffMember
) -> None:
    for _ in range(_ATTEMPTS):
        holding = holdings.load(adapters.table, record.company_id)
        made = _changes(adapters, found, kind, holding, record.id, at, by=by) if holding else []
        if not made:
            return
        try:
            for writes in _transactions(made):
                latest = imports.still_latest(found.id).named("latest")
                adapters.table.transact([latest, *writes])
        except ConditionFailed as failed:
            if failed.on("latest"):
                raise NotLatest from None
        else:
            return
    raise Unavailable


def _changes(
    adapters: Adapters,
    found: Import,
    kind: str,
    holding: Holding,
    number: str,
    at: Moment,
    *,
    by: StaffMember,
) -> list[Sequence[Write]]:
    """The writes that end a record, those that belong together in one list; none if it is not in use
    here any more."""
    portion = Portion(holding.company.id)
    contract = holding.contracts.get(number) if kind == "contracts" else None
    machine = holding.machines.get(number) if kind == "machines" else None
    contact = holding.contacts.get(number) if kind == "contacts" else None
    if contract and contract.running(at.today):
        row, deed = _contract(contract, found)
        portion.contracts.append(row)
    elif machine and machine.active:
        row, deed = _machine(machine)
        portion.machines.append(row)
    elif contact and contact.active:
        row, deed = _contact(contact)
        portion.contacts.append(row)
    else:
        return []
    stored = StoredCompany(holding.company, holding.contacts, holding.contracts, holding.machines)
    made = plan(portion, stored, since={}, away=frozenset(), released={})
    noted = journal.entries(adapters.new_number(), by, at.now, deed)
    written: Iterator[Unit] = units(made, {}, found.id, by=by.id, at=at.now)
    changes = [unit.writes for unit in written]
    # The record itself last: as long as it runs, what failed in the middle is done again.
    return [*changes[1:], [*noted, *changes[0]]] if changes else []


def _transactions(made: Sequence[Sequence[Write]]) -> Iterator[list[Write]]:
    waiting: list[Write] = []
    for writes in made:
        if waiting and len(waiting) + len(writes) > _WRITES:
            yield waiting
            waiting = []
        waiting += writes
    yield waiting


def _row(kind: str, **values: Any) -> SheetRow:
    """A row as a file of the ERP would have it."""
    sheet = ReadFile("", kind, order={name: n for n, name in enumerate(values)})
    return SheetRow(sheet, 0, tuple(values.values()))


def _contract(contract: Contract, found: Import) -> tuple[SheetRow, Deed]:
    """It ends on the day before the export, which is the last on which the ERP can have had it."""
    ends_on = date.fromisoformat(found.as_of[:10]) - timedelta(days=1)
    if contract.starts_on and ends_on < contract.starts_on:
        raise Invalid(
            field="ids",
            de=f"Der Vertrag {contract.id} hat noch nicht begonnen und kann nicht enden.",
            en=f"The contract {contract.id} has not begun yet and cannot end.",
        )
    row = _row(
        "contracts",
        id=contract.id,
        company_id=contract.company_id,
        reading_channel=(contract.channel_in_erp or contract.reading_channel).value,
        ends_on=ends_on,
    )
    before = contract.ends_on.isoformat() if contract.ends_on else None
    change = FieldChange("ends_on", before, ends_on.isoformat())
    return row, Deed(
        Action.MISSING_ENDED,
        "contract",
        contract.id,
        contract.company_id,
        contract.id,
        changes=(change,),
    )


_INACTIVE = FieldChange("active", True, False)


def _machine(machine: Machine) -> tuple[SheetRow, Deed]:
    row = _row("machines", id=machine.id, contract_id=machine.contract_id, active=False)
    return row, Deed(
        Action.MISSING_ENDED,
        "machine",
        machine.id,
        machine.company_id,
        machine.contract_id,
        machine.id,
        changes=(_INACTIVE,),
    )


def _contact(contact: Contact) -> tuple[SheetRow, Deed]:
    row = _row("contacts", id=contact.id, company_id=contact.company_id, active=False)
    return row, Deed(
        Action.MISSING_ENDED,
        "contact",
        contact.id,
        contact.company_id,
        contact_id=contact.id,
        changes=(_INACTIVE,),
    )
