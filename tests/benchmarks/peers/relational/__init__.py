"""The peer of runs over a portfolio: models of Django over SQLite, read and written in bulk, with our rules inside.

Rows become our own objects, so no model's object is made of what is only read (`values_list`). Each run is one transaction that is taken back at its end, so that it can be repeated. The database is in memory:
nothing waits for a disk. Whoever imports this has Django set up for it, once a process.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import django
from django.conf import settings

AT_ONCE = 500
"""Companies or machines that are read and written together."""

settings.configure(
    DATABASES={"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": ":memory:"}},
    DEFAULT_AUTO_FIELD="django.db.models.BigAutoField",
    INSTALLED_APPS=[__name__],
    USE_TZ=True,
)
django.setup()


def pages(table: Any) -> Iterator[list[str]]:
    """The keys of a model's rows, page by page."""
    keys, after = table.order_by("pk").values_list("pk", flat=True), ""
    while page := list(keys.filter(pk__gt=after)[:AT_ONCE]):
        yield page
        after = page[-1]
