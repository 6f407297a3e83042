"""The reading instructions that contacts see: what is shipped, and the dealer's own pages."""

from __future__ import annotations

from typing import Annotated, Any
from urllib.parse import unquote

from aws_lambda_powertools.event_handler import Response
from aws_lambda_powertools.event_handler.router import APIGatewayHttpRouter
from meterportal.domain.help.pages import Chosen, where_unnamed
from meterportal.domain.help.shipped import HelpText, alternative, pictures
from meterportal.domain.machines import MeterKind
from meterportal.doors import doors
from meterportal.http import Body, answer
from meterportal.settings import moment
from meterportal.store.help_pages import HelpPage
from meterportal.usecases.read_help import Listed, Shown, list_pages, show_page, write_page
from pydantic import Field, StrictInt

from staff_api.staff import staff_of

router = APIGatewayHttpRouter()


class TextBody(Body):
    """Plain text: a title and 1 to 12 steps; `picture` is one of the shipped drawings or null.

    `meters`: a sentence by kind of meter ("BW", "COLOUR", "SCAN", "TOTAL") about which number on the
    machine it is; null or left out means what stands there without.
    """

    title: str
    steps: Annotated[list[str], Field(max_length=100)]
    picture: str | None = None
    meters: Annotated[dict[str, str | None] | None, Field(max_length=10)] = None


class HelpBody(Body):
    """`languages` by "de" and "en": null or left out means what is shipped. `version` as seen."""

    languages: Annotated[dict[str, TextBody | None], Field(max_length=10)]
    version: StrictInt


@router.get("/api/staff/help", summary="Everything that has reading instructions")
def list_all() -> Response[str]:
    """The general page, makers and families as shipped, then names that the dealer has added."""
    staff = staff_of(router.current_event.raw_event, "read")
    told = [
        {"name": name, "src": f"/help/{name}.svg", "alt": alternative(name, staff.language)}
        for name in pictures()
    ]
    return answer({"pages": [_listed(one) for one in list_pages(doors())], "pictures": told})


@router.get("/api/staff/help/<model>", summary="One page of reading instructions")
def show(model: str) -> Response[str]:
    """`model` is a model, a family, a maker or "general"; also one that nobody has written yet."""
    staff_of(router.current_event.raw_event, "read")
    return answer(_shown(show_page(doors(), unquote(model))))


@router.put("/api/staff/help/<model>", summary="Write the dealer's own reading instructions")
def write(model: str, body: HelpBody) -> Response[str]:
    """Takes the place of what is shipped under this name, in the languages given."""
    staff = staff_of(router.current_event.raw_event, "admin")
    given = {
        language: text.model_dump() if text else None for language, text in body.languages.items()
    }
    shown = write_page(doors(), moment(), unquote(model), given, seen=body.version, by=staff.id)
    return answer(_shown(shown))


def _listed(listed: Listed) -> dict[str, Any]:
    return {
        "model": listed.name,
        "maker": listed.maker or None,
        "match": listed.match.value,
        "shipped": listed.shipped,
        "languages": sorted(listed.page.texts),
        **_who(listed.page),
    }


def _shown(shown: Shown) -> dict[str, Any]:
    page = shown.page
    return {
        "model": page.name,
        **_who(page),
        "pictures": pictures(),
        "languages": {
            language: _text(page.texts[language]) if language in page.texts else None
            for language in shown.without
        },
        "without": {language: _chosen(one, language) for language, one in shown.without.items()},
    }


def _who(page: HelpPage) -> dict[str, Any]:
    at = page.at.isoformat(timespec="seconds") if page.at else None
    return {"version": page.version, "by": page.by or None, "at": at}


def _chosen(chosen: Chosen, language: str) -> dict[str, Any]:
    """What contacts see where the dealer wrote nothing: a sentence for every kind of meter."""
    said = {kind.value: where_unnamed(kind, chosen.meters, language) for kind in MeterKind}
    return {
        "match": chosen.match.value,
        "from": chosen.name,
        **_text(chosen.text),
        "meters": said,
    }


def _text(text: HelpText) -> dict[str, Any]:
    return {
        "title": text.title,
        "steps": list(text.steps),
        "picture": text.picture,
        "meters": dict(text.meters),
    }
