"""A dealer's own reading instructions: one item per model, family or maker, all languages together."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime

from meterportal.domain.reporting.help.dealer_pages import HelpPage
from meterportal.domain.reporting.help.shipped import HelpText, normal
from meterportal.store import keys
from meterportal.store.items import Item
from meterportal.store.table import Table
from meterportal.store.writes import Write


def load(table: Table, name: str) -> HelpPage:
    """The dealer's page of a name; an empty one if the dealer wrote none. One read."""
    item = table.get(*keys.help_page(normal(name)))
    return unpack(item) if item else HelpPage(name)


def load_many(table: Table, names: Iterable[str]) -> dict[str, Mapping[str, HelpText]]:
    """Texts by normalised name, for those that the dealer wrote. One read."""
    found = table.batch_get(keys.help_page(normal(name)) for name in names)
    return {normal(page.name): page.texts for page in map(unpack, found.values())}


def listed(table: Table) -> Iterator[HelpPage]:
    """All pages of the dealer by name, from the index."""
    for item in table.query("HELP", index="lists"):
        yield unpack(item)


def save(page: HelpPage, *, by: str, at: datetime) -> Write:
    """Stores a page in place of version `page.version` and increases the version; fails when the
    stored version is another one.
    """
    pk, sk = keys.help_page(normal(page.name))
    item: Item = {
        "pk": pk,
        "sk": sk,
        "name": page.name,
        "version": page.version + 1,
        "by": by,
        "at": at.isoformat(timespec="seconds"),
        "texts": {
            language: {
                "title": text.title,
                "steps": list(text.steps),
                "picture": text.picture,
                "meters": dict(text.meters),
            }
            for language, text in page.texts.items()
        },
        **keys.help_list(normal(page.name)),
    }
    if page.version == 0:
        return Write(put=item, condition="attribute_not_exists(pk)")
    return Write(put=item, condition="#version = :seen", values={"seen": page.version})


def unpack(item: Item) -> HelpPage:
    return HelpPage(
        name=item["name"],
        texts={
            language: HelpText(
                text["title"],
                tuple(text["steps"]),
                text["picture"],
                text.get("meters", {}),  # pages of earlier versions have none
            )
            for language, text in item["texts"].items()
        },
        version=item["version"],
        by=item["by"],
        at=datetime.fromisoformat(item["at"]),
    )
