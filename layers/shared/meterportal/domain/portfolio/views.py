"""What a staff member has set for the console's lists: views with a name, and which columns are shown."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import field
from enum import StrEnum
from typing import Any

from meterportal.domain.frozen import frozen
from meterportal.domain.plain_text import plain
from meterportal.domain.refusals import Invalid

MOST_VIEWS = 50
MOST_COLUMNS = 40
"""Of one list."""

LONGEST_NAME, LONGEST_QUERY, LONGEST_COLUMN = 40, 800, 40


class ShownList(StrEnum):
    """The lists that have views and columns."""

    CONTRACTS = "contracts"
    COMPANIES = "companies"
    MACHINES = "machines"


@frozen
class SavedView:
    """A list with conditions and order, as the query of its address in the console ("state=asked")."""

    list: ShownList
    name: str
    query: str


@frozen
class ListSettings:
    """`columns`: by list and column whether it is shown; a column that is not named is shown as usual."""

    views: tuple[SavedView, ...] = ()
    columns: Mapping[ShownList, Mapping[str, bool]] = field(default_factory=dict)


@frozen
class StoredSettings:
    """`version` 0: nothing was set yet."""

    settings: ListSettings = ListSettings()
    version: int = 0


def settings_of(
    views: Iterable[SavedView], columns: Mapping[ShownList, Mapping[str, bool]]
) -> ListSettings:
    """The settings with clean names; lists without a column set are left out.

    Raises TextRefused for a name, Invalid for two views of a list with one name.
    """
    cleaned: dict[tuple[ShownList, str], SavedView] = {}
    for n, one in enumerate(views):
        name = plain(one.name, field=f"views.{n}.name", longest=LONGEST_NAME)
        if (one.list, name) in cleaned:
            raise Invalid(
                field=f"views.{n}.name",
                de=f"Zwei Ansichten heißen „{name}“.",
                en=f"Two views are called “{name}”.",
            )
        cleaned[one.list, name] = SavedView(one.list, name, one.query)
    return ListSettings(
        tuple(cleaned.values()), {name: dict(shown) for name, shown in columns.items() if shown}
    )


def as_plain(settings: ListSettings) -> dict[str, Any]:
    """As JSON knows it; `from_plain` reads it back."""
    return {
        "views": [[one.list.value, one.name, one.query] for one in settings.views],
        "columns": {name.value: dict(shown) for name, shown in settings.columns.items()},
    }


def from_plain(found: Mapping[str, Any]) -> ListSettings:
    return ListSettings(
        tuple(SavedView(ShownList(kind), name, query) for kind, name, query in found["views"]),
        {ShownList(name): shown for name, shown in found["columns"].items()},
    )
