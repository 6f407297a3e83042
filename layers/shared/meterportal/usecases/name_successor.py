"""A contact is not the right one any more and names who is."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import replace

from meterportal import crypto
from meterportal.domain import successors
from meterportal.domain.plain_text import plain
from meterportal.domain.refusals import NotFound, NotSignedIn, Unavailable
from meterportal.domain.successors import (
    EmailRefused,
    NothingToHandOver,
    Successor,
    SuccessorIsYou,
    TooManyContracts,
)
from meterportal.doors import Doors
from meterportal.settings import Moment
from meterportal.store import portfolio, sessions
from meterportal.store import successors as store
from meterportal.store.table import ConditionFailed
from meterportal.usecases import sign_in
from meterportal.usecases.overview import reports

_WHY = {
    "email_invalid": (
        "Das ist keine gültige E-Mail-Adresse.",
        "This is not a valid e-mail address.",
    ),
    "email_several": (
        "Bitte geben Sie nur eine E-Mail-Adresse an.",
        "Please give one e-mail address only.",
    ),
    "email_lookalike": (
        "Diese E-Mail-Adresse enthält ein fremdes Zeichen, das nur so aussieht wie unseres.",
        "This e-mail address holds a foreign character that only looks like one of ours.",
    ),
}


def name_successor(
    doors: Doors,
    at: Moment,
    cookie: str | None,
    *,
    name: str,
    email: str,
    contract_ids: Sequence[str] | None,
    text: str,
) -> Successor:
    """Keep the request for staff; the same request again on the same day is the same one. Three
    reads, one write. Without `contract_ids`: all that the contact reports for at this company.

    Raises NotSignedIn, TextRefused, EmailRefused, SuccessorIsYou, TooManyContracts,
    NothingToHandOver; NotFound alike for foreign and unknown contracts.
    """
    session = sign_in.session_of(doors, at, cookie)
    around = sessions.surroundings(doors.table, session)
    held = portfolio.people(doors.table, session.company_id)
    if held is None:
        raise NotSignedIn
    contact = sign_in.contact_of(around, held)
    sign_in.keep_alive(doors, at, session)
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
    said = [asked.company_id, asked.contact_id, asked.name, asked.mailbox, asked.contract_ids]
    number = crypto.digest(json.dumps([*said, asked.text, at.today.isoformat()]))[:24]
    return _kept(doors, asked, number)


def _kept(doors: Doors, asked: Successor, number: str) -> Successor:
    fresh = replace(asked, id=number)
    try:
        doors.table.write(store.create(fresh))
    except ConditionFailed:
        known = store.load(doors.table, number)
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
    # The address checker takes longer to load than everything else of the contact's routes together.
    from meterportal.mail.addresses import mailbox

    typed = plain(email, field="email", longest=successors.LONGEST_EMAIL)
    address, why = mailbox(typed)
    if address is None:
        de, en = _WHY[why]
        raise EmailRefused(field="email", de=de, en=en)
    if address == own:
        raise SuccessorIsYou(field="email")
    return address
