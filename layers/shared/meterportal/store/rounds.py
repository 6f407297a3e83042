"""Rounds of requests and reminders: header, outbox rows, contracts left out.

An outbox row is written together with the marks of its contracts (`marks`), so nobody is asked for
the same slot by two rounds.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from meterportal.domain.mails import Fate, MailState, OutboxMail
from meterportal.domain.readiness import Reason
from meterportal.domain.requests import Kind, Request
from meterportal.store import keys, reasons, runs
from meterportal.store.table import Item, Table, Write


@dataclass(frozen=True, slots=True)
class Round:
    """A round's header. `as_of` is the business date that it plans by; `by` is a staff id or
    "schedule"; `planned_at` is set when planning ended; `settled` holds its totals for good."""

    id: str
    by: str
    created_at: datetime
    as_of: date
    dry_run: bool = False
    due_by: date | None = None
    planned_at: datetime | None = None
    mails: int = 0
    left_out_rows: int = 0
    not_due: int = 0
    problem: str = ""
    settled: dict[str, int] | None = field(default=None)
    kind: Kind = Kind.REQUEST


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
    return Write(put=item, condition="attribute_not_exists(pk)")


def load(table: Table, round_id: str) -> Round | None:
    item = table.get(*keys.run("ROUND", round_id))
    return unpack(item) if item else None


def newest(table: Table, *, before: str | None = None) -> Iterator[tuple[str, Round]]:
    """Rounds with their place in the list, newest first; `before` is such a place, left out itself."""
    for item in runs.newest(table, "ROUND", before=before):
        yield runs.place(item), unpack(item)


def finish_planning(
    round_id: str, *, mails: int, left_out_rows: int, not_due: int, at: datetime
) -> Write:
    """Planning is done; fails when somebody else finished it before."""
    return Write(
        key=keys.run("ROUND", round_id),
        update="SET #planned_at = :at, #mails = :mails, #left_out_rows = :rows, #not_due = :not_due",
        condition="attribute_exists(pk) AND attribute_not_exists(#planned_at)",
        values={"at": at.isoformat(), "mails": mails, "rows": left_out_rows, "not_due": not_due},
    )


def settle(round_id: str, totals: Mapping[str, int]) -> Write:
    """Every mail of the round has come to its end: keep the totals, so that nobody counts again."""
    return Write(
        key=keys.run("ROUND", round_id),
        update="SET #settled = :totals",
        condition="attribute_exists(pk)",
        values={"totals": dict(totals)},
    )


def left_out_rows(round_id: str, left_out: Mapping[str, Sequence[Reason]]) -> list[Write]:
    entries = ([number, [reasons.pack(r) for r in why]] for number, why in sorted(left_out.items()))
    pk, _ = keys.run("ROUND", round_id)
    return [
        Write(put={"pk": pk, "sk": f"LEFTOUT#{n:04d}", "entries": text})
        for n, text in enumerate(reasons.pieces(entries))
    ]


def left_out(table: Table, found: Round) -> Iterator[tuple[str, list[Reason]]]:
    """(contract id, reasons) by contract number."""
    pk, _ = keys.run("ROUND", found.id)
    for n, item in enumerate(table.query(pk, begins="LEFTOUT#")):
        if n >= found.left_out_rows:
            return
        for number, why in json.loads(item["entries"]):
            yield number, [reasons.unpack(row) for row in why]


# the outbox


def mail_key(round_id: str, mailbox: str) -> tuple[str, str]:
    return f"ROUND#{round_id}", f"MAIL#{mailbox}"


def plan_mail(
    round_id: str, mailbox: str, requests: Iterable[Request], *, state: MailState, at: datetime
) -> Write:
    """A new outbox row; fails when the round has one for this mailbox already."""
    pk, sk = mail_key(round_id, mailbox)
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
    item = table.get(*mail_key(round_id, mailbox))
    return unpack_mail(item) if item else None


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
    """planned -> sending; fails for whoever comes second."""
    return Write(
        key=mail_key(waiting.round_id, waiting.mailbox),
        update="SET #state = :sending, #lease_until = :until, #link = :link, #attempts = :next,"
        " #dropped = :dropped",
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


def skip(waiting: OutboxMail, *, dropped: Iterable[tuple[str, Sequence[Reason]]]) -> Write:
    """planned -> skipped: nothing is left to ask."""
    return Write(
        key=mail_key(waiting.round_id, waiting.mailbox),
        update="SET #state = :skipped, #dropped = :dropped",
        condition="#state = :planned AND #attempts = :attempts",
        values={
            "planned": MailState.PLANNED.value,
            "skipped": MailState.SKIPPED.value,
            "attempts": waiting.attempts,
            "dropped": _pack_dropped(dropped),
        },
    )


def mark_sent(claimed: OutboxMail, message_id: str, *, at: datetime) -> Write:
    """sending -> sent; fails when an event told so before."""
    return _leave_sending(
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


def put_back(claimed: OutboxMail) -> Write:
    """sending -> planned: the mail system took nothing."""
    return _leave_sending(claimed, "SET #state = :to", {"to": MailState.PLANNED.value})


def mark_undeliverable(claimed: OutboxMail, problem: str) -> Write:
    """sending -> undeliverable: the mail system refused it for good."""
    return _leave_sending(
        claimed,
        "SET #state = :to, #problem = :problem",
        {"to": MailState.UNDELIVERABLE.value, "problem": problem},
    )


def _leave_sending(claimed: OutboxMail, update: str, values: Mapping[str, Any]) -> Write:
    return Write(
        key=mail_key(claimed.round_id, claimed.mailbox),
        update=update,
        condition=_CLAIMED,
        values={**values, "sending": MailState.SENDING.value, "attempts": claimed.attempts},
    )


def settle_by_event(
    told: OutboxMail, state: MailState, *, among: Sequence[MailState], message_id: str, at: str
) -> Write:
    """An event proves what became of a mail that stands in one of the states `among`."""
    tests = {f"from{n}": state.value for n, state in enumerate(among)}
    return Write(
        key=mail_key(told.round_id, told.mailbox),
        update="SET #state = :to, #message_id = :id, #sent_at = if_not_exists(#sent_at, :at),"
        " #lists_pk = :list, #lists_sk = :round",
        condition=f"#state IN ({', '.join(f':{name}' for name in tests)})",
        values={
            "to": state.value,
            "id": message_id,
            "at": at,
            "list": f"MESSAGE#{message_id}",
            "round": told.round_id,
            **tests,
        },
    )


def note_fate(told: OutboxMail, fate: Fate) -> Write:
    """What an event tells of a mail; fails when it is known already or outweighed."""
    return Write(
        key=mail_key(told.round_id, told.mailbox),
        update="SET #fate = :fate, #rank = :rank",
        condition="attribute_exists(pk) AND (attribute_not_exists(#rank) OR #rank < :rank)",
        values={"fate": fate.value, "rank": fate.rank},
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
        kind=Kind(item.get("kind", Kind.REQUEST)),
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
        dropped=tuple(
            (number, tuple(reasons.unpack(row) for row in why))
            for number, why in json.loads(item.get("dropped", "[]"))
        ),
    )
