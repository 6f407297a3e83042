"""A staff member's own views and columns of the console's lists."""

from __future__ import annotations

from typing import Annotated

from aws_lambda_powertools.event_handler.router import APIGatewayHttpRouter
from meterportal.adapters import adapters
from meterportal.domain.plain_text import TextRefused
from meterportal.domain.portfolio.views import (
    LONGEST_COLUMN,
    LONGEST_QUERY,
    MOST_COLUMNS,
    MOST_VIEWS,
    SavedView,
    ShownList,
    StoredSettings,
    settings_of,
)
from meterportal.domain.refusals import ChangedMeanwhile, Invalid
from meterportal.http import Answer, Body, Words, refuses
from meterportal.usecases.portfolio.keep_views import keep_views, views_now
from pydantic import Field, StrictInt

from staff_api.answers.views import ViewsJson
from staff_api.staff import staff_of

router = APIGatewayHttpRouter()

_List = Annotated[ShownList, Field(strict=False)]
_Column = Annotated[str, Field(max_length=LONGEST_COLUMN)]
_Columns = Annotated[dict[_Column, bool], Field(max_length=MOST_COLUMNS)]


class SavedViewBody(Body):
    """A name of at most 40 characters, and the query of the list's address in the console."""

    list: _List
    name: Words
    query: Annotated[str, Field(max_length=LONGEST_QUERY, pattern=r"^[!-~]*$")]


class ColumnsBody(Body):
    """By list and column whether it is shown; the others are shown as usual."""

    contracts: _Columns = Field(default_factory=dict)
    companies: _Columns = Field(default_factory=dict)
    machines: _Columns = Field(default_factory=dict)


class ViewsBody(Body):
    """Everything that is set, with the version that was seen (0: nothing was set yet)."""

    version: StrictInt
    views: Annotated[list[SavedViewBody], Field(max_length=MOST_VIEWS)]
    columns: ColumnsBody


@router.get("/api/staff/views", summary="One's own views and columns of the console's lists")
def get_views() -> Answer[ViewsJson]:
    staff = staff_of(router.current_event.raw_event, "read")
    return Answer(_answer(views_now(adapters(), staff.id)))


@router.put(
    "/api/staff/views",
    summary="Keep one's own views and columns of the console's lists",
    responses=refuses(ChangedMeanwhile, Invalid, TextRefused),
)
def put_views(body: ViewsBody) -> Answer[ViewsJson]:
    """Replaces all of them at once."""
    staff = staff_of(router.current_event.raw_event, "read")
    wanted = settings_of(
        (SavedView(one.list, one.name, one.query) for one in body.views),
        {name: getattr(body.columns, name) for name in ShownList},
    )
    return Answer(_answer(keep_views(adapters(), staff.id, wanted, seen=body.version)))


def _answer(stored: StoredSettings) -> ViewsJson:
    settings = stored.settings
    return {
        "version": stored.version,
        "views": [
            {"list": one.list, "name": one.name, "query": one.query} for one in settings.views
        ],
        "columns": {
            "contracts": dict(settings.columns.get(ShownList.CONTRACTS, {})),
            "companies": dict(settings.columns.get(ShownList.COMPANIES, {})),
            "machines": dict(settings.columns.get(ShownList.MACHINES, {})),
        },
    }
