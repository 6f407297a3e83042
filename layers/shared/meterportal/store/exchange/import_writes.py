"""An import's changes as units: writes that succeed or fail together."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import field, replace
from datetime import datetime
from typing import Any

from meterportal.domain.access.mailboxes import Mailbox
from meterportal.domain.exchange.imports.faults import Fault
from meterportal.domain.exchange.imports.fitting import MachineChange
from meterportal.domain.exchange.imports.planning import CompanyPlan, Record, RecordChange
from meterportal.domain.frozen import frozen
from meterportal.domain.portfolio.contracts import Company, Contact, Contract, ReadingChannel
from meterportal.domain.portfolio.machines import fold_serial
from meterportal.domain.reporting.readings import ReadingState
from meterportal.store import keys
from meterportal.store.access import mailboxes
from meterportal.store.exchange import imports
from meterportal.store.items import Key
from meterportal.store.portfolio import histories, holdings, machines, provisional
from meterportal.store.writes import Write

Keys = set[Key]


@frozen
class Unit:
    """The writes of one record for one transaction, with counts of the changes by (kind, status).

    `company_id` is the company of the import to which they belong. `size` is about how many bytes
    they carry. `faults` are findings that only the state before the change shows.
    """

    company_id: str
    writes: tuple[Write, ...]
    counts: Counter[tuple[str, str]] = field(default_factory=Counter)
    size: int = 1000
    faults: tuple[Fault, ...] = ()

    @property
    def keys(self) -> Keys:
        return {_key(write) for write in self.writes}


def _key(write: Write) -> Key:
    if write.put is not None:
        return write.put["pk"], write.put["sk"]
    assert write.key is not None, "a write has an item or a key"
    return write.key


def units(
    plan: CompanyPlan, boxes: Mapping[str, Mailbox], import_id: str, *, by: str, at: datetime
) -> Iterator[Unit]:
    """The plan's changes in the order in which they must be written.

    `boxes` are the mailboxes, as just read, of contacts that leave another company.
    """
    for change in plan.records:
        unit = _record(change, boxes, at)
        yield replace(unit, counts=Counter()) if change.own else unit
    for machine in plan.machines:
        yield _machine(machine, import_id, by=by, at=at)
    for change in plan.last:
        yield _record(change, boxes, at)


def _record(change: RecordChange, boxes: Mapping[str, Mailbox], at: datetime) -> Unit:
    match change.record:
        case Company():
            return _company(change.record, new=change.seen is None)
        case Contact():
            seen = change.seen if isinstance(change.seen, Contact) else None
            former = change.left if isinstance(change.left, Contact) else None
            return _contact(change.record, seen, former, boxes, at)
        case Contract():
            left = change.left if isinstance(change.left, Contract) else None
            before = change.seen if isinstance(change.seen, Contract) else None
            return _contract(change.record, before, left=left, at=at)


def _company(company: Company, *, new: bool) -> Unit:
    write = _saved(keys.company(company.id), holdings.company_master(company), company, new=new)
    return Unit(company.id, (write,), _once("companies", new=new))


def _contact(
    contact: Contact,
    seen: Contact | None,
    left: Contact | None,
    boxes: Mapping[str, Mailbox],
    at: datetime,
) -> Unit:
    """A contact with its pointer and its entry in the list of its mailbox.

    If it comes from another company, the same transaction removes it there.
    """
    key = keys.contact(contact.company_id, contact.id)
    write = _saved(key, holdings.contact_master(contact), contact, new=seen is None)
    writes = [_unless_written(write, seen) if seen else write]
    if seen is None:
        writes.append(imports.point("CONTACT", contact.id, contact.company_id))
    if left:
        writes += holdings.take_away(keys.contact(left.company_id, left.id), rev=left.rev, at=at)
    if left and left.mailbox and left.mailbox == contact.mailbox:
        writes.append(_relist(boxes[left.mailbox], left, contact))
    else:
        before = seen.mailbox if seen else None
        for gone in (left, seen):
            if gone and gone.mailbox and (gone is left or gone.mailbox != contact.mailbox):
                writes.append(mailboxes.unlist_contact(gone.company_id, gone.id, gone.mailbox))
        if contact.mailbox and contact.mailbox != before:
            writes.append(mailboxes.list_contact(contact))
    new = seen is None and left is None
    return Unit(contact.company_id, tuple(writes), _once("contacts", new=new))


def _unless_written(write: Write, seen: Contact) -> Write:
    """Fails when anybody wrote the contact meanwhile (staff corrected an address, and that has written
    the mailbox's list, too): then the company is planned again.
    """
    test = "#rev = :seen" if seen.rev else "attribute_not_exists(#rev)"
    values = {"seen": seen.rev} if seen.rev else {}
    condition = f"{write.condition} AND {test}"
    return write._replace(condition=condition, values={**write.values, **values})


def _unless_handed_over(write: Write, seen: Contract) -> Write:
    """Fails when staff approved a successor meanwhile, or set another channel: then the company is
    planned again and what staff did stays.
    """
    condition = f"{write.condition} AND #reporters = :before AND #reading_channel = :channel"
    stood = {"before": list(seen.reporters), "channel": seen.reading_channel.value}
    return write._replace(condition=condition, values={**write.values, **stood})


def _relist(box: Mailbox, left: Contact, came: Contact) -> Write:
    """Replaces the whole list of a mailbox, because one transaction cannot add to an item and
    remove from it in two writes.
    """
    old, new = ((c.company_id, c.id) for c in (left, came))
    after = {f"{company}/{contact}" for company, contact in (box.listed - {old}) | {new}}
    if not box.listed:
        return mailboxes.list_contact(came)
    before = {f"{company}/{contact}" for company, contact in box.listed}
    return Write(
        key=keys.mailbox(box.address),
        update="SET #listed = :after",
        condition="#listed = :before",
        values={"after": after, "before": before},
    )


def _contract(
    contract: Contract, seen: Contract | None, *, left: Contract | None, at: datetime
) -> Unit:
    new = seen is None
    key = keys.contract(contract.company_id, contract.id)
    write = _saved(key, holdings.contract_master(contract), contract, new=new)
    writes = [_unless_handed_over(write, seen) if seen else write]
    if new:
        writes.append(imports.point("CONTRACT", contract.id, contract.company_id))
    if left:
        writes += holdings.take_away(keys.contract(left.company_id, left.id), rev=left.rev, at=at)
    return Unit(contract.company_id, tuple(writes), _once("contracts", new=new and left is None))


def _machine(change: MachineChange, import_id: str, *, by: str, at: datetime) -> Unit:
    machine, seen, left = change.machine, change.seen, change.left
    event = None
    if change.entries:
        event = {
            "event": "imported",
            "at": at.isoformat(timespec="milliseconds"),
            "by": by,
            "channel": "IMPORT",
            "import_id": import_id,
            "entries": change.entries,
        }
    writes = machines.save(machine, seen=seen, event=event)
    if seen is None or left:
        writes.append(imports.point("MACHINE", machine.id, machine.company_id, since=change.since))
    if left and change.closed:
        writes += machines.save(change.closed, seen=left, event=None)
    former = left or seen
    before = former.serial if former else ""
    if change.brought:
        writes.append(_taken_over(change, by=by, at=at))
        writes += provisional.take_over(change.brought, machine.id, at=at)
    if fold_serial(before) != fold_serial(machine.serial):
        if before:
            writes.append(imports.let_go(before, machine.id))
        if machine.serial and not change.brought:
            writes.append(provisional.hold(machine.serial, machine.id, beside=change.beside))
    held = sum(len(meter.history) for meter in machine.meters)
    return Unit(
        machine.company_id,
        tuple(writes),
        Counter({c: n for c, n in change.counts.items() if c[1] != "unchanged"}),
        size=2000 + 30 * held + 150 * len(change.entries) + 500 * len(machine.readings),
        faults=tuple(change.faults),
    )


def _taken_over(change: MachineChange, *, by: str, at: datetime) -> Write:
    """The history row that says from when on a provisional machine has the ERP's number: its start and
    what waits, told anew under it. What the import itself brings follows under the next version."""
    machine = change.machine
    kept = [one for one in machine.readings if one.state is ReadingState.REPORTED]
    event = machines.event("merged", kept, at=at, by=by, channel=ReadingChannel.TECHNICIAN)
    event["entries"] = [*machines.start_entries(machine), *event["entries"]]
    version = machine.version - (1 if change.entries else 0)
    assert change.brought is not None, "a machine takes the place of another"
    told = replace(machine, version=version)
    return histories.added(told, event, behind=change.brought.written_at)


def _saved(key: Key, master: Mapping[str, Any], record: Record, *, new: bool) -> Write:
    """Creates a record only if it does not exist, and updates it only if it does: an update must
    not create a record again that has moved to another company.
    """
    if new:
        return holdings.make(key, master, rev=record.rev)
    return holdings.save_master(key, master)._replace(condition="attribute_exists(pk)")


def _once(kind: str, *, new: bool) -> Counter[tuple[str, str]]:
    return Counter({(kind, "new" if new else "changed"): 1})
