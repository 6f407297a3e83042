"""The contact's API: opening a session, the overview, reporting readings."""

from __future__ import annotations

from typing import Any

from meterportal.http import BULK_LIMIT, resolver, serve

from customer_api import (
    account,
    door,
    fleet,
    fleet_sheets,
    history,
    machines,
    photos,
    problems,
    reading_help,
    session,
    stickers,
    successors,
)

app = resolver("Meterportal, contacts")
app.include_router(door.router)
app.include_router(session.router)
app.include_router(account.router)
app.include_router(machines.router)
app.include_router(photos.router)
app.include_router(fleet.router)
app.include_router(fleet_sheets.router)
app.include_router(stickers.router)
app.include_router(history.router)
app.include_router(problems.router)
app.include_router(reading_help.router)
app.include_router(successors.router)

_SHEETS = ("/api/fleet", "/api/fleet/rejected.xlsx")
_LIMITS = dict.fromkeys(("/api/readings", *_SHEETS), BULK_LIMIT)


def lambda_handler(event: dict[str, Any], context: Any) -> dict[str, Any]:
    """Payload 2.0 of the HTTP API in, an HTTP answer out."""
    return serve(app, event, context, limits=_LIMITS, raw_bodies=_SHEETS)
