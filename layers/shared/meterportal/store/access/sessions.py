"""Sessions of contacts: stored under the hash of a random id, valid for hours.

Every request reads again whose session it is and whether they still may use it: see `surroundings`.
One that was ended leaves a row that names nobody: the write that opened it may arrive a second time,
seconds later, and must not find its place empty.
"""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import field
from datetime import date, datetime

from meterportal.domain.access.accounts import Account
from meterportal.domain.access.mailboxes import Mailbox
from meterportal.domain.access.sessions import IDLE, LIFE, Session
from meterportal.domain.frozen import frozen
from meterportal.domain.plausibility.tolerances import ToleranceSettings
from meterportal.domain.portfolio.contracts import Company, Contact
from meterportal.domain.portfolio.machines import Machine
from meterportal.store import idempotency, keys
from meterportal.store.access import accounts, links, mailboxes
from meterportal.store.idempotency import Answered
from meterportal.store.items import Item
from meterportal.store.plausibility import tolerances
from meterportal.store.portfolio import holdings, machines
from meterportal.store.table import Table
from meterportal.store.writes import ConditionFailed, Write


@frozen
class Surroundings:
    """What is read together with a session. `over`: its link was revoked, or all sessions of the
    account were ended since. `answered`: the kept answer for this request's key. `link_until`: the last
    day on which its link opens, None without one.
    """

    mailbox: Mailbox
    account: Account
    over: bool
    machine: Machine | None = None
    answered: Answered | None = None
    tolerances: ToleranceSettings = field(default_factory=ToleranceSettings)
    link_until: date | None = None


def load(table: Table, fingerprint: str) -> Session | None:
    """The session under a fingerprint, unless somebody ended it; its time may be over. One read."""
    item = table.get(*keys.session(fingerprint))
    return _unpack(item) if item and "ended_at" not in item else None


def surroundings(
    table: Table,
    session: Session,
    *,
    machine_id: str | None = None,
    request_key: str | None = None,
    judging: bool = False,
) -> Surroundings:
    """Reads mailbox, account and link of a session, a machine of its company, an earlier answer,
    and, when values are judged (`judging`), the dealer's tolerances. One read.
    """
    wanted = {
        "mailbox": keys.mailbox(session.mailbox),
        "account": keys.account(session.mailbox),
    }
    if session.link:
        wanted["link"] = keys.link(session.link)
    if machine_id is not None:
        wanted["machine"] = keys.machine(session.company_id, machine_id)
    if request_key is not None:
        wanted["answered"] = keys.idempotency(session.mailbox, request_key)
    if judging:
        wanted["tolerances"] = tolerances.place()
    found = table.batch_get(wanted.values())
    items = {name: found.get(key) for name, key in wanted.items()}
    machine, answered = items.get("machine"), items.get("answered")
    account = accounts.unpack(session.mailbox, items["account"])
    stored = items.get("link")
    link = links.unpack(stored) if stored else None
    revoked = link is not None and (link.revoked or account.has_revoked(link))
    return Surroundings(
        mailbox=mailboxes.unpack(session.mailbox, items["mailbox"]),
        account=account,
        over=revoked or session.generation != account.generation,
        machine=machines.unpack(machine) if machine else None,
        answered=idempotency.unpack(answered) if answered else None,
        tolerances=tolerances.settings_in(found),
        link_until=link.expires_on if link else None,
    )


def memberships(table: Table, claims: Mapping[str, str]) -> list[tuple[Company, Contact]]:
    """Companies with the contact who holds the claim there (`claims` is {company id: contact id}).
    One read per fifty.
    """
    wanted = [keys.company(company_id) for company_id in claims]
    wanted += [keys.contact(*place) for place in claims.items()]
    found = table.batch_get(wanted)
    pairs = (
        (found.get(keys.company(company_id)), found.get(keys.contact(company_id, contact_id)))
        for company_id, contact_id in claims.items()
    )
    return [
        (holdings.unpack_company(company), holdings.unpack_contact(contact))
        for company, contact in pairs
        if company and contact
    ]


def open_session(table: Table, session: Session, *, instead_of: str | None = None) -> None:
    """Stores a session; the same write ends the session with the fingerprint `instead_of`."""
    if instead_of is None:
        table.write(_new(session))
    else:
        table.transact([_new(session), _end_of(instead_of, now=session.created_at)])


def _new(session: Session) -> Write:
    pk, sk = keys.session(session.fingerprint)
    item = {
        "pk": pk,
        "sk": sk,
        "mailbox": session.mailbox,
        "company_id": session.company_id,
        "link": session.link,
        "created_at": session.created_at.isoformat(timespec="seconds"),
        "seen_at": session.seen_at.isoformat(timespec="seconds"),
        "generation": session.generation,
        "expires_at": _end(session, session.seen_at),
        **keys.at_address(session.mailbox, pk),
    }
    return Write(put=item, condition="attribute_not_exists(pk)")


_OPEN = "attribute_exists(#mailbox)"
"""What a session's row fulfils until it is ended."""


def touch(table: Table, session: Session, *, now: datetime) -> None:
    """Notes that the session is in use; fails when it was closed meanwhile."""
    table.write(touched(session, now=now))


def touched(session: Session, *, now: datetime) -> Write:
    """The write of `touch`, for a transaction."""
    return Write(
        key=keys.session(session.fingerprint),
        update="SET #seen_at = :now, #expires_at = :end",
        condition=_OPEN,
        values={"now": now.isoformat(timespec="seconds"), "end": _end(session, now)},
    )


def switch(table: Table, session: Session, company_id: str, *, now: datetime) -> None:
    """Changes a session's company and notes that it is in use; fails when it was closed."""
    table.write(
        Write(
            key=keys.session(session.fingerprint),
            update="SET #company_id = :company, #seen_at = :now, #expires_at = :end",
            condition=_OPEN,
            values={
                "company": company_id,
                "now": now.isoformat(timespec="seconds"),
                "end": _end(session, now),
            },
        )
    )


def carry_on(session: Session, generation: int) -> Write:
    """Keeps one session when the others of its account end; fails when it was closed."""
    return Write(
        key=keys.session(session.fingerprint),
        update="SET #generation = :to",
        condition=_OPEN,
        values={"to": generation},
    )


def end_session(table: Table, fingerprint: str, *, now: datetime) -> None:
    """Ends a session; it does not fail when there is none."""
    with suppress(ConditionFailed):
        table.write(_end_of(fingerprint, now=now)._replace(condition="attribute_exists(pk)"))


def _end_of(fingerprint: str, *, now: datetime) -> Write:
    pk, sk = keys.session(fingerprint)
    ended = now.isoformat(timespec="seconds")
    end = int((now + LIFE).timestamp())
    return Write(put={"pk": pk, "sk": sk, "ended_at": ended, "expires_at": end})


def _end(session: Session, seen_at: datetime) -> int:
    return int(min(seen_at + IDLE, session.created_at + LIFE).timestamp())


def _unpack(item: Item) -> Session:
    return Session(
        fingerprint=item["pk"].partition("#")[2],
        mailbox=item["mailbox"],
        company_id=item["company_id"],
        link=item["link"],
        created_at=datetime.fromisoformat(item["created_at"]),
        seen_at=datetime.fromisoformat(item["seen_at"]),
        generation=item.get("generation", 0),
    )
