"""The staff API: one router per noun."""

from __future__ import annotations

from typing import Any

from meterportal.http import BULK_LIMIT, IMPORT_LIMIT, resolver, serve

from staff_api import (
    addresses,
    answers_by_mail,
    backtest,
    brand,
    check,
    companies,
    contacts,
    contracts,
    corrections,
    decisions,
    estimates,
    exports,
    import_reports,
    imports,
    journal,
    machine_pages,
    machines,
    notes,
    people,
    personal_data,
    phone_list,
    photos,
    portfolio,
    problems,
    readiness,
    reading_help,
    readings,
    releases,
    rounds,
    runs,
    schedule,
    sender,
    statistics,
    successors,
    taking_back,
    text_blocks,
    tolerances,
    views,
)

app = resolver("Meterportal, staff")
app.include_router(contracts.router)
app.include_router(decisions.router)
app.include_router(portfolio.router)
app.include_router(statistics.router)
app.include_router(contacts.router)
app.include_router(addresses.router)
app.include_router(corrections.router)
app.include_router(readiness.router)
app.include_router(rounds.router)
app.include_router(answers_by_mail.router)
app.include_router(runs.router)
app.include_router(schedule.router)
app.include_router(phone_list.router)
app.include_router(exports.router)
app.include_router(releases.router)
app.include_router(readings.router)
app.include_router(photos.router)
app.include_router(imports.router)
app.include_router(import_reports.router)
app.include_router(check.router)
app.include_router(tolerances.router)
app.include_router(backtest.router)
app.include_router(problems.router)
app.include_router(reading_help.router)
app.include_router(text_blocks.router)
app.include_router(brand.router)
app.include_router(sender.router)
app.include_router(successors.router)
app.include_router(journal.router)
app.include_router(machines.router)
app.include_router(companies.router)
app.include_router(estimates.router)
app.include_router(taking_back.router)
app.include_router(machine_pages.router)
app.include_router(notes.router)
app.include_router(personal_data.router)
app.include_router(people.router)
app.include_router(views.router)

_LIMITS = {
    **text_blocks.LIMITS,
    "/api/staff/check": BULK_LIMIT,
    "/api/staff/readiness": BULK_LIMIT,
    "/api/staff/rounds": BULK_LIMIT,
    "/api/staff/releases": BULK_LIMIT,
    "/api/staff/imports": IMPORT_LIMIT,
    "/api/staff/tolerances": BULK_LIMIT,
    "/api/staff/brand": BULK_LIMIT,
    "/api/staff/plausibility/backtest": BULK_LIMIT,
}


def lambda_handler(event: dict[str, Any], context: Any) -> dict[str, Any]:
    """Payload 2.0 of the HTTP API in, an HTTP answer out."""
    return serve(app, event, context, limits=_LIMITS, raw_bodies=("/api/staff/imports",))
