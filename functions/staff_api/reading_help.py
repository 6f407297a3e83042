"""The reading instructions that contacts see: what is shipped, and the dealer's own pages."""

from __future__ import annotations

from typing import Annotated
from urllib.parse import unquote

from aws_lambda_powertools.event_handler.router import APIGatewayHttpRouter
from meterportal.adapters import adapters
from meterportal.domain.portfolio.machines import MeterKind
from meterportal.domain.refusals import Invalid
from meterportal.domain.reporting.help.dealer_pages import HelpPage
from meterportal.domain.reporting.help.pages import ChosenPage, HelpChanged, where_unnamed
from meterportal.domain.reporting.help.shipped import HelpText, alternative, pictures
from meterportal.http import Answer, Body, Number, Words, refuses
from meterportal.settings import moment
from meterportal.usecases.reporting.read_help import (
    ListedPage,
    ShownPage,
    list_pages,
    show_page,
    write_page,
)
from pydantic import Field, StrictInt

from staff_api.answers.reporting import (
    HelpPageJson,
    HelpPagesJson,
    HelpPictureJson,
    HelpRowJson,
    HelpTextJson,
    ShippedHelpJson,
)
from staff_api.staff import staff_of

router = APIGatewayHttpRouter()


class TextBody(Body):
    """Plain text: a title and 1 to 12 steps; `picture` is one of the shipped drawings or null.

    `meters`: a sentence by kind of meter ("BW", "COLOUR", "SCAN", "TOTAL") about which number on the
    machine it is; null or left out means what stands there without.
    """

    title: Words
    steps: Annotated[list[Words], Field(max_length=100)]
    picture: Number | None = None
    meters: Annotated[dict[Number, Words | None] | None, Field(max_length=10)] = None


class HelpBody(Body):
    """`languages` by "de" and "en": null or left out means what is shipped. `version` as seen."""

    languages: Annotated[dict[Number, TextBody | None], Field(max_length=10)]
    version: StrictInt


@router.get("/api/staff/help", summary="Everything that has reading instructions")
def list_all() -> Answer[HelpPagesJson]:
    """The general page, makers and families as shipped, then names that the dealer has added."""
    staff = staff_of(router.current_event.raw_event, "read")
    told: list[HelpPictureJson] = [
        {"name": name, "src": f"/help/{name}.svg", "alt": alternative(name, staff.language)}
        for name in pictures()
    ]
    return Answer({"pages": [_listed(one) for one in list_pages(adapters())], "pictures": told})


@router.get(
    "/api/staff/help/<model>",
    summary="One page of reading instructions",
    responses=refuses(Invalid),
)
def show(model: str) -> Answer[HelpPageJson]:
    """`model` is a model, a family, a maker or "general"; also one that nobody has written yet."""
    staff_of(router.current_event.raw_event, "read")
    return Answer(_shown(show_page(adapters(), unquote(model))))


@router.put(
    "/api/staff/help/<model>",
    summary="Write the dealer's own reading instructions",
    responses=refuses(HelpChanged),
)
def write(model: str, body: HelpBody) -> Answer[HelpPageJson]:
    """Takes the place of what is shipped under this name, in the languages given."""
    staff = staff_of(router.current_event.raw_event, "admin")
    given = {
        language: text.model_dump() if text else None for language, text in body.languages.items()
    }
    shown = write_page(
        adapters(), moment(), unquote(model), given, seen=body.version, by=staff.member
    )
    return Answer(_shown(shown))


def _listed(listed: ListedPage) -> HelpRowJson:
    page = listed.page
    return {
        "model": listed.name,
        "maker": listed.maker or None,
        "match": listed.match,
        "shipped": listed.shipped,
        "languages": sorted(page.texts),
        "version": page.version,
        "by": page.by or None,
        "at": _at(page),
    }


def _shown(shown: ShownPage) -> HelpPageJson:
    page, without = shown.page, shown.without
    return {
        "model": page.name,
        "version": page.version,
        "by": page.by or None,
        "at": _at(page),
        "pictures": pictures(),
        "languages": {"de": _own(page, "de"), "en": _own(page, "en")},
        "without": {"de": _chosen(without["de"], "de"), "en": _chosen(without["en"], "en")},
    }


def _at(page: HelpPage) -> str | None:
    return page.at.isoformat(timespec="seconds") if page.at else None


def _own(page: HelpPage, language: str) -> HelpTextJson | None:
    text = page.texts.get(language)
    return _text(text) if text else None


def _chosen(chosen: ChosenPage, language: str) -> ShippedHelpJson:
    """What contacts see where the dealer wrote nothing: a sentence for every kind of meter."""
    text = chosen.text
    return {
        "match": chosen.match,
        "from": chosen.name,
        "title": text.title,
        "steps": list(text.steps),
        "picture": text.picture,
        "meters": {kind: where_unnamed(kind, chosen.meters, language) for kind in MeterKind},
    }


def _text(text: HelpText) -> HelpTextJson:
    return {
        "title": text.title,
        "steps": list(text.steps),
        "picture": text.picture,
        "meters": dict(text.meters),
    }
