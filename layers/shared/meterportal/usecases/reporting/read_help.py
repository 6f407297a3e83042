"""Reading help: how to read a machine's counters, for contacts; and the dealer's own pages, for
staff.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from meterportal.adapters import Adapters
from meterportal.domain.access.journal import Action, Deed, FieldChange, StaffMember
from meterportal.domain.frozen import frozen
from meterportal.domain.portfolio.machines import Machine
from meterportal.domain.reporting.help import pages, shipped
from meterportal.domain.reporting.help.dealer_pages import HelpPage
from meterportal.domain.reporting.help.pages import ChosenPage, HelpChanged, Match, name_of, text_of
from meterportal.domain.reporting.help.shipped import GENERAL, normal
from meterportal.settings import Moment
from meterportal.store.access import journal
from meterportal.store.reporting import help_pages
from meterportal.store.writes import ConditionFailed
from meterportal.usecases.reporting.machine_access import access_to_read


@frozen
class HelpFor:
    """The page for a machine in the requested language; `may_report`: whether this contact may
    report it.
    """

    machine: Machine
    chosen: ChosenPage
    language: str
    may_report: bool


@frozen
class ShownPage:
    """A page as staff edit it: the dealer's own, and by language the page shown without it."""

    page: HelpPage
    without: Mapping[str, ChosenPage]


@frozen
class ListedPage:
    """A name that has a page. `maker` is "" where the dealer chose the name."""

    name: str
    maker: str
    match: Match
    shipped: bool
    page: HelpPage


def help_for(
    adapters: Adapters, at: Moment, cookie: str | None, machine_id: str, *, language: str | None
) -> HelpFor:
    """The page that fits a machine of the contact; four reads. Raises NotSignedIn, NotFound.

    `language` is the requested one; None: the contact's.
    """
    access = access_to_read(adapters, at, cookie, machine_id)
    machine, page_language = access.machine, language or access.language
    names = [one.name for one in pages.candidates(machine.maker, machine.model)]
    stored = help_pages.load_many(adapters.table, names)
    chosen = pages.choose(machine.maker, machine.model, stored, page_language)
    return HelpFor(machine, chosen, page_language, access.may_report)


def show_page(adapters: Adapters, name: str) -> ShownPage:
    """A page for staff, written or not. Two reads. Raises TextRefused for an invalid name."""
    return _shown(adapters, help_pages.load(adapters.table, name_of(name)))


def write_page(
    adapters: Adapters,
    at: Moment,
    name: str,
    languages: Mapping[str, Mapping[str, Any] | None],
    *,
    seen: int,
    by: StaffMember,
) -> ShownPage:
    """Stores the dealer's page in the given languages; the other languages show the shipped page
    again.

    `seen` is the version that was edited, 0 for a new page. Repeating the request changes nothing.
    Raises the refusals of `text_of` and HelpChanged.
    """
    texts = {
        language: text_of(language, given)
        for language, given in languages.items()
        if given is not None
    }
    page = HelpPage(_known(name_of(name)), texts, seen)
    deed = Deed(
        Action.HELP_CHANGED,
        "help",
        page.name,
        changes=(
            FieldChange("version", seen, seen + 1),
            FieldChange("languages", None, " ".join(sorted(texts))),
        ),
    )
    noted = journal.entries(adapters.new_number(), by, at.now, deed)
    written = help_pages.save(page, by=by.id, at=at.now).named("page")
    try:
        adapters.table.transact([written, *noted])
    except ConditionFailed as failed:
        item = failed.stood("page")
        standing = help_pages.unpack(item) if item else HelpPage(name)
        if (standing.texts, standing.by, standing.version) == (texts, by.id, seen + 1):
            return _shown(adapters, standing)
        raise HelpChanged(field="version", version=standing.version) from None
    return _shown(adapters, replace(page, version=seen + 1, by=by.id, at=at.now))


def list_pages(adapters: Adapters) -> list[ListedPage]:
    """All pages: those that are shipped, and those that the dealer has added. One query."""
    own = {normal(page.name): page for page in help_pages.listed(adapters.table)}
    found = [ListedPage(GENERAL, "", Match.GENERAL, True, own.pop(GENERAL, HelpPage(GENERAL)))]
    for maker in shipped.makers():
        page = own.pop(normal(maker), HelpPage(maker))
        found.append(ListedPage(maker, maker, Match.MAKER, True, page))
        for family in shipped.families(maker):
            page = own.pop(normal(family.name), HelpPage(family.name))
            found.append(ListedPage(family.name, maker, Match.FAMILY, True, page))
    found += [ListedPage(page.name, "", Match.MODEL, False, page) for page in own.values()]
    return found


def _known(name: str) -> str:
    """The shipped spelling of a name, any other name as typed."""
    names = [GENERAL, *shipped.makers()]
    names += [family.name for maker in shipped.makers() for family in shipped.families(maker)]
    return next((one for one in names if normal(one) == normal(name)), name)


def _shown(adapters: Adapters, page: HelpPage) -> ShownPage:
    maker, model = _place(page.name)
    names = [one.name for one in pages.candidates(maker, model)]
    stored = help_pages.load_many(adapters.table, names)
    stored.pop(normal(page.name), None)
    without = {
        language: pages.choose(maker, model, stored, language) for language in pages.LANGUAGES
    }
    return ShownPage(page, without)


def _place(name: str) -> tuple[str, str]:
    """The maker and model under which the page of a name is looked up."""
    if normal(name) == GENERAL:
        return "", ""
    for maker in shipped.makers():
        if normal(maker) == normal(name):
            return maker, ""
        if any(normal(family.name) == normal(name) for family in shipped.families(maker)):
            return maker, name
    family = shipped.family_of("", name)
    return (family.maker if family else "", name)
