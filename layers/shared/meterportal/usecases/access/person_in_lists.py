"""Where a person stands in what staff decide: requests for successors, and messages that came in."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import partial
from itertools import islice
from typing import TypeVar

from meterportal.adapters import Adapters
from meterportal.domain.access.erasures import GONE, Person
from meterportal.domain.mailing.answers.arrived import ArrivedMail
from meterportal.domain.reporting.successors import Successor
from meterportal.store.mailing import arrived
from meterportal.store.reporting import successors

_OPEN, _DECIDED = "open#", "decided#"
"""Begin a place: in which of the two lists it lies."""

Listed = TypeVar("Listed")

_REQUESTS, _ANSWERS = 200, 100
"""How much of each kind a piece looks at."""


def requests_behind(adapters: Adapters, after: str) -> tuple[list[Successor], str]:
    """Requests for successors behind a place, the open ones first, and the place to go on."""
    return _behind(partial(successors.newest, adapters.table), after, _REQUESTS)


def names_person(one: Successor, person: Person) -> bool:
    """Whether a request was made by the person, or is about them."""
    contact = person.contact
    by = (one.company_id, one.contact_id) == (contact.company_id, contact.id)
    return by or is_about(one, person)


def is_about(one: Successor, person: Person) -> bool:
    """Whether a request for a successor means the person."""
    return one.mailbox in person.addresses or one.person_id == person.contact.id


def answers_behind(adapters: Adapters, after: str) -> tuple[list[ArrivedMail], str]:
    """Messages that staff look at, behind a place, the open ones first, and the place to go on."""
    return _behind(partial(arrived.newest, adapters.table), after, _ANSWERS)


def without_person(mail: ArrivedMail, person: Person) -> ArrivedMail:
    """A message without the person: of their own its words go, of others' only theirs."""
    contact = person.contact
    by = (mail.company_id, mail.contact_id) == (contact.company_id, contact.id)
    if by or (mail.sender and mail.sender in person.addresses):
        mail = replace(mail, sender="", subject=GONE, text=GONE, attachments=(), contact_id="")
    return replace(
        mail,
        sender=person.forget(mail.sender),
        subject=person.forget(mail.subject),
        text=person.forget(mail.text),
        attachments=tuple(map(person.forget, mail.attachments)),
        note=person.forget(mail.note),
    )


def _behind(
    newest: Callable[..., Iterator[tuple[str, Listed]]], after: str, most: int
) -> tuple[list[Listed], str]:
    """At most so many of what staff decide, behind a place, the open ones first; and the place to go on."""
    kind = _DECIDED if after.startswith(_DECIDED) else _OPEN
    place = after.removeprefix(kind)
    found = list(islice(newest(waits=kind == _OPEN, before=place or None), most))
    if len(found) == most:
        return [one for _, one in found], f"{kind}{found[-1][0]}"
    return [one for _, one in found], _DECIDED if kind == _OPEN else ""
