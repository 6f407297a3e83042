"""The staff API: one router per noun."""

from __future__ import annotations

from typing import Any

from meterportal.http import BULK_LIMIT, IMPORT_LIMIT, resolver, serve

from staff_api import (
    backtest,
    check,
    contacts,
    contracts,
    exports,
    imports,
    phone_list,
    photos,
    problems,
    readiness,
    reading_help,
    readings,
    releases,
    rounds,
    successors,
    tolerances,
)

app = resolver("Meterportal, staff")
app.include_router(contracts.router)
app.include_router(contacts.router)
app.include_router(readiness.router)
app.include_router(rounds.router)
app.include_router(phone_list.router)
app.include_router(exports.router)
app.include_router(releases.router)
app.include_router(readings.router)
app.include_router(photos.router)
app.include_router(imports.router)
app.include_router(check.router)
app.include_router(tolerances.router)
app.include_router(backtest.router)
app.include_router(problems.router)
app.include_router(reading_help.router)
app.include_router(successors.router)

_LIMITS = {
    "/api/staff/check": BULK_LIMIT,
    "/api/staff/readiness": BULK_LIMIT,
    "/api/staff/rounds": BULK_LIMIT,
    "/api/staff/releases": BULK_LIMIT,
    "/api/staff/imports": IMPORT_LIMIT,
    "/api/staff/tolerances": BULK_LIMIT,
    "/api/staff/plausibility/backtest": BULK_LIMIT,
}


def lambda_handler(event: dict[str, Any], context: Any) -> dict[str, Any]:
    """Payload 2.0 of the HTTP API in, an HTTP answer out."""
    return serve(app, event, context, limits=_LIMITS, raw_bodies=("/api/staff/imports",))
