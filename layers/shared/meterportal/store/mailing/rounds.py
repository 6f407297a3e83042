"""Rounds of requests and reminders: header and outbox rows.

An outbox row is written together with the marks of its contracts (`marks`), so two rounds never ask
for the same period.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date, datetime
from typing import Any

from meterportal.domain.mailing.mails import Fate, MailState, OutboxMail
from meterportal.domain.mailing.requests import Request, RoundKind
from meterportal.domain.mailing.rounds import Round
from meterportal.domain.portfolio.readiness import Reason
from meterportal.store import keys, runs
from meterportal.store.items import Item
from meterportal.store.mailing import pieces, stops
from meterportal.store.portfolio import reasons
from meterportal.store.table import Table
from meterportal.store.writes import Write


def create(started: Round) -> Write:
    """The header of a new round; fails when there is one already."""
    item: Item = {
        **runs.header("ROUND", started.id, by=started.by, at=started.created_at),
        "as_of": started.as_of.isoformat(),
        "dry_run": started.dry_run,
        "due_by": started.due_by.isoformat() if started.due_by else None,
        "kind": started.kind.value,
    }
    if started.problem:
        item["problem"] = started.problem
    if started.early:
        item["early"] = True
    return Write(put=item, condition="attribute_not_exists(pk)")


def load(table: Table, round_id: str) -> Round | None:
    item = table.get(*keys.run("ROUND", round_id))
    return unpack(item) if item else None


def load_many(table: Table, round_ids: Iterable[str]) -> dict[str, Round]:
    """Rounds by id. One read per hundred."""
    found = table.batch_get(keys.run("ROUND", round_id) for round_id in round_ids)
    return {one.id: one for one in map(unpack, found.values())}


def newest(table: Table, *, before: str | None = None) -> Iterator[tuple[str, Round]]:
    """Rounds with their place in the list, newest first; starts after the place `before`."""
    for item in runs.newest(table, "ROUND", before=before):
        yield runs.place(item), unpack(item)


def finish_planning(table: Table, planned: Round, *, at: datetime) -> None:
    """Notes that planning is done, with the counts of `planned`; fails when another worker noted it
    before."""
    table.write(
        Write(
            key=keys.run("ROUND", planned.id),
            update="SET #planned_at = :at, #mails = :mails, #left_out_rows = :rows, #not_due = :not_due",
            condition="attribute_exists(pk) AND attribute_not_exists(#planned_at)",
            values={
                "at": at.isoformat(),
                "mails": planned.mails,
                "rows": planned.left_out_rows,
                "not_due": planned.not_due,
            },
        )
    )


def settle(table: Table, round_id: str, totals: Mapping[str, int]) -> None:
    """Keeps the totals of a round whose mails have all ended, so that they are
    not counted again.
    """
    table.write(
        Write(
            key=keys.run("ROUND", round_id),
            update="SET #settled = :totals",
            condition="attribute_exists(pk)",
            values={"totals": dict(totals)},
        )
    )


# the outbox


def plan_mail(
    round_id: str, mailbox: str, requests: Iterable[Request], *, state: MailState, at: datetime
) -> Write:
    """A new outbox row; fails when the round has one for this mailbox already."""
    pk, sk = keys.mail(round_id, mailbox)
    item = {
        "pk": pk,
        "sk": sk,
        "state": state.value,
        "planned_at": at.isoformat(),
        "attempts": 0,
        "requests": _pack(requests),
    }
    return Write(put=item, condition="attribute_not_exists(pk)")


def mail(table: Table, round_id: str, mailbox: str) -> OutboxMail | None:
    item = table.get(*keys.mail(round_id, mailbox))
    return unpack_mail(item) if item else None


def mails_at(table: Table, places: Iterable[tuple[str, str]]) -> dict[tuple[str, str], OutboxMail]:
    """Mails by (round, mailbox). One read per hundred."""
    found = table.batch_get(keys.mail(*place) for place in sorted(places))
    read = (unpack_mail(item) for item in found.values())
    return {(mail.round_id, mail.mailbox): mail for mail in read}


def mails(table: Table, round_id: str) -> Iterator[OutboxMail]:
    """The outbox of a round, by mailbox."""
    yield from map(unpack_mail, table.query(keys.run("ROUND", round_id)[0], begins="MAIL#"))


def sent_as(table: Table, message_id: str) -> OutboxMail | None:
    """The mail that SES knows by a message id, from the index."""
    for item in table.query(f"MESSAGE#{message_id}", index="lists", limit=1):
        return unpack_mail(item)
    return None


_CLAIMED = "#state = :sending AND #attempts = :attempts"


def claim(
    waiting: OutboxMail,
    *,
    lease_until: datetime,
    link: str,
    dropped: Iterable[tuple[str, Sequence[Reason]]],
) -> Write:
    """planned -> sending; fails when another worker was first."""
    return Write(
        key=keys.mail(waiting.round_id, waiting.mailbox),
        update="SET #state = :sending, #lease_until = :until, #link = :link, #attempts = :next,"
        " #dropped = :dropped REMOVE #left_at",
        condition="#state = :planned AND #attempts = :attempts",
        values={
            "planned": MailState.PLANNED.value,
            "sending": MailState.SENDING.value,
            "until": lease_until.isoformat(),
            "link": link,
            "attempts": waiting.attempts,
            "next": waiting.attempts + 1,
            "dropped": _pack_dropped(dropped),
        },
    )


def leave(round_id: str, mailbox: str, *, letter: str, at: datetime) -> Write:
    """Marks a planned mail as left (not sent), because its last delivery failed. Fails when it is
    not planned any more, or this dead letter is noted already.
    """
    return Write(
        key=keys.mail(round_id, mailbox),
        update="SET #left_at = :at ADD #letters :letters",
        condition="#state = :planned AND NOT contains(#letters, :letter)",
        values={
            "at": at.isoformat(timespec="seconds"),
            "planned": MailState.PLANNED.value,
            "letters": {letter},
            "letter": letter,
        },
    )


def wait_again(table: Table, left: OutboxMail) -> None:
    """Removes the mark of `leave`, because the mail is queued again."""
    table.write(
        Write(
            key=keys.mail(left.round_id, left.mailbox),
            update="REMOVE #left_at",
            condition="attribute_exists(pk)",
        )
    )


def skip(waiting: OutboxMail, *, dropped: Iterable[tuple[str, Sequence[Reason]]]) -> Write:
    """planned -> skipped: there is nothing left to ask for."""
    return Write(
        key=keys.mail(waiting.round_id, waiting.mailbox),
        update="SET #state = :skipped, #dropped = :dropped",
        condition="#state = :planned AND #attempts = :attempts",
        values={
            "planned": MailState.PLANNED.value,
            "skipped": MailState.SKIPPED.value,
            "attempts": waiting.attempts,
            "dropped": _pack_dropped(dropped),
        },
    )


def mark_sent(table: Table, claimed: OutboxMail, message_id: str, *, at: datetime) -> None:
    """sending -> sent; fails when an event has set the state before."""
    table.write(
        _leave_sending(
            claimed,
            "SET #state = :to, #message_id = :id, #sent_at = :at, #lists_pk = :list, #lists_sk = :round",
            {
                "to": MailState.SENT.value,
                "id": message_id,
                "at": at.isoformat(),
                "list": f"MESSAGE#{message_id}",
                "round": claimed.round_id,
            },
        )
    )


def put_back(claimed: OutboxMail) -> Write:
    """sending -> planned: the mail system took nothing."""
    return _leave_sending(claimed, "SET #state = :to", {"to": MailState.PLANNED.value})


def mark_undeliverable(table: Table, claimed: OutboxMail, problem: str) -> None:
    """sending -> undeliverable: the mail system refused it for good."""
    table.write(
        _leave_sending(
            claimed,
            "SET #state = :to, #problem = :problem",
            {"to": MailState.UNDELIVERABLE.value, "problem": problem},
        )
    )


def _leave_sending(claimed: OutboxMail, update: str, values: Mapping[str, Any]) -> Write:
    return Write(
        key=keys.mail(claimed.round_id, claimed.mailbox),
        update=update,
        condition=_CLAIMED,
        values={**values, "sending": MailState.SENDING.value, "attempts": claimed.attempts},
    )


def settle_by_event(
    found: OutboxMail, state: MailState, *, among: Sequence[MailState], message_id: str, at: str
) -> Write:
    """Sets the state that an event proves, for a mail in one of the states `among`."""
    tests = {f"from{n}": state.value for n, state in enumerate(among)}
    return Write(
        key=keys.mail(found.round_id, found.mailbox),
        update="SET #state = :to, #message_id = :id, #sent_at = if_not_exists(#sent_at, :at),"
        " #lists_pk = :list, #lists_sk = :round",
        condition=f"#state IN ({', '.join(f':{name}' for name in tests)})",
        values={
            "to": state.value,
            "id": message_id,
            "at": at,
            "list": f"MESSAGE#{message_id}",
            "round": found.round_id,
            **tests,
        },
    )


def note_fate(found: OutboxMail, fate: Fate) -> Write:
    """Notes the fate of a mail from an event; fails when it is known already, or
    a stronger one is.
    """
    outweighed = {f"under{n}": other.value for n, other in enumerate(fate.outweighed)}
    open_to = "attribute_not_exists(#fate)"
    if outweighed:
        open_to += f" OR #fate IN ({', '.join(f':{name}' for name in outweighed)})"
    return Write(
        key=keys.mail(found.round_id, found.mailbox),
        update="SET #fate = :fate",
        condition=f"attribute_exists(pk) AND ({open_to})",
        values={"fate": fate.value, **outweighed},
    )


def pack_request(request: Request) -> list[Any]:
    row = [
        request.company_id,
        request.contract_id,
        request.contact_id,
        request.due_on.isoformat(),
        request.machines,
    ]
    return [*row, request.reminder] if request.reminder else row


def _pack(requests: Iterable[Request]) -> str:
    return json.dumps([pack_request(request) for request in requests], separators=(",", ":"))


def _pack_dropped(dropped: Iterable[tuple[str, Sequence[Reason]]]) -> str:
    rows = [[number, [reasons.pack(reason) for reason in why]] for number, why in dropped]
    return json.dumps(rows, ensure_ascii=False, separators=(",", ":"))


def unpack(item: Item) -> Round:
    planned_at, due_by = item.get("planned_at"), item.get("due_by")
    return Round(
        id=item["pk"].partition("#")[2],
        by=item["by"],
        created_at=datetime.fromisoformat(item["created_at"]),
        as_of=date.fromisoformat(item["as_of"]),
        dry_run=item["dry_run"],
        due_by=date.fromisoformat(due_by) if due_by else None,
        planned_at=datetime.fromisoformat(planned_at) if planned_at else None,
        mails=item.get("mails", 0),
        left_out_rows=item.get("left_out_rows", 0),
        not_due=item.get("not_due", 0),
        problem=item.get("problem", ""),
        settled=item.get("settled"),
        kind=RoundKind(item.get("kind", RoundKind.REQUEST)),
        broken=runs.broken(item),
        halt=stops.read(item),
        pieces=pieces.read(item),
        early=item.get("early", False),
    )


def unpack_mail(item: Item) -> OutboxMail:
    mailbox = item["sk"].partition("#")[2]
    lease = item.get("lease_until")
    return OutboxMail(
        round_id=item["pk"].partition("#")[2],
        mailbox=mailbox,
        state=MailState(item["state"]),
        requests=tuple(
            Request(mailbox, company, contract, contact, date.fromisoformat(due_on), *rest)
            for company, contract, contact, due_on, *rest in json.loads(item["requests"])
        ),
        planned_at=datetime.fromisoformat(item["planned_at"]),
        attempts=item["attempts"],
        lease_until=datetime.fromisoformat(lease) if lease else None,
        link=item.get("link", ""),
        message_id=item.get("message_id", ""),
        fate=Fate(item["fate"]) if "fate" in item else None,
        problem=item.get("problem", ""),
        left="left_at" in item,
        sent_at=datetime.fromisoformat(item["sent_at"]) if "sent_at" in item else None,
        dropped=tuple(
            (number, tuple(reasons.unpack(row) for row in why))
            for number, why in json.loads(item.get("dropped", "[]"))
        ),
    )
