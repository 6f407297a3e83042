"""An import's changes as writes: what must succeed or fail together, in units."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime

from meterportal.domain.contracts import Company, Contact, Contract
from meterportal.domain.imports.doubts import fold_serial
from meterportal.domain.imports.faults import Fault
from meterportal.domain.imports.fitting import MachineChange
from meterportal.domain.imports.planning import Plan, RecordChange
from meterportal.store import imports, keys, machines, mailboxes, portfolio
from meterportal.store.mailboxes import Mailbox
from meterportal.store.table import Key, Write


@dataclass(frozen=True, slots=True)
class Unit:
    """Writes of one record that belong into one transaction, and what they change by (kind, status).

    `company_id` names the part of the import that they belong to. `size` is about how many bytes they carry. `faults` can be found only before the change.
    """

    company_id: str
    writes: tuple[Write, ...]
    counts: Counter[tuple[str, str]] = field(default_factory=Counter)
    size: int = 1000
    faults: tuple[Fault, ...] = ()

    @property
    def keys(self) -> set[Key]:
        return {_key(write) for write in self.writes}


def _key(write: Write) -> Key:
    if write.put is not None:
        return write.put["pk"], write.put["sk"]
    assert write.key is not None, "a write has an item or a key"
    return write.key


def units(
    plan: Plan, boxes: Mapping[str, Mailbox], import_id: str, *, by: str, at: datetime
) -> Iterator[Unit]:
    """The plan's changes in the order in which they must be written.

    `boxes` are the mailboxes, as just read, of contacts that leave another company.
    """
    for change in plan.records:
        unit = _record(change, boxes)
        yield replace(unit, counts=Counter()) if change.own else unit
    for machine in plan.machines:
        yield _machine(machine, import_id, by=by, at=at)
    for change in plan.last:
        yield _record(change, boxes)


def _record(change: RecordChange, boxes: Mapping[str, Mailbox]) -> Unit:
    match change.record:
        case Company():
            return _company(change.record, new=change.seen is None)
        case Contact():
            seen = change.seen if isinstance(change.seen, Contact) else None
            former = change.left if isinstance(change.left, Contact) else None
            return _contact(change.record, seen, former, boxes)
        case Contract():
            left = change.left if isinstance(change.left, Contract) else None
            before = change.seen if isinstance(change.seen, Contract) else None
            return _contract(change.record, before, left=left)


def _company(company: Company, *, new: bool) -> Unit:
    write = portfolio.save_master(keys.company(company.id), portfolio.company_master(company))
    return Unit(company.id, (_guarded(write, new=new),), _once("companies", new=new))


def _contact(
    contact: Contact, seen: Contact | None, left: Contact | None, boxes: Mapping[str, Mailbox]
) -> Unit:
    """A contact with its pointer and its place in the list of its mailbox.

    One that comes from another company is taken away there in the same breath.
    """
    key = keys.contact(contact.company_id, contact.id)
    write = _guarded(
        portfolio.save_master(key, portfolio.contact_master(contact)), new=seen is None
    )
    writes = [_unless_readdressed(write, seen) if seen else write]
    if seen is None:
        writes.append(imports.point("CONTACT", contact.id, contact.company_id))
    if left:
        writes.append(Write(key=keys.contact(left.company_id, left.id), delete=True))
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


def _unless_readdressed(write: Write, seen: Contact) -> Write:
    """Whoever changed the address meanwhile has listed it, too: then look again."""
    test, values = "attribute_type(#mailbox, :unset)", {"unset": "NULL"}
    if seen.mailbox is not None:
        test, values = "#mailbox = :before", {"before": seen.mailbox}
    condition = f"{write.condition} AND {test}"
    return replace(write, condition=condition, values={**write.values, **values})


def _unless_handed_over(write: Write, seen: Contract) -> Write:
    """Staff may have agreed to a successor meanwhile: then look again, so that they stay."""
    condition = f"{write.condition} AND #reporters = :before"
    return replace(
        write, condition=condition, values={**write.values, "before": list(seen.reporters)}
    )


def _relist(box: Mailbox, left: Contact, came: Contact) -> Write:
    """One row cannot take and lose an entry in one transaction: its list is replaced as a whole."""
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


def _contract(contract: Contract, seen: Contract | None, *, left: Contract | None) -> Unit:
    new = seen is None
    key = keys.contract(contract.company_id, contract.id)
    write = portfolio.save_master(key, portfolio.contract_master(contract))
    write = _guarded(write, new=new)
    writes = [_unless_handed_over(write, seen) if seen else write]
    if new:
        writes.append(imports.point("CONTRACT", contract.id, contract.company_id))
    if left:
        writes.append(Write(key=keys.contract(left.company_id, left.id), delete=True))
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
    if fold_serial(before) != fold_serial(machine.serial):
        if before:
            writes.append(imports.let_go(before, machine.id))
        if machine.serial:
            writes.append(imports.hold(machine.serial, machine.id))
    held = sum(len(meter.history) for meter in machine.meters)
    return Unit(
        machine.company_id,
        tuple(writes),
        Counter({c: n for c, n in change.counts.items() if c[1] != "unchanged"}),
        size=2000 + 30 * held + 150 * len(change.entries) + 500 * len(machine.readings),
        faults=tuple(change.faults),
    )


def _guarded(write: Write, *, new: bool) -> Write:
    """A record is made once, and what has moved away is not made again by an update."""
    if not new:
        return replace(write, condition="attribute_exists(pk)")
    assert write.key is not None, "master data are saved by key"
    item = {"pk": write.key[0], "sk": write.key[1], **write.values}
    return Write(put=item, condition="attribute_not_exists(pk)")


def _once(kind: str, *, new: bool) -> Counter[tuple[str, str]]:
    return Counter({(kind, "new" if new else "changed"): 1})
