"""A contact says that somebody else is to report, and names the successor."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import replace

from meterportal import crypto
from meterportal.adapters import Adapters
from meterportal.domain.access.permissions import reports
from meterportal.domain.plain_text import plain
from meterportal.domain.refusals import NotFound, NotSignedIn, Unavailable
from meterportal.domain.reporting import successors
from meterportal.domain.reporting.successors import (
    NothingToHandOver,
    Successor,
    SuccessorIsYou,
    TooManyContracts,
    TooManySuccessors,
)
from meterportal.settings import Moment
from meterportal.store.access import sessions
from meterportal.store.portfolio import holdings
from meterportal.store.reporting import successors as store
from meterportal.store.writes import ConditionFailed
from meterportal.usecases.access import sign_in
from meterportal.usecases.access.typed_addresses import typed_address


def name_successor(
    adapters: Adapters,
    at: Moment,
    cookie: str | None,
    *,
    name: str,
    email: str,
    contract_ids: Sequence[str] | None,
    text: str,
) -> Successor:
    """Stores the request for staff; the same request on the same day is stored once. Three reads,
    one transaction. Without `contract_ids`: all contracts for which the contact reports at this
    company.

    Raises NotSignedIn, TextRefused, EmailRefused, SuccessorIsYou, TooManyContracts,
    TooManySuccessors, NothingToHandOver; and the same NotFound for contracts of others and unknown
    ones.
    """
    session = sign_in.session_of(adapters, at, cookie)
    surroundings = sessions.surroundings(adapters.table, session)
    held = holdings.people(adapters.table, session.company_id)
    if held is None:
        raise NotSignedIn
    contact = sign_in.contact_of(surroundings, held)
    sign_in.keep_alive(adapters, at, session)
    own = sorted(c.id for c in held.contracts.values() if reports(contact, c, held.contacts))
    asked = Successor(
        id="",
        company_id=session.company_id,
        contact_id=contact.id,
        name=" ".join(plain(name, field="name", longest=successors.LONGEST_NAME).split()),
        mailbox=_mailbox(email, contact.mailbox),
        contract_ids=_chosen(own, contract_ids),
        asked_at=at.now,
        text=plain(text, field="text", longest=successors.LONGEST_TEXT, lines=True, needed=False),
    )
    content = [asked.company_id, asked.contact_id, asked.name, asked.mailbox, asked.contract_ids]
    number = crypto.digest(json.dumps([*content, asked.text, at.today.isoformat()]))[:24]
    return _kept(adapters, asked, number)


def _kept(adapters: Adapters, asked: Successor, number: str) -> Successor:
    fresh = replace(asked, id=number)
    try:
        adapters.table.transact(store.create(fresh))
    except ConditionFailed as failed:
        if not failed.on("request"):
            raise TooManySuccessors(most=successors.MOST_OPEN) from None
        known = store.load(adapters.table, number)
        if known is None:
            raise Unavailable from None
        return known
    return fresh


def _chosen(own: Sequence[str], wanted: Sequence[str] | None) -> tuple[str, ...]:
    chosen = tuple(own if wanted is None else dict.fromkeys(wanted))
    if not set(chosen) <= set(own):
        raise NotFound(field="contract_ids")
    if not chosen:
        raise NothingToHandOver(field="contract_ids")
    if len(chosen) > successors.MOST_CONTRACTS:
        raise TooManyContracts(field="contract_ids", most=successors.MOST_CONTRACTS)
    return chosen


def _mailbox(email: str, own: str | None) -> str:
    _, address = typed_address(email)
    if address == own:
        raise SuccessorIsYou(field="email")
    return address
