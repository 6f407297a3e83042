"""Notes of staff: one row each in a partition of the company, and a pointer to it by the note's id."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from meterportal.domain.access.journal import StaffMember
from meterportal.domain.portfolio.notes import Note
from meterportal.store import keys
from meterportal.store.items import Item
from meterportal.store.table import HIGHEST, Table
from meterportal.store.writes import Write, moment


def add(note: Note) -> list[Write]:
    """Stores a new note."""
    place = _place(note)
    pk, sk = keys.note(note.company_id, place)
    item: Item = {
        "pk": pk,
        "sk": sk,
        "number": note.id,
        "machine_id": note.machine_id,
        "text": note.text,
        "by": note.by.id,
        "name": note.by.name,
    }
    pointer_pk, pointer_sk = keys.pointer("NOTE", note.id)
    pointer = {"pk": pointer_pk, "sk": pointer_sk, "company_id": note.company_id, "place": place}
    return [
        Write(put=item, condition="attribute_not_exists(pk)"),
        Write(put=pointer, condition="attribute_not_exists(pk)"),
    ]


def find(table: Table, note_id: str) -> Note | None:
    """A note by its id, None for one that is unknown or withdrawn. Two reads."""
    pointer = table.get(*keys.pointer("NOTE", note_id))
    item = table.get(*keys.note(pointer["company_id"], pointer["place"])) if pointer else None
    return _unpack(item) if item else None


def withdraw(note: Note) -> list[Write]:
    """Deletes a note; the part "note" fails when it is gone already."""
    gone = Write(
        key=keys.note(note.company_id, _place(note)), delete=True, condition="attribute_exists(pk)"
    )
    return [gone.named("note"), Write(key=keys.pointer("NOTE", note.id), delete=True)]


def reword(table: Table, note: Note, text: str) -> None:
    """Gives a note another text; fails when it was withdrawn meanwhile."""
    table.write(
        Write(
            key=keys.note(note.company_id, _place(note)),
            update="SET #text = :text",
            condition="attribute_exists(pk)",
            values={"text": text},
        )
    )


def of_company(
    table: Table, company_id: str, *, before: str = HIGHEST, page: int | None = None
) -> Iterator[tuple[str, Note]]:
    """(place, note), newest first, before the place `before`; `page` is how many a request reads."""
    pk, _ = keys.note(company_id, "")
    rows = table.query(pk, between=("0", before), forward=False, page=page)
    yield from ((row["sk"], _unpack(row)) for row in rows if row["sk"] != before)


def _place(note: Note) -> str:
    return f"{moment(note.at)}#{note.id}"


def _unpack(item: Item) -> Note:
    return Note(
        id=item["number"],
        company_id=item["pk"].partition("#")[2],
        machine_id=item["machine_id"],
        text=item["text"],
        by=StaffMember(item["by"], item["name"]),
        at=datetime.fromisoformat(item["sk"].partition("#")[0]),
    )
