"""Text blocks: the dealer's words of a mail, by name and language, with placeholders.

A block is a subject, a line of preview (what mail programs show behind the subject), HTML and plain text.
No template language, only the placeholders that its kind names, each written as #NAME#.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime

from meterportal.domain.frozen import frozen
from meterportal.domain.refusals import ChangedMeanwhile, Refusal

REQUEST = "bwCOPortalZEmailHtml"
REMINDER = "bwCOPortalZErinnerungHtml"
RECEIPT = "bwCOPortalZQuittungHtml"
NEW_LINK = "bwCOPortalZNeuerLinkHtml"
PASSWORD = "bwCOPortalZPasswortHtml"  # noqa: S105 - the name of a mail
QUESTION = "bwCOPortalZRueckfrageHtml"
ESTIMATE = "bwCOPortalZSchaetzungHtml"

LANGUAGES = ("de", "en")
PARTS = ("subject", "preheader", "html", "text")
PLACEHOLDER = re.compile(r"#([A-ZÄÖÜ_]{2,30})#")

MEANINGS: Mapping[str, tuple[str, str]] = {
    "URL": ("der persönliche Link", "the personal link"),
    "ANREDE": ("Anrede ohne Komma", "salutation without the comma"),
    "FIRMA": ("Name der Firma, oder „4 Firmen“", "the company's name, or “4 companies”"),
    "FAELLIG": (
        "wann fällig, hinter „am“; bei mehreren Tagen alle",
        "when due, behind “on”; all of several days",
    ),
    "ANZAHL": ("Zahl der Geräte mit dem Wort", "number of machines with the noun"),
    "MASCHINEN": ("die Geräte, bis zu zehn", "the machines, up to ten"),
    "HAENDLER": ("Ihr Firmenname", "your company's name"),
    "ANTWORT": ("Ihre Adresse für Antworten", "your address for answers"),
    "WAS": ("Zählerstände oder Korrektur", "meter readings or correction"),
    "STAND": ("ob noch etwas offen ist, als Satz", "whether anything is still open, as a sentence"),
    "WERTE": ("was gemeldet wurde, als Liste", "what was reported, as a list"),
    "OFFEN": ("was noch fehlt, als Liste", "what is still missing, as a list"),
    "GUELTIG": ("letzter Tag des Links", "last day of the link"),
    "SCHAETZTAG": ("Tag, an dem geschätzt wird", "day of the estimate"),
    "SCHAETZWERTE": (
        "die fehlenden Geräte mit den Werten, die geschätzt werden, bis zu zehn",
        "the missing machines with the values that will be estimated, up to ten",
    ),
    "UHRZEIT": ("bis wann der Link gilt", "until when the link is valid"),
    "GERAET": ("Modell des Geräts", "the machine's model"),
    "SERIENNR": ("Seriennummer des Geräts", "the machine's serial number"),
    "WERT": ("der gemeldete Wert", "the reported value"),
    "FRAGE": (
        "Gerät, Wert, Zweifel und was üblich wäre",
        "machine, value, doubt and what would be usual",
    ),
}
"""What a placeholder stands for, in German and English."""

LISTS = ("MASCHINEN", "WERTE", "OFFEN", "FRAGE", "SCHAETZWERTE")
"""Placeholders that stand for several lines."""

_ALL_MAILS = ("URL", "ANREDE", "HAENDLER", "ANTWORT")


@frozen
class BlockKind:
    """A mail whose words the dealer may write: its titles (German, English) and its placeholders."""

    name: str
    titles: tuple[str, str]
    placeholders: tuple[str, ...]


KINDS: Mapping[str, BlockKind] = {
    kind.name: kind
    for kind in (
        BlockKind(
            REQUEST,
            ("Anforderung", "Request"),
            (*_ALL_MAILS, "FIRMA", "FAELLIG", "ANZAHL", "MASCHINEN"),
        ),
        BlockKind(
            REMINDER,
            ("Erinnerung", "Reminder"),
            (*_ALL_MAILS, "FIRMA", "FAELLIG", "ANZAHL", "MASCHINEN"),
        ),
        BlockKind(
            RECEIPT,
            ("Quittung", "Receipt"),
            (*_ALL_MAILS, "FIRMA", "ANZAHL", "WAS", "STAND", "WERTE", "OFFEN"),
        ),
        BlockKind(
            ESTIMATE,
            ("Ankündigung einer Schätzung", "Announcement of an estimate"),
            (*_ALL_MAILS, "FIRMA", "FAELLIG", "ANZAHL", "SCHAETZTAG", "SCHAETZWERTE"),
        ),
        BlockKind(NEW_LINK, ("Neuer Link", "New link"), (*_ALL_MAILS, "FIRMA", "GUELTIG")),
        BlockKind(PASSWORD, ("Passwort festlegen", "Set a password"), (*_ALL_MAILS, "UHRZEIT")),
        BlockKind(
            QUESTION,
            ("Rückfrage zum Wert", "Question about a value"),
            (*_ALL_MAILS, "FIRMA", "GERAET", "SERIENNR", "WERT", "FRAGE"),
        ),
    )
}


@frozen
class TextBlock:
    """The words of one mail in "de" or "en". `text` is "" where it is made from the HTML.

    `version` counts what was stored, 0 for what is shipped; `by` and `at` say who stored it, and when.
    """

    name: str
    language: str
    subject: str
    text: str
    html: str
    preheader: str = ""
    version: int = 0
    by: str = ""
    at: datetime | None = None

    def same_words(self, other: TextBlock) -> bool:
        return all(getattr(self, part) == getattr(other, part) for part in PARTS)

    def stored(self, version: int, *, by: str, at: datetime) -> TextBlock:
        return replace(self, version=version, by=by, at=at)


@frozen
class BlockFault:
    """Why a block cannot be stored: its part, its position (characters from 0) and line (from 1), a code,
    and the text there."""

    part: str
    position: int
    code: str
    spot: str = ""
    line: int = 1


class BlockRefused(Refusal):
    """A block with faults. Facts: `faults` (every `BlockFault`), `count`."""

    code = "text_block_refused"
    de = "Dieser Text lässt sich so nicht speichern: {count} Stelle(n) sind zu ändern."
    en = "This text cannot be stored like this: {count} spot(s) have to be changed."


class BlockChanged(ChangedMeanwhile):
    """Facts: `version`, the stored one."""

    de = "Dieser Text wurde inzwischen geändert. Bitte sehen Sie ihn neu an."
    en = "This text has been changed meanwhile. Please look at it again."


def tidy(content: str) -> str:
    """A text as it is stored: one kind of line break, without signs that nobody sees."""
    lines = content.replace("\r\n", "\n").replace("\r", "\n")
    return "".join(
        sign
        for sign in lines
        if sign in "\n\t" or unicodedata.category(sign) not in {"Cc", "Cf", "Cs"}
    )


_FAULTS: Mapping[str, tuple[str, str]] = {
    "empty": ("Hier fehlt der Text.", "The text is missing here."),
    "url_missing": (
        "Der persönliche Link fehlt: Bitte setzen Sie #URL# ein.",
        "The personal link is missing: please insert #URL#.",
    ),
    "unknown_placeholder": (
        "{spot} gibt es in dieser E-Mail nicht.",
        "There is no {spot} in this mail.",
    ),
    "list_in_subject": (
        "{spot} ist eine Liste und passt nicht in eine Zeile.",
        "{spot} is a list and does not fit on one line.",
    ),
    "template_code": (
        "{spot} ist Vorlagencode. Es gelten nur Platzhalter wie #FIRMA#.",
        "{spot} is template code. Only placeholders like #FIRMA# work.",
    ),
    "active_content": (
        "{spot} ist aktiver Inhalt, den E-Mail-Programme sperren.",
        "{spot} is active content, which mail programs block.",
    ),
    "tag_refused": (
        "{spot} zeigen E-Mail-Programme nicht.",
        "Mail programs do not show {spot}.",
    ),
    "attribute_refused": (
        "{spot} lassen E-Mail-Programme weg.",
        "Mail programs drop {spot}.",
    ),
    "style_dropped": (
        "{spot} lassen E-Mail-Programme weg.",
        "Mail programs drop {spot}.",
    ),
    "link_refused": (
        "Ein Link braucht #URL#, https://, mailto: oder tel:, nicht {spot}.",
        "A link needs #URL#, https://, mailto: or tel:, not {spot}.",
    ),
    "newline": (
        "Ein Betreff steht in einer Zeile.",
        "A subject stands on one line.",
    ),
    "too_large": (
        "Für den größten Kunden würde diese E-Mail größer als 102 KB; dort schneiden Postfächer ab.",
        "For the largest customer this mail would exceed 102 KB, where mailboxes cut it off.",
    ),
}


def fault_text(fault: BlockFault, language: str) -> str:
    """A fault in words."""
    return _FAULTS[fault.code][language == "en"].format(spot=fault.spot)
