"""Everything that is stored about a contact, in pieces of bounded work: for the export of a person's
data, and for the dry run of an erasure."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import asdict
from itertools import islice
from typing import Any

from meterportal.adapters import Adapters
from meterportal.domain.access.erasures import ErasurePiece, Person
from meterportal.domain.access.journal import Action, Deed, StaffMember
from meterportal.domain.access.traces import TraceKind, single_rounds
from meterportal.domain.exchange.imports.report_rows import ReportRow
from meterportal.domain.portfolio.contracts import Contact
from meterportal.domain.portfolio.notes import Note
from meterportal.domain.refusals import NotFound
from meterportal.settings import Moment
from meterportal.store.access import erasures, journal, mailboxes, owners
from meterportal.store.exchange import import_reports, imports
from meterportal.store.mailing import rounds
from meterportal.store.portfolio import holdings, machines, notes
from meterportal.store.reporting import photos, problems
from meterportal.usecases.access.person_in_lists import (
    answers_behind,
    names_person,
    requests_behind,
    without_person,
)

_LONGEST_ID = 64
ROUNDS, MACHINES, ENTRIES, NOTES, IMPORTS = 100, 25, 500, 500, 3
"""How much of each kind a piece looks at."""

Rows = dict[str, list[dict[str, Any]]]
"""What was found, by kind."""

Found = tuple[Rows, str]
"""What was found, and the place where the piece goes on ("": it is over)."""


def find_person(adapters: Adapters, contact_id: str) -> Person:
    """A contact by number. Two reads. Raises NotFound."""
    wanted = [contact_id] if len(contact_id) <= _LONGEST_ID else []
    company_id = holdings.companies_of(adapters.table, "CONTACT", wanted).get(contact_id)
    if company_id is None:
        raise NotFound
    return person_at(adapters, company_id, contact_id)


def person_at(adapters: Adapters, company_id: str, contact_id: str) -> Person:
    """A contact of a company, with whether somebody else stands at the address. Raises NotFound."""
    place = (company_id, contact_id)
    contact = holdings.contacts(adapters.table, [place]).get(place)
    if contact is None:
        raise NotFound
    former = _former(contact)
    boxes = mailboxes.load_many(adapters.table, {*former, contact.mailbox or ""} - {""})
    free = {address for address, box in boxes.items() if not box.listed - {place}}
    alone = not contact.mailbox or contact.mailbox in free
    return Person(contact, alone, tuple(one for one in former if one in free))


def _former(contact: Contact) -> list[str]:
    """Addresses that the contact had before. What the ERP still says is one of them; of corrections by
    earlier versions nothing else is known."""
    from meterportal.mail.addresses import mailbox  # what it needs costs a start too much

    in_erp = mailbox(contact.email_in_erp)[0] if contact.email_in_erp else None
    known = {*contact.former_mailboxes, in_erp} - {None, contact.mailbox}
    return sorted(one for one in known if one)


def read_data(
    adapters: Adapters, person: Person, piece: ErasurePiece, after: str
) -> tuple[Rows, tuple[ErasurePiece, str] | None]:
    """What a piece holds behind a place of it, and where to go on (None: this was the last)."""
    found, rest = _READERS.get(piece, _nothing)(adapters, person, after)
    if rest:
        return found, (piece, rest)
    following = piece.next
    return found, (following, "") if following and following in _READERS else None


def note_export(adapters: Adapters, at: Moment, contact: Contact, by: StaffMember) -> None:
    """Puts the export of a person's data into the journal."""
    deed = Deed(
        Action.DATA_EXPORTED, "contact", contact.id, contact.company_id, contact_id=contact.id
    )
    adapters.table.transact(journal.entries(adapters.new_number(), by, at.now, deed))


def _nothing(_adapters: Adapters, _person: Person, _after: str) -> Found:
    return {}, ""


def _account(adapters: Adapters, person: Person, _after: str) -> Found:
    contact = person.contact
    card = asdict(contact)
    del card["rev"]
    told: Rows = {"person": [card], "contracts": list(_contracts(adapters, contact))}
    for address in person.addresses:
        for kind, rows in _at_address(adapters, address).items():
            told.setdefault(kind, []).extend(rows)
    return told, ""


def _at_address(adapters: Adapters, address: str) -> Rows:
    """What stands under an address of the person."""
    table = adapters.table
    box, account = owners.load(table, address)
    told: Rows = {
        "address": [
            {
                "address": box.address,
                "contacts": [
                    {"company_id": company, "contact_id": number} for company, number in box.listed
                ],
                "delivery": box.delivery.value,
                "delivery_at": box.delivery_at,
                "lifted_reason": box.lifted_reason or None,
                "has_password": account.has_password,
                "password_set_at": account.password_at or None,
                "language": account.language or None,
            }
        ]
    }
    mailed = [*erasures.at_address(table, address), *erasures.notices_to(table, address)]
    told |= {TraceKind.NOTICE.value: [], TraceKind.RECEIPT.value: []}
    for trace in (*mailed, *erasures.receipts_to(table, address)):
        told.setdefault(trace.kind.value, []).append(dict(trace.told))
    told["mails"] = _mails(adapters, [address], single_rounds(mailed))
    return told


def _contracts(adapters: Adapters, contact: Contact) -> Iterator[dict[str, Any]]:
    held = holdings.people(adapters.table, contact.company_id)
    for contract in held.contracts.values() if held else ():
        mailed = {
            name: text for name, text in (contract.mailed or {}).items() if contact.id in name
        }
        if contact.id in (*contract.reporters, *contract.asked) or mailed:
            yield {
                "id": contract.id,
                "reports": contact.id in contract.reporters,
                "asked_for": contract.asked_for.isoformat() if contract.asked_for else None,
                "asked_by": contract.asked.get(contact.id),
                "mailed": mailed,
            }


def _rounds(adapters: Adapters, person: Person, after: str) -> Found:
    if not person.addresses:
        return {}, ""
    found = list(islice(rounds.newest(adapters.table, before=after or None), ROUNDS))
    rest = found[-1][0] if len(found) == ROUNDS else ""
    return {"mails": _mails(adapters, person.addresses, [one.id for _, one in found])}, rest


def _mails(adapters: Adapters, addresses: list[str], round_ids: list[str]) -> list[dict[str, Any]]:
    return [
        {
            "round_id": mail.round_id,
            "state": mail.state.value,
            "fate": mail.fate.value if mail.fate else None,
            "planned_at": mail.planned_at,
            "sent_at": mail.sent_at,
            "message_id": mail.message_id,
            "contract_ids": list(mail.contract_ids),
        }
        for address in addresses
        for mail in erasures.mails_to(adapters.table, address, round_ids)
    ]


def _machines(adapters: Adapters, person: Person, after: str) -> Found:
    company_id, number, table = person.contact.company_id, person.contact.id, adapters.table
    found = list(machines.of_company(table, company_id, most=MACHINES, after=after))
    albums = photos.load_many(
        table, [(company_id, n) for machine in found for n in machine.numbers]
    )
    told: Rows = {"readings": [], "reasons": [], "remarks": [], "photos": [], "problems": []}
    for machine in found:
        told["remarks"] += [
            {"machine_id": machine.id, "meter_id": one.meter_id, "text": one.decision.note}
            for one in machine.readings
            if one.decision and person.named_in(one.decision.note)
        ]
        for row in machines.history_of(table, machine):
            what = {"machine_id": machine.id, "at": row["at"], "event": row["event"]}
            if number in {row.get("by"), row.get("reporter")}:
                told["readings"] += [what | entry for entry in row["entries"]]
            else:
                told["reasons"] += [what | one for one in _reasons(row, person)]
        for event in problems.events_of(table, machine):
            if event.by == number:
                told["problems"].append({"machine_id": machine.id, **event.facts})
        kept = (albums.get((company_id, one)) for one in machine.numbers)
        for album, photo in ((one, photo) for one in kept if one for photo in one.photos):
            if photo.by == number:
                file = adapters.files.view_path(
                    adapters.settings.photo_bucket,
                    album.key(photo),
                    content_type=photo.kind.value,
                    seconds=3600,
                )
                told["photos"].append(
                    {
                        "machine_id": machine.id,
                        "meter_id": photo.meter_id,
                        "due_on": photo.due_on.isoformat(),
                        "sent_at": photo.asked_at.isoformat(),
                        "size": photo.size,
                        "file": file,
                    }
                )
    return told, found[-1].id if len(found) == MACHINES else ""


def _reasons(row: Mapping[str, Any], person: Person) -> Iterator[dict[str, Any]]:
    """Reasons that others gave for a reading, and that name the person."""
    for entry in row["entries"]:
        for name in ("reason", "release_reason"):
            if person.named_in(text := entry.get(name, "")):
                yield {"meter_id": entry["meter_id"], "due_on": entry["due_on"], "text": text}


def _requests(adapters: Adapters, person: Person, after: str) -> Found:
    found, rest = requests_behind(adapters, after)
    theirs = [one for one in found if names_person(one, person)]
    rows = [
        {
            "id": one.id,
            "asked_at": one.asked_at.isoformat(),
            "named_by": one.contact_id,
            "name": one.name,
            "address": one.mailbox,
            "contract_ids": list(one.contract_ids),
            "text": one.text,
            "state": one.state.value,
            "note": one.note,
        }
        for one in theirs
    ]
    return {"successors": rows}, rest


def _journal(adapters: Adapters, person: Person, after: str) -> Found:
    contact = person.contact
    before = after or journal.LAST
    entries = list(
        islice(
            journal.newest_of_company(
                adapters.table,
                contact.company_id,
                since=journal.FIRST,
                before=before,
                page=ENTRIES,
            ),
            ENTRIES,
        )
    )
    rows = [
        {
            "at": entry.at.isoformat(),
            "by": entry.by.name,
            "action": entry.deed.action.value,
            "changes": [asdict(one) for one in entry.deed.changes],
        }
        for _, entry in entries
        if entry.deed.contact_id == contact.id
    ]
    return {"journal": rows}, entries[-1][0] if len(entries) == ENTRIES else ""


def _notes(adapters: Adapters, person: Person, after: str) -> Found:
    written = notes_behind(adapters, person, after)
    rows = [
        {"at": note.at.isoformat(), "by": note.by.name, "text": note.text}
        for _, note in written
        if person.named_in(note.text)
    ]
    return {"notes": rows}, written[-1][0] if len(written) == NOTES else ""


def notes_behind(adapters: Adapters, person: Person, after: str) -> list[tuple[str, Note]]:
    """(place, note) of the person's company behind a place."""
    before = after or journal.LAST
    written = notes.of_company(adapters.table, person.contact.company_id, before=before, page=NOTES)
    return list(islice(written, NOTES))


def _answers(adapters: Adapters, person: Person, after: str) -> Found:
    found, rest = answers_behind(adapters, after)
    rows = [
        {
            "id": one.id,
            "arrived_at": one.arrived_at.isoformat(),
            "sender": one.sender,
            "subject": one.subject,
            "text": one.text,
            "attachments": list(one.attachments),
            "values": {machine: dict(values) for machine, values in one.values.items()},
            "state": one.state,
            "note": one.note,
        }
        for one in found
        if without_person(one, person) != one
    ]
    return {"answers": rows}, rest


def _imports(adapters: Adapters, person: Person, after: str) -> Found:
    found = list(islice(imports.newest(adapters.table, before=after or None), IMPORTS))
    rows: list[dict[str, Any]] = []
    for _, run in found:
        for row in import_reports.rows_with_texts(adapters.table, run.id):
            rows += [
                {"import_id": run.id, "at": run.created_at.isoformat(), **told}
                for told in _told_by_import(row, person)
            ]
    return {"imports": rows}, found[-1][0] if len(found) == IMPORTS else ""


def _told_by_import(row: ReportRow, person: Person) -> Iterator[dict[str, Any]]:
    for sample in row.samples_of(person.contact.id):
        told = asdict(sample)
        yield {"number": told.pop("key"), **told}
    for fault in row.faults_naming(person):
        yield {"file": fault.file, "line": fault.line, "text": fault.text("de")}


_READERS: Mapping[ErasurePiece, Callable[[Adapters, Person, str], Found]] = {
    ErasurePiece.ACCOUNT: _account,
    ErasurePiece.ROUNDS: _rounds,
    ErasurePiece.MACHINES: _machines,
    ErasurePiece.REQUESTS: _requests,
    ErasurePiece.JOURNAL: _journal,
    ErasurePiece.NOTES: _notes,
    ErasurePiece.ANSWERS: _answers,
    ErasurePiece.IMPORTS: _imports,
}
