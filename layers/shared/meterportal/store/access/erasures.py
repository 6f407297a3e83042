"""Erasures: how far each has come, and what is left under an address or of the mails to it."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator
from collections.abc import Set as AbstractSet
from datetime import datetime
from typing import Any

from meterportal.domain.access.erasures import Erasure, ErasurePiece
from meterportal.domain.access.traces import AddressTrace, MailTrace, TraceKind
from meterportal.domain.mailing.mails import ERASED, Fate, MailState
from meterportal.store import keys
from meterportal.store.items import Item, Key, as_told
from meterportal.store.table import Table
from meterportal.store.writes import Write


def load(table: Table, contact_id: str) -> Erasure | None:
    """The erasure of a contact, begun or done. One read."""
    item = table.get(*keys.erasure(contact_id))
    return _unpack(item) if item else None


def newest(table: Table, *, before: str | None = None) -> Iterator[tuple[str, Erasure]]:
    """(place, erasure), newest first; starts after the place `before`."""
    between = ("0", before) if before else None
    for item in table.query("ERASURES", index="lists", forward=False, between=between):
        if item["lists_sk"] != before:
            yield item["lists_sk"], _unpack(item)


def erased(contact_id: str) -> Write:
    """Leaves a tombstone in place of the pointer to a contact: no import makes the contact anew."""
    pk, sk = keys.pointer("CONTACT", contact_id)
    return Write(put={"pk": pk, "sk": sk, "erased": True})


def readmit(contact_id: str) -> Write:
    """Takes the tombstone of a contact away; fails when there is none."""
    return Write(
        key=keys.pointer("CONTACT", contact_id), delete=True, condition="attribute_exists(#erased)"
    )


def reappear(company_id: str, contact_id: str) -> Write:
    """Takes away what tells the console's rows that a contact is gone: its number may come anew, with a
    lower `rev`."""
    return erase(keys.gone(company_id, f"CONTACT#{contact_id}"))


def begin(erasure: Erasure) -> Write:
    """Stores a new erasure; fails when there is one of this contact."""
    return Write(put=_pack(erasure), condition="attribute_not_exists(pk)")


def move(erasure: Erasure, **changed: Any) -> tuple[Erasure, Write]:
    """The erasure with these fields changed, and the write that stores it; fails when somebody else
    moved it."""
    values = {name: getattr(erasure, name) for name in erasure.__dataclass_fields__} | changed
    moved = Erasure(**values | {"rev": erasure.rev + 1})
    return moved, Write(put=_pack(moved), condition="#rev = :rev", values={"rev": erasure.rev})


def end(contact_id: str) -> Write:
    """Forgets a finished erasure, when the person is readmitted; fails for one that still runs."""
    return Write(
        key=keys.erasure(contact_id), delete=True, condition="attribute_not_exists(#piece)"
    )


def keep_mark(mark: str) -> Write:
    pk, sk = keys.erased_address(mark)
    return Write(put={"pk": pk, "sk": sk})


def drop_mark(mark: str) -> Write:
    return Write(key=keys.erased_address(mark), delete=True)


def marked(
    table: Table, marks: Callable[[str], Iterable[str]], addresses: Iterable[str]
) -> set[str]:
    """Those of the addresses that an erased person had. One read per hundred."""
    places = {
        keys.erased_address(mark): address for address in addresses for mark in marks(address)
    }
    return {places[place] for place in table.batch_get(places)}


def at_address(table: Table, address: str) -> list[AddressTrace]:
    """Links, sessions and password links of an address, from the index. One query."""
    kinds = {"LINK": TraceKind.LINK, "SESSION": TraceKind.SESSION}
    return [
        _trace(kinds.get(item["sk"], TraceKind.PASSWORD_LINK), item, without={"sk"})
        for item in table.query(keys.at_address(address, "")["lists_pk"], index="lists")
    ]


def notices_to(table: Table, address: str) -> list[AddressTrace]:
    """The notice that waits for an address, and which ones went to it. One query."""
    found = table.query(keys.sent_notice(address, "")[0])
    return [_trace(TraceKind.NOTICE, item) for item in found]


def receipts_to(table: Table, address: str) -> list[AddressTrace]:
    """Receipts that wait for an address, and what earlier ones said. One query."""
    found = table.query(keys.receipt(address, "")[0])
    return [
        _trace(TraceKind.RECEIPT, item, company_id=item["sk"].partition("#")[2]) for item in found
    ]


def _trace(
    kind: TraceKind, item: Item, *, without: AbstractSet[str] = frozenset(), company_id: str = ""
) -> AddressTrace:
    told = as_told(item, without={"pk", "lists_pk", "lists_sk", *without})
    return AddressTrace(kind, (item["pk"], item["sk"]), told, item.get("round_id", ""), company_id)


def mails_to(table: Table, address: str, round_ids: Iterable[str]) -> list[MailTrace]:
    """The mails to an address in these rounds, as they are stored. One read per hundred."""
    found = table.batch_get(keys.mail(number, address) for number in round_ids)
    return [
        MailTrace(
            round_id=item["pk"].partition("#")[2],
            state=MailState(item["state"]),
            fate=Fate(item["fate"]) if "fate" in item else None,
            planned_at=item["planned_at"],
            sent_at=item.get("sent_at"),
            message_id=item.get("message_id"),
            contract_ids=[row[1] for row in json.loads(item["requests"])],
            link=item.get("link", ""),
            row=item,
        )
        for item in found.values()
    ]


def forget_mail_address(mail: MailTrace, contact_id: str) -> list[Write]:
    """Puts an outbox row under a name that says nothing, so that the round's sums stay; a mail that
    was not sent yet is skipped. Fails when it was written meanwhile."""
    item = mail.row
    place = item["pk"], item["sk"]
    unsent = mail.state in {MailState.PLANNED, MailState.SENDING}
    state = (MailState.SKIPPED if unsent else mail.state).value
    kept = {name: value for name, value in item.items() if name not in _OF_THE_ADDRESS}
    seen = {"state": item["state"], "attempts": item["attempts"]}
    nameless = kept | {"sk": keys.mail("", f"{ERASED}{contact_id}")[1], "state": state}
    return [
        Write(put=nameless),
        Write(
            key=place,
            delete=True,
            condition="#state = :state AND #attempts = :attempts",
            values=seen,
        ),
    ]


_OF_THE_ADDRESS = frozenset({"link", "problem", "row", "changes_pk", "changes_sk"})


def erase_trace(trace: AddressTrace) -> Write:
    """Deletes a row under an address, whatever it holds."""
    return erase(trace.place)


def erase(place: Key) -> Write:
    """Deletes a row, whatever it holds."""
    return Write(key=place, delete=True)


def erase_link(fingerprint: str) -> Write:
    """Deletes a link; the code beside it opens nothing then."""
    return Write(key=keys.link(fingerprint), delete=True)


def _pack(erasure: Erasure) -> Item:
    pk, sk = keys.erasure(erasure.contact_id)
    at = erasure.at.isoformat(timespec="milliseconds")
    full: dict[str, Any] = {
        "company_id": erasure.company_id,
        "by": erasure.by,
        "at": at,
        "piece": erasure.piece.value if erasure.piece else None,
        "after": erasure.after,
        "address": erasure.address,
        "mark": erasure.mark,
        "former_marks": list(erasure.former_marks),
        "removed_at": erasure.removed_at.isoformat() if erasure.removed_at else None,
        "asked_at": erasure.asked_at.isoformat() if erasure.asked_at else None,
        "rev": erasure.rev,
    }
    held = {name: value for name, value in full.items() if value not in (None, "", [])}
    return {"pk": pk, "sk": sk, **held, **keys.erasures(at, erasure.contact_id)}


def _unpack(item: Item) -> Erasure:
    removed_at, asked_at = item.get("removed_at"), item.get("asked_at")
    return Erasure(
        contact_id=item["pk"].partition("#")[2],
        company_id=item["company_id"],
        by=item["by"],
        at=datetime.fromisoformat(item["at"]),
        piece=ErasurePiece(item["piece"]) if "piece" in item else None,
        after=item.get("after", ""),
        address=item.get("address", ""),
        mark=item.get("mark", ""),
        former_marks=tuple(item.get("former_marks", ())),
        removed_at=datetime.fromisoformat(removed_at) if removed_at else None,
        asked_at=datetime.fromisoformat(asked_at) if asked_at else None,
        rev=item["rev"],
    )
