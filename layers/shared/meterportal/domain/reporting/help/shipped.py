"""The reading instructions that come with the product: one TOML file per maker, and a general
one."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import field
from functools import cache
from importlib import resources
from typing import Any

from meterportal.domain.frozen import frozen

GENERAL = "general"


@frozen
class HelpText:
    """A page in one language: numbered steps in plain text; `picture` names a shipped drawing.

    `meters` are the dealer's sentences by kind of meter ("BW", ...) that say which number it is.
    Shipped pages have none, so that a dealer's sentence on a general page applies to all machines.
    """

    title: str
    steps: tuple[str, ...]
    picture: str | None = None
    meters: Mapping[str, str] = field(default_factory=dict)


@frozen
class Family:
    """Models of a maker with the same menus; `begins` are the beginnings of their names."""

    name: str
    maker: str
    begins: tuple[str, ...]
    texts: Mapping[str, HelpText]


@frozen
class _Maker:
    name: str
    texts: Mapping[str, HelpText]
    families: tuple[Family, ...]


def normal(name: str) -> str:
    """A name for comparison: without differences of case and spacing."""
    return " ".join(name.casefold().split())


def makers() -> list[str]:
    """Makers with a page, by name."""
    return sorted(maker.name for maker in _makers().values())


def families(maker: str) -> tuple[Family, ...]:
    """The families of a maker, as shipped."""
    found = _makers().get(normal(maker))
    return found.families if found else ()


def of_maker(maker: str) -> Mapping[str, HelpText]:
    """The maker's page by language; empty for an unknown maker."""
    found = _makers().get(normal(maker))
    return found.texts if found else {}


def family_of(maker: str, model: str) -> Family | None:
    """The family with the longest beginning that fits the model. Without a maker the families of
    all makers are searched, and the result counts only if all that fit are of one maker."""
    known = _makers().get(normal(maker))
    if known is None and maker:
        return None
    searched = [known] if known else list(_makers().values())
    fits = [
        (len(begin), family)
        for known_maker in searched
        for family in known_maker.families
        for begin in family.begins
        if (normal(model) + " ").startswith(begin.casefold())
    ]
    if len({family.maker for _, family in fits}) != 1:
        return None
    return max(fits, key=lambda fit: fit[0])[1]


def general() -> Mapping[str, HelpText]:
    return _texts(_general(), _general()["picture"])


def where_words(language: str) -> Mapping[str, str]:
    """Sentences about where a meter is found; see general.toml."""
    words: Mapping[str, str] = _general()[language]["where"]
    return words


def pictures() -> list[str]:
    """Names of the drawings in static_site/portal/help."""
    return list(_general()["pictures"])


def alternative(picture: str, language: str) -> str:
    """What a drawing shows, in words."""
    text: str = _general()["pictures"][picture][language]["alt"]
    return text


@cache
def _general() -> dict[str, Any]:
    return _read("general.toml")


@cache
def _makers() -> dict[str, _Maker]:
    folder = resources.files(__package__)
    names = sorted(entry.name for entry in folder.iterdir() if entry.name.endswith(".toml"))
    found = (_maker(_read(name)) for name in names if name != "general.toml")
    return {normal(maker.name): maker for maker in found}


def _read(name: str) -> dict[str, Any]:
    return tomllib.loads(resources.files(__package__).joinpath(name).read_text(encoding="utf-8"))


def _maker(table: Mapping[str, Any]) -> _Maker:
    name = table["maker"]
    found = (
        Family(entry["name"], name, tuple(entry["begins"]), _texts(entry, entry["picture"]))
        for entry in table.get("families", ())
    )
    return _Maker(name, _texts(table, table["picture"]), tuple(found))


def _texts(table: Mapping[str, Any], picture: str) -> dict[str, HelpText]:
    return {
        language: HelpText(table[language]["title"], tuple(table[language]["steps"]), picture)
        for language in ("de", "en")
    }
