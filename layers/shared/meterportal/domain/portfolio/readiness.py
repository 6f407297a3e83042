"""Portal Ready: can this contract's readings be asked for by mail? If not, why not, in words.

A contract is ready if no reason is an error. It needs at least one valid reporter and no faulty
*named* one; a faulty reporter by role, beside a valid one, is only a warning.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum

from meterportal.domain.access.mailboxes import Mailbox
from meterportal.domain.access.permissions import granted
from meterportal.domain.frozen import frozen
from meterportal.domain.portfolio.contracts import (
    Contact,
    Contract,
    Delivery,
    PortalRights,
    ReadingChannel,
    reporters_of,
)
from meterportal.domain.portfolio.machines import Machine


class Weight(StrEnum):
    """error: not ready; warning: ready, but somebody should look; info: worth knowing."""

    ERROR = "error"
    WARNING = "warning"
    INFO = "info"


TEXTS: Mapping[str, tuple[str, str]] = {
    "contract_unknown": (
        "Diesen Vertrag gibt es nicht.",
        "There is no such contract.",
    ),
    "channel_not_portal": (
        "Die Zählermeldung dieses Vertrags erfolgt nicht über das Portal ({channel}).",
        "The readings of this contract are not reported through the portal ({channel}).",
    ),
    "contract_ended": (
        "Der Vertrag ist am {ended_on} ausgelaufen.",
        "The contract ended on {ended_on}.",
    ),
    "nothing_to_report": (
        "Der Vertrag hat kein aktives Gerät mit einem abrechnungsrelevanten Zähler.",
        "The contract has no active machine with a billable meter.",
    ),
    "no_estimate": (
        "Zur Fälligkeit {due_on} ist nichts mehr zu schätzen, oder es fehlt ein Verlauf.",
        "For the due date {due_on} nothing is left to estimate, or there is no history.",
    ),
    "no_reporter": (
        "Der Vertrag nennt keinen Melde-Ansprechpartner, und die Firma hat keinen Ansprechpartner "
        "mit der Rolle Zählermeldung.",
        "The contract names no reporter, and the company has no contact with the role meter reporting.",
    ),
    "reporter_unknown": (
        "Der Melde-Ansprechpartner {contact} gehört nicht zu dieser Firma.",
        "The reporter {contact} is not a contact of this company.",
    ),
    "reporter_inactive": (
        "Der Melde-Ansprechpartner {contact} {name} ist nicht aktiv.",
        "The reporter {contact} {name} is not active.",
    ),
    "email_missing": (
        "Bei {contact} {name} fehlt die E-Mail-Adresse.",
        "{contact} {name} has no e-mail address.",
    ),
    "email_invalid": (
        "Die E-Mail-Adresse von {contact} {name} ist ungültig: „{email}“.",
        "The e-mail address of {contact} {name} is not valid: “{email}”.",
    ),
    "email_invalid.several": (
        "Bei {contact} {name} stehen mehrere E-Mail-Adressen in einem Feld: „{email}“.",
        "{contact} {name} has several e-mail addresses in one field: “{email}”.",
    ),
    "email_invalid.letters": (
        "Die E-Mail-Adresse von {contact} {name} enthält ein fremdes Zeichen ({letters}): „{email}“.",
        "The e-mail address of {contact} {name} holds a foreign character ({letters}): “{email}”.",
    ),
    "email_doubled": (
        "Die E-Mail-Adresse {email} steht bei mehreren Ansprechpartnern dieser Firma: {people}.",
        "The e-mail address {email} stands at several contacts of this company: {people}.",
    ),
    "email_bounced": (
        "E-Mails an {email} ({contact} {name}) kommen als unzustellbar zurück.",
        "E-mails to {email} ({contact} {name}) come back as undeliverable.",
    ),
    "email_complained": (
        "{contact} {name} hat eine E-Mail an {email} als unerwünscht gemeldet.",
        "{contact} {name} has reported an e-mail to {email} as unwanted.",
    ),
    "email_elsewhere": (
        "Die E-Mail-Adresse {email} gehört auch zu Ansprechpartnern der Firmen {companies}.",
        "The e-mail address {email} also belongs to contacts of the companies {companies}.",
    ),
    "rights_missing": (
        "{contact} {name} hat noch keine Portalrechte. Bitte führen Sie Portal Ready aus.",
        "{contact} {name} has no portal rights yet. Please run Portal Ready.",
    ),
    "rights_missing.withdrawn": (
        "{contact} {name} darf nach den Portalrechten keine Zählerstände melden.",
        "By the portal rights {contact} {name} may not report readings.",
    ),
    "already_asked": (
        "{contact} {name} wurde für die Fälligkeit {due_on} bereits angeschrieben.",
        "{contact} {name} has been asked for the due date {due_on} already.",
    ),
    "not_asked": (
        "{contact} {name} wurde für die Fälligkeit {due_on} noch nicht angeschrieben.",
        "{contact} {name} has not been asked for the due date {due_on} yet.",
    ),
    "asked_lately": (
        "{contact} {name} wurde für die Fälligkeit {due_on} erst in den letzten drei Tagen angeschrieben.",
        "{contact} {name} has been asked for the due date {due_on} within the last three days only.",
    ),
    "reminded_today": (
        "{contact} {name} wurde heute schon an die Fälligkeit {due_on} erinnert.",
        "{contact} {name} has been reminded of the due date {due_on} today already.",
    ),
    "reminded_enough": (
        "{contact} {name} wurde zweimal an die Fälligkeit {due_on} erinnert. Bitte rufen Sie an.",
        "{contact} {name} has been reminded of the due date {due_on} twice. Please call.",
    ),
    "mail_waits": (
        "Eine E-Mail an {contact} {name} zur Fälligkeit {due_on} wartet noch auf den Versand.",
        "A mail to {contact} {name} about the due date {due_on} still waits to be sent.",
    ),
    "already_reported": (
        "Alle Zählerstände zur Fälligkeit {due_on} liegen vor.",
        "All readings for the due date {due_on} have been reported.",
    ),
    "problem_reported": (
        "Zu den Geräten, deren Zählerstände noch fehlen, ist ein Problem gemeldet.",
        "A problem has been reported with the machines whose readings are still missing.",
    ),
    "not_due": (
        "Der Vertrag ist erst am {due_on} fällig.",
        "The contract is not due before {due_on}.",
    ),
    "address_changed": (
        "{contact} {name} meldet nicht mehr oder hat inzwischen eine andere E-Mail-Adresse.",
        "{contact} {name} no longer reports or has another e-mail address by now.",
    ),
    "slot_changed": (
        "Die Fälligkeit {due_on} ist inzwischen abgeschlossen oder wurde verschoben.",
        "The due date {due_on} has been settled or moved meanwhile.",
    ),
    "other_way": (
        "Der Zählerstand sollte auf anderem Weg kommen ({channel}) und fehlt noch.",
        "The reading should come in another way ({channel}) and is still missing.",
    ),
    "other_way.phone": ("Dieser Vertrag meldet telefonisch.", "This contract reports by telephone."),
    "mail_planned_before": (
        "Die E-Mail dieser Runde an {contact} {name} stand schon fest; die nächste nimmt den Vertrag mit.",
        "This round's mail to {contact} {name} was settled already; the next one takes the contract in.",
    ),
    "round_ended": (
        "Der Versandlauf wurde beendet, bevor diese E-Mail hinausging; der nächste nimmt den Vertrag mit.",
        "The round was ended before this mail went out; the next one takes the contract in.",
    ),
}  # fmt: skip


@frozen
class Reason:
    """A reason: a stable code, the contact whom it concerns, and the facts that fill its sentence.

    Facts with names that end in `_on` are ISO dates, shown as the reader's language writes them.
    The fact `kind` selects the more precise sentence if a code has several.
    """

    code: str
    contact_id: str | None = None
    weight: Weight = Weight.ERROR
    facts: Mapping[str, str] = field(default_factory=dict)

    def text(self, language: str) -> str:
        facts = {name: _shown(name, value, language) for name, value in self.facts.items()}
        kind = f"{self.code}.{self.facts['kind']}" if "kind" in self.facts else self.code
        return TEXTS[kind][language == "en"].format(**facts)


def _shown(name: str, value: str, language: str) -> str:
    if not name.endswith("_on") or not value:
        return value
    day = date.fromisoformat(value)
    return f"{day.day} {day:%B %Y}" if language == "en" else f"{day:%d.%m.%Y}"


@frozen
class Readiness:
    """The judgement of one contract. `reporters` are the valid ones, in the order in which they are
    named."""

    contract: Contract
    reasons: tuple[Reason, ...] = ()
    reporters: tuple[Contact, ...] = ()

    @property
    def errors(self) -> tuple[Reason, ...]:
        return tuple(reason for reason in self.reasons if reason.weight is Weight.ERROR)

    @property
    def notes(self) -> tuple[Reason, ...]:
        return tuple(reason for reason in self.reasons if reason.weight is not Weight.ERROR)

    @property
    def ready(self) -> bool:
        return not self.errors


@frozen
class Granted:
    """A valid reporter's rights. `new`: given by this run (a dry run would give them)."""

    contact_id: str
    company_id: str
    rights: PortalRights
    new: bool


@dataclass(slots=True)
class ReadinessOutcome:
    """Portal Ready for many contracts, by number; `notes` are warnings and infos."""

    ready: list[str] = field(default_factory=list)
    not_ready: list[tuple[str, tuple[Reason, ...]]] = field(default_factory=list)
    notes: list[tuple[str, Reason]] = field(default_factory=list)
    granted: list[Granted] = field(default_factory=list)

    def add(self, part: ReadinessOutcome) -> None:
        self.ready += part.ready
        self.not_ready += part.not_ready
        self.notes += part.notes
        self.granted += part.granted


def judge(
    contract: Contract,
    contacts: Mapping[str, Contact],
    posts: Mapping[str, Mailbox],
    today: date,
    *,
    machines: Iterable[Machine] | None = None,
    sending: bool = False,
) -> Readiness:
    """Judge one contract.

    `contacts` are all of its company, `posts` the mailboxes of its reporters by address, `machines`
    those of the contract if they are known. `sending` requires rights that were granted before,
    because a request grants none.
    """
    reasons = list(about_contract(contract, today, machines))
    found, valid = _about_reporters(contract, contacts, posts, sending=sending)
    return Readiness(contract, tuple(_to_mend([*reasons, *found])), tuple(valid))


def _to_mend(reasons: list[Reason]) -> list[Reason]:
    """The reasons, without rights that were only not given yet if there is another error: Portal
    Ready gives them when that one is corrected."""
    waiting = [r for r in reasons if r.code == "rights_missing" and "kind" not in r.facts]
    others = [r for r in reasons if r not in waiting]
    return others if any(r.weight is Weight.ERROR for r in others) else reasons


def about_contract(
    contract: Contract, today: date, machines: Iterable[Machine] | None
) -> Iterable[Reason]:
    """The reasons against the contract itself, whoever reports for it."""
    if contract.reading_channel is not ReadingChannel.PORTAL:
        yield Reason("channel_not_portal", facts={"channel": contract.reading_channel.value})
    if not contract.running(today) and contract.ends_on:
        yield Reason("contract_ended", facts={"ended_on": contract.ends_on.isoformat()})
    if machines is not None and not any(machine.asked_for for machine in machines):
        yield Reason("nothing_to_report")


def _about_reporters(
    contract: Contract,
    contacts: Mapping[str, Contact],
    posts: Mapping[str, Mailbox],
    *,
    sending: bool,
) -> tuple[list[Reason], list[Contact]]:
    reasons: list[Reason] = []
    valid: list[Contact] = []
    for number in contract.reporters:
        named = contacts.get(number)
        if named is None:
            reasons.append(Reason("reporter_unknown", number, facts={"contact": number}))
        elif not named.active:
            reasons.append(_about("reporter_inactive", named))
    by_role: list[Reason] = []
    for contact in reporters_of(contract, contacts):
        faults = list(faults_of(contact, contacts, posts, sending=sending))
        if not faults:
            valid.append(contact)
            reasons.extend(_elsewhere(contact, posts))
        (reasons if contract.reporters else by_role).extend(faults)
    weight = Weight.WARNING if valid else Weight.ERROR
    reasons.extend(Reason(r.code, r.contact_id, weight, r.facts) for r in by_role)
    if not reasons and not valid:
        reasons.append(Reason("no_reporter"))
    return reasons, valid


def faults_of(
    contact: Contact,
    contacts: Mapping[str, Contact],
    posts: Mapping[str, Mailbox],
    *,
    sending: bool = False,
) -> Iterable[Reason]:
    """Why a contact cannot be asked; empty if they can. `posts` may lack addresses that were never
    used."""
    if contact.mailbox is None:
        yield _about_email(contact)
        return
    same = [
        other for other in contacts.values() if other.active and other.mailbox == contact.mailbox
    ]
    if len(same) > 1:
        people = ", ".join(f"{c.id} {c.name}" for c in sorted(same, key=lambda c: c.id))
        yield _about("email_doubled", contact, people=people)
    post = posts.get(contact.mailbox)
    if post is not None and post.delivery is not Delivery.OK:
        yield _about(f"email_{post.delivery.value}", contact)
    if contact.rights is not None and not contact.rights.readings:
        yield _about("rights_missing", contact, kind="withdrawn")
    elif sending and not granted(contact, post):
        yield _about("rights_missing", contact)


def stale_holder(
    contact: Contact, contacts: Mapping[str, Contact], post: Mailbox | None
) -> str | None:
    """The contact who still holds the claim on this contact's address, but does not have it any
    more."""
    holder = post.claims.get(contact.company_id) if post is not None else None
    if holder is None or holder == contact.id:
        return None
    person = contacts.get(holder)
    live = person is not None and person.active and person.mailbox == contact.mailbox
    return None if live else holder


def _elsewhere(contact: Contact, posts: Mapping[str, Mailbox]) -> Iterable[Reason]:
    post = posts.get(contact.mailbox or "")
    others = {company for company, _ in post.listed} if post is not None else set()
    others.discard(contact.company_id)
    if others:
        reason = _about("email_elsewhere", contact, companies=", ".join(sorted(others)))
        yield Reason(reason.code, contact.id, Weight.INFO, reason.facts)


def _about(code: str, contact: Contact, **facts: str) -> Reason:
    base = {"contact": contact.id, "name": contact.name, "email": contact.mailbox or contact.email}
    return Reason(code, contact.id, facts=base | facts)


_SEVERAL = re.compile(r"@.*[\s,;/|].*@|@[^@]*@", re.DOTALL)


def _foreign(address: str) -> list[str]:
    """Letters that a mail address here cannot have: only ASCII before the @, only Latin letters
    after it."""
    local, _, domain = address.rpartition("@")
    strange = {letter for letter in local if not letter.isascii()}
    strange |= {
        letter
        for letter in domain
        if not letter.isascii() and not unicodedata.name(letter, "").startswith("LATIN")
    }
    return sorted(strange)


def _about_email(contact: Contact) -> Reason:
    """Why there is no mailbox: no address, several in one cell, foreign letters, or no valid
    address."""
    written = contact.email.strip()
    if not written:
        return _about("email_missing", contact)
    if _SEVERAL.search(written):
        return _about("email_invalid", contact, email=written, kind="several")
    foreign = _foreign(written)
    if foreign:
        names = [unicodedata.name(letter, f"U+{ord(letter):04X}") for letter in foreign]
        letters = ", ".join(names)
        return _about("email_invalid", contact, email=written, kind="letters", letters=letters)
    return _about("email_invalid", contact, email=written)
