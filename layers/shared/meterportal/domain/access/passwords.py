"""Which passwords are accepted: long ones that are hard to guess. Any character, and no rules about
kinds of characters (NIST SP 800-63B, 5.1.1.2 and 3.1.1: a minimum length, a list of expected
passwords, and a refusal that gives its reason)."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator
from functools import cache
from itertools import pairwise
from pathlib import Path

from meterportal.domain.refusals import PasswordRefused

SHORTEST, LONGEST = 15, 256
"""Characters, counted after normalisation."""

_LONGEST_TYPED = 4 * LONGEST
"""Characters as typed: normalisation may join up to four of them into one."""

_LEFT = 8
"""How many characters must be left when expected words are removed; a digit counts half."""

_LIST = Path(__file__).with_name("common_passwords.txt")
_RUNS = (
    "abcdefghijklmnopqrstuvwxyz",
    "01234567890",
    "qwertzuiopasdfghjklyxcvbnm",
    "qwertyuiopasdfghjklzxcvbnm",
)
_LOOKS_LIKE = str.maketrans("@4310$57!|", "aaeiosstii")

_TEXTS = {
    "too_short": (
        "Bitte mindestens {shortest} Zeichen, zum Beispiel vier zufällige Wörter.",
        "Please use at least {shortest} characters, for instance four random words.",
    ),
    "too_long": (
        "Bitte höchstens {longest} Zeichen.",
        "Please use at most {longest} characters.",
    ),
    "repeated": (
        "Dieses Passwort wiederholt sich und ist leicht zu erraten.",
        "This password repeats itself and is easily guessed.",
    ),
    "sequence": (
        "Dieses Passwort besteht aus einer Folge von Buchstaben, Ziffern oder Tasten.",
        "This password is a sequence of letters, digits or keys.",
    ),
    "personal": (
        "Dieses Passwort besteht aus Ihrer Adresse oder aus Namen, die andere kennen.",
        "This password is made of your address or of names that others know.",
    ),
    "common": (
        "Dieses Passwort besteht aus häufigen Wörtern und Zahlen und ist leicht zu erraten.",
        "This password is made of common words and numbers and is easily guessed.",
    ),
}


def compared(password: str) -> str:
    """The form that is hashed: NFKC, so that it does not matter how a character was typed.

    A text that is too long for a password is returned as it is.
    """
    if len(password) > _LONGEST_TYPED:
        return password
    return unicodedata.normalize("NFKC", password)


def accept(password: str, *, names: Iterable[str]) -> str:
    """The form to hash of a password that may be set; raises PasswordRefused with the reason.

    `names` are words that others may know: dealer, company, person, address.
    """
    chosen = compared(password)
    reason = _fault(chosen, names)
    if reason is not None:
        de, en = (text.format(shortest=SHORTEST, longest=LONGEST) for text in _TEXTS[reason])
        raise PasswordRefused(field="password", de=de, en=en, reasons=[reason])
    return chosen


def _fault(chosen: str, names: Iterable[str]) -> str | None:
    """The first reason against a password, None if there is none."""
    if len(chosen) < SHORTEST:
        return "too_short"
    if len(chosen) > LONGEST:
        return "too_long"
    text = chosen.casefold()
    if len(set(text)) < 5 or _repeats(text):
        return "repeated"
    if _is_sequence(text):
        return "sequence"
    own = {word for name in names for word in _words(name)}
    # "passw0rd" is compared with the list as typed and as "password".
    for folded in {_fold(text), _fold(text.translate(_LOOKS_LIKE))}:
        if _left(folded, _common()) < _LEFT:
            return "common"
        if _left(folded, _common() | own) < _LEFT:
            return "personal"
    return None


def _left(folded: str, expected: Iterable[str]) -> float:
    """How much is left of a password without the expected words. Letters of other scripts count
    fully."""
    for word in sorted(expected, key=len, reverse=True):
        folded = folded.replace(word, " ")
    rest = folded.replace(" ", "")
    return sum(0.5 if letter.isdigit() else 1 for letter in rest)


def _repeats(text: str) -> bool:
    """Whether a text is one part repeated; the last repetition may be cut."""
    return any(text[period:] == text[:-period] for period in range(1, (len(text) + 1) // 2 + 1))


def _is_sequence(text: str) -> bool:
    """Whether most letters follow the one before in a known sequence, forwards or backwards."""
    pairs = [a + b for a, b in pairwise(text)]
    going_on = sum(any(p in run or p[::-1] in run for run in _RUNS) for p in pairs)
    return going_on >= 0.7 * len(pairs)


def _words(name: str) -> Iterator[str]:
    """The words of a name or address, and all of them joined; without short ones, which may be in a
    password by chance."""
    folded = [_fold(part) for part in re.split(r"[\s@.,_+&/-]+", name.casefold())]
    yield from (word for word in folded if len(word) >= 4)
    joined = "".join(folded)
    if len(joined) >= 4:
        yield joined


def _fold(text: str) -> str:
    """Only letters, digits and symbols such as emoji, without accents: no blanks, no
    punctuation."""
    split = unicodedata.normalize("NFD", text.casefold())
    return "".join(letter for letter in split if _counts(letter))


def _counts(letter: str) -> bool:
    return letter.isalnum() or (not letter.isascii() and unicodedata.category(letter)[0] == "S")


@cache
def _common() -> frozenset[str]:
    lines = _LIST.read_text(encoding="utf-8").splitlines()
    return frozenset(line for line in lines if line and not line.startswith("#"))
