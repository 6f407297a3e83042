"""The contact's API: opening a session, the overview, reporting readings."""

from __future__ import annotations

from functools import cache
from importlib import import_module
from typing import Any

from meterportal.starting import kept_for_good

with kept_for_good():
    from meterportal.http import BULK_LIMIT, resolver, serve

    from customer_api import door, fleet, machines, session

AT_ONCE = {
    "/api/door",
    "/api/session",
    "/api/session/company",
    "/api/session/language",
    "/api/machines",
    "/api/machines/{machine_id}/check",
    "/api/machines/{machine_id}/readings",
    "/api/readings",
}
"""The routes of the modules above: opening a link and reporting, which is all that most visits do."""

_LATER = (
    "account",
    "fleet_sheets",
    "history",
    "photos",
    "problems",
    "reading_help",
    "stickers",
    "successors",
)
"""The modules of all other routes: imported with the first request for one of them."""

app = resolver("Meterportal, contacts")
for _at_once in (door, session, machines, fleet):
    app.include_router(_at_once.router)

_SHEETS = ("/api/fleet", "/api/fleet/rejected.xlsx")
_LIMITS = dict.fromkeys(("/api/readings", *_SHEETS), BULK_LIMIT)


def lambda_handler(event: dict[str, Any], context: Any) -> dict[str, Any]:
    """Payload 2.0 of the HTTP API in, an HTTP answer out."""
    if event.get("routeKey", "").partition(" ")[2] not in AT_ONCE:
        include_all()
    return serve(app, event, context, limits=_LIMITS, raw_bodies=_SHEETS)


@cache
def include_all() -> None:
    """From now on `app` knows every route."""
    for name in _LATER:
        app.include_router(import_module(f"customer_api.{name}").router)
