"""Findings as sentences, one each, in German and English; made when they are read.

Numbers and days are written as the language writes them; mails use the same two functions.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date

from meterportal.domain.plausibility.findings import Finding, expected_reading

Sentences = Mapping[str, tuple[str, str]]

SENTENCES: Sentences = {
    "negative": (
        "Ein Zählerstand kann nicht negativ sein.",
        "A reading cannot be negative.",
    ),
    "too_many_digits": (
        "{value} hat mehr Stellen als der Zähler, der höchstens {digits} anzeigt.",
        "{value} has more digits than the meter, which shows at most {digits}.",
    ),
    "in_the_future": (
        "Das Ablesedatum {read_on} liegt in der Zukunft.",
        "The date of reading, {read_on}, is in the future.",
    ),
    "before_billed": (
        "Das Ablesedatum {read_on} liegt vor dem zuletzt abgerechneten Stand vom {billed_on}.",
        "The date of reading, {read_on}, is before the last billed reading of {billed_on}.",
    ),
    "too_early": (
        "Das Ablesedatum {read_on} liegt zu weit zurück, möglich ist es ab dem {earliest_on}.",
        "The date of reading, {read_on}, is too long ago; {earliest_on} is the first day possible.",
    ),
    "lower_than_last": (
        "{value} ist weniger als der letzte Stand {last} vom {last_on}: Tippfehler, anderer Zähler oder neue Platine?",
        "{value} is less than the last reading {last} of {last_on}: a typing error, another meter or a new board?",
    ),
    "lower_than_estimate": (
        "{value} ist weniger als der geschätzte Stand {last} vom {last_on}: Tippfehler, oder war die Schätzung zu hoch?",
        "{value} is less than the estimated reading {last} of {last_on}: a typing error, or was the estimate too high?",
    ),
    "higher_than_later": (
        "{value} am {read_on} ist mehr als der spätere Stand {later} vom {later_on}: Stimmen Zahl und Datum?",
        "{value} on {read_on} is more than the later reading {later} of {later_on}: are number and date right?",
    ),
    "rolled_over": (
        "Der Zähler hat nach {highest} wieder bei 0 begonnen; seit dem {last_on} sind es {usage}.",
        "The meter started again at 0 after {highest}; that makes {usage} since {last_on}.",
    ),
    "usage_too_high": (
        "Seit dem {last_on} wären das {usage}, erwartet werden etwa {expected} (üblich: {low} bis {high}).",
        "That would be {usage} since {last_on}; about {expected} are expected (usual: {low} to {high}).",
    ),
    "usage_too_low": (
        "Seit dem {last_on} wären das nur {usage}, erwartet werden etwa {expected} (üblich: {low} bis {high}).",
        "That would be only {usage} since {last_on}; about {expected} are expected (usual: {low} to {high}).",
    ),
    "no_usage": (
        "Seit dem {last_on} wäre nichts gezählt worden, erwartet werden etwa {expected}: Stand das Gerät still?",
        "Nothing would have been counted since {last_on}; about {expected} are expected: was the machine idle?",
    ),
    "unchanged": (
        "{value} ist derselbe Stand wie am {last_on}: Ist das neu abgelesen?",
        "{value} is the same reading as on {last_on}: has it been read again?",
    ),
    "still_idle": (
        "Der Zähler steht seit dem {last_on} auf {value}; das kam bei diesem Gerät schon öfter vor.",
        "The meter has stood at {value} since {last_on}, as it has done before.",
    ),
    "same_day_same_value": (
        "{value} ist für den {read_on} schon erfasst: Stimmt das Ablesedatum?",
        "{value} is already on record for {read_on}: is the date of reading right?",
    ),
    "same_day_other_value": (
        "Für den {read_on} ist schon {last} erfasst, davon weicht {value} ab.",
        "For {read_on}, {last} is already on record, and {value} differs from it.",
    ),
    "base_doubtful": (
        "Vielleicht ist nicht Ihr Wert falsch: Der letzte Stand {last} vom {last_on} passt selbst nicht zu den Ständen davor.",
        "Perhaps your value is not the wrong one: the last reading {last} of {last_on} does not fit the readings before it.",
    ),
    "no_history": (
        "Der Zähler hat noch keinen eigenen Verlauf und wird mit {basis} verglichen, das sind etwa {expected} seit dem {last_on}.",
        "The meter has no history of its own yet and is compared with {basis}, about {expected} since {last_on}.",
    ),
    "cannot_be_checked": (
        "Dieser Wert lässt sich noch nicht prüfen, weil ein Verlauf zum Vergleichen fehlt.",
        "This value cannot be checked yet, because there is no history to compare it with.",
    ),
    "last_was_estimate": (
        "Der letzte Stand {last} vom {last_on} war geschätzt, deshalb gilt ein weiterer Bereich als üblich.",
        "The last reading {last} of {last_on} was an estimate, so a wider range counts as usual.",
    ),
    "estimate_was_high": (
        "{value} ist weniger als der geschätzte Stand {last} vom {last_on}, passt aber zum Verlauf: Die Schätzung war zu hoch.",
        "{value} is less than the estimated reading {last} of {last_on} but fits the history: the estimate was too high.",
    ),
    "more_than_printable": (
        "{usage} seit dem {last_on} kann dieses Modell mit {pages_per_minute} Seiten pro Minute nicht drucken.",
        "This model, at {pages_per_minute} pages per minute, cannot print {usage} since {last_on}.",
    ),
    "colour_over_total": (
        "Farbe ({colour}) wäre mehr als Gesamt ({total}): Sind Zähler vertauscht?",
        "Colour ({colour}) would be more than the total ({total}): have meters been mixed up?",
    ),
    "parts_do_not_add_up": (
        "Schwarz/Weiß und Farbe ergeben zusammen {parts}, der Gesamtzähler aber {total}.",
        "Black and white and colour make {parts} together, but the total meter says {total}.",
    ),
}
"""By code: German, English."""

CAUSES: Sentences = {
    "digit_missing": (
        "In {value} fehlt wohl eine Ziffer",
        "A digit seems to be missing in {value}",
    ),
    "digit_added": (
        "In {value} ist wohl eine Ziffer zu viel",
        "There seems to be a digit too many in {value}",
    ),
    "digit_doubled": (
        "In {value} ist wohl eine Ziffer doppelt",
        "A digit seems to be doubled in {value}",
    ),
    "digit_wrong": (
        "In {value} ist wohl eine Ziffer falsch",
        "A digit seems to be wrong in {value}",
    ),
    "digits_transposed": (
        "In {value} sind wohl zwei Ziffern vertauscht",
        "Two digits seem to be transposed in {value}",
    ),
    "digit_slip": (
        "In {value} steckt wohl ein Tippfehler",
        "There seems to be a typing error in {value}",
    ),
    "typed_in_thousands": (
        "{value} sind wohl Tausender",
        "{value} seems to stand for thousands",
    ),
    "meters_swapped": (
        "{value} passt zum Zähler {other}: Sind die beiden Zähler vertauscht?",
        "{value} fits the meter {other}: have the two meters been swapped?",
    ),
    "value_of_other_meter": (
        "{value} passt zum Zähler {other} dieses Geräts: Gehört der Wert dorthin?",
        "{value} fits the meter {other} of this machine: does it belong there?",
    ),
    "value_of_other_machine": (
        "{value} passt zum Gerät {machine} ({other}): Gehört der Wert dorthin?",
        "{value} fits machine {machine} ({other}): does it belong there?",
    ),
}
"""Likely causes by code. A sentence that is not finished gets one of `_ENDS`."""

_ENDS: Sequence[tuple[str, str]] = (
    (
        ", erwartet wird ein Stand von etwa {reading}.",
        "; a reading of about {reading} is expected.",
    ),
    (": Ist {meant} gemeint?", ": is it {meant}?"),
    (": Ist {meant} oder {or_meant} gemeint?", ": is it {meant} or {or_meant}?"),
)
"""Ends of the sentence: with no number to offer, with one, with two."""

_BELONGS: Sentences = {
    "fits_history": (
        ", passt aber zum bisherigen Verbrauch: Zeigt das Gerät wirklich so viele Stellen?",
        ", but it fits the usage so far: does the machine really show that many?",
    ),
    "meters_swapped": (
        ": Sind die Werte mit dem Zähler {other} vertauscht?",
        ": has it been swapped with the meter {other}?",
    ),
    "value_of_other_meter": (
        ": Gehört der Wert zum Zähler {other}?",
        ": does it belong to the meter {other}?",
    ),
    "value_of_other_machine": (
        ": Gehört der Wert zum Gerät {machine} ({other})?",
        ": does it belong to machine {machine} ({other})?",
    ),
}
"""The same ends for a value that cannot be stored although such a cause is known, by cause."""

_UNKNOWN = ("Bitte prüfen Sie diesen Wert.", "Please check this value.")
"""For a code of an older or newer version."""

_BASES = {
    "contract_volume": ("dem Volumen des Vertrags", "the volume in the contract"),
    "model_volume": ("dem üblichen Volumen des Modells", "the usual volume of the model"),
}

_IN_PAGES = frozenset({"usage", "expected", "colour", "total", "parts"})

_REASONS: Mapping[str, tuple[tuple[str, str], ...]] = {
    "no_usage": (
        ("Das Gerät wurde nicht benutzt.", "The machine was not used."),
        ("Das Gerät war defekt.", "The machine was out of order."),
        ("Das Büro war geschlossen.", "The office was closed."),
        ("Es wurde auf einem anderen Gerät gedruckt.", "Another machine was used."),
    ),
    "unchanged": (
        ("Neu abgelesen, der Wert stimmt.", "Read again, the value is right."),
        ("Das Gerät wurde nicht benutzt.", "The machine was not used."),
    ),
    "too_many_digits": (
        ("Das Gerät zeigt so viele Stellen an.", "The machine shows that many digits."),
        ("Das Gerät wurde getauscht.", "The machine was replaced."),
    ),
    "usage_too_high": (
        ("Es wurde mehr gedruckt als sonst.", "More was printed than usual."),
        ("Das Gerät ersetzt ein anderes.", "The machine stands in for another."),
    ),
    "usage_too_low": (
        ("Es wurde weniger gedruckt als sonst.", "Less was printed than usual."),
        ("Das Gerät war zeitweise defekt.", "The machine was out of order for a time."),
    ),
    "lower_than_last": (
        ("Die Platine oder das Gerät wurde getauscht.", "The board or machine was changed."),
        ("Der letzte Stand war falsch.", "The last reading was wrong."),
    ),
    "lower_than_estimate": (
        ("Die Schätzung war zu hoch.", "The estimate was too high."),
        ("Die Platine oder das Gerät wurde getauscht.", "The board or machine was changed."),
    ),
}

_REASONS_AGAINST_A_CAUSE = (
    ("Neu abgelesen, der Wert stimmt.", "Read again, the value is right."),
    ("Es wurde anders gedruckt als sonst.", "More or less was printed than usual."),
    ("Die Platine oder das Gerät wurde getauscht.", "The board or machine was changed."),
)


def thousands(number: int, language: str) -> str:
    """12345 as 12.345 in German, 12,345 in English."""
    grouped = f"{number:,}"
    return grouped if language == "en" else grouped.replace(",", ".")


def day(on: date, language: str) -> str:
    """A date as 28.11.2026 in German, 28 November 2026 in English."""
    if language == "en":
        return f"{on.day} {_MONTHS[on.month - 1]} {on.year}"
    return f"{on:%d.%m.}{on.year}"


_MONTHS = [
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
]


def finding_text(finding: Finding, language: str, meter_label: str = "") -> str:
    """The finding as one sentence, `language` being "en", else German.

    With a label the sentence names the meter.
    """
    sentence = _sentence(finding, language == "en")
    known: dict[str, int | str | None] = {**finding.numbers}
    reading = expected_reading(finding)
    if reading:
        known["reading"] = reading.value
    numbers = _NumberTexts({name: _number_text(name, n, language) for name, n in known.items()})
    text = sentence.format_map(numbers)
    return f"{meter_label}: {text}" if meter_label else text


def _sentence(finding: Finding, english: bool) -> str:
    offered = ("meant" in finding.numbers) + ("or_meant" in finding.numbers)
    if finding.code in CAUSES:
        begun = CAUSES[finding.code][english]
        return begun if begun.endswith("?") else begun + _ENDS[offered][english]
    sentence = SENTENCES.get(finding.code, _UNKNOWN)[english]
    end = _ENDS[offered] if offered else _BELONGS.get(str(finding.numbers.get("cause")))
    return sentence.removesuffix(".") + end[english] if end else sentence


def reasons(finding: Finding, language: str) -> tuple[str, ...]:
    """The usual reasons for confirming a finding, to choose from; empty if there are none. Where a cause
    took the place of a doubt, those of the doubt: the value is right although it is odd."""
    doubt = str(finding.numbers.get("doubt", ""))
    known = _REASONS.get(finding.code, ())
    if finding.code in CAUSES:
        known = _REASONS.get(doubt, _REASONS_AGAINST_A_CAUSE)
    return tuple(pair[language == "en"] for pair in known)


class _NumberTexts(dict[str, str]):
    """The texts of a finding's numbers; a dash for a number that an older version did not store."""

    def __missing__(self, name: str) -> str:
        return "–"


def _number_text(name: str, number: int | str | None, language: str) -> str:
    if number is None:
        return "–"
    if isinstance(number, int):
        return _pages(number, language) if name in _IN_PAGES else thousands(number, language)
    if name.endswith("_on"):
        return day(date.fromisoformat(number), language)
    return _BASES[number][language == "en"] if number in _BASES else number


def _pages(number: int, language: str) -> str:
    singular, plural = ("page", "pages") if language == "en" else ("Seite", "Seiten")
    return f"{thousands(number, language)} {singular if number == 1 else plural}"
