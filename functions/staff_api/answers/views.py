"""What a staff member has set for the console's lists."""

from typing import Annotated

from meterportal.domain.portfolio.views import ShownList
from pydantic import Field
from typing_extensions import TypedDict


class SavedViewJson(TypedDict):
    """A list with conditions and order under a name."""

    list: ShownList
    name: str
    query: Annotated[str, Field(description="Of the list's address in the console")]


class ShownColumnsJson(TypedDict):
    """By list and column whether it is shown; the others are shown as usual."""

    contracts: dict[str, bool]
    companies: dict[str, bool]
    machines: dict[str, bool]


class ViewsJson(TypedDict):
    """`version` 0: nothing was set yet."""

    version: int
    views: list[SavedViewJson]
    columns: ShownColumnsJson
