"""What a writer says beside values: greetings and polite words say nothing, everything else does."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from datetime import date, timedelta

from meterportal.domain.frozen import frozen
from meterportal.domain.mailing.answers.masks import MASK, masked
from meterportal.domain.mailing.answers.tokens import bare_words

_GREETING = re.compile(
    r"^(sehr geehrte\w*|hallo|hi|hello|dear|guten? (tag|morgen|abend|mittag)|moin|liebe[rs]?|gr(ü|ue)(ß|ss)"
    r"( gott)?|gr(ü|ue)ezi|servus|hey|good (morning|afternoon|evening|day)|werte[rs]?|to whom it may concern)\b"
    r"([^,:!\n]{0,70}[,:!]|(\s+[^\s,:!]+){0,4}$)",
    re.IGNORECASE,
)
_WORDS_OF_COURSE = """
anbei hier hiermit unsere unser unserer unseres unserem ihre ihr der die das den dem des ein
eine einen und oder mit vom von am im an in zum zur für fuer bei auf wie sind ist lautet lauten
lauteten lautete steht stehen beträgt betragen zählerstand zählerstände zaehlerstand
zaehlerstaende zähler stand stände staende ablesung ablesungen abgelesen werte wert gerät geräte
geraet maschine maschinen drucker druckers kopierer kopierers gerätes geräts seiten seite
seitenzahl kopien drucke ausdrucke druck klicks uhr wunschgemäß gewünscht gewünschten angefragt
angefragten angeforderten folgende folgenden folgt aktuelle aktuellen aktueller aktuell heutige
heutigen neue neuen neuer jetzt heute gestern gerne gern bitte danke vielen dank schön lieben
gruß grüße montag dienstag mittwoch donnerstag freitag samstag sonntag per mail teile sende
schicke wir ich ihnen mitteilen melden meldung also siehe unten oben seriennummer seriennr
serien standort nr nummer gesamtzähler monat monats quartal damen herren zusammen team gemeldet
machine modell zählerstandsmeldung zählermeldung meter laut display zeigt nun beide beiden
angaben daten erhalten the our your are is as of this morning afternoon today here please find
attached below see above reading readings meters counter counters count counts page pages print
prints copies copy total and for on from at to with current new requested printer copier device
serial no number thanks thank you many regards hi hello dear monday tuesday wednesday thursday
friday saturday sunday these they it have has following follows by now was were taken read we my
us
"""
_HARMLESS = frozenset(_WORDS_OF_COURSE.split())
_NO_ACCESS = re.compile(
    r"kein(en|e)?\s+(zugang|zugriff|zutritt)|nicht\s+(erreichbar|zug(ä|ae)nglich|im\s+(haus|b(ü|ue)ro)|vor\s+ort)"
    r"|geschlossen|no\s+access|cannot\s+(access|reach)|can't\s+(access|reach)|(is|are)\s+closed|im\s+urlaub"
    r"|on\s+(holiday|leave|vacation)",
    re.IGNORECASE,
)
_READ_ON = re.compile(
    r"(?<!be)(?<!ver)st(a|ä|ae)nd(e|s)?\b|ables|abgelesen|ausgelesen|as of|reading|taken",
    re.IGNORECASE,
)
_OF_OTHER_THINGS = re.compile(
    r"anfrage|vertrag|rechnung|schreiben|\bmail\b|e-mail|nachricht|auftrag|bestell|lieferschein|request|contract"
    r"|invoice|letter|message|order",
    re.IGNORECASE,
)
_TO_COME = re.compile(
    r"f(ä|ae)llig|\bdue\b|nachreich|\bbis\b|\buntil\b|\btill\b|\bab\b|termin|urlaub|geschlossen|closed|holiday",
    re.IGNORECASE,
)
_BOILERPLATE = re.compile(
    r"vertraulich|confidential|datenschutz|privacy|umwelt|environment|print(ing)? this|disclaimer|empf(ä|ae)nger"
    r"|intended|registergericht|gesch(ä|ae)ftsf(ü|ue)hr|sitz der|handelsregister|virus|virenfrei|unverz(ü|ue)glich"
    r"|gehackt|newsletter|besuchen sie|follow us|visit us|http|www\.",
    re.IGNORECASE,
)
_ORNAMENTS = " \t*-_=.,;|>"
_ASKS = re.compile(r"\?|\bbitte\b|\bplease\b|^\s*p\.?\s?s\b", re.IGNORECASE)


def leftover(words: Sequence[str]) -> list[str]:
    """The words that say more than that values follow."""
    return [word for word in words if word not in _HARMLESS and len(word) > 1]


def says_something(line: str, writer: str) -> bool:
    """Whether a line that brought no value has to reach staff; the writer's name alone does not."""
    text = line.strip(_ORNAMENTS)
    while greeting := _GREETING.match(text):
        text = text[greeting.end() :].strip(_ORNAMENTS)
    if not text:
        return False
    bare = masked(text).replace(MASK, " ")
    words = re.findall(r"[^\W\d_]{2,}|\d+", bare.casefold())
    own = set(re.findall(r"[^\W\d_]{2,}", writer.casefold()))
    return any(word.isdigit() for word in words) or bool(set(leftover(words)) - own)


def asks(signature_line: str) -> bool:
    """Whether a line of a signature asks for something: it must not get lost there."""
    text = signature_line.strip()
    return bool(text) and bool(_ASKS.search(text)) and not _BOILERPLATE.search(text)


def no_access(text: str) -> bool:
    """Whether the writer says that nobody gets to the machine at present."""
    return bool(_NO_ACCESS.search(text))


@frozen
class NamedDay:
    """A date in a line; None for one without a year. `beside_values`: the line brought values."""

    line: str
    day: date | None
    beside_values: bool

    @property
    def of_reading(self) -> bool:
        """Whether it can be the day of reading, and not that of a request or of a visit."""
        if _TO_COME.search(self.line) or _OF_OTHER_THINGS.search(self.line):
            return False
        few = len(leftover(bare_words(self.line))) <= 1
        return self.beside_values or (few and bool(_READ_ON.search(self.line)))


def days_of(
    days: Iterable[NamedDay], received_on: date, oldest: timedelta
) -> tuple[date | None, date | None, bool]:
    """The day of reading that is stated (None: none is), a day to come that is named, and whether the
    stated day cannot be one: too long ago, or two of them."""
    stated: set[date] = set()
    to_come: date | None = None
    for named in days:
        if named.day is None:
            continue
        if named.day > received_on:
            to_come = named.day
        elif named.of_reading:
            stated.add(named.day)
    if len(stated) != 1:
        return None, to_come, len(stated) > 1
    (only,) = stated
    if only < received_on - oldest:
        return None, to_come, True
    return only, to_come, False
