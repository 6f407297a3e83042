"""The mapping of an export's headings and words to our fields and values; a dealer can change
it."""

from __future__ import annotations

import re
import tomllib
import unicodedata
from collections.abc import Mapping
from datetime import date
from functools import cache
from importlib import resources
from typing import Any

from meterportal.domain.frozen import frozen
from meterportal.domain.tables.cleaning import LONGEST_COMPOSED
from meterportal.domain.tables.forms import DayForm, read_day

KINDS = ("companies", "contacts", "contracts", "machines", "meters", "readings")
"""The kinds of files, in the order in which records depend on each other."""

_WORDS = ("language", "role", "interval", "reading_channel", "kind")
_LISTS = ("yes", "no", "total_line")
_UMLAUTS = re.compile("ae|oe|ue")


class BadColumns(Exception):
    """The dealer's mapping cannot be used; `de` and `en` say why."""

    def __init__(self, de: str, en: str) -> None:
        super().__init__(en)
        self.de = de
        self.en = en


@frozen
class Columns:
    """The mapping, folded for comparison.

    `headings`: kind -> folded heading -> field. `named`: kind -> field -> a heading as its name.
    `files`: kind -> beginnings of file names. `words`: list -> folded word -> value; the lists
    "yes", "no" and "total_line" map each word to the list's own name. `empty` are the words, in
    lower case, that mean an empty cell, `no_date` the words and days that mean no date.
    """

    headings: Mapping[str, Mapping[str, str]]
    named: Mapping[str, Mapping[str, str]]
    files: Mapping[str, tuple[str, ...]]
    words: Mapping[str, Mapping[str, str]]
    empty: frozenset[str]
    no_date: frozenset[str | date]

    def word(self, of: str, text: str) -> str | None:
        """The value of a word in a list, None if the list does not have it. A word with digits of
        another script is never found."""
        if not text.isascii() and any(sign.isdigit() and sign > "9" for sign in text):
            return None
        return self.words[of].get(fold(text))

    def rank(self, kind: str, heading: str) -> int:
        """The position of a folded heading in the mapping: of two columns with one meaning, the one
        that comes first is read."""
        return list(self.headings[kind]).index(heading)


def fold(text: str) -> str:
    """A heading or word without case, spaces, punctuation and the two spellings of umlauts. A text
    that is too long for either is returned as it is: the time grows with the square of its
    combining marks."""
    if len(text) > LONGEST_COMPOSED:
        return text
    plain = "".join(
        letter
        for letter in unicodedata.normalize("NFKD", text.casefold())
        if letter.isalnum() and not unicodedata.combining(letter)
    )
    return _UMLAUTS.sub(lambda found: found[0][0], plain)


@cache
def default_columns() -> Columns:
    """The mapping that the product comes with."""
    return _columns(tomllib.loads(_shipped()))


def columns_from(override: bytes) -> Columns:
    """The shipped mapping, with the dealer's lists replacing its own; raises `BadColumns`."""
    try:
        given = tomllib.loads(override.decode("utf-8-sig"))
    except UnicodeDecodeError as error:
        raise BadColumns(
            "sie ist nicht in UTF-8 gespeichert", "it is not saved as UTF-8"
        ) from error
    except tomllib.TOMLDecodeError as error:
        raise BadColumns(f"kein gültiges TOML ({error})", f"no valid TOML ({error})") from error
    merged = tomllib.loads(_shipped())
    _overlay(merged, given, "")
    return _columns(merged)


def _shipped() -> str:
    return resources.files(__package__).joinpath("columns.toml").read_text(encoding="utf-8")


def _overlay(onto: dict[str, Any], given: Mapping[str, Any], path: str) -> None:
    for name, value in given.items():
        where = f"{path}{name}"
        if name not in onto:
            raise BadColumns(f"{where} gibt es nicht", f"there is no {where}")
        if isinstance(onto[name], dict):
            if not isinstance(value, dict):
                raise BadColumns(f"{where} muss ein Abschnitt sein", f"{where} must be a section")
            _overlay(onto[name], value, f"{where}.")
        elif not isinstance(value, list) or not all(isinstance(word, str) for word in value):
            raise BadColumns(
                f"{where} muss eine Liste von Texten sein", f"{where} must be a list of texts"
            )
        else:
            onto[name] = value


def _columns(mapping: Mapping[str, Any]) -> Columns:
    words: dict[str, Mapping[str, str]] = {
        name: _folded({name: mapping["words"][name]}, f"words.{name}") for name in _LISTS
    }
    for name in _WORDS:
        words[name] = _folded(mapping["words"][name], f"words.{name}")
    if twice := set(words["yes"]) & set(words["no"]):
        word = min(twice)
        raise BadColumns(
            f"„{word}“ steht unter yes und unter no", f"“{word}” stands under yes and under no"
        )
    return Columns(
        headings={kind: _folded(mapping[kind]["columns"], f"{kind}.columns") for kind in KINDS},
        named={
            kind: {
                field: next(iter(names), field) for field, names in mapping[kind]["columns"].items()
            }
            for kind in KINDS
        },
        files={kind: tuple(fold(name) for name in mapping[kind]["files"]) for kind in KINDS},
        words=words,
        empty=frozenset(word.strip().casefold() for word in mapping["words"]["empty"]),
        no_date=frozenset(_day_or_word(word) for word in mapping["words"]["no_date"]),
    )


def _day_or_word(word: str) -> date | str:
    """A word for "no date"; as a day if it is one, so that it is found in every form of a day."""
    try:
        return read_day(word.strip(), DayForm.USUAL).day
    except ValueError:
        return word.strip().casefold()


def _folded(lists: Mapping[str, list[str]], where: str) -> dict[str, str]:
    """Each word's target; the same word for two targets raises `BadColumns`."""
    targets: dict[str, str] = {}
    for target, names in lists.items():
        for name in names:
            folded = fold(name)
            if not folded:
                raise BadColumns(
                    f"{where}.{target} enthält einen leeren Eintrag",
                    f"{where}.{target} holds an empty entry",
                )
            if targets.setdefault(folded, target) != target:
                raise BadColumns(
                    f"„{name}“ steht in {where} unter {targets[folded]} und unter {target}",
                    f"“{name}” stands in {where} under {targets[folded]} and under {target}",
                )
    return targets
