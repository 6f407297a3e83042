"""Sessions of contacts: opaque, stored under the hash of their id, alive for hours.

Whose they are and whether they still may is read anew on every request: see `surroundings`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum

from meterportal.domain.contracts import Company, Contact
from meterportal.domain.machines import Machine
from meterportal.domain.plausibility.tolerances import ToleranceSettings
from meterportal.store import (
    accounts,
    idempotency,
    keys,
    links,
    machines,
    mailboxes,
    portfolio,
    tolerances,
)
from meterportal.store.accounts import Account
from meterportal.store.idempotency import Answered
from meterportal.store.mailboxes import Mailbox
from meterportal.store.table import Item, Table, Write

IDLE = timedelta(hours=2)
LIFE = timedelta(hours=12)
FRESH = timedelta(minutes=30)
"""How long after opening a link its owner may set a password without knowing the old one."""

_TOUCHED_EVERY = timedelta(minutes=5)


class Opening(StrEnum):
    """By what a session was opened."""

    LINK = "link"
    CODE = "code"
    PASSWORD = "password"  # noqa: S105 - a kind, not a secret


@dataclass(frozen=True, slots=True)
class Session:
    """`link` is the fingerprint of the link that opened it, by itself or by its code ("" for a
    password); both end together when it is revoked. `generation` is the account's at that moment.
    """

    fingerprint: str
    mailbox: str
    company_id: str
    link: str
    created_at: datetime
    seen_at: datetime
    opened_by: Opening = Opening.LINK
    generation: int = 0

    def fresh(self, now: datetime) -> bool:
        """Whether its owner has just shown that mail to the address reaches them."""
        return self.opened_by is not Opening.PASSWORD and now < self.created_at + FRESH

    def ended(self, now: datetime) -> bool:
        return now >= self.seen_at + IDLE or now >= self.created_at + LIFE

    def stale(self, now: datetime) -> bool:
        """Whether it is time to note that its owner is still there."""
        return now - self.seen_at >= _TOUCHED_EVERY


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What stands around a session now. `over`: its link was revoked, or all sessions of the account
    were ended since. `answered`: what this request's key was answered before.
    """

    mailbox: Mailbox
    account: Account
    over: bool
    machine: Machine | None = None
    answered: Answered | None = None
    tolerances: ToleranceSettings = field(default_factory=ToleranceSettings)


def load(table: Table, fingerprint: str) -> Session | None:
    """The session under a fingerprint, ended or not. One read."""
    item = table.get(*keys.session(fingerprint))
    return _unpack(item) if item else None


def surroundings(
    table: Table,
    session: Session,
    *,
    machine_id: str | None = None,
    request_key: str | None = None,
    judging: bool = False,
) -> Surroundings:
    """Mailbox, account and link of a session, a machine of its company, an earlier answer, and, for
    `judging` values, the dealer's tolerances. One read.
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
    )


def memberships(table: Table, claims: Mapping[str, str]) -> list[tuple[Company, Contact]]:
    """Companies with the contact who claimed the address there ({company id: contact id}). One read
    per fifty.
    """
    wanted = [keys.company(company_id) for company_id in claims]
    wanted += [keys.contact(*place) for place in claims.items()]
    found = table.batch_get(wanted)
    pairs = (
        (found.get(keys.company(company_id)), found.get(keys.contact(company_id, contact_id)))
        for company_id, contact_id in claims.items()
    )
    return [
        (portfolio.unpack_company(company), portfolio.unpack_contact(contact))
        for company, contact in pairs
        if company and contact
    ]


def new(session: Session) -> Write:
    pk, sk = keys.session(session.fingerprint)
    item = {
        "pk": pk,
        "sk": sk,
        "mailbox": session.mailbox,
        "company_id": session.company_id,
        "link": session.link,
        "created_at": session.created_at.isoformat(timespec="seconds"),
        "seen_at": session.seen_at.isoformat(timespec="seconds"),
        "opened_by": session.opened_by.value,
        "generation": session.generation,
        "expires_at": _end(session, session.seen_at),
    }
    return Write(put=item, condition="attribute_not_exists(pk)")


def touch(session: Session, *, now: datetime) -> Write:
    """Note that its owner is there; fails when the session was closed meanwhile."""
    return Write(
        key=keys.session(session.fingerprint),
        update="SET #seen_at = :now, #expires_at = :end",
        condition="attribute_exists(pk)",
        values={"now": now.isoformat(timespec="seconds"), "end": _end(session, now)},
    )


def switch(session: Session, company_id: str, *, now: datetime) -> Write:
    """Turn to another company, which shows that its owner is there; fails when it was closed."""
    return Write(
        key=keys.session(session.fingerprint),
        update="SET #company_id = :company, #seen_at = :now, #expires_at = :end",
        condition="attribute_exists(pk)",
        values={
            "company": company_id,
            "now": now.isoformat(timespec="seconds"),
            "end": _end(session, now),
        },
    )


def carry_on(session: Session, generation: int) -> Write:
    """Let one session live on when the others of its account end; fails when it was closed."""
    return Write(
        key=keys.session(session.fingerprint),
        update="SET #generation = :to",
        condition="attribute_exists(pk)",
        values={"to": generation},
    )


def close(session: Session) -> Write:
    return Write(key=keys.session(session.fingerprint), delete=True)


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
        opened_by=Opening(item.get("opened_by", Opening.LINK)),
        generation=item.get("generation", 0),
    )
