"""The mapping of an export's headings and words to our fields and values, as a dealer edits it."""

from __future__ import annotations

import re
import tomllib
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Any

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


@dataclass(frozen=True, slots=True)
class Columns:
    """The mapping, folded for comparison.

    `headings`: kind -> folded heading -> field. `named`: kind -> a heading to name the field by.
    `files`: kind -> beginnings of file names. `words`: list -> folded word -> value; the lists
    "yes", "no" and "total_line" map each word to the list's own name.
    """

    headings: Mapping[str, Mapping[str, str]]
    named: Mapping[str, Mapping[str, str]]
    files: Mapping[str, tuple[str, ...]]
    words: Mapping[str, Mapping[str, str]]

    def word(self, of: str, text: str) -> str | None:
        """The value behind a word of a list, None if the list does not know it."""
        return self.words[of].get(fold(text))


def fold(text: str) -> str:
    """A heading or word without case, spaces, punctuation and the spelling of umlauts."""
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
    """The shipped mapping with the dealer's lists in place of its own; raises `BadColumns`."""
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
    )


def _folded(lists: Mapping[str, list[str]], where: str) -> dict[str, str]:
    """Each word's target; the same word for two targets is a fault."""
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
