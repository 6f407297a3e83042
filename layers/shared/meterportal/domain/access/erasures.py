"""Erasing a person: which pieces it consists of, how far it has come, and which words are theirs."""

from __future__ import annotations

import re
from dataclasses import field
from datetime import datetime
from enum import StrEnum

from meterportal.domain.frozen import frozen
from meterportal.domain.portfolio.contracts import Contact
from meterportal.domain.refusals import Conflict

GONE = "…"
"""What stands in a text instead of a word of an erased person."""

_SHORTEST = 3
"""Characters of a first or last name that is looked for in texts of others."""


class ErasurePiece(StrEnum):
    """The pieces of a person's data, in the order in which they are read and erased."""

    ACCOUNT = "account"
    ROUNDS = "rounds"
    MACHINES = "machines"
    REQUESTS = "requests"
    JOURNAL = "journal"
    NOTES = "notes"
    ANSWERS = "answers"
    IMPORTS = "imports"
    PERSON = "person"
    SNAPSHOTS = "snapshots"

    @property
    def next(self) -> ErasurePiece | None:
        pieces = list(ErasurePiece)
        place = pieces.index(self) + 1
        return pieces[place] if place < len(pieces) else None


class ErasureRunning(Conflict):
    """The person is still being erased and cannot be readmitted."""

    code = "erasure_running"
    de = "Diese Person wird noch gelöscht. Bitte lassen Sie sie danach wieder zu."
    en = "This person is still being erased. Please readmit them afterwards."


class Awaited(StrEnum):
    """What an erasure waits for: the end of an import whose file would go, newer lists of the console."""

    IMPORT = "import"
    LISTS = "lists"

    def text(self, language: str) -> str:
        return _WAITS[self][language == "en"]


_WAITS = {
    Awaited.IMPORT: (
        "Gerade läuft ein Import, dessen Datei gelöscht wird. Danach geht die Löschung weiter.",
        "An import is running whose file will be deleted. After it the erasure goes on.",
    ),
    Awaited.LISTS: (
        "Die Listen der Konsole entstehen gerade neu, ohne diese Person. Danach geht die Löschung weiter.",
        "The console's lists are being made anew, without this person. After that the erasure goes on.",
    ),
}


@frozen
class Erasure:
    """How far an erasure has come. `piece` is the next one (None: done), `after` the place in it.

    `address` is "" as soon as nothing needs it any more; `mark` names the tombstone of the address,
    `former_marks` those of former ones. `removed_at` is when the contact's own row went. `waits` is what
    keeps it at its place just now; it is not stored.
    """

    contact_id: str
    company_id: str
    by: str
    at: datetime
    piece: ErasurePiece | None
    after: str = ""
    address: str = ""
    mark: str = ""
    former_marks: tuple[str, ...] = ()
    removed_at: datetime | None = None
    asked_at: datetime | None = None
    rev: int = 0
    waits: Awaited | None = field(default=None, compare=False)


@frozen
class Person:
    """A contact whose data are read or erased. `alone`: nobody else stands at the address; `former` are
    the addresses of before at which nobody else stands."""

    contact: Contact
    alone: bool
    former: tuple[str, ...] = ()

    @property
    def address(self) -> str:
        return self.contact.mailbox or ""

    @property
    def addresses(self) -> list[str]:
        """The address, where there is one, and the former ones."""
        return [*([self.address] if self.address else []), *self.former]

    @property
    def own(self) -> list[str]:
        """The addresses at which nobody else stands."""
        return self.addresses if self.alone else list(self.former)

    def named_in(self, text: str) -> bool:
        """Whether a text holds a word of the person."""
        return self.forget(text) != text

    def forget(self, text: str) -> str:
        """A text without the person's words: name, first and last name, e-mail address, phone."""
        pattern = self._pattern()
        return pattern.sub(GONE, text) if pattern else text

    def forget_exactly(self, text: str) -> str:
        """As `forget` in a text about many people: a first or last name alone may be another's, so it
        goes only where it is all there is."""
        contact = self.contact
        alone = {contact.first_name.casefold(), contact.last_name.casefold()} - {""}
        if text.casefold() in alone:
            return GONE
        pattern = _any_of(self._unique())
        return pattern.sub(GONE, text) if pattern else text

    def _unique(self) -> list[str]:
        contact = self.contact
        full = f"{contact.first_name} {contact.last_name}".strip()
        return [
            word
            for word in (
                contact.email,
                *self.addresses,
                contact.phone,
                contact.email_in_erp or "",
                contact.phone_in_erp or "",
                full,
            )
            if " " in word or (len(word) > _SHORTEST and not word.isalpha())
        ]

    def _pattern(self) -> re.Pattern[str] | None:
        names = (self.contact.first_name, self.contact.last_name)
        return _any_of([*self._unique(), *(name for name in names if len(name) >= _SHORTEST)])


def _any_of(words: list[str]) -> re.Pattern[str] | None:
    if not words:
        return None
    longest_first = sorted(set(words), key=len, reverse=True)
    return re.compile(rf"(?<!\w)(?:{'|'.join(map(re.escape, longest_first))})(?!\w)", re.IGNORECASE)
