"""How to read a machine's counters, for the contact; and the dealer's own pages, for staff."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from meterportal.domain.help import pages, shipped
from meterportal.domain.help.pages import Chosen, HelpChanged, Match, name_of, text_of
from meterportal.domain.help.shipped import GENERAL, normal
from meterportal.domain.machines import Machine
from meterportal.doors import Doors
from meterportal.settings import Moment
from meterportal.store import help_pages
from meterportal.store.help_pages import HelpPage
from meterportal.store.table import ConditionFailed
from meterportal.usecases.machine_desk import desk_to_read


@dataclass(frozen=True, slots=True)
class HelpFor:
    """The page for a machine in the language that is asked for; `may_report`: by who asked."""

    machine: Machine
    chosen: Chosen
    language: str
    may_report: bool


@dataclass(frozen=True, slots=True)
class Shown:
    """A page as staff edit it: the dealer's own, and by language what stands without it."""

    page: HelpPage
    without: Mapping[str, Chosen]


@dataclass(frozen=True, slots=True)
class Listed:
    """A name that has a page. `maker` is "" where the dealer chose the name."""

    name: str
    maker: str
    match: Match
    shipped: bool
    page: HelpPage


def help_for(
    doors: Doors, at: Moment, cookie: str | None, machine_id: str, *, language: str | None
) -> HelpFor:
    """The page that fits a machine of the contact's; four reads. Raises NotSignedIn, NotFound.

    `language` is what the caller asks for, None: the contact's own.
    """
    desk = desk_to_read(doors, at, cookie, machine_id)
    machine, spoken = desk.machine, language or desk.language
    names = [one.name for one in pages.candidates(machine.maker, machine.model)]
    stored = help_pages.load_many(doors.table, names)
    chosen = pages.choose(machine.maker, machine.model, stored, spoken)
    return HelpFor(machine, chosen, spoken, desk.may_report)


def show_page(doors: Doors, name: str) -> Shown:
    """One page for staff, written or not. Two reads. Raises TextRefused for what is no name."""
    return _shown(doors, help_pages.load(doors.table, name_of(name)))


def write_page(
    doors: Doors,
    at: Moment,
    name: str,
    languages: Mapping[str, Mapping[str, Any] | None],
    *,
    seen: int,
    by: str,
) -> Shown:
    """Write the dealer's own page in the languages given; the others go back to what is shipped.

    `seen` is the version that was edited, 0 for a new page. Raises the refusals of `text_of` and
    HelpChanged.
    """
    texts = {
        language: text_of(language, given)
        for language, given in languages.items()
        if given is not None
    }
    page = HelpPage(_known(name_of(name)), texts, seen)
    try:
        doors.table.write(help_pages.save(page, by=by, at=at.now))
    except ConditionFailed as failed:
        standing = failed.items.get(0)
        raise HelpChanged(field="version", version=standing["version"] if standing else 0) from None
    return _shown(doors, replace(page, version=seen + 1, by=by, at=at.now))


def list_pages(doors: Doors) -> list[Listed]:
    """Everything that has a page: what is shipped, and what the dealer has added. One query."""
    own = {normal(page.name): page for page in help_pages.listed(doors.table)}
    found = [Listed(GENERAL, "", Match.GENERAL, True, own.pop(GENERAL, HelpPage(GENERAL)))]
    for maker in shipped.makers():
        page = own.pop(normal(maker), HelpPage(maker))
        found.append(Listed(maker, maker, Match.MAKER, True, page))
        for family in shipped.families(maker):
            page = own.pop(normal(family.name), HelpPage(family.name))
            found.append(Listed(family.name, maker, Match.FAMILY, True, page))
    found += [Listed(page.name, "", Match.MODEL, False, page) for page in own.values()]
    return found


def _known(name: str) -> str:
    """A shipped name in its own spelling, any other as typed."""
    names = [GENERAL, *shipped.makers()]
    names += [family.name for maker in shipped.makers() for family in shipped.families(maker)]
    return next((one for one in names if normal(one) == normal(name)), name)


def _shown(doors: Doors, page: HelpPage) -> Shown:
    maker, model = _place(page.name)
    names = [one.name for one in pages.candidates(maker, model)]
    stored = help_pages.load_many(doors.table, names)
    stored.pop(normal(page.name), None)
    without = {
        language: pages.choose(maker, model, stored, language) for language in pages.LANGUAGES
    }
    return Shown(page, without)


def _place(name: str) -> tuple[str, str]:
    """Maker and model for which a name's page would be looked up."""
    if normal(name) == GENERAL:
        return "", ""
    for maker in shipped.makers():
        if normal(maker) == normal(name):
            return maker, ""
        if any(normal(family.name) == normal(name) for family in shipped.families(maker)):
            return maker, name
    family = shipped.family_of("", name)
    return (family.maker if family else "", name)
